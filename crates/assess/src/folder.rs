//! The folder of outputs: made under another name beside it, and moved to its place when it is complete.

use crate::error::AssessError;
use crate::report;
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
const OWN: [&str; 3] = [PARQUET, CSV, REJECTED];

/// A folder to be. Dropped before it is moved, it is removed.
pub(crate) struct Folder {
    /// As it was named.
    named: String,
    path: PathBuf,
    made: PathBuf,
    /// Where a folder of an earlier run goes until this one is in its place.
    old: PathBuf,
}

impl Folder {
    /// Makes it. Whoever comes has the history locked, so that what lies beside it was left behind by a run that was killed.
    pub(crate) fn create(path: &Path) -> Result<Folder, AssessError> {
        let named = path.display().to_string();
        let failed = |problem: String| AssessError::Folder { folder: named.clone(), problem };
        let io = |error: io::Error| failed(error.to_string());
        // A link is followed, so that the folder it names is replaced and not the link.
        let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        let name = path
            .file_name()
            .ok_or_else(|| failed("it has no name of its own; name a new folder".to_owned()))?;
        if path.is_file() {
            return Err(failed("it is a file; name a folder".to_owned()));
        }
        if path.is_dir() {
            let found = fs::read_dir(&path).map_err(io)?;
            let foreign = found
                .flatten()
                .find(|entry| !OWN.iter().chain(&report::FILES).any(|file| entry.file_name() == *file));
            if let Some(foreign) = foreign {
                let foreign = foreign.file_name().display().to_string();
                return Err(failed(format!(
                    "it holds `{foreign}`, which no run wrote; name a new folder with -o"
                )));
            }
        }
        let beside = |what: &str| {
            let mut hidden = OsString::from(".");
            hidden.push(name);
            hidden.push(what);
            path.with_file_name(hidden)
        };
        let (made, old) = (beside(".arrears-tmp"), beside(".arrears-old"));
        for left in [&made, &old].into_iter().filter(|left| left.exists()) {
            fs::remove_dir_all(left).map_err(io)?;
        }
        fs::create_dir_all(&made).map_err(io)?;
        Ok(Folder { named, path, made, old })
    }

    /// Where a file of the folder is written.
    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.made.join(name)
    }

    /// Where files are written.
    pub(crate) fn made(&self) -> &Path {
        &self.made
    }

    /// What messages call it.
    pub(crate) fn name(&self) -> String {
        self.named.clone()
    }

    /// Moves it to its place; a folder of an earlier run makes way.
    pub(crate) fn finish(self) -> io::Result<()> {
        if !self.path.exists() {
            return fs::rename(&self.made, &self.path);
        }
        fs::rename(&self.path, &self.old)?;
        fs::rename(&self.made, &self.path)?;
        fs::remove_dir_all(&self.old)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // After it was moved there is none.
        let _ = fs::remove_dir_all(&self.made);
    }
}
