"""Labels, vintages and roll rates by pandas, day by day, for crates/behavior/tests/labels.rs.

Every answer is found by asking each bill on each day whether it is open: no stretches, no sorting, another time zone
library. Run: python make_reference.py, with pandas of requirements.txt. The events are made up.
"""

import json
import random
from pathlib import Path

import pandas as pd

HERE = Path(__file__).parent
ZONE = "Europe/London"
COMPLETE = "2024-12-31"
BUCKETS = [0, 1, 30, 60, 90]


def moment(rng, first, last):
    seconds = rng.randrange(int(pd.Timestamp(first, tz=ZONE).timestamp()), int(pd.Timestamp(last, tz=ZONE).timestamp()))
    # often close to a local midnight, where days are decided
    if rng.random() < 0.3:
        day = pd.Timestamp(seconds, unit="s", tz=ZONE).normalize()
        seconds = int(day.timestamp()) + rng.choice([-1, 0, 1])
    return pd.Timestamp(seconds, unit="s", tz="UTC")


def events():
    rng = random.Random(20)
    rows = []
    for n in range(80):
        customer = f"c{n:02}"
        joined = moment(rng, "2022-06-01", "2024-11-30")
        if n % 10:
            rows.append(("customers", customer, joined, joined, "", "", ""))
        for k in range(rng.randrange(9)):
            at = moment(rng, joined.date(), "2025-03-01") if joined.date() < pd.Timestamp("2025-02-01").date() else joined
            rows.append(("orders", customer, at, at, f"o{n}-{k // 2}", "", ""))
            if rng.random() < 0.5:
                back = at + pd.Timedelta(days=rng.randrange(1, 60))
                rows.append(("returns", customer, back, back, f"r{n}-{k // 2}" if k % 3 else "", "", ""))
        for _ in range(rng.randrange(12)):
            due = moment(rng, joined.date(), "2025-03-01")
            delay = rng.choice([-2, 0, 0, 1, 5, 20, 29, 30, 31, 45, 59, 60, 61, 75, 89, 90, 91, 92, 200, None])
            paid = "" if delay is None else due + pd.Timedelta(days=delay, seconds=rng.choice([0, 0, 40_000, -40_000]))
            amount = rng.choice([5, 20, 40.5, 100, 0, -10])
            known = due + pd.Timedelta(days=rng.choice([0, 0, 0, 10]))
            rows.append(("payments", customer, due, known, "", amount, paid))
    names = ["table", "customer", "at", "known_at", "id", "amount", "paid_at"]
    return pd.DataFrame(rows, columns=names)


def local_day(column):
    return pd.to_datetime(column, utc=True).dt.tz_convert(ZONE).dt.tz_localize(None).dt.normalize()


def end_of(day):
    return (pd.Timestamp(day) + pd.Timedelta(days=1)).tz_localize(ZONE)


class Bills:
    """Bills with an amount, as known before a moment."""

    def __init__(self, frame, known, materiality):
        bills = frame[(frame.table == "payments") & (frame.known_at < known) & (frame["at"] < known)].copy()
        bills = bills[bills.amount.astype(float) > 0]
        bills["due"] = local_day(bills["at"])
        bills["paid"] = pd.to_datetime(bills.paid_at, utc=True)
        bills.loc[bills.paid >= known, "paid"] = pd.NaT
        bills["paid_day"] = local_day(bills.paid)
        self.materiality = materiality
        self.of = {customer: rows for customer, rows in bills.groupby("customer")}

    def days_past_due(self, customer, day):
        if customer not in self.of:
            return 0
        rows = self.of[customer]
        open_ = rows[(rows.due < day) & (rows.paid_day.isna() | (rows.paid_day > day))]
        if len(open_) == 0 or open_.amount.astype(float).sum() <= self.materiality:
            return 0
        return (day - open_.due.min()).days


