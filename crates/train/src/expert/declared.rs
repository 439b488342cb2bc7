//! An expert model without data: its pd is what the recipe declares, and nothing was measured.

use super::build::{Built, build};
use super::card::declared_card;
use super::{ENGINE, baseline, section};
use crate::decisions::with_decisions;
use crate::error::TrainError;
use crate::recipe::Recipe;
use crate::settings;
use crate::vectors::synthetic_vectors;
use arrears_data::atomic_write;
use arrears_model::provenance::{Fit, Provenance, Rows};
use arrears_model::{Model, Parts, Predictor, Schema};
use std::path::Path;

/// What card and `inspect` say of a pd that no data stand behind.
pub(super) const DECLARED: &str = "the pd follows from the declared scale alone and was never measured; `arrears train` with data and an outcome \
     calibrates it and leaves the points as they are";

/// The model that an expert's recipe describes; no data are read.
///
/// # Errors
/// What is wrong with the recipe.
pub fn declared(recipe: &Recipe) -> Result<Model, TrainError> {
    let recipe = recipe.resolved();
    settings::check(&recipe)?;
    let section = section(&recipe)?;
    recipe.scale.check(recipe.model.kind)?;
    let data = &recipe.preparation.data;
    let Built { fields, transforms, additive, scale, grades } =
        build(section, &recipe.scale.by_odds(), baseline(&recipe))?;
    let notes = section.notes.iter().cloned().chain([DECLARED.to_owned()]).collect();
    let parts = Parts {
        name: recipe.model_name(),
        version: recipe.version.clone(),
        kind: recipe.model.kind,
        schema: Schema {
            id: data.id.clone(),
            target: section.outcome.clone(),
            amount: None,
            missing: recipe.preparation.missing(),
            fields,
        },
        transforms,
        predictor: Predictor::Additive(additive),
        scale: Some(scale),
        grades: if recipe.grades.is_empty() { grades } else { recipe.grades.clone() },
        decisions: None,
        baseline: baseline(&recipe),
        profile: Default::default(),
        provenance: Provenance {
            program: concat!("arrears ", env!("CARGO_PKG_VERSION")).to_owned(),
            engine: ENGINE.to_owned(),
            data: String::new(),
            data_sha256: String::new(),
            rows: Rows::default(),
            recipe: recipe.to_toml()?,
            fit: Fit { converged: None, gradient_norm: None, notes },
        },
    };
    with_decisions(Model::new(parts)?, &recipe)
}

/// Writes the folder of a model that no data stand behind; as [`write_folder`](crate::folder::write_folder).
///
/// # Errors
/// When the folder or a file cannot be written.
pub fn write_declared(model: &Model, folder: &Path) -> Result<(), TrainError> {
    std::fs::create_dir_all(folder)
        .map_err(|source| TrainError::Write { what: format!("folder {}", folder.display()), source })?;
    let mut lines = String::new();
    for vector in synthetic_vectors(model) {
        lines += &serde_json::to_string(&vector).map_err(arrears_model::ModelError::Json)?;
        lines.push('\n');
    }
    atomic_write(&folder.join("recipe.toml"), model.provenance.recipe.as_bytes())?;
    atomic_write(&folder.join("vectors.ndjson"), lines.as_bytes())?;
    atomic_write(&folder.join("card.md"), declared_card(model).as_bytes())?;
    atomic_write(&folder.join("model.json"), &model.to_bytes()?)?;
    Ok(())
}
