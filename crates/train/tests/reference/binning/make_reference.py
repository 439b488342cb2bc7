"""Writes the binning tables and summaries that those of arrears-train are held to.

    pip install -r requirements.txt
    python make_reference.py

optbinning chooses bins on the bundled data sets; the file keeps the bins, its table and its analysis. Beside
them stand the same measures computed row by row with scipy and scikit-learn, over all bins that hold rows.
Tables with weights are numpy's alone: optbinning 1.0 cuts weighted counts to whole numbers.
"""

import json
from pathlib import Path

import numpy as np
import pandas as pd
from optbinning import ContinuousOptimalBinning, OptimalBinning
from optbinning.binning.auto_monotonic import type_of_monotonic_trend
from optbinning.binning.metrics import binning_quality_score, continuous_binning_quality_score
from scipy import stats
from scipy.spatial.distance import jensenshannon
from scipy.special import rel_entr
from sklearn.metrics import roc_auc_score

HERE = Path(__file__).parent
DATASETS = HERE.parents[4] / "datasets"
TRENDS = {"income": None, "age_in_years": None, "age": "valley", "term_months": "peak"}


def read(name):
    return pd.read_csv(DATASETS / name / "data.csv", keep_default_na=False, na_values=["", "NA"])


def values_of(column):
    number = pd.api.types.is_numeric_dtype(column)
    return column.to_numpy(dtype=float if number else object), number


def cuts(fitted, number):
    if number:
        return {"splits": [float(s) for s in fitted.splits]}
    return {"groups": [[str(c) for c in group] for group in fitted.splits]}


def codes(values, number, cut):
    """The bin of each row: regular bins in order, missing last."""
    missing = pd.isna(values)
    if number:
        code = np.searchsorted(cut["splits"], np.where(missing, 0, values), side="right")
        return np.where(missing, len(cut["splits"]) + 1, code)
    place = {category: at for at, group in enumerate(cut["groups"]) for category in group}
    return np.array([len(cut["groups"]) if gone else place[v] for v, gone in zip(values, missing)])


def trend(rates):
    name = type_of_monotonic_trend(np.asarray(rates, dtype=float)).split(" (")[0]
    return {"no monotonic": "mixed", "undefined": None}.get(name, name)


def rows(frame, columns):
    """The regular bins and the missing one; optbinning's bin of special codes, next to last, is empty here."""
    kept = pd.concat([frame.iloc[:-3], frame.iloc[[-2]]])
    known = lambda x: None if pd.isna(x) else float(x)
    return [{ours: known(row[theirs]) for ours, theirs in columns.items()} for _, row in kept.iterrows()]


def by_row(code, bad, weights, regular):
    """The measures without optbinning. Weights count as repeated rows."""
    goods = np.bincount(code, weights * ~bad, regular + 1)
    bads = np.bincount(code, weights * bad, regular + 1)
    held = goods + bads > 0
    rate = np.divide(bads, goods + bads, where=held, out=np.zeros(regular + 1))
    table = np.array([goods[held], bads[held]])
    chi2 = stats.chi2_contingency(table, correction=False).statistic
    pairs = [np.array([goods[i : i + 2], bads[i : i + 2]]) for i in range(regular - 1)]
    order = np.argsort(-rate)
    good_share, bad_share = goods / goods.sum(), bads / bads.sum()
    return {
        "gini": 2 * roc_auc_score(bad, rate[code], sample_weight=weights) - 1,
        "ks": float(np.abs(np.cumsum(good_share[order]) - np.cumsum(bad_share[order])).max())
        if (weights != 1).any()
        else float(stats.ks_2samp(rate[code][bad], rate[code][~bad]).statistic),
        "js": float(jensenshannon(good_share, bad_share) ** 2),
        "cramers_v": float(np.sqrt(chi2 / table.sum())),
        "p_values": [float(stats.chi2_contingency(p, correction=False).pvalue) for p in pairs],
    }


def weighted_case(frame, variable, bad, weights):
    """The bins of optbinning without weights, filled with weights by numpy."""
    case = binary_case("credit", frame, variable, bad)
    code = codes(values_of(frame[variable])[0], True, case)
    regular = len(case["splits"]) + 1
    goods, bads = (np.bincount(code, weights * group, regular + 1) for group in (~bad, bad))
    held = goods + bads > 0
    g, b = goods[held] / goods.sum(), bads[held] / bads.sum()
    woe = np.log(g / b)
    parts = (rel_entr(g, (g + b) / 2) + rel_entr(b, (g + b) / 2)) / 2
    both = goods + bads
    share = both[held] / weights.sum()
    columns = ("weight", "share", "goods", "bads", "bad_rate", "woe", "iv", "js")
    shares = (both[held], share, goods[held], bads[held], bads[held] / both[held])
    table = zip(*shares, woe, (g - b) * woe, parts)
    bins = iter([dict(zip(columns, map(float, row))) for row in table])
    empty = dict.fromkeys(columns, 0.0)
    scipy = by_row(code, bad, weights, regular)
    hhi = float((share**2).sum())
    hhi_normalised = (hhi - 1 / len(share)) / (1 - 1 / len(share))
    iv = float(((g - b) * woe).sum())
    case |= {"weight": "expenses / 8", "bins": [next(bins) if row else empty for row in held], "scipy": scipy}
    case |= {"iv": iv, "js": float(parts.sum()), "gini": scipy["gini"], "hhi": hhi, "hhi_normalised": hhi_normalised}
    case |= {"quality": float(binning_quality_score(iv, scipy["p_values"], hhi_normalised)), "ks": None}
    return case | {"trend": trend(bads[:regular] / both[:regular])}


