"""`scorecard_optbinning.py TASK FILE`: optbinning's BinningProcess and Scorecard."""

import sys

from common import THREADS, answer, parts, timed
from optbinning import BinningProcess, Scorecard
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

task, path = sys.argv[1:]
(x, y), (x_test, y_test) = parts(path)
categories = [name for name in x if x[name].dtype.kind not in "iuf"]
x, x_test = (t.astype(dict.fromkeys(categories, object)) for t in (x, x_test))


def fit(x, y):
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


fit(x[:2_000], y[:2_000])  # imports, workers and solver start before the clock
seconds, card = timed(lambda: fit(x, y))
found = {
    "auc": float(roc_auc_score(y_test, card.predict_proba(x_test)[:, 1])),
    "kept": int(card.binning_process_.get_support().sum()),
    "total_iv": float(card.binning_process_.summary()["iv"].sum()),
}
answer(task, "optbinning", seconds, found)
