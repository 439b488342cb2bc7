"""Writes the reference figures that the selection of variables is held to.

    pip install -r requirements.txt
    python make_selection.py

German Credit, each column cut into bins by a fixed rule (numbers by whole division, categories as they are) and
replaced by its WoE; the tests make the same columns in Rust, so the file holds results only. Correlations are
numpy's, variance inflation factors statsmodels', clusters scipy's; stepwise selection refits every possible move
with statsmodels and makes the best.
"""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import statsmodels.api as sm
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.spatial.distance import squareform
from scipy.stats import chi2
from statsmodels.stats.outliers_influence import variance_inflation_factor

HERE = Path(__file__).parent
DATA = HERE.parents[3] / "datasets"
WIDTHS = {"duration_in_month": 12, "credit_amount": 2000, "age_in_years": 10}
HEIGHTS = [0.6, 0.75, 0.85, 0.9, 0.95]


def german():
    table = pd.read_csv(DATA / "german" / "data.csv", dtype=str)
    bad = (table.pop("creditability") == "bad").to_numpy()
    columns, ivs = {}, {}
    for name in table.columns:
        bins = table[name]
        if name in WIDTHS:
            bins = bins.astype(int) // WIDTHS[name]
        counts = pd.crosstab(bins, bad)
        empty = (counts == 0).any(axis=1)
        shares = (counts + 0.5 * empty.to_numpy()[:, None]) / np.array([(~bad).sum(), bad.sum()])
        woe = np.log(shares[False] / shares[True])
        columns[name] = bins.map(woe).to_numpy()
        ivs[name] = float(((counts[False] / (~bad).sum() - counts[True] / bad.sum()) * woe).sum())
    return pd.DataFrame(columns), bad.astype(float), ivs


def correlations(woe):
    weights = (np.arange(len(woe)) % 4).astype(float)
    covariance = np.cov(woe.to_numpy(), rowvar=False, aweights=weights)
    spread = np.sqrt(np.diag(covariance))
    return {
        "plain": np.corrcoef(woe.to_numpy(), rowvar=False).tolist(),
        "weighted": (covariance / np.outer(spread, spread)).tolist(),
    }


def factors(woe):
    records = sm.add_constant(woe.to_numpy())
    return [variance_inflation_factor(records, i + 1) for i in range(woe.shape[1])]


def drop_inflated(woe, limit):
    names = list(woe.columns)
    while max(values := factors(woe[names])) > limit:
        names.pop(int(np.argmax(values)))
    return names


def partitions(woe):
    distance = 1 - np.abs(np.corrcoef(woe.to_numpy(), rowvar=False))
    np.fill_diagonal(distance, 0)
    tree = linkage(squareform(distance, checks=False), method="average")
    return {
        "counts": [fcluster(tree, count, "maxclust").tolist() for count in range(1, woe.shape[1] + 1)],
        "heights": [fcluster(tree, height, "distance").tolist() for height in HEIGHTS],
    }


def fit(woe, bad, names):
    records = sm.add_constant(woe[list(names)].to_numpy(), has_constant="add")
    return sm.GLM(bad, records, family=sm.families.Binomial()).fit(tol=1e-12, maxiter=100)


def stepwise(woe, bad, direction, criterion):
    """The best of all moves, while it lowers the criterion."""
    price = 2.0 if criterion == "aic" else np.log(len(bad))
    value = lambda names: fit(woe, bad, names).deviance + price * (len(names) + 1)
    inside = list(woe.columns) if direction == "backward" else []
    best = value(inside)
    path = []
    while True:
        moves = []
        if direction != "forward":
            moves += [[n for n in inside if n != out] for out in inside]
        if direction != "backward":
            moves += [inside + [n] for n in woe.columns if n not in inside]
        values = [value(names) for names in moves]
        if not values or min(values) >= best - 1e-9:
            return {"path": path, "kept": [n for n in woe.columns if n in inside], "criterion": best}
        move = moves[int(np.argmin(values))]
        path += set(inside) ^ set(move)
        best, inside = min(values), move


def score_p_value(woe, bad, inside, name):
    fitted = fit(woe, bad, inside).fittedvalues
    records = np.column_stack([np.ones(len(bad)), woe[inside + [name]].to_numpy()])
    gradient = records.T @ (bad - fitted)
    information = records.T @ (records * (fitted * (1 - fitted))[:, None])
    return chi2.sf(gradient @ np.linalg.solve(information, gradient), 1)


def by_p_value(woe, bad, enter, remove):
    """Score test to enter, Wald test to stay; what has left does not come back."""
    inside, gone, entered = [], set(), []
    while True:
        p_values = fit(woe, bad, inside).pvalues[1:]
        if inside and p_values.max() > remove:
            gone.add(inside.pop(int(np.argmax(p_values))))
            continue
        outside = [n for n in woe.columns if n not in inside and n not in gone]
        tests = {n: score_p_value(woe, bad, inside, n) for n in outside}
        name = min(tests, key=tests.get)
        if tests[name] > enter:
            return {"entered": entered, "kept": [n for n in woe.columns if n in inside]}
        inside.append(name)
        entered.append(name)


def main():
    woe, bad, ivs = german()
    result = {
        "columns": list(woe.columns),
        "iv": [ivs[name] for name in woe.columns],
        "correlations": correlations(woe),
        "vif": factors(woe),
        "vif_below_1.15": drop_inflated(woe, 1.15),
        "clusters": partitions(woe),
        "stepwise": {
            f"{direction} {criterion}": stepwise(woe, bad, direction, criterion)
            for direction in ["forward", "backward", "both"]
            for criterion in ["aic", "bic"]
        },
        "p_value": by_p_value(woe, bad, 0.05, 0.05),
    }
    (HERE / "selection.json").write_text(json.dumps(result, indent=1) + "\n")


main()
