//! The whole run: loaded table + recipe -> model and what happened on the way.

use crate::assemble::assemble;
use crate::error::TrainError;
use crate::fitted::{Fitted, VariableReport};
use crate::kmeans::fit_kmeans;
use crate::logistic::fit_logistic;
use crate::plus::fit_plus;
use crate::recipe::Recipe;
use crate::rows::Rows;
use crate::scaling::scale_fitted;
use crate::scorecard::{ScorecardParams, fit_scorecard};
use crate::tree::fit_tree;
use crate::warnings::warnings;
use arrears_data::{Cleaned, Loaded, Split, clean};
use arrears_model::provenance::{Provenance, Rows as RowCounts};
use arrears_model::{Model, ModelKind};

/// A trained model, the rows it came from, and what became of every row and variable.
#[derive(Debug)]
pub struct Trained {
    /// The model.
    pub model: Model,
    /// The recipe with every default written out.
    pub recipe: Recipe,
    /// What went through but deserves a second look; also among the model's fit notes.
    pub warnings: Vec<String>,
    /// What became of each variable, in column order.
    pub variables: Vec<VariableReport>,
    /// The rows after cleaning, with the cleaning report.
    pub cleaned: Cleaned,
    /// Which of them were trained on and which held out.
    pub split: Split,
}

/// Trains one model. `data_name` is the file's name as the model will remember it, without folders.
///
/// # Errors
/// See [`TrainError`].
pub fn train(recipe: &Recipe, loaded: Loaded, data_name: &str) -> Result<Trained, TrainError> {
    let cleaned = clean(loaded, &recipe.resolved().preparation)?;
    train_cleaned(recipe, cleaned, data_name)
}

/// [`train`] on rows that were cleaned by the recipe before.
///
/// # Errors
/// See [`TrainError`].
pub fn train_cleaned(recipe: &Recipe, cleaned: Cleaned, data_name: &str) -> Result<Trained, TrainError> {
    let recipe = recipe.resolved();
    let split = cleaned.split(&recipe.preparation.split)?;
    let schema = cleaned.schema_for(&split.train);
    let rows = Rows::from_table(
        &schema,
        &cleaned.table,
        &split.train,
        cleaned.bad.as_deref(),
        cleaned.weights.as_deref(),
    )?;
    check_outcome(&recipe, &rows)?;
    let warnings = warnings(&recipe, &cleaned, &rows);
    let mut fitted = fit(&recipe, &rows)?;
    let scale = scale_fitted(&recipe, &rows, &mut fitted)?;
    fitted.fit.notes.extend(warnings.iter().cloned());
    let variables = fitted.variables.clone();
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
    let model = assemble(&recipe, &rows, fitted, scale, provenance)?;
    Ok(Trained { model, recipe, warnings, variables, cleaned, split })
}

fn fit(recipe: &Recipe, rows: &Rows<'_>) -> Result<Fitted, TrainError> {
    let (engine, baseline) = (recipe.model.engine(), recipe.model.baseline());
    match recipe.model.kind {
        ModelKind::Scorecard => {
            let (binning, selection, logistic) = (&recipe.binning, &recipe.selection, &recipe.logistic);
            fit_scorecard(rows, &ScorecardParams { binning, selection, logistic, engine, baseline })
        }
        ModelKind::ScorecardPlus => {
            let plus = recipe.plus.clone().unwrap_or_default();
            fit_plus(rows, &recipe.binning, &plus, baseline)
        }
        ModelKind::Logistic => fit_logistic(rows, &recipe.logistic, engine, baseline),
        ModelKind::Tree => fit_tree(rows, &recipe.tree, engine),
        ModelKind::Kmeans => fit_kmeans(rows, &recipe.kmeans, engine),
    }
}

/// k-means needs no outcome; every other kind needs good and bad rows.
fn check_outcome(recipe: &Recipe, rows: &Rows<'_>) -> Result<(), TrainError> {
    if recipe.model.kind == ModelKind::Kmeans {
        return Ok(());
    }
    if rows.bad.is_empty() {
        return Err(TrainError::NoTarget { kind: recipe.model.kind.to_string() });
    }
    let bads = rows.bads();
    if bads == 0 || bads == rows.len() as u64 {
        return Err(TrainError::OneClass { rows: rows.len(), bads });
    }
    Ok(())
}
