"""Writes the reference fits that the native logistic regression is held to.

    pip install -r requirements.txt
    python make_regression.py

Unpenalised fits are statsmodels' (GLM, binomial), penalised ones scikit-learn's, sign constraints scipy's
(L-BFGS-B and a Newton solution for the coefficients that are not held at 0), separation scipy's too (linprog). The columns are those of the
bundled data sets; the tests build the same columns in Rust, so the file holds results only.
"""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import statsmodels.api as sm
from scipy.optimize import linprog, minimize
from scipy.special import expit
from sklearn.linear_model import LogisticRegression

HERE = Path(__file__).parent
DATA = HERE.parents[3] / "datasets"

CREDIT = ["seniority", "term_months", "age", "expenses", "income", "assets", "debt", "amount", "price"]
GERMAN = [
    "duration_in_month",
    "credit_amount",
    "installment_rate_in_percentage_of_disposable_income",
    "present_residence_since",
    "age_in_years",
    "number_of_existing_credits_at_this_bank",
    "number_of_people_being_liable_to_provide_maintenance_for",
]


def credit():
    """Rows without a missing number, as they are: months, years and money on their own scales."""
    table = pd.read_csv(DATA / "credit" / "data.csv")
    table = table.dropna(subset=CREDIT)
    return table[CREDIT].to_numpy(float), (table["status"] == "bad").to_numpy(float)


def german():
    table = pd.read_csv(DATA / "german" / "data.csv")
    return table[GERMAN].to_numpy(float), (table["creditability"] == "bad").to_numpy(float)


def standardised(records):
    return (records - records.mean(axis=0)) / records.std(axis=0)


def weights(rows):
    return (np.arange(rows) % 4).astype(float)


def offset(rows):
    return (np.arange(rows) % 7) * 0.25 - 0.5


def unpenalised(name, records, bad, **given):
    fit = sm.GLM(bad, sm.add_constant(records, has_constant="add"), family=sm.families.Binomial(), **given)
    fit = fit.fit(tol=1e-15, maxiter=100, tol_criterion="params")
    return {
        "name": name,
        "estimates": fit.params.tolist(),
        "standard_errors": fit.bse.tolist(),
        "z": fit.tvalues.tolist(),
        "p_values": fit.pvalues.tolist(),
        "intervals": fit.conf_int(0.05).tolist(),
        "covariance": fit.cov_params().ravel().tolist(),
        "deviance": fit.deviance,
        "null_deviance": fit.null_deviance,
        "log_likelihood": fit.llf,
        "aic": fit.aic,
        "bic": fit.bic_llf,
    }


def penalised(name, records, bad, l2, l1, weight=None):
    """scikit-learn minimises C * sum of logloss + (1 - r)/2 * |b|^2 + r * |b|_1."""
    if l1 == 0:
        fit = LogisticRegression(solver="newton-cholesky", C=1 / l2, tol=1e-14, max_iter=1000)
    else:
        fit = LogisticRegression(
            penalty="elasticnet", solver="saga", C=1 / (l1 + l2), l1_ratio=l1 / (l1 + l2), tol=1e-14,
            max_iter=100_000, random_state=0,
        )
    fit.fit(records, bad, sample_weight=weight)
    return {"name": name, "l2": l2, "l1": l1, "intercept": float(fit.intercept_[0]), "coefficients": fit.coef_[0].tolist()}


