//! The table that rows go into: made where it is not there, looked at where it is.

use crate::error::PostgresError;
use crate::server_error;
use crate::table_name::{MAX_NAME, TableName, quoted};
use crate::upsert::IdType;
use arrears_data::arrow::datatypes::{DataType, Schema};
use tokio_postgres::types::{Oid, Type};
use tokio_postgres::{Client, Error, Row};

/// A table that takes the rows.
pub(crate) struct Target {
    /// The table in SQL, with its schema.
    pub(crate) sql: String,
    /// The type that ids are brought to, in SQL.
    pub(crate) id_type: String,
    /// Whether it was made now.
    pub(crate) made: bool,
    /// Whether its rows lie in other tables.
    pub(crate) partitioned: bool,
}

/// A column of a table.
struct Column {
    name: String,
    number: i16,
    /// The type, that behind a domain.
    base: Oid,
    /// The type as it is called, with its length and without.
    shown: String,
    plain: String,
    /// Whether each row needs a value that only whoever inserts it can give.
    needed: bool,
}

/// What a type in `schema` is called in a table.
pub(crate) fn sql_type(kind: &DataType) -> &'static str {
    match kind {
        DataType::Float64 => "double precision",
        DataType::Int64 => "bigint",
        _ => "text",
    }
}

/// Makes the table with the columns of `schema`, the first of which is the key, or checks that it takes them.
pub(crate) async fn ready(
    client: &Client,
    name: &TableName,
    schema: &Schema,
    id: IdType,
) -> Result<Target, PostgresError> {
    let bad = |problem: String| PostgresError::Table { table: name.to_string(), problem };
    let failed = |error: Error| bad(server_error::text(&error));
    if let Some(long) = schema.fields().iter().find(|field| field.name().len() > MAX_NAME) {
        let problem = format!("`{}` is longer than the {MAX_NAME} bytes of a column's name", long.name());
        return Err(bad(problem));
    }
    let found = look(client, name).await.map_err(failed)?;
    let made = found.is_none();
    let row = match found {
        Some(row) => row,
        None => {
            client.batch_execute(&create(name, schema, id)).await.map_err(failed)?;
            let made = look(client, name).await.map_err(failed)?;
            made.ok_or_else(|| bad("it was made and is not found; name its schema too".to_owned()))?
        }
    };
    let (oid, sql) = (row.get::<_, Oid>(0), format!("{}.{}", quoted(row.get(1)), quoted(row.get(2))));
    check_kind(&row, &sql).map_err(bad)?;
    let columns = columns(client, oid).await.map_err(failed)?;
    let id = check_columns(&columns, schema, &sql).map_err(bad)?;
    if !has_key(client, oid, id.number).await.map_err(failed)? {
        let id = quoted(&id.name);
        return Err(bad(format!(
            "no unique key on {id} alone, by which a row would be found again; add one: alter table {sql} add unique ({id})"
        )));
    }
    Ok(Target { sql, id_type: id.plain.clone(), made, partitioned: row.get::<_, &str>(3) == "p" })
}

fn create(name: &TableName, schema: &Schema, id: IdType) -> String {
    let columns = schema.fields().iter().enumerate().map(|(at, field)| {
        let kind = match field.data_type() {
            DataType::Utf8 if at == 0 => id.sql(),
            kind => sql_type(kind),
        };
        let key = if at == 0 { " primary key" } else { "" };
        format!("{} {kind}{key}", quoted(field.name()))
    });
    format!("create table {name} ({})", columns.collect::<Vec<_>>().join(", "))
}

async fn look(client: &Client, name: &TableName) -> Result<Option<Row>, Error> {
    let sql = "select c.oid, n.nspname, c.relname, c.relkind::text, \
         has_any_column_privilege(c.oid, 'select') and has_any_column_privilege(c.oid, 'insert') \
         and has_any_column_privilege(c.oid, 'update'), current_user::text \
         from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace \
         where c.oid = pg_catalog.to_regclass($1)";
    client.query_opt(sql, &[&name.to_string()]).await
}

