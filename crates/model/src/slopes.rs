//! Points for each unit of a number, of models that add up numbers: how a coefficient is read in points.

use crate::additive::Shape;
use crate::model::{Model, Predictor};
use crate::transform::Transform;
use serde::Serialize;

/// What one unit of a field adds to the score.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LinearPoints {
    /// Name of the field.
    pub variable: String,
    /// Points for each unit, in the unit of the column.
    pub slope: f64,
    /// Points of a missing value; `None` where a row without one is refused.
    pub missing: Option<f64>,
}

/// The linear terms of a model on a points scale, in the order of its terms; empty of any other model.
pub fn linear_points(model: &Model) -> Vec<LinearPoints> {
    let (Predictor::Additive(additive), Some(scale)) = (&model.predictor, &model.scale) else {
        return Vec::new();
    };
    let one = |term: &crate::additive::Term| {
        let Shape::Linear { slope, missing, .. } = &term.shape else { return None };
        let Transform::Standardise { field, scale: unit, .. } = &model.transforms[term.transform] else {
            return None;
        };
        let field = &model.schema.fields[*field];
        Some(LinearPoints {
            variable: field.name.clone(),
            slope: scale.term_points(slope / unit),
            missing: (!field.required).then(|| scale.term_points(*missing)),
        })
    };
    additive.terms.iter().filter_map(one).collect()
}
