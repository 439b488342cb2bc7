//! What can go wrong between a company's event tables and features.

use crate::FeatureError;
use crate::labels::SettingsError;
use arrears_data::DataError;
use std::io;

/// Why a configuration or its tables cannot be used. The text says what was expected and how to mend it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The configuration cannot be read from the disk.
    #[error("cannot read configuration `{file}`: {source}")]
    Open {
        /// File as it was named.
        file: String,
        /// The system's reason.
        source: io::Error,
    },
    /// The configuration is no TOML, or says something that cannot be.
    #[error("configuration `{file}`: {why}")]
    Config {
        /// File as it was named.
        file: String,
        /// Which key, what was expected, and how to mend it.
        why: String,
    },
    /// A table's file does not have what the mapping says.
    #[error("[{table}], `{file}`: {why}")]
    Table {
        /// Name of the table.
        table: &'static str,
        /// File as it was named.
        file: String,
        /// What was expected and how to mend it.
        why: String,
    },
    /// A table is needed that the configuration does not have.
    #[error(
        "there is no table `{table}`, and {needed_by} needs it: add a section [{table}] to the configuration"
    )]
    NoTable {
        /// Name of the table.
        table: &'static str,
        /// Who needs it.
        needed_by: String,
    },
    /// A column is needed that the table does not map.
    #[error("[{table}] maps no column `{column}`; it maps {mapped}: add it to `columns`")]
    NoColumn {
        /// Name of the table.
        table: &'static str,
        /// Name of the column.
        column: String,
        /// The columns that it maps.
        mapped: String,
    },
    /// Amounts of a table are in other currencies than the declared one.
    #[error(
        "[{table}]: amounts are in {found}, and the configuration declares {declared}: convert them first, keep one currency with `where`, \
         or leave the other rows out with foreign_currency = \"drop\" in [clean]"
    )]
    Currencies {
        /// Name of the table.
        table: &'static str,
        /// The other currencies with their rows, and rows without one.
        found: String,
        /// The declared currency.
        declared: String,
    },
    /// Every row of a table was refused.
    #[error("[{table}]: none of its {rows} rows can be used; {why}")]
    NoRows {
        /// Name of the table.
        table: &'static str,
        /// Rows read.
        rows: u64,
        /// The most frequent cause, with an example.
        why: String,
    },
    /// More memory would be needed than was given.
    #[error("{what} needs more than the {budget} MiB of memory given: {mend}")]
    Memory {
        /// What needs it.
        what: &'static str,
        /// The budget, in MiB.
        budget: usize,
        /// How to do with less.
        mend: &'static str,
    },
    /// A temporary file cannot be written or read.
    #[error("temporary file: {source}; the folder for temporary files is that of the variable TMPDIR")]
    Temporary {
        /// The system's reason.
        source: io::Error,
    },
    /// A feature, a date or a zone that is refused.
    #[error(transparent)]
    Feature(Box<FeatureError>),
    /// The configuration has no features.
    #[error(
        "configuration `{file}` declares no features: add a section [features] with library = \"all\", or with groups such as \
         [\"purchase\", \"returns\"], or sections [[feature]]"
    )]
    NoFeatures {
        /// File as it was named.
        file: String,
    },
    /// A file of data cannot be read, or output not written.
    #[error(transparent)]
    Data(#[from] DataError),
    /// A setting of `[label]` that cannot be, or what a label needs and is not there.
    #[error(transparent)]
    Label(#[from] SettingsError),
}

impl From<FeatureError> for Error {
    fn from(error: FeatureError) -> Error {
        Error::Feature(Box::new(error))
    }
}
