//! Logistic regression: parameters, result, and the gradient that tells whether the engine arrived.

use super::EngineError;
use super::polish::polish;
use super::records::{check_labels, check_parameter, check_scaled};
use crate::regression::Regression;
use ndarray::Array2;
use serde::{Deserialize, Serialize};

/// How to fit a logistic regression: the section `[logistic]` of a recipe.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LogisticParams {
    /// Penalty in `sum of logloss + l2/2 * |coefficients|^2`; scikit-learn's `1/C`. 0 or more.
    pub l2: f64,
    /// Penalty `l1 * |coefficients|_1` beside it; 0 or more. Native engine only.
    pub l1: f64,
    /// Folds of the cross-validation that chooses the penalty: `l2` and `l1` times 1e-4 to 1e4, whichever
    /// predicts best. 0 (default): the penalty as it is; else 2 or more. Native engine only.
    pub folds: usize,
    /// Seed that draws the folds.
    pub seed: u64,
    /// Most Newton steps of the native engine; most L-BFGS iterations of one run of linfa, which runs again from
    /// where it stopped while that helps, at most five times. 1 or more. smartcore has a fixed limit of 1000.
    pub max_iterations: u64,
    /// The fit has converged when the Euclidean norm of the mean gradient is at most this. Above 0.
    pub tolerance: f64,
}

impl Default for LogisticParams {
    fn default() -> Self {
        Self { l2: 1.0, l1: 0.0, folds: 0, seed: 0, max_iterations: 500, tolerance: 1e-7 }
    }
}

/// A fitted logistic regression: log-odds of bad = intercept + coefficients . record.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LogisticFit {
    /// Log-odds of bad where all columns are 0.
    pub intercept: f64,
    /// Change of the log-odds of bad a unit of each column.
    pub coefficients: Vec<f64>,
    /// Euclidean norm of the gradient of the penalised loss divided by the rows, at this fit.
    pub gradient_norm: f64,
    /// Whether `gradient_norm` is at most the tolerance asked for.
    pub converged: bool,
    /// The penalties `(l2, l1)` that cross-validation chose, where it was asked for.
    #[serde(skip)]
    pub chosen: Option<(f64, f64)>,
    /// Standard errors, deviance and the rest; native engine only.
    #[serde(skip)]
    pub details: Option<Regression>,
}

/// What an engine minimises over: checked records, labels and penalty.
pub(super) struct Problem<'a> {
    pub(super) records: &'a Array2<f64>,
    pub(super) bad: &'a [bool],
    pub(super) params: &'a LogisticParams,
}

/// Checks, runs the engine (which gives the coefficients and, last, the intercept), polishes its answer and
/// measures it.
pub(super) fn fit(
    records: &Array2<f64>,
    bad: &[bool],
    params: &LogisticParams,
    engine: impl Fn(&Problem<'_>) -> Result<Vec<f64>, EngineError>,
) -> Result<LogisticFit, EngineError> {
    params.check()?;
    check_scaled(records)?;
    check_labels(records, bad)?;
    let problem = Problem { records, bad, params };
    let mut coefficients = polish(&problem, engine(&problem)?);
    if params.l2 == 0.0 && problem.is_separated_by(&coefficients) {
        return Err(EngineError::Separated);
    }
    let gradient_norm = problem.gradient_norm(&coefficients);
    let intercept = coefficients.pop().expect("an engine answers with one value a column and the intercept");
    let converged = gradient_norm <= params.tolerance;
    Ok(LogisticFit { intercept, coefficients, gradient_norm, converged, chosen: None, details: None })
}

impl LogisticParams {
    pub(super) fn check(&self) -> Result<(), EngineError> {
        let penalty = self.l2.is_finite() && self.l2 >= 0.0;
        check_parameter("logistic.l2", self.l2, penalty, "a finite number, 0 or more")?;
        let penalty = self.l1.is_finite() && self.l1 >= 0.0;
        check_parameter("logistic.l1", self.l1, penalty, "a finite number, 0 or more")?;
        let folds = self.folds != 1 && (self.folds == 0 || self.l2 + self.l1 > 0.0);
        check_parameter("logistic.folds", self.folds, folds, "0, or 2 or more with a penalty to vary")?;
        let iterations = self.max_iterations;
        check_parameter("logistic.max_iterations", iterations, iterations > 0, "1 or more")?;
        let tolerance = self.tolerance.is_finite() && self.tolerance > 0.0;
        check_parameter("logistic.tolerance", self.tolerance, tolerance, "a finite number above 0")
    }
}

impl Problem<'_> {
    /// Euclidean norm of the mean gradient: `(X'(p - bad) + l2 * coefficients) / rows`, and
    /// `sum(p - bad) / rows` for the intercept, where p is the fitted probability of bad.
    /// Not finite when the weights are not.
    pub(super) fn gradient_norm(&self, weights: &[f64]) -> f64 {
        let (coefficients, intercept) = split_intercept(weights);
        let mut gradient = vec![0.0; weights.len()];
        for (row, &bad) in self.records.rows().into_iter().zip(self.bad) {
            let residual = sigmoid(log_odds(row.iter(), coefficients, intercept)) - f64::from(u8::from(bad));
            for (sum, value) in gradient.iter_mut().zip(row.iter().chain(&[1.0])) {
                *sum += residual * value;
            }
        }
        for (sum, coefficient) in gradient.iter_mut().zip(coefficients) {
            *sum += self.params.l2 * coefficient;
        }
        gradient.iter().map(|sum| sum * sum).sum::<f64>().sqrt() / self.records.nrows() as f64
    }

    /// Whether these weights put every bad row above even odds and every good row below.
    fn is_separated_by(&self, weights: &[f64]) -> bool {
        let (coefficients, intercept) = split_intercept(weights);
        self.records.rows().into_iter().zip(self.bad).all(|(row, &bad)| {
            let odds = log_odds(row.iter(), coefficients, intercept);
            if bad { odds > 0.0 } else { odds < 0.0 }
        })
    }
}

pub(super) fn split_intercept(weights: &[f64]) -> (&[f64], f64) {
    let (intercept, coefficients) = weights.split_last().expect("the weights end with the intercept");
    (coefficients, *intercept)
}

pub(super) fn log_odds<'a>(row: impl Iterator<Item = &'a f64>, coefficients: &[f64], intercept: f64) -> f64 {
    intercept + row.zip(coefficients).map(|(value, coefficient)| value * coefficient).sum::<f64>()
}

pub(super) fn sigmoid(log_odds: f64) -> f64 {
    1.0 / (1.0 + libm::exp(-log_odds))
}
