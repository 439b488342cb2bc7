"""Computes the models in models/credit-* a second time and writes credit.json, which the Rust pipeline is held to.

    pip install -r requirements.txt
    python make_reference.py

Written from the documentation (crates/model/docs/format.md, docs/adr, the doc comments), not from the Rust code.
Read from the model files: the bins of the scorecard, the splits of the score profile, the centres of the segments;
these are choices. All counts, WoE, coefficients, scores, metrics,
means and the tree itself are computed here.
"""

import csv
import json
import math
import os
from bisect import bisect_right
from collections import Counter
from fractions import Fraction
from pathlib import Path

os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = "1"  # the same last digits every time

import numpy as np
from scipy.stats import ks_2samp
from sklearn.cluster import KMeans
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import brier_score_loss, log_loss, roc_auc_score, silhouette_samples, silhouette_score

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
SHOWN = 20  # held-out rows whose scores are written out

# What models/*/1.1.0/recipe.toml says.
SEED, HELD_OUT = 7, 0.25
L2, LEAST_SPECIAL = 1.0, 30
MIN_SHARE = 0.05
MAX_DEPTH, MIN_LEAF, SMOOTHING = 6, 50, 2
FACTOR = 20 / math.log(2)
OFFSET = 600 - FACTOR * math.log(50)


def model_of(name):
    return json.loads((ROOT / "models" / name / "1.1.0/model.json").read_text(encoding="utf-8"))["model"]


# ---- rows: cleaning and split


def clean_rows(schema):
    """Rows that may be used: the outcome is one of the two labels, every number lies in its range, the id is new."""
    missing = {*schema["missing"], ""}
    numbers = {f["name"]: f["kind"] for f in schema["fields"] if f["kind"]["type"] == "number"}
    rows, ids, contents = [], set(), set()
    with open(ROOT / "datasets/credit/data.csv", encoding="utf-8", newline="") as file:
        for raw in csv.DictReader(file):
            row = {name: None if text.strip() in missing else text.strip() for name, text in raw.items()}
            if row["status"] not in ("good", "bad"):
                continue
            for name, kind in numbers.items():
                row[name] = None if row[name] is None else float(row[name])
            if any(row[n] is not None and not k["min"] <= row[n] <= k["max"] for n, k in numbers.items()):
                continue
            content = tuple(row.items())
            if content in contents or row["id"] in ids:
                continue
            contents.add(content)
            ids.add(row["id"])
            rows.append(row)
    return rows


def mix(z):
    z = (z + 0x9E3779B97F4A7C15) % 2**64
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9 % 2**64
    z = (z ^ z >> 27) * 0x94D049BB133111EB % 2**64
    return z ^ z >> 31


def split_rows(rows):
    """Stratified: within each class the first quarter (halves up) in the order of mix(mix(seed) + row) is held out."""
    held_out = set()
    for label in ("good", "bad"):
        members = [i for i, row in enumerate(rows) if row["status"] == label]
        members.sort(key=lambda i: (mix((mix(SEED) + i) % 2**64), i))
        held_out.update(members[: math.floor(HELD_OUT * len(members) + 0.5)])
    train = [row for i, row in enumerate(rows) if i not in held_out]
    return train, [row for i, row in enumerate(rows) if i in held_out]


def outcomes(rows):
    return np.array([row["status"] == "bad" for row in rows], dtype=int)


# ---- what is measured of a pd


def psi(expected, actual):
    """Sum of (a - e) ln(a / e); where one count of a bin is 0, 0.5 is added to both and to the totals."""
    cells = [(e + 0.5, a + 0.5) if (e == 0) != (a == 0) else (e, a) for e, a in zip(expected, actual)]
    e_all, a_all = (sum(side) for side in zip(*cells))
    return sum((a / a_all - e / e_all) * math.log(a / a_all / (e / e_all)) for e, a in cells if e > 0)


def delong(bads, goods):
    """The standard error by DeLong, from every pair of a bad and a good; ties one half."""
    above = (bads[:, None] > goods[None]) + 0.5 * (bads[:, None] == goods[None])
    return math.sqrt(above.mean(axis=1).var(ddof=1) / len(bads) + above.mean(axis=0).var(ddof=1) / len(goods))


def bands(scores, splits):
    """Splits stand on training scores; the slack keeps the last digits from moving such a row into the band below."""
    return np.bincount(np.searchsorted(np.array(splits) - 1e-6, scores, side="right"), minlength=len(splits) + 1)


