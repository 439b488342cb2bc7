//! Rows behind those of tables, in one transaction with what goes before: all of it or nothing.

use crate::address::Address;
use crate::encode;
use crate::error::PostgresError;
use crate::server_error;
use crate::session::Session;
use crate::table_name::quoted;
use arrears_data::arrow::array::RecordBatch;
use bytes::Bytes;
use futures_util::{SinkExt, pin_mut};
use tokio_postgres::Error;
use tokio_postgres::error::SqlState;

/// Bytes of a copy.
const COPY_BYTES: usize = 4 << 20;

/// A transaction. Dropped, it never was.
pub struct Append {
    session: Session,
    /// What messages call it.
    what: String,
    /// The copy that waits: its statement and its bytes.
    copy: String,
    buffer: Vec<u8>,
}

impl Append {
    /// Connects, begins a transaction and runs statements in it. `what` is written to, in messages.
    ///
    /// # Errors
    /// When there is no connection, or the server does not take the statements.
    pub fn begin(address: &Address, what: &str, statements: &str) -> Result<Append, PostgresError> {
        let session = Session::open(address)?;
        let what = format!("{what} on {}", address.name());
        let mut append = Append { session, what, copy: String::new(), buffer: Vec::new() };
        append.execute(
            "begin isolation level read committed read write; set local client_min_messages = warning",
        )?;
        append.execute(statements)?;
        Ok(append)
    }

    /// Runs statements.
    ///
    /// # Errors
    /// What the server says.
    pub fn execute(&mut self, statements: &str) -> Result<(), PostgresError> {
        self.flush()?;
        self.session
            .runtime
            .block_on(self.session.client.batch_execute(statements))
            .map_err(|e| self.failed(&e))
    }

    /// Adds rows to a table, given as SQL names it. Columns are found by name and have the types that [`Upsert`](crate::Upsert)
    /// gives a table that it makes.
    ///
    /// # Errors
    /// What the server says, perhaps of rows that were given before.
    pub fn write(&mut self, table: &str, batch: &RecordBatch) -> Result<(), PostgresError> {
        let schema = batch.schema();
        let columns: Vec<String> = schema.fields().iter().map(|field| quoted(field.name())).collect();
        let copy = format!("copy {table} ({}) from stdin (format binary)", columns.join(", "));
        if copy != self.copy {
            self.flush()?;
            self.copy = copy;
        }
        if self.buffer.is_empty() {
            encode::begin(&mut self.buffer);
        }
        encode::rows(&mut self.buffer, batch);
        if self.buffer.len() >= COPY_BYTES { self.flush() } else { Ok(()) }
    }

    /// Sends the copy that waits.
    fn flush(&mut self) -> Result<(), PostgresError> {
        if self.buffer.is_empty() {
            return Ok(());
        }
        encode::end(&mut self.buffer);
        let full = Bytes::from(std::mem::take(&mut self.buffer));
        let client = &self.session.client;
        let sent = self.session.runtime.block_on(async {
            let sink = client.copy_in(self.copy.as_str()).await?;
            pin_mut!(sink);
            // Where sending fails, the end says why.
            let _ = sink.send(full).await;
            sink.finish().await
        });
        sent.map(|_| ()).map_err(|error| self.failed(&error))
    }

    /// Keeps what was done.
    ///
    /// # Errors
    /// What the server says of the last rows; [`PostgresError::Unknown`] when the end of the last step was not heard of.
    pub fn commit(mut self) -> Result<(), PostgresError> {
        self.flush()?;
        let committed = self.session.runtime.block_on(self.session.client.batch_execute("commit"));
        committed.map_err(|error| match error.as_db_error() {
            Some(said) if *said.code() != SqlState::ADMIN_SHUTDOWN => self.failed(&error),
            _ => PostgresError::Unheard { what: self.what.clone(), problem: self.session.ended.text(&error) },
        })
    }

    fn failed(&self, error: &Error) -> PostgresError {
        let text = match error.is_closed() {
            true => self.session.ended.text(error),
            false => server_error::text(error),
        };
        let hint = match error.code() {
            Some(&SqlState::LOCK_NOT_AVAILABLE) => "; someone else is writing: try again when that has ended",
            Some(&SqlState::T_R_DEADLOCK_DETECTED) => "; someone else writes the same rows: try again",
            _ => "",
        };
        PostgresError::Append { what: self.what.clone(), problem: text + hint }
    }
}
