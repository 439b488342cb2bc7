//! The rows of a query, from one `COPY` in a transaction that only reads.
//!
//! The query is one SELECT (or VALUES, TABLE, WITH ... SELECT). Only the columns that are asked for leave the server: numbers in
//! binary, everything else as the text that PostgreSQL shows, booleans as `true` and `false`. NULL is missing; NaN and
//! infinity are values.

use crate::address::Address;
use crate::decode::{self, BlockError, Sent};
use crate::error::PostgresError;
use crate::server_error;
use crate::session::{Ended, Session};
use crate::table_name::quoted;
use crate::upsert::IdType;
use arrears_data::{Chunk, DataError, Form, RowReader};
use futures_util::{StreamExt, pin_mut};
use std::collections::HashMap;
use tokio::sync::mpsc;
use tokio_postgres::CopyOutStream;
use tokio_postgres::error::SqlState;
use tokio_postgres::types::Type;

/// Rows of a chunk, and bytes after which one ends.
const BLOCK_ROWS: usize = 8_192;
const BLOCK_BYTES: usize = 4 << 20;

/// The transaction: it only reads, and texts look the same whatever the server or the role are set to.
const BEGIN: &str = "begin isolation level repeatable read read only; set local datestyle = 'ISO'; \
     set local intervalstyle = 'postgres'; set local bytea_output = 'hex'; set local extra_float_digits = 3";

/// Blocks that are given at once.
const TOGETHER: usize = 8;

/// A query whose rows are to be read.
pub struct Query {
    session: Session,
    server: String,
    sql: String,
    columns: Vec<String>,
    types: Vec<Type>,
    asked: Vec<(usize, Form)>,
    stream: Option<Stream>,
}

/// Rows on their way.
struct Stream {
    columns: Vec<(String, Sent)>,
    blocks: mpsc::Receiver<Block>,
    /// Rows given so far.
    row: u64,
    ended: bool,
}

enum Block {
    Rows(Vec<u8>),
    Broken(String),
}

impl Query {
    /// Connects, and has the server look at the query, which is not run yet.
    ///
    /// # Errors
    /// When there is no connection, or the server does not take the query; then with the place in it.
    pub fn open(address: &Address, sql: &str) -> Result<Query, PostgresError> {
        let refused = |problem: String| PostgresError::Query { problem };
        let sql = sql.trim_end_matches(|c: char| c == ';' || c.is_whitespace());
        let session = Session::open(address)?;
        let prepared = session.runtime.block_on(async {
            session.client.batch_execute(BEGIN).await?;
            session.client.prepare(sql).await
        });
        let statement = prepared.map_err(|e| refused(server_error::text_of_query(&e, sql)))?;
        if !statement.params().is_empty() {
            return Err(refused("it has parameters such as $1; write the values in their place".to_owned()));
        }
        let columns: Vec<String> = statement.columns().iter().map(|c| c.name().to_owned()).collect();
        if columns.is_empty() {
            return Err(refused("it gives no columns; expected one SELECT".to_owned()));
        }
        if let Some((_, twice)) = columns.iter().enumerate().find(|(at, name)| columns[..*at].contains(name))
        {
            return Err(refused(format!("two columns are called `{twice}`; name one of them with AS")));
        }
        let types = statement.columns().iter().map(|c| c.type_().clone()).collect();
        let asked = (0..columns.len()).map(|at| (at, Form::Text)).collect();
        let (server, sql) = (address.name(), sql.to_owned());
        Ok(Query { session, server, sql, columns, types, asked, stream: None })
    }

    /// What messages call it.
    pub fn name(&self) -> String {
        format!("query on {}", self.server)
    }

    /// For each column the type that one of a table gets which holds its values as ids.
    pub fn id_types(&self) -> HashMap<String, IdType> {
        self.columns.iter().cloned().zip(self.types.iter().map(IdType::of)).collect()
    }

