"""Writes amounts.json, the reference of predicted against actual amounts.

    pip install -r requirements.txt
    python make_amounts.py

Errors and R2 are scikit-learn's, rank correlations and intervals scipy's; bands are cut by the definition, slowly.
The seeds are fixed, so the file is the same every time.
"""

import json
from pathlib import Path

import numpy as np
from scipy import stats
from sklearn import metrics

HERE = Path(__file__).parent


def interval(values):
    if len(values) < 2:
        return None
    # Of equal values scipy makes no interval: it has no width.
    if np.ptp(values) == 0:
        return [float(values[0])] * 2
    found = stats.ttest_1samp(values, 0.0).confidence_interval(0.95)
    return [float(found.low), float(found.high)]


def bands(actual, predicted, count):
    """Row by row, highest first; a band is closed at the nearer end of the tie that holds its last row. Of few ties each is
    a band."""
    order = sorted(range(len(actual)), key=lambda row: -predicted[row])
    ends, start = [], 0
    for closing in range(1, count + 1):
        last = -(-closing * len(actual) // count)
        if last <= start:
            continue
        tie = [at for at, row in enumerate(order) if predicted[row] == predicted[order[last - 1]]]
        start = tie[0] if tie[0] > start and last - tie[0] < tie[-1] + 1 - last else tie[-1] + 1
        ends.append(start)
    values = sorted(set(predicted), reverse=True)
    if len(values) <= count:
        ends = [sum(predicted >= value) for value in values]
    table, start = [], 0
    for end in ends:
        rows = order[start:end]
        a, p = actual[rows], predicted[rows]
        share = float(actual[order[:end]].sum() / actual.sum()) if actual.min() >= 0 and actual.sum() > 0 else None
        table.append(
            {
                "rows": len(rows),
                "lowest": float(p.min()),
                "highest": float(p.max()),
                "mean_predicted": float(p.mean()),
                "mean_actual": float(a.mean()),
                "interval": interval(a),
                "cumulative_share": share,
            }
        )
        start = end
    return table


def case(name, actual, predicted, alone, count=10):
    actual, predicted = np.asarray(actual, float), np.asarray(predicted, float)
    flat = np.ptp(actual) == 0
    constant = flat or np.ptp(predicted) == 0
    errors, of_mean = predicted - actual, np.full(len(actual), float(alone))
    return {
        "name": name,
        "actual": actual.tolist(),
        "predicted": predicted.tolist(),
        "alone": float(alone),
        "count": count,
        "mae": float(metrics.mean_absolute_error(actual, predicted)),
        "rmse": float(metrics.root_mean_squared_error(actual, predicted)),
        "r2": None if flat else float(metrics.r2_score(actual, predicted)),
        "spearman": None if constant else float(stats.spearmanr(actual, predicted).statistic),
        "mean_error": float(errors.mean()),
        "mean_error_interval": interval(errors),
        "deviation": float(np.std(actual, ddof=1)) if len(actual) > 1 else None,
        "total_ratio": float(predicted.sum() / actual.sum()) if actual.sum() > 0 else None,
        "alone_mae": float(metrics.mean_absolute_error(actual, of_mean)),
        "alone_rmse": float(metrics.root_mean_squared_error(actual, of_mean)),
        "bands": bands(actual, predicted, count),
    }


def main():
    draw = np.random.default_rng(20)
    loss = draw.lognormal(6, 1.1, 500).round(2)
    leaves = np.quantile(loss, [0.1, 0.4, 0.6, 0.8, 0.97])
    by_leaf = leaves[np.clip(np.searchsorted(leaves, loss * draw.lognormal(0, 0.7, 500)), 0, 4)]
    late = draw.integers(-5, 40, 80)
    cases = [
        case("losses by leaf", loss, by_leaf, loss.mean()),
        case("losses, all different", loss, loss * draw.lognormal(0, 0.5, 500), 300.0, 7),
        case("days late, many ties", late, (late // 7) * 7 + 2, 10.0),
        case("worse than the mean", [1, 2, 3, 4], [4, 3, 2, 1], 2.5, 3),
        case("perfect", [0, 0, 5, 9.5], [0, 0, 5, 9.5], 1.0, 4),
        case("one prediction for all", [3, 1, 4, 1, 5], [2.8] * 5, 2.8),
        case("one amount", [7, 7, 7], [6, 7, 9], 7.0),
        case("one row", [12.5], [10.0], 11.0),
        case("below 0", [-5, -1, -3, 2], [-4, -2, -3, 0], -1.75, 2),
        case("far from 0", 1e9 + draw.normal(0, 3, 60), 1e9 + draw.normal(0, 3, 60), 1e9),
    ]
    body = ",\n".join(json.dumps(one, allow_nan=False) for one in cases)
    (HERE / "amounts.json").write_text(f"[\n{body}\n]\n", encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
