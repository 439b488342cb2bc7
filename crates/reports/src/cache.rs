//! Answers on disk: a file an agency, a line an answer, each written in one piece.
//!
//! A run that is interrupted leaves at most half a line at the end, which the next one cuts off. Nothing is ever written over:
//! earlier reports stay, for features as of earlier dates. A file is readable by its owner only, for it holds people's data.

use crate::error::ReportsError;
use crate::settings::Agency;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

/// An answer of an agency.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Answer {
    /// Id of the customer.
    pub customer: String,
    /// When it came.
    #[serde(with = "as_text")]
    pub fetched: Timestamp,
    /// The values by column; `None`: the agency has no report of the customer.
    pub values: Option<Map<String, Value>>,
}

mod as_text {
    //! A moment as its text in ISO 8601.

    use jiff::Timestamp;
    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(at: &Timestamp, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(at)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Timestamp, D::Error> {
        String::deserialize(from)?.parse().map_err(D::Error::custom)
    }
}

/// The answers of one agency.
#[derive(Debug)]
pub struct Cache {
    path: PathBuf,
    file: File,
    answers: BTreeMap<String, Vec<Answer>>,
    /// Bytes of a line that an interrupted run left behind, and that were cut off.
    pub cut_off: u64,
}

impl Cache {
    /// Opens the file of an agency, and makes it where there is none. It is this run's alone until it is dropped.
    ///
    /// # Errors
    /// The file cannot be opened, is in use, or holds a line that is no answer.
    pub fn open(agency: &Agency) -> Result<Self, ReportsError> {
        let path = agency.cache.join(format!("{}.ndjson", agency.name));
        let failed = |source| ReportsError::Cache { path: path.clone(), source };
        std::fs::create_dir_all(&agency.cache).map_err(failed)?;
        let mut file = open(&path).map_err(failed)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(ReportsError::Busy { path }),
            Err(TryLockError::Error(source)) => return Err(failed(source)),
        }
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).map_err(failed)?;
        let whole = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        let cut_off = (bytes.len() - whole) as u64;
        if cut_off > 0 {
            file.set_len(whole as u64).map_err(failed)?;
        }
        file.seek(SeekFrom::End(0)).map_err(failed)?;
        let answers = read(&bytes[..whole], &path)?;
        Ok(Self { path, file, answers, cut_off })
    }

    /// The answers of a customer, earliest first.
    pub fn of(&self, customer: &str) -> &[Answer] {
        self.answers.get(customer).map_or(&[], Vec::as_slice)
    }

    /// Adds an answer, here and on disk.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn add(&mut self, answer: Answer) -> Result<(), ReportsError> {
        let failed = |source| ReportsError::Cache { path: self.path.clone(), source };
        let mut line = serde_json::to_vec(&answer).map_err(|e| failed(e.into()))?;
        line.push(b'\n');
        self.file.write_all(&line).map_err(failed)?;
        self.answers.entry(answer.customer.clone()).or_default().push(answer);
        Ok(())
    }

    /// Waits until what was added is on the disk.
    ///
    /// # Errors
    /// The disk says no.
    pub fn settle(&self) -> Result<(), ReportsError> {
        self.file.sync_all().map_err(|source| ReportsError::Cache { path: self.path.clone(), source })
    }
}

fn open(path: &Path) -> std::io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

fn read(bytes: &[u8], path: &Path) -> Result<BTreeMap<String, Vec<Answer>>, ReportsError> {
    let mut answers: BTreeMap<String, Vec<Answer>> = BTreeMap::new();
    for (at, line) in bytes.split(|byte| *byte == b'\n').enumerate().filter(|(_, line)| !line.is_empty()) {
        let answer: Answer = serde_json::from_slice(line).map_err(|e| ReportsError::Line {
            path: path.to_owned(),
            line: at + 1,
            why: e.to_string(),
        })?;
        answers.entry(answer.customer.clone()).or_default().push(answer);
    }
    Ok(answers)
}
