//! File formats, told apart by extension and checked against the first bytes.

use crate::error::DataError;
use std::path::Path;

/// A table's file format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Comma-separated values with a header line, UTF-8.
    Csv,
    /// [`Format::Csv`], compressed with gzip.
    CsvGz,
    /// One JSON object a line.
    Ndjson,
    /// [`Format::Ndjson`], compressed with gzip.
    NdjsonGz,
    /// Apache Parquet.
    Parquet,
}

impl Format {
    /// The format that a file's extension names; upper and lower case are alike.
    ///
    /// # Errors
    /// [`DataError::UnknownFormat`] when the extension is none of the known ones.
    pub fn of_path(path: &Path) -> Result<Format, DataError> {
        let name = path.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
        let formats = [
            (".csv", Format::Csv),
            (".csv.gz", Format::CsvGz),
            (".ndjson", Format::Ndjson),
            (".jsonl", Format::Ndjson),
            (".ndjson.gz", Format::NdjsonGz),
            (".jsonl.gz", Format::NdjsonGz),
            (".parquet", Format::Parquet),
        ];
        formats
            .iter()
            .find(|(extension, _)| name.ends_with(extension))
            .map(|(_, format)| *format)
            .ok_or_else(|| DataError::UnknownFormat { name: path.display().to_string() })
    }

    /// The extension that names it, with its point.
    pub fn extension(self) -> &'static str {
        match self {
            Format::Csv => ".csv",
            Format::CsvGz => ".csv.gz",
            Format::Ndjson => ".ndjson",
            Format::NdjsonGz => ".ndjson.gz",
            Format::Parquet => ".parquet",
        }
    }

    /// True for the two gzip formats.
    pub fn is_gzip(self) -> bool {
        matches!(self, Format::CsvGz | Format::NdjsonGz)
    }

    pub(crate) fn described(self) -> &'static str {
        match self {
            Format::Csv | Format::CsvGz => "UTF-8 CSV with a header line",
            Format::Ndjson | Format::NdjsonGz => "UTF-8 NDJSON, one object a line",
            Format::Parquet => "a Parquet file",
        }
    }
}

/// Refuses text input whose first bytes are those of another kind of file; `head` is decompressed.
pub(crate) fn check_text_head(name: &str, format: Format, head: &[u8]) -> Result<(), DataError> {
    let found = [
        (&b"\xff\xfe"[..], "it starts with a UTF-16 byte order mark; save it as UTF-8"),
        (b"\xfe\xff", "it starts with a UTF-16 byte order mark; save it as UTF-8"),
        (b"PAR1", "its first bytes are those of a Parquet file; name it .parquet"),
        (b"\x1f\x8b", "it is compressed with gzip; name it .gz, as in .csv.gz"),
        (b"PK\x03\x04", "its first bytes are those of a spreadsheet or zip file; export it as CSV"),
        (b"\xd0\xcf\x11\xe0", "its first bytes are those of an old spreadsheet; export it as CSV"),
    ];
    match found.iter().find(|(magic, _)| head.starts_with(magic)) {
        Some((_, problem)) => Err(DataError::NotTheFormat {
            name: name.to_owned(),
            expected: format.described(),
            problem: (*problem).to_owned(),
        }),
        None => Ok(()),
    }
}
