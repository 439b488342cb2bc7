"""`holdout_rows.py FOLDER NAME SOURCE.csv SPLITS`: one data set as Parquet, the same splits (`part`) for everybody.

NAME is `german` (datasets/german/data.csv) or `taiwan` (UCI_Credit_Card.csv; the outcome is its last column).
Each split holds out a quarter, of goods and bads alike, and has a file of its own: NAME_01.parquet and so on. Where few
rows are held out, one split says little: its AUC is off by 0.03 as easily as not.
"""

import sys
from pathlib import Path

import numpy as np
import pandas as pd

folder, name, source, splits = sys.argv[1:]
table = pd.read_csv(source)
if name == "german":
    table["bad"] = (table.pop("creditability") == "bad").astype(int)
else:
    table["bad"] = table.pop(table.columns[-1]).astype(int)
    table = table.drop(columns="ID")
rng = np.random.default_rng(20240904)
for split in range(1, int(splits) + 1):
    order = rng.random(len(table))
    part = pd.Series(order).groupby(table["bad"]).rank(pct=True) <= 0.25
    table["part"] = np.where(part, "test", "train")
    table.to_parquet(Path(folder) / f"{name}_{split:02}.parquet", index=False)
