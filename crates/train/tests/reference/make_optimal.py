"""Optimal binning of given pre-bins: optimal.json, the reference of the exact optimiser.

    python make_optimal.py UCI_Credit_Card.csv      with requirements-optimal.txt

The pre-bins are counts of real data: the bundled sets `german` and `credit`, and the Taiwan credit card set
(UCI Machine Learning Repository 350, CC BY 4.0), of which only these counts are kept.

`best` and `ends` are found here by trying every partition, with the constraints as they read: trends hold
between neighbours (equal rates allowed; a peak or valley may lie at either end; convex and concave bound the
second differences of neighbouring rates), so do `min_event_rate_diff` and `max_pvalue` (pooled two-proportion z
test, two-sided). `auto` has none: every package means something else by it.

`optbinning` is the IV of optbinning 1.0, the same from its CP and its MIP solver, each to proven optimality of
its model. It is the best IV but where its model is narrower than the constraint:

* convex and concave: it bounds `r_i - 2 r_j + r_k` for ALL i > j > k of the bins, not for neighbours only;
* ascending and descending with sizes: it forbids some splits beforehand that only a solution without sizes
  never needs, and so can miss the best one;
* `auto`: one trend, picked by a heuristic.
"""

import json
import math
import sys
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.stats import norm

warnings.simplefilter("ignore")
from optbinning import OptimalBinning  # noqa: E402

HERE = Path(__file__).parent
DATASETS = HERE / "../../../../datasets"
TRENDS = ["none", "ascending", "descending", "peak", "valley", "convex", "concave", "auto"]
PREBINS = 14
CONSTRAINED = [
    {"max_n_bins": 3},
    {"min_n_bins": 6},
    {"min_bin_size": 0.1},
    {"max_bin_size": 0.25},
    {"min_bin_n_event": 40},
    {"min_event_rate_diff": 0.04},
    {"max_pvalue": 0.05},
    {"max_n_bins": 4, "min_bin_size": 0.08, "min_event_rate_diff": 0.02, "max_pvalue": 0.1},
]


def prebins(x, bad):
    """Counts of quantile pre-bins, each with goods and bads: a pre-bin without either joins the next one."""
    edges = np.unique(np.quantile(x, np.linspace(0, 1, PREBINS + 1)[1:-1]))
    code = np.searchsorted(edges, x, side="right")
    counts = []
    held = np.zeros(2, dtype=int)
    for i in range(len(edges) + 1):
        held = held + [np.sum((code == i) & (bad == 0)), np.sum((code == i) & (bad == 1))]
        if held.min() > 0:
            counts.append(held)
            held = np.zeros(2, dtype=int)
    counts[-1] = counts[-1] + held
    return [int(c[0]) for c in counts], [int(c[1]) for c in counts]


def sets(taiwan):
    german = pd.read_csv(DATASETS / "german/data.csv")
    credit = pd.read_csv(DATASETS / "credit/data.csv")
    taiwan = pd.read_csv(taiwan)
    for name, table, bad, columns in [
        (
            "german",
            german,
            german["creditability"] == "bad",
            ["duration_in_month", "credit_amount", "age_in_years"],
        ),
        ("credit", credit, credit["status"] == "bad", ["seniority", "amount", "income"]),
        ("taiwan", taiwan, taiwan.iloc[:, -1] == 1, ["LIMIT_BAL", "AGE", "BILL_AMT1", "PAY_AMT1"]),
    ]:
        for column in columns:
            known = table[column].notna()
            yield f"{name} {column}", prebins(table[column][known].to_numpy(float), bad[known].to_numpy(int))


def iv(goods, bads):
    good, bad = goods / goods.sum(), bads / bads.sum()
    return float(np.sum((good - bad) * np.log(good / bad)))


def rises(differences):
    """Whether no difference is below 0, but for rounding."""
    return bool(np.all(differences >= -1e-15))


def has_trend(trend, rates):
    step = np.diff(rates)
    turns = range(len(step) + 1)
    return {
        "none": lambda: True,
        "ascending": lambda: rises(step),
        "descending": lambda: rises(-step),
        "peak": lambda: any(rises(step[:k]) and rises(-step[k:]) for k in turns),
        "valley": lambda: any(rises(-step[:k]) and rises(step[k:]) for k in turns),
        "convex": lambda: rises(np.diff(step)),
        "concave": lambda: rises(-np.diff(step)),
    }[trend]()


