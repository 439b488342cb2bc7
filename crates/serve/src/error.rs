//! What can stop a batch from being scored.

use arrears_data::DataError;
use arrears_model::ModelError;
use std::io;

/// Why nothing was scored, or why scoring broke off. An output file is then left as it was before.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ServeError {
    /// The model file cannot be read.
    #[error("cannot read model `{file}`: {source}{hint}")]
    ModelFile {
        /// The file as it was named.
        file: String,
        /// The system's reason.
        source: io::Error,
        /// What to name instead, where something is known; empty otherwise.
        hint: String,
    },
    /// The file is not a model.
    #[error("model `{file}`: {source}")]
    Model {
        /// The file as it was named.
        file: String,
        /// What is wrong with it.
        source: ModelError,
    },
    /// The file is of another kind.
    #[error(
        "`{file}` is not a model: it {found}; expected the `model.json` of a trained model, or its folder"
    )]
    NotAModel {
        /// The file as it was named.
        file: String,
        /// What it is, or looks like.
        found: &'static str,
    },
    /// A file of overrides cannot be used.
    #[error("overrides `{file}`{}: {why}", if *line > 0 { format!(", line {line}") } else { String::new() })]
    Overrides {
        /// The file as it was named.
        file: String,
        /// The line at fault; 0 where it is none.
        line: u64,
        /// What is wrong, and what was expected.
        why: String,
    },
    /// Reading the input or writing the output failed.
    #[error(transparent)]
    Data(#[from] DataError),
    /// The input lacks columns that the model reads.
    #[error(
        "`{file}` lacks {} of the model: {}; it has {}{}",
        if missing.len() == 1 { "a column" } else { "columns" },
        listed(missing),
        listed(found),
        hints.iter().map(|h| format!("; {h}")).collect::<String>()
    )]
    MissingColumns {
        /// The input as it was named.
        file: String,
        /// All columns of the model that are not there.
        missing: Vec<String>,
        /// The columns that are.
        found: Vec<String>,
        /// Names that are nearly the same, and columns that could not be used.
        hints: Vec<String>,
    },
    /// The id column asked for is not in the input.
    #[error("`{file}` has no column `{id}` to take ids from; it has {}", listed(found))]
    NoIdColumn {
        /// The input as it was named.
        file: String,
        /// The column asked for.
        id: String,
        /// The columns there are.
        found: Vec<String>,
    },
    /// Rows are to be kept by an id that they do not have.
    #[error(
        "{name} keeps one row for each id, and `{file}` has no column of ids that the model knows; it has {}",
        listed(found)
    )]
    NoIds {
        /// Where the rows should go.
        name: String,
        /// The input as it was named.
        file: String,
        /// The columns there are.
        found: Vec<String>,
    },
    /// The id column is called as one of the output's own columns.
    #[error(
        "the id column is called `{id}`, as an output column is; rename it in the input, or name another id"
    )]
    IdName {
        /// Name of the id column.
        id: String,
    },
    /// More reasons are asked for than a row can have.
    #[error("{found} reasons are asked for; expected 0 to {}", arrears_model::score::MAX_REASONS)]
    Reasons {
        /// The number asked for.
        found: usize,
    },
    /// Points by characteristic are asked of a model without.
    #[error("a {kind} model has no points by characteristic; a scorecard or scorecard-plus has")]
    NoPoints {
        /// The kind of model.
        kind: String,
    },
    /// Two of input, output and rejects are the same file.
    #[error("{one} and {other} are both `{file}`; give each its own file")]
    SameFile {
        /// Part of the first: `input`, `output` or `rejects`.
        one: &'static str,
        /// Part of the second.
        other: &'static str,
        /// The file as the second named it.
        file: String,
    },
    /// There is nothing to serve.
    #[error(
        "`{folder}` holds no model that can be served; expected a model.json, or name/version/model.json{}",
        problems.iter().map(|p| format!("; {p}")).collect::<String>()
    )]
    NoModels {
        /// The folder as it was named.
        folder: String,
        /// Why the models in it cannot be loaded.
        problems: Vec<String>,
    },
    /// `serving.toml`, or a flag in its place, cannot be used.
    #[error("`{file}`: {problem}")]
    Serving {
        /// The file.
        file: String,
        /// What was expected.
        problem: String,
    },
    /// The tokens cannot be used.
    #[error("tokens, {place}: {problem}")]
    Tokens {
        /// File or variable.
        place: String,
        /// What was expected.
        problem: String,
    },
    /// Certificate or private key cannot be used.
    #[error("TLS, `{file}`: {problem}; expected a PEM file")]
    Tls {
        /// The file.
        file: String,
        /// What is wrong with it.
        problem: String,
    },
    /// The key that ids are hashed with cannot be used.
    #[error("key for ids, `{file}`: {problem}")]
    Key {
        /// The file.
        file: String,
        /// What was expected.
        problem: String,
    },
    /// A decision log cannot be opened or read.
    #[error("decision log, `{file}`: {problem}")]
    DecisionLog {
        /// The folder or file.
        file: String,
        /// What is wrong with it, or the system's reason.
        problem: String,
    },
    /// The address cannot be listened on.
    #[error("cannot listen on {address}: {source}")]
    Listen {
        /// The address.
        address: std::net::SocketAddr,
        /// The system's reason.
        source: io::Error,
    },
    /// The system gives the service less than it needs.
    #[error("the service cannot have {what}: {source}")]
    Start {
        /// What it asked for.
        what: &'static str,
        /// The system's reason.
        source: io::Error,
    },
    /// Two inputs of one run would have the same output.
    #[error("`{one}` and `{other}` would both be written to `{output}`; score them into two folders")]
    SameOutput {
        /// The first input.
        one: String,
        /// The second.
        other: String,
        /// Their output.
        output: String,
    },
    /// The folder of the outputs cannot be made.
    #[error("cannot make the folder `{folder}`: {source}")]
    Folder {
        /// The folder.
        folder: String,
        /// The system's reason.
        source: io::Error,
    },
    /// The manifest of a run over many files cannot be read or written.
    #[error("cannot keep the manifest `{file}`: {source}")]
    Manifest {
        /// The manifest.
        file: String,
        /// The system's reason.
        source: io::Error,
    },
    /// A file cannot be read for its fingerprint.
    #[error("cannot read `{file}`: {source}")]
    Fingerprint {
        /// The file.
        file: String,
        /// The system's reason.
        source: io::Error,
    },
    /// The temporary files of ids cannot be read again.
    #[error("ids put aside in temporary files cannot be read again: {source}")]
    Ids {
        /// The system's reason.
        source: io::Error,
    },
    /// A rejects file of an earlier run cannot be removed.
    #[error(
        "no row was rejected, but the rejects of an earlier run cannot be removed from `{file}`: {source}"
    )]
    StaleRejects {
        /// The file.
        file: String,
        /// The system's reason.
        source: io::Error,
    },
}

/// Names in backticks, the first 40 of them.
pub(crate) fn listed(names: &[String]) -> String {
    const MOST: usize = 40;
    if names.is_empty() {
        return "none".to_owned();
    }
    let shown: Vec<String> = names.iter().take(MOST).map(|n| format!("`{n}`")).collect();
    let more = names.len().saturating_sub(MOST);
    let tail = if more > 0 { format!(" and {more} more") } else { String::new() };
    shown.join(", ") + &tail
}
