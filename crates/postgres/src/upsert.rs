//! Rows into a table, by id: all of them or none.
//!
//! One transaction from the check of the table to the end. Rows go by binary `COPY` into a temporary table, and at the end from
//! there into the table: those whose id it has are updated, the others inserted. Until then the table is not locked and others
//! see it as it was.

use crate::address::Address;
use crate::encode;
use crate::error::PostgresError;
use crate::server_error;
use crate::session::{Ended, Session};
use crate::table_name::{TableName, quoted};
use crate::target::{Target, ready, sql_type};
use arrears_data::arrow::array::RecordBatch;
use arrears_data::arrow::datatypes::{Schema, SchemaRef};
use arrears_data::{Elsewhere, RowWriter};
use bytes::Bytes;
use futures_util::{SinkExt, pin_mut};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::runtime::Runtime;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio_postgres::error::SqlState;
use tokio_postgres::types::Type;
use tokio_postgres::{Client, Error, Statement};

/// Bytes of a copy. Only at the end of one the server says what it does not like.
const COPY_BYTES: usize = 4 << 20;

/// Copies that wait.
const WAITING: usize = 2;

/// The table that the rows wait in.
const WAITING_ROOM: &str = "pg_temp.arrears_results";

/// The type of the ids of a table that is made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum IdType {
    /// Any text.
    #[default]
    Text,
    /// Integers.
    BigInt,
    /// Decimal numbers.
    Numeric,
    /// UUIDs.
    Uuid,
}

impl IdType {
    pub(crate) fn of(kind: &Type) -> IdType {
        match *kind {
            Type::INT2 | Type::INT4 | Type::INT8 => IdType::BigInt,
            Type::NUMERIC => IdType::Numeric,
            Type::UUID => IdType::Uuid,
            _ => IdType::Text,
        }
    }

    pub(crate) fn sql(self) -> &'static str {
        match self {
            IdType::Text => "text",
            IdType::BigInt => "bigint",
            IdType::Numeric => "numeric",
            IdType::Uuid => "uuid",
        }
    }
}

/// What was done to the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Written {
    /// Rows whose id the table did not have.
    pub inserted: u64,
    /// Rows whose id it had.
    pub updated: u64,
    /// Whether the table was made.
    pub made: bool,
}

/// Rows on their way into a table.
pub struct Upsert {
    rows: Rows,
    target: Target,
    schema: SchemaRef,
    copy: Option<Copy>,
    buffer: Vec<u8>,
    taken: u64,
    written: Arc<Mutex<Option<Written>>>,
}

/// The connection, and what the table is called in messages.
struct Rows {
    client: Arc<Client>,
    runtime: Runtime,
    ended: Ended,
    table: String,
}

/// Sends what it gets to the server, behind the back of whom makes the rows.
struct Copy {
    sender: mpsc::Sender<Bytes>,
    task: JoinHandle<Result<(), Error>>,
}

impl Upsert {
    /// Connects, begins a transaction and makes the table with the columns of `schema`, or checks that it takes them. The first
    /// column is the id. At the end `written` says what was done.
    ///
    /// # Errors
    /// When there is no connection, or the table does not take the rows.
    pub fn open(
        address: &Address,
        table: &TableName,
        schema: SchemaRef,
        id: IdType,
        written: Arc<Mutex<Option<Written>>>,
    ) -> Result<Upsert, PostgresError> {
        let Session { client, runtime, ended } = Session::open(address)?;
        let failed =
            |e: Error| PostgresError::Table { table: table.to_string(), problem: server_error::text(&e) };
        let (target, statement) = runtime.block_on(async {
            client.batch_execute("begin isolation level read committed read write").await.map_err(failed)?;
            let target = ready(&client, table, &schema, id).await?;
            client.batch_execute(&waiting_room(&schema)).await.map_err(failed)?;
            let copy = format!("copy {WAITING_ROOM} from stdin (format binary)");
            Ok::<_, PostgresError>((target, client.prepare(&copy).await.map_err(failed)?))
        })?;
        let client = Arc::new(client);
        let (sender, receiver) = mpsc::channel(WAITING);
        let task = runtime.spawn(feed(client.clone(), statement, receiver));
        let rows = Rows { client, runtime, ended, table: target.sql.clone() };
        let (copy, buffer) = (Some(Copy { sender, task }), Vec::with_capacity(COPY_BYTES));
        Ok(Upsert { rows, target, schema, copy, buffer, taken: 0, written })
    }

