"""`holdout_rows.py FOLDER NAME SOURCE.csv`: one data set as Parquet, the same split (`part`) for everybody.

NAME is `german` (datasets/german/data.csv) or `taiwan` (UCI_Credit_Card.csv; the outcome is its last column).
A quarter is held out, of goods and bads alike.
"""

import sys
from pathlib import Path

import numpy as np
import pandas as pd

folder, name, source = sys.argv[1:]
table = pd.read_csv(source)
if name == "german":
    table["bad"] = (table.pop("creditability") == "bad").astype(int)
else:
    table["bad"] = table.pop(table.columns[-1]).astype(int)
    table = table.drop(columns="ID")
rng = np.random.default_rng(20240904)
order = rng.random(len(table))
part = pd.Series(order).groupby(table["bad"]).rank(pct=True) <= 0.25
table["part"] = np.where(part, "test", "train")
table.to_parquet(Path(folder) / f"{name}.parquet", index=False)
