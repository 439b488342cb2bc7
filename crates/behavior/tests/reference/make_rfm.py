"""Reference of purchase features: pandas on purchases like those of CDNOW (customer, date, CDs, dollars).

    python make_rfm.py                          writes rfm.json from purchases drawn here
    python make_rfm.py CDNOW_master.txt OUT     the same from the real file, which is not part of the repository

Every feature is computed from its definition, one customer and one date at a time, by pandas and numpy.
"""

import json
import sys
from pathlib import Path

import numpy as np
import pandas as pd

AS_OF = ["{}-06-30", "{}-12-31", "{}-02-28"]
WINDOWS = [30, 90, 365]


def draw() -> pd.DataFrame:
    """Purchases by a rate of each customer's own until the customer is lost (as Schmittlein, Morrison and Colombo 1987)."""
    random = np.random.default_rng(20210101)
    rows = []
    for customer in range(1, 61):
        rate, loss = random.gamma(0.6, 1 / 25), random.gamma(0.6, 1 / 200)
        day = int(random.integers(0, 90))
        end = day + random.exponential(1 / loss)
        while day < min(end, 540):
            for _ in range(1 + int(random.random() < 0.15)):
                cds = int(random.geometric(0.45))
                dollars = round(float(cds * random.gamma(8, 1.8)), 2)
                rows.append((customer, pd.Timestamp("2021-01-01") + pd.Timedelta(days=day), cds, dollars))
            day += 1 + int(random.exponential(1 / rate))
    return pd.DataFrame(rows, columns=["customer", "date", "cds", "dollars"])


def read(path: str) -> pd.DataFrame:
    frame = pd.read_csv(path, sep=r"\s+", header=None, names=["customer", "date", "cds", "dollars"], dtype={"date": str})
    frame["date"] = pd.to_datetime(frame["date"], format="%Y%m%d")
    return frame.sort_values(["customer", "date"], kind="stable").reset_index(drop=True)


def features(rows: pd.DataFrame, as_of: pd.Timestamp) -> dict[str, float]:
    """Of one customer, all rows on or before the day `as_of`."""
    days = rows["date"].drop_duplicates().sort_values()
    found = {
        "recency_days": (as_of - rows["date"].max()).days,
        "tenure_days": (as_of - rows["date"].min()).days,
        "frequency": len(rows),
        "purchase_days": len(days),
        "monetary_total": rows["dollars"].sum(),
        "monetary_mean": rows["dollars"].mean(),
    }
    gaps = days.diff().dt.days.set_axis(days)
    weekly = rows.groupby("date").size().rolling("7D").sum()
    for window in WINDOWS:
        after = as_of - pd.Timedelta(days=window)
        inside = rows[rows["date"] > after]
        gap, week = gaps[gaps.index > after].dropna(), weekly[weekly.index > after]
        x, y = (inside["date"] - as_of).dt.days.to_numpy(float), inside["dollars"].to_numpy()
        before = rows[(rows["date"] <= after) & (rows["date"] > after - pd.Timedelta(days=window))]
        found |= {
            f"orders_count_{window}d": len(inside),
            f"orders_amount_{window}d": inside["dollars"].sum(),
            f"orders_quantity_{window}d": inside["cds"].sum(),
            f"orders_line_mean_{window}d": inside["dollars"].mean(),
            f"orders_line_median_{window}d": inside["dollars"].median(),
            f"orders_line_max_{window}d": inside["dollars"].max(),
            f"orders_active_days_{window}d": inside["date"].nunique(),
            f"orders_gap_mean_{window}d": gap.mean(),
            f"orders_gap_max_{window}d": gap.max(),
            f"orders_burst_{window}d": week.max(),
            f"orders_weekend_share_{window}d": (inside["date"].dt.day_of_week >= 5).mean(),
            f"orders_line_trend_{window}d": 30 * np.polyfit(x, y, 1)[0] if len(set(x)) > 1 else np.nan,
            f"spent_{window}d_change": inside["dollars"].sum() - before["dollars"].sum(),
        }
    return {name: None if pd.isna(value) else float(value) for name, value in found.items()}


def main() -> None:
    purchases = read(sys.argv[1]) if len(sys.argv) > 1 else draw()
    out = Path(sys.argv[2]) if len(sys.argv) > 2 else Path(__file__).with_name("rfm.json")
    year = purchases["date"].min().year
    snapshots = []
    for text in [AS_OF[0].format(year), AS_OF[1].format(year), AS_OF[2].format(year + 1)]:
        as_of = pd.Timestamp(text)
        known = purchases[purchases["date"] <= as_of].groupby("customer")
        snapshots.append({"as_of": text, "features": {str(c): features(rows, as_of) for c, rows in known}})
    rows = [[int(r.customer), r.date.strftime("%Y-%m-%d"), int(r.cds), float(r.dollars)] for r in purchases.itertuples()]
    out.write_text(json.dumps({"purchases": rows, "snapshots": snapshots}, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
