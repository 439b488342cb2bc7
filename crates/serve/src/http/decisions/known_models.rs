//! The models of a log, found by their SHA-256.

use crate::error::ServeError;
use crate::http::decisions::kept_models::file_of;
use crate::http::find_models::find_models;
use crate::http::served::Served;
use crate::load::load_file;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// A model, or why there is none.
type Known = Result<Arc<Served>, String>;

/// Models that are loaded when a decision names them, and then kept.
pub(crate) struct KnownModels {
    /// Folders with files that are called by their SHA-256.
    folders: Vec<PathBuf>,
    loaded: Mutex<BTreeMap<String, Known>>,
}

impl KnownModels {
    /// Those a log has kept, and those of a folder that holds models as `arrears serve` takes it.
    ///
    /// # Errors
    /// The folder cannot be read, or a model in it is none.
    pub(crate) fn open(kept: PathBuf, more: Option<&Path>) -> Result<Self, ServeError> {
        let mut loaded = BTreeMap::new();
        for found in more.map(find_models).transpose()?.unwrap_or_default() {
            let (model, file) = load_file(&found.path)?;
            loaded.insert(model.sha256().to_owned(), Ok(Arc::new(Served::new(model, file))));
        }
        let folders = more.map(Path::to_owned).into_iter().chain([kept]).collect();
        Ok(KnownModels { folders, loaded: Mutex::new(loaded) })
    }

    /// The model with this SHA-256.
    ///
    /// # Errors
    /// Why there is none.
    pub(crate) fn find(&self, sha256: &str) -> Known {
        let mut loaded = self.loaded.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = loaded.get(sha256) {
            return known.clone();
        }
        let known = self.load(sha256);
        loaded.insert(sha256.to_owned(), known.clone());
        known
    }

    fn load(&self, sha256: &str) -> Known {
        // What a line says is no path.
        if sha256.len() != 64 || !sha256.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Err("its model is not named by a SHA-256".to_owned());
        }
        let files = self.folders.iter().map(|folder| file_of(folder, sha256));
        let Some(file) = files.into_iter().find(|file| file.is_file()) else {
            return Err(format!(
                "there is no model {sha256}.json; name the folder that holds it with --models"
            ));
        };
        let (model, bytes) = load_file(&file).map_err(|error| error.to_string())?;
        if model.sha256() != sha256 {
            return Err(format!("`{}` holds another model than its name says", file.display()));
        }
        Ok(Arc::new(Served::new(model, bytes)))
    }
}
