//! Rows that no file holds, such as those of a database: what a reader and a writer of them have to do.

use crate::error::DataError;
use crate::source::Chunk;
use arrow::array::RecordBatch;
use std::error::Error;

/// What went wrong elsewhere; its text says what was expected and how to mend it.
pub type Elsewhere = Box<dyn Error + Send + Sync>;

/// How a column is to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// As `Float64`, NaN where it is missing, where all values of a chunk are finite numbers; else as text.
    Number,
    /// As text.
    Text,
}

/// Reads rows: [`Source::of_rows`](crate::Source::of_rows).
pub trait RowReader: Send {
    /// The names of the columns, each different.
    fn columns(&self) -> &[String];

    /// Asks for some columns by their position, ascending. Said before the first rows; without it all are text.
    fn ask(&mut self, columns: Vec<(usize, Form)>);

    /// The next rows in order, as chunks of the columns asked for whose line numbers count rows from 1; `None` at the end.
    ///
    /// # Errors
    /// When the rows cannot be read to their end.
    fn next_chunks(&mut self) -> Result<Option<Vec<Chunk>>, DataError>;
}

/// Takes rows: [`TableWriter::to_rows`](crate::TableWriter::to_rows).
pub trait RowWriter: Send {
    /// Takes the rows of a batch, which has the columns of the writer's schema.
    ///
    /// # Errors
    /// When the rows cannot be kept.
    fn write(&mut self, batch: &RecordBatch) -> Result<(), Elsewhere>;

    /// Makes all rows seen at once. A writer that is dropped without leaves nothing behind.
    ///
    /// # Errors
    /// When they cannot be; then none of them is.
    fn finish(self: Box<Self>) -> Result<(), Elsewhere>;
}
