//! What every learner gives: the parts that were learned, before they become a model.

use crate::rows::Rows;
use arrears_model::additive::{Shape, Term};
use arrears_model::model::Baseline;
use arrears_model::provenance::Fit;
use arrears_model::transform::Transform;
use arrears_model::{Predictor, Schema};
use serde::Serialize;

/// Learned parts, on the full schema of the training rows.
#[derive(Clone, Debug)]
pub struct Fitted {
    /// Transforms the predictor reads.
    pub transforms: Vec<Transform>,
    /// The predictor.
    pub predictor: Predictor,
    /// How the fit went.
    pub fit: Fit,
    /// What became of each variable, in schema order.
    pub variables: Vec<VariableReport>,
}

/// What became of one variable.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct VariableReport {
    /// Name of the field.
    pub variable: String,
    /// Whether the model reads it.
    pub kept: bool,
    /// Information value in the training rows, where the learner bins.
    pub iv: Option<f64>,
    /// Why it was kept or left out.
    pub reason: String,
}

/// Sets each term's baseline from the values it gave the training rows.
///
/// `max` is the best (lowest log-odds) value any row had, `mean` their mean, `neutral` 0.
pub fn set_baselines(terms: &mut [Term], rows: &Rows, transforms: &[Transform], baseline: Baseline) {
    for term in terms {
        let values = (0..rows.len()).map(|r| term.value(&rows.schema, transforms, rows.row(r)));
        term.baseline = match baseline {
            Baseline::Max => values.reduce(f64::min).unwrap_or(0.0),
            Baseline::Mean => values.sum::<f64>() / rows.len() as f64,
            Baseline::Neutral => 0.0,
        };
    }
}

/// Log-odds by bin from WoE: `coefficient x WoE`, as a lookup term without its baseline.
pub fn lookup_term(transform: usize, coefficient: Option<f64>, values: Vec<f64>) -> Term {
    Term { transform, coefficient, baseline: 0.0, shape: Shape::Lookup { values } }
}

/// The fields a schema has, by name, for notes.
pub fn names(schema: &Schema, fields: impl IntoIterator<Item = usize>) -> String {
    let names: Vec<&str> = fields.into_iter().map(|f| schema.fields[f].name.as_str()).collect();
    names.join(", ")
}