def allowed(goods, bads, trend, constraints):
    rows = goods + bads
    rates, total, bins = bads / rows, rows.sum(), len(rows)
    # a share of the rows is met by that many rows, rounded up
    least = math.ceil(constraints.get("min_bin_size", 0) * total)
    most = math.ceil(constraints.get("max_bin_size", 1) * total)
    if not constraints.get("min_n_bins", 1) <= bins <= constraints.get("max_n_bins", bins):
        return False
    if rows.min() < least or rows.max() > most or bads.min() < constraints.get("min_bin_n_event", 0):
        return False
    gaps = np.abs(np.diff(rates))
    if np.any(gaps < constraints.get("min_event_rate_diff", 0)):
        return False
    if "max_pvalue" in constraints:
        both = rows[1:] + rows[:-1]
        pooled = (bads[1:] + bads[:-1]) / both
        z = gaps / np.sqrt(pooled * (1 - pooled) * (1 / rows[1:] + 1 / rows[:-1]))
        if np.any(z < norm.ppf(1 - constraints["max_pvalue"] / 2)):
            return False
    return has_trend(trend, rates)


def try_all(goods, bads, trend, constraints):
    """The best of all partitions: ends of the bins (positions of their last pre-bin) and IV, or None."""
    n, best = len(goods), None
    for mask in range(1 << (n - 1)):
        starts = [0] + [i + 1 for i in range(n - 1) if mask >> i & 1]
        g, b = np.add.reduceat(goods, starts), np.add.reduceat(bads, starts)
        if allowed(g, b, trend, constraints):
            value = iv(g, b)
            if best is None or value > best[1]:
                best = [s - 1 for s in starts[1:]] + [n - 1], value
    return best


def solve(goods, bads, trend, constraints, solver):
    """IV of optbinning's solution, or None where it has none."""
    n = len(goods)
    x = np.concatenate([np.repeat(np.arange(n), goods), np.repeat(np.arange(n), bads)]).astype(float)
    y = np.repeat([0, 1], [goods.sum(), bads.sum()])
    binning = OptimalBinning(
        user_splits=list(np.arange(n - 1) + 0.5),
        monotonic_trend=None if trend == "none" else trend,
        solver=solver,
        time_limit=600,
        **constraints,
    )
    binning.fit(x, y)
    if binning.status != "OPTIMAL":
        assert binning.status == "INFEASIBLE", binning.status
        return None
    starts = [0] + [int(split) + 1 for split in binning.splits]
    return iv(np.add.reduceat(goods, starts), np.add.reduceat(bads, starts))


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    given, cases = {}, []
    for at, (name, (goods, bads)) in enumerate(sets(sys.argv[1])):
        given[name] = {"goods": goods, "bads": bads}
        wanted = [(trend, {}) for trend in TRENDS] if at % 2 == 0 else []
        # each constraint with a trend that suits it, another one for every set
        wanted += [(TRENDS[(at + i) % 5], c) for i, c in enumerate(CONSTRAINED) if (at + i) % 2 == 0]
        for trend, constraints in wanted:
            counts = np.array(goods), np.array(bads)
            cp, mip = (solve(*counts, trend, constraints, solver) for solver in ("cp", "mip"))
            assert cp == mip or abs(cp - mip) < 1e-9, (name, trend, constraints, cp, mip)
            case = {"prebins": name, "trend": trend, "constraints": constraints, "optbinning": cp}
            if trend != "auto":
                best = try_all(*counts, trend, constraints)
                case |= {"best": best and best[1], "ends": best and best[0]}
                assert best is None or cp <= best[1] + 1e-12, (case, "better than the best")
            cases.append(case)
    lines = ",\n".join(f"    {json.dumps(name)}: {json.dumps(counts)}" for name, counts in given.items())
    text = f'{{\n  "prebins": {{\n{lines}\n  }},\n  "cases": [\n'
    text += ",\n".join("    " + json.dumps(case) for case in cases) + "\n  ]\n}\n"
    (HERE / "optimal.json").write_text(text)
    print(f"{len(cases)} cases", file=sys.stderr)


main()
