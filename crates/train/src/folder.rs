//! The model's folder: `model.json`, `card.md`, `vectors.ndjson`, `recipe.toml`.

use crate::card::card;
use crate::error::TrainError;
use crate::train::Trained;
use crate::vectors::vectors;
use arrears_data::atomic_write;
use arrears_validate::Report;
use std::path::Path;

/// Writes the folder of a trained model; `report` is its validation on the held-out rows.
///
/// Each file appears whole or not at all; `model.json` comes last, so a folder with a model is complete.
/// The same training run writes the same bytes.
///
/// # Errors
/// When the folder or a file cannot be written.
pub fn write_folder(trained: &Trained, report: &Report, folder: &Path) -> Result<(), TrainError> {
    std::fs::create_dir_all(folder)
        .map_err(|source| TrainError::Write { what: format!("folder {}", folder.display()), source })?;
    let mut lines = String::new();
    for vector in vectors(&trained.model, &trained.cleaned.table, &trained.split.test) {
        let line = serde_json::to_string(&vector).map_err(arrears_model::ModelError::Json)?;
        lines.push_str(&line);
        lines.push('\n');
    }
    atomic_write(&folder.join("recipe.toml"), trained.recipe.to_toml()?.as_bytes())?;
    atomic_write(&folder.join("vectors.ndjson"), lines.as_bytes())?;
    atomic_write(&folder.join("card.md"), card(trained, report).as_bytes())?;
    atomic_write(&folder.join("model.json"), &trained.model.to_bytes()?)?;
    Ok(())
}
