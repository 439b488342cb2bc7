"""The figures of tests/tests/real_events.rs, by pandas.

    DATASETS_DIR=... python real_events.py
"""

import os

import pandas as pd

FOLDER = os.environ["DATASETS_DIR"]


def online_retail():
    lines = pd.read_parquet(f"{FOLDER}/online_retail_uci/online_retail.parquet")
    print("lines", len(lines))
    known = lines[lines.CustomerID.notna()].copy()
    known["amount"] = (known.Quantity * known.UnitPrice).round(6)
    orders, returns = known[known.Quantity > 0], known[known.Quantity < 0]
    print("orders", len(orders), "returns", len(returns))
    print("of nobody", ((lines.Quantity > 0) & lines.CustomerID.isna()).sum(), ((lines.Quantity < 0) & lines.CustomerID.isna()).sum())
    for date in ["2011-06-30", "2011-12-09"]:
        end = pd.Timestamp(date) + pd.Timedelta(days=1)
        seen = known[(known.InvoiceDate < end) & (known.Quantity != 0)]
        print(date, "customers", seen.CustomerID.nunique())
        for name, rows, of in [("spent", orders, "sum"), ("orders", orders, "distinct"), ("returned", returns, "sum")]:
            for days in [None, 30]:
                start = pd.Timestamp.min if days is None else end - pd.Timedelta(days=days)
                window = rows[(rows.InvoiceDate >= start) & (rows.InvoiceDate < end)]
                sign = -1 if name == "returned" else 1
                value = sign * window.amount.sum() if of == "sum" else len(window.drop_duplicates(["CustomerID", "InvoiceDate"]))
                window = "all" if days is None else f"{days}d"
                print(f'    ("{date}", "{name}_{window}", {value:.3f}),')


def cdnow():
    columns = ["id", "date", "n", "amount"]
    lines = pd.read_csv(f"{FOLDER}/cdnow/CDNOW_master.txt", sep=r"\s+", names=columns, dtype={"id": str})
    seen = lines[lines.date <= 20211231]
    print("cdnow", len(lines), lines.duplicated().sum(), seen.id.nunique(), len(seen), round(seen.amount.sum(), 2))


online_retail()
cdnow()
