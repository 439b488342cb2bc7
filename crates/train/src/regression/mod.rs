//! The native logistic regression: Newton's method on the Gram matrix of the columns.
//!
//! Pure arithmetic on slices. A column is a slice of numbers, or bin codes with the value of each bin: the
//! matrix of those values is never stored, a tile of 128 rows at a time is expanded into a buffer. The result
//! has the same bits on any number of threads and on any processor.
//!
//! | module | does |
//! |---|---|
//! | `design` | columns, labels, weights, offset: checked, centred, scaled |
//! | `tile`, `exponential` | the inner loops |
//! | `gram` | one pass over the rows: loss, gradient, Gram matrix |
//! | `penalty` | L2, L1, signs: what they add to the objective and the gradient |
//! | `cholesky`, `coordinate` | one step: exact, or by coordinate descent where coefficients may be held at 0 |
//! | `newton` | steps until the gradient vanishes, the first ones on a sample of the rows |
//! | `separation` | recognises data without an optimum |
//! | `inference` | standard errors, tests, deviance, information criteria |
//! | `subset` | what selection of variables asks: correlations, score tests, fits from a known start |
//! | `cross_validate` | the penalty that predicts best |
//! | `learner` | linfa's `Fit` and `Predict` |

mod cholesky;
mod coordinate;
mod cross_validate;
mod design;
mod exponential;
mod gram;
mod inference;
mod learner;
mod newton;
mod penalty;
mod separation;
mod subset;
mod tile;

use crate::engine::EngineError;
use design::Prepared;
use penalty::Penalty;

pub(crate) use cholesky::Cholesky;
pub(crate) use subset::{correlations, regress_near, score_statistics};

pub use cross_validate::{CrossValidation, PenaltyScore, RegressionPenalty, cross_validate};
pub use design::{Column, Design, Observations};

/// How to fit.
#[derive(Clone, Debug, PartialEq)]
pub struct RegressionParams {
    /// L2 penalty in `sum of w * logloss + l2/2 * |b|^2 + l1 * |b|_1`; scikit-learn's `1/C`. 0 or more.
    pub l2: f64,
    /// L1 penalty, same formula. 0 or more.
    pub l1: f64,
    /// Most Newton steps on all rows. 1 or more; about five are needed, more than thirty never seen.
    pub max_iterations: u64,
    /// The fit has converged when the Euclidean norm of the gradient, divided by the sum of the weights, is at
    /// most this. In the units of the columns, so it asks more of a column of large numbers. Above 0.
    pub tolerance: f64,
    /// The sign each coefficient may have; empty: all free.
    pub signs: Vec<Sign>,
}

impl Default for RegressionParams {
    fn default() -> Self {
        Self { l2: 0.0, l1: 0.0, max_iterations: 100, tolerance: 1e-8, signs: Vec::new() }
    }
}

/// The sign a coefficient may have. A WoE column (higher is safer) should lower the odds of bad: `NotPositive`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sign {
    /// Any.
    #[default]
    Free,
    /// 0 or less.
    NotPositive,
    /// 0 or more.
    NotNegative,
}

/// A fitted logistic regression: log-odds of bad = offset + intercept + coefficients . columns.
///
/// No number in it is ever NaN. Where `notes` tell of separation, the coefficients are those at which it was
/// found; the optimum is infinite.
#[derive(Clone, Debug, PartialEq)]
pub struct Regression {
    /// Log-odds of bad where all columns are 0.
    pub intercept: f64,
    /// Change of the log-odds of bad a unit of each column; 0 for a column left out (see `notes`).
    pub coefficients: Vec<f64>,
    /// Of the intercept, then of the coefficients; 0 for one left out or held at 0 by its sign. `None` with an L1
    /// penalty (no sound ones exist) and where bad and good are separated.
    pub standard_errors: Option<Vec<f64>>,
    /// Covariance of the estimates in rows of `columns + 1`, the intercept first; `None` as above. The inverse of
    /// the observed information H; with an L2 penalty `(H + l2)^-1 H (H + l2)^-1`.
    pub covariance: Option<Vec<f64>>,
    /// `2 * sum of w * logloss`, without penalties.
    pub deviance: f64,
    /// The same for the intercept (and the offset) alone.
    pub null_deviance: f64,
    /// `-sum of w * logloss`.
    pub log_likelihood: f64,
    /// Effective number of estimated parameters: those not held at 0, the intercept counted; with an L2 penalty
    /// the trace of `(H + l2)^-1 H`.
    pub degrees: f64,
    /// Akaike's criterion: `2 * degrees - 2 * log_likelihood`.
    pub aic: f64,
    /// Schwarz's criterion: `ln(weight) * degrees - 2 * log_likelihood`.
    pub bic: f64,
    /// Sum of the weights; the rows, where there are none.
    pub weight: f64,
    /// Euclidean norm of the gradient (with penalties: of the subgradient of least size; with signs: of what is
    /// not held) divided by `weight`, intercept included. Measured by the last pass over the rows; where the fit
    /// converged, one more step of below 1e-6 standard deviations followed, which made it smaller.
    pub gradient_norm: f64,
    /// Newton steps on all rows.
    pub iterations: u64,
    /// Whether `gradient_norm` is at most the tolerance asked for and an optimum exists.
    pub converged: bool,
    /// What a user has to know of this fit.
    pub notes: Vec<Note>,
}

