//! Where rows come from and where they go.

use crate::error::ServeError;
use crate::rejects::REJECTS_SUFFIX;
use arrears_data::arrow::datatypes::SchemaRef;
use arrears_data::{Format, ReadOptions, Source, TableWriter, open, open_reader};
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
}

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
        })
    }

    fn path(&self) -> Option<&Path> {
        match self {
            Input::File { path, .. } => Some(path),
            Input::Stream { .. } => None,
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
            Output::Stream { name, .. } => name.clone(),
        }
    }

    pub(crate) fn path(&self) -> Option<&Path> {
        match self {
            Output::File { path, .. } => Some(path),
            Output::Stream { .. } => None,
        }
    }

    pub(crate) fn create(self, schema: SchemaRef) -> Result<TableWriter, ServeError> {
        Ok(match self {
            Output::File { path, format } => TableWriter::create(&path, format, schema)?,
            Output::Stream { name, format, stream } => TableWriter::to_stream(&name, format, stream, schema)?,
        })
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
