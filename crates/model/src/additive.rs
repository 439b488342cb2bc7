//! Additive predictor: intercept + sum of terms = log-odds of bad.

use crate::error::{ModelError, invalid};
use crate::schema::Schema;
use crate::transform::{Transform, bounded};
use crate::value::Cell;
use serde::{Deserialize, Serialize};

/// Scorecards (with pairs or without) and logistic regressions. `log-odds of bad = intercept + sum over terms`.
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
    /// One value for each bin of the transform together with each bin of another field's transform.
    Pair {
        /// Position of the second transform in the model.
        with: usize,
        /// Log-odds of bad, row by row: the value of bins (a, b) stands at `a x bins of the second + b`.
        values: Vec<f64>,
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
            Shape::Pair { with, values } => {
                let bin = |transform: &Transform| {
                    transform.bin(&schema.fields[transform.field()], cells[transform.field()])
                };
                let second = &transforms[*with];
                let width = second.bins(&schema.fields[second.field()]).unwrap_or(0);
                values[bin(transform) * width + bin(second)]
            }
        }
    }

    /// The fields this term reads, and what part of its loss each one answers for: a pair's loss is split
    /// half and half, because a value of two fields together is the doing of neither alone.
    pub fn shares(&self, transforms: &[Transform]) -> impl Iterator<Item = (usize, f64)> + use<> {
        let first = transforms[self.transform].field();
        match &self.shape {
            Shape::Pair { with, .. } => [Some((first, 0.5)), Some((transforms[*with].field(), 0.5))],
            Shape::Lookup { .. } | Shape::Linear { .. } => [Some((first, 1.0)), None],
        }
        .into_iter()
        .flatten()
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
            (Shape::Pair { with, values }, _) => {
                let Some(second) = transforms.get(*with) else {
                    return fail(&format!("it reads transform {with}, which is not there"));
                };
                if second.field() == transform.field() {
                    return fail("a pair needs two different fields");
                }
                let bins = transform.bins(field).zip(second.bins(&schema.fields[second.field()]));
                bins.and_then(|(a, b)| a.checked_mul(b)) == Some(values.len())
            }
        };
        if !fits {
            return fail("its values do not fit its transform");
        }
        let fine = match &self.shape {
            Shape::Lookup { values } | Shape::Pair { values, .. } => values.iter().all(|v| bounded(*v)),
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
