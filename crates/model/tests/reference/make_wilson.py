"""Makes wilson.json: 95 % intervals of rates by statsmodels, `proportion_confint(method="wilson")`.

    python3 -m venv venv && venv/bin/pip install -r requirements-wilson.txt
    venv/bin/python make_wilson.py > wilson.json
"""

import json

from statsmodels.stats.proportion import proportion_confint

CASES = [(hits, rows) for rows in (1, 2, 3, 10, 57, 214, 3340, 1_000_000) for hits in sorted({0, 1, rows // 3, rows // 2, rows - 1, rows})]

intervals = []
for hits, rows in CASES:
    lower, upper = proportion_confint(hits, rows, alpha=0.05, method="wilson")
    intervals.append({"hits": hits, "rows": rows, "lower": float(lower), "upper": float(upper)})
print("[\n" + ",\n".join(json.dumps(interval) for interval in intervals) + "\n]")
