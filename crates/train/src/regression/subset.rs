//! What selection of variables asks: correlations, fits from a known start, score tests of columns outside.

use super::cholesky::Cholesky;
use super::design::{Design, Observations, Prepared};
use super::gram::{Rows, cross_products, pass};
use super::penalty::Penalty;
use super::{Note, Regression, RegressionParams, regress_from};
use crate::engine::EngineError;

/// What is left of a column beside others, relative to all of it, below which it counts as their combination.
const COLLINEAR: f64 = 1e-10;

/// Weighted Pearson correlations of all pairs of columns, in full rows; 0 with a constant column, 1 on the
/// diagonal.
///
/// # Errors
/// Those of [`regress`](super::regress).
pub(crate) fn correlations(
    design: &Design<'_>,
    observations: &Observations<'_>,
) -> Result<Vec<f64>, EngineError> {
    let problem = Prepared::new(design, observations)?;
    let (n, m) = (design.columns.len(), design.columns.len() + 1);
    let products = cross_products(&problem);
    let weight = products[0];
    let mean = |i: usize| products[(i + 1) * m] / weight;
    let covariance =
        |i: usize, j: usize| products[(i.max(j) + 1) * m + i.min(j) + 1] / weight - mean(i) * mean(j);
    // Scaled columns have a variance of about 1; far less is a column that is constant where weights are.
    let spread: Vec<f64> = (0..n).map(|i| covariance(i, i).max(0.0).sqrt()).collect();
    let varies = |i: usize| !problem.scaled[i].constant && spread[i] > 1e-8;
    let correlation = |i: usize, j: usize| {
        if i == j {
            1.0
        } else if varies(i) && varies(j) {
            (covariance(i, j) / (spread[i] * spread[j])).clamp(-1.0, 1.0)
        } else {
            0.0
        }
    };
    Ok((0..n * n).map(|k| correlation(k / n, k % n)).collect())
}

/// [`regress`](super::regress) from `(intercept, coefficients)` near the optimum.
///
/// # Errors
/// Those of [`regress`](super::regress).
pub(crate) fn regress_near(
    design: &Design<'_>,
    observations: &Observations<'_>,
    params: &RegressionParams,
    start: (f64, &[f64]),
) -> Result<Regression, EngineError> {
    params.check(design.columns.len())?;
    regress_from(&Prepared::new(design, observations)?, params, Some(start))
}

impl Regression {
    /// The same fit with its columns in another order: `order[new] = old`.
    ///
    /// # Panics
    /// When `order` is not a permutation of the columns.
    pub(crate) fn reordered(mut self, order: &[usize]) -> Self {
        let with_intercept: Vec<usize> = std::iter::once(0).chain(order.iter().map(|old| old + 1)).collect();
        let n = with_intercept.len();
        self.coefficients = order.iter().map(|old| self.coefficients[*old]).collect();
        self.standard_errors =
            self.standard_errors.map(|errors| with_intercept.iter().map(|old| errors[*old]).collect());
        self.covariance = self.covariance.map(|covariance| {
            let at = |k: usize| covariance[with_intercept[k / n] * n + with_intercept[k % n]];
            (0..n * n).map(at).collect()
        });
        let new_of = |old: &mut usize| {
            *old = order.iter().position(|other| other == old).expect("a permutation of the columns");
        };
        for note in &mut self.notes {
            match note {
                Note::Constant { column } | Note::Collinear { column } => new_of(column),
                Note::Separation { columns, .. } => {
                    columns.iter_mut().for_each(new_of);
                    columns.sort_unstable();
                }
                Note::Extreme { .. } | Note::NotConverged { .. } => {}
            }
        }
        self
    }
}

/// Rao's score statistic of each column outside a fit: chi-square with one degree of freedom where the column's
/// coefficient is 0, and about the fall of the (penalised) deviance if the column entered. 0 for the columns
/// inside and for their combinations. `start` is the fit, its coefficients 0 outside.
///
/// # Errors
/// Those of [`regress`](super::regress).
pub(crate) fn score_statistics(
    design: &Design<'_>,
    observations: &Observations<'_>,
    params: &RegressionParams,
    start: (f64, &[f64]),
    inside: &[bool],
) -> Result<Vec<f64>, EngineError> {
    let problem = Prepared::new(design, observations)?;
    let penalty = Penalty::new(&problem, params);
    let sums = pass(&problem, &problem.rescale(start.0, start.1), Rows::All, true);
    let m = inside.len() + 1;
    let curvature =
        |i: usize, j: usize| sums.gram[i.max(j) * m + i.min(j)] + if i == j { penalty.l2[i] } else { 0.0 };
    let members: Vec<usize> = std::iter::once(0).chain((1..m).filter(|j| inside[j - 1])).collect();
    let k = members.len();
    let within: Vec<f64> = (0..k * k).map(|at| curvature(members[at / k], members[at % k])).collect();
    let within = Cholesky::new(&within, k, &vec![false; k], COLLINEAR);
    let statistic = |j: usize| {
        let beside: Vec<f64> = members.iter().map(|&i| curvature(i, j)).collect();
        let explained: f64 = within.solve(&beside).iter().zip(&beside).map(|(a, b)| a * b).sum();
        let rest = curvature(j, j) - explained;
        let usable = rest > COLLINEAR * curvature(j, j) && !problem.scaled[j - 1].constant;
        if usable { sums.gradient[j] * sums.gradient[j] / rest } else { 0.0 }
    };
    Ok((1..m).map(|j| if inside[j - 1] { 0.0 } else { statistic(j) }).collect())
}
