//! Scorecard: bins -> WoE -> logistic regression -> log-odds by bin.

use crate::binning::single::SingleBin;
use crate::binning::tally::Target;
use crate::binning::{Binned, BinningParams, bin_fields};
use crate::engine::{Engine, LogisticFit, LogisticParams};
use crate::error::TrainError;
use crate::fitted::{
    Coefficient, Fitted, Goodness, StepwiseMove, VariableReport, lookup_term, set_baselines,
};
use crate::left_out::by_cause;
use crate::regression::{Column, Design, Note, RegressionParams};
use crate::rows::Rows;
use crate::selection::{
    self, Criterion, Decision, FORCED_OUT, Move, Selection, SelectionParams, Step, select,
};
use arrears_model::Predictor;
use arrears_model::additive::Additive;
use arrears_model::model::Baseline;
use arrears_model::provenance::Fit;
use arrears_model::transform::Transform;

/// A candidate variable.
struct Candidate {
    field: usize,
    binned: Binned,
    iv: f64,
    /// WoE by bin after the policies for thin, empty and unseen bins.
    woe: Vec<f64>,
}

/// What a scorecard is told: the recipe's sections.
#[derive(Clone, Copy, Debug)]
pub struct ScorecardParams<'a> {
    /// `[binning]`.
    pub binning: &'a BinningParams,
    /// `[selection]`.
    pub selection: &'a SelectionParams,
    /// `[logistic]`.
    pub logistic: &'a LogisticParams,
    /// What fits the coefficients.
    pub engine: Engine,
    /// What reason codes measure losses against.
    pub baseline: Baseline,
}

/// Fits a scorecard.
///
/// Each field is binned, variables are selected (see [`crate::selection`]; the least IV is the larger of those of
/// `[binning]` and `[selection]`), and the WoE of those kept go into a logistic regression.
///
/// # Errors
/// When no variable is left, a variable that is forced in cannot be binned as asked, or the engine cannot fit.
pub fn fit_scorecard(rows: &Rows<'_>, params: &ScorecardParams<'_>) -> Result<Fitted, TrainError> {
    params.binning.check()?;
    params.selection.check()?;
    let mut variables = Vec::new();
    let mut notes = Vec::new();
    let mut candidates = Vec::new();
    let mut infeasible: Vec<(usize, Vec<String>)> = Vec::new();
    let fields: Vec<usize> = (0..rows.schema.fields.len()).collect();
    let binned = bin_fields(rows, &fields, Target::Bad(&rows.bad), params.binning);
    for (field, binned) in binned.into_iter().enumerate() {
        let variable = rows.field(field).name.clone();
        let forced = params.selection.force_in.contains(&variable);
        let (iv, reason) = match binned {
            Ok(binned) => {
                candidates.push(candidate(rows, field, binned, &mut notes));
                (candidates.last().map(|c| c.iv), String::new())
            }
            // Nobody asks for its bins; forcing it out is a way past what is wrong with them.
            Err(_) if params.selection.force_out.contains(&variable) => (None, FORCED_OUT.to_owned()),
            Err(TrainError::Infeasible { why, .. }) if !forced => {
                let reason = why.to_string();
                infeasible.push((field, why.limits));
                (None, reason)
            }
            Err(other) => return Err(other),
        };
        variables.push(VariableReport { variable, kept: false, iv, reason });
    }
    let selected = choose(rows, &candidates, params)?;
    for (candidate, decision) in candidates.iter().zip(&selected.decisions) {
        let report = &mut variables[candidate.field];
        report.kept = decision.kept();
        report.reason = reason(decision, candidate.binned.single.as_ref());
        notes.extend(decision.flags.iter().map(|flag| format!("{}: {flag}", report.variable)));
    }
    notes.extend(selected.notes.iter().cloned());
    if selected.kept.is_empty() {
        let causes = variables.iter().enumerate().map(|(field, report)| {
            let at = candidates.iter().position(|c| c.field == field);
            let limits = infeasible.iter().find(|(at, _)| *at == field).map(|(_, limits)| limits.clone());
            let single = at.and_then(|at| candidates[at].binned.single.as_ref());
            let limits = limits.or_else(|| single.map(SingleBin::limits));
            let step = at.and_then(|at| selected.decisions[at].dropped_by);
            (report.variable.as_str(), (limits, step), report.reason.clone())
        });
        return Err(TrainError::NoFeatures(by_cause(&causes.collect::<Vec<_>>())));
    }
    let stepwise = stepwise_moves(rows, &candidates, &selected.path, params.selection.criterion);
    let mut at = 0..;
    candidates.retain(|_| at.next().is_some_and(|i| selected.kept.contains(&i)));
    let fit = fit(rows, &candidates, params, selected)?;
    let fitted = assemble(rows, candidates, &fit, params.baseline, variables, notes);
    Ok(Fitted { stepwise, ..fitted })
}

