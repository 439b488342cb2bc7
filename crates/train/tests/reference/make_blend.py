"""Blends of an internal pd and an agency's score, fitted by statsmodels.

Writes blend.json: made-up rows and, for own slope and own intercept of rows without a report, estimates and standard
errors of Logit on columns written out here, and the log-likelihood. Run with the packages of requirements.txt.
"""

import json
import pathlib

import numpy as np
import statsmodels.api as sm

ROWS = 600


def rows():
    rng = np.random.default_rng(20260930)
    truth = rng.normal(-1.5, 1.2, ROWS)
    internal = truth * 0.8 + rng.normal(0, 0.6, ROWS)
    pd = np.round(1 / (1 + np.exp(-internal)), 4)
    score = np.round(620 - 45 * truth + rng.normal(0, 40, ROWS))
    has = rng.random(ROWS) < 0.7
    bad = (rng.random(ROWS) < 1 / (1 + np.exp(-truth))).astype(int)
    return pd, score, has, bad


def fit(columns, bad):
    found = sm.Logit(bad, np.column_stack(columns)).fit(method="newton", tol=1e-14, maxiter=200, disp=False)
    return {
        "estimates": list(map(float, found.params)),
        "errors": list(map(float, found.bse)),
        "log_likelihood": float(found.llf),
    }


def main():
    pd, score, has, bad = rows()
    log_odds = np.log(pd / (1 - pd))
    one, no = np.ones(ROWS), (~has).astype(float)
    # To three digits, as the model writes it.
    mean = float(f"{log_odds[~has].mean():.2e}")
    external = np.where(has, score, 0.0)
    result = {
        "rows": [
            [float(p), float(s) if h else None, int(b)] for p, s, h, b in zip(pd, score, has, bad)
        ],
        "mean_without": mean,
        "slope": fit([one, log_odds, external, no, no * (log_odds - mean)], bad),
        "intercept": fit([one, log_odds, external, no], bad),
    }
    path = pathlib.Path(__file__).with_name("blend.json")
    path.write_text(json.dumps(result, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
