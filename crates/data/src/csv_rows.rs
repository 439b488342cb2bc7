//! The plain CSV reader: one record after the other, by the `csv` crate. The fast one is tested against it.

use crate::columns::{header, shorten};
use crate::csv_file::sniffed;
use crate::error::DataError;
use crate::quotes::QuoteFilter;
use crate::source::{
    CHUNK_BYTES, CHUNK_VALUES, Chunk, NOT_UTF8, ReadOptions, TO_UTF8, Unreadable, read_error,
};
use crate::table::Table;
use arrow::array::{ArrayRef, StringArray};
use arrow::buffer::{Buffer, OffsetBuffer};
use arrow::error::ArrowError;
use csv::{ByteRecord, Terminator};
use std::io::{self, Cursor, Read};
use std::sync::Arc;

type Bytes = io::Chain<Cursor<Vec<u8>>, Box<dyn Read + Send>>;

/// Reads records; only LF ends a record for the parser, so that its line count can be trusted, and a
/// CR before it is cut here.
pub(crate) struct CsvRows {
    name: String,
    reader: csv::Reader<QuoteFilter<Bytes>>,
    columns: Vec<String>,
    notes: Vec<String>,
    record: ByteRecord,
    chunk_rows: usize,
}

impl CsvRows {
    /// `head` holds the first bytes of the file, without a byte order mark; `stream` the rest.
    pub(crate) fn new(
        name: &str,
        head: Vec<u8>,
        stream: Box<dyn Read + Send>,
        options: &ReadOptions,
    ) -> Result<CsvRows, DataError> {
        let mut notes = Vec::new();
        let delimiter = options.delimiter.unwrap_or_else(|| sniffed(&head));
        if options.delimiter.is_none() && delimiter != b',' {
            let shown = if delimiter == b'\t' { "tab" } else { "semicolon" };
            notes.push(format!("the header line has no comma; read as separated by {shown}"));
        }
        let bytes = Cursor::new(head).chain(stream);
        let reader = csv::ReaderBuilder::new()
            .delimiter(delimiter)
            .has_headers(false)
            .flexible(true)
            .terminator(Terminator::Any(b'\n'))
            .buffer_capacity(1 << 16)
            .from_reader(QuoteFilter::new(bytes, delimiter));
        let mut rows = CsvRows {
            name: name.to_owned(),
            reader,
            columns: Vec::new(),
            notes,
            record: ByteRecord::new(),
            chunk_rows: options.chunk_rows.max(1),
        };
        rows.read_header()?;
        Ok(rows)
    }

    pub(crate) fn columns(&self) -> &[String] {
        &self.columns
    }

    pub(crate) fn notes(&self) -> &[String] {
        &self.notes
    }

    fn read_header(&mut self) -> Result<(), DataError> {
        if self.read_record()?.is_none() {
            return Err(DataError::Empty {
                name: self.name.clone(),
                expected: "a header line with column names",
            });
        }
        let fields = self.record.len();
        let names = (0..fields).map(|at| {
            let bytes = field(&self.record, at);
            std::str::from_utf8(bytes).map(str::to_owned).map_err(|_| DataError::Header {
                name: self.name.clone(),
                problem: format!(
                    "column {} is not UTF-8 ({:?}); {TO_UTF8}",
                    at + 1,
                    String::from_utf8_lossy(bytes)
                ),
            })
        });
        let names = names.collect::<Result<Vec<String>, DataError>>()?;
        // Otherwise a whole customer would stand in the messages as column names.
        if names.first().is_some_and(|name| name.trim_start().starts_with('{')) {
            let problem =
                "it begins with `{`, as NDJSON does; name the format, or give the file the extension .ndjson";
            return Err(DataError::Header { name: self.name.clone(), problem: problem.to_owned() });
        }
        self.columns = header(&self.name, names)?;
        Ok(())
    }

    /// Reads one record and returns the line on which it starts; `None` at the end.
    fn read_record(&mut self) -> Result<Option<u64>, DataError> {
        loop {
            match self.reader.read_byte_record(&mut self.record) {
                Ok(true) => {}
                Ok(false) => return Ok(None),
                Err(error) => return Err(self.explained(error)),
            }
            let after = self.reader.position().line();
            if self.record.len() == 1 && self.record.as_slice() == b"\r" {
                continue;
            }
            return Ok(Some(self.start_line(after)));
        }
    }

