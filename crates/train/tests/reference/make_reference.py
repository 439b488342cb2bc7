"""Writes the reference fits that the engines of arrears-train are held to.

    pip install -r requirements.txt
    python make_reference.py

All fits are scikit-learn's. The seeds are fixed, so the files are the same every time.
"""

import json
from pathlib import Path

import numpy as np
from sklearn.cluster import KMeans
from sklearn.linear_model import LogisticRegression

HERE = Path(__file__).parent


def write(name, cases):
    body = ",\n".join(json.dumps(case, allow_nan=False) for case in cases)
    (HERE / name).write_text(f"[\n{body}\n]\n", encoding="utf-8", newline="\n")


def logistic_case(name, records, log_odds, l2, rng):
    records = np.round(records, 3)
    bad = (rng.random(len(records)) < 1 / (1 + np.exp(-log_odds))).astype(int)
    penalty = {"C": 1 / l2} if l2 > 0 else {"penalty": None}
    fit = LogisticRegression(solver="newton-cholesky", tol=1e-12, max_iter=1000, **penalty).fit(records, bad)
    return {
        "name": name,
        "l2": l2,
        "records": records.tolist(),
        "bad": bad.tolist(),
        "intercept": float(fit.intercept_[0]),
        "coefficients": fit.coef_[0].tolist(),
    }


def logistic():
    rng = np.random.default_rng(1)
    plain = rng.normal(size=(250, 3))
    yield logistic_case("plain", plain, plain @ [1.0, -0.5, 0.2], 1.0, rng)

    base = rng.normal(size=(300, 1))
    noisy = base + 0.3 * rng.normal(size=(300, 2))
    dummy = (rng.random((300, 1)) < 0.15).astype(float)
    mixed = np.hstack([base, noisy, dummy])
    yield logistic_case("few bad, correlated columns, a rare dummy", mixed, mixed @ [0.8, 0.4, 0, 1] - 2.5, 0.01, rng)

    mostly = rng.normal(size=(250, 3))
    yield logistic_case("mostly bad, no penalty", mostly, mostly @ [0.6, 0.3, -0.9] + 2, 0.0, rng)

    heavy = rng.normal(size=(200, 2))
    yield logistic_case("heavy penalty", heavy, heavy @ [2.0, -1.0] - 1, 100.0, rng)


def kmeans_case(name, middles, sizes, spread, rng):
    parts = [rng.normal(middle, spread, size=(size, len(middle))) for middle, size in zip(middles, sizes)]
    records = np.round(np.vstack(parts), 3)
    records = records[rng.permutation(len(records))]
    fit = KMeans(n_clusters=len(middles), n_init=10, tol=0, random_state=0).fit(records)
    order = np.argsort(-np.bincount(fit.labels_))
    return {
        "name": name,
        "separate": spread < 0.5,
        "records": records.tolist(),
        "centers": fit.cluster_centers_[order].tolist(),
        "inertia": float(fit.inertia_),
    }


def kmeans():
    rng = np.random.default_rng(2)
    corners = [[0, 0, 0], [5, 0, 1], [0, 5, -1], [-4, -4, 3]]
    yield kmeans_case("four apart", corners, [120, 90, 60, 30], 0.4, rng)
    middles = [[0, 0], [2.5, 0], [0, 2.5], [2.5, 2.5], [-2.5, 1]]
    yield kmeans_case("five that touch", middles, [80, 80, 80, 80, 80], 0.8, rng)


def lloyd_case(name, middles, sizes, spread, seeds, rng):
    """Lloyd's iterations from given centres, to the end."""
    parts = [rng.normal(middle, spread, size=(size, len(middle))) for middle, size in zip(middles, sizes)]
    records = np.round(np.vstack(parts), 3)
    records = records[rng.permutation(len(records))]
    seeds = np.array(seeds, dtype=float) if seeds is not None else records[: len(middles)].copy()
    fit = KMeans(n_clusters=len(seeds), init=seeds, n_init=1, tol=0, max_iter=1000, algorithm="lloyd").fit(records)
    return {
        "name": name,
        "records": records.tolist(),
        "seeds": seeds.tolist(),
        "centers": fit.cluster_centers_.tolist(),
        "labels": fit.labels_.tolist(),
        "inertia": float(fit.inertia_),
    }


def lloyd():
    rng = np.random.default_rng(3)
    yield lloyd_case("overlapping", rng.normal(0, 1.5, (6, 4)), [60] * 6, 1.0, None, rng)
    yield lloyd_case("one cloud", [[0, 0, 0]] * 5, [80] * 5, 1.0, None, rng)
    corners = [[0, 0], [4, 0], [0, 4]]
    # the last seed is nearest to no row: it is moved to the farthest one
    yield lloyd_case("a seed without rows", corners, [90, 60, 30], 0.9, [[0, 0], [3, 3], [40, 40]], rng)


write("logistic.json", logistic())
write("lloyd.json", lloyd())
write("kmeans.json", kmeans())
