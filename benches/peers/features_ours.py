"""`features_ours.py PROGRAM CONFIG AS_OF OUT NAME`: runs `arrears features`; seconds of the whole process, and the most memory it held in MB."""

import json
import resource
import subprocess
import sys
import time

program, config, as_of, out, name = sys.argv[1:]
start = time.perf_counter()
subprocess.run([program, "features", config, "--as-of", as_of, "-o", out], check=True, stderr=subprocess.DEVNULL)
seconds = time.perf_counter() - start
memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
print(json.dumps({"task": "features", "package": name, "median": seconds, "found": {"most_memory": memory}}))
