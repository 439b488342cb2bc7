//! A history in a SQLite file.

use super::{Store, TABLES};
use crate::error::AssessError;
use arrears_data::arrow::array::{Array, ArrayRef, Float64Builder, RecordBatch, StringBuilder};
use arrears_data::table::ColumnData;
use arrears_data::{Form, Table};
use rusqlite::types::ValueRef;
use rusqlite::{Connection, Error, ErrorCode, OpenFlags};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// How long a run waits for those who read the file.
const READERS: Duration = Duration::from_secs(60);

/// Rows that are read at once.
const TOGETHER: usize = 8_192;

/// A file, and in it an open transaction.
pub(super) struct SqliteStore {
    connection: Connection,
    file: String,
    had_tables: bool,
}

impl SqliteStore {
    pub(super) fn open(path: &Path, write: bool) -> Result<SqliteStore, AssessError> {
        let file = path.display().to_string();
        let failed = |error: Error| failed(&file, &error);
        let flags = match write {
            true => OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE,
            // A run that was killed is undone when the file is opened, for which it has to be written.
            false => OpenFlags::SQLITE_OPEN_READ_WRITE,
        };
        let connection =
            Connection::open_with_flags(path, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX).map_err(failed)?;
        connection.execute_batch(if write { "begin immediate" } else { "begin" }).map_err(failed)?;
        // Whoever writes already has been told of by now; what may still be in the way are readers, who end soon.
        connection.busy_timeout(READERS).map_err(failed)?;
        let sql = "select count(*) from sqlite_master where type = 'table' and name in ('arrears_runs', 'arrears_standings')";
        let tables: i64 = connection.query_row(sql, [], |row| row.get(0)).map_err(failed)?;
        if write {
            connection.execute_batch(TABLES).map_err(failed)?;
        }
        Ok(SqliteStore { connection, file, had_tables: tables == 2 })
    }

    fn failed(&self, error: &Error) -> AssessError {
        failed(&self.file, error)
    }
}

fn failed(file: &str, error: &Error) -> AssessError {
    let hint = match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
            "; another run is being written, or someone else keeps the file locked: try again when that has ended"
        }
        Some(ErrorCode::NotADatabase) => "; name another file with `history` in [assess] or with --history",
        Some(ErrorCode::CannotOpen) => "; check the name and the folder",
        _ => "",
    };
    AssessError::History { place: file.to_owned(), problem: format!("{error}{hint}") }
}

/// A column that is being read.
enum Column {
    Numbers(Float64Builder),
    Texts(StringBuilder),
}

impl Column {
    fn of(form: Form) -> Column {
        match form {
            Form::Number => Column::Numbers(Float64Builder::new()),
            Form::Text => Column::Texts(StringBuilder::new()),
        }
    }

    /// A value of another kind than the column is missing.
    fn push(&mut self, value: ValueRef<'_>) {
        match (self, value) {
            (Column::Numbers(x), ValueRef::Integer(value)) => x.append_value(value as f64),
            (Column::Numbers(x), ValueRef::Real(value)) => x.append_value(value),
            (Column::Numbers(x), _) => x.append_null(),
            (Column::Texts(texts), value) => texts.append_option(value.as_str().ok()),
        }
    }

    fn finish(&mut self) -> ArrayRef {
        match self {
            Column::Numbers(x) => Arc::new(x.finish()),
            Column::Texts(texts) => Arc::new(texts.finish()),
        }
    }
}

impl Store for SqliteStore {
    fn has_tables(&mut self) -> Result<bool, AssessError> {
        Ok(self.had_tables)
    }

    fn read(
        &mut self,
        sql: &str,
        columns: &[(&str, Form)],
        take: &mut dyn FnMut(&Table) -> Result<(), AssessError>,
    ) -> Result<(), AssessError> {
        let mut statement = self.connection.prepare(sql).map_err(|e| self.failed(&e))?;
        let mut rows = statement.query([]).map_err(|e| self.failed(&e))?;
        let mut made: Vec<Column> = columns.iter().map(|(_, form)| Column::of(*form)).collect();
        let mut held = 0;
        loop {
            let row = rows.next().map_err(|e| self.failed(&e))?;
            let ended = row.is_none();
            if let Some(row) = row {
                for (at, column) in made.iter_mut().enumerate() {
                    column.push(row.get_ref(at).map_err(|e| self.failed(&e))?);
                }
                held += 1;
            }
            if held == TOGETHER || (ended && held > 0) {
                let arrays = columns
                    .iter()
                    .zip(&mut made)
                    .map(|((name, _), column)| ((*name).to_owned(), column.finish()));
                take(&Table::new(arrays.collect(), (1..=held as u64).collect())?)?;
                held = 0;
            }
            if ended {
                return Ok(());
            }
        }
    }

    fn execute(&mut self, sql: &str) -> Result<(), AssessError> {
        self.connection.execute_batch(sql).map_err(|e| self.failed(&e))
    }

    fn append(&mut self, table: &str, batch: &RecordBatch) -> Result<(), AssessError> {
        let failed = |error: Error| failed(&self.file, &error);
        let schema = batch.schema();
        let names: Vec<&str> = schema.fields().iter().map(|field| field.name().as_str()).collect();
        let places = vec!["?"; names.len()].join(", ");
        let sql = format!("insert into {table} ({}) values ({places})", names.join(", "));
        let mut statement = self.connection.prepare(&sql).map_err(failed)?;
        let columns: Vec<ColumnData<'_>> = batch.columns().iter().map(ColumnData::of).collect();
        for row in 0..batch.num_rows() {
            for (at, column) in columns.iter().enumerate() {
                statement.raw_bind_parameter(at + 1, value(*column, row)).map_err(failed)?;
            }
            statement.raw_execute().map_err(failed)?;
        }
        Ok(())
    }

    fn commit(self: Box<Self>) -> Result<(), AssessError> {
        self.connection.execute_batch("commit").map_err(|e| self.failed(&e))
    }
}

/// A value as SQLite takes it, without a copy.
fn value(column: ColumnData<'_>, row: usize) -> rusqlite::types::ToSqlOutput<'_> {
    rusqlite::types::ToSqlOutput::Borrowed(match column {
        ColumnData::Number(x) if x.is_valid(row) && !x.value(row).is_nan() => ValueRef::Real(x.value(row)),
        ColumnData::Integer(x) if x.is_valid(row) => ValueRef::Integer(x.value(row)),
        ColumnData::Text(texts) if texts.is_valid(row) => ValueRef::Text(texts.value(row).as_bytes()),
        ColumnData::Category { codes, texts } if codes.is_valid(row) => {
            ValueRef::Text(texts.value(codes.value(row) as usize).as_bytes())
        }
        _ => ValueRef::Null,
    })
}
