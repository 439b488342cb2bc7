//! The step where a coefficient may be held at 0: coordinate descent on the quadratic approximation.
//!
//! Minimises `g'(b - at) + (b - at)' H (b - at) / 2 + penalty(b)` over the allowed `b`. Descent finds which
//! coefficients are not 0; an exact solution for those ends it, because descent alone is slow where columns
//! are correlated. Friedman, Hastie and Tibshirani, Journal of Statistical Software 33 (2010), section 3.

use super::cholesky::Cholesky;
use super::penalty::Penalty;

/// Rounds of descent and exact solution.
const MOST_ROUNDS: usize = 200;
/// Passes over the coefficients that are not 0, between two passes over all.
const ACTIVE_SWEEPS: usize = 20;
/// A coefficient counts as at rest when a move would gain less than this, relative to the pull it feels.
const AT_REST: f64 = 1e-13;

/// The minimum of the quadratic approximation around `at`. `gram` is the lower triangle in rows of `n`;
/// `skip` names columns that stay at 0.
pub(super) fn descend(
    at: &[f64],
    gradient: &[f64],
    gram: &[f64],
    penalty: &Penalty,
    skip: &[bool],
) -> Vec<f64> {
    let mut descent = Descent::new(at, gradient, gram, penalty, skip);
    for _ in 0..MOST_ROUNDS {
        descent.sweep(false);
        for _ in 0..ACTIVE_SWEEPS {
            if !descent.sweep(true) {
                break;
            }
        }
        if descent.solve_exactly() && descent.is_optimal() {
            break;
        }
    }
    descent.beta
}

struct Descent<'a> {
    n: usize,
    /// H in full.
    gram: Vec<f64>,
    penalty: &'a Penalty,
    skip: &'a [bool],
    beta: Vec<f64>,
    /// Gradient of the quadratic (without the penalties) at `beta`.
    slope: Vec<f64>,
    /// Size of the slopes at the start, against which rounding is measured.
    size: f64,
}

impl<'a> Descent<'a> {
    fn new(at: &[f64], gradient: &[f64], gram: &[f64], penalty: &'a Penalty, skip: &'a [bool]) -> Self {
        let n = at.len();
        let full = (0..n * n).map(|k| gram[(k / n).max(k % n) * n + (k / n).min(k % n)]).collect();
        let most = gradient.iter().zip(&penalty.l1).map(|(g, l1)| g.abs().max(*l1)).fold(0.0, f64::max);
        Self { n, gram: full, penalty, skip, beta: at.to_vec(), slope: gradient.to_vec(), size: most }
    }

    /// One pass over all coefficients, or over those not 0; whether any of them moved.
    fn sweep(&mut self, active_only: bool) -> bool {
        let mut moved = false;
        for j in 0..self.n {
            if self.skip[j] || (active_only && j > 0 && self.beta[j] == 0.0) {
                continue;
            }
            let own = self.gram[j * self.n + j];
            let curvature = own + self.penalty.l2[j];
            if curvature <= 0.0 {
                continue;
            }
            let pull = own * self.beta[j] - self.slope[j];
            let next = self.penalty.shrink(j, pull, curvature);
            let step = next - self.beta[j];
            if step != 0.0 {
                moved |= step.abs() * curvature > AT_REST * self.size;
                self.go(j, next);
            }
        }
        moved
    }

    fn go(&mut self, j: usize, next: f64) {
        let step = next - self.beta[j];
        self.beta[j] = next;
        let row = &self.gram[j * self.n..(j + 1) * self.n];
        self.slope.iter_mut().zip(row).for_each(|(slope, h)| *slope += step * h);
    }

    /// Moves to the minimum over the coefficients that are not 0, if none of them changes its sign on the way.
    fn solve_exactly(&mut self) -> bool {
        let n = self.n;
        let held: Vec<bool> = (0..n).map(|j| self.skip[j] || (j > 0 && self.beta[j] == 0.0)).collect();
        let mut matrix = self.gram.clone();
        (0..n).for_each(|j| matrix[j * n + j] += self.penalty.l2[j]);
        let wanted: Vec<f64> =
            (0..n).map(|j| -self.penalty.subgradient(j, self.beta[j], self.slope[j])).collect();
        let decomposed = Cholesky::new(&matrix, n, &held, 1e-13);
        if decomposed.left_out != held {
            return false;
        }
        let step = decomposed.solve(&wanted);
        let turns = |j: usize| j > 0 && !held[j] && (self.beta[j] + step[j]) * self.beta[j] <= 0.0;
        if step.iter().any(|step| !step.is_finite()) || (0..n).any(turns) {
            return false;
        }
        (0..n).filter(|&j| !held[j]).for_each(|j| self.go(j, self.beta[j] + step[j]));
        true
    }

    fn is_optimal(&self) -> bool {
        let slopes = |j: usize| self.penalty.subgradient(j, self.beta[j], self.slope[j]).abs();
        (0..self.n).filter(|&j| !self.skip[j]).all(|j| slopes(j) <= 1e-11 * self.size.max(f64::MIN_POSITIVE))
    }
}
