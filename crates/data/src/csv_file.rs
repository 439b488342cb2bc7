//! A CSV file: its header, and its rows as pieces that any thread can read.

use crate::columns::{MAX_COLUMNS, header, too_many_columns};
use crate::csv_chunk::{Layout, chunks, first_record, without_return};
use crate::csv_cut::{Cutter, RawPiece};
use crate::csv_scan::Found;
use crate::error::DataError;
use crate::source::{Chunk, ReadOptions, TO_UTF8, read_error};
use crate::text_fault::TextFault;
use crate::wanted::{Asked, Wanted};
use std::collections::VecDeque;
use std::io::{self, Read};
use std::sync::Arc;

/// Bytes of numbers: a delimiter that is one of them, or a carriage return, leaves no field that a number ends.
const IN_NUMBERS: &[u8] = b"0123456789+-.eE\r";

/// Lines that are given at once, unless one piece has more. A row of few bytes takes many times as much once it is read, scored,
/// or reported as one that cannot be read.
const MOST_LINES: u64 = if cfg!(any(test, fuzzing)) { 8 } else { 1 << 17 };

/// An open CSV file.
pub(crate) struct CsvFile {
    cutter: Cutter,
    layout: Arc<Layout>,
    notes: Vec<String>,
    /// Pieces that were cut and not given yet.
    waiting: VecDeque<RawPiece>,
}

/// Rows that are still to be read.
pub(crate) struct CsvPiece {
    layout: Arc<Layout>,
    raw: RawPiece,
}

impl CsvPiece {
    pub(crate) fn chunks(&self) -> Result<Vec<Chunk>, DataError> {
        chunks(&self.layout, &self.raw)
    }

    /// Pieces that follow each other as one.
    #[cfg(any(test, fuzzing))]
    pub(crate) fn joined(pieces: Vec<CsvPiece>) -> Option<CsvPiece> {
        let first = pieces.first()?;
        let bytes: Vec<u8> = pieces.iter().flat_map(|piece| piece.raw.bytes.iter().copied()).collect();
        let feeds = pieces.iter().map(|piece| piece.raw.feeds).sum();
        let raw = RawPiece { bytes: bytes.into(), line: first.raw.line, feeds };
        Some(CsvPiece { layout: first.layout.clone(), raw })
    }
}

impl CsvFile {
    /// `head` holds the first bytes of the file, without a byte order mark; `stream` the rest.
    pub(crate) fn new(
        name: &str,
        head: Vec<u8>,
        stream: Box<dyn Read + Send>,
        options: &ReadOptions,
    ) -> Result<CsvFile, DataError> {
        let mut notes = Vec::new();
        let delimiter = options.delimiter.unwrap_or_else(|| sniffed(&head));
        if options.delimiter.is_none() && delimiter != b',' {
            let shown = if delimiter == b'\t' { "tab" } else { "semicolon" };
            notes.push(format!("the header line has no comma; read as separated by {shown}"));
        }
        // Bytes that are no text are said to be so before their header is judged.
        if let Some(nul) = memchr::memchr(0, &head) {
            let line = 1 + memchr::memchr_iter(b'\n', &head[..nul]).count() as u64;
            return Err(read_error(name, io::Error::other(TextFault::Nul { line })));
        }
        let mut cutter = Cutter::new(name, head, stream, delimiter);
        let (fields, waiting) = read_header(name, &mut cutter, delimiter)?;
        let columns = names(name, &fields)?;
        let wanted = vec![Wanted::AsItStands; columns.len()];
        let layout = Layout { columns, wanted, delimiter, chunk_rows: options.chunk_rows.max(1) };
        Ok(CsvFile { cutter, layout: Arc::new(layout), notes, waiting: waiting.into() })
    }

    pub(crate) fn columns(&self) -> &[String] {
        &self.layout.columns
    }

    pub(crate) fn notes(&self) -> &[String] {
        &self.notes
    }

