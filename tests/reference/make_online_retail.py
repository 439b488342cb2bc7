"""The bar of tests/tests/events_to_models.rs: LightGBM on the features that arrears makes of Online Retail.

    DATASETS_DIR=... ARREARS=target/release/arrears python make_online_retail.py

writes online_retail.json. Rows as of four dates are to train on; those as of 2011-09-09, when the 90 days after the last of them
were over, are held out. What is chosen (leaves, rows a leaf, share of features, rounds) is chosen by cross-validation on the training
rows, rows of a customer in one fold; the bar is the AUC of five such models of different seeds together. A decision tree of
scikit-learn, chosen in the same way, stands beside our tree.
"""

import itertools
import json
import os
import pathlib
import shutil
import subprocess
import tempfile

import lightgbm as lgb
import numpy as np
import pandas as pd
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedGroupKFold
from sklearn.tree import DecisionTreeClassifier

HERE = pathlib.Path(__file__).parent
TRAIN = ["2011-03-11", "2011-04-11", "2011-05-11", "2011-06-11"]
HELD_OUT = "2011-09-09"


def features():
    """The rows that arrears makes, with column `bad`."""
    with tempfile.TemporaryDirectory() as room:
        room = pathlib.Path(room)
        data = pathlib.Path(os.environ["DATASETS_DIR"]) / "online_retail_uci/online_retail.parquet"
        (room / "online_retail.parquet").symlink_to(data.resolve())
        shutil.copy(HERE / "../recipes/online_retail_returners.toml", room / "retail.toml")
        dates = ",".join([*TRAIN, HELD_OUT])
        arrears = os.environ["ARREARS"]
        subprocess.run([arrears, "features", "retail.toml", "--as-of", dates, "--labels", "-o", "rows.csv"], cwd=room, check=True)
        return pd.read_csv(room / "rows.csv", dtype={"customer": str})


rows = features()
names = [name for name in rows if name not in ("customer", "as_of", "bad")]
train, test = rows[rows.as_of.isin(TRAIN)], rows[rows.as_of == HELD_OUT]
x, y = train[names].astype(float), train.bad.to_numpy()
x_test, y_test = test[names].astype(float), test.bad.to_numpy()
folds = list(StratifiedGroupKFold(5, shuffle=True, random_state=0).split(x, y, train.customer))


def lightgbm():
    best = (0, None, None)
    for leaves, rows_a_leaf, share in itertools.product([3, 4, 8, 16], [20, 60, 150], [0.3, 0.7]):
        params = dict(
            objective="binary", metric="auc", learning_rate=0.03, num_leaves=leaves, min_data_in_leaf=rows_a_leaf,
            feature_fraction=share, bagging_fraction=0.8, bagging_freq=1, lambda_l2=1.0,
            seed=0, num_threads=1, deterministic=True, force_row_wise=True, verbose=-1,
        )
        stop = lgb.early_stopping(100, verbose=False)
        scores = lgb.cv(params, lgb.Dataset(x, y), 1500, folds=folds, callbacks=[stop])["valid auc-mean"]
        print(leaves, rows_a_leaf, share, len(scores), round(max(scores), 4), flush=True)
        if max(scores) > best[0]:
            best = (max(scores), params, int(np.argmax(scores)) + 1)
    auc, params, rounds = best
    models = [lgb.train({**params, "seed": seed}, lgb.Dataset(x, y), rounds) for seed in range(5)]
    together = sum(model.predict(x_test) for model in models)
    chosen = {key: params[key] for key in ["num_leaves", "min_data_in_leaf", "feature_fraction", "learning_rate"]}
    return {"auc": roc_auc_score(y_test, together), "auc_in_folds": auc, "chosen": {**chosen, "rounds": rounds}}


def tree():
    # As in years before scikit-learn could leave them out: missing is below all.
    known, known_test = x.fillna(-1e9), x_test.fillna(-1e9)
    best = (0, None)
    for depth, rows_a_leaf in itertools.product([4, 5, 6, 8], [50, 100, 200, 300, 400]):
        model = DecisionTreeClassifier(criterion="entropy", max_depth=depth, min_samples_leaf=rows_a_leaf, random_state=0)
        fitted = ((model.fit(known.iloc[a], y[a]), b) for a, b in folds)
        auc = float(np.mean([roc_auc_score(y[b], model.predict_proba(known.iloc[b])[:, 1]) for model, b in fitted]))
        best = max(best, (auc, (depth, rows_a_leaf)))
    depth, rows_a_leaf = best[1]
    model = DecisionTreeClassifier(criterion="entropy", max_depth=depth, min_samples_leaf=rows_a_leaf, random_state=0)
    auc = roc_auc_score(y_test, model.fit(known, y).predict_proba(known_test)[:, 1])
    return {"auc": auc, "auc_in_folds": best[0], "chosen": {"max_depth": depth, "min_samples_leaf": rows_a_leaf}}


by_date = [[date, len(part), int(part.bad.sum())] for date, part in rows.groupby("as_of")]
found = {"made_by": "make_online_retail.py", "by_date": by_date, "features": names, "lightgbm": lightgbm(), "tree": tree()}
(HERE / "online_retail.json").write_text(json.dumps(found, indent=1) + "\n")
print(found["lightgbm"], found["tree"])
