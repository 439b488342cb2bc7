//! What can go wrong between a file and a table.

use std::io;

/// Why a file, a recipe or a table cannot be used. The text says what was expected and how to mend it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DataError {
    /// The file cannot be opened.
    #[error("cannot open `{name}`: {source}")]
    Open {
        /// File as it was named.
        name: String,
        /// The system's reason.
        source: io::Error,
    },
    /// Reading failed midway.
    #[error("cannot read `{name}`: {source}")]
    Read {
        /// File as it was named.
        name: String,
        /// The system's reason.
        source: io::Error,
    },
    /// The extension is not one of the known ones.
    #[error(
        "`{name}` has no known extension; expected .csv, .csv.gz, .parquet, .ndjson, .ndjson.gz or .jsonl"
    )]
    UnknownFormat {
        /// File as it was named.
        name: String,
    },
    /// The bytes are not what the format says.
    #[error("`{name}` is not {expected}: {problem}")]
    NotTheFormat {
        /// File as it was named.
        name: String,
        /// The format that was expected.
        expected: &'static str,
        /// What was found and how to mend it.
        problem: String,
    },
    /// The file holds nothing.
    #[error("`{name}` is empty; expected {expected}")]
    Empty {
        /// File as it was named.
        name: String,
        /// What should have been there.
        expected: &'static str,
    },
    /// The header cannot be used.
    #[error("header of `{name}`: {problem}")]
    Header {
        /// File as it was named.
        name: String,
        /// What is wrong and how to mend it.
        problem: String,
    },
    /// The file ends too early.
    #[error("`{name}` is truncated: {problem}; fetch or export the file again")]
    Truncated {
        /// File as it was named.
        name: String,
        /// Where it broke off.
        problem: String,
    },
    /// The file's structure is damaged.
    #[error("`{name}` is damaged: {problem}; fetch or export the file again")]
    Damaged {
        /// File as it was named.
        name: String,
        /// What does not fit.
        problem: String,
    },
    /// A limit that keeps memory bounded was passed.
    #[error("`{name}`: {problem}")]
    TooLarge {
        /// File or column.
        name: String,
        /// Which limit, and the value found.
        problem: String,
    },
    /// A column is asked for that the table does not have.
    #[error("no column `{column}`: {problem}")]
    MissingColumn {
        /// The column asked for.
        column: String,
        /// Why not, and which columns there are.
        problem: String,
    },
    /// The recipe is not valid TOML, or a key or value is not known.
    #[error("recipe: {0}")]
    RecipeSyntax(#[from] toml::de::Error),
    /// A recipe's value cannot be used.
    #[error("recipe, {key}: {problem}")]
    Recipe {
        /// The key, such as `split.test`.
        key: String,
        /// What was expected and what was found.
        problem: String,
    },
    /// The outcome column does not hold two labels.
    #[error("target column `{column}`: {problem}")]
    Target {
        /// Name of the column.
        column: String,
        /// What was expected and what was found.
        problem: String,
    },
    /// Nothing to work on.
    #[error("no rows: {0}")]
    NoRows(String),
    /// The rows cannot be divided as asked.
    #[error("split: {0}")]
    Split(String),
    /// Arrow refused an operation.
    #[error("table: {0}")]
    Arrow(#[from] arrow::error::ArrowError),
    /// Output cannot be written.
    #[error("cannot write `{name}`: {source}")]
    Write {
        /// File as it was named.
        name: String,
        /// The system's reason.
        source: io::Error,
    },
    /// Rows that no file holds could not be read or kept.
    #[error(transparent)]
    Elsewhere(crate::elsewhere::Elsewhere),
    /// A value that the output format cannot hold.
    #[error("cannot write `{name}`: column `{column}`, row {row}: {problem}")]
    Unwritable {
        /// File as it was named.
        name: String,
        /// Name of the column.
        column: String,
        /// Row of the output, from 1.
        row: u64,
        /// What the format cannot hold.
        problem: String,
    },
}

impl DataError {
    pub(crate) fn recipe(key: impl Into<String>, problem: impl Into<String>) -> Self {
        DataError::Recipe { key: key.into(), problem: problem.into() }
    }
}
