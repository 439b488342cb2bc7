"""`batch.py TASK TRAIN FILE OUT PACKAGE`: scores FILE into OUT by PACKAGE: `onnxruntime` behind polars or `scikit-learn` behind pandas.

The model is a logistic regression on TRAIN: missing numbers as 0, categories one-hot, which is the cheapest there is. The clock runs
from the file's name to the written file: read id and columns, code them, pd of each row, write id and pd. CSV or Parquet, as
the extensions say.
"""

import os
import sys
import time

import numpy as np
from common import THREADS, answer, load

os.environ["POLARS_MAX_THREADS"] = str(THREADS)
task, train, path, out, package = sys.argv[1:]
x, y = load(train)
from sklearn.linear_model import LogisticRegression

levels = {name: sorted(x[name].unique()) for name in x if x[name].dtype.kind not in "iuf"}
plain = [name for name in x if name not in levels]


def coded(table):
    """The matrix of a pandas table."""
    parts = [table[plain].fillna(0).to_numpy(float)]
    parts += [(table[name].to_numpy()[:, None] == np.array(found)[None, :]).astype(float) for name, found in levels.items()]
    return np.hstack(parts)


matrix = coded(x)
scale = np.abs(matrix).max(axis=0)
model = LogisticRegression(max_iter=1000).fit(matrix / scale, y)
model.coef_ /= scale


def onnxruntime():
    import onnxruntime as ort
    import polars as pl
    from skl2onnx import to_onnx

    sample = np.zeros((1, matrix.shape[1]), dtype=np.float32)
    converted = to_onnx(model, sample, options={"zipmap": False}, target_opset=15)
    options = ort.SessionOptions()
    options.intra_op_num_threads = THREADS
    session = ort.InferenceSession(converted.SerializeToString(), options, providers=["CPUExecutionProvider"])
    names = [session.get_inputs()[0].name, session.get_outputs()[1].name]
    columns = [pl.col(name).fill_null(0).cast(pl.Float32) for name in plain]
    columns += [(pl.col(name) == level).cast(pl.Float32).alias(f"{name} {level}") for name, found in levels.items() for level in found]
    read = pl.read_csv if path.endswith(".csv") else pl.read_parquet

    def run():
        table = read(path, columns=["id", *x])
        rows = np.ascontiguousarray(table.select(columns).to_numpy())
        scored = table.select("id").with_columns(pd=pl.Series(session.run(names[1:], {names[0]: rows})[0][:, 1]))
        scored.write_csv(out) if out.endswith(".csv") else scored.write_parquet(out)
        return len(scored)

    return run


def scikit_learn():
    import pandas as pd

    def run():
        if path.endswith(".csv"):
            table = pd.read_csv(path, usecols=["id", *x])
        else:
            table = pd.read_parquet(path, columns=["id", *x])
        scored = table[["id"]].assign(pd=model.predict_proba(coded(table))[:, 1])
        scored.to_csv(out, index=False) if out.endswith(".csv") else scored.to_parquet(out, index=False)
        return len(scored)

    return run


run = {"onnxruntime": onnxruntime, "scikit-learn": scikit_learn}[package]()
seconds = []
for _ in range(3):
    start = time.perf_counter()
    rows = run()
    seconds.append(time.perf_counter() - start)
name = {"onnxruntime": "polars + onnxruntime", "scikit-learn": "pandas + scikit-learn"}[package]
answer(task, name, float(np.median(seconds)), {"rows": rows})
