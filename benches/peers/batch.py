"""`batch.py TASK TRAIN FILE OUT PACKAGE`: scores FILE into OUT by PACKAGE: `onnxruntime` behind polars or `scikit-learn` behind pandas.

The model is a logistic regression on TRAIN. The clock runs from the file's name to the written file: read id and columns, pd
of each row, write id and pd. CSV or Parquet, as the extensions say.
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

model = LogisticRegression().fit(x.to_numpy(float), y)
columns = list(x)


def onnxruntime():
    import onnxruntime as ort
    import polars as pl
    from skl2onnx import to_onnx

    sample = np.zeros((1, len(columns)), dtype=np.float32)
    converted = to_onnx(model, sample, options={"zipmap": False}, target_opset=15)
    options = ort.SessionOptions()
    options.intra_op_num_threads = THREADS
    session = ort.InferenceSession(converted.SerializeToString(), options, providers=["CPUExecutionProvider"])
    names = [session.get_inputs()[0].name, session.get_outputs()[1].name]
    read = pl.read_csv if path.endswith(".csv") else pl.read_parquet

    def run():
        table = read(path, columns=["id", *columns])
        matrix = table.select(columns).cast(pl.Float32).to_numpy()
        pd = session.run(names[1:], {names[0]: np.ascontiguousarray(matrix)})[0][:, 1]
        scored = table.select("id").with_columns(pd=pl.Series(pd))
        scored.write_csv(out) if out.endswith(".csv") else scored.write_parquet(out)
        return len(scored)

    return run


def scikit_learn():
    import pandas as pd

    def run():
        if path.endswith(".csv"):
            table = pd.read_csv(path, usecols=["id", *columns])
        else:
            table = pd.read_parquet(path, columns=["id", *columns])
        scored = table[["id"]].assign(pd=model.predict_proba(table[columns].to_numpy())[:, 1])
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
