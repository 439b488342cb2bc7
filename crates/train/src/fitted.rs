//! What every learner gives: the parts that were learned, before they become a model.

use crate::codes::Codes;
use crate::engine::LogisticFit;
use crate::regression::Regression;
use crate::rows::Rows;
use arrears_model::Predictor;
use arrears_model::additive::{Additive, Shape, Term};
use arrears_model::model::Baseline;
use arrears_model::provenance::Fit;
use arrears_model::transform::Transform;
use arrears_model::value::Cell;
use rayon::prelude::*;
use serde::Serialize;

/// Learned parts, on the full schema of the training rows.
#[derive(Clone, Debug)]
pub struct Fitted {
    /// Transforms the predictor reads.
    pub transforms: Vec<Transform>,
    /// The bin of every training row by each transform, where the learner kept it; else empty.
    pub codes: Vec<Codes>,
    /// The predictor.
    pub predictor: Predictor,
    /// How the fit went.
    pub fit: Fit,
    /// Coefficients with their errors, where the learner estimates some; the intercept first.
    pub coefficients: Vec<Coefficient>,
    /// Deviance and criteria, where the learner gives them.
    pub goodness: Option<Goodness>,
    /// What became of each variable, in schema order.
    pub variables: Vec<VariableReport>,
    /// The way of stepwise selection, where the learner selects so.
    pub stepwise: Vec<StepwiseMove>,
}

/// One estimated coefficient, for reports.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Coefficient {
    /// Name of the column; `intercept` for the first.
    pub column: String,
    /// The estimate: change of the log-odds of bad.
    pub estimate: f64,
    /// How sure it is; `None` with an L1 penalty, where no sound errors exist, and with other engines than native.
    #[serde(flatten)]
    pub inference: Option<Inference>,
}

/// How sure an estimated coefficient is.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Inference {
    /// Standard error; 0 for a coefficient that was left out or is held at 0.
    pub standard_error: f64,
    /// Estimate over standard error.
    pub z: f64,
    /// Two-sided p-value of z by the normal distribution.
    pub p_value: f64,
    /// Ends of the 95 % confidence interval.
    pub interval: (f64, f64),
}

/// How well a logistic regression describes the rows it was fitted to, for reports.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Goodness {
    /// `2 x sum of w x log loss`, without penalties.
    pub deviance: f64,
    /// The same for the intercept alone.
    pub null_deviance: f64,
    /// Effective number of estimated parameters; see [`Regression::degrees`].
    pub degrees: f64,
    /// Akaike's criterion.
    pub aic: f64,
    /// Schwarz's criterion.
    pub bic: f64,
}

impl Goodness {
    /// Of a fit that knows it, else `None`.
    pub fn of(fit: &LogisticFit) -> Option<Self> {
        let Regression { deviance, null_deviance, degrees, aic, bic, .. } = *fit.details.as_ref()?;
        Some(Self { deviance, null_deviance, degrees, aic, bic })
    }
}

impl Coefficient {
    /// The coefficients of a fit, the intercept first. `columns` names the columns.
    pub fn list(fit: &LogisticFit, columns: &[String]) -> Vec<Self> {
        let errors = fit.details.as_ref().and_then(|details| details.standard_errors.as_ref());
        let names = std::iter::once("intercept").chain(columns.iter().map(String::as_str));
        let estimates = std::iter::once(fit.intercept).chain(fit.coefficients.iter().copied());
        let one = |(i, (name, estimate)): (usize, (&str, f64))| {
            let inference = errors.map(|errors| Inference::new(estimate, errors[i]));
            Self { column: name.to_owned(), estimate, inference }
        };
        names.zip(estimates).enumerate().map(one).collect()
    }
}

impl Inference {
    fn new(estimate: f64, standard_error: f64) -> Self {
        let z = if standard_error > 0.0 { estimate / standard_error } else { 0.0 };
        let reach = NORMAL_97_5 * standard_error;
        let p_value = libm::erfc(z.abs() / std::f64::consts::SQRT_2);
        Self { standard_error, z, p_value, interval: (estimate - reach, estimate + reach) }
    }
}

