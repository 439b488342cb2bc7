//! Two-way points tables: what a pair of fields adds beyond what each of them gives alone.

use crate::additive::Shape;
use crate::model::{Model, Predictor};
use crate::schema::Field;
use crate::transform::Transform;
use serde::Serialize;

/// The points of one pair of fields.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PairPoints {
    /// Name of the first field, down the table.
    pub first: String,
    /// Name of the second field, across the table.
    pub second: String,
    /// Labels of the first field's bins.
    pub first_bins: Vec<String>,
    /// Labels of the second field's bins.
    pub second_bins: Vec<String>,
    /// Those of both with long lists cut, as [`Transform::short_bin_label`] gives them; not in files.
    #[serde(skip)]
    pub short: [Vec<String>; 2],
    /// Log-odds of bad that each combination adds: one list for each bin of the first field.
    pub log_odds: Vec<Vec<f64>>,
    /// Points of each combination, `-factor x log-odds`: they come on top of those of
    /// [`points_table`](crate::points::points_table), and all together add up to the score.
    pub points: Vec<Vec<f64>>,
}

/// The two-way points of every pair, in the model's order; empty for a model without pairs.
pub fn pair_points(model: &Model) -> Vec<PairPoints> {
    let (Predictor::Additive(additive), Some(scale)) = (&model.predictor, &model.scale) else {
        return Vec::new();
    };
    let name = |transform: usize| model.schema.fields[model.transforms[transform].field()].name.clone();
    let labels = |transform: usize, label: fn(&Transform, &Field, usize) -> String| -> Vec<String> {
        let transform = &model.transforms[transform];
        let field = &model.schema.fields[transform.field()];
        (0..transform.bins(field).unwrap_or(0)).map(|bin| label(transform, field, bin)).collect()
    };
    let mut tables = Vec::new();
    for term in &additive.terms {
        let Shape::Pair { with, values } = &term.shape else { continue };
        let second_bins = labels(*with, Transform::bin_label);
        let log_odds: Vec<Vec<f64>> = values.chunks(second_bins.len()).map(<[f64]>::to_vec).collect();
        let points = |row: &Vec<f64>| row.iter().map(|value| scale.term_points(*value)).collect();
        tables.push(PairPoints {
            first: name(term.transform),
            second: name(*with),
            first_bins: labels(term.transform, Transform::bin_label),
            second_bins,
            short: [term.transform, *with].map(|side| labels(side, Transform::short_bin_label)),
            points: log_odds.iter().map(points).collect(),
            log_odds,
        });
    }
    tables
}

/// Decimals that show the points of pairs: none where points are whole, else one.
pub fn pair_decimals(model: &Model) -> usize {
    usize::from(model.scale.is_none_or(|scale| !scale.whole_points))
}
