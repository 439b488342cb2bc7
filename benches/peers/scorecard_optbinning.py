"""`scorecard_optbinning.py TASK FILE...`: optbinning's BinningProcess and Scorecard on each file's split."""

import statistics
import sys

from common import THREADS, answer, parts, timed
from optbinning import BinningProcess, Scorecard
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

task, *paths = sys.argv[1:]


def split(path):
    (x, y), (x_test, y_test) = parts(path)
    categories = [name for name in x if x[name].dtype.kind not in "iuf"]
    x, x_test = (t.astype(dict.fromkeys(categories, object)) for t in (x, x_test))
    return categories, (x, y), (x_test, y_test)


def fit(categories, x, y):
    process = BinningProcess(
        list(x.columns),
        categorical_variables=categories,
        selection_criteria={"iv": {"min": 0.02}},
        n_jobs=THREADS,
    )
    card = Scorecard(
        process,
        LogisticRegression(max_iter=1000),
        scaling_method="pdo_odds",
        scaling_method_params={"pdo": 20, "odds": 50, "scorecard_points": 600},
    )
    return card.fit(x, y)


def measure(path):
    categories, (x, y), (x_test, y_test) = split(path)
    if path == paths[0]:
        fit(categories, x[:2_000], y[:2_000])  # imports, workers and solver start before the clock
    seconds, card = timed(lambda: fit(categories, x, y))
    found = {
        "auc": float(roc_auc_score(y_test, card.predict_proba(x_test)[:, 1])),
        "kept": int(card.binning_process_.get_support().sum()),
        "total_iv": float(card.binning_process_.summary()["iv"].sum()),
    }
    return seconds, found


measured = [measure(path) for path in paths]
found = dict(measured[0][1], aucs=[found["auc"] for _, found in measured])
answer(task, "optbinning", statistics.median(seconds for seconds, _ in measured), found)
