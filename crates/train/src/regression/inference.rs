//! What a fit says beside its coefficients: covariance, tests, intervals, deviance, information criteria.

use super::cholesky::Cholesky;
use super::design::Prepared;
use super::newton::Arrived;
use super::penalty::Penalty;
use super::{Note, Regression, RegressionParams};
use arrears_validate::normal_quantile;

/// Log-odds at which a fitted probability is 0 or 1 for every practical purpose (1e-13).
const EXTREME_ODDS: f64 = 30.0;

/// Puts the result together. `null_loss`: the loss of the intercept alone.
pub(super) fn describe(
    problem: &Prepared<'_>,
    penalty: &Penalty,
    params: &RegressionParams,
    arrived: Arrived,
    null_loss: f64,
) -> Regression {
    let held = held(&arrived, penalty);
    let spread = Spread::new(&arrived, penalty, &held);
    let separated = arrived.separation.is_some();
    let covariance = (params.l1 == 0.0 && !separated).then(|| unscale(problem, spread.covariance));
    let n = held.len();
    let standard_errors = covariance.as_ref().map(|c| (0..n).map(|j| c[j * n + j].max(0.0).sqrt()).collect());
    let (intercept, coefficients) = problem.unscale(&arrived.beta);
    let converged = arrived.gradient_norm <= params.tolerance && !separated;
    let log_likelihood = -arrived.sums.loss;
    let weight = problem.total_weight();
    Regression {
        intercept,
        coefficients,
        standard_errors,
        covariance,
        deviance: 2.0 * arrived.sums.loss,
        null_deviance: 2.0 * null_loss,
        log_likelihood,
        degrees: spread.degrees,
        aic: 2.0 * spread.degrees - 2.0 * log_likelihood,
        bic: libm::log(weight) * spread.degrees - 2.0 * log_likelihood,
        weight,
        gradient_norm: arrived.gradient_norm,
        iterations: arrived.iterations,
        converged,
        notes: notes(problem, &arrived, converged),
    }
}

/// Coefficients that are no estimate: left out, or held at 0 by a penalty or a sign.
fn held(arrived: &Arrived, penalty: &Penalty) -> Vec<bool> {
    let at_zero = |j: usize| j > 0 && penalty.has_corners() && arrived.beta[j] == 0.0;
    (0..arrived.beta.len()).map(|j| arrived.left_out[j] || at_zero(j)).collect()
}

/// Covariance and effective degrees of freedom, on the scaled columns.
struct Spread {
    covariance: Vec<f64>,
    degrees: f64,
}

impl Spread {
    /// With H the Gram matrix and K = H + l2: the covariance is `K^-1 H K^-1` (le Cessie and van Houwelingen,
    /// Applied Statistics 41, 1992), which is `H^-1` without a penalty; the degrees are the trace of `K^-1 H`.
    fn new(arrived: &Arrived, penalty: &Penalty, held: &[bool]) -> Self {
        let n = held.len();
        let gram = &arrived.sums.gram;
        let mut matrix = gram.clone();
        (0..n).for_each(|j| matrix[j * n + j] += penalty.l2[j]);
        let inverse = Cholesky::new(&matrix, n, held, 1e-14).inverse();
        if penalty.l2.iter().all(|&l2| l2 == 0.0) {
            let degrees = (0..n).filter(|&j| inverse[j * n + j] > 0.0).count() as f64;
            return Self { covariance: inverse, degrees };
        }
        let full = |i: usize, j: usize| gram[i.max(j) * n + i.min(j)];
        let full: Vec<f64> = (0..n * n).map(|k| full(k / n, k % n)).collect();
        let shrunk = product(&inverse, &full, n);
        let degrees = (0..n).map(|j| shrunk[j * n + j]).sum();
        Self { covariance: product(&shrunk, &inverse, n), degrees }
    }
}

fn product(a: &[f64], b: &[f64], n: usize) -> Vec<f64> {
    let mut product = vec![0.0; n * n];
    for i in 0..n {
        for k in 0..n {
            let factor = a[i * n + k];
            let (row, from) = (&mut product[i * n..(i + 1) * n], &b[k * n..(k + 1) * n]);
            row.iter_mut().zip(from).for_each(|(sum, value)| *sum += factor * value);
        }
    }
    product
}

/// The covariance in the units of the columns: `T C T'` with the linear map T of [`Prepared::unscale`].
fn unscale(problem: &Prepared<'_>, scaled: Vec<f64>) -> Vec<f64> {
    let n = problem.columns.len() + 1;
    let mut map = vec![0.0; n * n];
    map[0] = 1.0;
    for (j, column) in problem.scaled.iter().enumerate() {
        map[j + 1] = -column.centre / column.spread;
        map[(j + 1) * n + j + 1] = 1.0 / column.spread;
    }
    let transposed: Vec<f64> = (0..n * n).map(|k| map[(k % n) * n + k / n]).collect();
    product(&product(&map, &scaled, n), &transposed, n)
}

fn notes(problem: &Prepared<'_>, arrived: &Arrived, converged: bool) -> Vec<Note> {
    let left_out = problem.scaled.iter().enumerate().filter(|(j, _)| arrived.left_out[j + 1]);
    let mut notes: Vec<Note> = left_out
        .map(|(column, s)| if s.constant { Note::Constant { column } } else { Note::Collinear { column } })
        .collect();
    if let Some(separation) = &arrived.separation {
        notes.push(Note::Separation { complete: separation.complete, columns: separation.columns.clone() });
        return notes;
    }
    if arrived.sums.largest > EXTREME_ODDS {
        notes.push(Note::Extreme { log_odds: arrived.sums.largest });
    }
    if !converged {
        let (iterations, gradient_norm) = (arrived.iterations, arrived.gradient_norm);
        notes.push(Note::NotConverged { iterations, gradient_norm });
    }
    notes
}

impl Regression {
    /// Wald statistics, coefficient / standard error, the intercept first; 0 for a coefficient held at 0.
    /// `None` without standard errors.
    pub fn z(&self) -> Option<Vec<f64>> {
        let ratio = |(estimate, error): (f64, &f64)| if *error > 0.0 { estimate / error } else { 0.0 };
        Some(self.estimates().zip(self.standard_errors.as_ref()?).map(ratio).collect())
    }

    /// Two-sided p-values of [`Regression::z`] under the normal distribution, the intercept first.
    pub fn p_values(&self) -> Option<Vec<f64>> {
        let p = |z: f64| libm::erfc(z.abs() / std::f64::consts::SQRT_2);
        Some(self.z()?.into_iter().map(p).collect())
    }

    /// Wald intervals `estimate -+ z * standard error` at this level (0.95, say), the intercept first.
    /// `None` without standard errors or when `level` is not between 0 and 1.
    pub fn confidence_intervals(&self, level: f64) -> Option<Vec<(f64, f64)>> {
        if !(level > 0.0 && level < 1.0) {
            return None;
        }
        let z = normal_quantile(0.5 + level / 2.0);
        let interval = |(estimate, error): (f64, &f64)| (estimate - z * error, estimate + z * error);
        Some(self.estimates().zip(self.standard_errors.as_ref()?).map(interval).collect())
    }

    /// The intercept, then the coefficients.
    fn estimates(&self) -> impl Iterator<Item = f64> {
        std::iter::once(self.intercept).chain(self.coefficients.iter().copied())
    }
}
