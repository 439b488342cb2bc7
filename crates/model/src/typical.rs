//! What the customers of each segment are like, in the units of the columns.
//!
//! Kept by k-means models, so that a segment can be described without its training rows. Scoring does not use it.

use crate::error::{ModelError, invalid};
use crate::schema::{Field, Kind, Schema};
use crate::transform::bounded;
use serde::{Deserialize, Serialize};

/// One field over the segments. The training rows count that have a value: no missing ones, no special codes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TypicalField {
    /// Position of the field in the schema.
    pub field: usize,
    /// Of all training rows; `None` where none has a value.
    pub all: Option<Typical>,
    /// Of each segment, in the order of the segments; `None` where none of its rows has a value.
    pub segments: Vec<Option<Typical>>,
    /// How far each segment lies from all training rows, in standard deviations of all: for a number
    /// (mean of the segment - mean of all) / standard deviation of all, each of the logarithms where the model reads those; for a
    /// category the same of the 0/1 column of the
    /// segment's most frequent category. 0 without a value.
    pub differences: Vec<f64>,
}

/// The typical value of a field.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum Typical {
    /// Of a number.
    Number {
        /// Mean.
        mean: f64,
        /// Median: with an even number of rows the mean of the two in the middle.
        median: f64,
    },
    /// Of a category: the most frequent one, the first in the field's order of equally frequent ones.
    Category {
        /// Its position in the field.
        category: usize,
        /// Its share of the rows that have a category that training saw, above 0, up to 1.
        share: f64,
    },
}

impl Typical {
    fn suits(&self, field: &Field) -> bool {
        match (self, &field.kind) {
            (Self::Number { mean, median }, Kind::Number { .. }) => mean.is_finite() && median.is_finite(),
            (Self::Category { category, share }, Kind::Category { categories, .. }) => {
                *category < categories.len() && *share > 0.0 && *share <= 1.0
            }
            _ => false,
        }
    }
}

/// A number as it is read in a table: whole from 1000 on, else with at most two decimals, very large and very small
/// ones with a power of ten.
pub fn short_number(x: f64) -> String {
    let size = x.abs();
    if size >= 1e9 || (size > 0.0 && size < 0.005) {
        return format!("{x:.1e}");
    }
    let text = if size >= 1000.0 { format!("{x:.0}") } else { format!("{x:.2}") };
    let text = if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { &text };
    if text == "-0" { "0".to_owned() } else { text.to_owned() }
}

pub(crate) fn check_typical(
    typical: &[TypicalField],
    schema: &Schema,
    segments: usize,
) -> Result<(), ModelError> {
    if !typical.is_sorted_by(|a, b| a.field < b.field) {
        return Err(invalid("`typical` must hold each field at most once, in the order of the schema"));
    }
    for entry in typical {
        let Some(field) = schema.fields.get(entry.field) else {
            return Err(invalid(format!("`typical` names field {}, which is not there", entry.field)));
        };
        let fail = |what: &str| Err(invalid(format!("typical values of `{}`: {what}", field.name)));
        if entry.segments.len() != segments || entry.differences.len() != segments {
            return fail("they need one value and one difference for each segment");
        }
        if !entry.segments.iter().chain([&entry.all]).flatten().all(|value| value.suits(field)) {
            return fail("a value does not suit the field, or is not finite, or a share not in 0 to 1");
        }
        if entry.differences.iter().any(|d| !bounded(*d)) {
            return fail("a difference is not finite, or beyond 1e9");
        }
    }
    Ok(())
}
