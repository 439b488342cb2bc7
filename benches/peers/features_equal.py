"""`features_equal.py OURS OTHER..`: whether all have the same customers, columns and values (1e-9 of the value; what no number stands for as missing)."""

import sys

import numpy as np
import pandas as pd

ours = pd.read_parquet(sys.argv[1]).set_index("customer")
for path in sys.argv[2:]:
    other = pd.read_parquet(path).set_index("customer")
    assert list(ours.index) == list(other.index), f"{path}: other customers"
    for name in other.drop(columns="as_of", errors="ignore"):
        a, b = ours[name].to_numpy(float), other[name].to_numpy(float)
        a, b = (np.where(np.isinf(x), np.nan, x) for x in (a, b))
        same = (np.isnan(a) & np.isnan(b)) | (np.abs(a - b) <= 1e-9 * np.maximum(1, np.abs(b)))
        if not same.all():
            at = np.flatnonzero(~same)
            print(f"{path}: {name}: {len(at)} differ, the first of {ours.index[at[0]]}: {a[at[0]]} and {b[at[0]]}")
            sys.exit(1)
    print(f"{path}: {other.shape[0]} customers, {other.shape[1]} features, all equal")
