"""`features_polars.py FOLDER OUT`: the features of `features_list.py` in polars, lazy and streaming, from the tables of FOLDER into OUT."""

import os
import sys
import time
from datetime import datetime, timedelta, timezone

from common import THREADS, answer

os.environ["POLARS_MAX_THREADS"] = str(THREADS)
import polars as pl
from features_list import AS_OF, NAMES, RATIOS, TABLES, WINDOWS

folder, out = sys.argv[1:]
day = datetime.fromisoformat(AS_OF).replace(tzinfo=timezone.utc)
end = day + timedelta(days=1)
start_of = {days: end - timedelta(days=days) for days in WINDOWS}


def scan(table, at):
    rows = pl.scan_parquet(f"{folder}/{table}.parquet").rename({at: "at"})
    return rows.filter((pl.col("at") < end) & (pl.col("at") >= start_of[365]))


def sources():
    orders = scan("orders", "ordered_at").with_columns(day=pl.col("at").dt.date())
    paid = pl.col("paid_at") < end
    until = pl.when(paid).then(pl.col("paid_at").dt.date()).otherwise(pl.lit(day.date()))
    payments = scan("payments", "due_at").with_columns(
        is_open=~paid.fill_null(False), days_late=(until - pl.col("at").dt.date()).dt.total_days()
    )
    ordered = pl.scan_parquet(f"{folder}/orders.parquet").group_by("order").agg(pl.col("ordered_at").min())
    returns = scan("returns", "returned_at").join(ordered, on="order", how="left").with_columns(
        days_to_return=(pl.col("at").dt.date() - pl.col("ordered_at").dt.date()).dt.total_days()
    )
    return {"orders": orders, "payments": payments, "returns": returns}


def aggregate(kind, column, condition, days):
    window = pl.col("at") >= start_of[days]
    both = window & pl.sql_expr(condition) if condition else window
    if kind == "count":
        return both.sum()
    if kind == "distinct":
        return pl.col(column).filter(both & pl.col(column).is_not_null()).n_unique()
    if kind == "share" and column is None:
        return both.sum() / window.sum()
    if kind == "share":
        return pl.col(column).filter(both).sum() / pl.col(column).filter(window).sum()
    return getattr(pl.col(column).filter(both), kind)()


def run():
    answers = pl.scan_parquet(f"{folder}/customers.parquet").filter(pl.col("joined_at") < end).select("customer")
    tables = sources()
    for table, features in TABLES.items():
        parts = [aggregate(*how, days).alias(f"{name}_{days}d") for name, how in features.items() for days in WINDOWS]
        answers = answers.join(tables[table].group_by("customer").agg(parts), on="customer", how="left")
    zero = [f"{name}_{days}d" for f in TABLES.values() for name, how in f.items() if how[0] in ("count", "distinct", "sum") for days in WINDOWS]
    answers = answers.with_columns(pl.col(zero).fill_null(0))
    ratios = [
        (pl.col(f"{above}_{days}d") / pl.col(f"{below}_{days}d")).alias(f"{name}_{days}d")
        for name, (above, below) in RATIOS.items() for days in WINDOWS
    ]
    answers = answers.with_columns(ratios).select("customer", *[f"{name}_{days}d" for name in NAMES for days in WINDOWS])
    answers.sort("customer").collect(engine="streaming").write_parquet(out)


start = time.perf_counter()
run()
seconds = time.perf_counter() - start
answer("features", "polars", seconds, {"seconds": seconds})
