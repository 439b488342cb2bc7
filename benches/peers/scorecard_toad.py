"""`scorecard_toad.py TASK FILE`: toad's Combiner (ChiMerge), WOETransformer and ScoreCard."""

import sys

import toad
from common import answer, parts, timed
from sklearn.metrics import roc_auc_score

task, path = sys.argv[1:]
(x, y), (x_test, y_test) = parts(path)


def fit(x, y):
    data = toad.selection.select(x.assign(bad=y), target="bad", empty=0.95, iv=0.02, corr=0.95)
    combiner = toad.transform.Combiner()
    combiner.fit(data, y="bad", method="chi", min_samples=0.05, empty_separate=True)
    woe = toad.transform.WOETransformer()
    encoded = woe.fit_transform(combiner.transform(data), data["bad"], exclude=["bad"])
    columns = [c for c in encoded if c != "bad"]
    card = toad.ScoreCard(combiner=combiner, transer=woe, pdo=20, base_odds=50, base_score=600, max_iter=1000)
    card.fit(encoded[columns], encoded["bad"])
    return card, columns


fit(x[:2_000], y[:2_000])
seconds, (card, columns) = timed(lambda: fit(x, y))
auc = float(roc_auc_score(y_test, -card.predict(x_test[columns])))
answer(task, "toad", seconds, {"auc": auc, "kept": len(columns)})
