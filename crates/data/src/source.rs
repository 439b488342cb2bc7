//! Opens a file or a stream and reads it as chunks, in bounded memory.

use crate::csv_rows::CsvRows;
use crate::error::DataError;
use crate::format::{Format, check_text_head};
use crate::ndjson_rows::NdjsonRows;
use crate::parquet_rows::ParquetRows;
use crate::quotes::TextFault;
use crate::table::Table;
use flate2::read::MultiGzDecoder;
use std::fs::File;
use std::io::{self, Cursor, Read, Seek};
use std::path::Path;

/// How to read. The default reads what the extension says, 8,192 rows at a time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadOptions {
    /// The format; `None` goes by the extension.
    pub format: Option<Format>,
    /// The CSV delimiter; `None` takes `;` or tab when the header line has one of them and no comma.
    pub delimiter: Option<u8>,
    /// Most rows in a chunk, at least 1. A chunk ends earlier when its text passes 32 MiB.
    pub chunk_rows: usize,
}

impl Default for ReadOptions {
    fn default() -> Self {
        ReadOptions { format: None, delimiter: None, chunk_rows: 8_192 }
    }
}

/// Text bytes after which a chunk ends.
pub(crate) const CHUNK_BYTES: usize = 32 << 20;

/// Values after which a chunk ends, so that very wide tables do not make very large chunks.
pub(crate) const CHUNK_VALUES: usize = 8 << 20;

/// Some rows of a file, in file order.
#[derive(Clone, Debug)]
pub struct Chunk {
    /// The rows that could be read.
    pub table: Table,
    /// The rows that could not. Each row of the file is in one of the two.
    pub unreadable: Vec<Unreadable>,
}

/// Why a row is unreadable whose bytes are not UTF-8.
pub(crate) const NOT_UTF8: &str = "expected UTF-8 text";

/// What to do about it, for the whole file.
pub(crate) const TO_UTF8: &str = "convert the file to UTF-8, for example with `iconv -f LATIN1 -t UTF-8`";

/// A row that could not be made into a row of the table.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Unreadable {
    /// Line on which the record starts, from 1 (a CSV header is line 1).
    pub line: u64,
    /// The column at fault, where it is one.
    pub column: Option<String>,
    /// What stood there, cut after 60 characters.
    pub value: String,
    /// What was expected.
    pub why: String,
}

/// An open file or stream: an iterator of chunks.
pub struct Source {
    name: String,
    reader: Reader,
    finished: bool,
}

enum Reader {
    Csv(Box<CsvRows>),
    Ndjson(Box<NdjsonRows>),
    Parquet(Box<ParquetRows>),
}

/// Opens a file; the format goes by its extension, unless `options` names one.
///
/// # Errors
/// When the file cannot be opened, is empty, has another format, or its header cannot be used.
pub fn open(path: &Path, options: &ReadOptions) -> Result<Source, DataError> {
    let name = path.display().to_string();
    let format = match options.format {
        Some(format) => format,
        None => Format::of_path(path)?,
    };
    let file = File::open(path).and_then(|file| match file.metadata()?.is_dir() {
        true => Err(io::Error::new(io::ErrorKind::IsADirectory, "it is a folder; expected a file")),
        false => Ok(file),
    });
    let file = file.map_err(|source| DataError::Open { name: name.clone(), source })?;
    match format {
        Format::Parquet => Source::parquet(&name, file, options),
        _ => open_reader(&name, format, file, options),
    }
}

/// Reads a stream, such as standard input. `name` is used in messages. A Parquet stream is first
/// copied to an unnamed temporary file, because the format is read from its end.
///
/// # Errors
/// When the stream is empty, has another format, or its header cannot be used.
pub fn open_reader(
    name: &str,
    format: Format,
    mut stream: impl Read + Send + 'static,
    options: &ReadOptions,
) -> Result<Source, DataError> {
    if format == Format::Parquet {
        let copied = tempfile::tempfile().and_then(|mut file| {
            io::copy(&mut stream, &mut file)?;
            file.rewind()?;
            Ok(file)
        });
        let file = copied.map_err(|source| DataError::Read { name: name.to_owned(), source })?;
        return Source::parquet(name, file, options);
    }
    let stream: Box<dyn Read + Send> = match format.is_gzip() {
        true => Box::new(decompressed(name, stream)?),
        false => Box::new(stream),
    };
    Source::text(name, format, stream, options)
}

