#!/usr/bin/env bash
# Runs every task in arrears and in its peers, in turns, on the same generated rows, and prints one table.
#
#   benches/run.sh            with peers (makes their environments under target/ once)
#   benches/run.sh ours       arrears alone: the JSON lines
#
# BENCH_ROUNDS (default 3) rounds; BENCH_THREADS (default 2) threads for everybody; TAIWAN=path/UCI_Credit_Card.csv
# adds the hold-out tasks of that set; GROWTH (default 1000000): most rows of the growth of trees and
# k-means.
set -euo pipefail
cd "$(dirname "$0")/.."
# Set on some machines for old builds of OpenBLAS; they would slow the peers.
unset OPENBLAS_CORETYPE OPENBLAS_L2_SIZE

rounds="${BENCH_ROUNDS:-3}"
export BENCH_THREADS="${BENCH_THREADS:-2}"
export OMP_NUM_THREADS="$BENCH_THREADS" OPENBLAS_NUM_THREADS="$BENCH_THREADS" RAYON_NUM_THREADS="$BENCH_THREADS"
target="${CARGO_TARGET_DIR:-target}"
work="$target/bench-peers"
rows="$work/rows"
results="$work/results.ndjson"
mkdir -p "$rows"

environment() { # name, requirements
    local stamp="$work/$1/installed.txt"
    if ! cmp -s "$2" "$stamp"; then
        python3 -m venv "$work/$1"
        "$work/$1/bin/pip" install --quiet -r "$2"
        cp "$2" "$stamp"
    fi
}
# The peers' answers are the last lines of their output; solvers and imports talk before.
peer() { "$work/$1/bin/python" "benches/peers/$2" "${@:3}" 2>"$work/peer.log" | tail -n 1 >>"$results" || { cat "$work/peer.log" >&2; exit 1; }; }
ours() { "$target/release/$1" "${@:2}" | tee -a "$results" | { [ "$mode" = ours ] && cat || cat >/dev/null; }; }

# The other kinds of model, by themselves.
scorings() {
    for kind in tree logistic kmeans scorecard_plus; do
        ours scoring "scoring $kind" $kind "$rows/logistic.parquet" 5 0
    done
}

