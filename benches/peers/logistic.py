"""`logistic.py TASK FILE PACKAGE`: unpenalised logistic regression to a gradient of 1e-8 a row.

PACKAGE is `glum`, `scikit-learn newton-cholesky` or `scikit-learn lbfgs`.
"""

import sys

import numpy as np
from common import answer, load, timed

task, path, package = sys.argv[1:]
x, y = load(path)
x, y = np.ascontiguousarray(x.to_numpy()), y.to_numpy().astype(float)


def glum():
    from glum import GeneralizedLinearRegressor

    def fit(rows):
        model = GeneralizedLinearRegressor(family="binomial", alpha=0, gradient_tol=2e-9, max_iter=100)
        return model.fit(x[:rows], y[:rows])

    return fit, lambda m: (m.intercept_, m.coef_)


def scikit_learn(solver, tol):
    from sklearn.linear_model import LogisticRegression

    def fit(rows):
        model = LogisticRegression(C=np.inf, solver=solver, tol=tol, max_iter=1000)
        return model.fit(x[:rows], y[:rows])

    return fit, lambda m: (m.intercept_[0], m.coef_[0])


fits = {
    "glum": glum,
    "scikit-learn newton-cholesky": lambda: scikit_learn("newton-cholesky", 2e-9),
    "scikit-learn lbfgs": lambda: scikit_learn("lbfgs", 2e-9),
}
fit, read = fits[package]()
fit(2_000)
seconds, model = timed(lambda: fit(len(y)))
intercept, coefficients = read(model)
p = 1 / (1 + np.exp(-(intercept + x @ coefficients)))
gradient = np.append(x.T @ (p - y), np.sum(p - y)) / len(y)
found = {
    "coefficients": [float(intercept), *map(float, coefficients)],
    "gradient_norm": float(np.linalg.norm(gradient)),
}
answer(task, package, seconds, found)