def constrained(name, records, bad, signs):
    """Maximum likelihood with coefficients of given signs (-1: 0 or less, 1: 0 or more)."""
    design = np.column_stack([np.ones(len(bad)), records])

    def loss(b):
        odds = design @ b
        return np.sum(np.logaddexp(0, odds) - bad * odds), design.T @ (expit(odds) - bad)

    bounds = [(None, None)] + [(None, 0) if s < 0 else (0, None) for s in signs]
    found = minimize(loss, np.zeros(design.shape[1]), jac=True, method="L-BFGS-B", bounds=bounds,
                     options={"ftol": 1e-16, "gtol": 1e-9, "maxiter": 10_000, "maxfun": 100_000}).x
    free = np.abs(found) > 1e-7
    free[0] = True
    at = np.where(free, found, 0)
    for _ in range(20):
        p = expit(design @ at)
        hessian = (design[:, free] * (p * (1 - p))[:, None]).T @ design[:, free]
        at[free] -= np.linalg.solve(hessian, design[:, free].T @ (p - bad))
    slope = loss(at)[1]
    assert all(free[j + 1] or slope[j + 1] * s > 0 for j, s in enumerate(signs)), "not optimal"
    assert all(at[j + 1] * s >= 0 for j, s in enumerate(signs)), "not allowed"
    return {"name": name, "signs": signs, "intercept": float(at[0]), "coefficients": at[1:].tolist()}


def separation(rng):
    """A small table, and whether bad and good are separated: the linear programs of Konis (2007)."""
    rows, columns = int(rng.integers(6, 30)), int(rng.integers(1, 4))
    records = rng.integers(0, 3, size=(rows, columns)) + (rng.random((rows, columns)).round(2) if rng.random() < 0.5 else 0)
    bad = rng.random(rows) < 1 / (1 + np.exp(-(2 * records[:, 0] - 2)))
    bad[:2] = [True, False]
    towards = np.column_stack([np.ones(rows), records]) * np.where(bad, 1, -1)[:, None]
    box = [(-1, 1)] * (columns + 1)
    gain = -linprog(-towards.sum(axis=0), A_ub=-towards, b_ub=np.zeros(rows), bounds=box).fun
    least = -linprog(
        [0] * (columns + 1) + [-1], A_ub=np.column_stack([-towards, np.ones(rows)]), b_ub=np.zeros(rows),
        bounds=box + [(None, 1)],
    ).fun
    kind = "complete" if least > 1e-9 else "quasi" if gain > 1e-9 else "none"
    return {"records": records.tolist(), "bad": bad.tolist(), "separation": kind}


def cases():
    sets = {"credit": credit(), "german": german()}
    free, penalties, signed = [], [], []
    for name, (records, bad) in sets.items():
        rows = len(bad)
        free.append({"data": name} | unpenalised("plain", records, bad))
        free.append({"data": name} | unpenalised("weights", records, bad, freq_weights=weights(rows)))
        free.append({"data": name} | unpenalised("offset", records, bad, offset=offset(rows)))
        both = {"freq_weights": weights(rows), "offset": offset(rows)}
        free.append({"data": name} | unpenalised("weights and offset", records, bad, **both))
        scaled = standardised(records)
        for l2, l1 in [(1.0, 0.0), (100.0, 0.0), (0.0, 5.0), (0.0, 40.0), (10.0, 20.0), (50.0, 2.0)]:
            penalties.append({"data": name} | penalised("plain", scaled, bad, l2, l1))
        penalties.append({"data": name} | penalised("weights", scaled, bad, 2.0, 30.0, weights(rows)))
        for sign in (-1, 1):
            signed.append({"data": name} | constrained("one sign", scaled, bad, [sign] * records.shape[1]))
        mixed = [1 if j % 2 else -1 for j in range(records.shape[1])]
        signed.append({"data": name} | constrained("mixed signs", scaled, bad, mixed))
    rng = np.random.default_rng(5)
    small = [separation(rng) for _ in range(120)]
    return {"unpenalised": free, "penalised": penalties, "signed": signed, "separation": small}


parts = [
    f'"{key}": [\n' + ",\n".join(json.dumps(case, allow_nan=False) for case in value) + "\n]"
    for key, value in cases().items()
]
(HERE / "regression.json").write_text("{\n" + ",\n".join(parts) + "\n}\n", encoding="utf-8", newline="\n")
