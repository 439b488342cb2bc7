"""Points cards of other packages on German Credit with given bins, run by us because none is printed.

    python make_runs.py scorecardpy     with requirements-scorecardpy.txt
    python make_runs.py optbinning      with requirements-optbinning.txt

Writes run_scorecardpy.json and run_optbinning.json: bins given, counts, WoE, IV, coefficients, points. Both
take the same variables and bins, an unpenalised logistic regression on WoE, and their own scaling.
"""

import json
import sys
import warnings
from pathlib import Path

import numpy as np
import pandas as pd

HERE = Path(__file__).parent
GERMAN = HERE / "../../../../datasets/german/data.csv"
SPLITS = {
    "duration_in_month": [8, 16, 34, 44],
    "credit_amount": [1400, 1800, 4000, 9200],
    "age_in_years": [26, 35, 40],
}
GROUPS = {
    "status_of_existing_checking_account": [
        ["... < 0 DM"],
        ["0 <= ... < 200 DM"],
        ["... >= 200 DM / salary assignments for at least 1 year", "no checking account"],
    ],
    "other_debtors_or_guarantors": [["none", "co-applicant"], ["guarantor"]],
    "housing": [["rent", "for free"], ["own"]],
}


def bins_of(column):
    """How many bins, and what defines them."""
    if column in SPLITS:
        return len(SPLITS[column]) + 1, {"splits": SPLITS[column]}
    return len(GROUPS[column]), {"groups": GROUPS[column]}


def run_scorecardpy(data):
    import scorecardpy as sc
    import statsmodels.api as sm

    breaks = {**SPLITS, **{c: ["%,%".join(g) for g in groups] for c, groups in GROUPS.items()}}
    columns = list(breaks)
    data = data[columns].assign(creditability=(data["creditability"] == "bad").astype(int))
    bins = sc.woebin(data, y="creditability", breaks_list=breaks, no_cores=1)
    woe = sc.woebin_ply(data, bins, no_cores=1)
    woe_columns = [f"{c}_woe" for c in columns]
    design = sm.add_constant(woe[woe_columns].astype(float))
    fit = sm.GLM(woe["creditability"], design, sm.families.Binomial()).fit(tol=1e-14)

    # It rounds points to whole numbers whatever `digits` says; that is for the base points only.
    card = sc.scorecard(bins, fit, woe_columns, points0=600, odds0=1 / 19, pdo=50, digits=4)
    variables = []
    for column in columns:
        count, given = bins_of(column)
        table, points = bins[column].reset_index(drop=True), card[column].reset_index(drop=True)
        assert len(table) == count and (table.bin == points.bin).all()
        # categories come in the package's own order
        order = range(count)
        if column in GROUPS:
            order = [list(table.breaks).index(group) for group in breaks[column]]
        variables.append({
            "column": column,
            **given,
            "estimate": f"{fit.params[f'{column}_woe']:.7f}",
            "iv": f"{table.total_iv[0]:.8f}",
            "bins": [
                {
                    "count": int(table["count"][i]),
                    "bads": int(table.bad[i]),
                    "woe": f"{table.woe[i]:.8f}",
                    "iv": f"{table.bin_iv[i]:.8f}",
                    "points": f"{points.points[i]:.0f}",
                }
                for i in order
            ],
        })
    return {
        "woe_is": "ln(bad share / good share)",
        "scale": {"base_score": 600, "base_odds": 19, "pdo": 50},
        "base_points": f"{card['basepoints'].points[0]:.4f}",
        "intercept": f"{fit.params['const']:.7f}",
        "variables": variables,
    }


def run_optbinning(data):
    from optbinning import BinningProcess, Scorecard
    from sklearn.linear_model import LogisticRegression

    columns = [*SPLITS, *GROUPS]
    bad = (data["creditability"] == "bad").astype(int)
    params = {}
    for column in columns:
        if column in SPLITS:
            given = {"dtype": "numerical", "user_splits": SPLITS[column]}
        else:
            groups = np.empty(len(GROUPS[column]), dtype=object)
            groups[:] = [np.array(group, dtype=object) for group in GROUPS[column]]
            given = {"dtype": "categorical", "user_splits": groups}
        fixed = [True] * len(given["user_splits"])
        params[column] = {**given, "user_splits_fixed": fixed, "monotonic_trend": None}
    process = BinningProcess(columns, categorical_variables=list(GROUPS), binning_fit_params=params)
    card = Scorecard(
        process,
        LogisticRegression(C=np.inf, solver="newton-cholesky", tol=1e-13),
        scaling_method="pdo_odds",
        scaling_method_params={"pdo": 20, "odds": 50, "scorecard_points": 600},
    ).fit(data[columns], bad)
    table = card.table(style="detailed")
    variables = []
    for column in columns:
        count, given = bins_of(column)
        rows = table[(table.Variable == column) & (table.Count > 0)].reset_index(drop=True)
        assert len(rows) == count, rows
        if column in GROUPS:
            order = [next(i for i, b in enumerate(rows.Bin) if set(b) == set(g)) for g in GROUPS[column]]
        else:
            order = range(count)
        variables.append({
            "column": column,
            **given,
            "estimate": f"{rows.Coefficient[0]:.7f}",
            "iv": f"{rows.IV.sum():.8f}",
            "bins": [
                {
                    "count": int(rows.Count[i]),
                    "bads": int(rows.Event[i]),
                    "woe": f"{rows.WoE[i]:.8f}",
                    "iv": f"{rows.IV[i]:.8f}",
                    "points": f"{rows.Points[i]:.4f}",
                }
                for i in order
            ],
        })
    return {
        "woe_is": "ln(good share / bad share)",
        "scale": {"base_score": 600, "base_odds": 50, "pdo": 20},
        "base_points": None,
        "intercept": f"{card.estimator_.intercept_[0]:.7f}",
        "variables": variables,
    }


def main():
    runs = {"scorecardpy": run_scorecardpy, "optbinning": run_optbinning}
    if len(sys.argv) != 2 or sys.argv[1] not in runs:
        sys.exit(__doc__)
    warnings.simplefilter("ignore")
    from importlib.metadata import version

    name = sys.argv[1]
    run = {"source": f"{name} {version(name)}, run by make_runs.py", **runs[name](pd.read_csv(GERMAN))}
    (HERE / f"run_{name}.json").write_text(json.dumps(run, indent=1) + "\n")


main()
