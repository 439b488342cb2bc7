//! An Arrow IPC stream in memory, as a service gets it from a caller.

use crate::caught::caught;
use crate::error::DataError;
use crate::parquet_columns::{EXACT, converted, target_of_kind};
use crate::table::{LeftOut, Table};
use arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use arrow::buffer::Buffer;
use arrow::compute::cast;
use arrow::datatypes::{DataType, Int64Type};
use arrow::ipc::reader::StreamDecoder;
use bytes::Bytes;

/// Most bytes that the texts of one column of a batch may take when dictionaries and views are written out.
const MOST_TEXT: usize = 256 << 20;

/// Reads the columns called `names` of a stream, one table a batch; names that the stream lacks are passed over. Columns
/// become what they become of a Parquet file: text, doubles or integers. Rows are numbered from 1.
///
/// # Errors
/// When the bytes are no Arrow stream or a damaged one, or when there are more than `most_rows` rows.
pub fn read_arrow_stream(
    name: &str,
    bytes: Bytes,
    names: &[&str],
    most_rows: usize,
) -> Result<Vec<Table>, DataError> {
    let bad = |problem: String| DataError::NotTheFormat {
        name: name.to_owned(),
        expected: "an Arrow IPC stream",
        problem,
    };
    // The decoder panics over some headers that it does not know; whoever sends them must not stop more than his request.
    match caught(|| decode(name, bytes, names, most_rows)) {
        Some(Ok(tables)) => Ok(tables),
        Some(Err(DataError::Arrow(error))) => Err(bad(error.to_string())),
        Some(Err(error)) => Err(error),
        None => Err(bad("its header is damaged".to_owned())),
    }
}

/// Takes batch after batch from the bytes; memory goes by what is there, not by what headers claim.
fn decode(name: &str, bytes: Bytes, names: &[&str], most_rows: usize) -> Result<Vec<Table>, DataError> {
    if bytes.is_empty() {
        return Err(DataError::Empty { name: name.to_owned(), expected: "an Arrow IPC stream" });
    }
    let mut buffer = Buffer::from(bytes);
    let mut decoder = StreamDecoder::new();
    let (mut tables, mut rows) = (Vec::new(), 0_usize);
    while !buffer.is_empty() {
        let Some(batch) = decoder.decode(&mut buffer)? else { continue };
        let before = rows;
        rows = rows.saturating_add(batch.num_rows());
        if rows > most_rows {
            let problem = format!("it has more than {most_rows} rows");
            return Err(DataError::TooLarge { name: name.to_owned(), problem });
        }
        tables.push(table_of(name, &batch, names, before)?);
    }
    decoder.finish()?;
    Ok(tables)
}

fn table_of(name: &str, batch: &RecordBatch, names: &[&str], before: usize) -> Result<Table, DataError> {
    let (mut columns, mut left_out): (Vec<(String, ArrayRef)>, Vec<LeftOut>) = (Vec::new(), Vec::new());
    for (field, array) in batch.schema().fields().iter().zip(batch.columns()) {
        if !names.contains(&field.name().as_str()) || columns.iter().any(|(known, _)| known == field.name()) {
            continue;
        }
        if text_bytes(array) > MOST_TEXT {
            let problem = format!("the texts of column `{}` take too much memory", field.name());
            return Err(DataError::TooLarge { name: name.to_owned(), problem });
        }
        match target_of_kind(field.data_type(), || exact(array)) {
            Ok(target) => columns.push((field.name().clone(), converted(array, target, name)?)),
            Err(why) => left_out.push(LeftOut { column: field.name().clone(), why }),
        }
    }
    let lines = (before..before + batch.num_rows()).map(|row| row as u64 + 1).collect();
    Ok(Table::new(columns, lines)?.with_left_out(left_out))
}

/// Whether all integers are exact as doubles.
fn exact(array: &ArrayRef) -> bool {
    let Ok(integers) = cast(array, &DataType::Int64) else { return false };
    let values = integers.as_primitive::<Int64Type>();
    // What does not fit becomes null.
    integers.null_count() == array.null_count()
        && values.iter().flatten().all(|v| (-EXACT..=EXACT).contains(&v))
}

/// Bytes that the texts take once each row has its own: a few bytes can stand for many rows in a dictionary or a
/// view.
fn text_bytes(array: &ArrayRef) -> usize {
    match array.data_type() {
        DataType::Dictionary(..) => {
            let longest = longest_text(array.as_any_dictionary().values());
            array.len().saturating_mul(longest)
        }
        DataType::Utf8View => array.as_string_view().lengths().map(|bytes| bytes as usize).sum(),
        _ => 0,
    }
}

fn longest_text(values: &ArrayRef) -> usize {
    let longest = match values.data_type() {
        DataType::Utf8 => values.as_string::<i32>().iter().flatten().map(str::len).max(),
        DataType::LargeUtf8 => values.as_string::<i64>().iter().flatten().map(str::len).max(),
        DataType::Utf8View => values.as_string_view().iter().flatten().map(str::len).max(),
        _ => None,
    };
    longest.unwrap_or(0)
}
