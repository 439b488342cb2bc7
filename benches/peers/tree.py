"""`tree.py TASK FILE PACKAGE`: one decision tree of depth 6 with leaves of 50 rows or more, and its AUC on the same rows.

PACKAGE is `lightgbm` (one tree, at most 64 leaves, its 255 bins; the data set is made inside the clock, from a float table)
or `scikit-learn` (`DecisionTreeClassifier`).
"""

import sys

import numpy as np
from common import THREADS, answer, load, timed
from sklearn.metrics import roc_auc_score

task, path, package = sys.argv[1:]
x, y = load(path)
x, y = np.ascontiguousarray(x.to_numpy(float)), y.to_numpy()


def lightgbm():
    import lightgbm as lgb

    params = {
        "objective": "binary",
        "learning_rate": 1.0,
        "max_depth": 6,
        "num_leaves": 64,
        "min_data_in_leaf": 50,
        "min_sum_hessian_in_leaf": 0,
        "num_threads": THREADS,
        "verbose": -1,
    }
    return lambda rows: lgb.train(params, lgb.Dataset(x[:rows], y[:rows]), 1), lambda model: model.predict(x)


def scikit_learn():
    from sklearn.tree import DecisionTreeClassifier

    def fit(rows):
        return DecisionTreeClassifier(max_depth=6, min_samples_leaf=50, random_state=0).fit(x[:rows], y[:rows])

    return fit, lambda model: model.predict_proba(x)[:, 1]


fit, predict = {"lightgbm": lightgbm, "scikit-learn": scikit_learn}[package]()
fit(2_000)
seconds, model = timed(lambda: fit(len(y)))
answer(task, package, seconds, {"auc": float(roc_auc_score(y, predict(model)))})
