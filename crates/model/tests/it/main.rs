//! What the crate must hold, tested from outside.
//!
//! | module | holds |
//! |---|---|
//! | `samples` | the frozen files of `tests/samples` load, score as a second reader says, and write the same bytes |
//! | `damage` | cut, flipped and foreign files are errors, never panics |
//! | `checks` | every check of a model's parts fires, with its message |
//! | `random_models`, `random_formulas` | any model survives writing and reading bit for bit, and scores any row |
//! | `ingestion` | raw value -> cell, every case |
//! | `bins` | edges and order of bins, numbers of the fitted scale |
//! | `scales` | log-odds, pd, points and grades against numbers worked out by hand |
//! | `evidence` | WoE, IV and the points table against numbers worked out by hand |
//! | `pairs` | two-way points, and which version a file must have |
//! | `segmented` | a row of a segment scores as by that segment's scorecard alone; what such a file must hold |
//! | `whole_points` | whole scores without dust, and what a file must hold to promise them |
//! | `rules` | a row satisfies one leaf's rule, that of the leaf it falls into; so do the words |
//! | `leaves` | the leaf table against sums worked out by hand, intervals against statsmodels |
//! | `segments` | logarithms, novelty and typical values: which version a file must have, what is refused, words |
//! | `amounts` | trees of amounts: leaf table, texts, intervals against scipy, what such a file must hold |
//! | `decisions` | limits, tiers and formulas against numbers worked out by hand; what such a file must hold |
//! | `compiled` | the fast scorer says what the plain one says, bit for bit, of any row and model |
//! | `reasons` | which fields are named, in which order, for how many points |

#![allow(clippy::unwrap_used, reason = "a test ends where its helper fails")]

mod amounts;
mod bins;
mod checks;
mod compiled;
mod damage;
mod decisions;
mod evidence;
mod ingestion;
mod leaves;
mod pairs;
mod random_formulas;
mod random_models;
mod reasons;
mod rules;
mod samples;
mod scales;
mod segmented;
mod segments;
mod whole_points;

use arrears_model::{Model, Parts};
use std::path::PathBuf;

/// Names of the frozen samples.
const SAMPLES: [&str; 12] = [
    "v1-scorecard",
    "v1-logistic",
    "v1-tree",
    "v1-segments",
    "v2-scorecard-plus",
    "v2-whole-points",
    "v3-segments",
    "v3-segmented-tree",
    "v3-segmented-centres",
    "v3-amount-tree",
    "v4-expert",
    "v4-tree",
];

fn sample_path(file: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/samples").join(file)
}

fn sample_bytes(name: &str) -> Vec<u8> {
    std::fs::read(sample_path(&format!("{name}.json"))).unwrap()
}

fn sample(name: &str) -> Model {
    Model::from_bytes(&sample_bytes(name)).unwrap()
}

fn sample_parts(name: &str) -> Parts {
    sample(name).into_parts()
}
