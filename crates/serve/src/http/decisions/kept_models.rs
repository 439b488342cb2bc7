//! The models that scored, kept beside the log so that a replay is always possible.

use crate::http::decisions::segment::sync_folder;
use crate::http::served::Served;
use arrears_data::atomic_write;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::{fs, io};

/// Where they are, inside the folder of a log.
pub(crate) const MODELS: &str = "models";

/// The file of a model.
pub(crate) fn file_of(folder: &Path, sha256: &str) -> PathBuf {
    folder.join(format!("{sha256}.json"))
}

/// The folder of kept models.
pub(crate) struct KeptModels {
    folder: PathBuf,
    /// SHA-256 of the models whose files were seen whole.
    kept: BTreeSet<String>,
}

impl KeptModels {
    /// # Errors
    /// The folder cannot be made.
    pub(crate) fn open(log: &Path) -> io::Result<Self> {
        let folder = log.join(MODELS);
        fs::create_dir_all(&folder)?;
        sync_folder(log)?;
        // A service may have been killed just before the name of a file was on the disk.
        sync_folder(&folder)?;
        Ok(KeptModels { folder, kept: BTreeSet::new() })
    }

    /// Makes sure that a model's file is there, whole and on the disk.
    ///
    /// # Errors
    /// It cannot be written.
    pub(crate) fn keep(&mut self, served: &Served) -> io::Result<()> {
        let sha256 = served.model.sha256();
        if self.kept.contains(sha256) {
            return Ok(());
        }
        let path = file_of(&self.folder, sha256);
        if !fs::read(&path).is_ok_and(|bytes| bytes == served.file) {
            atomic_write(&path, &served.file).map_err(io::Error::other)?;
        }
        self.kept.insert(sha256.to_owned());
        Ok(())
    }
}
