//! `arrears train` of an expert model without data: the recipe is all there is.

use crate::exit::Outcome;
use crate::{inspect, recipe, show};
use anyhow::ensure;
use arrears_model::points::Spread;
use arrears_model::{Model, ModelKind};
use arrears_train::Recipe;
use arrears_train::expert::{declared, write_declared};
use std::path::{Path, PathBuf};

/// `source` is the file of the recipe.
pub(crate) fn run(
    source: &Path,
    recipe: &Recipe,
    output: Option<PathBuf>,
    json: bool,
) -> anyhow::Result<Outcome> {
    ensure!(recipe.model.kind == ModelKind::Expert, recipe::no_data(source));
    let data = &recipe.preparation.data;
    ensure!(
        data.target.is_none(),
        "the recipe names an outcome, `{}`, and no data to calibrate on: give --data FILE, or name it in [expert] as `outcome` \
         with `column`, `bad` and `good`, for `validate` alone",
        data.target.as_deref().unwrap_or_default()
    );
    let model = declared(recipe)?;
    let folder = output.unwrap_or_else(|| Path::new("models").join(&model.name).join(&model.version));
    write_declared(&model, &folder)?;
    show::print(&if json { as_json(&model, &folder)? } else { text(&model, &folder) })?;
    Ok(Outcome::Done)
}

fn text(model: &Model, folder: &Path) -> String {
    format!("{}\nwritten to {}\n", inspect::text(model, Spread::Base), folder.display())
}

fn as_json(model: &Model, folder: &Path) -> anyhow::Result<String> {
    let value = serde_json::json!({
        "name": model.name,
        "version": model.version,
        "kind": model.kind,
        "sha256": model.sha256(),
        "folder": folder.display().to_string(),
        "fit": model.provenance.fit,
    });
    Ok(serde_json::to_string_pretty(&value)? + "\n")
}