def measures(model, train_pd, pd, bad):
    scores = OFFSET - FACTOR * np.log(pd / (1 - pd))
    train_bands = bands(OFFSET - FACTOR * np.log(train_pd / (1 - train_pd)), model["profile"]["score"]["splits"])
    test_bands = bands(scores, model["profile"]["score"]["splits"])
    limits = [grade["max_pd"] or 1.0 for grade in model["grades"]]
    grades = [next(g for g, limit in enumerate(limits) if p <= limit) for p in pd]
    return {
        "auc": roc_auc_score(bad, pd),
        "auc_standard_error": delong(pd[bad == 1], pd[bad == 0]),
        "gini": 2 * roc_auc_score(bad, pd) - 1,
        "ks": ks_2samp(pd[bad == 1], pd[bad == 0]).statistic,
        "brier": brier_score_loss(bad, pd),
        "log_loss": log_loss(bad, pd),
        "mean_pd": pd.mean(),
        "mean_score": scores.mean(),
        "band_counts": {"train": train_bands.tolist(), "hold_out": test_bands.tolist()},
        "score_psi": psi(train_bands, test_bands),
        "grades": [
            {"grade": grade["name"], "rows": grades.count(g), "bads": int(bad[np.array(grades) == g].sum())}
            for g, grade in enumerate(model["grades"])
        ],
        "pd": pd[:SHOWN].tolist(),
        "score": scores[:SHOWN].tolist(),
        "grade": [model["grades"][g]["name"] for g in grades[:SHOWN]],
    }


# ---- scorecard


def bin_of(transform, kind, value):
    """Regular bins, then special codes (this recipe has none) or unseen, then missing."""
    if kind["type"] == "category":
        if value is None:
            return transform["groups"] + 1
        if value not in kind["categories"]:
            return transform["groups"]
        return transform["group_of"][kind["categories"].index(value)]
    return len(transform["splits"]) + 1 if value is None else bisect_right(transform["splits"], value)


def woe_of(counts, bads):
    goods_all, bads_all = sum(counts) - sum(bads), sum(bads)
    woe = []
    for n, b in zip(counts, bads):
        add = 0.5 if n > 0 and b in (0, n) else 0.0
        woe.append(math.log((n - b + add) / goods_all / ((b + add) / bads_all)) if n > 0 else 0.0)
    return woe


def term_of(transform, field, train, test, bad):
    name, kind = field["name"], field["kind"]
    train_bins = np.array([bin_of(transform, kind, row[name]) for row in train])
    test_bins = np.array([bin_of(transform, kind, row[name]) for row in test])
    regular = transform["groups"] if kind["type"] == "category" else len(transform["splits"]) + 1
    size = regular + (2 if kind["type"] == "category" else 1)
    counts, bads = (np.bincount(train_bins, weights, size).astype(int).tolist() for weights in (None, bad))
    woe = woe_of(counts, bads)
    shares = [((n - b) / sum(1 - bad), b / sum(bad)) for n, b in zip(counts, bads)]
    used = [0.0 if i >= regular and counts[i] < LEAST_SPECIAL else w for i, w in enumerate(woe)]
    if kind["type"] == "category":  # unseen counts as one of the rare categories, where there are any
        seen = Counter(row[name] for row in train)
        rare = [c for c in kind["categories"] if seen[c] < MIN_SHARE * len(train)]
        used[regular] = woe[bin_of(transform, kind, rare[0])] if rare else 0.0
    test_counts = np.bincount(test_bins, minlength=size).tolist()
    term = {
        "variable": name,
        "counts": counts,
        "bads": bads,
        "woe": used,
        "iv": sum((g - b) * w for (g, b), w in zip(shares, woe)),
        "hold_out_counts": test_counts,
        "psi": psi(counts, test_counts),
    }
    return term, np.array(used), train_bins, test_bins


def reasons_of(losses, names):
    """At most four fields, most points first; equal losses stand in schema order."""
    order = sorted((i for i, loss in enumerate(losses) if loss > 0), key=lambda i: (-losses[i], i))
    return [[names[i], FACTOR * losses[i]] for i in order[:4]]


def scorecard(train, test):
    model = model_of("credit-scorecard")
    fields, transforms = model["schema"]["fields"], model["transforms"]
    bad = outcomes(train)
    parts = [term_of(t, fields[t["field"]], train, test, bad) for t in transforms]
    terms, woes, train_bins, test_bins = zip(*parts)
    columns = lambda bins: np.column_stack([woe[b] for woe, b in zip(woes, bins)])
    fit = LogisticRegression(C=1 / L2, solver="newton-cholesky", tol=1e-13, max_iter=1000).fit(columns(train_bins), bad)
    # docs/adr/0004: weights are rounded to ten significant digits.
    weights = np.array([float(f"{w:.9e}") for w in fit.coef_[0]])
    intercept = float(f"{fit.intercept_[0]:.9e}")
    for term, coefficient, weight, woe, bins in zip(terms, fit.coef_[0], weights, woes, train_bins):
        term["coefficient"] = coefficient
        term["log_odds"] = (weight * woe).tolist()
        term["points"] = ((OFFSET - FACTOR * intercept) / len(terms) - FACTOR * weight * woe).tolist()
        term["baseline"] = (weight * woe)[bins].min()
    train_pd, pd = (1 / (1 + np.exp(-(intercept + columns(bins) @ weights))) for bins in (train_bins, test_bins))
    names = [term["variable"] for term in terms]
    losses = [
        [term["log_odds"][bins[row]] - term["baseline"] for term, bins in zip(terms, test_bins)] for row in range(SHOWN)
    ]
    return {
        "intercept": fit.intercept_[0],
        "terms": terms,
        **measures(model, train_pd, pd, outcomes(test)),
        "reasons": [reasons_of(loss, names) for loss in losses],
    }


