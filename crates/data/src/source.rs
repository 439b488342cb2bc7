//! Opens a file or a stream and reads it as chunks, in bounded memory.

use crate::csv_file::{CsvFile, CsvPiece};
use crate::elsewhere::RowReader;
use crate::error::DataError;
use crate::format::{Format, check_text_head};
use crate::ndjson_rows::NdjsonRows;
use crate::parquet_rows::ParquetRows;
use crate::table::Table;
use crate::text_fault::TextFault;
use crate::wanted::Asked;
use arrears_model::Schema;
use arrow::datatypes::DataType;
use flate2::read::MultiGzDecoder;
use rayon::prelude::*;
use std::collections::VecDeque;
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
    /// Most rows in a chunk, at least 1. A chunk ends earlier where a piece of the file ends: 256 KiB or more of CSV,
    /// 32 MiB of NDJSON.
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
pub(crate) const TO_UTF8: &str = "convert the file from its own encoding to UTF-8: `iconv -f GB18030 -t UTF-8` where it is Chinese, \
                                   `iconv -f LATIN1 -t UTF-8` where it is Western European";

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
///
/// Who has other work to do beside takes [`Source::next_pieces`] instead and makes chunks of them on any threads.
pub struct Source {
    name: String,
    reader: Reader,
    ready: VecDeque<Result<Chunk, DataError>>,
    finished: bool,
    /// A file of text, and its length.
    place: Option<(File, u64)>,
}

/// Some rows of a file that are still to be made into chunks.
pub struct Piece(Rows);

enum Rows {
    Csv(CsvPiece),
    Chunk(Box<Chunk>),
}

impl Piece {
    /// The rows, in file order.
    ///
    /// # Errors
    /// [`DataError::Arrow`] when arrow refuses the columns.
    pub fn chunks(self) -> Result<Vec<Chunk>, DataError> {
        match self.0 {
            Rows::Csv(piece) => piece.chunks(),
            Rows::Chunk(chunk) => Ok(vec![*chunk]),
        }
    }
}

