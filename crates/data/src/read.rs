//! A whole file as one table, with its fingerprint.

use crate::error::DataError;
use crate::format::Format;
use crate::source::{Chunk, ReadOptions, Source, Unreadable, open, open_reader};
use crate::table::Table;
use sha2::{Digest, Sha256};
use std::fs::File;
use std::io::{self, Cursor, Read};
use std::path::Path;

/// Cells of a table that may be empty without question.
const MOST_EMPTY: usize = 1 << 26;

/// All rows of a file.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// The rows that could be read, in file order.
    pub table: Table,
    /// The rows that could not.
    pub unreadable: Vec<Unreadable>,
    /// sha256 of the file's bytes as they are stored (compressed where they are), in lower-case hex.
    pub fingerprint: String,
    /// What a reader should know: an unusual delimiter, a column that is left out.
    pub notes: Vec<String>,
}

impl Loaded {
    /// Rows of the file: readable and not.
    pub fn rows_read(&self) -> usize {
        self.table.rows() + self.unreadable.len()
    }
}

/// Reads a whole file.
///
/// # Errors
/// Those of [`open`], and whatever reading meets on the way; a file with a header and no rows is not an
/// error here.
pub fn read_all(path: &Path, options: &ReadOptions) -> Result<Loaded, DataError> {
    let source = open(path, options)?;
    let name = path.display().to_string();
    let file = File::open(path).map_err(|source| DataError::Open { name: name.clone(), source })?;
    let fingerprint = fingerprint(file).map_err(|source| DataError::Read { name, source })?;
    gathered(source, fingerprint)
}

/// Reads a file that is in memory, such as bundled data.
///
/// # Errors
/// Those of [`read_all`].
pub fn read_bytes(name: &str, format: Format, bytes: &[u8]) -> Result<Loaded, DataError> {
    let source = open_reader(name, format, Cursor::new(bytes.to_vec()), &ReadOptions::default())?;
    let digest = Sha256::digest(bytes);
    gathered(source, hex(&digest))
}

fn gathered(mut source: Source, fingerprint: String) -> Result<Loaded, DataError> {
    let mut tables = Vec::new();
    let mut unreadable = Vec::new();
    let (mut rows, mut values) = (0, 0);
    while let Some(chunk) = source.next() {
        let Chunk { table, unreadable: more } = chunk?;
        rows += table.rows();
        values += table.batch().columns().iter().map(|c| c.len() - c.null_count()).sum::<usize>();
        check_filled(&source, rows, values)?;
        tables.push(table);
        unreadable.extend(more);
    }
    let table = match tables.is_empty() {
        true => Table::without_rows(source.columns())?,
        false => Table::concat(tables)?,
    };
    Ok(Loaded { table, unreadable, fingerprint, notes: source.notes().to_vec() })
}

/// A line of NDJSON that lacks a key takes memory for it all the same, in a table that is held as a whole: short lines after one
/// with very many keys would take thousands of times what they have in the file.
fn check_filled(source: &Source, rows: usize, values: usize) -> Result<(), DataError> {
    let keys = source.columns().len();
    let cells = rows.saturating_mul(keys);
    if !source.is_ndjson() || cells <= MOST_EMPTY || values.saturating_mul(64) > cells {
        return Ok(());
    }
    let problem = format!(
        "{rows} rows of {keys} different keys, of which less than one in 64 has a value: such a table takes too much memory; \
         leave out the keys that few rows have"
    );
    Err(DataError::TooLarge { name: source.name().to_owned(), problem })
}

fn fingerprint(mut file: File) -> io::Result<String> {
    let mut digest = Sha256::new();
    let mut buffer = vec![0; 1 << 16];
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok(hex(&digest.finalize())),
            count => digest.update(&buffer[..count]),
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}