/// Why a variable is in the model or not, and what left its values in a single bin.
fn reason(decision: &Decision, single: Option<&SingleBin>) -> String {
    match (single, decision.dropped_by) {
        (None, _) | (_, Some(Step::ForceOut)) => decision.reason.clone(),
        (Some(single), Some(Step::SingleValue)) => format!("a single bin: {single}"),
        // Beside the bin of the missing.
        (Some(single), _) => format!("{}; its values make a single bin: {single}", decision.reason),
    }
}

/// The way of stepwise selection, by name.
fn stepwise_moves(
    rows: &Rows<'_>,
    candidates: &[Candidate],
    path: &[Move],
    criterion: Criterion,
) -> Vec<StepwiseMove> {
    let tell = |made: &Move| StepwiseMove {
        variable: rows.field(candidates[made.candidate].field).name.clone(),
        entered: made.entered,
        criterion: criterion.to_string(),
        before: (criterion != Criterion::PValue).then_some(made.criterion.0),
        after: made.criterion.1,
    };
    path.iter().map(tell).collect()
}

/// Selects among the candidates that could be binned.
fn choose(
    rows: &Rows<'_>,
    candidates: &[Candidate],
    params: &ScorecardParams<'_>,
) -> Result<Selection, TrainError> {
    let of_candidate = |c: &Candidate| {
        let missing = c.binned.bins.last().map_or(0, |bin| bin.rows);
        (c.binned.bins.iter().filter(|bin| bin.rows > 0).count(), missing as f64 / rows.len() as f64)
    };
    let shapes: Vec<(usize, f64)> = candidates.iter().map(of_candidate).collect();
    let views = candidates.iter().zip(shapes).map(|(c, (bins, missing_share))| selection::Candidate {
        name: &rows.field(c.field).name,
        iv: c.iv,
        missing_share,
        codes: &c.binned.codes,
        woe: &c.woe,
        bins,
    });
    let views: Vec<selection::Candidate<'_>> = views.collect();
    let mut asked = params.selection.clone();
    asked.min_iv = asked.min_iv.max(params.binning.min_iv);
    // A variable that could not be binned is out already.
    asked.force_out.retain(|name| views.iter().any(|view| view.name == name));
    let LogisticParams { l2, l1, max_iterations, tolerance, .. } = *params.logistic;
    let regression = RegressionParams { l2, l1, max_iterations, tolerance, signs: Vec::new() };
    select(&views, &rows.observations(), &asked, &regression)
}

/// The last fit, on the variables that were kept: that of the selection, unless another engine or a penalty yet
/// to be chosen asks for one of its own.
fn fit(
    rows: &Rows<'_>,
    candidates: &[Candidate],
    params: &ScorecardParams<'_>,
    selected: Selection,
) -> Result<LogisticFit, TrainError> {
    if params.engine == Engine::Native && params.logistic.folds == 0 {
        return Ok(LogisticFit::of_regression(selected.fit, None)?);
    }
    let columns = candidates.iter().map(|c| Column::Codes(&c.binned.codes, &c.woe)).collect();
    let design = Design { columns, rows: rows.len() };
    Ok(params.engine.regression(&design, &rows.observations(), params.logistic)?)
}

fn candidate(rows: &Rows<'_>, field: usize, binned: Binned, notes: &mut Vec<String>) -> Candidate {
    let mut woe = binned.woe();
    let variable = &rows.field(field).name;
    for bin in binned.thin.iter().copied() {
        let (label, count) = (binned.transform.bin_label(rows.field(field), bin), binned.bins[bin].weight);
        notes.push(format!("{variable}: bin `{label}` has only {count} training rows; its WoE is set to 0"));
        woe[bin] = 0.0;
    }
    notes.extend(binned.notes.iter().map(|note| format!("{variable}: {note}")));
    Candidate { field, iv: binned.iv(), woe, binned }
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
        stepwise: Vec::new(),
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
