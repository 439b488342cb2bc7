//! The last digits of a logistic fit: Newton steps in plain arithmetic, the same on every machine.
//!
//! The engines call the platform's `exp` and kernels chosen by the processor, so the last digits of their
//! answers differ between machines. A few Newton steps from there end at the optimum itself, whatever the
//! start; rounded to ten significant digits it is the same number everywhere.

use super::logistic::{Problem, log_odds, sigmoid, split_intercept};

/// With more columns the matrix of second derivatives would cost more than the fit.
const MOST_COLUMNS: usize = 300;
/// Newton doubles the correct digits at each step; an engine's answer has about six.
const MOST_STEPS: usize = 10;

/// Moves an engine's weights to the optimum and rounds them to ten significant digits.
///
/// With too many columns weights come back untouched. The steps end where the second derivatives are not
/// positive definite (collinear columns without a penalty) and where one makes the gradient no smaller.
pub(super) fn polish(problem: &Problem<'_>, weights: Vec<f64>) -> Vec<f64> {
    if weights.len() > MOST_COLUMNS + 1 {
        return weights;
    }
    let mut best = weights;
    let mut norm = problem.gradient_norm(&best);
    for _ in 0..MOST_STEPS {
        let Some(next) = newton_step(problem, &best) else { break };
        let next_norm = problem.gradient_norm(&next);
        if next_norm >= norm || next_norm.is_nan() {
            break;
        }
        (best, norm) = (next, next_norm);
    }
    best.into_iter().map(ten_digits).collect()
}

/// `weights - H^-1 g`, or `None` where H is not positive definite.
fn newton_step(problem: &Problem<'_>, weights: &[f64]) -> Option<Vec<f64>> {
    let (coefficients, intercept) = split_intercept(weights);
    let n = weights.len();
    let mut gradient = vec![0.0; n];
    let mut hessian = vec![0.0; n * n];
    let mut values = vec![1.0; n];
    for (row, &bad) in problem.records.rows().into_iter().zip(problem.bad) {
        let p = sigmoid(log_odds(row.iter(), coefficients, intercept));
        let (residual, weight) = (p - f64::from(u8::from(bad)), p * (1.0 - p));
        values[..n - 1].iter_mut().zip(row).for_each(|(value, x)| *value = *x);
        for i in 0..n {
            gradient[i] += residual * values[i];
            let scaled = weight * values[i];
            let lower = &mut hessian[i * n..=i * n + i];
            lower.iter_mut().zip(&values).for_each(|(sum, x)| *sum += scaled * x);
        }
    }
    for (i, coefficient) in coefficients.iter().enumerate() {
        gradient[i] += problem.params.l2 * coefficient;
        hessian[i * n + i] += problem.params.l2;
    }
    let step = solve(hessian, gradient)?;
    Some(weights.iter().zip(step).map(|(weight, step)| weight - step).collect())
}

/// Solves `A x = b` for a symmetric positive definite A, given by its lower triangle in rows, by Cholesky
/// decomposition (Golub and Van Loan, Matrix Computations, section 4.2).
fn solve(mut a: Vec<f64>, mut b: Vec<f64>) -> Option<Vec<f64>> {
    let n = b.len();
    for i in 0..n {
        for j in 0..=i {
            let dot: f64 = (0..j).map(|k| a[i * n + k] * a[j * n + k]).sum();
            let rest = a[i * n + j] - dot;
            if i == j {
                // Relative to the pivot before elimination: what is left of a collinear column is noise.
                let positive = rest > 1e-12 * a[i * n + i];
                a[i * n + i] = if positive { rest.sqrt() } else { return None };
            } else {
                a[i * n + j] = rest / a[j * n + j];
            }
        }
    }
    for i in 0..n {
        let dot: f64 = (0..i).map(|k| a[i * n + k] * b[k]).sum();
        b[i] = (b[i] - dot) / a[i * n + i];
    }
    for i in (0..n).rev() {
        let dot: f64 = (i + 1..n).map(|k| a[k * n + i] * b[k]).sum();
        b[i] = (b[i] - dot) / a[i * n + i];
    }
    Some(b)
}

/// The nearest number with ten significant digits.
fn ten_digits(x: f64) -> f64 {
    format!("{x:.9e}").parse().unwrap_or(x)
}