mode="${1:-peers}"
plus=scorecard_plus # the kind that is held against LightGBM
environment new benches/peers/requirements.txt
if [ ! -f "$rows/made.py" ] || ! cmp -s benches/peers/make_rows.py "$rows/made.py"; then
    "$work/new/bin/python" benches/peers/make_rows.py "$rows"
    cp benches/peers/make_rows.py "$rows/made.py"
    rm -f "$rows"/*.json
fi
"$work/new/bin/python" benches/peers/holdout_rows.py "$rows" german datasets/german/data.csv 20
holdout=(german)
if [ -n "${TAIWAN:-}" ]; then
    "$work/new/bin/python" benches/peers/holdout_rows.py "$rows" taiwan "$TAIWAN" 5
    holdout+=(taiwan)
fi
if [ ! -f "$rows/batch_made.py" ] || ! cmp -s benches/peers/batch_rows.py "$rows/batch_made.py"; then
    "$work/new/bin/python" benches/peers/batch_rows.py "$rows"
    cp benches/peers/batch_rows.py "$rows/batch_made.py"
fi
cargo build --release --quiet -p arrears-benches --bins
: >"$results"

if [ "$mode" = ours ]; then
    # The pre-bins to compare on come from a run with peers; without one there is nothing to compare.
    for task in binning prebins; do
        [ -f "$rows/$task.json" ] || { echo "run benches/run.sh with peers once: $rows/$task.json is missing" >&2; exit 2; }
    done
else
    environment pandas2 benches/peers/requirements-pandas2.txt
    environment batch benches/peers/requirements-batch.txt
fi

for round in $(seq "$rounds"); do
    echo "round $round of $rounds" >&2
    if [ "$mode" = peers ]; then
        peer new binning_optbinning.py binning "$rows/binning.parquet" "$rows/binning.json" 20 0.05
        ours binning binning "$rows/binning.parquet" "$rows/binning.json" 5
        peer new binning_optbinning.py prebins "$rows/prebins.parquet" "$rows/prebins.json" 100 0.005
        ours binning prebins "$rows/prebins.parquet" "$rows/prebins.json" 5
        peer new scorecard_optbinning.py scorecard "$rows/scorecard.parquet"
        ours scorecard scorecard scorecard 5 "$rows/scorecard.parquet"
        peer new logistic.py logistic "$rows/logistic.parquet" glum
        ours logistic logistic "$rows/logistic.parquet" 3
        peer new logistic.py logistic "$rows/logistic.parquet" "scikit-learn newton-cholesky"
        peer new logistic.py logistic "$rows/logistic.parquet" "scikit-learn lbfgs"
        peer new kmeans.py kmeans "$rows/kmeans.parquet" 8 scikit-learn
        ours kmeans kmeans "$rows/kmeans.parquet" 8 5
        peer new kmeans.py kmeans "$rows/kmeans.parquet" 8 faiss-cpu
        peer new tree.py tree "$rows/logistic.parquet" lightgbm
        ours tree tree "$rows/logistic.parquet" 5
        for format in csv parquet; do
            for package in onnxruntime scikit-learn; do
                peer batch batch.py "batch $format" "$rows/batch_train.parquet" "$rows/batch.$format" "$work/scored.$format" "$package"
            done
            for reasons in 0 4; do
                ours batch "batch $format" "$rows/batch_train.parquet" "$rows/batch.$format" "$work/scored.$format" 5 $reasons
            done
        done
        for model in tree logistic; do
            peer new scoring.py scoring "$rows/logistic.parquet" onnxruntime $model
            for start in doubles frame; do
                peer new scoring.py scoring "$rows/logistic.parquet" onnxruntime $model $start
            done
            for reasons in 0 4; do
                ours scoring scoring scorecard "$rows/logistic.parquet" 15 $reasons
            done
            peer new scoring.py "one row" "$rows/logistic.parquet" onnxruntime $model row
            ours scoring "one row" scorecard "$rows/logistic.parquet" 200 row
        done
        scorings
    else
        ours binning binning "$rows/binning.parquet" "$rows/binning.json" 5
        ours binning prebins "$rows/prebins.parquet" "$rows/prebins.json" 5
        ours scorecard scorecard scorecard 5 "$rows/scorecard.parquet"
        ours logistic logistic "$rows/logistic.parquet" 3
        ours kmeans kmeans "$rows/kmeans.parquet" 8 5
        ours tree tree "$rows/logistic.parquet" 5
        for format in csv parquet; do
            for reasons in 0 4; do
                ours batch "batch $format" "$rows/batch_train.parquet" "$rows/batch.$format" "$work/scored.$format" 5 $reasons
            done
        done
        for reasons in 0 4; do
            ours scoring scoring scorecard "$rows/logistic.parquet" 15 $reasons
        done
        ours scoring "one row" scorecard "$rows/logistic.parquet" 200 row
        scorings
    fi
done
# Slow, or nothing but an AUC: once.
if [ "$mode" = peers ]; then
    peer pandas2 scorecard_scorecardpy.py scorecard "$rows/scorecard.parquet"
    peer pandas2 scorecard_toad.py scorecard "$rows/scorecard.parquet"
    peer new tree.py tree "$rows/logistic.parquet" scikit-learn
    for model in tree logistic; do
        peer new scoring.py scoring "$rows/logistic.parquet" scikit-learn $model
        peer new scoring.py "one row" "$rows/logistic.parquet" scikit-learn $model row
    done
    for engine in linfa smartcore; do
        ours engines tree "$rows/logistic.parquet" "$engine" 0
        ours engines kmeans "$rows/kmeans.parquet" "$engine" 8
    done
fi
for set in "${holdout[@]}"; do
    ours scorecard "holdout $set" scorecard 1 "$rows/$set"_*.parquet
    [ "$mode" = ours ] || peer new scorecard_optbinning.py "holdout $set" "$rows/$set"_*.parquet
done
if [ -n "${TAIWAN:-}" ]; then
    ours scorecard "taiwan plus" "$plus" 1 "$rows/taiwan_01.parquet"
    [ "$mode" = ours ] || peer new holdout_lightgbm.py "taiwan plus" "$rows/taiwan_01.parquet"
fi
if [ "$mode" = peers ]; then
    "$work/new/bin/python" benches/peers/table.py "$results"
fi
# Ten times the rows, how many times as long.
"$target/release/growth" "${GROWTH:-1000000}"
for task in binning scorecard; do
    echo "memory, $task: $("$target/release/memory" "$rows/$task.parquet")"
done
# A tenth of the rows, and ten times as many: seconds in proportion, the same memory.
for part in _tenth "" _ten; do
    "$target/release/batch" "batch rows$part" "$rows/batch_train.parquet" "$rows/batch$part.csv" "$work/scored.csv" 3 4
done
rm -f "$work"/scored.*
