//! Scorecard: bins -> WoE -> logistic regression -> log-odds by bin.

use crate::binning::tally::unzip;
use crate::binning::{Binned, BinningParams, bin_field};
use crate::engine::{Engine, LogisticFit, LogisticParams};
use crate::error::TrainError;
use crate::fitted::{Fitted, VariableReport, lookup_term, set_baselines};
use crate::rows::Rows;
use arrears_model::additive::Additive;
use arrears_model::model::Baseline;
use arrears_model::points::{iv, woe};
use arrears_model::provenance::Fit;
use arrears_model::transform::Transform;
use arrears_model::{Kind, Predictor};
use ndarray::Array2;

/// A candidate variable.
struct Candidate {
    field: usize,
    binned: Binned,
    iv: f64,
    /// WoE by bin after the policies for thin, empty and unseen bins.
    woe: Vec<f64>,
}

/// Fits a scorecard.
///
/// Each field is binned; fields below `min_iv` or with a single bin are left out; the WoE of the rest go
/// into a logistic regression. WoE is higher for safer bins, so a sound coefficient of the log-odds of
/// bad is negative: while any is not, the variable with the largest one is dropped and the rest fitted
/// again.
///
/// # Errors
/// When no variable is left, or the engine cannot fit.
pub fn fit_scorecard(
    rows: &Rows,
    binning: &BinningParams,
    logistic: &LogisticParams,
    engine: Engine,
    baseline: Baseline,
) -> Result<Fitted, TrainError> {
    binning.check()?;
    let mut variables = Vec::new();
    let mut notes = Vec::new();
    let mut candidates = Vec::new();
    for field in 0..rows.schema.fields.len() {
        let candidate = candidate(rows, field, binning, &mut notes);
        let reason = leave_out(&candidate, binning);
        variables.push(VariableReport {
            variable: rows.field(field).name.clone(),
            kept: reason.is_none(),
            iv: Some(candidate.iv),
            reason: reason.clone().unwrap_or_else(|| "IV above the minimum".to_owned()),
        });
        if reason.is_none() {
            candidates.push(candidate);
        }
    }
    let fit = fit_signs(rows, &mut candidates, logistic, engine, &mut variables)?;
    Ok(assemble(rows, candidates, &fit, baseline, variables, notes))
}

fn candidate(rows: &Rows, field: usize, params: &BinningParams, notes: &mut Vec<String>) -> Candidate {
    let binned = bin_field(rows, field, params);
    let (counts, bads) = unzip(&binned.tallies);
    let mut woe = woe(&counts, &bads);
    let regular = binned.transform.regular_bins();
    for bin in regular..woe.len() {
        let label = || binned.transform.bin_label(rows.field(field), bin);
        if counts[bin] > 0 && counts[bin] < params.min_special_rows {
            notes.push(format!(
                "{}: bin `{}` has only {} training rows; its WoE is set to 0",
                rows.field(field).name,
                label(),
                counts[bin]
            ));
            woe[bin] = 0.0;
        }
    }
    // An unseen category is most like the rare ones that were seen; with none it stays neutral.
    if let (Kind::Category { .. }, Some(rare)) = (&rows.field(field).kind, binned.rare) {
        woe[regular] = woe[rare];
    }
    Candidate { field, iv: iv(&counts, &bads), woe, binned }
}

fn leave_out(candidate: &Candidate, params: &BinningParams) -> Option<String> {
    let used = candidate.binned.tallies.iter().filter(|t| t.count > 0).count();
    if used < 2 {
        Some("a single bin: it says nothing".to_owned())
    } else if candidate.iv < params.min_iv {
        Some(format!("IV below {}", params.min_iv))
    } else {
        None
    }
}

/// Fits, and drops variables until every coefficient has the right sign.
fn fit_signs(
    rows: &Rows,
    candidates: &mut Vec<Candidate>,
    params: &LogisticParams,
    engine: Engine,
    variables: &mut [VariableReport],
) -> Result<LogisticFit, TrainError> {
    loop {
        if candidates.is_empty() {
            let why = variables.iter().map(|v| format!("{} ({})", v.variable, v.reason));
            return Err(TrainError::NoFeatures(why.collect::<Vec<_>>().join("; ")));
        }
        let fit = engine.logistic(&woe_matrix(rows, candidates), &rows.bad, params)?;
        let worst = (0..candidates.len())
            .max_by(|a, b| fit.coefficients[*a].total_cmp(&fit.coefficients[*b]))
            .filter(|i| fit.coefficients[*i] >= 0.0);
        let Some(worst) = worst else { return Ok(fit) };
        let dropped = candidates.remove(worst);
        variables[dropped.field].kept = false;
        variables[dropped.field].reason = format!(
            "its WoE had the wrong sign beside the others (coefficient {:+.4})",
            fit.coefficients[worst]
        );
    }
}

fn woe_matrix(rows: &Rows, candidates: &[Candidate]) -> Array2<f64> {
    let mut matrix = Array2::zeros((rows.len(), candidates.len()));
    for (column, candidate) in candidates.iter().enumerate() {
        let (field, transform) = (rows.field(candidate.field), &candidate.binned.transform);
        for (row, cell) in rows.column(candidate.field).enumerate() {
            matrix[[row, column]] = candidate.woe[transform.bin(field, cell)];
        }
    }
    matrix
}

fn assemble(
    rows: &Rows,
    candidates: Vec<Candidate>,
    fit: &LogisticFit,
    baseline: Baseline,
    variables: Vec<VariableReport>,
    notes: Vec<String>,
) -> Fitted {
    let mut transforms: Vec<Transform> = Vec::new();
    let mut terms = Vec::new();
    for (candidate, coefficient) in candidates.into_iter().zip(&fit.coefficients) {
        let values = candidate.woe.iter().map(|w| coefficient * w).collect();
        terms.push(lookup_term(transforms.len(), Some(*coefficient), values));
        transforms.push(candidate.binned.transform);
    }
    set_baselines(&mut terms, rows, &transforms, baseline);
    Fitted {
        transforms,
        predictor: Predictor::Additive(Additive { intercept: fit.intercept, terms }),
        fit: logistic_report(fit, notes),
        variables,
    }
}

/// How a logistic fit went, with a note where it did not converge.
pub(crate) fn logistic_report(fit: &LogisticFit, mut notes: Vec<String>) -> Fit {
    if !fit.converged {
        notes.push(format!(
            "the logistic regression did not converge: gradient norm {:.3e} per row; raise [logistic] \
             max_iterations or l2",
            fit.gradient_norm
        ));
    }
    Fit { converged: Some(fit.converged), gradient_norm: Some(fit.gradient_norm), notes }
}
