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
use std::fs::{self, File};
use std::io::{self, Seek, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

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

/// Writes rejected rows, from the first of them on. What goes to a stream waits in an unnamed temporary file until the end,
/// so that it does not mix with what else goes there.
pub(crate) struct RejectsWriter {
    state: State,
    path: Option<PathBuf>,
}

enum State {
    Untouched(Output),
    Open(TableWriter, Option<Waiting>),
    Moved,
}

/// Rejects that wait, and the stream they go to.
struct Waiting {
    name: String,
    file: File,
    stream: Box<dyn Write + Send>,
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
        Self { state: State::Untouched(output), path }
    }

    pub(crate) fn write(&mut self, rows: &[Rejected]) -> Result<(), ServeError> {
        if rows.is_empty() {
            return Ok(());
        }
        self.state = match std::mem::replace(&mut self.state, State::Moved) {
            State::Untouched(output) => opened(output)?,
            open => open,
        };
        match &mut self.state {
            State::Open(writer, _) => Ok(writer.write(&batch(rows)?)?),
            State::Untouched(_) | State::Moved => Ok(()),
        }
    }

    /// Ends the rejects. Without any, the rejects file of an earlier run is removed, so that it does not
    /// mislead; whether a file was written is returned.
    pub(crate) fn finish(self) -> Result<bool, ServeError> {
        match (self.state, self.path) {
            (State::Open(writer, waiting), path) => {
                writer.finish()?;
                waiting.map_or(Ok(()), Waiting::pass_on)?;
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

/// Rejects whose first row has come.
fn opened(output: Output) -> Result<State, ServeError> {
    let Output::Stream { name, format, stream } = output else {
        return Ok(State::Open(output.create(schema())?, None));
    };
    let files = tempfile::tempfile().and_then(|file| Ok((file.try_clone()?, file)));
    let (to, file) = files.map_err(|source| DataError::Write { name: name.clone(), source })?;
    let writer = TableWriter::to_stream(&name, format, to, schema())?;
    Ok(State::Open(writer, Some(Waiting { name, file, stream })))
}

impl Waiting {
    fn pass_on(mut self) -> Result<(), DataError> {
        let copied = self.file.rewind().and_then(|()| {
            io::copy(&mut self.file, &mut self.stream)?;
            self.stream.flush()
        });
        copied.map_err(|source| DataError::Write { name: self.name, source })
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
