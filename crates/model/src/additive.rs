//! Additive predictor: intercept + sum of terms = log-odds of bad.

use crate::error::{ModelError, invalid};
use crate::schema::Schema;
use crate::transform::{Transform, bounded};
use crate::value::Cell;
use serde::{Deserialize, Serialize};

/// Scorecards and logistic regressions. `log-odds of bad = intercept + sum over terms`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Additive {
    /// Log-odds of bad when every term gives 0.
    pub intercept: f64,
    /// The terms, added in this order.
    pub terms: Vec<Term>,
}

/// One term: a transform's output, turned into log-odds of bad.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Term {
    /// Position of the transform in the model.
    pub transform: usize,
    /// The fitted coefficient: of WoE in a scorecard, of the standardised number in a logistic model;
    /// absent where each bin has a coefficient of its own (one-hot).
    pub coefficient: Option<f64>,
    /// Log-odds against which losses are measured for reason codes.
    pub baseline: f64,
    /// How the transform's output becomes log-odds.
    pub shape: Shape,
}

/// How a transform's output becomes log-odds of bad.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum Shape {
    /// One value for each bin of the transform.
    Lookup {
        /// Log-odds of bad by bin.
        values: Vec<f64>,
    },
    /// Slope on a standardised number.
    Linear {
        /// Log-odds of bad for one standard deviation.
        slope: f64,
        /// Log-odds of bad when the value is missing.
        missing: f64,
        /// Log-odds of bad for each special code of the field.
        special: Vec<f64>,
    },
}

impl Additive {
    /// Log-odds of bad of one row of cells, and each term's share in `terms` (cleared first).
    pub fn log_odds(
        &self,
        schema: &Schema,
        transforms: &[Transform],
        cells: &[Cell],
        terms: &mut Vec<f64>,
    ) -> f64 {
        terms.clear();
        terms.extend(self.terms.iter().map(|t| t.value(schema, transforms, cells)));
        terms.iter().fold(self.intercept, |sum, value| sum + value)
    }

    pub(crate) fn check(&self, schema: &Schema, transforms: &[Transform]) -> Result<(), ModelError> {
        if !bounded(self.intercept) {
            return Err(invalid("the intercept is not finite, or beyond 1e9"));
        }
        self.terms.iter().try_for_each(|t| t.check(schema, transforms))
    }
}

impl Term {
    /// This term's log-odds for one row.
    pub fn value(&self, schema: &Schema, transforms: &[Transform], cells: &[Cell]) -> f64 {
        let transform = &transforms[self.transform];
        let cell = cells[transform.field()];
        match &self.shape {
            Shape::Lookup { values } => values[transform.bin(&schema.fields[transform.field()], cell)],
            Shape::Linear { slope, missing, special } => match cell {
                Cell::Number(_) => slope * transform.number(cell),
                Cell::Special(code) => special[code],
                Cell::Missing | Cell::Category(_) | Cell::Unseen => *missing,
            },
        }
    }

    fn check(&self, schema: &Schema, transforms: &[Transform]) -> Result<(), ModelError> {
        let Some(transform) = transforms.get(self.transform) else {
            return Err(invalid(format!("a term reads transform {}, which is not there", self.transform)));
        };
        let field = &schema.fields[transform.field()];
        let fail = |what: &str| Err(invalid(format!("term of `{}`: {what}", field.name)));
        let fits = match (&self.shape, transform) {
            (Shape::Lookup { values }, _) => transform.bins(field) == Some(values.len()),
            (Shape::Linear { special, .. }, Transform::Standardise { .. }) => {
                special.len() == field.special().len()
            }
            (Shape::Linear { .. }, _) => false,
        };
        if !fits {
            return fail("its values do not fit its transform");
        }
        let fine = match &self.shape {
            Shape::Lookup { values } => values.iter().all(|v| bounded(*v)),
            Shape::Linear { slope, missing, special } => {
                [slope, missing].into_iter().chain(special).all(|v| bounded(*v))
            }
        };
        if !fine || !bounded(self.baseline) || self.coefficient.is_some_and(|c| !bounded(c)) {
            return fail("it holds a number that is not finite, or beyond 1e9");
        }
        Ok(())
    }
}
