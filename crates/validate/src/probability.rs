//! How good the probabilities are, row by row: Brier score and log loss.

use crate::{Error, inputs};

/// Brier score: the mean of `(pd - outcome)^2`, outcome 1 for bad. From 0 (perfect) to 1.
///
/// # Errors
/// The lengths differ, there are no rows, or a `pd` is not in [0, 1].
pub fn brier(bad: &[bool], pd: &[f64]) -> Result<f64, Error> {
    inputs::probabilities(bad, pd)?;
    let sum: f64 = bad.iter().zip(pd).map(|(&bad, pd)| (pd - f64::from(u8::from(bad))).powi(2)).sum();
    Ok(sum / pd.len() as f64)
}

/// Log loss: the mean of `-ln(probability given to what happened)`, in nats. 0 is perfect.
///
/// Probabilities are clipped to `[EPSILON, 1 - EPSILON]` with the epsilon of f64 (2.2e-16), as scikit-learn
/// does since 1.5, so a certain and wrong pd costs about 36 and not infinity.
///
/// # Errors
/// The lengths differ, there are no rows, or a `pd` is not in [0, 1].
pub fn log_loss(bad: &[bool], pd: &[f64]) -> Result<f64, Error> {
    inputs::probabilities(bad, pd)?;
    let loss = |(&bad, &pd): (&bool, &f64)| {
        let given = if bad { pd } else { 1.0 - pd };
        -given.clamp(f64::EPSILON, 1.0 - f64::EPSILON).ln()
    };
    Ok(bad.iter().zip(pd).map(loss).sum::<f64>() / pd.len() as f64)
}
