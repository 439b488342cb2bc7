//! Provenance: what a model was made from, so that it can be made again.

use serde::{Deserialize, Serialize};

/// Where a model comes from. No clock and no host name: the same work gives the same bytes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Provenance {
    /// Program and version that trained it.
    pub program: String,
    /// Engine that fitted it: `linfa`, `smartcore` or `native`.
    pub engine: String,
    /// Name of the data file, without folders.
    pub data: String,
    /// SHA-256 of the data file, as hex.
    pub data_sha256: String,
    /// Rows read, rows kept by cleaning, rows trained on, rows held out.
    pub rows: Rows,
    /// The effective recipe as TOML, defaults written out.
    pub recipe: String,
    /// How the fit went.
    pub fit: Fit,
}

/// How many rows went where.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rows {
    /// Rows in the file.
    pub read: u64,
    /// Rows left after cleaning.
    pub kept: u64,
    /// Rows the model was fitted on.
    pub train: u64,
    /// Bads among the training rows, where the outcome was known.
    pub train_bads: Option<u64>,
    /// Rows held out for validation.
    pub test: u64,
}

/// How the fit went.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fit {
    /// Whether the stopping rule was met; absent where the learner has none.
    pub converged: Option<bool>,
    /// Norm of the gradient at the end, per row; absent where there is none.
    pub gradient_norm: Option<f64>,
    /// What a reader must know: columns dropped, categories merged, non-convergence.
    pub notes: Vec<String>,
}