def label(frame, customer, as_of, options):
    day, moment_ = pd.Timestamp(as_of), end_of(as_of)
    kinds = ["customers", "orders", "payments", "returns"]
    mine = frame[(frame.customer == customer) & frame.table.isin(kinds)]
    known = mine[(mine["at"] < moment_) & (mine.known_at < moment_)]
    if len(known) == 0:
        return "not yet a customer", None
    last = day + pd.Timedelta(days=options["performance_days"])
    if last > pd.Timestamp(COMPLETE):
        return "immature", None
    materiality = options.get("materiality", 0)
    if options["kind"] == "past_due":
        then = Bills(mine, moment_, materiality)
        if then.days_past_due(customer, day) >= options.get("already_bad_days", options.get("bad_days", 90)):
            return "already bad", None
    if (day - local_day(known["at"]).min()).days < options.get("min_history_days", 0):
        return "too young", None
    if "activity_days" in options:
        acts = local_day(known[known.table != "customers"]["at"])
        if not (acts > day - pd.Timedelta(days=options["activity_days"])).any():
            return "no activity", None
    days = pd.date_range(day + pd.Timedelta(days=1), last)
    if options["kind"] == "past_due":
        bills = Bills(mine, end_of(COMPLETE), materiality)
        worst = max(bills.days_past_due(customer, d) for d in days)
        if worst >= options.get("bad_days", 90):
            return "bad", worst
        return ("indeterminate" if worst >= options.get("indeterminate_days", 30) else "good"), worst
    complete = end_of(COMPLETE)
    window = mine[(mine["at"] >= moment_) & (mine["at"] < end_of(last)) & (mine.known_at < complete)]

    def distinct(table):
        ids = window[window.table == table].id
        return ids[ids != ""].nunique() + int((ids == "").sum())

    returns, orders = distinct("returns"), distinct("orders")
    if returns >= options.get("bad_returns", 3) and returns >= options.get("bad_return_share", 0.5) * orders:
        return "bad", returns
    if "indeterminate_returns" in options and returns >= options["indeterminate_returns"]:
        return "indeterminate", returns
    return "good", returns


def joined(frame, customer):
    mine = frame[(frame.customer == customer) & (frame.known_at < end_of(COMPLETE)) & (frame["at"] < end_of(COMPLETE))]
    rows = mine[mine.table == "customers"]
    rows = rows if len(rows) else mine[mine.table.isin(["orders", "payments"])]
    return None if len(rows) == 0 else local_day(rows["at"]).min()


def vintages_and_rolls(frame, materiality):
    bills = Bills(frame, end_of(COMPLETE), materiality)
    month_ends = pd.date_range("2022-01-31", COMPLETE, freq="ME")
    cells, moves = {}, {}
    for customer in sorted(frame.customer.unique()):
        since = joined(frame, customer)
        if since is None:
            continue
        first = since.year * 12 + since.month
        bad_days = [d for d in pd.date_range("2022-01-01", COMPLETE) if bills.days_past_due(customer, d) >= 90]
        before = None
        for end in month_ends:
            age = end.year * 12 + end.month - first
            if age < 0:
                continue
            cell = cells.setdefault((since.strftime("%Y-%m"), age), [0, 0])
            cell[0] += 1
            cell[1] += bool(bad_days) and bad_days[0] <= end
            late = bills.days_past_due(customer, end)
            bucket = max(i for i, start in enumerate(BUCKETS) if late >= start)
            if before is not None:
                move = moves.setdefault(end.strftime("%Y-%m"), [[0] * 5 for _ in range(5)])
                move[before][bucket] += 1
            before = bucket
    return [[c, a, *n] for (c, a), n in sorted(cells.items())], sorted(moves.items())


def main():
    frame = events()
    out = frame.copy()
    for column in ["at", "known_at", "paid_at"]:
        out[column] = [t if t == "" else int(t.timestamp()) for t in out[column]]
    out.to_csv(HERE / "events.csv", index=False)
    options = [
        {"kind": "past_due", "performance_days": 365},
        {"kind": "past_due", "performance_days": 180, "bad_days": 60, "indeterminate_days": 15, "already_bad_days": 1, "min_history_days": 90},
        {"kind": "past_due", "performance_days": 90, "materiality": 30.5, "activity_days": 60},
        {"kind": "serial_returner", "performance_days": 90, "bad_returns": 1, "bad_return_share": 0.0},
        {"kind": "serial_returner", "performance_days": 180, "bad_returns": 2, "bad_return_share": 0.75, "indeterminate_returns": 1},
    ]
    labels = []
    for each in options:
        for as_of in ["2023-03-26", "2023-10-28", "2024-01-01", "2024-02-29", "2024-09-30"]:
            found = [[c, *label(frame, c, as_of, each)] for c in sorted(frame.customer.unique())]
            labels.append({"options": each, "as_of": as_of, "labels": found})
    cases = {}
    for materiality in [0, 30.5]:
        cells, moves = vintages_and_rolls(frame, materiality)
        cases[str(materiality)] = {"vintages": cells, "rolls": moves}
    reference = {"zone": ZONE, "complete_until": COMPLETE, "labels": labels, "tables": cases}
    (HERE / "reference.json").write_text(json.dumps(reference, separators=(",", ":")) + "\n")


main()
