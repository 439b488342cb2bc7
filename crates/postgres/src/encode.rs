//! Batches as the bytes of a binary `COPY ... FROM STDIN`; see `decode` for their form.

use arrears_data::arrow::array::{Array, RecordBatch};
use arrears_data::table::ColumnData;

/// Adds what comes before the first row.
pub(crate) fn begin(out: &mut Vec<u8>) {
    out.extend_from_slice(b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0");
}

/// Adds what comes behind the last row.
pub(crate) fn end(out: &mut Vec<u8>) {
    out.extend_from_slice(&(-1_i16).to_be_bytes());
}

/// Adds the rows of a batch: texts, doubles and integers of 64 bits. Missing values and NaN are NULL.
pub(crate) fn rows(out: &mut Vec<u8>, batch: &RecordBatch) {
    let columns: Vec<ColumnData<'_>> = batch.columns().iter().map(ColumnData::of).collect();
    let width = columns.len() as i16;
    for row in 0..batch.num_rows() {
        out.extend_from_slice(&width.to_be_bytes());
        columns.iter().for_each(|column| field(out, *column, row));
    }
}

/// The first row whose value in the first column is missing or blank.
pub(crate) fn first_blank(batch: &RecordBatch) -> Option<usize> {
    let ids = ColumnData::of(batch.columns().first()?);
    (0..batch.num_rows()).find(|row| match ids {
        ColumnData::Text(texts) => texts.is_null(*row) || texts.value(*row).trim().is_empty(),
        ColumnData::Integer(numbers) => numbers.is_null(*row),
        ColumnData::Number(numbers) => numbers.is_null(*row) || numbers.value(*row).is_nan(),
        ColumnData::Category { codes, .. } => codes.is_null(*row),
    })
}

fn field(out: &mut Vec<u8>, column: ColumnData<'_>, row: usize) {
    match column {
        ColumnData::Number(x) if x.is_valid(row) && !x.value(row).is_nan() => {
            value(out, &x.value(row).to_be_bytes());
        }
        ColumnData::Integer(x) if x.is_valid(row) => value(out, &x.value(row).to_be_bytes()),
        ColumnData::Text(texts) if texts.is_valid(row) => value(out, texts.value(row).as_bytes()),
        ColumnData::Category { codes, texts } if codes.is_valid(row) => {
            value(out, texts.value(codes.value(row) as usize).as_bytes());
        }
        _ => out.extend_from_slice(&(-1_i32).to_be_bytes()),
    }
}

fn value(out: &mut Vec<u8>, bytes: &[u8]) {
    // An arrow array of text holds less than 2 GiB.
    out.extend_from_slice(&(bytes.len() as i32).to_be_bytes());
    out.extend_from_slice(bytes);
}
