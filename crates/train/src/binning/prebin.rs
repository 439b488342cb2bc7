//! Pre-bins of a number: where it may be split at all.

use super::params::{BinningParams, Prebinning};
use super::quantile::{quantile_splits, quantile_splits_of, weighted_quantile_splits};
use super::tally::Target;
use super::tree::tree_splits;
use crate::rows::Rows;
use arrears_model::value::Cell;

/// The splits between the pre-bins of a number field; each is a value that occurs (with
/// a weight above 0), so no pre-bin is empty. `plain` is [`Rows::plain_numbers`].
pub fn prebin(
    rows: &Rows<'_>,
    field: usize,
    plain: Option<&[f64]>,
    target: Target<'_>,
    params: &BinningParams,
) -> Vec<f64> {
    let prebins = params.prebins_for(rows.len());
    match (params.prebinning, plain) {
        (Prebinning::Quantile, _) if rows.weights.is_some() => {
            weighted_quantile_splits(&mut rows.weighted_numbers(field), prebins)
        }
        (Prebinning::Quantile, Some(numbers)) => quantile_splits_of(numbers, prebins),
        (Prebinning::Quantile, None) => quantile_splits(&mut rows.numbers(field), prebins),
        (Prebinning::Tree, _) => {
            let point = |(row, cell)| match cell {
                Cell::Number(x) if rows.weight(row) > 0.0 => Some((x, target.value(row), rows.weight(row))),
                _ => None,
            };
            tree_splits(rows.column(field).enumerate().filter_map(point).collect(), prebins)
        }
    }
}
