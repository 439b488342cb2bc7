//! Pre-bins of a number: where it may be split at all.

use super::params::{BinningParams, Prebinning};
use super::quantile::{quantile_splits, weighted_quantile_splits};
use super::tally::Target;
use super::tree::tree_splits;
use crate::rows::Rows;
use arrears_model::value::Cell;

/// The splits between the pre-bins of a number field; each is a value that occurs (with
/// a weight above 0), so no pre-bin is empty.
pub fn prebin(rows: &Rows<'_>, field: usize, target: Target<'_>, params: &BinningParams) -> Vec<f64> {
    let prebins = params.prebins_for(rows.len());
    match params.prebinning {
        Prebinning::Quantile if rows.weights.is_some() => {
            weighted_quantile_splits(&mut rows.weighted_numbers(field), prebins)
        }
        Prebinning::Quantile => quantile_splits(&mut rows.numbers(field), prebins),
        Prebinning::Tree => {
            let point = |(row, cell)| match cell {
                Cell::Number(x) if rows.weight(row) > 0.0 => Some((x, target.value(row), rows.weight(row))),
                _ => None,
            };
            tree_splits(rows.column(field).enumerate().filter_map(point).collect(), prebins)
        }
    }
}
