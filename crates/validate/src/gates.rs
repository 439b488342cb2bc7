//! Gates: the limits a model must keep before it ships.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::Error;

/// The limits of a gates file. An absent limit is not checked.
///
/// ```toml
/// min_auc = 0.75
/// max_score_psi = 0.25
/// min_rows = 500
/// ```
#[derive(Debug, Clone, Default, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Gates {
    /// Least AUC, 0 to 1.
    pub min_auc: Option<f64>,
    /// Least lower end of the AUC's confidence interval, 0 to 1.
    pub min_auc_lower: Option<f64>,
    /// Least Gini coefficient, -1 to 1.
    pub min_gini: Option<f64>,
    /// Least Kolmogorov-Smirnov distance, 0 to 1.
    pub min_ks: Option<f64>,
    /// Largest Brier score, 0 to 1.
    pub max_brier: Option<f64>,
    /// Largest log loss in nats, 0 or more.
    pub max_log_loss: Option<f64>,
    /// Largest expected calibration error, 0 to 1.
    pub max_calibration_error: Option<f64>,
    /// Largest mean absolute error of amounts, in their unit, 0 or more.
    pub max_mae: Option<f64>,
    /// Largest root mean squared error of amounts, in their unit, 0 or more.
    pub max_rmse: Option<f64>,
    /// Least share of the variance of amounts explained, -1 to 1.
    pub min_r2: Option<f64>,
    /// Least Spearman correlation of predicted and actual amounts, -1 to 1.
    pub min_spearman: Option<f64>,
    /// Largest mean error of amounts to either side, in their unit, 0 or more.
    pub max_mean_error: Option<f64>,
    /// Largest PSI of the score, or of the predicted amount, 0 or more.
    pub max_score_psi: Option<f64>,
    /// Largest PSI of any one feature, 0 or more.
    pub max_feature_psi: Option<f64>,
    /// Least number of rows measured, a whole number.
    pub min_rows: Option<u64>,
    /// Least number of bad rows measured, a whole number.
    pub min_bads: Option<u64>,
    /// Least mean silhouette, -1 to 1.
    pub min_silhouette: Option<f64>,
    /// Largest inertia divided by the number of rows, 0 or more.
    pub max_inertia_per_row: Option<f64>,
    /// Largest share of rows that could not be scored, 0 to 1.
    pub max_reject_share: Option<f64>,
}

/// What was measured, for the gates to look at. `None`: it could not be computed.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Measured {
    /// For `min_auc`.
    pub auc: Option<f64>,
    /// For `min_auc_lower`.
    pub auc_lower: Option<f64>,
    /// For `min_gini`.
    pub gini: Option<f64>,
    /// For `min_ks`.
    pub ks: Option<f64>,
    /// For `max_brier`.
    pub brier: Option<f64>,
    /// For `max_log_loss`.
    pub log_loss: Option<f64>,
    /// For `max_calibration_error`.
    pub calibration_error: Option<f64>,
    /// For `max_mae`.
    pub mae: Option<f64>,
    /// For `max_rmse`.
    pub rmse: Option<f64>,
    /// For `min_r2`.
    pub r2: Option<f64>,
    /// For `min_spearman`.
    pub spearman: Option<f64>,
    /// For `max_mean_error`: without its sign.
    pub mean_error: Option<f64>,
    /// For `max_score_psi`.
    pub score_psi: Option<f64>,
    /// For `max_feature_psi`: the largest of all features.
    pub feature_psi: Option<f64>,
    /// For `min_rows`.
    pub rows: Option<f64>,
    /// For `min_bads`.
    pub bads: Option<f64>,
    /// For `min_silhouette`.
    pub silhouette: Option<f64>,
    /// For `max_inertia_per_row`.
    pub inertia_per_row: Option<f64>,
    /// For `max_reject_share`.
    pub reject_share: Option<f64>,
}

/// Which side of the limit passes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Bound {
    /// The limit or more.
    AtLeast,
    /// The limit or less.
    AtMost,
}

/// One gate, checked.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct GateResult {
    /// The key in the gates file.
    pub name: &'static str,
    /// Which side of the limit passes.
    pub bound: Bound,
    /// The limit in the gates file.
    pub limit: f64,
    /// The value found; `None` if it could not be computed.
    pub value: Option<f64>,
    /// Whether the value exists, is finite and keeps the limit (being equal keeps it).
    pub passed: bool,
}

