//! Where rows come from and where they go.

use crate::columns::IdColumn;
use crate::error::ServeError;
use crate::rejects::REJECTS_SUFFIX;
use arrears_data::arrow::datatypes::SchemaRef;
use arrears_data::{
    DataError, Elsewhere, Format, ReadOptions, RowReader, RowWriter, Source, TableWriter, open, open_reader,
};
use std::fs;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

/// Where rows come from.
pub enum Input {
    /// A file; the format goes by its extension unless one is given.
    File {
        /// The file.
        path: PathBuf,
        /// The format, where the extension does not say it.
        format: Option<Format>,
    },
    /// A stream, such as standard input.
    Stream {
        /// Name used in messages.
        name: String,
        /// The format.
        format: Format,
        /// The bytes.
        stream: Box<dyn Read + Send>,
    },
    /// Rows that no file holds, such as those of a database.
    Rows {
        /// Name used in messages.
        name: String,
        /// The rows.
        rows: Box<dyn RowReader>,
    },
}

/// Makes ready what takes the rows of an output, whose columns are known by then.
pub type OpenRows = Box<dyn FnOnce(SchemaRef) -> Result<Box<dyn RowWriter>, Elsewhere> + Send>;

/// Where rows go.
pub enum Output {
    /// A file, which appears whole or not at all; the format goes by its extension unless one is given.
    File {
        /// The file.
        path: PathBuf,
        /// The format, where the extension does not say it.
        format: Option<Format>,
    },
    /// A stream, such as standard output; what was written before an error stays written.
    Stream {
        /// Name used in messages.
        name: String,
        /// The format.
        format: Format,
        /// Where the bytes go.
        stream: Box<dyn Write + Send>,
    },
    /// What keeps each row by its id, such as a table of a database. It is opened before the first row is scored.
    Rows {
        /// Name used in messages.
        name: String,
        /// Opens it.
        open: OpenRows,
    },
}

impl Input {
    /// A file whose format its extension tells.
    pub fn file(path: impl Into<PathBuf>) -> Input {
        Input::File { path: path.into(), format: None }
    }

    pub(crate) fn open(self) -> Result<Source, ServeError> {
        Ok(match self {
            Input::File { path, format } => open(&path, &ReadOptions { format, ..ReadOptions::default() })?,
            Input::Stream { name, format, stream } => {
                open_reader(&name, format, stream, &ReadOptions::default())?
            }
            Input::Rows { name, rows } => Source::of_rows(&name, rows),
        })
    }

    fn path(&self) -> Option<&Path> {
        match self {
            Input::File { path, .. } => Some(path),
            Input::Stream { .. } | Input::Rows { .. } => None,
        }
    }
}

impl Output {
    /// A file whose format its extension tells.
    pub fn file(path: impl Into<PathBuf>) -> Output {
        Output::File { path: path.into(), format: None }
    }

    /// The default rejects of this output: a CSV file beside it; `None` for a stream.
    pub fn rejects_beside(&self) -> Option<Output> {
        let mut name = self.path()?.as_os_str().to_owned();
        name.push(REJECTS_SUFFIX);
        Some(Output::File { path: name.into(), format: None })
    }

    /// File or stream as it was named.
    pub fn name(&self) -> String {
        match self {
            Output::File { path, .. } => path.display().to_string(),
            Output::Stream { name, .. } | Output::Rows { name, .. } => name.clone(),
        }
    }

    pub(crate) fn path(&self) -> Option<&Path> {
        match self {
            Output::File { path, .. } => Some(path),
            Output::Stream { .. } | Output::Rows { .. } => None,
        }
    }

    pub(crate) fn create(self, schema: SchemaRef) -> Result<TableWriter, ServeError> {
        Ok(match self {
            Output::File { path, format } => TableWriter::create(&path, format, schema)?,
            Output::Stream { name, format, stream } => TableWriter::to_stream(&name, format, stream, schema)?,
            Output::Rows { name, open } => {
                TableWriter::to_rows(&name, open(schema.clone()).map_err(DataError::Elsewhere)?, schema)
            }
        })
    }

    /// Refuses an output that keeps rows by their id where they have none.
    pub(crate) fn check_id(&self, id: &IdColumn, source: &Source) -> Result<(), ServeError> {
        match (self, id) {
            (Output::Rows { name, .. }, IdColumn::Line) => {
                let (name, found) = (name.clone(), source.columns().to_vec());
                Err(ServeError::NoIds { name, file: source.name().to_owned(), found })
            }
            _ => Ok(()),
        }
    }
}

/// Refuses to read and write one file at once.
pub(crate) fn check_different(input: &Input, output: &Output, rejects: &Output) -> Result<(), ServeError> {
    let places = [("input", input.path()), ("output", output.path()), ("rejects", rejects.path())];
    for (at, (other, path)) in places.iter().enumerate() {
        let Some(path) = path else { continue };
        for (one, earlier) in &places[..at] {
            if earlier.is_some_and(|earlier| same(earlier, path)) {
                return Err(ServeError::SameFile { one, other, file: path.display().to_string() });
            }
        }
    }
    Ok(())
}

fn same(a: &Path, b: &Path) -> bool {
    match (fs::canonicalize(a), fs::canonicalize(b)) {
        (Ok(a), Ok(b)) => a == b,
        _ => a == b,
    }
}
