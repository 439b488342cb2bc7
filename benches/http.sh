#!/usr/bin/env bash
# Requests a second of one customer a request, keep-alive: `arrears serve` beside an axum route that only echoes the JSON, both
# on one worker thread, and beside FastAPI with scikit-learn; then the 99th percentile at half load. Needs wrk
# (apt-get install wrk).
#
#   benches/http.sh           all three
#   benches/http.sh ours      without FastAPI
#
# BENCH_ROUNDS (default 3) rounds in turns; BENCH_SECONDS (default 10) each.
set -euo pipefail
cd "$(dirname "$0")/.."
rounds="${BENCH_ROUNDS:-3}"
seconds="${BENCH_SECONDS:-10}"
target="${CARGO_TARGET_DIR:-target}"
work="$target/bench-peers/http"
mkdir -p "$work"
command -v wrk >/dev/null || { echo "wrk is missing: apt-get install wrk" >&2; exit 2; }
cargo build --release --quiet -p arrears -p arrears-benches --bin arrears --bin http_echo

started=()
trap 'kill "${started[@]}" 2>/dev/null || true' EXIT
"$target/release/arrears" serve models/credit-scorecard/1.1.0 --listen 127.0.0.1:18081 --threads 1 2>"$work/serve.log" &
started+=($!)
"$target/release/http_echo" 127.0.0.1:18082 2>"$work/echo.log" &
started+=($!)
if [ "${1:-peers}" = peers ]; then
    stamp="$work/env/installed.txt"
    if ! cmp -s benches/peers/requirements-http.txt "$stamp"; then
        python3 -m venv "$work/env"
        "$work/env/bin/pip" install --quiet -r benches/peers/requirements-http.txt
        cp benches/peers/requirements-http.txt "$stamp"
    fi
    "$work/env/bin/python" benches/peers/http_fastapi.py 18083 datasets/credit/data.csv 2>"$work/fastapi.log" &
    started+=($!)
fi
cat >"$work/post.lua" <<'LUA'
wrk.method = "POST"
wrk.headers["content-type"] = "application/json"
wrk.body = '{"id":7,"seniority":9,"home":"rent","term_months":60,"age":30,"marital":"married","records":"no","job":"freelance","expenses":73,"income":129.0,"assets":0.0,"debt":0.0,"amount":800,"price":846}'
-- Pause between requests of a connection, in milliseconds, for a load below the full one.
local pause = tonumber(os.getenv("PAUSE") or "0")
if pause > 0 then
    function delay() return math.random() * 2 * pause end
end
done = function(summary, latency)
    local failed = summary.errors.status + summary.errors.connect + summary.errors.read + summary.errors.timeout
    io.write(string.format("RESULT %.0f %.0f %d\n", summary.requests / summary.duration * 1e6, latency:percentile(99), failed))
end
LUA
run() { # address, connections, pause: requests a second, 99th percentile in microseconds
    local found
    found=$(PAUSE="$3" wrk -t1 -c"$2" -d"${seconds}s" -s "$work/post.lua" "http://$1" | sed -n 's/^RESULT //p')
    case "$found" in *" 0") echo "${found% 0}" ;; *) echo "requests failed: $found" >&2; exit 1 ;; esac
}
declare -A address=([arrears]=127.0.0.1:18081/score [echo]=127.0.0.1:18082/echo [fastapi]=127.0.0.1:18083/score)
names=(arrears echo)
[ "${1:-peers}" = peers ] && names+=(fastapi)
for name in "${names[@]}"; do
    for _ in $(seq 300); do curl -s -o "$work/answer" "http://${address[$name]%%/*}/" && break || sleep 0.2; done
done
: >"$work/results"
for round in $(seq "$rounds"); do
    echo "round $round of $rounds" >&2
    for name in "${names[@]}"; do
        echo "full $name $(run "${address[$name]}" 16 0)" >>"$work/results"
    done
done
# Half of what each can do: connections that pause so long between requests that together they ask for half of it.
for round in $(seq "$rounds"); do
    for name in arrears echo; do
        rate=$(awk -v name="$name" '$1 == "full" && $2 == name { print $3 }' "$work/results" | sort -n | sed -n "$(((rounds + 1) / 2))p")
        pause=$(awk -v rate="$rate" 'BEGIN { print 64 / (rate / 2) * 1000 }')
        echo "half $name $(run "${address[$name]}" 64 "$pause")" >>"$work/results"
    done
done
median() { awk -v kind="$1" -v name="$2" -v column="$3" '$1 == kind && $2 == name { print $column }' "$work/results" | sort -n | sed -n "$(((rounds + 1) / 2))p"; }
for name in "${names[@]}"; do
    echo "$name: $(median full "$name" 3) requests a second"
done
ratio() { awk -v a="$1" -v b="$2" 'BEGIN { printf "%.2f", a / b }'; }
echo "arrears / echo: $(ratio "$(median full arrears 3)" "$(median full echo 3)") (at least 0.80)"
[ "${1:-peers}" = peers ] && echo "arrears / FastAPI: $(ratio "$(median full arrears 3)" "$(median full fastapi 3)") (at least 40)"
echo "99th percentile at half load: arrears $(median half arrears 4) us at $(median half arrears 3) a second, echo $(median half echo 4) us at $(median half echo 3) a second, ratio $(ratio "$(median half arrears 4)" "$(median half echo 4)") (at most 1.5)"
