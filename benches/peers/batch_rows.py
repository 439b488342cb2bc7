"""`batch_rows.py FOLDER`: the files that batches score, 1,000,000 rows of an id, 16 numbers and 4 categories as those of
`scorecard.parquet`: `batch.csv` and `batch.parquet`; the first tenth as `batch_tenth.csv`, the rows ten times over as `batch_ten.csv`;
`batch_train.parquet`: 100,000 of them with the outcome.
"""

import shutil
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv as csv
import pyarrow.parquet as pq
from make_rows import categories, numbers, outcome

folder = Path(sys.argv[1])
rng = np.random.default_rng(20240905)
risk = rng.standard_normal(1_000_000)
bad = outcome(rng, risk, -2.6)
columns = {**numbers(rng, len(risk), risk), **categories(rng, len(risk), risk)}
features = {name: pa.array(values, from_pandas=True) for name, values in columns.items()}
rows = pa.table({"id": pa.array(np.arange(1, len(risk) + 1)), **features})
plain = csv.WriteOptions(quoting_style="none")
csv.write_csv(rows, folder / "batch.csv", plain)
csv.write_csv(rows.slice(0, len(rows) // 10), folder / "batch_tenth.csv", plain)
pq.write_table(rows, folder / "batch.parquet", compression="zstd")
pq.write_table(rows.drop(["id"]).append_column("bad", pa.array(bad)).slice(0, 100_000), folder / "batch_train.parquet")
with open(folder / "batch_ten.csv", "wb") as ten:
    for copy in range(10):
        with open(folder / "batch.csv", "rb") as once:
            header = once.readline()
            if copy == 0:
                ten.write(header)
            shutil.copyfileobj(once, ten, 1 << 24)
