"""`batch_rows.py FOLDER`: from `logistic.parquet` the files that batches score: `batch.csv` and `batch.parquet`, 1,000,000 x 20 and
an id, the first tenth as `batch_tenth.*`, ten times as many as `batch_ten.csv`, and `batch_train.parquet` with the outcome.
"""

import shutil
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv as csv
import pyarrow.parquet as pq

folder = Path(sys.argv[1])
rows = pq.read_table(folder / "logistic.parquet")
numbers = rows.drop(["bad"]).add_column(0, "id", pa.array(np.arange(1, len(rows) + 1)))
tenth = numbers.slice(0, len(rows) // 10)
plain = csv.WriteOptions(quoting_style="none")
for name, table in {"batch": numbers, "batch_tenth": tenth}.items():
    csv.write_csv(table, folder / f"{name}.csv", plain)
    pq.write_table(table, folder / f"{name}.parquet", compression="zstd")
with open(folder / "batch_ten.csv", "wb") as ten:
    for copy in range(10):
        with open(folder / "batch.csv", "rb") as once:
            header = once.readline()
            if copy == 0:
                ten.write(header)
            shutil.copyfileobj(once, ten, 1 << 24)
pq.write_table(rows.slice(0, 100_000), folder / "batch_train.parquet")
