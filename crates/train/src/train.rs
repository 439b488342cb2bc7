//! The whole run: loaded table + recipe -> model and what happened on the way.

use crate::assemble::assemble;
use crate::binning::declared::check_declared;
use crate::blend::{Compared, train_blend};
use crate::decisions::with_decisions;
use crate::error::TrainError;
use crate::expert::train_expert;
use crate::fitted::{Coefficient, Fitted, Goodness, StepwiseMove, VariableReport};
use crate::kmeans::fit_kmeans;
use crate::logistic::fit_logistic;
use crate::plus::fit_plus;
use crate::recipe::Recipe;
use crate::reject_inference::{RejectReport, refit_with_rejects};
use crate::remarks::weight_note;
use crate::rows::Rows;
use crate::scaling::scale_fitted;
use crate::scorecard::{ScorecardParams, fit_scorecard};
use crate::segmented::{SegmentsReport, fit_segmented};
use crate::segments::{ChoiceOfK, NumberOfSegments, choose_k};
use crate::selection::forced::{check_forced, leave_forced_out, tell_forced_out};
use crate::settings;
use crate::tree::{fit_amount_tree, fit_tree};
use crate::tree_warnings::tree_warnings;
use crate::warnings::{leaks, small_segments, too_few, warnings};
use arrears_data::{Cleaned, Loaded, Role, Split, clean, clean_number_target, groups, know_snapshots};
use arrears_model::provenance::{Provenance, Rows as RowCounts};
use arrears_model::{Model, ModelKind};

/// A trained model, the rows it came from, and what became of every row and variable.
#[derive(Debug)]
pub struct Trained {
    /// The model.
    pub model: Model,
    /// The recipe with every default written out, its files named without folders.
    pub recipe: Recipe,
    /// What went through but deserves a second look. What is said of the rows stands among the model's fit notes too.
    pub warnings: Vec<String>,
    /// What became of each variable, in column order.
    pub variables: Vec<VariableReport>,
    /// The way of stepwise selection, first move first; empty where there was none.
    pub stepwise: Vec<StepwiseMove>,
    /// Coefficients with their errors, where the learner estimates some; before any shift to the population's odds
    /// and any rounding of points.
    pub coefficients: Vec<Coefficient>,
    /// Deviance and criteria of the fit, where the learner gives them.
    pub goodness: Option<Goodness>,
    /// The segments looked for and what became of them, where the recipe asks for some.
    pub segments: Option<SegmentsReport>,
    /// The rejected applicants, where some were given.
    pub rejects: Option<RejectReport>,
    /// How the number of segments was chosen, where the recipe left that open.
    pub choice_of_k: Option<ChoiceOfK>,
    /// How a blend and its scores rank the rows held out and the training rows; empty of every other model.
    pub blend: Vec<Compared>,
    /// The rows after cleaning, with the cleaning report.
    pub cleaned: Cleaned,
    /// Which of them were trained on and which held out.
    pub split: Split,
}

/// Trains one model; see [`train_with_rejects`].
///
/// # Errors
/// See [`TrainError`].
pub fn train(recipe: &Recipe, loaded: Loaded, data_name: &str) -> Result<Trained, TrainError> {
    train_with_rejects(recipe, loaded, data_name, None)
}

/// Trains one model. `data_name` is the file's name as the model will remember it, without folders.
/// `rejects`: a file of rejected applicants and its name, for reject inference with what the recipe says of it, or
/// the defaults.
///
/// Rows of weight 0 count as if they were not there.
///
/// # Errors
/// See [`TrainError`]; [`TrainError::NoRejects`] when the recipe asks for reject inference and there is no file.
pub fn train_with_rejects(
    recipe: &Recipe,
    loaded: Loaded,
    data_name: &str,
    rejects: Option<(Loaded, &str)>,
) -> Result<Trained, TrainError> {
    let mut recipe = recipe.resolved();
    know_snapshots(&loaded.table, &mut recipe.preparation);
    if rejects.is_some() {
        recipe.reject_inference.get_or_insert_default();
    }
    if recipe.model.kind == ModelKind::Expert {
        return train_expert(recipe, loaded, data_name);
    }
    if recipe.blend.is_some() && recipe.model.kind == ModelKind::Logistic {
        return train_blend(recipe, loaded, data_name);
    }
    settings::check(&recipe)?;
    let cleaned = match recipe.model.kind {
        ModelKind::AmountTree => clean_number_target(loaded, &recipe.preparation)?,
        _ => clean(loaded, &recipe.preparation)?,
    };
    run(recipe, cleaned, data_name, rejects)
}

/// [`train`] on rows that were cleaned by the recipe before.
///
/// # Errors
/// See [`TrainError`].
pub fn train_cleaned(recipe: &Recipe, cleaned: Cleaned, data_name: &str) -> Result<Trained, TrainError> {
    let recipe = recipe.resolved();
    settings::check(&recipe)?;
    run(recipe, cleaned, data_name, None)
}