    /// What is asked of the columns, from the next piece on.
    pub(crate) fn ask(&mut self, asked: &Asked) {
        let plain = !IN_NUMBERS.contains(&self.layout.delimiter);
        let wanted = |name: &String| match asked.column(name) {
            Wanted::Numbers(_) if !plain => Wanted::AsItStands,
            wanted => wanted,
        };
        let wanted = self.layout.columns.iter().map(wanted).collect();
        self.layout = Arc::new(Layout { wanted, ..Layout::clone(&self.layout) });
    }

    /// The next pieces, in file order.
    pub(crate) fn next_pieces(&mut self) -> Result<Option<Vec<CsvPiece>>, DataError> {
        if self.waiting.is_empty() {
            self.waiting.extend(self.cutter.next_block()?.into_iter().flatten());
        }
        let (mut pieces, mut lines) = (Vec::new(), 0);
        while let Some(raw) = self.waiting.pop_front_if(|raw| lines == 0 || lines + raw.feeds <= MOST_LINES) {
            lines += raw.feeds.max(1);
            pieces.push(CsvPiece { layout: self.layout.clone(), raw });
        }
        Ok((!pieces.is_empty()).then_some(pieces))
    }
}

/// The fields of the header, and the pieces behind it that were cut with it.
fn read_header(
    name: &str,
    cutter: &mut Cutter,
    delimiter: u8,
) -> Result<(Vec<Vec<u8>>, Vec<RawPiece>), DataError> {
    while let Some(pieces) = cutter.next_block()? {
        let mut pieces = pieces.into_iter();
        while let Some(piece) = pieces.next() {
            let Some(found) = first_record(delimiter, &piece.bytes, MAX_COLUMNS) else { continue };
            let Found { fields, count, end } = found;
            if count > MAX_COLUMNS {
                return Err(too_many_columns(name, count));
            }
            let line = piece.line + memchr::memchr_iter(b'\n', &piece.bytes[..end]).count() as u64;
            let feeds = piece.feeds - (line - piece.line);
            let rest = RawPiece { bytes: piece.bytes.slice(end..), line, feeds };
            return Ok((fields, std::iter::once(rest).chain(pieces).collect()));
        }
    }
    Err(DataError::Empty { name: name.to_owned(), expected: "a header line with column names" })
}

/// The names of the columns.
fn names(file: &str, fields: &[Vec<u8>]) -> Result<Vec<String>, DataError> {
    let fail = |problem: String| DataError::Header { name: file.to_owned(), problem };
    let last = fields.len() - 1;
    let name = |(at, bytes): (usize, &Vec<u8>)| {
        let bytes = if at == last { without_return(bytes) } else { bytes };
        std::str::from_utf8(bytes).map(str::to_owned).map_err(|_| {
            fail(format!("column {} is not UTF-8 ({:?}); {TO_UTF8}", at + 1, String::from_utf8_lossy(bytes)))
        })
    };
    let names = fields.iter().enumerate().map(name).collect::<Result<Vec<String>, DataError>>()?;
    // Otherwise a whole customer would stand in the messages as column names.
    if names.first().is_some_and(|name| name.trim_start().starts_with('{')) {
        let problem =
            "it begins with `{`, as NDJSON does; name the format, or give the file the extension .ndjson";
        return Err(fail(problem.to_owned()));
    }
    header(file, names)
}

/// The delimiter of the header line: comma, unless there is none outside quotes but a `;` or a tab.
pub(crate) fn sniffed(head: &[u8]) -> u8 {
    let mut quoted = false;
    let mut counts = [(b',', 0), (b';', 0), (b'\t', 0)];
    for byte in head {
        match byte {
            b'"' => quoted = !quoted,
            b'\n' if !quoted => break,
            _ if !quoted => counts.iter_mut().filter(|(d, _)| d == byte).for_each(|(_, n)| *n += 1),
            _ => {}
        }
    }
    match counts {
        [(_, 0), (_, 0), (tab, n)] if n > 0 => tab,
        [(_, 0), (semicolon, n), (_, tabs)] if n >= tabs && n > 0 => semicolon,
        [(_, 0), _, (tab, n)] if n > 0 => tab,
        _ => b',',
    }
}
