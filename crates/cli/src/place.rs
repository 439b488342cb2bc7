//! The words of the command line for files, `-` and formats.

use arrears_data::Format;
use clap::ValueEnum;
use std::path::{Path, PathBuf};

/// A file format, as it is named on the command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum FormatName {
    /// Comma-separated values.
    Csv,
    /// One JSON object a line.
    Ndjson,
    /// Apache Parquet.
    Parquet,
}

impl From<FormatName> for Format {
    fn from(name: FormatName) -> Format {
        match name {
            FormatName::Csv => Format::Csv,
            FormatName::Ndjson => Format::Ndjson,
            FormatName::Parquet => Format::Parquet,
        }
    }
}

/// Whether a path is `-`, which stands for standard input or output.
pub(crate) fn is_dash(path: &Path) -> bool {
    path.as_os_str() == "-"
}

/// A file's name without folders, as reports show it.
pub(crate) fn file_name(path: &Path) -> String {
    path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned()
}

/// A file's name without folders and extensions: `customers` for `data/customers.csv.gz`.
pub(crate) fn stem(path: &Path) -> String {
    let name = file_name(path);
    name.split('.').find(|part| !part.is_empty()).unwrap_or(&name).to_owned()
}

/// A file beside another.
pub(crate) fn beside(file: &Path, name: &str) -> PathBuf {
    file.parent().unwrap_or(Path::new("")).join(name)
}
