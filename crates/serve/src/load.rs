//! A model from its file or its folder.

use crate::error::ServeError;
use crate::mistaken::looks_like;
use arrears_model::{Model, ModelError};
use std::fs;
use std::path::{Path, PathBuf};

/// Name of the model file inside its folder.
pub const MODEL_FILE: &str = "model.json";

/// Loads a model; `path` is the model file, or the folder that holds `model.json`.
///
/// # Errors
/// [`ServeError::ModelFile`] when it cannot be read, [`ServeError::NotAModel`] when it is something else,
/// [`ServeError::Model`] when it is a damaged model; all name the file.
pub fn load_model(path: &Path) -> Result<Model, ServeError> {
    load_file(path).map(|(model, _)| model)
}

/// The same with the bytes of the file.
///
/// # Errors
/// As [`load_model`].
pub(crate) fn load_file(path: &Path) -> Result<(Model, Vec<u8>), ServeError> {
    let file = if path.is_dir() { path.join(MODEL_FILE) } else { path.to_owned() };
    let name = file.display().to_string();
    let bytes = fs::read(&file).map_err(|source| ServeError::ModelFile {
        file: name.clone(),
        source,
        hint: hint(path),
    })?;
    let model = Model::from_bytes(&bytes).map_err(|source| {
        match looks_like(&bytes).filter(|_| unsealed(&source)) {
            Some(found) => ServeError::NotAModel { file: name, found },
            None => ServeError::Model { file: name, source },
        }
    })?;
    Ok((model, bytes))
}

/// Whether not even the end of a model file was found, nor another version of it.
fn unsealed(error: &ModelError) -> bool {
    matches!(error, ModelError::NoChecksum)
}

/// The model folders one level below a folder that is none itself, as text for a message.
fn hint(path: &Path) -> String {
    let Ok(entries) = fs::read_dir(path) else { return String::new() };
    let below = entries.filter_map(|entry| Some(entry.ok()?.path()));
    let mut models: Vec<PathBuf> = below.filter(|p| p.join(MODEL_FILE).is_file()).collect();
    models.sort();
    match models.last() {
        Some(newest) => {
            format!("; it holds {} model folder(s), such as `{}`", models.len(), newest.display())
        }
        None => String::new(),
    }
}
