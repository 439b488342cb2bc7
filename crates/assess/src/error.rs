//! What can stop a run.

use arrears_data::DataError;
use arrears_postgres::PostgresError;
use arrears_serve::ServeError;
use std::io;

/// Why a run cannot be made. The text says what was expected and how to mend it, and never holds a password.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AssessError {
    /// Section `[assess]` says something that cannot be.
    #[error("configuration `{file}`: {why}")]
    Config {
        /// File as it was named.
        file: String,
        /// Which key, what was expected, and how to mend it.
        why: String,
    },
    /// The model does not suit a run.
    #[error("model `{model}`: {why}")]
    Model {
        /// Name of the model.
        model: String,
        /// What it lacks, and how to mend it.
        why: String,
    },
    /// The history cannot be read or written.
    #[error("history {place}: {problem}")]
    History {
        /// The file, or the server without password.
        place: String,
        /// What is wrong, and how to mend it.
        problem: String,
    },
    /// There is a run as of this date or a later one.
    #[error(
        "history {place}: run {run} is as of {found}, and this one is as of {as_of}; runs follow each other in time, for each goes by the one \
         before it: take a later date, or replace run {run} and all after it with --replace"
    )]
    Order {
        /// The file, or the server without password.
        place: String,
        /// Number of the first run in the way.
        run: i64,
        /// As of when that is.
        found: String,
        /// As of when this one is.
        as_of: String,
    },
    /// The folder of outputs cannot be written.
    #[error("output folder `{folder}`: {problem}")]
    Folder {
        /// Folder as it was named.
        folder: String,
        /// What is wrong, and how to mend it.
        problem: String,
    },
    /// The run is in the history, its outputs are not where they belong.
    #[error(
        "run {run} is in the history, but its outputs could not be moved to `{folder}`: {source}; make it again with --replace"
    )]
    Moved {
        /// Number of the run.
        run: i64,
        /// Folder as it was named.
        folder: String,
        /// The system's reason.
        source: io::Error,
    },
    /// Events cannot be read, or features not made.
    #[error(transparent)]
    Behavior(#[from] arrears_behavior::Error),
    /// The model cannot be loaded, or overrides not be read.
    #[error(transparent)]
    Serve(#[from] ServeError),
    /// Output cannot be written.
    #[error(transparent)]
    Data(#[from] DataError),
    /// The database.
    #[error(transparent)]
    Postgres(#[from] PostgresError),
}