enum Reader {
    Csv(Box<CsvFile>),
    Ndjson(Box<NdjsonRows>),
    Parquet(Box<ParquetRows>),
    Elsewhere(Box<dyn RowReader>),
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
        _ => {
            // A second handle has the place of the first: it tells how far the reader is.
            let length = file.metadata().map(|m| m.len()).ok().filter(|length| *length > 0);
            let place = length.and_then(|length| Some((file.try_clone().ok()?, length)));
            let mut source = open_reader(&name, format, file, options)?;
            source.place = place;
            Ok(source)
        }
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
        while head.starts_with(b"\xef\xbb\xbf") {
            head.drain(..3);
        }
        let reader = match format {
            Format::Ndjson | Format::NdjsonGz => {
                let text = Box::new(Cursor::new(head).chain(stream));
                Reader::Ndjson(Box::new(NdjsonRows::new(name, text, options)?))
            }
            _ => Reader::Csv(Box::new(CsvFile::new(name, head, stream, options)?)),
        };
        Ok(Source::of(name, reader))
    }

    fn parquet(name: &str, file: File, options: &ReadOptions) -> Result<Source, DataError> {
        let reader = Reader::Parquet(Box::new(ParquetRows::new(name, file, options)?));
        Ok(Source::of(name, reader))
    }

    /// Rows that no file holds. `name` is used in messages.
    pub fn of_rows(name: &str, rows: Box<dyn RowReader>) -> Source {
        Source::of(name, Reader::Elsewhere(rows))
    }

    fn of(name: &str, reader: Reader) -> Source {
        Source { name: name.to_owned(), reader, ready: VecDeque::new(), finished: false, place: None }
    }

    /// File as it was named.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether rows may lack columns.
    pub(crate) fn is_ndjson(&self) -> bool {
        matches!(self.reader, Reader::Ndjson(_))
    }

    /// The columns, known before the first chunk. For NDJSON these are the keys met so far: a later chunk
    /// may add columns at the end, and never takes one away.
    pub fn columns(&self) -> &[String] {
        match &self.reader {
            Reader::Csv(rows) => rows.columns(),
            Reader::Ndjson(rows) => rows.columns(),
            Reader::Parquet(rows) => rows.columns(),
            Reader::Elsewhere(rows) => rows.columns(),
        }
    }

    /// Asks for the columns of `schema` only, in the form its fields take fastest, and for those called `as_they_stand`.
    /// To be said before the first rows.
    ///
    /// Numbers of text files then come as `Float64`, NaN where they are missing, unless a value of the chunk is none that the
    /// field takes: then the column is text there, as it would be otherwise. Categories come as dictionaries. To
    /// [`Field::ingest`](arrears_model::schema::Field::ingest) each value says what it would have said otherwise. NDJSON has
    /// all its columns, as text.
    pub fn read_for(&mut self, schema: &Schema, as_they_stand: &[&str]) {
        let asked = Asked::of(schema, as_they_stand);
        match &mut self.reader {
            Reader::Csv(file) => file.ask(&asked),
            Reader::Parquet(rows) => rows.ask(asked),
            Reader::Elsewhere(rows) => rows.ask(asked.forms(rows.columns())),
            Reader::Ndjson(_) => {}
        }
    }

    /// The arrow type of a column that is read as it stands; text of one that is not known yet.
    pub fn kind(&self, column: &str) -> DataType {
        match &self.reader {
            Reader::Parquet(rows) => match rows.columns().iter().position(|c| c == column) {
                Some(at) => rows.kind(at),
                None => DataType::Utf8,
            },
            Reader::Csv(_) | Reader::Ndjson(_) | Reader::Elsewhere(_) => DataType::Utf8,
        }
    }

    /// How much of the file was read, from 0 to 1; `None` of a stream.
    pub fn progress(&self) -> Option<f64> {
        let (read, all) = match (&self.reader, &self.place) {
            (Reader::Parquet(rows), _) => rows.progress(),
            (_, Some((file, all))) => ((&mut &*file).stream_position().ok()?, *all),
            (_, None) => return None,
        };
        (all > 0).then(|| (read as f64 / all as f64).min(1.0))
    }

    /// Reads on: some rows of the file, to be made into chunks on any threads. What they hold is in file order.
    pub fn next_pieces(&mut self) -> Option<Result<Vec<Piece>, DataError>> {
        if self.finished {
            return None;
        }
        let of_chunk = |chunk| Piece(Rows::Chunk(Box::new(chunk)));
        let next = match &mut self.reader {
            Reader::Csv(file) => {
                file.next_pieces().map(|p| p.map(|p| p.into_iter().map(|p| Piece(Rows::Csv(p))).collect()))
            }
            Reader::Ndjson(rows) => rows.next_chunk().map(|chunk| chunk.map(|chunk| vec![of_chunk(chunk)])),
            Reader::Parquet(rows) => {
                rows.next_chunks().map(|chunks| chunks.map(|c| c.into_iter().map(of_chunk).collect()))
            }
            Reader::Elsewhere(rows) => {
                rows.next_chunks().map(|chunks| chunks.map(|c| c.into_iter().map(of_chunk).collect()))
            }
        };
        self.finished = !matches!(next, Ok(Some(_)));
        next.transpose()
    }

    /// What a reader of the file should know: an unusual delimiter, a column that is left out.
    pub fn notes(&self) -> &[String] {
        match &self.reader {
            Reader::Csv(rows) => rows.notes(),
            Reader::Ndjson(rows) => rows.notes(),
            Reader::Parquet(rows) => rows.notes(),
            Reader::Elsewhere(_) => &[],
        }
    }
}

impl Iterator for Source {
    type Item = Result<Chunk, DataError>;

    fn next(&mut self) -> Option<Self::Item> {
        while self.ready.is_empty() {
            match self.next_pieces()? {
                Ok(pieces) => {
                    let chunks: Vec<_> = pieces.into_par_iter().map(Piece::chunks).collect();
                    for chunks in chunks {
                        match chunks {
                            Ok(chunks) => self.ready.extend(chunks.into_iter().map(Ok)),
                            Err(error) => self.ready.push_back(Err(error)),
                        }
                    }
                }
                Err(error) => self.ready.push_back(Err(error)),
            }
        }
        let next = self.ready.pop_front()?;
        if next.is_err() {
            self.finished = true;
            self.ready.clear();
        }
        Some(next)
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
