//! What the crate promises, one module a topic.
#![allow(clippy::unwrap_used, reason = "a helper that fails fails its test")]

mod any_bytes;
mod by_schema;
mod cleaning;
mod csv_in;
mod inference;
mod many_rows;
mod ndjson_in;
mod parquet_in;
mod real_data;
mod recipe;
mod snapshots;
mod splitting;
mod tables;
mod weights_and_amounts;
mod writing;

use arrears_data::{DataError, Format, Loaded, Source, Table, open_reader, read_bytes};
use std::io::Cursor;

/// Reads CSV text whole.
fn csv(text: impl AsRef<[u8]>) -> Loaded {
    read_bytes("test.csv", Format::Csv, text.as_ref()).unwrap()
}

/// The error of reading CSV text whole.
fn csv_error(text: impl AsRef<[u8]>) -> DataError {
    read_bytes("test.csv", Format::Csv, text.as_ref()).unwrap_err()
}

/// A source over bytes, with small chunks.
fn source(format: Format, bytes: &[u8], chunk_rows: usize) -> Source {
    let options = arrears_data::ReadOptions { chunk_rows, ..Default::default() };
    open_reader("test", format, Cursor::new(bytes.to_vec()), &options).unwrap()
}

/// A column as text, missing as `None`; only "" counts as missing.
fn texts(table: &Table, column: &str) -> Vec<Option<String>> {
    let column = table.column(column).unwrap();
    (0..table.rows()).map(|row| column.text(row, &[]).map(|t| t.into_owned())).collect()
}

/// The same, for columns without missing values.
fn full(table: &Table, column: &str) -> Vec<String> {
    texts(table, column).into_iter().map(Option::unwrap).collect()
}
