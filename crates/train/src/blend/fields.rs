//! The fields of a blend: the columns of the scores, the internal log-odds, and what stands in their place without a report.

use super::section::{BlendSection, Internal, Own};
use crate::rows::Rows;
use arrears_model::schema::{Field, Kind, OutOfRange};
use arrears_model::value::Cell;

/// Least bads and least goods without a report from which on these customers have a slope of their own.
const ENOUGH: u64 = 10;

/// The internal log-odds (or score) as a field of its own, where it is calculated.
pub(super) fn log_odds(section: &BlendSection) -> Option<Field> {
    let Internal::Pd(column) = &section.internal else { return None };
    let mut field = calculated(format!("log_odds_of_{column}"), formula(section), "Internal score");
    // Without it, or with a pd of 0 or 1, there is no answer.
    field.required = true;
    Some(field)
}

/// CEL for the internal log-odds, or the score.
fn formula(section: &BlendSection) -> String {
    match &section.internal {
        Internal::Pd(column) => format!("ln({column} / (1 - {column}))"),
        Internal::Score(column) => column.clone(),
    }
}

fn calculated(name: String, formula: String, reason: &str) -> Field {
    let kind = Kind::Number { min: None, max: None, out_of_range: OutOfRange::Reject, special: Vec::new() };
    Field { name, kind, reason: Some(reason.to_owned()), required: false, formula: Some(formula) }
}

/// The training rows without one external score.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Without {
    /// All of them.
    pub(super) rows: u64,
    /// The bad ones.
    pub(super) bads: u64,
    /// Mean, by weight, of the internal log-odds (or score), to three digits; 0 without rows.
    pub(super) mean: f64,
}

/// Counts the rows whose value of `external` is none, with their mean of `internal`. Both are positions in the schema.
pub(super) fn without(rows: &Rows<'_>, internal: usize, external: usize) -> Without {
    let mut found = Without::default();
    let (mut sum, mut weights) = (0.0, 0.0);
    for row in 0..rows.len() {
        if !matches!(rows.cell(row, external), Cell::Number(_)) {
            found.rows += 1;
            found.bads += u64::from(rows.bad[row]);
            if let Cell::Number(x) = rows.cell(row, internal) {
                sum += rows.weight(row) * x;
                weights += rows.weight(row);
            }
        }
    }
    found.mean = if weights > 0.0 { three_digits(sum / weights) } else { 0.0 };
    found
}

fn three_digits(x: f64) -> f64 {
    format!("{x:.2e}").parse().unwrap_or(x)
}

impl Without {
    /// What these customers have of their own: what was asked for, else what their number allows. None of no customers.
    pub(super) fn own(&self, asked: Option<Own>) -> Option<Own> {
        let enough = self.bads >= ENOUGH && self.rows - self.bads >= ENOUGH;
        let own = asked.unwrap_or(if enough { Own::Slope } else { Own::Intercept });
        (self.rows > 0).then_some(own)
    }

    /// The field that is L - m without a report of `external` and 0 with one.
    pub(super) fn slope(&self, section: &BlendSection, external: &str) -> Field {
        let internal = formula(section);
        let (sign, size) = if self.mean < 0.0 { ('+', -self.mean) } else { ('-', self.mean) };
        calculated(
            format!("{}_without_{external}", section.internal.column()),
            format!("{external} == null ? {internal} {sign} {size} : 0"),
            "Internal score, without a report",
        )
    }
}
