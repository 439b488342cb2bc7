//! Rejected applicants with inferred outcomes, as weighted rows.

use super::{RejectMethod, RejectParams};
use crate::error::TrainError;
use arrears_data::order_key;
use serde::Serialize;

/// One row to add to the training rows: a rejected applicant with an outcome and a weight.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Augmented {
    /// Position of the applicant among the rejected.
    pub row: usize,
    /// The inferred outcome.
    pub bad: bool,
    /// Weight of the row; above 0. The weights of an applicant's rows add up to 1.
    pub weight: f64,
}

/// Bads among the applicants, by weight.
pub(super) fn bads(augmented: &[Augmented]) -> f64 {
    // Not `sum`, which makes -0 of nothing.
    augmented.iter().filter(|part| part.bad).fold(0.0, |sum, part| sum + part.weight)
}

/// The pd of an applicant whose odds of bad are `prudence` times those of `pd`: `k pd / (1 - pd + k pd)`.
pub fn prudent(pd: f64, prudence: f64) -> f64 {
    prudence * pd / (1.0 - pd + prudence * pd)
}

/// Gives the rejected applicants outcomes by their `pd` under the model of the accepted ones. Rows come in the order of
/// the applicants; the same pds, parameters and seed give the same rows.
///
/// With p the [`prudent`] pd:
/// - fuzzy: each is bad with weight p and good with weight 1 - p;
/// - parcelling: applicants are ordered by p and cut into bands of about equal rows, those of equal p together. The
///   bads of a band are the sum of its p, rounded so that all bands together have the rounded sum of all p; which
///   ones is decided by [`order_key`]`(seed, row)`;
/// - hard cut-off: p of the cut-off or more is bad. Without one it is the p from which on the number of bads is
///   nearest to the sum of all p (of two as near the lower, with more bads): those of equal p share an outcome, and
///   the order of the rows does not matter.
///
/// # Errors
/// A parameter out of its range, or a pd that is no probability.
pub fn augment(pd: &[f64], params: &RejectParams) -> Result<Vec<Augmented>, TrainError> {
    params.check()?;
    if let Some(row) = pd.iter().position(|p| !(0.0..=1.0).contains(p)) {
        return Err(TrainError::RejectPd { row, value: pd[row] });
    }
    let pd: Vec<f64> = pd.iter().map(|p| prudent(*p, params.prudence)).collect();
    let bad = match params.method {
        RejectMethod::Fuzzy => return Ok(fuzzy(&pd)),
        RejectMethod::Parcelling => parcelling(&pd, params.bands, params.seed),
        RejectMethod::HardCutoff => hard_cutoff(&pd, params.cutoff),
    };
    Ok(bad.into_iter().enumerate().map(|(row, bad)| Augmented { row, bad, weight: 1.0 }).collect())
}

fn fuzzy(pd: &[f64]) -> Vec<Augmented> {
    let both = |(row, p): (usize, &f64)| {
        [Augmented { row, bad: true, weight: *p }, Augmented { row, bad: false, weight: 1.0 - p }]
    };
    pd.iter().enumerate().flat_map(both).filter(|part| part.weight > 0.0).collect()
}

/// Applicants by rising p, of equal p in their own order.
fn by_pd(pd: &[f64]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..pd.len()).collect();
    order.sort_by(|a, b| pd[*a].total_cmp(&pd[*b]));
    order
}

fn parcelling(pd: &[f64], bands: usize, seed: u64) -> Vec<bool> {
    let order = by_pd(pd);
    let mut bad = vec![false; pd.len()];
    let (mut start, mut sum, mut assigned) = (0, 0.0, 0);
    while start < order.len() {
        // The band that row `start` falls into ends at the next of the even cuts, moved past equal p.
        let band = start * bands / order.len();
        let mut end = ((band + 1) * order.len()).div_ceil(bands).max(start + 1);
        while end < order.len() && pd[order[end]] == pd[order[end - 1]] {
            end += 1;
        }
        let mut members = order[start..end].to_vec();
        sum += members.iter().map(|row| pd[*row]).sum::<f64>();
        // Rounding the running sum carries what is left of one band into the next.
        let bads = (sum.round() as usize).saturating_sub(assigned).min(members.len());
        assigned += bads;
        members.sort_unstable_by_key(|row| (order_key(seed, *row as u64), *row));
        members.iter().take(bads).for_each(|row| bad[*row] = true);
        start = end;
    }
    bad
}

fn hard_cutoff(pd: &[f64], cutoff: Option<f64>) -> Vec<bool> {
    if let Some(cutoff) = cutoff {
        return pd.iter().map(|p| *p >= cutoff).collect();
    }
    let cutoff = cutoff_by_sum(pd);
    pd.iter().map(|p| *p >= cutoff).collect()
}

/// The p from which on the number of rows is nearest to the sum of all p; of two as near the lower one. Above
/// all p where no row at all is nearer.
fn cutoff_by_sum(pd: &[f64]) -> f64 {
    let mut falling = pd.to_vec();
    // The sum too has to be the same whatever the order of the rows.
    falling.sort_by(|a, b| b.total_cmp(a));
    let sum: f64 = falling.iter().sum();
    let (mut cutoff, mut gap, mut bads) = (f64::INFINITY, sum, 0);
    for alike in falling.chunk_by(|a, b| a == b) {
        bads += alike.len();
        let found = (bads as f64 - sum).abs();
        if found <= gap {
            (cutoff, gap) = (alike[0], found);
        }
    }
    cutoff
}
