//! Whole points: what a scale that speaks of them asks of the terms.

use crate::additive::{Additive, Shape};
use crate::error::{ModelError, invalid};
use crate::model::Predictor;
use crate::scale::Scale;

/// How far the points of a row may be from whole numbers, all its terms and the base together: below one half, so
/// that the rounded score is the sum of the rounded points.
const FARTHEST: f64 = 0.25;

/// # Errors
/// When points are said to be whole and are not, or the model has none to a bin.
pub(crate) fn check(predictor: &Predictor, scale: &Scale) -> Result<(), ModelError> {
    if !scale.whole_points {
        return Ok(());
    }
    match predictor {
        Predictor::Additive(additive) => check_additive(additive, scale),
        Predictor::Segmented(s) => s.segments.iter().try_for_each(|s| check_additive(&s.additive, scale)),
        Predictor::Tree(_) | Predictor::Centroids(_) | Predictor::AmountTree(_) => {
            Err(invalid("scale: `whole_points` needs an additive predictor"))
        }
    }
}

fn check_additive(additive: &Additive, scale: &Scale) -> Result<(), ModelError> {
    let off = |points: f64| (points - points.round()).abs();
    let mut farthest = off(scale.exact_score(additive.intercept));
    for term in &additive.terms {
        let (Shape::Lookup { values } | Shape::Pair { values, .. }) = &term.shape else {
            return Err(invalid("scale: `whole_points` needs terms with a value for each bin"));
        };
        farthest += values.iter().map(|value| off(scale.factor() * value)).fold(0.0, f64::max);
    }
    if farthest <= FARTHEST {
        Ok(())
    } else {
        Err(invalid(format!(
            "scale: `whole_points` is true, but the points of a row can be {farthest:.3} away from whole numbers; \
             expected at most {FARTHEST}"
        )))
    }
}