    /// Hands the buffer on; waits while the server is behind.
    fn send(&mut self) -> Result<(), PostgresError> {
        let Some(copy) = &self.copy else { return Ok(()) };
        if self.buffer.is_empty() {
            return Ok(());
        }
        encode::end(&mut self.buffer);
        let full = std::mem::replace(&mut self.buffer, Vec::with_capacity(COPY_BYTES));
        match copy.sender.blocking_send(full.into()) {
            Ok(()) => Ok(()),
            Err(_) => self.copied(),
        }
    }

    /// Waits for all copies to end.
    fn copied(&mut self) -> Result<(), PostgresError> {
        let Some(Copy { sender, task }) = self.copy.take() else { return Ok(()) };
        drop(sender);
        match self.rows.runtime.block_on(task) {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => Err(self.rows.failed(&error)),
            Err(stopped) => Err(self.rows.as_it_was(stopped.to_string())),
        }
    }

    /// From the temporary table into the table.
    fn merge(&self) -> Result<Written, PostgresError> {
        let client = &self.rows.client;
        let merged = self.rows.runtime.block_on(async {
            client.batch_execute("savepoint arrears").await?;
            // The parts of a table do not say which of their rows are new; the ids they have do, unless others write too.
            let known = match self.target.partitioned {
                true => Some(client.query_one(known(&self.target, &self.schema).as_str(), &[]).await?.get(0)),
                false => None,
            };
            let row = client.query_one(merge(&self.target, &self.schema).as_str(), &[]).await?;
            let (rows, inserted): (i64, Option<i64>) = (row.get(0), row.get(1));
            let updated = known.or(inserted.map(|inserted| rows - inserted)).unwrap_or_default();
            Ok((rows.unsigned_abs(), updated.unsigned_abs()))
        });
        let (rows, updated) = merged.map_err(|error: Error| match error.code() {
            Some(&SqlState::CARDINALITY_VIOLATION) => self.repeated(),
            _ => self.rows.failed(&error),
        })?;
        if rows != self.taken {
            return Err(self.rows.as_it_was(format!(
                "it keeps {rows} of {} rows; a trigger of the table leaves the others out, which is not asked for",
                self.taken
            )));
        }
        Ok(Written { inserted: rows.saturating_sub(updated), updated, made: self.target.made })
    }

    /// Which id comes more than once.
    fn repeated(&self) -> PostgresError {
        let id = id_in_sql(&self.target, &self.schema);
        let sql = format!(
            "select id::text, n, count(*) over () from (select {id} as id, count(*) as n from {WAITING_ROOM} \
             group by 1 having count(*) > 1) as repeated order by n desc, 1 limit 1"
        );
        let found = self.rows.runtime.block_on(async {
            self.rows.client.batch_execute("rollback to arrears").await?;
            self.rows.client.query_one(sql.as_str(), &[]).await
        });
        let row = match found {
            Ok(row) => row,
            Err(error) => return self.rows.failed(&error),
        };
        let (id, rows, ids): (String, i64, i64) = (row.get(0), row.get(1), row.get(2));
        let others =
            if ids > 1 { format!(", and {} more ids come more than once", ids - 1) } else { String::new() };
        self.rows.as_it_was(format!(
            "{rows} rows have the id `{id}`{others}; the table keeps one row for each id: leave the others out of the input"
        ))
    }

    fn commit(&self) -> Result<(), PostgresError> {
        let committed = self.rows.runtime.block_on(self.rows.client.batch_execute("commit"));
        committed.map_err(|error| match error.as_db_error() {
            Some(said) if *said.code() != SqlState::ADMIN_SHUTDOWN => self.rows.failed(&error),
            _ => PostgresError::Unknown {
                table: self.rows.table.clone(),
                problem: self.rows.ended.text(&error),
            },
        })
    }
}

