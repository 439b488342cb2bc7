#!/usr/bin/env bash
# 40 features in three windows of 500,000 simulated customers with 10,000,000 orders, payments and returns, from Parquet to
# Parquet: `arrears features` beside polars (lazy, streaming) and DuckDB SQL, in turns; their values are compared.
#
# BENCH_ROUNDS (default 3) rounds; BENCH_THREADS (default 2) threads for everybody; FEATURE_CUSTOMERS (default 500000).
set -euo pipefail
cd "$(dirname "$0")/.."
rounds="${BENCH_ROUNDS:-3}"
export BENCH_THREADS="${BENCH_THREADS:-2}" RAYON_NUM_THREADS="${BENCH_THREADS:-2}"
customers="${FEATURE_CUSTOMERS:-500000}"
target="${CARGO_TARGET_DIR:-target}"
work="$target/bench-peers"
shop="$work/rows/shop"
as_of=2025-06-30
mkdir -p "$work/rows"
cargo build --release --quiet -p arrears
arrears="$target/release/arrears"

stamp="$work/features/installed.txt"
if ! cmp -s benches/peers/requirements-features.txt "$stamp"; then
    python3 -m venv "$work/features"
    "$work/features/bin/pip" install --quiet -r benches/peers/requirements-features.txt
    cp benches/peers/requirements-features.txt "$stamp"
fi
python="$work/features/bin/python"
if [ "$(cat "$shop/made.txt" 2>/dev/null)" != "$customers" ]; then
    rm -rf "$shop"
    "$arrears" simulate "$shop" --customers "$customers" --orders-per-year 4.4 2>/dev/null
    echo "$customers" >"$shop/made.txt"
fi
for how in read checked; do
    "$python" benches/peers/features_list.py "$shop/config.toml" "$how" >"$shop/$how.toml"
done

for round in $(seq "$rounds"); do
    echo "round $round of $rounds" >&2
    for peer in polars duckdb; do
        "$python" "benches/peers/features_$peer.py" "$shop" "$work/features_$peer.parquet"
    done
    # on the columns that the others read, and with every row checked, which they do not do
    "$python" benches/peers/features_ours.py "$arrears" "$shop/read.toml" "$as_of" "$work/features_ours.parquet" "arrears"
    "$python" benches/peers/features_ours.py "$arrears" "$shop/checked.toml" "$as_of" "$work/features_checked.parquet" "arrears, checked"
done
"$python" benches/peers/features_equal.py "$work"/features_{ours,checked,polars,duckdb}.parquet
