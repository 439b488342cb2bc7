//! What can go wrong between a database and rows.

/// Why rows cannot be read from a database or written into it. The text says what was expected and how to mend it, and
/// never holds a password.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PostgresError {
    /// The URL is not one.
    #[error(
        "the address of the database: {problem}; expected postgres://USER@HOST:PORT/DATABASE?sslmode=MODE"
    )]
    Address {
        /// What is wrong with it.
        problem: String,
    },
    /// The certificates that the server's is compared with cannot be used.
    #[error("certificates of `{file}`: {problem}")]
    Certificates {
        /// The file.
        file: String,
        /// What is wrong with it.
        problem: String,
    },
    /// There is no connection.
    #[error("cannot connect to {server}: {problem}")]
    Connect {
        /// The server.
        server: String,
        /// What it or the system says.
        problem: String,
    },
    /// The query cannot be used.
    #[error("the query: {problem}")]
    Query {
        /// What is wrong with it, and where.
        problem: String,
    },
    /// The rows of the query broke off.
    #[error("row {row} of the query: {problem}")]
    Rows {
        /// The row that did not come, from 1.
        row: u64,
        /// What the server says.
        problem: String,
    },
    /// The table's name is not one.
    #[error(
        "the table's name: {problem}; expected NAME or SCHEMA.NAME, in double quotes where it is more than lower-case letters, digits and `_`"
    )]
    TableName {
        /// What is wrong with it.
        problem: String,
    },
    /// The table does not take the rows.
    #[error("table {table}: {problem}")]
    Table {
        /// The table.
        table: String,
        /// What does not fit, and how to mend it.
        problem: String,
    },
    /// A row cannot be kept.
    #[error("row {row} of the results for table {table}: {problem}")]
    Row {
        /// The table.
        table: String,
        /// The row of the results, from 1.
        row: u64,
        /// What is wrong with it, and how to mend it.
        problem: String,
    },
    /// Writing broke off.
    #[error("table {table} is as it was: {problem}")]
    Write {
        /// The table.
        table: String,
        /// What the server says, and how to mend it where that is known.
        problem: String,
    },
    /// The end of the last step was not heard of.
    #[error(
        "table {table}: the connection broke off while the server was asked to keep the rows ({problem}); all of them are there or none: score again, which writes the same rows"
    )]
    Unknown {
        /// The table.
        table: String,
        /// What the server or the system says.
        problem: String,
    },
    /// Adding rows broke off.
    #[error("{what} is as it was: {problem}")]
    Append {
        /// What was written to, and where.
        what: String,
        /// What the server says, and how to mend it where that is known.
        problem: String,
    },
    /// The end of the last step of adding rows was not heard of.
    #[error(
        "{what}: the connection broke off while the server was asked to keep the rows ({problem}); all of them are there or none: look, and try again"
    )]
    Unheard {
        /// What was written to, and where.
        what: String,
        /// What the server or the system says.
        problem: String,
    },
}