# ---- tree


def bits(count, bads):
    """The entropy of the rows times their number."""
    return -sum(part * math.log2(part / count) for part in (bads, count - bads) if part > 0)


def tallies(rows, name):
    """(rows, bads) by value."""
    tally = {}
    for row in rows:
        count, bads = tally.get(row[name], (0, 0))
        tally[row[name]] = (count + 1, bads + (row["status"] == "bad"))
    return tally


def add(*pairs):
    return tuple(map(sum, zip((0, 0), *pairs)))


def number_splits(tally):
    """(threshold, side of missing, rows and bads on the left); no threshold parts missing from all numbers."""
    numbers = sorted(value for value in tally if value is not None)
    missing, below = tally.get(None), (0, 0)
    if missing and numbers:
        yield None, "left", missing
    for value, above in zip(numbers, numbers[1:]):
        below = add(below, tally[value])
        if missing:
            yield (value + above) / 2, "right", below
            yield (value + above) / 2, "left", add(below, missing)
        else:
            yield (value + above) / 2, None, below


def category_splits(tally):
    """(cases on the left, None, rows and bads on the left): every way of dealing them, missing being one of them.

    The side of the lower bad rate is the left one.
    """
    cases, (count, bads) = sorted(tally, key=lambda case: case or ""), add(*tally.values())
    for mask in range(1, 2 ** len(cases) - 1):
        left = {case for at, case in enumerate(cases) if mask >> at & 1}
        n, b = add(*(tally[case] for case in left))
        if Fraction(b, n) <= Fraction(bads - b, count - n):
            yield left, None, (n, b)


def best_split(fields, rows):
    """(gain in bits, field, where, side of missing, rows and bads on the left) of the split that gains most."""
    every, found = (len(rows), int(outcomes(rows).sum())), []
    for field in fields:
        splits = number_splits if field["kind"]["type"] == "number" else category_splits
        for where, missing, left in splits(tallies(rows, field["name"])):
            right = (every[0] - left[0], every[1] - left[1])
            if min(left[0], right[0]) >= MIN_LEAF:
                found.append((bits(*every) - bits(*left) - bits(*right), field, where, missing, left))
    best = max(found, key=lambda split: split[0], default=None)
    if best is None or best[0] < 1e-9:
        return None
    others = [split for split in found if split[0] > best[0] - 1e-9 and split[4] != best[4]]
    assert not others, "two splits gain the same; which one is taken has to be said here"
    return best


def side_of(split, row):
    value = row[split["field"]]
    if value is None:
        return split["missing"]
    if "threshold" in split:
        return "left" if value < split["threshold"] else "right"
    return split["sides"].get(value, split["other"])


def split_of(best, rows):
    """The split in words; a case that no row of the node had goes to the larger child, to the right if both are equal."""
    _, field, where, missing, (count, _) = best
    larger = "left" if 2 * count > len(rows) else "right"
    if field["kind"]["type"] == "number":
        lowest = -float(np.finfo(float).max)
        return {"field": field["name"], "threshold": lowest if where is None else where, "missing": missing or larger}
    here = {row[field["name"]] for row in rows}
    side = lambda case: ("left" if case in where else "right") if case in here else larger
    sides = {case: side(case) for case in field["kind"]["categories"]}
    return {"field": field["name"], "sides": sides, "other": larger, "missing": side(None)}


def grow(fields, train):
    rate = outcomes(train).mean()
    nodes, queue = [], [(train, 0)]
    for rows, depth in queue:  # level by level: the queue grows while it is read
        count, bads = len(rows), int(outcomes(rows).sum())
        pd = (bads + SMOOTHING * rate) / (count + SMOOTHING)
        node = {"count": count, "bads": bads, "pd": pd, "split": None}
        if depth < MAX_DEPTH and (best := best_split(fields, rows)):
            split = split_of(best, rows)
            node["split"] = {**split, "left": len(queue), "right": len(queue) + 1}
            for wanted in ("left", "right"):
                queue.append(([row for row in rows if side_of(split, row) == wanted], depth + 1))
        nodes.append(node)
    return nodes


