"""`scorecard_scorecardpy.py TASK FILE`: scorecardpy's filter, woebin and card; scikit-learn's regression."""

import contextlib
import io
import sys

import scorecardpy as sc
from common import THREADS, answer, parts, timed
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

task, path = sys.argv[1:]
(x, y), (x_test, y_test) = parts(path)


def fit(x, y):
    data = sc.var_filter(x.assign(bad=y), y="bad", iv_limit=0.02)
    bins = sc.woebin(data, y="bad", no_cores=THREADS)
    woe = sc.woebin_ply(data, bins, no_cores=THREADS)
    columns = [c for c in woe if c != "bad"]
    model = LogisticRegression(max_iter=1000).fit(woe[columns], woe["bad"])
    return bins, columns, model, sc.scorecard(bins, model, columns)


with contextlib.redirect_stdout(io.StringIO()):
    fit(x[:2_000], y[:2_000])
    seconds, (bins, columns, model, card) = timed(lambda: fit(x, y))
    woe = sc.woebin_ply(x_test, bins, no_cores=1)
found = {
    "auc": float(roc_auc_score(y_test, model.predict_proba(woe[columns])[:, 1])),
    "kept": len(columns),
    "total_iv": float(sum(table["total_iv"].iloc[0] for table in bins.values())),
}
answer(task, "scorecardpy", seconds, found)
