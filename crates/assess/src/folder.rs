//! The folder of outputs: made under another name beside it, and moved to its place when it is complete.

use crate::error::AssessError;
use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// The standings, for programs.
pub(crate) const PARQUET: &str = "standings.parquet";
/// The standings, for spreadsheets.
pub(crate) const CSV: &str = "standings.csv";
/// Customers whom the model refused, and why.
pub(crate) const REJECTED: &str = "rejected.csv";

/// What a run writes. A folder that holds anything else is nobody's to replace.
const FILES: [&str; 3] = [PARQUET, CSV, REJECTED];

/// A folder to be. Dropped before it is moved, it is removed.
pub(crate) struct Folder {
    path: PathBuf,
    made: PathBuf,
}

impl Folder {
    /// Makes it. Whoever comes has the history locked, so that one of this name is what a killed run left behind.
    pub(crate) fn create(path: &Path) -> Result<Folder, AssessError> {
        let failed = |problem: String| AssessError::Folder { folder: path.display().to_string(), problem };
        let io = |error: io::Error| failed(error.to_string());
        let name = path
            .file_name()
            .ok_or_else(|| failed("it has no name of its own; name a new folder".to_owned()))?;
        if path.exists() && !path.is_dir() {
            return Err(failed("it is a file; name a folder".to_owned()));
        }
        if path.is_dir() {
            let found = fs::read_dir(path).map_err(io)?;
            let foreign = found.flatten().find(|entry| !FILES.iter().any(|file| entry.file_name() == *file));
            if let Some(foreign) = foreign {
                let foreign = foreign.file_name().display().to_string();
                return Err(failed(format!(
                    "it holds `{foreign}`, which no run wrote; name a new folder with -o"
                )));
            }
        }
        let mut hidden = OsString::from(".");
        hidden.push(name);
        hidden.push(".arrears-tmp");
        let made = path.with_file_name(hidden);
        if made.exists() {
            fs::remove_dir_all(&made).map_err(io)?;
        }
        fs::create_dir_all(&made).map_err(io)?;
        Ok(Folder { path: path.to_owned(), made })
    }

    /// Where a file of the folder is written.
    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.made.join(name)
    }

    /// What messages call it.
    pub(crate) fn name(&self) -> String {
        self.path.display().to_string()
    }

    /// Moves it to its place; a folder of an earlier run makes way.
    pub(crate) fn finish(self) -> io::Result<()> {
        if self.path.exists() {
            let old = self.made.with_extension("arrears-old");
            if old.exists() {
                fs::remove_dir_all(&old)?;
            }
            fs::rename(&self.path, &old)?;
            fs::rename(&self.made, &self.path)?;
            return fs::remove_dir_all(&old);
        }
        fs::rename(&self.made, &self.path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // After it was moved there is none.
        let _ = fs::remove_dir_all(&self.made);
    }
}