def path(nodes, row):
    """The nodes a row comes through."""
    found = [nodes[0]]
    while split := found[-1]["split"]:
        found.append(nodes[split[side_of(split, row)]])
    return found


def tree(train, test):
    model = model_of("credit-tree")
    all_fields = model_of("credit-segments")["schema"]["fields"]  # the tree's own list holds only those it asks
    nodes = grow(all_fields, train)
    names = [field["name"] for field in model["schema"]["fields"]]
    pds = lambda rows: np.array([path(nodes, row)[-1]["pd"] for row in rows])
    log_odds = lambda node: math.log(node["pd"] / (1 - node["pd"]))
    reasons = []
    for row in test[:SHOWN]:
        losses, steps = [0.0] * len(names), path(nodes, row)
        for node, child in zip(steps, steps[1:]):
            losses[names.index(node["split"]["field"])] += log_odds(child) - log_odds(node)
        reasons.append(reasons_of(losses, names))
    found = measures(model, pds(train), pds(test), outcomes(test))
    for node in nodes:  # as a model file has them: the sides of the categories in their order
        if node["split"] and "sides" in node["split"]:
            node["split"]["categories"] = list(node["split"].pop("sides").values())
    return {"nodes": nodes, **found, "reasons": reasons}


# ---- segments


def coordinates(fields, train, test):
    """Numbers less their mean, over the population standard deviation, 0 where missing; 1 / sqrt 2 for a category."""
    scales, blocks = [], ([], [])
    for field in fields:
        name, kind = field["name"], field["kind"]
        if kind["type"] == "number":
            known = np.array([row[name] for row in train if row[name] is not None])
            center, scale = known.mean(), known.std()
            scales.append([name, center, scale])
            place = lambda row: 0.0 if row[name] is None else (row[name] - center) / scale
            for rows, block in zip((train, test), blocks):
                block.append([place(row) for row in rows])
            continue
        for category in kind["categories"]:
            scales.append([name, category, math.sqrt(2)])
            for rows, block in zip((train, test), blocks):
                block.append([(row[name] == category) / math.sqrt(2) for row in rows])
    return scales, np.array(blocks[0]).T, np.array(blocks[1]).T


def segments(train, test):
    model = model_of("credit-segments")
    scales, points, held_out = coordinates(model["schema"]["fields"], train, test)
    centers = np.array([segment["center"] for segment in model["predictor"]["segments"]])
    distances = lambda rows: ((rows[:, None, :] - centers[None]) ** 2).sum(axis=2)
    own, own_test = distances(points).argmin(axis=1), distances(held_out).argmin(axis=1)
    k = len(centers)
    counts, test_counts = (np.bincount(x, minlength=k).tolist() for x in (own, own_test))
    means = np.array([points[own == s].mean(axis=0) for s in range(k)])
    widths = silhouette_samples(held_out, own_test)
    yardstick = KMeans(n_clusters=k, n_init=20, random_state=0, tol=1e-10, max_iter=1000).fit(points)
    least = np.sqrt(distances(held_out).min(axis=1))
    return {
        "coordinates": scales,
        "counts": counts,
        "bads": np.bincount(own, outcomes(train), k).astype(int).tolist(),
        "means": means.tolist(),
        "inertia": {"train": distances(points).min(axis=1).sum(), "hold_out": distances(held_out).min(axis=1).sum()},
        "scikit_learn_inertia": yardstick.inertia_,
        "silhouette": silhouette_score(held_out, own_test),
        "silhouette_by_segment": [widths[own_test == s].mean() for s in range(k)],
        "hold_out_counts": test_counts,
        "psi": psi(counts, test_counts),
        "segment": own_test[:SHOWN].tolist(),
        "distance": least[:SHOWN].tolist(),
        "mean_distance": [least[own_test == s].mean() for s in range(k)],
    }


def main():
    rows = clean_rows(model_of("credit-segments")["schema"])
    train, test = split_rows(rows)
    reference = {
        "split": {
            "kept": len(rows),
            "train": len(train),
            "train_bads": int(outcomes(train).sum()),
            "hold_out": len(test),
            "hold_out_bads": int(outcomes(test).sum()),
            "hold_out_ids": " ".join(row["id"] for row in test),
        },
        "scorecard": scorecard(train, test),
        "tree": tree(train, test),
        "segments": segments(train, test),
    }
    lines = []
    for part, values in reference.items():
        body = ",\n".join(f"  {json.dumps(key)}: {json.dumps(value, allow_nan=False)}" for key, value in values.items())
        lines.append(f"{json.dumps(part)}: {{\n{body}\n}}")
    (HERE / "credit.json").write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
