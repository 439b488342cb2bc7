//! Databases on the command line: rows from a query, results into a table.

use crate::show;
use anyhow::bail;
use arrears_data::RowWriter;
use arrears_data::arrow::datatypes::SchemaRef;
use arrears_postgres::{Address, IdType, Query, TableName, Upsert, Written, is_address};
use arrears_serve::{Input, Output};
use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

/// The flags of a database.
#[derive(Debug, clap::Args)]
pub(crate) struct DatabaseArgs {
    /// PostgreSQL server to read from, in place of DATA: postgres://USER@HOST/DATABASE
    #[arg(long, value_name = "URL", requires = "query", conflicts_with_all = ["data", "input_format", "resume"], help_heading = "Databases")]
    pub(crate) from: Option<String>,
    /// SELECT that gives the customers, one a row; its columns are found by name
    #[arg(long, value_name = "SQL", help_heading = "Databases")]
    query: Option<String>,
    /// PostgreSQL server to write to, in place of OUT
    #[arg(long, value_name = "URL", requires = "table", conflicts_with_all = ["output", "format", "resume"], help_heading = "Databases")]
    pub(crate) to: Option<String>,
    /// Table to write to, NAME or SCHEMA.NAME: made where it is not there; rows whose id it has are updated
    #[arg(long, value_name = "TABLE", help_heading = "Databases")]
    table: Option<String>,
}

/// Refuses the address of a database where a file is expected. It is not repeated, for it may hold a password.
pub(crate) fn refuse_addresses<'a>(files: impl IntoIterator<Item = &'a Path>) -> anyhow::Result<()> {
    if files.into_iter().any(|file| file.to_str().is_some_and(is_address)) {
        bail!(
            "the address of a database stands where a file is expected; read with --from URL --query SQL, write with --to URL --table TABLE"
        );
    }
    Ok(())
}

/// What a run writes into a table.
pub(crate) struct IntoTable {
    address: Address,
    table: TableName,
    written: Arc<Mutex<Option<Written>>>,
}

impl DatabaseArgs {
    /// Refuses a query or a table that has no server.
    pub(crate) fn check(&self) -> anyhow::Result<()> {
        match (&self.from, &self.query, &self.to, &self.table) {
            (None, Some(_), ..) => bail!("--query needs a server to ask: --from URL, in place of DATA"),
            (.., None, Some(_)) => bail!("--table needs a server to write to: --to URL, in place of -o"),
            _ => Ok(()),
        }
    }

    /// The query, which the server has looked at; `None` where rows come from a file.
    pub(crate) fn query(&self) -> anyhow::Result<Option<Query>> {
        let (Some(url), Some(sql)) = (&self.from, &self.query) else { return Ok(None) };
        Ok(Some(Query::open(&Address::parse(url)?, sql)?))
    }

    /// The table; `None` where rows go into a file.
    pub(crate) fn table(&self) -> anyhow::Result<Option<IntoTable>> {
        let (Some(url), Some(table)) = (&self.to, &self.table) else { return Ok(None) };
        let (address, table) = (Address::parse(url)?, TableName::parse(table)?);
        Ok(Some(IntoTable { address, table, written: Arc::default() }))
    }
}

/// The rows of a query.
pub(crate) fn input(query: Query) -> Input {
    Input::Rows { name: query.name(), rows: Box::new(query) }
}

impl IntoTable {
    /// The table as an output; one that is made has ids of the type that `ids` has for the name of their column.
    pub(crate) fn output(&self, ids: HashMap<String, IdType>) -> Output {
        let IntoTable { address, table, written } = self;
        let name = format!("table {table} on {}", address.name());
        let (address, table, written) = (address.clone(), table.clone(), written.clone());
        let open = Box::new(move |schema: SchemaRef| {
            let id = ids.get(schema.field(0).name()).copied().unwrap_or_default();
            let upsert = Upsert::open(&address, &table, schema, id, written)?;
            Ok(Box::new(upsert) as Box<dyn RowWriter>)
        });
        Output::Rows { name, open }
    }

    /// What was done, once all rows are there.
    pub(crate) fn report(&self) -> Option<String> {
        let written = (*self.written.lock().unwrap_or_else(PoisonError::into_inner))?;
        let Written { inserted, updated, made } = written;
        let made = if made { ", which was made" } else { "" };
        Some(format!(
            "{} rows written into table {}{made}: {} inserted, {} updated",
            show::count(inserted + updated),
            self.table,
            show::count(inserted),
            show::count(updated)
        ))
    }
}
