//! The scale on which the worst possible customer has one given score and the best another.

use arrears_model::additive::{Additive, Shape};
use arrears_model::scale::Scale;
use std::f64::consts::LN_2;

/// Lowest and highest log-odds of bad that any customer can have: the sums of the extreme values of all bins,
/// seen in training or not. With pairs they are bounds, which may lie beyond the most extreme customer. `None` where
/// a term is linear.
pub fn extreme_log_odds(additive: &Additive) -> Option<(f64, f64)> {
    let (mut lowest, mut highest) = (additive.intercept, additive.intercept);
    for term in &additive.terms {
        let (Shape::Lookup { values } | Shape::Pair { values, .. }) = &term.shape else { return None };
        lowest += values.iter().copied().fold(f64::INFINITY, f64::min);
        highest += values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    }
    Some((lowest, highest))
}

/// The scale that gives `worst` points at the highest and `best` points at the lowest log-odds of bad.
///
/// `factor = (best - worst) / (highest - lowest)`, `offset = best + factor x lowest`, written as PDO =
/// `factor x ln 2` and a base score at `base_odds`. `highest` must be above `lowest`.
pub fn scale_between(lowest: f64, highest: f64, worst: f64, best: f64, base_odds: f64) -> Scale {
    let factor = (best - worst) / (highest - lowest);
    let offset = best + factor * lowest;
    Scale {
        base_score: offset + factor * libm::log(base_odds),
        base_odds,
        pdo: factor * LN_2,
        whole_points: false,
    }
}
