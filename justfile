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

# every fuzz target for so many seconds (needs cargo-fuzz and a nightly toolchain)
fuzz seconds="60":
    for target in $(cargo +nightly fuzz list); do cargo +nightly fuzz run "$target" -- -max_total_time={{ seconds }} || exit 1; done

# make the metric reference files again with scikit-learn and scipy
reference:
    python3 -m venv target/reference-venv
    target/reference-venv/bin/pip install --quiet numpy scipy scikit-learn
    target/reference-venv/bin/python crates/validate/tests/reference/make_reference.py

# everything CI runs
ci:
    bash .ci/run
