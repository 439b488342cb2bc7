//! A history in a PostgreSQL database.

use super::{Store, TABLES};
use crate::error::AssessError;
use arrears_data::arrow::array::RecordBatch;
use arrears_data::{Form, RowReader, Table};
use arrears_model::Value;
use arrears_postgres::{Address, Append, Query};

/// The lock under which a run is written: others may read, none may write. Whoever comes second is told, and does not wait.
const LOCK: &str = "lock table arrears_runs in share row exclusive mode nowait";

/// A database; what is written goes through one transaction, what is read through others that see what was committed.
pub(super) struct PostgresStore {
    address: Address,
    append: Option<Append>,
}

impl PostgresStore {
    pub(super) fn open(address: &Address, write: bool) -> Result<PostgresStore, AssessError> {
        let mut store = PostgresStore { address: address.clone(), append: None };
        if write {
            // Whoever may only write rows, in tables that others made, is not asked to make any.
            let tables = if store.has_tables()? { "" } else { TABLES };
            store.append = Some(Append::begin(address, "the history", &format!("{tables} {LOCK}"))?);
        }
        Ok(store)
    }
}

impl Store for PostgresStore {
    fn has_tables(&mut self) -> Result<bool, AssessError> {
        let sql = "select case when to_regclass('arrears_runs') is null then 0 else 1 end as tables";
        let mut tables = 0.0;
        self.read(sql, &[("tables", Form::Number)], &mut |table| {
            if let Some(Value::Number(x)) = table.column("tables").map(|column| column.value(0)) {
                tables = x;
            }
            Ok(())
        })?;
        Ok(tables == 1.0)
    }

    fn read(
        &mut self,
        sql: &str,
        columns: &[(&str, Form)],
        take: &mut dyn FnMut(&Table) -> Result<(), AssessError>,
    ) -> Result<(), AssessError> {
        let mut query = Query::open(&self.address, sql)?;
        query.ask(columns.iter().enumerate().map(|(at, (_, form))| (at, *form)).collect());
        while let Some(chunks) = query.next_chunks()? {
            chunks.iter().try_for_each(|chunk| take(&chunk.table))?;
        }
        Ok(())
    }

    fn execute(&mut self, sql: &str) -> Result<(), AssessError> {
        Ok(self.append.as_mut().map_or(Ok(()), |append| append.execute(sql))?)
    }

    fn append(&mut self, table: &str, batch: &RecordBatch) -> Result<(), AssessError> {
        Ok(self.append.as_mut().map_or(Ok(()), |append| append.write(table, batch))?)
    }

    fn commit(self: Box<Self>) -> Result<(), AssessError> {
        Ok(self.append.map_or(Ok(()), Append::commit)?)
    }
}
