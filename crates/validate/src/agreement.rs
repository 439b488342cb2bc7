//! How far two ways of parting the same rows agree.

use crate::{Error, inputs};
use std::collections::BTreeMap;

/// Adjusted Rand index of two partitions of the same rows (L. Hubert and P. Arabie, 1985).
///
/// Of all pairs of rows, those that are together in both, less what chance would give, over what is possible:
/// `(S - A B / T) / ((A + B) / 2 - A B / T)`, with S the pairs that both keep together, A and B those that each keeps together, T all
/// pairs. 1: the same partition, whatever the numbers of its groups; about 0: as if by chance; it may be negative. Two
/// partitions that both keep all rows together, or both keep none together, agree: 1.
///
/// # Errors
/// The slices are empty or differ in length.
pub fn adjusted_rand_index(one: &[usize], other: &[usize]) -> Result<f64, Error> {
    inputs::one_a_row("the other partition", one.len(), other)?;
    let mut cells = BTreeMap::new();
    for pair in one.iter().zip(other) {
        *cells.entry(pair).or_insert(0u64) += 1;
    }
    let (mut rows, mut columns) = (BTreeMap::new(), BTreeMap::new());
    for ((row, column), count) in &cells {
        *rows.entry(row).or_insert(0u64) += count;
        *columns.entry(column).or_insert(0u64) += count;
    }
    let pairs = |count: u64| (u128::from(count) * u128::from(count.saturating_sub(1)) / 2) as f64;
    let both: f64 = cells.values().copied().map(pairs).sum();
    let of_one: f64 = rows.into_values().map(pairs).sum();
    let of_other: f64 = columns.into_values().map(pairs).sum();
    if both == of_one && both == of_other {
        return Ok(1.0);
    }
    let chance = of_one * of_other / pairs(one.len() as u64);
    Ok((both - chance) / ((of_one + of_other) / 2.0 - chance))
}
