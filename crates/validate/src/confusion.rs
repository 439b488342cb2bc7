//! What a cut-off on the pd gets right and wrong.

use serde::Serialize;

use crate::{Error, inputs};

/// The four counts at a cut-off and the ratios made of them. "Positive" is bad.
///
/// A ratio whose denominator is 0 does not exist and is `None`, never 0.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Confusion {
    /// Rows with `pd >= cutoff` are predicted bad.
    pub cutoff: f64,
    /// Bad and predicted bad.
    pub true_positives: u64,
    /// Good but predicted bad.
    pub false_positives: u64,
    /// Good and predicted good.
    pub true_negatives: u64,
    /// Bad but predicted good.
    pub false_negatives: u64,
    /// Share of all rows predicted rightly.
    pub accuracy: Option<f64>,
    /// Share of the predicted bads that are bad.
    pub precision: Option<f64>,
    /// Share of the bads that are predicted bad (sensitivity).
    pub recall: Option<f64>,
    /// Share of the goods that are predicted good.
    pub specificity: Option<f64>,
    /// Harmonic mean of precision and recall, `2 TP / (2 TP + FP + FN)`.
    pub f1: Option<f64>,
    /// Matthews correlation coefficient, from -1 to 1:
    /// `(TP TN - FP FN) / sqrt((TP+FP) (TP+FN) (TN+FP) (TN+FN))`.
    pub mcc: Option<f64>,
}

/// Counts the four outcomes when rows with `pd >= cutoff` are predicted bad.
///
/// # Errors
/// The lengths differ, there are no rows, a `pd` is not in [0, 1], or the cut-off is NaN.
pub fn confusion(bad: &[bool], pd: &[f64], cutoff: f64) -> Result<Confusion, Error> {
    inputs::probabilities(bad, pd)?;
    if cutoff.is_nan() {
        return Err(Error::Parameter { name: "cutoff", value: cutoff, expected: "a number" });
    }
    let (mut tp, mut fp, mut tn, mut fn_) = (0u64, 0u64, 0u64, 0u64);
    for (&bad, &pd) in bad.iter().zip(pd) {
        match (pd >= cutoff, bad) {
            (true, true) => tp += 1,
            (true, false) => fp += 1,
            (false, false) => tn += 1,
            (false, true) => fn_ += 1,
        }
    }
    Ok(Confusion {
        cutoff,
        true_positives: tp,
        false_positives: fp,
        true_negatives: tn,
        false_negatives: fn_,
        accuracy: ratio(tp + tn, tp + tn + fp + fn_),
        precision: ratio(tp, tp + fp),
        recall: ratio(tp, tp + fn_),
        specificity: ratio(tn, tn + fp),
        f1: ratio(2 * tp, 2 * tp + fp + fn_),
        mcc: matthews(tp, fp, tn, fn_),
    })
}

fn ratio(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

fn matthews(tp: u64, fp: u64, tn: u64, fn_: u64) -> Option<f64> {
    let product = |a: u64, b: u64| i128::from(a) * i128::from(b);
    let top = (product(tp, tn) - product(fp, fn_)) as f64;
    let bottom = product(tp + fp, tp + fn_) as f64 * product(tn + fp, tn + fn_) as f64;
    (bottom > 0.0).then(|| top / bottom.sqrt())
}
