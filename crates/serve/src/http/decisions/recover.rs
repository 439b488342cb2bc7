//! Where a chain goes on: its last segment is read, and what a crash left unfinished behind it is cut off.
//!
//! An answer leaves only when its line is on the disk, so what was being written when the power went was never answered. It may
//! be half a line, or several lines of which any part is missing. A damaged line is such a remainder only if no later line
//! says (`durable`) that it had been on the disk before; else it was damaged afterwards, and nothing is touched.

use crate::error::ServeError;
use crate::http::decisions::chain::{Hash, links};
use crate::http::decisions::segment::{Head, path_of, private, sync_folder};
use std::fs::{File, OpenOptions};
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Take};
use std::path::Path;

/// The end of a chain.
#[derive(Debug)]
pub(crate) struct End {
    /// The segment, open for appending.
    pub(crate) file: File,
    /// Its length.
    pub(crate) bytes: u64,
    /// The hash its header continues.
    pub(crate) before: Hash,
    /// Sequence number before its first decision.
    pub(crate) after: u64,
    /// Sequence number of the last decision.
    pub(crate) seq: u64,
    /// Hash of the last line.
    pub(crate) hash: Hash,
    /// Bytes that were cut off.
    pub(crate) torn: u64,
}

/// Reads a segment to its end, makes sure that it is on the disk, and cuts off what is unfinished.
///
/// # Errors
/// It cannot be read, or is damaged before its end: file and line are named.
pub(crate) fn recover(folder: &Path, number: u64) -> Result<End, ServeError> {
    let path = path_of(folder, number);
    let failed = |problem: String| ServeError::DecisionLog { file: path.display().to_string(), problem };
    let system = |error: io::Error| failed(error.to_string());
    let file = OpenOptions::new().read(true).append(true).open(&path).map_err(system)?;
    let length = file.metadata().map_err(system)?.len();
    let mut lines =
        Lines { text: BufReader::with_capacity(1 << 20, &file).take(length), line: Vec::new(), count: 0 };
    let unusable = || {
        failed(
            "line 1: expected the header of a decision log that this version reads; is it whole?".to_owned(),
        )
    };
    lines.next().map_err(system)?;
    let header = lines.whole().and_then(|line| Some((links(line)?, Head::of(line)?)));
    let Some((links_of_header, Head::Segment { number: named, after })) = header else {
        return Err(unusable());
    };
    if named != number {
        return Err(failed(format!("line 1: this is segment {named}; give the file its name back")));
    }
    let (mut bytes, mut seq, mut hash) = (lines.line.len() as u64, after, links_of_header.hash);
    while lines.next().map_err(system)? {
        let Some(next) = lines.whole().and_then(|line| follows(line, seq, &hash)) else { break };
        bytes += lines.line.len() as u64;
        seq += 1;
        hash = next;
    }
    let torn = length - bytes;
    if torn > 0 {
        let damaged = lines.count;
        if lines.later_says_durable(seq + 1).map_err(system)? {
            return Err(failed(format!(
                "line {damaged} is damaged: it is not the line that was written after line {}; put the segment back \
                 from a copy, or begin a log in another folder",
                damaged - 1
            )));
        }
        set_aside(&file, bytes, &path.with_extension("torn")).map_err(system)?;
        sync_folder(folder).map_err(system)?;
        file.set_len(bytes).map_err(system)?;
    }
    file.sync_all().map_err(system)?;
    Ok(End { file, bytes, before: links_of_header.prev, after, seq, hash, torn })
}

/// The hash of a line, where it is whole and the one after `seq` and `prev`.
fn follows(line: &[u8], seq: u64, prev: &Hash) -> Option<Hash> {
    let Some(Head::Decision { seq: found, .. }) = Head::of(line) else { return None };
    let links = links(line)?;
    (found == seq + 1 && links.prev == *prev).then_some(links.hash)
}

/// Keeps what will be cut off, behind what was kept before.
fn set_aside(mut file: &File, from: u64, path: &Path) -> io::Result<()> {
    let mut aside = private(OpenOptions::new().append(true).create(true)).open(path)?;
    file.seek(SeekFrom::Start(from))?;
    io::copy(&mut file, &mut aside)?;
    aside.sync_all()
}

/// The lines of a segment, one after the other.
struct Lines<'f> {
    text: Take<BufReader<&'f File>>,
    line: Vec<u8>,
    count: u64,
}

impl Lines<'_> {
    fn next(&mut self) -> io::Result<bool> {
        self.line.clear();
        self.count += 1;
        Ok(self.text.read_until(b'\n', &mut self.line)? > 0)
    }

    /// The line without its newline, where it has one.
    fn whole(&self) -> Option<&[u8]> {
        self.line.strip_suffix(b"\n")
    }

    /// Whether this line or a later one says that decision `seq` was on the disk when it was written.
    fn later_says_durable(&mut self, seq: u64) -> io::Result<bool> {
        loop {
            let sealed = self.whole().filter(|line| links(line).is_some());
            if let Some(Head::Decision { durable, .. }) = sealed.and_then(Head::of)
                && durable >= seq
            {
                return Ok(true);
            }
            if !self.next()? {
                return Ok(false);
            }
        }
    }
}
