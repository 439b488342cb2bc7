//! Hamerly's bounds, kept as their difference: how far the centres may move before a row can change its cluster.
//!
//! A row at distance `d` of its own centre and `e` of the next one keeps its cluster while its own centre has moved by
//! `m` and every other by at most `n` with `m + n < e - d` (triangle inequality). What the centres have moved is added up
//! for each cluster since the start, so a row keeps one number: the sum at which it has to be looked at again.
//!
//! Source: G. Hamerly, "Making k-means even faster", SIAM International Conference on Data Mining, 2010.

/// Relative size of what is given away so that a rounded limit is never above the exact one; `f32` rounds by 6e-8.
const ROUNDING: f64 = 2e-7;
/// The same for the smallest numbers.
const SMALLEST: f64 = 1e-37;

/// Relative error of a sum of squares of so many differences, and of its root, with much to spare.
pub(super) fn relative_error(columns: usize) -> f64 {
    (columns + 8) as f64 * f64::EPSILON
}

/// What the centres have moved, as each cluster's rows feel it.
#[derive(Clone, Debug)]
pub(super) struct Drift {
    /// For each cluster the sum of the moves of its own centre and of the farthest moved other one, rounded up; last the
    /// one of no cluster, whose rows are always looked at.
    felt: Vec<f64>,
    /// The same, rounded up again.
    limits: Vec<f32>,
    /// [`relative_error`] of squared distances.
    error: f64,
}

impl Drift {
    pub(super) fn new(k: usize, columns: usize) -> Self {
        let mut drift = Self { felt: vec![0.0; k + 1], limits: Vec::new(), error: relative_error(columns) };
        drift.felt[k] = f64::INFINITY;
        drift.limits = drift.felt.iter().map(|felt| *felt as f32).collect();
        drift
    }

    /// For each cluster the limit up to which its rows have to be looked at.
    pub(super) fn limits(&self) -> &[f32] {
        &self.limits
    }

    /// The limit of a row whose own centre is nearer by `lead` than any other.
    #[inline(always)]
    pub(super) fn limit(&self, cluster: usize, lead: f64) -> f32 {
        let limit = lead + self.felt[cluster];
        (limit - limit.abs() * ROUNDING - SMALLEST) as f32
    }

    /// The centres have moved by these distances.
    pub(super) fn moved(&mut self, moves: &[f64]) {
        let (mut farthest, mut most, mut next) = (0, 0.0, 0.0);
        for (center, distance) in moves.iter().enumerate() {
            if *distance > most {
                (farthest, most, next) = (center, *distance, most);
            } else if *distance > next {
                next = *distance;
            }
        }
        for (center, own) in moves.iter().enumerate() {
            let other = if center == farthest { next } else { most };
            let felt = &mut self.felt[center];
            *felt = (*felt + own + other) * (1.0 + 2.0 * self.error);
            self.limits[center] = (*felt * (1.0 + ROUNDING) + SMALLEST) as f32;
        }
    }
}
