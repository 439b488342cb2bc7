"""`scoring.py TASK FILE PACKAGE MODEL [row | doubles | frame]`: scores the rows of FILE with MODEL (`tree` of depth 6 or `logistic`) by
PACKAGE (`onnxruntime` or `scikit-learn`): the pd of all rows of a matrix in memory, as the package takes it (single precision for
ONNX Runtime), with `doubles` from a matrix of doubles that is turned into it first, with `frame` from a pandas data frame, or with
`row` one row a call.
"""

import sys
import time

import numpy as np
from common import THREADS, answer, load
from sklearn.linear_model import LogisticRegression
from sklearn.tree import DecisionTreeClassifier

task, path, package, kind = sys.argv[1:5]
start = (sys.argv[5:] or ["matrix"])[0]
frame, y = load(path)
x, y = np.ascontiguousarray(frame.to_numpy(float)), y.to_numpy()
models = {
    "tree": DecisionTreeClassifier(max_depth=6, min_samples_leaf=50, random_state=0),
    "logistic": LogisticRegression(),
}
model = models[kind].fit(x[:100_000], y[:100_000])


def onnxruntime():
    """The converted model as a session without ZipMap, its float32 matrix, and a call."""
    import onnxruntime as ort
    from skl2onnx import to_onnx

    matrix = np.ascontiguousarray(x, dtype=np.float32)
    converted = to_onnx(model, matrix[:1], options={"zipmap": False}, target_opset=15)
    options = ort.SessionOptions()
    options.intra_op_num_threads = THREADS
    session = ort.InferenceSession(converted.SerializeToString(), options, providers=["CPUExecutionProvider"])
    names = [session.get_inputs()[0].name, session.get_outputs()[1].name]
    return matrix, lambda rows: session.run(names[1:], {names[0]: rows})[0][:, 1]


def scikit_learn():
    return x, lambda rows: model.predict_proba(rows)[:, 1]


matrix, predict = {"onnxruntime": onnxruntime, "scikit-learn": scikit_learn}[package]()
off = float(np.abs(predict(matrix[:10_000]) - model.predict_proba(x[:10_000])[:, 1]).max())
seconds = []
if start == "row":
    rows = [matrix[i : i + 1] for i in range(300)]
    for row in rows:
        began = time.perf_counter()
        predict(row)
        seconds.append(time.perf_counter() - began)
else:
    rows = {
        "matrix": lambda: matrix,
        "doubles": lambda: x.astype(matrix.dtype),
        "frame": lambda: frame.to_numpy(dtype=matrix.dtype),
    }[start]
    for _ in range(7):
        began = time.perf_counter()
        predict(rows())
        seconds.append(time.perf_counter() - began)
median = float(np.median(seconds))
name = f"{package} {kind}" + {"doubles": " from doubles", "frame": " from a data frame"}.get(start, "")
answer(task, name, median, {"model": kind, "ns_a_row": median * 1e9 / (1 if start == "row" else len(matrix)), "off": off})
