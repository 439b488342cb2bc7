//! Whether today's customers still look like those the model learned from: the population stability index.

use serde::Serialize;

use crate::{Error, chi_square_quantile, inputs};

/// Below this PSI the population counts as stable.
pub const STABLE_BELOW: f64 = 0.10;
/// Below this PSI (and from [`STABLE_BELOW`]) it has shifted; from here on it is unstable.
pub const SHIFT_BELOW: f64 = 0.25;

/// The customary reading of a PSI.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum StabilityBand {
    /// PSI below 0.10.
    Stable,
    /// PSI from 0.10 to below 0.25.
    Shift,
    /// PSI of 0.25 or more.
    Unstable,
}

impl StabilityBand {
    /// The band of a PSI.
    pub fn of(psi: f64) -> Self {
        if psi < STABLE_BELOW {
            Self::Stable
        } else if psi < SHIFT_BELOW {
            Self::Shift
        } else {
            Self::Unstable
        }
    }
}

/// A population stability index and how to read it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Psi {
    /// The index; 0 when the shares are the same.
    pub psi: f64,
    /// The customary band, which knows nothing of the number of rows.
    pub band: StabilityBand,
    /// What chance alone exceeds once in twenty times, given the rows and the bins in use.
    pub adjusted_threshold: f64,
    /// The part of each bin, in the order given; they add up to `psi`.
    pub parts: Vec<f64>,
    /// Rows in the expected (training) counts.
    pub expected_rows: u64,
    /// Rows in the actual counts.
    pub actual_rows: u64,
}

/// PSI of two counts over the same bins: the sum of `(a - e) ln(a / e)` over the bins, where `e` and `a` are
/// the shares of the expected (training) and actual rows in a bin.
///
/// Zero cells: where one of the two counts of a bin is 0, 0.5 is added to both counts of that bin, and the
/// shares are taken of the totals so enlarged. A bin that is empty on both sides adds nothing and is not
/// counted as a bin. The index is symmetric in its two arguments and never negative.
///
/// The adjusted threshold is the 95 % point of the index when nothing has changed:
/// `chi-square quantile(0.95, bins - 1) * (1 / expected rows + 1 / actual rows)`, after B. Yurdakul and
/// J. Naranjo, "Statistical properties of the population stability index", Journal of Risk Model Validation
/// 14 (2020). With few rows it is above 0.10, and a PSI between the two is no news.
///
/// # Errors
/// The numbers of bins differ, or there are no bins, one side has no rows, or a sum of counts exceeds a u64.
pub fn psi(expected: &[u64], actual: &[u64]) -> Result<Psi, Error> {
    inputs::one_a_row("actual counts", expected.len(), actual)?;
    let expected_rows = total("expected rows", expected)?;
    let actual_rows = total("actual rows", actual)?;
    let filled: Vec<(f64, f64)> = expected.iter().zip(actual).map(|(&e, &a)| fill(e, a)).collect();
    let all_expected: f64 = filled.iter().map(|cell| cell.0).sum();
    let all_actual: f64 = filled.iter().map(|cell| cell.1).sum();
    let parts: Vec<f64> = filled.iter().map(|&(e, a)| part(e / all_expected, a / all_actual)).collect();
    let psi = parts.iter().sum();
    let bins_in_use = filled.iter().filter(|cell| cell.0 > 0.0).count() as u32;
    let chance = chi_square_quantile(0.95, bins_in_use - 1);
    Ok(Psi {
        psi,
        band: StabilityBand::of(psi),
        adjusted_threshold: chance * (1.0 / expected_rows as f64 + 1.0 / actual_rows as f64),
        parts,
        expected_rows,
        actual_rows,
    })
}

fn total(what: &'static str, counts: &[u64]) -> Result<u64, Error> {
    let total: u128 = counts.iter().map(|&count| u128::from(count)).sum();
    match u64::try_from(total) {
        Ok(0) => Err(Error::TooFew { what, needed: 1, found: 0 }),
        Ok(total) => Ok(total),
        Err(_) => Err(Error::Parameter { name: what, value: total as f64, expected: "fewer than 2^64 rows" }),
    }
}

/// The counts of a bin, with 0.5 added to both where exactly one is 0.
fn fill(expected: u64, actual: u64) -> (f64, f64) {
    let more = if (expected == 0) != (actual == 0) { 0.5 } else { 0.0 };
    (expected as f64 + more, actual as f64 + more)
}

fn part(expected: f64, actual: f64) -> f64 {
    if expected == 0.0 && actual == 0.0 { 0.0 } else { (actual - expected) * (actual / expected).ln() }
}
