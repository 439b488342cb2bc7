"""`table.py RESULTS.ndjson`: one aligned line for each task and peer, from the lines the runs printed."""

import json
import statistics
import sys
from collections import defaultdict

# task -> package -> least ratio of the seconds wanted
TARGETS = {
    "binning": {"optbinning": 100},
    "prebins": {"optbinning": 1000},
    "scorecard": {"optbinning": 50},
    "logistic": {"glum": 5, "scikit-learn newton-cholesky": 5, "scikit-learn lbfgs": 5},
    "kmeans": {"scikit-learn": 4},
    "tree": {"lightgbm": 6, "scikit-learn": 50},
    "batch csv": {"polars + onnxruntime": 3, "pandas + scikit-learn": 12},
    "batch parquet": {"polars + onnxruntime": 2.5},
    "scoring": {
        f"onnxruntime {model}{start}": 5 for model in ("tree", "logistic") for start in ("", " from doubles", " from a data frame")
    },
}
# task -> most seconds of our own wanted
LIMITS = {"one row": 1e-6}
OURS = "arrears"


def agreement(task, ours, peer):
    """What the two found, and whether that is as wanted (None where nothing is)."""
    if task in ("binning", "prebins"):
        wanted, found = peer["iv"], ours["same_prebins"]
        lower = [name for name in wanted if found[name] < wanted[name] - 1e-9]
        totals = f"IV on the same pre-bins {sum(found.values()):.6f}, peer's {sum(wanted.values()):.6f}"
        if task == "prebins":
            same = all(abs(found[name] - wanted[name]) < 1e-9 for name in wanted)
            return f"{totals}, {peer['status'][0]}", same and peer["status"] == ["OPTIMAL"]
        enough = sum(found.values()) >= sum(wanted.values()) - 1e-9
        return f"{totals}; lower in {', '.join(lower) or 'none'}", enough
    if task == "logistic":
        off = max(abs(a - b) for a, b in zip(ours["coefficients"], peer["coefficients"]))
        norms = [ours["gradient_norm"], peer["gradient_norm"]]
        text = f"coefficients differ by {off:.1e}; gradient {norms[0]:.1e}, peer's {norms[1]:.1e}"
        return text, max(norms) <= 1e-8
    if task == "kmeans":
        text = f"inertia {ours['inertia']:.6g} in {ours['iterations']} steps"
        text += f", peer's {peer['inertia']:.6g} in {peer['iterations'] or '?'}"
        return text, ours["inertia"] <= peer["inertia"] * (1 + 1e-9)
    if task == "tree":
        return f"AUC {ours['auc']:.6f}, peer's {peer['auc']:.6f}", ours["auc"] >= peer["auc"]
    if task.startswith("batch"):
        share = ours["seconds"] / ours["decoding"]
        text = f"{ours['rows']:,} rows, {share:.2f} times decoding alone, {ours['most_memory']:.0f} MB"
        return text, ours["rows"] == peer["rows"] and share <= 1.4
    if task in ("scoring", "one row"):
        text = f"{ours['ns_a_row']:.0f} ns a row, peer's {peer['ns_a_row']:.0f}"
        return f"{text}; {ours['different']} rows unlike the plain scorer's", ours["different"] == 0
    if task == "scorecard":
        text = f"AUC {ours['auc']:.4f}, peer's {peer['auc']:.4f}"
        return f"{text}; variables {ours['kept']} and {peer['kept']}", None
    pairs = list(zip(ours["aucs"], peer.get("aucs", [peer["auc"]]), strict=True))
    own, other = (statistics.mean(aucs) for aucs in zip(*pairs))
    text = f"AUC {own:.4f}, peer's {other:.4f}"
    if len(pairs) > 1:
        text += f": means of {len(pairs)} splits, not lower in {sum(a >= b for a, b in pairs)}"
    least = other - (0.004 if task.endswith("plus") else 0)
    return text, own >= least


def verdict(fine):
    return "" if fine is None else "yes" if fine else "NO"


def main():
    results = defaultdict(lambda: defaultdict(list))
    with open(sys.argv[1]) as lines:
        for line in lines:
            result = json.loads(line)
            results[result["task"]][result["package"]].append(result)
    rows = [["task", "peer", "peer s", "arrears s", "ratio", "wanted", "", "agreement", ""]]
    for task, packages in results.items():
        if OURS not in packages:
            continue
        ours = packages[OURS]
        own = statistics.median(r["median"] for r in ours)
        for package, runs in packages.items():
            if package == OURS:
                continue
            seconds = statistics.median(r["median"] for r in runs)
            target = TARGETS.get(task, {}).get(package)
            ratio = seconds / own
            text, agrees = agreement(task, ours[0]["found"], runs[0]["found"])
            cells = [task, f"{package} {runs[0]['version']}", f"{seconds:.3g}", f"{own:.3g}", f"{ratio:.1f}"]
            limit = LIMITS.get(task)
            fine = own < limit if limit else target and ratio >= target
            wanted = f"< {limit:.0e} s" if limit else f"{target or ''}"
            cells += [wanted, verdict(fine), text, verdict(agrees)]
            rows.append(cells)
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    for row in rows:
        cells = [c.rjust(w) if 2 <= i <= 5 else c.ljust(w) for i, (c, w) in enumerate(zip(row, widths))]
        print("  ".join(cells).rstrip())


main()