/// Something that happened in a fit. Columns count from 0.
#[derive(Clone, Debug, PartialEq)]
pub enum Note {
    /// The column has one value only; it is left out.
    Constant {
        /// Column.
        column: usize,
    },
    /// The column is a combination of those before it; it is left out.
    Collinear {
        /// Column.
        column: usize,
    },
    /// Bad and good are told apart without an error (complete), or with ties only: some coefficients have no
    /// finite optimum.
    Separation {
        /// Whether each row is on its own side.
        complete: bool,
        /// The columns that do it.
        columns: Vec<usize>,
    },
    /// Some fitted probabilities are 0 or 1 for every practical purpose.
    Extreme {
        /// Largest size of the log-odds.
        log_odds: f64,
    },
    /// The gradient did not get below the tolerance.
    NotConverged {
        /// Newton steps made.
        iterations: u64,
        /// Where it stopped.
        gradient_norm: f64,
    },
}

impl Note {
    /// The note in words; `columns` names the columns.
    pub fn with_names(&self, columns: &[String]) -> String {
        let name = |column: &usize| format!("`{}`", columns.get(*column).map_or("?", String::as_str));
        match self {
            Self::Constant { column } => format!("column {} has a single value; left out", name(column)),
            Self::Collinear { column } => {
                format!("column {} is a combination of the columns before it; left out", name(column))
            }
            Self::Separation { complete, columns } => {
                let how = if *complete { "without an error" } else { "without an error except ties" };
                let columns: Vec<String> = columns.iter().map(name).collect();
                format!(
                    "{} tell bad from good {how}: no finite optimum; set an L2 penalty, or look for a column that \
                     gives the answer away",
                    columns.join(", ")
                )
            }
            Self::Extreme { log_odds } => {
                format!("fitted log-odds reach {log_odds:.1}: probabilities of practically 0 or 1")
            }
            Self::NotConverged { iterations, gradient_norm } => format!(
                "not converged: after {iterations} steps the gradient norm is {gradient_norm:.1e}; raise the \
                 iterations or the penalty"
            ),
        }
    }
}

/// Fits `sum over rows of w * logloss + l2/2 * |b|^2 + l1 * |b|_1`, the intercept never penalised.
///
/// Columns may have any scale: they are centred and scaled inside, the penalties along. A fit that stopped
/// short comes back with `converged: false` and a [`Note`].
///
/// # Errors
/// Parameters out of range; no rows; slices of other lengths; one class only (counting weights); a value that
/// is not finite or above 1e100; a code without a value.
pub fn regress(
    design: &Design<'_>,
    observations: &Observations<'_>,
    params: &RegressionParams,
) -> Result<Regression, EngineError> {
    params.check(design.columns.len())?;
    regress_from(&Prepared::new(design, observations)?, params, None)
}

/// [`regress`], from `(intercept, coefficients)` near the optimum if they are known.
fn regress_from(
    problem: &Prepared<'_>,
    params: &RegressionParams,
    start: Option<(f64, &[f64])>,
) -> Result<Regression, EngineError> {
    let penalty = Penalty::new(problem, params);
    let start = start.map(|(intercept, coefficients)| problem.rescale(intercept, coefficients));
    let arrived = newton::minimise(problem, &penalty, params, start);
    if !arrived.is_finite() {
        return Err(problem.find_unusable().unwrap_or_else(|| EngineError::Observation {
            what: "weight",
            row: 0,
            value: problem.total_weight(),
            expected: "weights, penalties and an offset whose sums stay finite",
        }));
    }
    Ok(inference::describe(problem, &penalty, params, arrived, null_loss(problem)))
}

/// The loss with the intercept alone. With an offset that takes a fit of its own.
fn null_loss(problem: &Prepared<'_>) -> f64 {
    if problem.offset.is_none() {
        let share = |part: f64| -part * libm::log(part / problem.total_weight());
        return share(problem.bads) + share(problem.goods);
    }
    let alone = Prepared { columns: &[], scaled: Vec::new(), ..*problem };
    let params = RegressionParams::default();
    newton::minimise(&alone, &Penalty::new(&alone, &params), &params, None).sums.loss
}

impl RegressionParams {
    fn check(&self, columns: usize) -> Result<(), EngineError> {
        let refuse = |name, value: String, expected| Err(EngineError::Parameter { name, value, expected });
        for (name, penalty) in [("l2", self.l2), ("l1", self.l1)] {
            if !(penalty.is_finite() && penalty >= 0.0) {
                return refuse(name, penalty.to_string(), "a finite number, 0 or more");
            }
        }
        if self.max_iterations == 0 {
            return refuse("max_iterations", "0".to_owned(), "1 or more");
        }
        if !(self.tolerance.is_finite() && self.tolerance > 0.0) {
            return refuse("tolerance", self.tolerance.to_string(), "a finite number above 0");
        }
        if !self.signs.is_empty() && self.signs.len() != columns {
            return refuse("signs", format!("{} signs", self.signs.len()), "none, or one a column");
        }
        Ok(())
    }
}

impl Regression {
    /// Fitted log-odds of bad for each row of a design with the same columns.
    ///
    /// # Panics
    /// When the columns are not as many as the coefficients, or a column or the offset is shorter than the rows.
    pub fn log_odds(&self, design: &Design<'_>, offset: Option<&[f64]>) -> Vec<f64> {
        assert_eq!(design.columns.len(), self.coefficients.len(), "columns of the design");
        let mut odds = vec![self.intercept; design.rows];
        for (column, coefficient) in design.columns.iter().zip(&self.coefficients) {
            if *coefficient != 0.0 {
                odds.iter_mut().enumerate().for_each(|(row, sum)| *sum += coefficient * column.value(row));
            }
        }
        if let Some(offset) = offset {
            odds.iter_mut().enumerate().for_each(|(row, sum)| *sum += offset[row]);
        }
        odds
    }
}
