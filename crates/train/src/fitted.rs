//! What every learner gives: the parts that were learned, before they become a model.

use crate::binning::tally::tally;
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
        term.baseline = match (baseline, lookup(term, codes)) {
            (Baseline::Neutral, _) => 0.0,
            (Baseline::Max, Some((values, codes))) => {
                let met = tally(codes, values.len(), &[]).into_iter().map(|bin| bin.count > 0);
                best(values.iter().copied().zip(met).filter(|(_, met)| *met).map(|(value, _)| value))
            }
            (Baseline::Max, None) => best(values(term, rows, transforms, codes).into_iter()),
            (Baseline::Mean, _) => mean(&values(term, rows, transforms, codes), rows),
        };
    });
}

fn best(log_odds: impl Iterator<Item = f64>) -> f64 {
    log_odds.reduce(f64::min).unwrap_or(0.0)
}

fn mean(values: &[f64], rows: &Rows<'_>) -> f64 {
    match &rows.weights {
        None => values.iter().sum::<f64>() / rows.len() as f64,
        Some(weights) => {
            let sum: f64 = values.iter().zip(weights).map(|(value, w)| w * value).sum();
            sum / weights.iter().sum::<f64>()
        }
    }
}

/// Rows whose log-odds are added up at once; their sums stay in the fastest cache.
const CHUNK: usize = 1 << 10;

/// Log-odds of bad of every training row by an additive predictor, added up in the order in which a row is
/// scored. `codes` are those of [`Fitted`].
pub fn log_odds_by_row(
    additive: &Additive,
    rows: &Rows<'_>,
    transforms: &[Transform],
    codes: &[Codes],
) -> Vec<f64> {
    let mut log_odds = vec![additive.intercept; rows.len()];
    log_odds.par_chunks_mut(CHUNK).enumerate().for_each(|(chunk, sums)| {
        for term in &additive.terms {
            add_values(term, rows, transforms, codes, chunk * CHUNK, sums);
        }
    });
    log_odds
}

/// What one term gives each training row.
fn values(term: &Term, rows: &Rows<'_>, transforms: &[Transform], codes: &[Codes]) -> Vec<f64> {
    let mut values = vec![0.0; rows.len()];
    add_values(term, rows, transforms, codes, 0, &mut values);
    values
}

/// Adds what one term gives the rows from `first` on to their `sums`.
fn add_values(
    term: &Term,
    rows: &Rows<'_>,
    transforms: &[Transform],
    codes: &[Codes],
    first: usize,
    sums: &mut [f64],
) {
    let upto = first + sums.len();
    match lookup(term, codes) {
        Some((values, Codes::Narrow(codes))) => {
            sums.iter_mut()
                .zip(&codes[first..upto])
                .for_each(|(sum, code)| *sum += values[usize::from(*code)]);
        }
        Some((values, Codes::Wide(codes))) => {
            sums.iter_mut()
                .zip(&codes[first..upto])
                .for_each(|(sum, code)| *sum += values[usize::from(*code)]);
        }
        None => {
            // Only the term's own fields are read.
            let fields: Vec<usize> = term.shares(transforms).map(|(field, _)| field).collect();
            let mut cells = vec![Cell::Missing; rows.schema.fields.len()];
            for (row, sum) in (first..upto).zip(sums) {
                fields.iter().for_each(|field| cells[*field] = rows.cell(row, *field));
                *sum += term.value(&rows.schema, transforms, &cells);
            }
        }
    }
}

/// The value of each bin, and the bins of the rows, of a term that is a table over kept codes.
fn lookup<'a>(term: &'a Term, codes: &'a [Codes]) -> Option<(&'a [f64], &'a Codes)> {
    match &term.shape {
        Shape::Lookup { values } => Some((values, codes.get(term.transform)?)),
        _ => None,
    }
}

/// Log-odds by bin from WoE: `coefficient x WoE`, as a lookup term without its baseline.
pub fn lookup_term(transform: usize, coefficient: Option<f64>, values: Vec<f64>) -> Term {
    Term { transform, coefficient, baseline: 0.0, shape: Shape::Lookup { values } }
}
