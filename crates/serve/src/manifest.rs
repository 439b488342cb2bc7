//! What a run over many files has finished, so that another run can go on where it ended.
//!
//! The manifest is NDJSON in the folder of the outputs. Its first line says how rows were scored: model, reasons, points, id,
//! format, overrides. Each further line is one finished input, written after its output has its name and is on the disk. A line that was
//! cut by a kill does not count, and neither does an output that was changed since.

use crate::error::ServeError;
use arrears_data::atomic_write;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::fs::{File, Metadata, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

/// Name of the manifest.
pub const MANIFEST: &str = ".arrears-score.ndjson";

/// Bytes at each end of a file that are part of its fingerprint.
const END: u64 = 1 << 16;

/// How rows were scored: what must be the same for an output to count.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Settings {
    pub(crate) arrears_score: u32,
    pub(crate) model: String,
    pub(crate) reasons: usize,
    pub(crate) points: bool,
    pub(crate) id: Option<String>,
    pub(crate) input_format: Option<String>,
    /// Checksum of the overrides and their day, where there are some.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) overrides: Option<String>,
}

/// A file as it was: size, times, and the SHA-256 of its first and last 64 KiB.
///
/// The time of modification can be set back, and copying programs do so. The other time cannot be set: the system takes it
/// from its clock with every change of bytes, name or rights. So the bytes between the ends need not be hashed:
/// to do so, a run that goes on would first have to read all inputs and outputs of the runs before it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Fingerprint {
    size: u64,
    modified: u64,
    /// Time of the last change of any kind (ctime); none where the system keeps none.
    changed: Option<(i64, i64)>,
    ends: String,
}

impl Fingerprint {
    pub(crate) fn of(path: &Path) -> io::Result<Fingerprint> {
        let mut file = File::open(path)?;
        let metadata = file.metadata()?;
        let (size, mut digest) = (metadata.len(), Sha256::new());
        let mut buffer = Vec::new();
        (&file).take(END).read_to_end(&mut buffer)?;
        file.seek(SeekFrom::Start(size.saturating_sub(END)))?;
        file.take(END).read_to_end(&mut buffer)?;
        digest.update(&buffer);
        let since = metadata.modified()?.duration_since(UNIX_EPOCH).unwrap_or_default();
        let ends = digest.finalize().iter().map(|b| format!("{b:02x}")).collect();
        Ok(Fingerprint { size, modified: since.as_nanos() as u64, changed: changed(&metadata), ends })
    }
}

#[cfg(unix)]
fn changed(metadata: &Metadata) -> Option<(i64, i64)> {
    use std::os::unix::fs::MetadataExt;
    Some((metadata.ctime(), metadata.ctime_nsec()))
}

#[cfg(not(unix))]
fn changed(_metadata: &Metadata) -> Option<(i64, i64)> {
    None
}

/// One finished input.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Finished {
    pub(crate) input: PathBuf,
    pub(crate) read: Fingerprint,
    pub(crate) output: PathBuf,
    pub(crate) written: Fingerprint,
    /// The rejects, where there were some.
    pub(crate) rejects: Option<(PathBuf, Fingerprint)>,
    pub(crate) rows: u64,
    pub(crate) rejected: u64,
    /// Lines of the overrides that were applied.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub(crate) overridden: BTreeSet<u64>,
}

impl Finished {
    /// Whether input, output and rejects are still as they were.
    fn holds(&self) -> bool {
        let same = |path: &Path, was: &Fingerprint| Fingerprint::of(path).is_ok_and(|is| is == *was);
        same(&self.input, &self.read)
            && same(&self.output, &self.written)
            && self.rejects.as_ref().is_none_or(|(path, was)| same(path, was))
    }
}

/// The open manifest of a folder.
pub(crate) struct Manifest {
    path: PathBuf,
    file: File,
    finished: BTreeMap<PathBuf, Finished>,
}

impl Manifest {
    /// Opens the manifest of `folder`; `resume` keeps what an earlier run with the same settings has finished.
    pub(crate) fn open(folder: &Path, settings: &Settings, resume: bool) -> Result<Manifest, ServeError> {
        let path = folder.join(MANIFEST);
        let failed = |source| ServeError::Manifest { file: path.display().to_string(), source };
        let finished = match resume {
            true => finished(&path, settings).map_err(failed)?,
            false => BTreeMap::new(),
        };
        let mut text = line(settings);
        finished.values().for_each(|finished| text.extend(line(finished)));
        atomic_write(&path, &text)?;
        let file = OpenOptions::new().append(true).open(&path).map_err(failed)?;
        Ok(Manifest { path, file, finished })
    }

    /// What an earlier run noted of an input, whose output is still as it was written.
    pub(crate) fn done(&self, input: &Path, output: &Path) -> Option<&Finished> {
        self.finished.get(input).filter(|finished| finished.output == output)
    }

    /// Notes that an input is finished; returns when that is on the disk.
    pub(crate) fn add(&mut self, finished: &Finished) -> Result<(), ServeError> {
        let written = self.file.write_all(&line(finished)).and_then(|()| self.file.sync_data());
        written.map_err(|source| ServeError::Manifest { file: self.path.display().to_string(), source })
    }
}

fn line(of: &impl Serialize) -> Vec<u8> {
    let mut line = serde_json::to_vec(of).expect("plain values are JSON");
    line.push(b'\n');
    line
}

/// The finished inputs of a manifest with these settings that still hold; none where there is no such manifest.
fn finished(path: &Path, settings: &Settings) -> io::Result<BTreeMap<PathBuf, Finished>> {
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::InvalidData) => {
            String::new()
        }
        Err(error) => return Err(error),
    };
    let mut lines = text.lines();
    let first: Option<Settings> = lines.next().and_then(|line| serde_json::from_str(line).ok());
    if first.as_ref() != Some(settings) {
        return Ok(BTreeMap::new());
    }
    let finished = lines.filter_map(|line| serde_json::from_str::<Finished>(line).ok());
    Ok(finished.filter(Finished::holds).map(|finished| (finished.input.clone(), finished)).collect())
}
