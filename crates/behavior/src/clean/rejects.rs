//! The file of rows that are left out.

use crate::Error;
use crate::clean::ledger::{Rejected, Sink};
use arrears_data::arrow::array::{ArrayRef, Int64Array, RecordBatch, StringArray};
use arrears_data::arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use arrears_data::{DataError, Format, TableWriter};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

/// Rows that are written at once.
const TOGETHER: usize = 4_096;

/// A CSV file with the columns table, file, line, customer, column, value and why. It appears whole or not at all.
pub struct RejectsFile(Arc<Mutex<State>>);

struct State {
    writer: Option<TableWriter>,
    schema: SchemaRef,
    waiting: Vec<Rejected>,
}

impl RejectsFile {
    /// A file to be.
    ///
    /// # Errors
    /// When its folder cannot be written.
    pub fn create(path: &Path) -> Result<RejectsFile, Error> {
        let text = |name: &str| Field::new(name, DataType::Utf8, true);
        let mut fields: Vec<Field> =
            ["table", "file", "customer", "column", "value", "why"].map(text).to_vec();
        fields.insert(2, Field::new("line", DataType::Int64, true));
        let schema = Arc::new(Schema::new(fields));
        let writer = TableWriter::create(path, Some(Format::Csv), schema.clone())?;
        Ok(RejectsFile(Arc::new(Mutex::new(State { writer: Some(writer), schema, waiting: Vec::new() }))))
    }

    /// What takes the rows: for [`crate::ReadSettings::rejects`].
    pub fn sink(&self) -> Sink {
        let state = self.0.clone();
        Box::new(move |row| {
            let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
            state.waiting.push(row);
            if state.waiting.len() == TOGETHER { state.write() } else { Ok(()) }
        })
    }

    /// Ends the file.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn finish(self) -> Result<(), Error> {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        state.write()?;
        Ok(state.writer.take().map_or(Ok(()), TableWriter::finish)?)
    }
}

impl State {
    fn write(&mut self) -> Result<(), Error> {
        let rows = std::mem::take(&mut self.waiting);
        let text = |of: fn(&Rejected) -> &str| -> ArrayRef {
            let texts = rows.iter().map(|row| Some(of(row)).filter(|text| !text.is_empty()));
            Arc::new(texts.collect::<StringArray>())
        };
        let lines = rows.iter().map(|row| i64::try_from(row.line).ok().filter(|line| *line > 0));
        let columns = vec![
            text(|row| row.table),
            text(|row| &row.file),
            Arc::new(lines.collect::<Int64Array>()),
            text(|row| &row.customer),
            text(|row| &row.column),
            text(|row| &row.value),
            text(|row| &row.why),
        ];
        let batch = RecordBatch::try_new(self.schema.clone(), columns).map_err(DataError::from)?;
        match &mut self.writer {
            Some(writer) => Ok(writer.write(&batch)?),
            None => Ok(()),
        }
    }
}
