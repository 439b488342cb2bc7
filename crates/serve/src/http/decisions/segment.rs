//! Segments of a log: their names, their first line, and what each line says of its place.

use crate::error::ServeError;
use crate::http::decisions::chain::{Hash, seal};
use crate::http::log::now;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// The form of a log; a program that does not know it leaves the log alone.
pub(crate) const FORMAT: u64 = 1;

const PREFIX: &str = "decisions-";
const SUFFIX: &str = ".ndjson";

/// What the first bytes of a line say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Head {
    /// The first line of a segment.
    Segment {
        /// Its number, 1 for the first of a log.
        number: u64,
        /// Sequence number of the decision before it; 0 where there is none.
        after: u64,
    },
    /// A decision.
    Decision {
        /// Its sequence number: 1 for the first of a log, then without gaps.
        seq: u64,
        /// Sequence number up to which all was on the disk when this line was written. Lines behind it were written
        /// together: only they can be damaged by a power cut.
        durable: u64,
    },
}

impl Head {
    /// Reads a line's first members; `None` where it is no line of a log of this format.
    pub(crate) fn of(line: &[u8]) -> Option<Head> {
        if let Some(rest) = line.strip_prefix(b"{\"seq\":") {
            let (seq, rest) = number(rest)?;
            let (durable, _) = number(rest.strip_prefix(b",\"durable\":")?)?;
            return Some(Head::Decision { seq, durable });
        }
        let (format, rest) = number(line.strip_prefix(b"{\"arrears_decisions\":")?)?;
        let (segment, rest) = number(rest.strip_prefix(b",\"segment\":")?)?;
        let (after, _) = number(rest.strip_prefix(b",\"after\":")?)?;
        (format == FORMAT).then_some(Head::Segment { number: segment, after })
    }
}

/// The whole number that a text begins with, and what follows.
fn number(text: &[u8]) -> Option<(u64, &[u8])> {
    let digits = text.iter().take_while(|b| b.is_ascii_digit()).count();
    let number = std::str::from_utf8(&text[..digits]).ok()?.parse().ok()?;
    Some((number, &text[digits..]))
}

/// Where a segment is.
pub(crate) fn path_of(folder: &Path, number: u64) -> PathBuf {
    folder.join(format!("{PREFIX}{number:08}{SUFFIX}"))
}

/// The numbers of the segments in a folder, ascending.
///
/// # Errors
/// The folder cannot be read, or a segment between two others is not there.
pub(crate) fn segments(folder: &Path) -> Result<Vec<u64>, ServeError> {
    let failed = |problem: String| ServeError::DecisionLog { file: folder.display().to_string(), problem };
    let mut numbers = Vec::new();
    for entry in fs::read_dir(folder).map_err(|e| failed(e.to_string()))? {
        let name = entry.map_err(|e| failed(e.to_string()))?.file_name();
        let digits = name.to_str().and_then(|name| name.strip_prefix(PREFIX)?.strip_suffix(SUFFIX));
        numbers.extend(digits.and_then(|digits| digits.parse::<u64>().ok()));
    }
    numbers.sort_unstable();
    match numbers.windows(2).find(|two| two[0] + 1 != two[1]) {
        None => Ok(numbers),
        Some(two) => {
            let missing = path_of(folder, two[0] + 1);
            Err(failed(format!("`{}` is missing between two segments; put it back", missing.display())))
        }
    }
}

/// A new segment on the disk, open at its end, with its length and the hash of its header. It has its name only once its
/// header is whole, and takes the place of one of the same name.
///
/// # Errors
/// It cannot be written.
pub(crate) fn create(folder: &Path, number: u64, after: u64, prev: &Hash) -> io::Result<(File, u64, Hash)> {
    let (time, program) = (now(), env!("CARGO_PKG_VERSION"));
    let mut header = format!(
        r#"{{"arrears_decisions":{FORMAT},"segment":{number},"after":{after},"time":"{time}","program":"{program}""#
    )
    .into_bytes();
    let hash = seal(&mut header, 0, prev);
    let (path, temporary) = (path_of(folder, number), folder.join(".segment.tmp"));
    match fs::remove_file(&temporary) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = private(OpenOptions::new().append(true).create_new(true)).open(&temporary)?;
    file.write_all(&header)?;
    file.sync_all()?;
    fs::rename(&temporary, path)?;
    sync_folder(folder)?;
    Ok((file, header.len() as u64, hash))
}

/// Lets files be made that only their owner reads.
pub(crate) fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
    options
}

/// Makes sure that new names in a folder are on the disk, where folders can be opened.
pub(crate) fn sync_folder(folder: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}
