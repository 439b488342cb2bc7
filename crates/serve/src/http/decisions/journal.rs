//! Lines to the disk: a log that one service holds open.

use crate::error::ServeError;
use crate::http::decisions::chain::{Hash, seal};
use crate::http::decisions::kept_models::KeptModels;
use crate::http::decisions::recover::{End, recover};
use crate::http::decisions::segment::{create, private, segments, sync_folder};
use crate::http::log::now;
use crate::http::options::DecisionLogOptions;
use crate::http::served::Served;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Bytes of memory that are kept for the next lines.
const KEPT: usize = 1 << 20;

/// A decision that waits for its line.
pub(crate) struct Record {
    /// The model that scored.
    pub(crate) served: Arc<Served>,
    /// The line but for its place in the chain; see [`record`](super::record).
    pub(crate) text: Vec<u8>,
}

/// An open log.
pub(crate) struct Journal {
    folder: PathBuf,
    segment_bytes: u64,
    number: u64,
    end: End,
    models: KeptModels,
    /// Set by a write that failed: the file may hold more than `end` says.
    damaged: bool,
    buffer: Vec<u8>,
    /// Another process is kept out for as long as this is open.
    _lock: File,
}

/// What a write took.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Written {
    pub(crate) bytes: u64,
    /// Time of the fsync.
    pub(crate) sync: Duration,
    /// Whether a segment was begun.
    pub(crate) rotated: bool,
}

/// Where a log stands, for people.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Standing {
    pub(crate) segment: u64,
    pub(crate) seq: u64,
    pub(crate) hash: Hash,
    /// Bytes that were cut off when it was opened.
    pub(crate) torn: u64,
}

impl Journal {
    /// Opens a log where it ends, or begins one.
    ///
    /// # Errors
    /// Another process has it open, it is damaged before its end, or it cannot be read or written.
    pub(crate) fn open(options: &DecisionLogOptions) -> Result<Self, ServeError> {
        let folder = options.folder.clone();
        let failed =
            |problem: String| ServeError::DecisionLog { file: folder.display().to_string(), problem };
        let system = |error: io::Error| failed(error.to_string());
        make_private(&folder).map_err(system)?;
        let lock =
            private(OpenOptions::new().write(true).create(true)).open(folder.join("lock")).map_err(system)?;
        lock.try_lock().map_err(|error| match error {
            fs::TryLockError::WouldBlock => {
                failed("another service writes to it; give each service a folder of its own".to_owned())
            }
            fs::TryLockError::Error(error) => failed(format!("it cannot be locked: {error}")),
        })?;
        let models = KeptModels::open(&folder).map_err(system)?;
        let (number, end) = match segments(&folder)?.last() {
            Some(last) => (*last, recover(&folder, *last)?),
            None => {
                let (file, bytes, hash) = create(&folder, 1, 0, &Hash::FIRST).map_err(system)?;
                (1, End { file, bytes, before: Hash::FIRST, after: 0, seq: 0, hash, torn: 0 })
            }
        };
        // A service may have been killed just before the name of its segment was on the disk.
        sync_folder(&folder).map_err(system)?;
        let segment_bytes = options.segment_bytes;
        let (damaged, buffer) = (false, Vec::new());
        Ok(Journal { folder, segment_bytes, number, end, models, damaged, buffer, _lock: lock })
    }

    pub(crate) fn standing(&self) -> Standing {
        Standing { segment: self.number, seq: self.end.seq, hash: self.end.hash, torn: self.end.torn }
    }

    /// Whether a write failed and [`Journal::mend`] has not succeeded since.
    pub(crate) fn is_damaged(&self) -> bool {
        self.damaged
    }

    /// Writes decisions and returns when they, and the models that made them, are on the disk.
    ///
    /// # Errors
    /// None of them is in the log then, and nothing is written before [`Journal::mend`].
    pub(crate) fn append(&mut self, records: &[Record]) -> io::Result<Written> {
        let written = if self.damaged { Err(io::Error::other("not mended")) } else { self.write(records) };
        self.damaged |= written.is_err();
        written
    }

    fn write(&mut self, records: &[Record]) -> io::Result<Written> {
        let rotated = self.end.bytes >= self.segment_bytes && self.end.seq > self.end.after;
        if rotated {
            self.next_segment()?;
        }
        records.iter().try_for_each(|record| self.models.keep(&record.served))?;
        self.buffer.clear();
        let (durable, mut seq, mut hash) = (self.end.seq, self.end.seq, self.end.hash);
        let time = now();
        for record in records {
            let start = self.buffer.len();
            seq += 1;
            write!(self.buffer, r#"{{"seq":{seq},"durable":{durable},"time":"{time}","#)?;
            self.buffer.extend_from_slice(&record.text);
            hash = seal(&mut self.buffer, start, &hash);
        }
        self.end.file.write_all(&self.buffer)?;
        let before = Instant::now();
        self.end.file.sync_data()?;
        let bytes = self.buffer.len() as u64;
        // One large batch must not hold its memory for ever.
        self.buffer.shrink_to(KEPT);
        (self.end.bytes, self.end.seq, self.end.hash) = (self.end.bytes + bytes, seq, hash);
        Ok(Written { bytes, sync: before.elapsed(), rotated })
    }

    /// Takes the log up again after a write that failed: cuts off what may have been written of it, and goes on in a new
    /// segment. After an fsync that failed nobody knows what the disk holds of a page, so none of them is used again.
    ///
    /// # Errors
    /// The log still cannot be written.
    pub(crate) fn mend(&mut self) -> io::Result<()> {
        self.end.file.set_len(self.end.bytes)?;
        self.end.file.sync_all()?;
        self.next_segment()?;
        self.damaged = false;
        Ok(())
    }

    /// Writes go to another file, as if the disk had failed.
    #[cfg(test)]
    pub(crate) fn break_file(&mut self, file: File) {
        self.end.file = file;
    }

    /// Begins a segment; one without decisions is begun anew.
    fn next_segment(&mut self) -> io::Result<()> {
        let empty = self.end.seq == self.end.after;
        let number = if empty { self.number } else { self.number + 1 };
        let before = if empty { self.end.before } else { self.end.hash };
        let after = self.end.seq;
        let (file, bytes, hash) = create(&self.folder, number, after, &before)?;
        self.number = number;
        self.end = End { file, bytes, before, after, seq: after, hash, torn: 0 };
        Ok(())
    }
}

/// Makes a folder that only its owner reads, where there is none, and makes sure that it is on the disk.
fn make_private(folder: &Path) -> io::Result<()> {
    let here = Path::new(".");
    let parent = |path: &Path| path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(here).to_owned();
    let new: Vec<PathBuf> = folder
        .ancestors()
        .take_while(|path| !path.as_os_str().is_empty() && !path.exists())
        .map(parent)
        .collect();
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.recursive(true).create(folder)?;
    new.iter().try_for_each(|path| sync_folder(path))
}
