"""Makes scaling.json: points of optbinning and scorecardpy for one scorecard on German Credit.

Five variables of datasets/german are binned and fitted by optbinning. Its own scaling gives the points by
PDO and odds (as fitted and rounded) and between a lowest and a highest score; scorecardpy's `scorecard` gives
whole points with the base points apart and spread. Both packages are given the same WoE and coefficients.

    python3 -m venv venv && venv/bin/pip install -r requirements-scaling.txt
    venv/bin/python make_scaling.py > scaling.json
"""

import json
import pathlib
import sys

import numpy as np
import pandas as pd
import scorecardpy
from optbinning import BinningProcess, Scorecard
from sklearn.linear_model import LogisticRegression

ROOT = pathlib.Path(__file__).resolve().parents[4]
NUMBERS = ["duration_in_month", "credit_amount", "age_in_years"]
CATEGORIES = ["status_of_existing_checking_account", "credit_history"]
PDO = {"pdo": 20, "odds": 50, "scorecard_points": 600}
ENDS = {"min": 300, "max": 850}


def card(data, bad, method, parameters, rounding=False):
    process = BinningProcess(NUMBERS + CATEGORIES, categorical_variables=CATEGORIES)
    fitted = Scorecard(
        binning_process=process,
        estimator=LogisticRegression(C=1.0, solver="newton-cholesky", tol=1e-12),
        scaling_method=method,
        scaling_method_params=parameters,
        rounding=rounding,
    )
    return fitted.fit(data, bad)


def whole_points(table, intercept, names, coefficients, spread):
    """Points of scorecardpy; its WoE is that of bads over goods, so both signs turn."""
    bins = pd.DataFrame({"variable": table["Variable"], "bin": table["key"], "woe": -table["WoE"]})
    model = LogisticRegression()
    model.intercept_ = np.array([intercept])
    model.coef_ = np.array([[-c for c in coefficients]])
    points = scorecardpy.scorecard(
        bins, model, names, points0=600, odds0=1 / 50, pdo=20, basepoints_eq0=spread, digits=0
    )
    base = points.pop("basepoints")
    rows = pd.concat(points.values()).set_index(["variable", "bin"])["points"]
    found = [float(rows[key]) for key in zip(table["Variable"], table["key"])]
    return float(base["points"].iloc[0]), found


def main():
    data = pd.read_csv(ROOT / "datasets/german/data.csv")
    bad = (data["creditability"] == "bad").astype(int).to_numpy()
    exact = card(data, bad, "pdo_odds", PDO)
    table = exact.table(style="detailed").copy()
    table["key"] = table["Bin"].map(str)
    names = list(dict.fromkeys(table["Variable"]))
    intercept = float(exact.estimator_.intercept_[0])
    coefficients = [float(table[table["Variable"] == name]["Coefficient"].iloc[0]) for name in names]
    rounded = card(data, bad, "pdo_odds", PDO, rounding=True).table(style="detailed")["Points"]
    ends = card(data, bad, "min_max", ENDS).table(style="detailed")["Points"]
    base, apart = whole_points(table, intercept, names, coefficients, False)
    _, spread = whole_points(table, intercept, names, coefficients, True)
    table["WoE"] = pd.to_numeric(table["WoE"])
    columns = {
        "woe": table["WoE"],
        "exact": table["Points"],
        "rounded": rounded,
        "between": ends,
        "whole_apart": apart,
        "whole_spread": spread,
    }
    variables = []
    for name, coefficient in zip(names, coefficients):
        mine = (table["Variable"] == name).to_numpy()
        values = {key: [float(v) for v in np.asarray(column, dtype=float)[mine]] for key, column in columns.items()}
        variables.append({"name": name, "coefficient": coefficient, **values})
    json.dump({"intercept": intercept, "base_points": base, "variables": variables}, sys.stdout, indent=1)
    print()


main()
