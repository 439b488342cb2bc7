"""Optimal binning of given pre-bins by optbinning: optimal.json, the reference of the exact optimiser.

    python make_optimal.py UCI_Credit_Card.csv      with requirements-optimal.txt

The pre-bins are counts of real data: the bundled sets `german` and `credit`, and the Taiwan credit card set
(UCI Machine Learning Repository 350, CC BY 4.0), of which only these counts are kept.

Every case is solved twice, by the CP solver (integers: IV and rates in millionths) and by the MIP solver, to proven
optimality; the better answer is kept, with its IV computed again from the counts. The constraints as optbinning has
them:

* trends hold between neighbours, equal rates allowed; a peak or valley may lie at either end;
* convex and concave bound `r_i - 2 r_j + r_k` for ALL i > j > k of the bins, not for neighbours only, which is
  stricter: an optimiser that looks at neighbours may find a higher IV;
* `min_event_rate_diff` and `max_pvalue` (pooled two-proportion z test, two-sided) hold between neighbours;
* `auto` picks one trend by a heuristic and solves for that; an optimiser that tries them all may find a higher IV.
"""

import json
import sys
import warnings
from pathlib import Path

import numpy as np
import pandas as pd

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
        ("german", german, german["creditability"] == "bad", ["duration_in_month", "credit_amount", "age_in_years"]),
        ("credit", credit, credit["status"] == "bad", ["seniority", "amount", "income"]),
        ("taiwan", taiwan, taiwan.iloc[:, -1] == 1, ["LIMIT_BAL", "AGE", "BILL_AMT1", "PAY_AMT1"]),
    ]:
        for column in columns:
            known = table[column].notna()
            yield f"{name} {column}", prebins(table[column][known].to_numpy(float), bad[known].to_numpy(int))


def iv(goods, bads):
    good, bad = goods / goods.sum(), bads / bads.sum()
    return float(np.sum((good - bad) * np.log(good / bad)))


def solve(goods, bads, trend, constraints, solver):
    """Ends of the bins (positions of their last pre-bin) and IV, or None where there is no solution."""
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
    ends = [int(split) for split in binning.splits] + [n - 1]
    starts = [0] + [end + 1 for end in ends[:-1]]
    return ends, iv(np.add.reduceat(goods, starts), np.add.reduceat(bads, starts))


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
            found = [solve(np.array(goods), np.array(bads), trend, constraints, s) for s in ("cp", "mip")]
            feasible = [f for f in found if f is not None]
            case = {"prebins": name, "trend": trend, "constraints": constraints}
            if feasible:
                ends, best = max(feasible, key=lambda f: f[1])
                case |= {"iv": round(best, 12), "ends": ends}
            cases.append(case | ({} if feasible else {"infeasible": True}))
            print(name, trend, constraints, [f and round(f[1], 8) for f in found], file=sys.stderr)
    lines = ",\n".join(f"    {json.dumps(name)}: {json.dumps(counts)}" for name, counts in given.items())
    text = f'{{\n  "prebins": {{\n{lines}\n  }},\n  "cases": [\n'
    text += ",\n".join("    " + json.dumps(case) for case in cases) + "\n  ]\n}\n"
    (HERE / "optimal.json").write_text(text)
    print(f"{len(cases)} cases", file=sys.stderr)


main()
