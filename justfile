# `just` lists the recipes. CONTRIBUTING.md says when to use which.

_default:
    @just --list

# type-check everything, tests included
check:
    cargo check --workspace --all-targets

# format in place
fmt:
    cargo fmt --all

# what CI holds: formatting and clippy without a warning
lint:
    cargo fmt --all --check
    cargo clippy --workspace --all-targets -- -D warnings

# all tests; with DATASETS_DIR set, also those on the larger data sets
test:
    cargo test --workspace

# the documentation of our crates, without a warning
doc:
    RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps

# train, validate and score on the bundled data
demo:
    cargo run --release -- demo

# every fuzz target so many times (installs cargo-fuzz where it is absent)
fuzz runs="1000000":
    fuzz/run.sh model {{ runs }}
    fuzz/run.sh csv {{ runs }}

# make the reference files again, in the versions they were made with (make_*.py outside this list say how at their head)
reference:
    python3 -m venv target/reference-venv
    for folder in crates/validate/tests/reference crates/train/tests/reference tests/reference; do \
        target/reference-venv/bin/pip install --quiet -r $folder/requirements.txt && \
        target/reference-venv/bin/python $folder/make_reference.py || exit 1; \
    done
    target/reference-venv/bin/python crates/model/tests/reference/score_samples.py
    python3 -m venv target/reference-venv-binning
    target/reference-venv-binning/bin/pip install --quiet -r crates/train/tests/reference/binning/requirements.txt
    target/reference-venv-binning/bin/python crates/train/tests/reference/binning/make_reference.py

# time arrears on generated rows (after `just bench-peers` has made them once)
bench:
    benches/run.sh ours

# time arrears beside its peers on the same rows and print the ratios (makes virtual environments under target/)
bench-peers:
    benches/run.sh

# everything CI runs
ci:
    bash .ci/run
