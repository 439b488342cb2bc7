"""Makes data.csv from the credit_data table of the R package modeldata.

    python3 make_data.py credit_data.csv

README.md says how to obtain credit_data.csv. Only the header changes: every value stays as it is,
character for character. Prints the row count and the sha256 of both files.
"""

import csv
import hashlib
import io
import sys
from pathlib import Path

SOURCE_SHA256 = "bdd4569d8cfa1a8f03fcd7315b6eab6925a5800024985bf10a7da77844e68df2"

COLUMNS = {  # name in the source -> name here
    "rownames": "id",
    "Status": "status",
    "Seniority": "seniority",
    "Home": "home",
    "Time": "term_months",
    "Age": "age",
    "Marital": "marital",
    "Records": "records",
    "Job": "job",
    "Expenses": "expenses",
    "Income": "income",
    "Assets": "assets",
    "Debt": "debt",
    "Amount": "amount",
    "Price": "price",
}


def main():
    if len(sys.argv) != 2:
        sys.exit("usage: make_data.py credit_data.csv")
    source = Path(sys.argv[1]).read_bytes()
    digest = hashlib.sha256(source).hexdigest()
    if digest != SOURCE_SHA256:
        sys.exit(f"{sys.argv[1]}: sha256 is {digest}, expected {SOURCE_SHA256}")

    header, *rows = csv.reader(io.StringIO(source.decode("utf-8"), newline=""))
    if header != list(COLUMNS):
        sys.exit(f"header is {header}, expected {list(COLUMNS)}")

    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS.values())
    writer.writerows(rows)
    data = out.getvalue().encode("utf-8")
    Path(__file__).with_name("data.csv").write_bytes(data)

    print(f"rows           {len(rows)}")
    print(f"sha256 source  {digest}")
    print(f"sha256 data    {hashlib.sha256(data).hexdigest()}")


main()
