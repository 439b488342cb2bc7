#!/usr/bin/env bash
# Runs one fuzz target so many times: fuzz/run.sh TARGET RUNS [libFuzzer options]
# Exit code 0 when nothing was found. Needs no nightly toolchain: no sanitizer, as the code is safe Rust.
set -euo pipefail

if [ $# -lt 2 ]; then
    echo "usage: fuzz/run.sh TARGET RUNS [libFuzzer options]; targets: model, csv" >&2
    exit 2
fi
target=$1
runs=$2
shift 2
cd "$(dirname "$0")"

cargo fuzz --version >/dev/null 2>&1 || cargo install cargo-fuzz --locked

mkdir -p "corpus/$target"
dict=()
if [ -f "$target.dict" ]; then dict=("-dict=$target.dict"); fi
cargo fuzz run --sanitizer none "$target" "corpus/$target" "seeds/$target" -- \
    "-runs=$runs" -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 -verbosity=0 "${dict[@]}" "$@"