    /// Line on which the record just read starts.
    fn start_line(&self, after: u64) -> u64 {
        let inside = self.record.as_slice().iter().filter(|b| **b == b'\n').count() as u64;
        let filter = self.reader.get_ref();
        let ended_by_file = self.reader.position().byte() == filter.total() && filter.last() != b'\n';
        after.saturating_sub(inside + u64::from(!ended_by_file))
    }

    fn explained(&self, error: csv::Error) -> DataError {
        match error.into_kind() {
            csv::ErrorKind::Io(error) => read_error(&self.name, error),
            other => DataError::Damaged { name: self.name.clone(), problem: format!("{other:?}") },
        }
    }

    pub(crate) fn next_chunk(&mut self) -> Result<Option<Chunk>, DataError> {
        let mut columns: Vec<TextColumn> = self.columns.iter().map(|_| TextColumn::default()).collect();
        let most = self.chunk_rows.min(CHUNK_VALUES / self.columns.len().max(1)).max(1);
        let (mut lines, mut unreadable, mut bytes) = (Vec::new(), Vec::new(), 0);
        while lines.len() + unreadable.len() < most && bytes < CHUNK_BYTES {
            let Some(line) = self.read_record()? else { break };
            bytes += self.record.as_slice().len();
            match self.check(line) {
                Ok(()) => {
                    lines.push(line);
                    self.append(&mut columns);
                }
                Err(row) => unreadable.push(row),
            }
        }
        if lines.is_empty() && unreadable.is_empty() {
            return Ok(None);
        }
        let named = self.columns.iter().cloned().zip(columns);
        let arrays = named.map(|(name, column)| Ok((name, column.finish()?)));
        let table = Table::new(arrays.collect::<Result<_, ArrowError>>()?, lines)?;
        Ok(Some(Chunk { table, unreadable }))
    }

    fn check(&self, line: u64) -> Result<(), Unreadable> {
        let (expected, found) = (self.columns.len(), self.record.len());
        if found != expected {
            let fields = self.record.iter().map(String::from_utf8_lossy).collect::<Vec<_>>();
            let why = format!("expected {expected} fields as in the header, found {found}");
            return Err(Unreadable { line, column: None, value: shorten(fields.join(",").trim_end()), why });
        }
        if self.record.as_slice().is_ascii() {
            return Ok(());
        }
        for (at, bytes) in self.record.iter().enumerate() {
            if std::str::from_utf8(bytes).is_err() {
                return Err(Unreadable {
                    line,
                    column: Some(self.columns[at].clone()),
                    value: shorten(&String::from_utf8_lossy(bytes)),
                    why: NOT_UTF8.to_owned(),
                });
            }
        }
        Ok(())
    }

    fn append(&self, columns: &mut [TextColumn]) {
        for (at, column) in columns.iter_mut().enumerate() {
            column.append(field(&self.record, at));
        }
    }
}

/// A text column in the making: bytes one after the other, and where each text ends.
#[derive(Default)]
struct TextColumn {
    bytes: Vec<u8>,
    lengths: Vec<usize>,
}

impl TextColumn {
    fn append(&mut self, text: &[u8]) {
        self.bytes.extend_from_slice(text);
        self.lengths.push(text.len());
    }

    /// Checks once more that all is UTF-8, in one pass over the column.
    fn finish(self) -> Result<ArrayRef, ArrowError> {
        let offsets = OffsetBuffer::from_lengths(self.lengths);
        Ok(Arc::new(StringArray::try_new(offsets, Buffer::from_vec(self.bytes), None)?))
    }
}

/// The field at this position; of the last one, the CR that stands before the line feed is cut.
fn field(record: &ByteRecord, at: usize) -> &[u8] {
    let bytes = record.get(at).unwrap_or_default();
    match at + 1 == record.len() {
        true => bytes.strip_suffix(b"\r").unwrap_or(bytes),
        false => bytes,
    }
}
