"""Makes the rows of the benchmarks as Parquet files, always the same ones.

    python make_rows.py FOLDER

binning.parquet    300,000 x 16 numbers: monotone, with a hump or a dip, noise; ties and missing values
prebins.parquet    300,000 x 1, a monotone one, for a hundred pre-bins
scorecard.parquet  125,000 x 20 (16 numbers, 4 categories), 100,000 of them to train on (`part`)
logistic.parquet   1,000,000 x 20 dense correlated numbers
kmeans.parquet     1,000,000 x 20: twelve clusters of different sizes that overlap, and five columns of noise

The target is `bad` (1 = bad), `part` is `train` or `test`.
"""

import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def numbers(rng, n, risk):
    """Sixteen numbers of a portfolio, each tied to its own part of the risk or to none."""
    z = rng.standard_normal((n, 8))
    mixed = 0.6 * risk[:, None] + 0.8 * z
    columns = {
        "income": np.round(np.exp(10 - 0.5 * mixed[:, 0]), 0),
        "utilisation": sigmoid(mixed[:, 1]),
        "age": np.clip(np.round(43 - 9 * mixed[:, 2]), 18, 90),
        "late_payments": rng.poisson(np.exp(0.6 * mixed[:, 3] - 1.2)).astype(float),
        "months_on_book": np.round(np.exp(3.4 - 0.5 * mixed[:, 4]), 0),
        "enquiries": rng.poisson(np.exp(0.4 * mixed[:, 5])).astype(float),
        # risk is lowest or highest in the middle
        "tenure": 60 + 25 * rng.choice([-1, 1], n) * np.sqrt(np.abs(mixed[:, 6] + 2)),
        "order_value": np.exp(4 + 0.7 * rng.choice([-1, 1], n) * np.sqrt(np.abs(2 - mixed[:, 7]))),
        "hour": np.round(12 + 4 * rng.standard_normal(n) - 2 * np.sin(risk)).clip(0, 23),
        "balance": np.where(risk > 0, 1, -1) * rng.gamma(2, 900, n) * (rng.random(n) < 0.3)
        + rng.normal(0, 800, n),
        # noise
        "uniform": rng.random(n),
        "normal": rng.standard_normal(n),
        "heavy_tail": rng.standard_t(2, n),
        "dice": rng.integers(1, 7, n).astype(float),
        # missing values and many zeros
        "bureau_score": np.round(620 - 60 * mixed[:, 0] + 20 * rng.standard_normal(n)),
        "returned_value": np.round(np.maximum(0, 30 * (mixed[:, 3] - 0.3)), 2),
    }
    columns["bureau_score"][rng.random(n) < sigmoid(risk - 3)] = np.nan
    columns["income"][rng.random(n) < 0.03] = np.nan
    return columns


def categories(rng, n, risk):
    """Four categories with 3 to 12 values."""

    def pick(names, slope):
        at = risk * slope + rng.gumbel(size=n)
        edges = np.quantile(at, np.linspace(0, 1, len(names) + 1)[1:-1])
        return np.array(names)[np.searchsorted(edges, at)]

    regions = [f"region {i:02}" for i in range(12)]
    return {
        "housing": pick(["own", "mortgage", "rent"], 0.5),
        "channel": pick(["shop", "web", "app", "partner", "phone"], 0.2),
        "job": pick(["official", "skilled", "unskilled", "student", "self-employed", "none"], 0.4),
        "region": pick(regions, 0.05),
    }


def outcome(rng, risk, intercept):
    return (rng.random(len(risk)) < sigmoid(intercept + risk)).astype(np.int64)


def write(path, columns):
    # NaN means missing
    arrays = [pa.array(values, from_pandas=True) for values in columns.values()]
    pq.write_table(pa.table(arrays, names=list(columns)), path, compression="zstd")
    print(f"{path}: {len(arrays[0]):,} x {len(arrays)}", file=sys.stderr)


def clusters(n):
    """Twelve clusters, the largest eight times the smallest; 15 columns tell them apart, 5 are noise."""
    rng = np.random.default_rng(20240904)
    middles = rng.normal(0, 1.2, (12, 15))
    spreads = rng.uniform(0.7, 1.3, (12, 15))
    sizes = np.geomspace(1, 8, 12)
    member = rng.choice(12, n, p=sizes / sizes.sum())
    x = np.empty((20, n))
    for column in range(20):
        x[column] = rng.standard_normal(n)
        if column < 15:
            x[column] = x[column] * spreads[member, column] + middles[member, column]
    bad = (rng.random(n) < 0.02 + 0.1 * member / 12).astype(np.int64)
    return {**{f"x{i:02}": x[i] for i in range(20)}, "bad": bad}


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)

    rng = np.random.default_rng(20240901)
    risk = rng.standard_normal(300_000)
    bad = outcome(rng, risk, -2.8)
    columns = numbers(rng, len(risk), risk)
    write(folder / "binning.parquet", {**columns, "bad": bad})
    write(folder / "prebins.parquet", {"utilisation": columns["utilisation"], "bad": bad})

    rng = np.random.default_rng(20240902)
    risk = rng.standard_normal(125_000)
    bad = outcome(rng, risk, -2.6)
    columns = {**numbers(rng, len(risk), risk), **categories(rng, len(risk), risk)}
    part = np.where(rng.permutation(len(risk)) < 100_000, "train", "test")
    write(folder / "scorecard.parquet", {**columns, "part": part, "bad": bad})

    rng = np.random.default_rng(20240903)
    n, width = 1_000_000, 20
    shared = rng.standard_normal((n, 1))
    x = 0.4 * shared + rng.standard_normal((n, width)) * np.sqrt(1 - 0.16)
    bad = outcome(rng, x @ rng.normal(0, 0.35, width), -2.2)
    write(folder / "logistic.parquet", {**{f"x{i:02}": x[:, i] for i in range(width)}, "bad": bad})

    write(folder / "kmeans.parquet", clusters(1_000_000))


if __name__ == "__main__":
    main()