impl fmt::Display for GateResult {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.value {
            Some(value) => write!(f, "{} is {value}", self.name)?,
            None => write!(f, "{} could not be computed", self.name)?,
        }
        let side = match self.bound {
            Bound::AtLeast => "at least",
            Bound::AtMost => "at most",
        };
        write!(f, ", the gate asks for {side} {}", self.limit)
    }
}

/// A gate's key, its side, the range a sensible limit lies in, the limit set and the value measured.
struct Gate {
    name: &'static str,
    bound: Bound,
    range: (f64, f64),
    limit: Option<f64>,
    value: Option<f64>,
}

const SHARE: (f64, f64) = (0.0, 1.0);
const SIGNED: (f64, f64) = (-1.0, 1.0);
const AMOUNT: (f64, f64) = (0.0, f64::MAX);

/// All gates, in the order in which they are reported.
fn all(g: &Gates, m: &Measured) -> [Gate; 19] {
    let at_least = |name, range, limit, value| Gate { name, bound: Bound::AtLeast, range, limit, value };
    let at_most = |name, range, limit, value| Gate { name, bound: Bound::AtMost, range, limit, value };
    [
        at_least("min_rows", AMOUNT, g.min_rows.map(|n| n as f64), m.rows),
        at_least("min_bads", AMOUNT, g.min_bads.map(|n| n as f64), m.bads),
        at_most("max_reject_share", SHARE, g.max_reject_share, m.reject_share),
        at_least("min_auc", SHARE, g.min_auc, m.auc),
        at_least("min_auc_lower", SHARE, g.min_auc_lower, m.auc_lower),
        at_least("min_gini", SIGNED, g.min_gini, m.gini),
        at_least("min_ks", SHARE, g.min_ks, m.ks),
        at_most("max_brier", SHARE, g.max_brier, m.brier),
        at_most("max_log_loss", AMOUNT, g.max_log_loss, m.log_loss),
        at_most("max_calibration_error", SHARE, g.max_calibration_error, m.calibration_error),
        at_most("max_mae", AMOUNT, g.max_mae, m.mae),
        at_most("max_rmse", AMOUNT, g.max_rmse, m.rmse),
        at_least("min_r2", SIGNED, g.min_r2, m.r2),
        at_least("min_spearman", SIGNED, g.min_spearman, m.spearman),
        at_most("max_mean_error", AMOUNT, g.max_mean_error, m.mean_error),
        at_most("max_score_psi", AMOUNT, g.max_score_psi, m.score_psi),
        at_most("max_feature_psi", AMOUNT, g.max_feature_psi, m.feature_psi),
        at_least("min_silhouette", SIGNED, g.min_silhouette, m.silhouette),
        at_most("max_inertia_per_row", AMOUNT, g.max_inertia_per_row, m.inertia_per_row),
    ]
}

impl Gates {
    /// Reads a gates file: TOML with the fields of this struct as keys.
    ///
    /// # Errors
    /// The text is not TOML, a key is unknown (the message lists the known ones), a value has the wrong type
    /// or lies outside the range in which its gate could ever matter, or no gate is set at all.
    pub fn from_toml(text: &str) -> Result<Self, Error> {
        let gates: Self = toml::from_str(text)
            .map_err(|error| Error::GatesFile { message: error.to_string().trim_end().to_owned() })?;
        let all = all(&gates, &Measured::default());
        for gate in &all {
            let (low, high) = gate.range;
            if let Some(limit) = gate.limit.filter(|limit| !(low..=high).contains(limit)) {
                let top = if high == f64::MAX { "or more".to_owned() } else { format!("to {high}") };
                let message = format!("`{}` is {limit}, expected a number from {low} {top}", gate.name);
                return Err(Error::GatesFile { message });
            }
        }
        if all.iter().all(|gate| gate.limit.is_none()) {
            return Err(Error::NoGates { known: all.map(|gate| gate.name).join(", ") });
        }
        Ok(gates)
    }
}

/// Checks every gate that is set, in a fixed order.
///
/// A gate whose value could not be computed, or is NaN or infinite, fails. So does a limit of NaN.
pub fn check(gates: &Gates, measured: &Measured) -> Vec<GateResult> {
    let judge = |gate: Gate| {
        let Gate { name, bound, limit, value, .. } = gate;
        let limit = limit?;
        let passed = value.is_some_and(|value| {
            value.is_finite()
                && match bound {
                    Bound::AtLeast => value >= limit,
                    Bound::AtMost => value <= limit,
                }
        });
        Some(GateResult { name, bound, limit, value, passed })
    };
    all(gates, measured).into_iter().filter_map(judge).collect()
}
