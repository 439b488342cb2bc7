//! The rows that could not be scored, and why.
//!
//! Columns: `line` (source line, from 1; for Parquet the row's number), `id`, `column` and `value` at fault,
//! `why`: what was expected. `id`, `column` and `value` are empty where they are not known.

use crate::error::ServeError;
use crate::places::Output;
use arrears_data::arrow::array::{ArrayRef, Int64Array, RecordBatch, StringArray};
use arrears_data::arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use arrears_data::{DataError, Format, TableWriter, Unreadable};
use arrears_model::value::Refusal;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::{fs, io};

/// What is added to the output's name to name its default rejects file.
pub const REJECTS_SUFFIX: &str = ".rejects.csv";

/// One row that is not in the output.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Rejected {
    pub(crate) line: u64,
    pub(crate) id: Option<String>,
    pub(crate) column: Option<String>,
    pub(crate) value: String,
    pub(crate) why: String,
}

impl Rejected {
    /// A row with a value that must not be used.
    pub(crate) fn refused(line: u64, id: Option<String>, refusal: Refusal) -> Self {
        let why = refusal.kind.to_string();
        Self { line, id, column: Some(refusal.column), value: refusal.value, why }
    }

    /// What is at fault, without the value, to count by.
    pub(crate) fn cause(&self) -> String {
        match (&self.column, &self.id) {
            (Some(column), _) => format!("`{column}`: {}", self.why),
            (None, _) => "the row cannot be read".to_owned(),
        }
    }
}

impl From<Unreadable> for Rejected {
    fn from(row: Unreadable) -> Self {
        Self { line: row.line, id: None, column: row.column, value: row.value, why: row.why }
    }
}

/// Writes rejected rows. A file is opened at the first of them; a stream gets all of them at the end, so
/// that they do not mix with what else goes there.
pub(crate) struct RejectsWriter {
    state: State,
    path: Option<PathBuf>,
    waiting: Vec<RecordBatch>,
}

enum State {
    Untouched(Output),
    Open(TableWriter),
    Moved,
}

impl RejectsWriter {
    pub(crate) fn new(output: Output) -> Self {
        let path = output.path().map(Path::to_owned);
        let output = match output {
            // Rejects are CSV unless their name says otherwise.
            Output::File { path, format: None } => {
                let format = Some(Format::of_path(&path).unwrap_or(Format::Csv));
                Output::File { path, format }
            }
            other => other,
        };
        Self { state: State::Untouched(output), path, waiting: Vec::new() }
    }

    pub(crate) fn write(&mut self, rows: &[Rejected]) -> Result<(), ServeError> {
        if rows.is_empty() {
            return Ok(());
        }
        self.waiting.push(batch(rows)?);
        if self.path.is_some() { self.flush() } else { Ok(()) }
    }

    fn flush(&mut self) -> Result<(), ServeError> {
        if let State::Untouched(_) = &self.state
            && let State::Untouched(output) = std::mem::replace(&mut self.state, State::Moved)
        {
            self.state = State::Open(output.create(schema())?);
        }
        if let State::Open(writer) = &mut self.state {
            self.waiting.drain(..).try_for_each(|batch| writer.write(&batch))?;
        }
        Ok(())
    }

    /// Ends the rejects. Without any, the rejects file of an earlier run is removed, so that it does not
    /// mislead; whether a file was written is returned.
    pub(crate) fn finish(mut self) -> Result<bool, ServeError> {
        if !self.waiting.is_empty() {
            self.flush()?;
        }
        match (self.state, self.path) {
            (State::Open(writer), path) => {
                writer.finish()?;
                Ok(path.is_some())
            }
            (_, Some(path)) => match fs::remove_file(&path) {
                Err(source) if source.kind() != io::ErrorKind::NotFound => {
                    Err(ServeError::StaleRejects { file: path.display().to_string(), source })
                }
                _ => Ok(false),
            },
            (_, None) => Ok(false),
        }
    }
}

fn schema() -> SchemaRef {
    let text = ["id", "column", "value", "why"].map(|name| Field::new(name, DataType::Utf8, true));
    let line = Field::new("line", DataType::Int64, false);
    Arc::new(Schema::new(std::iter::once(line).chain(text).collect::<Vec<_>>()))
}

fn batch(rows: &[Rejected]) -> Result<RecordBatch, DataError> {
    let line = Int64Array::from_iter_values(rows.iter().map(|r| r.line as i64));
    let texts: [StringArray; 4] = [
        rows.iter().map(|r| r.id.as_deref()).collect(),
        rows.iter().map(|r| r.column.as_deref()).collect(),
        rows.iter().map(|r| Some(r.value.as_str())).collect(),
        rows.iter().map(|r| Some(r.why.as_str())).collect(),
    ];
    let columns: Vec<ArrayRef> =
        std::iter::once(Arc::new(line) as ArrayRef).chain(texts.map(|t| Arc::new(t) as ArrayRef)).collect();
    Ok(RecordBatch::try_new(schema(), columns)?)
}
