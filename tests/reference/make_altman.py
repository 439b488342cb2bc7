"""Altman's Z'' on the Polish first-year file, in pandas: AUC of -Z'', rows by zone, the score of single companies.

    python make_altman.py FOLDER/polish_bankruptcy/1year.csv > altman.json
"""
import json
import sys

import pandas as pd
from sklearn.metrics import roc_auc_score

WEIGHTS = {"Attr3": 6.56, "Attr6": 3.26, "Attr7": 6.72, "Attr8": 1.05}

table = pd.read_csv(sys.argv[1])
full = table.dropna(subset=list(WEIGHTS))
z = sum(weight * full[name] for name, weight in WEIGHTS.items())
bad = full["class"]
zones = {"safe": z >= 2.6, "grey": (z >= 1.1) & (z < 2.6), "distress": z < 1.1}
json.dump(
    {
        "auc": roc_auc_score(bad, -z),
        "rows": [len(full), int(bad.sum()), len(table) - len(full)],
        "zones": [[name, int(rows.sum()), int(bad[rows].sum())] for name, rows in zones.items()],
        "scores": {str(row): z[row] for row in [*full.index[::700], z.idxmin(), z.idxmax()]},
    },
    sys.stdout,
    indent=1,
)
print()
