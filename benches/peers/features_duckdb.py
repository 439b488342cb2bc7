"""`features_duckdb.py FOLDER OUT`: the features of `features_list.py` in DuckDB SQL, from the tables of FOLDER into OUT."""

import sys
import time

import duckdb
from common import THREADS, answer
from features_list import AS_OF, NAMES, RATIOS, TABLES, WINDOWS

folder, out = sys.argv[1:]

SOURCES = {
    "orders": "select customer, ordered_at as event_at, \"order\", amount, quantity, discount, ordered_at::date as day, category, product,"
    " channel, method from '{folder}/orders.parquet'",
    "payments": "select customer, due_at as event_at, amount, method, paid_at is null or paid_at >= {end} as is_open,"
    " case when paid_at < {end} then paid_at::date else date '{as_of}' end - due_at::date as days_late"
    " from '{folder}/payments.parquet'",
    "returns": "select r.customer, returned_at as event_at, r.\"order\", r.amount, r.quantity, reason,"
    " returned_at::date - o.ordered_at::date as days_to_return from '{folder}/returns.parquet' r"
    " left join (select \"order\", min(ordered_at) as ordered_at from '{folder}/orders.parquet' group by \"order\") o"
    " on o.\"order\" = r.\"order\"",
}


def aggregate(kind, column, condition, days):
    column = f'"{column}"' if column else None
    window = f"event_at >= {START[days]}"
    both = f"{window} and {condition}" if condition else window
    if kind == "count":
        return f"count(*) filter (where {both})"
    if kind == "distinct":
        return f"count(distinct {column}) filter (where {both})"
    if kind == "share" and column is None:
        return f"count(*) filter (where {both}) / nullif(count(*) filter (where {window}), 0)"
    if kind == "share":
        total = f"nullif(sum({column}) filter (where {window}), 0)"
        return f"coalesce(sum({column}) filter (where {both}), 0) / {total}"
    return f"{'avg' if kind == 'mean' else kind}({column}) filter (where {both})"


END = f"(timestamptz '{AS_OF} 00:00:00+00' + interval 1 day)"
START = {days: f"({END} - interval {days} day)" for days in WINDOWS}
joined, columns = "", []
for table, features in TABLES.items():
    source = SOURCES[table].format(folder=folder, end=END, as_of=AS_OF)
    parts = [f"{aggregate(*how, days)} as {name}_{days}d" for name, how in features.items() for days in WINDOWS]
    joined += f" left join (select customer, {', '.join(parts)} from ({source}) where event_at < {END} and event_at >= {START[365]}"
    joined += f" group by customer) {table} using (customer)"
counts = {name for features in TABLES.values() for name, how in features.items() if how[0] in ("count", "distinct", "sum")}
for name in NAMES:
    for days in WINDOWS:
        full = f"{name}_{days}d"
        if name in RATIOS:
            above, below = (f"{part}_{days}d" for part in RATIOS[name])
            columns.append(f"coalesce({above}, 0) / nullif({below}, 0) as {full}")
        else:
            columns.append(f"coalesce({full}, 0) as {full}" if name in counts else full)
known = f"(select customer from '{folder}/customers.parquet' where joined_at < {END})"
query = f"copy (select customer, {', '.join(columns)} from {known} {joined} order by customer) to '{out}' (format parquet)"

connection = duckdb.connect()
connection.execute(f"set threads = {THREADS}; set timezone = 'UTC'")
start = time.perf_counter()
connection.execute(query)
seconds = time.perf_counter() - start
answer("features", "duckdb", seconds, {"seconds": seconds})
