"""What the peer scripts share: the rows, the clock, and the line to print."""

import json
import logging
import os
import time
import warnings
from importlib.metadata import version

import pandas as pd

warnings.simplefilter("ignore")
logging.disable(logging.CRITICAL)
THREADS = int(os.environ.get("BENCH_THREADS", "2"))


def load(path):
    """Columns and outcome; `part`, where there is one, is dropped."""
    table = pd.read_parquet(path)
    return table.drop(columns=[c for c in ("bad", "part") if c in table]), table["bad"]


def parts(path):
    """(X, y) to train on and (X, y) held out."""
    table = pd.read_parquet(path)
    train = table["part"] == "train"
    table = table.drop(columns="part")

    def part(rows):
        rows = rows.reset_index(drop=True)
        return rows.drop(columns="bad"), rows["bad"]

    return part(table[train]), part(table[~train])


def timed(call):
    start = time.perf_counter()
    answer = call()
    return time.perf_counter() - start, answer


def answer(task, package, seconds, found):
    print(json.dumps({
        "task": task,
        "package": package,
        "version": version(package.split(" ")[0]),
        "best": seconds,
        "median": seconds,
        "runs": 1,
        "found": found,
    }))