/// The 97.5 % quantile of the normal distribution.
const NORMAL_97_5: f64 = 1.959963984540054;

/// What became of one variable.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct VariableReport {
    /// Name of the field.
    pub variable: String,
    /// Whether the model reads it.
    pub kept: bool,
    /// Information value in the training rows, where the learner bins.
    pub iv: Option<f64>,
    /// Why it was kept or left out.
    pub reason: String,
}

/// One move of stepwise selection: a variable that entered or left, and what that did to the criterion.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct StepwiseMove {
    /// Name of the field.
    pub variable: String,
    /// Whether it entered; otherwise it left.
    pub entered: bool,
    /// The criterion: `AIC`, `BIC` or `p-value`.
    pub criterion: String,
    /// AIC or BIC before the move; `None` with p-values.
    pub before: Option<f64>,
    /// AIC or BIC after the move; the p-value on which the variable entered (score test) or left (Wald test).
    pub after: f64,
}

/// Sets each term's baseline from the values it gave the training rows.
///
/// `max` is the best (lowest log-odds) value any row had, `mean` their mean by weight, `neutral` 0. `codes` are those of
/// [`Fitted`].
pub fn set_baselines(
    terms: &mut [Term],
    rows: &Rows<'_>,
    transforms: &[Transform],
    codes: &[Codes],
    baseline: Baseline,
) {
    terms.par_iter_mut().for_each(|term| {
        term.baseline = level(term_values(term, rows, transforms, codes).into_iter(), rows, baseline);
    });
}

fn level(values: impl Iterator<Item = f64>, rows: &Rows<'_>, baseline: Baseline) -> f64 {
    match baseline {
        Baseline::Max => values.reduce(f64::min).unwrap_or(0.0),
        Baseline::Mean => match &rows.weights {
            None => values.sum::<f64>() / rows.len() as f64,
            Some(weights) => {
                values.zip(weights).map(|(value, w)| w * value).sum::<f64>() / weights.iter().sum::<f64>()
            }
        },
        Baseline::Neutral => 0.0,
    }
}

/// Log-odds of bad of every training row by an additive predictor, added up in the order in which a row is
/// scored. `codes` are those of [`Fitted`].
pub fn log_odds_by_row(
    additive: &Additive,
    rows: &Rows<'_>,
    transforms: &[Transform],
    codes: &[Codes],
) -> Vec<f64> {
    let mut log_odds = vec![additive.intercept; rows.len()];
    for term in &additive.terms {
        log_odds.iter_mut().zip(term_values(term, rows, transforms, codes)).for_each(|(sum, x)| *sum += x);
    }
    log_odds
}

/// What one term gives each training row.
fn term_values(term: &Term, rows: &Rows<'_>, transforms: &[Transform], codes: &[Codes]) -> Vec<f64> {
    if let (Shape::Lookup { values }, Some(codes)) = (&term.shape, codes.get(term.transform)) {
        return match codes {
            Codes::Narrow(codes) => codes.iter().map(|code| values[usize::from(*code)]).collect(),
            Codes::Wide(codes) => codes.iter().map(|code| values[usize::from(*code)]).collect(),
        };
    }
    let fields: Vec<usize> = term.shares(transforms).map(|(field, _)| field).collect();
    // Only the term's own fields are read.
    let mut cells = vec![Cell::Missing; rows.schema.fields.len()];
    let of_row = |row| {
        fields.iter().for_each(|field| cells[*field] = rows.cell(row, *field));
        term.value(&rows.schema, transforms, &cells)
    };
    (0..rows.len()).map(of_row).collect()
}

/// Log-odds by bin from WoE: `coefficient x WoE`, as a lookup term without its baseline.
pub fn lookup_term(transform: usize, coefficient: Option<f64>, values: Vec<f64>) -> Term {
    Term { transform, coefficient, baseline: 0.0, shape: Shape::Lookup { values } }
}