def binary_case(dataset, frame, variable, bad):
    values, number = values_of(frame[variable])
    extra = {"monotonic_trend": TRENDS.get(variable, "auto_asc_desc")} if number else {}
    binning = OptimalBinning(name=variable, dtype="numerical" if number else "categorical", **extra)
    fitted = binning.fit(values, bad.astype(int))
    cut = cuts(fitted, number)
    table = fitted.binning_table
    frame_ = table.build()
    table.analysis(print_output=False)
    regular = len(cut.get("splits", [])) + 1 if number else len(cut["groups"])
    scipy = by_row(codes(values, number, cut), bad, np.ones(len(bad)), regular)
    columns = {"weight": "Count", "share": "Count (%)", "goods": "Non-event", "bads": "Event"}
    columns |= {"bad_rate": "Event rate", "woe": "WoE", "iv": "IV", "js": "JS"}
    return {
        "dataset": dataset,
        "variable": variable,
        "weight": None,
        **cut,
        "bins": rows(frame_, columns),
        "iv": float(table.iv),
        "js": float(table.js),
        "gini": float(table.gini),
        "ks": float(table.ks),
        "hhi": float(table._hhi),
        "hhi_normalised": float(table._hhi_norm),
        "quality": float(table.quality_score),
        "trend": trend(table._event_rate[:-2]) if number else None,
        "scipy": scipy,
    }


def mean_case(dataset, frame, variable, target):
    values, number = values_of(frame[variable])
    fitted = ContinuousOptimalBinning(dtype="numerical" if number else "categorical").fit(values, target)
    cut = cuts(fitted, number)
    table = fitted.binning_table
    frame_ = table.build()
    table.analysis(print_output=False)
    regular = len(cut.get("splits", [])) + 1 if number else len(cut["groups"])
    code = codes(values, number, cut)
    members = [target[code == at] for at in range(regular + 1)]
    welch = [stats.ttest_ind(a, b, equal_var=False).pvalue for a, b in zip(members, members[1:regular])]
    held = [m for m in members if len(m)]
    # optbinning's sum takes in |0 - mean| for each empty bin of special codes or missing values.
    spread = float(sum(abs(m.mean() - target.mean()) for m in held) / abs(target.mean()))
    columns = {"weight": "Count", "share": "Count (%)", "mean": "Mean", "sum": "Sum", "std": "Std"}
    return {
        "dataset": dataset,
        "variable": variable,
        "target": "amount",
        **cut,
        "bins": rows(frame_, columns | {"woe": "WoE", "iv": "IV"}),
        "iv": float(table.iv),
        "hhi": float(table._hhi),
        "hhi_normalised": float(table._hhi_norm),
        "trend": trend(table._mean[:-2]) if number else None,
        "mean": float(target.mean()),
        "std": float(target.std()),
        "p_values": [float(p) for p in welch],
        "quality": float(continuous_binning_quality_score(spread, welch, table._hhi_norm)),
    }


def welch_case(name, a, b):
    a, b = np.array(a, dtype=float), np.array(b, dtype=float)
    return {
        "name": name,
        "means": [a.mean(), b.mean()],
        "stds": [a.std(), b.std()],
        "weights": [len(a), len(b)],
        "p": float(stats.ttest_ind(a, b, equal_var=False).pvalue),
    }


def main():
    credit, german = read("credit"), read("german")
    credit_bad, german_bad = (credit.status == "bad").to_numpy(), (german.creditability == "bad").to_numpy()
    binary = [binary_case("credit", credit, v, credit_bad) for v in credit.columns.drop(["id", "status"])]
    dull = ["creditability", "foreign_worker", "number_of_people_being_liable_to_provide_maintenance_for"]
    binary += [binary_case("german", german, v, german_bad) for v in german.columns.drop(dull)]
    # Weights that are no whole numbers, and exact in binary.
    weights = credit.expenses.to_numpy(dtype=float) / 8
    binary += [weighted_case(credit, v, credit_bad, weights) for v in ("income", "age")]
    amount = credit.amount.to_numpy(dtype=float)
    mean = [mean_case("credit", credit, v, amount) for v in ("income", "age", "term_months", "home", "job")]
    rng = np.random.default_rng(5)
    welch = [
        welch_case("alike", rng.normal(0, 1, 50), rng.normal(0, 1, 60)),
        welch_case("two rows", [1.0, 2.5], [3.0, 3.25]),
        welch_case("one still", [1.0, 1.0, 1.0], [1.5, 2.0, 0.5, 2.25]),
        welch_case("far", rng.normal(0, 1, 400), rng.normal(1, 5, 30)),
        welch_case("many rows", rng.normal(0, 1, 90_000), rng.normal(0.01, 3, 40_000)),
        welch_case("equal means", [1.0, 3.0, 2.0], [2.0, 2.0, 1.0, 3.0]),
    ]
    body = {"binary": binary, "mean": mean, "welch": welch}
    part = lambda cases: ",\n".join(json.dumps(case, allow_nan=False) for case in cases)
    body = ",\n".join(f'"{name}": [\n{part(cases)}\n]' for name, cases in body.items())
    (HERE / "reference.json").write_text("{\n" + body + "\n}\n", encoding="utf-8", newline="\n")


main()