    /// Starts the copy.
    fn start(&self) -> Result<Stream, PostgresError> {
        let (mut selected, mut columns) = (Vec::new(), Vec::new());
        for (at, form) in &self.asked {
            let (name, number) = (quoted(&self.columns[*at]), Sent::number(&self.types[*at]));
            let sent = number.filter(|_| *form == Form::Number).unwrap_or(Sent::Text);
            let cast = if sent == Sent::Text { "::text" } else { "" };
            selected.push(format!("q.{name}{cast}"));
            columns.push((self.columns[*at].clone(), sent));
        }
        // The line ends keep a comment at the end of the query from what follows it.
        let (selected, sql) = (selected.join(", "), &self.sql);
        let copy = format!("copy (select {selected} from (\n{sql}\n) as q) to stdout (format binary)");
        let copied = self.session.runtime.block_on(self.session.client.copy_out(copy.as_str()));
        let copied = copied.map_err(|error| {
            let mut problem = server_error::text(&error);
            if [&SqlState::SYNTAX_ERROR, &SqlState::FEATURE_NOT_SUPPORTED].map(Some).contains(&error.code()) {
                problem += "; expected one SELECT, VALUES, TABLE or WITH ... SELECT, which only reads and has no `;`";
            }
            PostgresError::Query { problem }
        })?;
        let (sender, blocks) = mpsc::channel(TOGETHER);
        self.session.runtime.spawn(pass_on(copied, sender, self.session.ended.clone()));
        Ok(Stream { columns, blocks, row: 0, ended: false })
    }
}

impl RowReader for Query {
    fn columns(&self) -> &[String] {
        &self.columns
    }

    fn ask(&mut self, columns: Vec<(usize, Form)>) {
        self.asked = columns;
    }

    fn next_chunks(&mut self) -> Result<Option<Vec<Chunk>>, DataError> {
        let stream = match self.stream.take() {
            Some(stream) => stream,
            None => self.start().map_err(elsewhere)?,
        };
        let stream = self.stream.insert(stream);
        let mut chunks = Vec::new();
        while chunks.len() < TOGETHER && !stream.ended {
            chunks.extend(stream.next()?);
        }
        if chunks.is_empty() {
            // Its locks go before those of a table that is written are waited for.
            let _ = self.session.runtime.block_on(self.session.client.batch_execute("commit"));
        }
        Ok((!chunks.is_empty()).then_some(chunks))
    }
}

impl Stream {
    /// The next chunk; `None` at the end.
    fn next(&mut self) -> Result<Option<Chunk>, DataError> {
        let row = self.row + 1;
        let broken = |problem: String| elsewhere(PostgresError::Rows { row, problem });
        let block = match self.blocks.blocking_recv() {
            Some(Block::Rows(block)) => block,
            Some(Block::Broken(problem)) => return Err(broken(problem)),
            None => {
                self.ended = true;
                return Ok(None);
            }
        };
        let chunk = decode::chunk(&self.columns, &block, row).map_err(|error| match error {
            BlockError::Malformed => broken("its bytes are not what a server sends".to_owned()),
            BlockError::Data(error) => error,
        })?;
        self.row += chunk.as_ref().map_or(0, |c| (c.table.rows() + c.unreadable.len()) as u64);
        Ok(chunk)
    }
}

/// Gathers rows into blocks. One message is one row, so a block holds whole rows.
async fn pass_on(rows: CopyOutStream, blocks: mpsc::Sender<Block>, ended: Ended) {
    let last = match gathered(rows, &blocks, &ended).await {
        Ok(Some(last)) => Block::Rows(last),
        Ok(None) => return,
        Err(problem) => Block::Broken(problem),
    };
    // Who does not listen any more has no use for it.
    let _ = blocks.send(last).await;
}

/// The last block; `None` when nobody listens any more.
async fn gathered(
    rows: CopyOutStream,
    blocks: &mpsc::Sender<Block>,
    ended: &Ended,
) -> Result<Option<Vec<u8>>, String> {
    pin_mut!(rows);
    let (mut block, mut held, mut first) = (Vec::new(), 0, true);
    while let Some(row) = rows.next().await {
        let row = match row {
            Ok(row) => row,
            Err(error) => {
                // What came before an error is given before it.
                let _ = blocks.send(Block::Rows(block)).await;
                return Err(ended.text(&error));
            }
        };
        let bytes = match std::mem::take(&mut first) {
            true => decode::behind_signature(&row).map_err(|_| "it is no binary copy".to_owned())?,
            false => &row,
        };
        block.extend_from_slice(bytes);
        held += 1;
        if held == BLOCK_ROWS || block.len() >= BLOCK_BYTES {
            let next = Vec::with_capacity(block.len());
            let full = std::mem::replace(&mut block, next);
            if blocks.send(Block::Rows(full)).await.is_err() {
                return Ok(None);
            }
            held = 0;
        }
    }
    Ok(Some(block))
}

fn elsewhere(error: PostgresError) -> DataError {
    DataError::Elsewhere(Box::new(error))
}