impl Rows {
    fn as_it_was(&self, problem: String) -> PostgresError {
        PostgresError::Write { table: self.table.clone(), problem }
    }

    fn failed(&self, error: &Error) -> PostgresError {
        let hint = match error.code() {
            Some(&SqlState::LOCK_NOT_AVAILABLE) => "; someone else holds a lock on it: try again later",
            Some(&SqlState::T_R_DEADLOCK_DETECTED) => "; someone else writes the same rows: try again",
            _ => "",
        };
        self.as_it_was(self.ended.text(error) + hint)
    }
}

impl RowWriter for Upsert {
    fn write(&mut self, batch: &RecordBatch) -> Result<(), Elsewhere> {
        if let Some(row) = encode::first_blank(batch) {
            let id = self.schema.field(0).name();
            let problem = format!(
                "it has no id in `{id}`; leave such rows out of the input, or name another column of ids with --id"
            );
            let row = self.taken + row as u64 + 1;
            return Err(Box::new(PostgresError::Row { table: self.rows.table.clone(), row, problem }));
        }
        self.taken += batch.num_rows() as u64;
        if self.buffer.is_empty() {
            encode::begin(&mut self.buffer);
        }
        encode::rows(&mut self.buffer, batch);
        if self.buffer.len() >= COPY_BYTES {
            self.send()?;
        }
        Ok(())
    }

    fn finish(mut self: Box<Self>) -> Result<(), Elsewhere> {
        self.send()?;
        self.copied()?;
        let written = self.merge()?;
        self.commit()?;
        *self.written.lock().unwrap_or_else(PoisonError::into_inner) = Some(written);
        Ok(())
    }
}

/// Each buffer is a copy of its own.
async fn feed(client: Arc<Client>, copy: Statement, mut buffers: mpsc::Receiver<Bytes>) -> Result<(), Error> {
    while let Some(buffer) = buffers.recv().await {
        let sink = client.copy_in(&copy).await?;
        pin_mut!(sink);
        // Where sending fails, the end says why.
        let _ = sink.send(buffer).await;
        sink.finish().await?;
    }
    Ok(())
}

/// The temporary table: the columns as they are sent.
fn waiting_room(schema: &Schema) -> String {
    let columns = schema.fields().iter().map(|f| format!("{} {}", quoted(f.name()), sql_type(f.data_type())));
    let columns = columns.collect::<Vec<_>>().join(", ");
    format!("create temporary table {WAITING_ROOM} ({columns}) on commit drop")
}

fn id_in_sql(target: &Target, schema: &Schema) -> String {
    format!("{}::{}", quoted(schema.field(0).name()), target.id_type)
}

/// How many of the ids the table has.
fn known(target: &Target, schema: &Schema) -> String {
    let (id, name) = (id_in_sql(target, schema), quoted(schema.field(0).name()));
    let ids = format!("select {id} from {WAITING_ROOM}");
    format!("select count(*) from {} where {name} in ({ids})", target.sql)
}

/// Inserts and updates; says how many rows, and how many of them are new, where the table can tell.
fn merge(target: &Target, schema: &Schema) -> String {
    let names: Vec<String> = schema.fields().iter().map(|field| quoted(field.name())).collect();
    let (columns, id, rest) = (names.join(", "), &names[0], &names[1..]);
    let values = std::iter::once(id_in_sql(target, schema)).chain(rest.iter().cloned());
    let values = values.collect::<Vec<_>>().join(", ");
    let changes: Vec<String> = rest.iter().map(|name| format!("{name} = excluded.{name}")).collect();
    // A row that was inserted has nobody who updated it.
    let new = if target.partitioned { "null::boolean" } else { "xmax = 0" };
    let count = if target.partitioned { "null::bigint" } else { "count(*) filter (where new)" };
    format!(
        "with done as (insert into {} ({columns}) select {values} from {WAITING_ROOM} \
         on conflict ({id}) do update set {} returning {new} as new) \
         select count(*), {count} from done",
        target.sql,
        changes.join(", ")
    )
}
