"""Requests made up from the service's own OpenAPI document, by schemathesis: those that it describes, and those that it does not.

    python malformed_through_openapi.py ARREARS MODELS [EXAMPLES]

ARREARS is the binary, MODELS a folder of models, EXAMPLES how many requests are tried for each path and phase (default 10). The
same requests are made in every run. Every answer has to have a status, content type and body that the document names, and none
a status of 500 or above; without a token there is none; and the service takes no more memory at the end than soon after the beginning.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

binary, models = sys.argv[1:3]
examples = sys.argv[3] if len(sys.argv) > 3 else "10"
schemathesis = Path(sys.executable).parent / "schemathesis"
# A customer who cannot be scored keeps his place among the others and says why, so that a list with something else than
# customers in it is answered with 200: not what "negative_data_rejection" expects. What the document cannot say, such as that
# tensors have one length and fields stand in some row, is refused though it fits: "positive_data_acceptance".
excluded = "negative_data_rejection,positive_data_acceptance"
# Kilobytes that the process may grow by after the first requests.
most_growth = 64 << 10


def new_token(tokens):
    """A token of an admin, whose line is put into the file."""
    made = subprocess.run([binary, "serve", "--new-token", "test", "--role", "admin"], capture_output=True, text=True, check=True)
    tokens.write_text(made.stdout)
    return re.search(r"arrears_[0-9a-f]+", made.stderr).group()


def served(tokens):
    """A service on a free port, and its address."""
    command = [binary, "serve", models, "--champion", "credit-scorecard", "--challenger", "credit-tree", "--tokens", tokens]
    process = subprocess.Popen([*command, "--listen", "127.0.0.1:0"], stderr=subprocess.PIPE, text=True)
    for line in process.stderr:
        line = json.loads(line)
        if line["event"] == "listening":
            return process, line["address"]
    raise SystemExit("the service did not start")


def resident(process):
    """Kilobytes of memory that the service has; 0 where the system does not say."""
    status = Path(f"/proc/{process.pid}/status")
    found = re.search(r"VmRSS:\s+(\d+) kB", status.read_text()) if status.exists() else None
    return int(found.group(1)) if found else 0


def run(address, token, examples, *more):
    command = [schemathesis, "run", f"{address}/openapi.json", "--header", f"Authorization: Bearer {token}"]
    command += ["--exclude-checks", excluded, "--max-examples", examples, "--seed", "1", "--generation-database", "none"]
    environment = os.environ | {"NO_COLOR": "1"}
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run([*command, *more], cwd=folder, env=environment, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{done.stdout}\n{done.stderr}")
    return int(re.search(r"(\d+) generated", done.stdout).group(1))


with tempfile.TemporaryDirectory() as folder:
    tokens = Path(folder, "tokens.txt")
    token = new_token(tokens)
    process, address = served(tokens)
    try:
        run(address, token, "1", "--phases", "examples,fuzzing")
        before = resident(process)
        generated = run(address, token, examples)
        growth = resident(process) - before
    finally:
        process.terminate()
        ended = process.wait(60)
assert ended == 0, ended
assert growth < most_growth, f"the service takes {growth} kB more than at the beginning"
print(f"{generated} requests as the OpenAPI document says; {before} kB of memory, then {growth} kB more")
