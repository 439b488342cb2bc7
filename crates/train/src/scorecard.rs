//! Scorecard: bins -> WoE -> logistic regression -> log-odds by bin.

use crate::binning::tally::Target;
use crate::binning::{Binned, BinningParams, bin_field};
use crate::engine::{Engine, LogisticFit, LogisticParams};
use crate::error::TrainError;
use crate::fitted::{Coefficient, Fitted, Goodness, VariableReport, lookup_term, set_baselines};
use crate::regression::{Column, Design, Note};
use crate::rows::Rows;
use arrears_model::Predictor;
use arrears_model::additive::Additive;
use arrears_model::model::Baseline;
use arrears_model::provenance::Fit;
use arrears_model::transform::Transform;
use rayon::prelude::*;

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
    rows: &Rows<'_>,
    binning: &BinningParams,
    logistic: &LogisticParams,
    engine: Engine,
    baseline: Baseline,
) -> Result<Fitted, TrainError> {
    binning.check()?;
    let mut variables = Vec::new();
    let mut notes = Vec::new();
    let mut candidates = Vec::new();
    let fields: Vec<usize> = (0..rows.schema.fields.len()).collect();
    let binned: Vec<Result<Binned, TrainError>> =
        fields.par_iter().map(|field| bin_field(rows, *field, Target::Bad(&rows.bad), binning)).collect();
    for (field, binned) in binned.into_iter().enumerate() {
        let variable = rows.field(field).name.clone();
        let candidate = match binned {
            Ok(binned) => candidate(rows, field, binned, binning, &mut notes),
            Err(TrainError::Infeasible { why, .. }) => {
                variables.push(VariableReport { variable, kept: false, iv: None, reason: why.to_string() });
                continue;
            }
            Err(other) => return Err(other),
        };
        let reason = leave_out(&candidate, binning);
        variables.push(VariableReport {
            variable,
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

fn candidate(
    rows: &Rows<'_>,
    field: usize,
    binned: Binned,
    params: &BinningParams,
    notes: &mut Vec<String>,
) -> Candidate {
    let mut woe = binned.woe();
    let variable = rows.field(field);
    for (bin, woe) in woe.iter_mut().enumerate().skip(binned.transform.regular_bins()) {
        let count = binned.bins[bin].weight;
        if binned.merged[bin] == bin && count > 0.0 && count < params.min_special_rows as f64 {
            let label = binned.transform.bin_label(variable, bin);
            notes.push(format!(
                "{}: bin `{label}` has only {count} training rows; its WoE is set to 0",
                variable.name
            ));
            *woe = 0.0;
        }
    }
    Candidate { field, iv: binned.iv(), woe, binned }
}

fn leave_out(candidate: &Candidate, params: &BinningParams) -> Option<String> {
    let used = candidate.binned.bins.iter().filter(|bin| bin.rows > 0).count();
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
    rows: &Rows<'_>,
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
        let columns = candidates.iter().map(|c| Column::Codes(&c.binned.codes, &c.woe)).collect();
        let design = Design { columns, rows: rows.len() };
        let fit = engine.regression(&design, &rows.observations(), params)?;
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

fn assemble(
    rows: &Rows<'_>,
    candidates: Vec<Candidate>,
    fit: &LogisticFit,
    baseline: Baseline,
    variables: Vec<VariableReport>,
    notes: Vec<String>,
) -> Fitted {
    let mut transforms: Vec<Transform> = Vec::new();
    let mut terms = Vec::new();
    let mut codes = Vec::new();
    let names: Vec<String> = candidates.iter().map(|c| rows.field(c.field).name.clone()).collect();
    for (candidate, coefficient) in candidates.into_iter().zip(&fit.coefficients) {
        let values = candidate.woe.iter().map(|w| coefficient * w).collect();
        terms.push(lookup_term(transforms.len(), Some(*coefficient), values));
        transforms.push(candidate.binned.transform);
        codes.push(candidate.binned.codes);
    }
    set_baselines(&mut terms, rows, &transforms, &codes, baseline);
    Fitted {
        transforms,
        codes,
        predictor: Predictor::Additive(Additive { intercept: fit.intercept, terms }),
        fit: logistic_report(fit, &names, notes),
        coefficients: Coefficient::list(fit, &names),
        goodness: Goodness::of(fit),
        variables,
    }
}

/// How a logistic fit went, with a note for all that its reader has to know. `columns` names the columns.
pub(crate) fn logistic_report(fit: &LogisticFit, columns: &[String], mut notes: Vec<String>) -> Fit {
    if !fit.converged {
        notes.push(format!(
            "the logistic regression did not converge: gradient norm {:.3e} per row; raise [logistic] \
             max_iterations or l2",
            fit.gradient_norm
        ));
    }
    if let Some((l2, l1)) = fit.chosen {
        notes.push(format!("cross-validation chose the penalties l2 = {l2} and l1 = {l1}"));
    }
    let told = fit.details.iter().flat_map(|details| &details.notes);
    // Told above with what to do about it.
    let told = told.filter(|note| !matches!(note, Note::NotConverged { .. }));
    notes.extend(told.map(|note| note.with_names(columns)));
    Fit { converged: Some(fit.converged), gradient_norm: Some(fit.gradient_norm), notes }
}
