"""Writes student.json: 97.5 % quantiles of Student's t, and intervals of means.

Reference: scipy, see requirements-student.txt. Run: python make_student.py
"""

import json
import pathlib

import numpy
from scipy import stats

DEGREES = [*range(1, 41), 49, 50, 99, 100, 250, 299, 300, 301, 302, 500, 999, 4999, 100_000, 10**9, 2**53]


def mean(amounts):
    amounts = numpy.array(amounts, dtype=float)
    found = stats.ttest_1samp(amounts, 0.0).confidence_interval(0.95)
    deviation = float(numpy.std(amounts, ddof=1))
    return {"count": len(amounts), "mean": float(amounts.mean()), "deviation": deviation, "lower": float(found.low), "upper": float(found.high)}


def main():
    draw = numpy.random.default_rng(4)
    samples = [[1, 2], [5, 5, 6], [-3, 0, 12, 7.5], draw.lognormal(5, 1.2, 60), draw.normal(-1e6, 1e3, 1000)]
    quantiles = [{"degrees": degrees, "quantile": float(stats.t.ppf(0.975, degrees))} for degrees in DEGREES]
    document = {"quantiles": quantiles, "means": [mean(sample) for sample in samples]}
    target = pathlib.Path(__file__).with_name("student.json")
    target.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