/// The text behind a gzip stream of one or more members.
fn decompressed<R: Read>(name: &str, mut stream: R) -> Result<impl Read + use<R>, DataError> {
    let mut magic = Vec::new();
    let start = stream.by_ref().take(2).read_to_end(&mut magic);
    start.map_err(|source| DataError::Read { name: name.to_owned(), source })?;
    match magic.as_slice() {
        b"\x1f\x8b" => {
            let whole = Cursor::new(magic).chain(stream);
            Ok(MultiGzDecoder::new(io::BufReader::with_capacity(1 << 16, whole)))
        }
        [] => Err(DataError::Empty { name: name.to_owned(), expected: "a gzip file" }),
        _ => Err(DataError::NotTheFormat {
            name: name.to_owned(),
            expected: "a gzip file",
            problem: "its first bytes are others; if it is plain text, name it without .gz".to_owned(),
        }),
    }
}

impl Source {
    fn text(
        name: &str,
        format: Format,
        mut stream: Box<dyn Read + Send>,
        options: &ReadOptions,
    ) -> Result<Source, DataError> {
        let mut head = Vec::new();
        stream.by_ref().take(1 << 16).read_to_end(&mut head).map_err(|e| read_error(name, e))?;
        if head.is_empty() {
            return Err(DataError::Empty { name: name.to_owned(), expected: format.described() });
        }
        check_text_head(name, format, &head)?;
        if head.starts_with(b"\xef\xbb\xbf") {
            head.drain(..3);
        }
        let reader = match format {
            Format::Ndjson | Format::NdjsonGz => {
                let text = Box::new(Cursor::new(head).chain(stream));
                Reader::Ndjson(Box::new(NdjsonRows::new(name, text, options)?))
            }
            _ => Reader::Csv(Box::new(CsvRows::new(name, head, stream, options)?)),
        };
        Ok(Source { name: name.to_owned(), reader, finished: false })
    }

    fn parquet(name: &str, file: File, options: &ReadOptions) -> Result<Source, DataError> {
        let reader = Reader::Parquet(Box::new(ParquetRows::new(name, file, options)?));
        Ok(Source { name: name.to_owned(), reader, finished: false })
    }

    /// File as it was named.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The columns, known before the first chunk. For NDJSON these are the keys met so far: a later chunk
    /// may add columns at the end, and never takes one away.
    pub fn columns(&self) -> &[String] {
        match &self.reader {
            Reader::Csv(rows) => rows.columns(),
            Reader::Ndjson(rows) => rows.columns(),
            Reader::Parquet(rows) => rows.columns(),
        }
    }

    /// What a reader of the file should know: an unusual delimiter, a column that is left out.
    pub fn notes(&self) -> &[String] {
        match &self.reader {
            Reader::Csv(rows) => rows.notes(),
            Reader::Ndjson(rows) => rows.notes(),
            Reader::Parquet(rows) => rows.notes(),
        }
    }
}

impl Iterator for Source {
    type Item = Result<Chunk, DataError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.finished {
            return None;
        }
        let next = match &mut self.reader {
            Reader::Csv(rows) => rows.next_chunk(),
            Reader::Ndjson(rows) => rows.next_chunk(),
            Reader::Parquet(rows) => rows.next_chunk(),
        };
        self.finished = !matches!(next, Ok(Some(_)));
        next.transpose()
    }
}

/// Says what an error of reading text means: broken off, damaged, or the system's.
pub(crate) fn read_error(name: &str, error: io::Error) -> DataError {
    let name = name.to_owned();
    let fault = error.get_ref().and_then(|inner| inner.downcast_ref::<TextFault>());
    match (fault, error.kind()) {
        (Some(fault @ TextFault::OpenQuote { .. }), _) => {
            DataError::Truncated { name, problem: fault.to_string() }
        }
        (Some(fault @ TextFault::LongRecord { .. }), _) => {
            DataError::TooLarge { name, problem: fault.to_string() }
        }
        (Some(fault), _) => {
            DataError::NotTheFormat { name, expected: "UTF-8 text", problem: fault.to_string() }
        }
        (None, io::ErrorKind::UnexpectedEof) => {
            DataError::Truncated { name, problem: "the compressed data breaks off".to_owned() }
        }
        (None, io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData) => {
            DataError::Damaged { name, problem: format!("cannot be decompressed ({error})") }
        }
        (None, _) => DataError::Read { name, source: error },
    }
}