fn run(
    recipe: Recipe,
    cleaned: Cleaned,
    data_name: &str,
    rejects: Option<(Loaded, &str)>,
) -> Result<Trained, TrainError> {
    let recipe = name_sources(recipe, data_name, rejects.as_ref().map(|(_, name)| *name));
    let mut split = cleaned.split(&recipe.preparation.split)?;
    let weightless = drop_weightless(&cleaned, &mut split);
    check_forced(&recipe.selection, &cleaned)?;
    let mut schema = cleaned.schema_for(&split.train);
    let forced_out = leave_forced_out(&recipe, &mut schema)?;
    let mut rows = Rows::from_table(
        &schema,
        &cleaned.table,
        &split.train,
        cleaned.bad.as_deref(),
        cleaned.weights.as_deref(),
    )?;
    if let Some(column) = recipe.preparation.kept_together() {
        let groups = groups(&cleaned.table, column, &schema.missing)?;
        rows.groups = Some(split.train.iter().map(|row| groups[*row]).collect());
    }
    rows.amounts = cleaned.amounts.iter().flat_map(|all| split.train.iter().map(|row| all[*row])).collect();
    check_outcome(&recipe, &rows)?;
    if recipe.model.kind == ModelKind::Scorecard {
        check_declared(&recipe.binning, &cleaned)?;
    }
    let mut warnings = warnings(&recipe, &cleaned, &rows);
    if recipe.model.kind != ModelKind::Kmeans {
        warnings.extend(too_few(&cleaned, &split.test, &rows));
    }
    let choice_of_k = choice_of_k(&recipe, &rows).map_err(|error| with_left_out(error, &cleaned))?;
    let mut fitted =
        fit(&with_k(&recipe, choice_of_k.as_ref()), &rows).map_err(|error| with_left_out(error, &cleaned))?;
    warnings.extend(choice_of_k.as_ref().and_then(|choice| choice.doubt(&rows, &fitted)));
    warnings.extend(choice_of_k.as_ref().and_then(ChoiceOfK::instability));
    warnings.extend(small_segments(&fitted));
    warnings.extend(tree_warnings(&rows, &fitted));
    let mut segments = None;
    if let Some(params) = &recipe.segments {
        let (taken, report) = fit_segmented(&rows, params, &scorecard_params(&recipe), fitted)?;
        warnings.extend(report.forced.then(|| report.verdict.clone()));
        (fitted, segments) = (taken, Some(report));
    }
    let (scale, rejects) = match (&recipe.reject_inference, rejects) {
        (None, _) => (scale_fitted(&recipe, &rows, &mut fitted)?, None),
        (Some(_), None) => return Err(TrainError::NoRejects),
        (Some(params), Some(file)) => {
            let again = refit_with_rejects(&recipe, params, &rows, (&cleaned, &split), &fitted, file)?;
            fitted = again.fitted;
            warnings.extend(again.report.warning.clone());
            (again.scale, Some(again.report))
        }
    };
    fitted.fit.notes.extend(choice_of_k.as_ref().map(|choice| choice.why.clone()));
    fitted.fit.notes.extend(weight_note(recipe.preparation.data.weight.as_deref(), recipe.model.kind, &rows));
    fitted.fit.notes.extend(weightless);
    fitted.fit.notes.extend(warnings.iter().cloned());
    tell_forced_out(forced_out, &mut fitted.variables);
    warnings.extend(leaks(&recipe, &fitted.variables));
    let (variables, coefficients) = (fitted.variables.clone(), fitted.coefficients.clone());
    let (goodness, stepwise) = (fitted.goodness.clone(), fitted.stepwise.clone());
    let provenance = Provenance {
        program: concat!("arrears ", env!("CARGO_PKG_VERSION")).to_owned(),
        engine: recipe.model.engine().to_string(),
        data: data_name.to_owned(),
        data_sha256: cleaned.fingerprint.clone(),
        rows: RowCounts {
            read: cleaned.report.read,
            kept: cleaned.table.rows() as u64,
            train: rows.len() as u64,
            train_bads: (!rows.bad.is_empty()).then(|| rows.bads()),
            test: split.test.len() as u64,
        },
        recipe: recipe.to_toml()?,
        fit: fitted.fit.clone(),
    };
    let model = with_decisions(assemble(&recipe, &rows, fitted, scale, provenance)?, &recipe)?;
    Ok(Trained {
        model,
        recipe,
        warnings,
        variables,
        stepwise,
        coefficients,
        goodness,
        segments,
        rejects,
        choice_of_k,
        blend: Vec::new(),
        cleaned,
        split,
    })
}

