"""Writes the reference values that the metrics of arrears-validate are held to.

    pip install -r requirements.txt
    python make_reference.py

Everything comes from scikit-learn and scipy or, where they have no such function (DeLong, bands, PSI),
from slow and plain numpy written here from the definition. The seeds are fixed, so the files are the same
every time.
"""

import json
import math
from pathlib import Path

import numpy as np
from scipy import stats
from sklearn import metrics

HERE = Path(__file__).parent


def write(name, cases):
    body = ",\n".join(json.dumps(case, allow_nan=False) for case in cases)
    (HERE / name).write_text(f"[\n{body}\n]\n", encoding="utf-8", newline="\n")


def delong(bad, pd):
    """Variance of the AUC from the placement values, every pair compared (DeLong et al. 1988)."""
    x, y = pd[bad == 1], pd[bad == 0]
    if len(x) < 2 or len(y) < 2:
        return None
    wins = (x[:, None] > y[None, :]) + 0.5 * (x[:, None] == y[None, :])
    variance = np.var(wins.mean(axis=1), ddof=1) / len(x) + np.var(wins.mean(axis=0), ddof=1) / len(y)
    se, auc = math.sqrt(variance), wins.mean()
    out = {"auc": auc, "standard_error": se}
    for level in (0.95, 0.8):
        z = stats.norm.ppf(0.5 + level / 2)
        out[f"interval_{level}"] = [max(0.0, auc - z * se), min(1.0, auc + z * se)]
    return out


def ks(bad, pd):
    """scipy's distance, and the highest cut at which it is reached, looked for in whole numbers."""
    test = stats.ks_2samp(pd[bad == 1], pd[bad == 0], method="asymp")
    bads, goods = int(bad.sum()), int((1 - bad).sum())
    best = None
    for cut in sorted(set(pd.tolist()), reverse=True):
        hit_bads, hit_goods = int(((pd >= cut) & (bad == 1)).sum()), int(((pd >= cut) & (bad == 0)).sum())
        gap = abs(hit_bads * goods - hit_goods * bads)
        if best is None or gap > best[0]:
            best = (gap, cut, hit_bads / bads, hit_goods / goods)
    return {"ks": float(test.statistic), "risk": best[1], "bad_share": best[2], "good_share": best[3]}


def confusion(bad, pd, cutoff):
    predicted = (pd >= cutoff).astype(int)
    (tn, fp), (fn, tp) = metrics.confusion_matrix(bad, predicted, labels=[0, 1]).tolist()
    exists = lambda value, denominator: float(value) if denominator else None
    quiet = {"zero_division": 0.0}
    return {
        "cutoff": cutoff, "tp": tp, "fp": fp, "tn": tn, "fn": fn,
        "accuracy": float(metrics.accuracy_score(bad, predicted)),
        "precision": exists(metrics.precision_score(bad, predicted, **quiet), tp + fp),
        "recall": exists(metrics.recall_score(bad, predicted, **quiet), tp + fn),
        "specificity": exists(metrics.recall_score(bad, predicted, pos_label=0, **quiet), tn + fp),
        "f1": exists(metrics.f1_score(bad, predicted, **quiet), 2 * tp + fp + fn),
        "mcc": exists(metrics.matthews_corrcoef(bad, predicted), (tp + fp) * (tp + fn) * (tn + fp) * (tn + fn)),
    }


