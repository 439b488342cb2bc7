"""Writes agreement.json: the adjusted Rand index, and what the gap statistic is made of.

    pip install -r requirements.txt
    python make_agreement.py

The adjusted Rand index is scikit-learn's. Gap, its error and its rule are plain numpy, straight from Tibshirani,
Walther and Hastie (2001); so are the principal axes and the ranges of the reference box.
"""

import json
from pathlib import Path

import numpy as np
from sklearn.metrics import adjusted_rand_score

HERE = Path(__file__).parent
rng = np.random.default_rng(20)


def partitions():
    base = rng.integers(0, 4, 200)
    noisy = np.where(rng.random(200) < 0.2, rng.integers(0, 4, 200), base)
    pairs = {
        "renamed": (base, (base + 1) % 4),
        "noisy": (base, noisy),
        "finer": (base, base * 2 + rng.integers(0, 2, 200)),
        "independent": (base, rng.integers(0, 7, 200)),
        "all together": (np.zeros(5, int), np.zeros(5, int)),
        "all alone": (np.arange(5), np.arange(5)[::-1]),
        "together and alone": (np.zeros(5, int), np.arange(5)),
        "one row": (np.zeros(1, int), np.zeros(1, int)),
        "worse than chance": (np.array([0, 0, 1, 1]), np.array([0, 1, 0, 1])),
        "large": (rng.integers(0, 3, 5000), rng.integers(0, 3, 5000)),
    }
    for name, (one, other) in pairs.items():
        yield {"name": name, "one": one.tolist(), "other": other.tolist(), "ari": adjusted_rand_score(one, other)}


def gaps():
    for name, clusters in [("three", 3), ("none", 0)]:
        ks = np.arange(1, 7)
        own = 1000.0 / ks if clusters == 0 else np.where(ks < clusters, 1000.0 / ks, 100.0 / ks)
        references = 1000.0 / ks[:, None] * np.exp(rng.normal(0.0, 0.02, (6, 10)))
        logs = np.log(references)
        gap = logs.mean(axis=1) - np.log(own)
        error = np.sqrt(((logs - logs.mean(axis=1, keepdims=True)) ** 2).mean(axis=1)) * np.sqrt(1 + 1 / 10)
        found = [k for k in range(5) if gap[k] >= gap[k + 1] - error[k + 1]]
        yield {
            "name": name,
            "inertia": own.tolist(),
            "references": references.tolist(),
            "gap": gap.tolist(),
            "error": error.tolist(),
            "first": found[0] if found else None,
        }


def boxes():
    for name, dims in [("plane", 2), ("five", 5)]:
        mix = rng.normal(size=(dims, dims))
        points = rng.normal(size=(80, dims)) * np.arange(1, dims + 1) @ mix + rng.normal(size=dims)
        centre = points.mean(axis=0)
        _, axes = np.linalg.eigh(np.cov(points.T, bias=True))
        along = (points - centre) @ axes
        yield {
            "name": name,
            "dims": dims,
            "points": points.ravel().tolist(),
            "centre": centre.tolist(),
            "axes": axes.T.tolist(),
            "low": along.min(axis=0).tolist(),
            "high": along.max(axis=0).tolist(),
        }


def main():
    cases = {"partitions": list(partitions()), "gaps": list(gaps()), "boxes": list(boxes())}
    text = json.dumps(cases, allow_nan=False)
    (HERE / "agreement.json").write_text(text + "\n", encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
