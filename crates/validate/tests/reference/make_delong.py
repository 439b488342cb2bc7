"""Writes delong.json: DeLong's test of two AUCs on the same rows.

    pip install -r requirements-delong.txt
    python make_delong.py

z and p-value are those of MLstatkit; the variance is beside it taken from the definition, every pair of rows compared
and the full covariance matrix of the two AUCs made (DeLong, DeLong and Clarke-Pearson 1988), and the two have to agree.
The seeds are fixed, so the file is the same every time.
"""

import json
import math
from pathlib import Path

import numpy as np
from MLstatkit import Delong_test
from scipy import stats

HERE = Path(__file__).parent


def covariance(bad, risks):
    """AUCs and their covariance matrix from the structural components."""
    components = []
    for risk in risks:
        x, y = risk[bad == 1], risk[bad == 0]
        wins = (x[:, None] > y[None, :]) + 0.5 * (x[:, None] == y[None, :])
        components.append((wins.mean(axis=1), wins.mean(axis=0)))
    of_bads = np.cov(np.array([c[0] for c in components]))
    of_goods = np.cov(np.array([c[1] for c in components]))
    aucs = [c[0].mean() for c in components]
    return aucs, of_bads / (bad == 1).sum() + of_goods / (bad == 0).sum()


def case(name, bad, first, second):
    (a, b), s = covariance(bad, [first, second])
    error = math.sqrt(s[0, 0] + s[1, 1] - 2 * s[0, 1])
    result = Delong_test(bad, first, second)
    z, p = float(result[0]), float(result[1])
    assert abs(abs(z) - abs(a - b) / error) < 1e-8 * max(1, abs(z)), (name, z, (a - b) / error)
    reach = stats.norm.ppf(0.975) * error
    return {
        "name": name, "bad": bad.tolist(), "first_risk": first.tolist(), "second_risk": second.tolist(),
        "first": a, "second": b, "standard_error": error, "z": (a - b) / error, "p_value": p,
        "lower": a - b - reach, "upper": a - b + reach,
    }


def made(seed, rows, rate, decimals, own):
    random = np.random.default_rng(seed)
    bad = (random.random(rows) < rate).astype(int)
    bad[:2], bad[2:4] = 1, 0
    shared = random.normal(size=rows) + 0.8 * bad
    risk = lambda lift: np.round(shared + own * random.normal(size=rows) + lift * bad, decimals)
    return bad, risk(0.3), risk(0.0)


def main():
    cases = [
        case("400 rows, no ties", *made(1, 400, 0.3, 12, 0.7)),
        case("400 rows, many ties", *made(2, 400, 0.3, 0, 0.7)),
        case("120 rows, few bads, some ties", *made(3, 120, 0.08, 1, 0.5)),
        case("40 rows, half bad", *made(4, 40, 0.5, 1, 2.0)),
        case("8 rows", *made(5, 8, 0.4, 1, 1.0)),
        case("second upside down", *(lambda b, f, s: (b, f, -s))(*made(6, 200, 0.4, 2, 1.0))),
    ]
    body = ",\n".join(json.dumps(case, allow_nan=False) for case in cases)
    (HERE / "delong.json").write_text(f"[\n{body}\n]\n", encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
