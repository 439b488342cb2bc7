"""Writes the references of the native decision tree: splits by chi-square, and cost-complexity pruning.

    pip install -r requirements.txt
    python make_tree.py

p-values are scipy's, the pruned trees scikit-learn's. The seeds are fixed, so the files are the same every time.
"""

import json
import math
import os
from pathlib import Path

os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = "1"

import numpy as np
from scipy.stats import chi2_contingency
from sklearn.tree import DecisionTreeClassifier

HERE = Path(__file__).parent
MIN_LEAF = 3  # of the tables for chi-square


def write(name, cases):
    body = ",\n".join(json.dumps(case, allow_nan=False) for case in cases)
    (HERE / name).write_text(f"[\n{body}\n]\n", encoding="utf-8", newline="\n")


# ---- chi-square


def splits(column):
    """(threshold, missing left, rows on the left) of all splits; no threshold where missing parts from all numbers."""
    missing = np.isnan(column)
    values = np.unique(column[~missing])
    if missing.any() and len(values):
        yield None, True, missing
    for low, high in zip(values, values[1:]):
        threshold = (low + high) / 2
        below = ~missing & (column < threshold)
        if missing.any():
            yield threshold, False, below
            yield threshold, True, below | missing
        else:
            yield threshold, bool(2 * below.sum() > len(column)), below


def best_split(columns, bad):
    """The least p-value times the splits of its column, whether they leave enough rows or not."""
    found = []
    for index, column in enumerate(columns):
        tried = list(splits(column))
        for threshold, missing_left, left in tried:
            if min(left.sum(), (~left).sum()) < MIN_LEAF:
                continue
            table = [[(side & bad).sum(), (side & ~bad).sum()] for side in (left, ~left)]
            if table[0][0] * table[1][1] == table[0][1] * table[1][0]:
                continue
            p = chi2_contingency(table, correction=False).pvalue * len(tried)
            found.append((p, index, threshold, missing_left))
    found.sort(key=lambda split: split[0])
    return found


def chi_square_cases(rng):
    cases = []
    while len(cases) < 220:
        rows = int(rng.integers(8, 90))
        values, share = rng.integers(2, 30, size=3), rng.random()
        columns = [np.round(rng.random(rows) * v) / 4 for v in values]
        columns[1][rng.random(rows) < share / 2] = np.nan
        effect = rng.choice([0.0, 0.1, 0.3, 0.6])
        bad = rng.random(rows) < 0.3 + effect * (columns[int(rng.integers(0, 3))] > values.min() / 8)
        if not 0 < bad.sum() < rows:
            continue
        found = best_split(columns, bad)
        # Cases whose winner is told by more than the last digits.
        if not found or len(found) > 1 and found[1][0] < found[0][0] * (1 + 1e-6):
            continue
        p, column, threshold, missing_left = found[0]
        cases.append({
            "columns": [[None if math.isnan(x) else x for x in c] for c in columns],
            "bad": bad.astype(int).tolist(),
            "best": {"p": p, "column": column, "threshold": threshold, "missing_left": missing_left},
        })
    return cases


# ---- pruning


def fit(columns, bad, seed, **limits):
    return DecisionTreeClassifier(criterion="gini", random_state=seed, **limits).fit(columns, bad)


def shape(tree):
    return tree.tree_.feature.tolist(), tree.tree_.threshold.tolist(), tree.tree_.n_node_samples.tolist()


def pruning_cases(rng):
    cases = []
    while len(cases) < 25:
        rows, limits = int(rng.integers(60, 251)), {"min_samples_leaf": int(rng.integers(4, 12)), "max_depth": 8}
        # Each number once in a column, and whole, so that scikit-learn's single precision keeps it.
        columns = np.column_stack([rng.permutation(rows) for _ in range(3)]).astype(float)
        odds = 3 * columns[:, 0] / rows - 2 * (columns[:, 1] > rows / 3) * (columns[:, 2] > rows / 2)
        bad = rng.random(rows) < 1 / (1 + np.exp(1 - odds))
        trees = [fit(columns, bad, seed, **limits) for seed in range(12)]
        # No ties: whatever the order in which columns are tried, the tree is the same.
        if any(shape(tree) != shape(trees[0]) for tree in trees) or trees[0].get_n_leaves() < 4:
            continue
        path = trees[0].cost_complexity_pruning_path(columns, bad)
        alphas = path.ccp_alphas
        if np.diff(alphas).min() < 1e-9:
            continue
        steps = []
        for alpha, impurity in zip(alphas, path.impurities):
            pruned = fit(columns, bad, 0, ccp_alpha=alpha * (1 + 1e-12), **limits)
            steps.append({"alpha": alpha, "impurity": impurity, "leaves": int(pruned.get_n_leaves())})
        cases.append({
            "columns": columns.T.tolist(),
            "bad": bad.astype(int).tolist(),
            "min_leaf": limits["min_samples_leaf"],
            "max_depth": limits["max_depth"],
            "steps": steps,
        })
    return cases


if __name__ == "__main__":
    write("tree_chi_square.json", chi_square_cases(np.random.default_rng(1)))
    write("tree_pruning.json", pruning_cases(np.random.default_rng(2)))
