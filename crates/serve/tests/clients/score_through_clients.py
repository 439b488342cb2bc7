"""Scores customers through `arrears serve` with tritonclient and with MLflow's own client, and holds every number against
`arrears score` of the same file, bit for bit. The decision log of it all is replayed, and checked by the script in docs/serve.md.

    python score_through_clients.py ARREARS MODEL DATA

ARREARS is the binary, MODEL a model that gives a pd, DATA a CSV file with its columns and an id.
"""

import csv
import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
import tritonclient.http as triton
from mlflow.pyfunc.scoring_server.client import ScoringServerClient

binary, model, data = sys.argv[1:4]


def batch():
    """The rows of `arrears score`, by id."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "scored.csv"
        subprocess.run([binary, "score", model, data, "-o", out], check=True, stderr=subprocess.DEVNULL)
        with open(out, newline="") as file:
            return {row["id"]: row for row in csv.DictReader(file)}


def served(log):
    """A service on a free port, and that port."""
    process = subprocess.Popen([binary, "serve", model, "--listen", "127.0.0.1:0", "--decision-log", log], stderr=subprocess.PIPE, text=True)
    for line in process.stderr:
        line = json.loads(line)
        if line["event"] == "listening":
            return process, int(line["address"].rsplit(":", 1)[1])
    raise SystemExit("the service did not start")


def check(what, ids, pds, grades):
    """Every customer of the batch has the same pd and grade."""
    compared = 0
    for id_, found, grade in zip(ids, pds, grades, strict=True):
        row = expected.get(str(id_))
        if row is None:
            assert found is None or np.isnan(found), f"{what}: {id_} is rejected by the batch"
            continue
        assert float(row["pd"]) == found, f"{what}: {id_} has pd {found}, in the batch {row['pd']}"
        assert row["grade"] == grade, f"{what}: {id_}"
        compared += 1
    assert compared == len(expected), what
    print(f"{what}: {compared} customers as in the batch")


def through_triton(upright, as_binary):
    client = triton.InferenceServerClient(f"127.0.0.1:{port}")
    assert client.is_server_live() and client.is_server_ready()
    name = client_name()
    assert client.is_model_ready(name)
    inputs = []
    for field in client.get_model_metadata(name)["inputs"]:
        column = table[field["name"]]
        values = column.to_numpy(np.float64) if field["datatype"] == "FP64" else texts(column)
        shape = [len(values), 1] if upright else [len(values)]
        tensor = triton.InferInput(field["name"], shape, field["datatype"])
        tensor.set_data_from_numpy(values.reshape(shape), binary_data=as_binary)
        inputs.append(tensor)
    outputs = [triton.InferRequestedOutput(output, binary_data=False) for output in ("pd", "grade")]
    answer = client.infer(name, inputs, outputs=outputs)
    pds, grades = answer.as_numpy("pd"), answer.as_numpy("grade")
    assert pds.shape == ((len(table), 1) if upright else (len(table),))
    check(f"tritonclient, upright {upright}, binary {as_binary}", table["id"], pds.ravel(), grades.ravel())


def client_name():
    return json.loads(Path(model, "model.json").read_text())["model"]["name"]


def texts(column):
    return np.array(["" if pd.isna(text) else text for text in column], dtype=object)


def through_mlflow():
    client = ScoringServerClient("127.0.0.1", port)
    client.ping()
    assert client.get_version()
    answer = client.invoke(table).get_predictions()
    check("MLflow", table["id"], answer["pd"], answer["grade"])


table = pd.read_csv(data)
expected = batch()
folder = tempfile.TemporaryDirectory()
log = Path(folder.name) / "log"
process, port = served(log)
try:
    for upright in (False, True):
        through_triton(upright, True)
    # Without NaN, which JSON has no word for and tritonclient writes all the same.
    whole = table.dropna()
    for upright in (False, True):
        table, all_rows, all_expected = whole, table, expected
        expected = {id_: row for id_, row in expected.items() if int(id_) in set(whole["id"])}
        through_triton(upright, False)
        table, expected = all_rows, all_expected
    through_mlflow()
finally:
    process.terminate()
    assert process.wait(30) == 0

replayed = json.loads(subprocess.run([binary, "replay", log, "--json"], check=True, stdout=subprocess.PIPE).stdout)
assert replayed["passed"] and replayed["requests"] == 5 and replayed["equal"] == replayed["customers"] > 3 * len(expected)
page = Path(__file__).parents[4] / "docs" / "serve.md"
script = re.search(r"```python\n(.*?)```", page.read_text(), re.DOTALL)[1]
checked = subprocess.run([sys.executable, "-c", script, log], check=True, stdout=subprocess.PIPE, text=True).stdout
assert checked.strip() == replayed["last_hash"]
print(f"decision log: {replayed['customers']} customers replayed with the same bits, chain checked by the script in {page.name}")
