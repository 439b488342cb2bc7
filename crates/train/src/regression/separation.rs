//! Separation: data on which the likelihood has no maximum, because some coefficients want to be infinite.
//!
//! Albert and Anderson, Biometrika 71 (1984): the maximum exists unless a direction makes the log-odds of
//! every row better or leaves them as they are. Complete: better for each row.

use super::design::Prepared;
use super::gram::{Sums, gains};

/// What was found.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Separation {
    pub(super) complete: bool,
    /// Columns that carry the direction.
    pub(super) columns: Vec<usize>,
}

/// Log-odds at which a direction is worth a pass over the rows.
const LARGE_ODDS: f64 = 8.0;
/// On separated rows a Newton step adds about 1 to the log-odds, again and again.
const STEADY_GAIN: f64 = 0.3;
/// A loss this small beside the largest gain is what the other coefficients still move, not a row that resists.
const NO_LOSS: f64 = 1e-5;
/// Columns below this share of the largest are only carried along.
const CARRIES: f64 = 0.01;

/// Looks at the last point and the Newton step from there, if its curvature was measured there.
///
/// Complete separation is proven by the point itself where every row lies on its own side. Otherwise it shows in
/// the step, which after some iterations points along the separating direction alone.
pub(super) fn find_separation(
    problem: &Prepared<'_>,
    beta: &[f64],
    sums: &Sums,
    step: Option<&[f64]>,
    iterations: u64,
) -> Option<Separation> {
    if sums.most_wrong < 0.0 {
        return Some(Separation { complete: true, columns: carriers(beta) });
    }
    let step = step?;
    let size = step.iter().fold(0.0, |most: f64, s| most.max(s.abs()));
    if iterations < 4 || sums.largest < LARGE_ODDS || size < 1e-3 {
        return None;
    }
    let (least, most) = gains(problem, step);
    let separates = most > STEADY_GAIN && least > -NO_LOSS * most;
    separates.then(|| Separation { complete: least > NO_LOSS * most, columns: carriers(step) })
}

/// The columns that make up most of a direction.
fn carriers(direction: &[f64]) -> Vec<usize> {
    let most = direction[1..].iter().fold(0.0, |most: f64, s| most.max(s.abs()));
    let carries = |j: &usize| direction[j + 1] != 0.0 && direction[j + 1].abs() >= CARRIES * most;
    (0..direction.len() - 1).filter(carries).collect()
}
