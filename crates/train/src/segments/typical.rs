//! What the customers of each segment are like, in the units of the columns.

use crate::rows::Rows;
use crate::standardise::mean_and_deviation;
use arrears_model::Kind;
use arrears_model::transform::{LARGEST, Transform, signed_log};
use arrears_model::typical::{Typical, TypicalField};
use arrears_model::value::Cell;
use rayon::prelude::*;

/// One entry for each field that the transforms read; see [`TypicalField`] for what is counted.
pub(crate) fn typical(
    rows: &Rows<'_>,
    transforms: &[Transform],
    labels: &[u16],
    segments: usize,
) -> Vec<TypicalField> {
    let mut fields: Vec<usize> = transforms.iter().map(Transform::field).collect();
    fields.dedup();
    let one = |field: usize| match &rows.field(field).kind {
        Kind::Number { .. } => {
            let log =
                |t: &Transform| matches!(t, Transform::LogStandardise { field: of, .. } if *of == field);
            numbers(rows, field, transforms.iter().any(log), labels, segments)
        }
        Kind::Category { categories, .. } => category(rows, field, categories.len(), labels, segments),
    };
    fields.into_par_iter().map(one).collect()
}

/// `log`: differences are those of the logarithms, as the distances see them.
fn numbers(rows: &Rows<'_>, field: usize, log: bool, labels: &[u16], segments: usize) -> TypicalField {
    let mut all = Vec::new();
    let mut by_segment = vec![Vec::new(); segments];
    for (cell, segment) in rows.column(field).zip(labels) {
        if let Cell::Number(x) = cell {
            all.push(x);
            by_segment[usize::from(*segment)].push(x);
        }
    }
    let compared = |x: f64| if log { signed_log(x) } else { x };
    let weighted: Vec<(f64, f64)> = all.iter().map(|x| (compared(*x), 1.0)).collect();
    let spread = mean_and_deviation(&weighted);
    let differences = by_segment.iter().map(|of| match (spread, of.is_empty()) {
        (Some((center, scale)), false) => {
            ((mean(of.iter().map(|x| compared(*x))) - center) / scale).clamp(-LARGEST, LARGEST)
        }
        _ => 0.0,
    });
    let differences = differences.collect();
    let segments = by_segment.iter_mut().map(|of| middle(of)).collect();
    TypicalField { field, all: middle(&mut all), segments, differences }
}

/// Mean and median; `None` of nothing.
fn middle(numbers: &mut [f64]) -> Option<Typical> {
    if numbers.is_empty() {
        return None;
    }
    let (mean, even) = (mean(numbers.iter().copied()), numbers.len().is_multiple_of(2));
    let half = numbers.len() / 2;
    let (below, upper, _) = numbers.select_nth_unstable_by(half, f64::total_cmp);
    let median = match below.iter().copied().max_by(f64::total_cmp) {
        Some(lower) if even => lower / 2.0 + *upper / 2.0,
        _ => *upper,
    };
    Some(Typical::Number { mean, median })
}

/// Divided before they are added, so that no sum is too large.
fn mean(numbers: impl ExactSizeIterator<Item = f64>) -> f64 {
    let n = numbers.len() as f64;
    numbers.map(|x| x / n).sum()
}

fn category(
    rows: &Rows<'_>,
    field: usize,
    categories: usize,
    labels: &[u16],
    segments: usize,
) -> TypicalField {
    let mut counts = vec![vec![0u64; categories]; segments];
    for (cell, segment) in rows.column(field).zip(labels) {
        if let Cell::Category(category) = cell {
            counts[usize::from(*segment)][category] += 1;
        }
    }
    let all: Vec<u64> = (0..categories).map(|c| counts.iter().map(|of| of[c]).sum()).collect();
    let total: u64 = all.iter().sum();
    let differences = counts.iter().map(|of| match most_frequent(of) {
        Some(Typical::Category { category, share }) => {
            let expected = all[category] as f64 / total as f64;
            let spread = (expected * (1.0 - expected)).sqrt();
            if spread > 0.0 { (share - expected) / spread } else { 0.0 }
        }
        _ => 0.0,
    });
    let differences = differences.collect();
    let segments = counts.iter().map(|of| most_frequent(of)).collect();
    TypicalField { field, all: most_frequent(&all), segments, differences }
}

/// The most frequent category, the first of equals; `None` without rows.
fn most_frequent(counts: &[u64]) -> Option<Typical> {
    let most = *counts.iter().max().filter(|most| **most > 0)?;
    let category = counts.iter().position(|count| *count == most)?;
    Some(Typical::Category { category, share: most as f64 / counts.iter().sum::<u64>() as f64 })
}