/// Checks that it is a table, and that it may be written.
fn check_kind(row: &Row, sql: &str) -> Result<(), String> {
    let kind: &str = row.get(3);
    if !matches!(kind, "r" | "p") {
        let found = match kind {
            "v" => "a view",
            "m" => "a materialized view",
            "f" => "a foreign table",
            _ => "no table",
        };
        return Err(format!("it is {found}; expected an ordinary table"));
    }
    match row.get(4) {
        true => Ok(()),
        false => Err(format!(
            "user {user} may not read and write it; grant select, insert, update on {sql} to {user}",
            user = quoted(row.get(5))
        )),
    }
}

async fn columns(client: &Client, table: Oid) -> Result<Vec<Column>, Error> {
    let sql = "select a.attname, a.attnum, case t.typtype when 'd' then t.typbasetype else t.oid end, \
         pg_catalog.format_type(a.atttypid, a.atttypmod), pg_catalog.format_type(a.atttypid, -1), \
         a.attnotnull and not a.atthasdef and a.attidentity = '' \
         from pg_catalog.pg_attribute a join pg_catalog.pg_type t on t.oid = a.atttypid \
         where a.attrelid = $1 and a.attnum > 0 and not a.attisdropped order by a.attnum";
    let column = |row: &Row| Column {
        name: row.get(0),
        number: row.get(1),
        base: row.get(2),
        shown: row.get(3),
        plain: row.get(4),
        needed: row.get(5),
    };
    Ok(client.query(sql, &[&table]).await?.iter().map(column).collect())
}

/// Checks that each column of the schema is there and takes its values, and that no other has to have one. Returns the
/// first one's.
fn check_columns<'c>(columns: &'c [Column], schema: &Schema, sql: &str) -> Result<&'c Column, String> {
    let (mut first, mut missing, mut problems) = (None, Vec::new(), Vec::new());
    for (at, field) in schema.fields().iter().enumerate() {
        let Some(column) = columns.iter().find(|column| column.name == *field.name()) else {
            missing.push(format!("add column {} {}", quoted(field.name()), sql_type(field.data_type())));
            continue;
        };
        if at == 0 {
            first = Some(column);
        }
        if !takes(column.base, field.data_type(), at == 0) {
            let (name, shown) = (quoted(field.name()), &column.shown);
            problems.push(format!("{name} is {shown}; expected {}", sql_type(field.data_type())));
        }
    }
    if !missing.is_empty() {
        problems.push(format!("columns are missing; add them: alter table {sql} {}", missing.join(", ")));
        return Err(problems.join("; "));
    }
    let ours = |column: &Column| schema.fields().iter().any(|field| *field.name() == column.name);
    let others = columns.iter().filter(|column| column.needed && !ours(column));
    problems.extend(others.map(|column| {
        let name = quoted(&column.name);
        format!("{name} must not be null and has no default; add one: alter table {sql} alter {name} set default ...")
    }));
    first.filter(|_| problems.is_empty()).ok_or_else(|| problems.join("; "))
}

/// Whether a column keeps each value as it is. An id is brought to the column's type, whatever that is.
fn takes(base: Oid, kind: &DataType, id: bool) -> bool {
    let any = |types: &[Type]| types.iter().any(|t| t.oid() == base);
    let text = any(&[Type::TEXT, Type::VARCHAR]);
    let integer = any(&[Type::INT2, Type::INT4, Type::INT8, Type::NUMERIC]);
    match kind {
        DataType::Float64 => any(&[Type::FLOAT8]),
        DataType::Int64 => integer || (id && text),
        _ => text || id,
    }
}

/// Whether no two rows can have the same value in a column, by a key that an upsert can go by.
async fn has_key(client: &Client, table: Oid, column: i16) -> Result<bool, Error> {
    let sql = "select exists (select from pg_catalog.pg_index i where i.indrelid = $1 and i.indisunique \
         and i.indisvalid and i.indimmediate and i.indpred is null and i.indexprs is null \
         and i.indnkeyatts = 1 and i.indkey[0] = $2)";
    Ok(client.query_one(sql, &[&table, &column]).await?.get(0))
}
