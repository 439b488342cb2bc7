"""Makes the rows that the printed tables were computed on: loans.csv and breast_cancer.csv.

    python make_data.py SouthGermanCredit.csv

README.md says where SouthGermanCredit.csv comes from. breast_cancer.csv needs scikit-learn.
"""

import csv
import io
import sys
from pathlib import Path

# South German name -> name here, in the order of PDtoolkit's data frame `loans`
COLUMNS = {
    "laufkont": "status",
    "laufzeit": "duration",
    "moral": "credit_history",
    "verw": "purpose",
    "hoehe": "amount",
    "sparkont": "savings",
    "beszeit": "employment",
    "rate": "installment_rate",
    "famges": "personal_status_sex",
    "buerge": "other_debtors",
    "wohnzeit": "residence",
    "verm": "property",
    "alter": "age",
    "weitkred": "other_plans",
    "wohn": "housing",
    "bishkred": "number_credits",
    "beruf": "job",
    "pers": "people_liable",
    "telef": "telephone",
    "gastarb": "foreign_worker",
}


def write(name, header, rows):
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    Path(__file__).with_name(name).write_text(out.getvalue(), encoding="utf-8")


def loans(path):
    """The rows as the README of PDtoolkit prepares them before its first table."""
    with open(path, newline="", encoding="utf-8") as file:
        source = list(csv.DictReader(file))
    rows = []
    for number, row in enumerate(source, 1):
        # The corrected edition has these two codes the other way round.
        row["pers"] = str(3 - int(row["pers"]))
        row["gastarb"] = str(3 - int(row["gastarb"]))
        if number <= 10:  # made missing, then replaced by the median
            row["hoehe"] = "2324"
        if 30 <= number <= 50:  # made missing
            row["alter"] = ""
        if 800 <= number <= 820:  # made missing, then replaced by the mode
            row["verw"] = "3"
        rows.append([row[name] for name in COLUMNS] + [1 - int(row["kredit"])])
    write("loans.csv", [*COLUMNS.values(), "bad"], rows)


def breast_cancer():
    from sklearn.datasets import load_breast_cancer

    data = load_breast_cancer()
    radius = data.data[:, list(data.feature_names).index("mean radius")]
    write("breast_cancer.csv", ["mean_radius", "target"], zip(map(float, radius), data.target.tolist()))


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    loans(sys.argv[1])
    breast_cancer()


main()