/// The number of segments with its reasons, where the recipe leaves it open.
fn choice_of_k(recipe: &Recipe, rows: &Rows<'_>) -> Result<Option<ChoiceOfK>, TrainError> {
    let open = recipe.model.kind == ModelKind::Kmeans && recipe.kmeans.k == NumberOfSegments::Auto;
    open.then(|| choose_k(rows, &recipe.kmeans, recipe.model.engine())).transpose()
}

/// The recipe with the number of segments that was chosen.
fn with_k(recipe: &Recipe, choice: Option<&ChoiceOfK>) -> Recipe {
    let mut recipe = recipe.clone();
    if let Some(choice) = choice {
        recipe.kmeans.k = NumberOfSegments::Fixed(choice.k);
    }
    recipe
}

/// Where no column is left to learn from, why columns were left out before is part of the answer.
fn with_left_out(error: TrainError, cleaned: &Cleaned) -> TrainError {
    let TrainError::NoFeatures(why) = error else { return error };
    let left_out = cleaned.report.types.iter().filter(|column| column.role == Role::LeftOut);
    let notes = left_out.map(|column| {
        let note = column.note.as_deref().unwrap_or_default();
        format!("`{}` is not used: {note}", column.column)
    });
    // Without any candidate a learner has nothing to say.
    let whys: Vec<String> = std::iter::once(why).filter(|why| !why.is_empty()).chain(notes).collect();
    TrainError::NoFeatures(whys.join("; "))
}

/// The recipe with its files named as the model remembers them, without folders: the model is the same wherever they
/// lie.
pub(crate) fn name_sources(mut recipe: Recipe, data: &str, rejects: Option<&str>) -> Recipe {
    recipe.preparation.data.path = Some(data.to_owned());
    if let Some(section) = &mut recipe.reject_inference {
        section.path = rejects.map(str::to_owned);
    }
    recipe
}

/// Takes training rows of weight 0 out, and says how many there were.
fn drop_weightless(cleaned: &Cleaned, split: &mut Split) -> Option<String> {
    let weights = cleaned.weights.as_ref()?;
    let before = split.train.len();
    split.train.retain(|row| weights[*row] > 0.0);
    let lost = before - split.train.len();
    (lost > 0).then(|| format!("{lost} training rows of weight 0 are left out"))
}

fn scorecard_params(recipe: &Recipe) -> ScorecardParams<'_> {
    ScorecardParams {
        binning: &recipe.binning,
        selection: &recipe.selection,
        logistic: &recipe.logistic,
        engine: recipe.model.engine(),
        baseline: recipe.model.baseline(),
    }
}

pub(crate) fn fit(recipe: &Recipe, rows: &Rows<'_>) -> Result<Fitted, TrainError> {
    let (engine, baseline) = (recipe.model.engine(), recipe.model.baseline());
    match recipe.model.kind {
        ModelKind::Scorecard => fit_scorecard(rows, &scorecard_params(recipe)),
        ModelKind::ScorecardPlus => {
            let plus = recipe.plus.clone().unwrap_or_default();
            fit_plus(rows, &recipe.binning, &plus, baseline)
        }
        ModelKind::Logistic => fit_logistic(rows, &recipe.logistic, engine, baseline),
        ModelKind::Tree => fit_tree(rows, &recipe.tree, engine),
        ModelKind::AmountTree => fit_amount_tree(rows, &recipe.tree),
        // Nothing of it is learned from rows; see `expert`.
        ModelKind::Expert => Err(TrainError::Together {
            what: "rows that were cleaned before",
            with: "kind `expert`".to_owned(),
            mend: "train it from its file",
        }),
        ModelKind::Kmeans => {
            let section = &recipe.kmeans;
            let k = match section.k {
                NumberOfSegments::Fixed(k) => k,
                NumberOfSegments::Auto => choose_k(rows, section, engine)?.k,
            };
            fit_kmeans(rows, section, k, &recipe.preparation.columns, engine)
        }
    }
}

/// k-means needs no outcome, a tree of amounts different ones; every other kind needs good and bad rows.
pub(crate) fn check_outcome(recipe: &Recipe, rows: &Rows<'_>) -> Result<(), TrainError> {
    if recipe.model.kind == ModelKind::Kmeans {
        return Ok(());
    }
    if recipe.model.kind == ModelKind::AmountTree && !rows.amounts.is_empty() {
        let first = rows.amounts[0];
        return match rows.amounts.iter().all(|amount| *amount == first) {
            true => Err(TrainError::OneAmount { rows: rows.len(), amount: first }),
            false => Ok(()),
        };
    }
    if rows.bad.is_empty() {
        return Err(TrainError::NoTarget { kind: format!("kind `{}`", recipe.model.kind) });
    }
    let bads = rows.bads();
    if bads == 0 || bads == rows.len() as u64 {
        return Err(TrainError::OneClass { rows: rows.len(), bads });
    }
    Ok(())
}
