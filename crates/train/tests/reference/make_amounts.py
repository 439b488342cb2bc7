"""Writes tree_amounts.json, the reference of trees that predict amounts.

    pip install -r requirements.txt
    python make_amounts.py

The trees are scikit-learn's DecisionTreeRegressor, of data without ties; means, deviations and smoothed amounts of their
leaves follow from the rows by the definition. The seeds are fixed, so the file is the same every time.
"""

import json
import os
from pathlib import Path

os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = "1"

import numpy as np
from sklearn.tree import DecisionTreeRegressor

HERE = Path(__file__).parent


def fit(columns, amounts, weights, seed, **limits):
    return DecisionTreeRegressor(random_state=seed, **limits).fit(columns, amounts, sample_weight=weights)


def shape(tree):
    return tree.tree_.feature.tolist(), tree.tree_.threshold.tolist(), tree.tree_.n_node_samples.tolist()


def case(rng, weighted, pruned):
    rows = int(rng.integers(40, 200))
    # Each number once in a column, and whole, so that scikit-learn's single precision keeps it.
    columns = np.column_stack([rng.permutation(rows) for _ in range(3)]).astype(float)
    mean = 5 + 2 * columns[:, 0] / rows + 1.5 * (columns[:, 1] > rows / 3) * (columns[:, 2] > rows / 2)
    amounts = np.round(np.exp(rng.normal(mean, 0.6)) - rng.choice([0, 200]), 2)
    weights = np.round(rng.uniform(0.2, 4, rows), 3) if weighted else None
    limits = {"min_samples_leaf": int(rng.integers(2, 12)), "max_depth": int(rng.integers(1, 7))}
    spread = float(np.var(amounts))
    limits["ccp_alpha"] = round(spread * float(rng.choice([0.003, 0.02])), 3) if pruned else 0.0
    trees = [fit(columns, amounts, weights, seed, **limits) for seed in range(12)]
    # No ties: whatever the order in which columns are tried, the tree is the same.
    if any(shape(tree) != shape(trees[0]) for tree in trees) or trees[0].get_n_leaves() < 2:
        return None
    leaf = trees[0].apply(columns)
    w = np.ones(rows) if weights is None else weights
    smoothing, all_mean = float(rng.choice([0.5, 2.0, 20.0])), np.average(amounts, weights=w)
    found = []
    for row in range(rows):
        own = leaf == leaf[row]
        value = ((w * amounts)[own].sum() + smoothing * all_mean) / (w[own].sum() + smoothing)
        found.append([int(own.sum()), float(amounts[own].mean()), float(np.std(amounts[own], ddof=1)), float(value)])
    # The mean by weight is what scikit-learn predicts.
    for row in range(rows):
        own = leaf == leaf[row]
        assert abs(trees[0].predict(columns[row : row + 1])[0] - np.average(amounts[own], weights=w[own])) < 1e-6
    return {
        "columns": columns.T.astype(int).tolist(),
        "amounts": amounts.tolist(),
        "weights": None if weights is None else weights.tolist(),
        "min_leaf": limits["min_samples_leaf"],
        "max_depth": limits["max_depth"],
        "alpha": limits["ccp_alpha"],
        "smoothing": smoothing,
        "leaves": int(trees[0].get_n_leaves()),
        "count_mean_deviation_value": found,
    }


def main():
    rng, cases = np.random.default_rng(3), []
    while len(cases) < 24:
        made = case(rng, weighted=len(cases) % 3 == 1, pruned=len(cases) % 4 == 3)
        cases += [made] if made else []
    body = ",\n".join(json.dumps(one, allow_nan=False) for one in cases)
    (HERE / "tree_amounts.json").write_text(f"[\n{body}\n]\n", encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
