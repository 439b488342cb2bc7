"""`binning_optbinning.py TASK FILE PREBINS.json MAX_PREBINS MIN_SHARE`: optbinning on every number of FILE.

Writes the pre-bins it used to PREBINS.json, so that the total IV can be compared on the same ones.
"""

import json
import sys

from common import answer, load, timed
from optbinning import OptimalBinning


class Recorded(OptimalBinning):
    """Keeps the pre-bins it hands to its solver."""

    def _fit_optimizer(self, splits, n_nonevent, n_event):
        self.prebins_ = [float(s) for s in splits]
        return super()._fit_optimizer(splits, n_nonevent, n_event)


task, path, prebins, most, share = sys.argv[1:]
x, y = load(path)
params = {"max_n_prebins": int(most), "min_prebin_size": float(share)}
columns = {name: x[name].to_numpy() for name in x}
y = y.to_numpy()


def fit(rows):
    return {
        name: Recorded(name=name, **params).fit(values[:rows], y[:rows]) for name, values in columns.items()
    }


fit(2_000)  # imports and solver start before the clock
seconds, fits = timed(lambda: fit(len(y)))
iv = {name: float(f.binning_table.build().loc["Totals", "IV"]) for name, f in fits.items()}
splits = {name: f.prebins_ for name, f in fits.items()}
with open(prebins, "w") as out:
    json.dump({"prebins": int(most), "splits": splits}, out)
found = {"iv": iv, "bins": {name: len(f.splits) + 1 for name, f in fits.items()}}
found["prebins"] = {name: len(s) + 1 for name, s in splits.items()}
found["status"] = sorted({f.status for f in fits.values()})
answer(task, "optbinning", seconds, found)