def bands(bad, pd, wanted):
    """Sort, walk to row k * n / wanted, then to the nearer end of its tie; of few ties each is a band."""
    order = np.argsort(-pd, kind="stable")
    bad, pd, n = bad[order], pd[order], len(pd)
    ends, start = [], 0
    for k in range(1, wanted + 1):
        row = -(-k * n // wanted)
        if row <= start:
            continue
        tie = np.flatnonzero(pd == pd[row - 1])
        above, below = tie[0], tie[-1] + 1
        start = above if above > start and row - above < below - row else below
        ends.append(start)
    if len(np.unique(pd)) <= wanted:
        ends = [np.flatnonzero(pd == value)[-1] + 1 for value in np.unique(pd)[::-1]]
    rows, start = [], 0
    for end in ends:
        b, p = bad[start:end], pd[start:end]
        interval = stats.binomtest(int(b.sum()), len(b)).proportion_ci(0.95, method="wilson")
        bad_share, good_share = bad[:end].sum() / bad.sum(), (1 - bad[:end]).sum() / (1 - bad).sum()
        rows.append({
            "rows": len(b), "bads": int(b.sum()), "highest_risk": p.max(), "lowest_risk": p.min(),
            "bad_rate": b.mean(), "mean_pd": p.mean(), "lower": interval.low, "upper": interval.high,
            "cumulative_row_share": end / n, "cumulative_bad_share": bad_share,
            "cumulative_good_share": good_share, "lift": b.mean() / bad.mean(),
            "cumulative_lift": bad[:end].mean() / bad.mean(), "ks": abs(bad_share - good_share),
        })
        start = end
    gaps = np.array([abs(r["mean_pd"] - r["bad_rate"]) for r in rows])
    return {
        "wanted": wanted, "rows": rows, "mean_pd": pd.mean(), "bad_rate": bad.mean(),
        "expected_error": np.average(gaps, weights=[r["rows"] for r in rows]), "largest_error": gaps.max(),
    }


def ranking_case(name, bad, pd, cutoffs, wanted):
    bad, pd = np.asarray(bad, dtype=int), np.asarray(pd, dtype=float)
    return {
        "name": name, "bad": bad.tolist(), "pd": pd.tolist(),
        "auc": metrics.roc_auc_score(bad, pd), "delong": delong(bad, pd), "ks": ks(bad, pd),
        "brier": metrics.brier_score_loss(bad, pd), "log_loss": metrics.log_loss(bad, pd, labels=[0, 1]),
        "confusion": [confusion(bad, pd, cutoff) for cutoff in cutoffs],
        "bands": [bands(bad, pd, count) for count in wanted],
    }


def ranking():
    rng = np.random.default_rng(20240611)
    pd = rng.beta(1.2, 4.0, 400)
    random = ranking_case("random", rng.random(400) < pd, pd, [0.1, 0.25, 0.5, 0.99], [10, 7])
    pd = rng.integers(0, 6, 500) / 8
    tied = ranking_case("heavy ties", rng.random(500) < 0.1 + 0.6 * pd, pd, [0.125, 0.375, 0.5], [10, 3])
    pd = rng.beta(0.5, 30.0, 900)
    rare = rng.random(900) < pd
    imbalanced = ranking_case("imbalanced", rare, pd, [0.02, 0.05, 0.9], [10, 20])
    pd = np.round(rng.random(60), 2)
    useless = ranking_case("worse than chance", rng.random(60) < 1 - pd, pd, [0.5], [10])
    separated = ranking_case(
        "perfectly separated", [0] * 30 + [1] * 20, np.r_[rng.uniform(0.0, 0.4, 30), rng.uniform(0.6, 1.0, 20)],
        [0.5, 0.2], [10])
    edges = ranking_case(
        "sure and sometimes wrong", [0, 0, 1, 1, 0, 1, 0, 1, 0, 0], [0, 0, 1, 1, 1, 0, 0.5, 0.5, 1e-300, 1 - 1e-16],
        [0.0, 0.5, 1.0, 1.5], [10, 4, 1])
    constant = ranking_case("one pd for all", [0, 1, 0, 0, 1], [0.3] * 5, [0.3, 0.31], [10])
    small = ranking_case("three rows", [1, 0, 0], [0.7, 0.2, 0.9], [0.5], [10, 2])
    pd = np.r_[np.full(45, 0.8), rng.uniform(0.3, 0.7, 50), np.full(9, 0.2), rng.uniform(0.0, 0.1, 26)]
    lumpy = ranking_case("ties and distinct risks", rng.random(130) < pd, pd, [0.2, 0.8], [10, 6])
    write("ranking.json", [random, tied, lumpy, imbalanced, useless, separated, edges, constant, small])


def quantiles():
    tail = [1e-300, 1e-100, 1e-20, 2e-16, 1e-14, 1e-12, 1e-8, 1e-4, 0.001, 0.01, 0.025, 0.05, 0.0749, 0.075, 0.0751]
    middle = [0.1, 0.25, 0.4, 0.5, 0.6, 0.9, 0.925, 0.9251, 0.95, 0.975, 0.99, 0.995, 0.999, 0.999999, 1 - 1e-12]
    normal = [{"p": p, "z": stats.norm.ppf(p)} for p in tail + middle]
    chi_square = [
        {"p": p, "degrees": degrees, "x": stats.chi2.ppf(p, degrees)}
        for p in (0.001, 0.05, 0.5, 0.9, 0.95, 0.99, 0.9999)
        for degrees in (1, 2, 3, 4, 5, 9, 10, 19, 20, 49, 99, 250, 1000)
    ]
    write("quantiles.json", [{"normal": normal, "chi_square": chi_square}])


def psi_case(name, expected, actual):
    e, a = np.array(expected, dtype=float), np.array(actual, dtype=float)
    used = (e > 0) | (a > 0)
    e, a = e[used], a[used]
    zero = (e == 0) | (a == 0)
    e, a = e + 0.5 * zero, a + 0.5 * zero
    e, a = e / e.sum(), a / a.sum()
    value = float(np.sum((a - e) * np.log(a / e)))
    if not zero.any():
        # The index is the two relative entropies added up.
        assert math.isclose(value, stats.entropy(a, e) + stats.entropy(e, a), rel_tol=1e-9, abs_tol=1e-12)
    degrees = int(used.sum()) - 1
    chance = float(stats.chi2.ppf(0.95, degrees)) if degrees else 0.0
    threshold = chance * (1 / sum(expected) + 1 / sum(actual))
    band = "stable" if value < 0.1 else "shift" if value < 0.25 else "unstable"
    return {"name": name, "expected": expected, "actual": actual, "psi": value, "adjusted_threshold": threshold,
            "band": band}


def stability():
    write("psi.json", [
        psi_case("stable", [100, 220, 310, 240, 130], [52, 108, 149, 125, 66]),
        psi_case("shift", [100] * 10, [60, 70, 80, 90, 100, 100, 110, 120, 130, 190]),
        psi_case("unstable", [500, 300, 200], [100, 200, 700]),
        psi_case("a zero on each side", [0, 40, 60, 12], [5, 30, 65, 0]),
        psi_case("empty in both", [50, 0, 50], [30, 0, 70]),
        psi_case("same", [3, 5, 7], [3, 5, 7]),
        psi_case("one bin", [9], [4]),
        psi_case("few rows, nothing new", [900, 2000, 2100], [12, 20, 15]),
    ])


def clusters_case(name, points, segment, centres):
    silhouettes = metrics.silhouette_samples(points, segment)
    per_segment = [float(silhouettes[segment == s].mean()) if (segment == s).any() else None
                   for s in range(len(centres))]
    return {
        "name": name, "dims": points.shape[1], "points": points.ravel().tolist(), "segment": segment.tolist(),
        "centres": centres.ravel().tolist(), "silhouette": float(metrics.silhouette_score(points, segment)),
        "per_segment": per_segment, "inertia": float(((points - centres[segment]) ** 2).sum()),
    }


def clusters():
    rng = np.random.default_rng(77)
    centres = np.array([[0.0, 0.0, 0.0], [3.0, 1.0, 0.0], [-2.0, 2.0, 1.0], [9.0, 9.0, 9.0]])
    segment = rng.integers(0, 3, 230)
    blobs = clusters_case("blobs, one segment empty", np.round(centres[segment] + rng.normal(size=(230, 3)), 6),
                          segment, centres)
    points = np.round(rng.normal(size=(40, 2)), 3)
    wrong = clusters_case("random segments", points, rng.integers(0, 4, 40), rng.normal(size=(4, 2)))
    points = np.round(rng.normal(size=(12, 1)), 3)
    lonely = clusters_case("a row alone, duplicates", np.vstack([points, points[:3], [[50.0]]]),
                           np.array([0, 1] * 6 + [0, 1, 0] + [2]), np.array([[0.0], [1.0], [50.0]]))
    same = clusters_case("all rows the same", np.full((6, 2), 1.5), np.array([0, 0, 1, 1, 1, 0]), np.zeros((2, 2)))
    write("clusters.json", [blobs, wrong, lonely, same])


if __name__ == "__main__":
    ranking()
    quantiles()
    stability()
    clusters()
