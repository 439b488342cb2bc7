"""`holdout_lightgbm.py TASK FILE`: LightGBM, tuned by 5-fold cross-validation on the training rows."""

import itertools
import sys

import lightgbm as lgb
from common import THREADS, answer, parts, timed
from sklearn.metrics import roc_auc_score

task, path = sys.argv[1:]
(x, y), (x_test, y_test) = parts(path)
text = [name for name in x if x[name].dtype.kind not in "iuf"]
x, x_test = (t.astype(dict.fromkeys(text, "category")) for t in (x, x_test))
GRID = itertools.product([7, 15, 31], [50, 200], [10.0])


def tune():
    data = lgb.Dataset(x, y, free_raw_data=False)
    best = None
    for leaves, least, l2 in GRID:
        params = {
            "objective": "binary",
            "metric": "auc",
            "learning_rate": 0.05,
            "num_leaves": leaves,
            "min_data_in_leaf": least,
            "lambda_l2": l2,
            "feature_fraction": 0.5,
            "bagging_fraction": 0.8,
            "bagging_freq": 1,
            "num_threads": THREADS,
            "deterministic": True,
            "seed": 1,
            "verbosity": -1,
            "feature_pre_filter": False,
        }
        stop = lgb.early_stopping(50, verbose=False)
        folds = lgb.cv(params, data, 2000, nfold=5, stratified=True, seed=1, callbacks=[stop])
        scores = folds["valid auc-mean"]
        if best is None or scores[-1] > best[0]:
            best = (scores[-1], params, len(scores))
    _, params, rounds = best
    return lgb.train(params, data, rounds), best


seconds, (model, (cv, params, rounds)) = timed(tune)
found = {"auc": float(roc_auc_score(y_test, model.predict(x_test))), "cv_auc": float(cv), "rounds": rounds}
found["chosen"] = {name: params[name] for name in ("num_leaves", "min_data_in_leaf", "lambda_l2")}
answer(task, "lightgbm", seconds, found)
