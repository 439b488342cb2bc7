//! The model files under a folder.

use crate::error::ServeError;
use crate::load::MODEL_FILE;
use std::path::{Path, PathBuf};
use std::time::SystemTime;
use std::{fs, io};

/// Folders below the named one that are looked into: `name/version/`.
const DEPTH: usize = 2;

/// A model file, and by what its changes are seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Found {
    pub(crate) path: PathBuf,
    modified: Option<SystemTime>,
    bytes: u64,
}

/// The model files of a folder, in order of their paths; a file that is named itself is taken as one.
///
/// # Errors
/// The folder cannot be read. One that cannot be read below it is passed over.
pub(crate) fn find_models(folder: &Path) -> Result<Vec<Found>, ServeError> {
    let mut found = Vec::new();
    let failed = |source| ServeError::ModelFile {
        file: folder.display().to_string(),
        source,
        hint: "; expected a model.json, its folder, or a folder of name/version/model.json".to_owned(),
    };
    if folder.is_file() {
        found.extend(stamp(folder));
        return Ok(found);
    }
    walk(folder, DEPTH, &mut found).map_err(failed)?;
    found.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(found)
}

fn walk(folder: &Path, depth: usize, found: &mut Vec<Found>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let (path, name) = (entry.path(), entry.file_name());
        if name.as_encoded_bytes().starts_with(b".") {
            continue;
        }
        if path.is_dir() {
            if depth > 0 {
                // A folder may go away while it is looked at.
                let _ = walk(&path, depth - 1, found);
            }
        } else if name == MODEL_FILE {
            found.extend(stamp(&path));
        }
    }
    Ok(())
}

/// A file as it is now; `None` where there is none.
pub(crate) fn stamp(path: &Path) -> Option<Found> {
    let metadata = fs::metadata(path).ok()?;
    Some(Found { path: path.to_owned(), modified: metadata.modified().ok(), bytes: metadata.len() })
}
