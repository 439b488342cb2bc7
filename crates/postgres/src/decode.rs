//! The rows of a binary `COPY` as columns.
//!
//! A row is the number of its fields (16 bits) and for each the length in bytes (32 bits, -1 for NULL) and the value.
//! Source: <https://www.postgresql.org/docs/current/sql-copy.html>, "Binary Format".

use crate::numeric;
use arrears_data::arrow::array::{ArrayRef, Float64Array, StringBuilder};
use arrears_data::{Chunk, DataError, Table, Unreadable};
use std::sync::Arc;
use tokio_postgres::types::{Kind, Type};

/// What comes before the first row: eleven bytes, flags, and the length of an extension.
const SIGNATURE: &[u8] = b"PGCOPY\n\xff\r\n\0";

/// How the values of a column come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sent {
    Int2,
    Int4,
    Int8,
    Float4,
    Float8,
    Numeric,
    Text,
}

impl Sent {
    /// How numbers of this type come; `None` of a type that is no number.
    pub(crate) fn number(kind: &Type) -> Option<Sent> {
        Some(match *kind {
            Type::INT2 => Sent::Int2,
            Type::INT4 => Sent::Int4,
            Type::INT8 => Sent::Int8,
            Type::FLOAT4 => Sent::Float4,
            Type::FLOAT8 => Sent::Float8,
            Type::NUMERIC => Sent::Numeric,
            _ => match kind.kind() {
                Kind::Domain(of) => return Sent::number(of),
                _ => return None,
            },
        })
    }

    /// The number of a value; `None` of bytes that are none.
    fn double(self, bytes: &[u8]) -> Option<f64> {
        Some(match self {
            Sent::Int2 => f64::from(i16::from_be_bytes(bytes.try_into().ok()?)),
            Sent::Int4 => f64::from(i32::from_be_bytes(bytes.try_into().ok()?)),
            Sent::Int8 => i64::from_be_bytes(bytes.try_into().ok()?) as f64,
            Sent::Float4 => {
                let x = f32::from_be_bytes(bytes.try_into().ok()?);
                // The double of what it shows: 0.1, not 0.10000000149.
                if x.is_finite() { x.to_string().parse().ok()? } else { f64::from(x) }
            }
            Sent::Float8 => f64::from_be_bytes(bytes.try_into().ok()?),
            Sent::Numeric => numeric::double(bytes)?,
            Sent::Text => return None,
        })
    }
}

/// Bytes that are not what a server sends.
#[derive(Debug)]
pub(crate) struct Malformed;

/// What follows the signature in the first bytes of a copy.
pub(crate) fn behind_signature(bytes: &[u8]) -> Result<&[u8], Malformed> {
    let rest = bytes.strip_prefix(SIGNATURE).and_then(|rest| rest.get(4..)).ok_or(Malformed)?;
    let (length, rest) = rest.split_first_chunk().ok_or(Malformed)?;
    rest.get(u32::from_be_bytes(*length) as usize..).ok_or(Malformed)
}

enum Column {
    Numbers { sent: Sent, values: Vec<f64>, odd: bool },
    Texts(StringBuilder),
}

/// The rows of a block, the first of which is row `first` of the query; `None` where there is none.
pub(crate) fn chunk(
    columns: &[(String, Sent)],
    block: &[u8],
    first: u64,
) -> Result<Option<Chunk>, BlockError> {
    let mut made: Vec<Column> = columns.iter().map(|(_, sent)| Column::new(*sent)).collect();
    let (mut lines, mut unreadable) = (Vec::new(), Vec::new());
    let mut fields = Vec::with_capacity(columns.len());
    let (mut rest, mut line) = (block, first);
    while read_row(&mut rest, columns.len(), &mut fields)? {
        match first_no_text(columns, &fields) {
            Some(at) => unreadable.push(no_text(&columns[at].0, fields[at], line)),
            None => {
                made.iter_mut().zip(&fields).try_for_each(|(column, field)| column.push(*field))?;
                lines.push(line);
            }
        }
        line += 1;
    }
    if line == first {
        return Ok(None);
    }
    let mut arrays = Vec::with_capacity(columns.len());
    for (at, ((name, sent), column)) in columns.iter().zip(made).enumerate() {
        let array: ArrayRef = match column {
            Column::Numbers { odd: true, .. } => texts_of_numbers(columns, block, at, *sent)?,
            Column::Numbers { values, .. } => Arc::new(Float64Array::from(values)),
            Column::Texts(mut texts) => Arc::new(texts.finish()),
        };
        arrays.push((name.clone(), array));
    }
    Ok(Some(Chunk { table: Table::new(arrays, lines)?, unreadable }))
}

/// Why a block is no chunk.
pub(crate) enum BlockError {
    Malformed,
    Data(DataError),
}

impl From<Malformed> for BlockError {
    fn from(_: Malformed) -> BlockError {
        BlockError::Malformed
    }
}

impl From<DataError> for BlockError {
    fn from(error: DataError) -> BlockError {
        BlockError::Data(error)
    }
}

impl Column {
    fn new(sent: Sent) -> Column {
        match sent {
            Sent::Text => Column::Texts(StringBuilder::new()),
            sent => Column::Numbers { sent, values: Vec::new(), odd: false },
        }
    }

    fn push(&mut self, field: Option<&[u8]>) -> Result<(), Malformed> {
        match self {
            Column::Numbers { sent, values, odd } => {
                let x = field.map(|bytes| sent.double(bytes).ok_or(Malformed)).transpose()?;
                *odd |= x.is_some_and(|x| !x.is_finite());
                values.push(x.unwrap_or(f64::NAN));
            }
            Column::Texts(texts) => {
                let text =
                    field.map(|bytes| std::str::from_utf8(bytes).map_err(|_| Malformed)).transpose()?;
                texts.append_option(text);
            }
        }
        Ok(())
    }
}

/// Reads a row; false at the end.
fn read_row<'a>(
    rest: &mut &'a [u8],
    width: usize,
    fields: &mut Vec<Option<&'a [u8]>>,
) -> Result<bool, Malformed> {
    fields.clear();
    let Some((count, mut behind)) = rest.split_first_chunk() else {
        return if rest.is_empty() { Ok(false) } else { Err(Malformed) };
    };
    match i16::from_be_bytes(*count) {
        -1 if behind.is_empty() => return Ok(false),
        count if usize::try_from(count) == Ok(width) => {}
        _ => return Err(Malformed),
    }
    for _ in 0..width {
        let (length, value) = behind.split_first_chunk().ok_or(Malformed)?;
        let length = i32::from_be_bytes(*length);
        let (field, next) = match usize::try_from(length) {
            Ok(length) => {
                let (field, next) = value.split_at_checked(length).ok_or(Malformed)?;
                (Some(field), next)
            }
            Err(_) if length == -1 => (None, value),
            Err(_) => return Err(Malformed),
        };
        fields.push(field);
        behind = next;
    }
    *rest = behind;
    Ok(true)
}

/// The first field of text that is no UTF-8: a database without an encoding has such.
fn first_no_text(columns: &[(String, Sent)], fields: &[Option<&[u8]>]) -> Option<usize> {
    let text = |(sent, field): (Sent, &Option<&[u8]>)| {
        sent == Sent::Text && field.is_some_and(|bytes| std::str::from_utf8(bytes).is_err())
    };
    columns.iter().map(|(_, sent)| *sent).zip(fields).position(text)
}

fn no_text(column: &str, field: Option<&[u8]>, line: u64) -> Unreadable {
    let value = String::from_utf8_lossy(field.unwrap_or_default()).chars().take(60).collect();
    Unreadable { line, column: Some(column.to_owned()), value, why: "expected UTF-8 text".to_owned() }
}

/// A column of numbers as text: some are NaN or infinite, which are not missing. The rows with text that is none are left
/// out as they were before.
fn texts_of_numbers(
    columns: &[(String, Sent)],
    block: &[u8],
    at: usize,
    sent: Sent,
) -> Result<ArrayRef, Malformed> {
    let (mut texts, mut fields, mut rest) = (StringBuilder::new(), Vec::new(), block);
    while read_row(&mut rest, columns.len(), &mut fields)? {
        if first_no_text(columns, &fields).is_some() {
            continue;
        }
        match fields[at].and_then(|bytes| sent.double(bytes)) {
            None => texts.append_null(),
            Some(x) if x.is_infinite() => texts.append_value(if x > 0.0 { "Infinity" } else { "-Infinity" }),
            Some(x) => texts.append_value(x.to_string()),
        }
    }
    Ok(Arc::new(texts.finish()))
}

#[cfg(test)]
mod tests {
    use super::{BlockError, Sent, behind_signature, chunk};
    use arrears_data::arrow::array::AsArray;
    use arrears_data::arrow::datatypes::Float64Type;
    use proptest::prelude::*;

    fn row(fields: &[Option<&[u8]>]) -> Vec<u8> {
        let mut bytes = (fields.len() as i16).to_be_bytes().to_vec();
        for field in fields {
            bytes.extend(field.map_or(-1, |f| f.len() as i32).to_be_bytes());
            bytes.extend(field.unwrap_or_default());
        }
        bytes
    }

    fn columns() -> Vec<(String, Sent)> {
        vec![("a".to_owned(), Sent::Float8), ("b".to_owned(), Sent::Text), ("c".to_owned(), Sent::Float4)]
    }

    #[test]
    fn rows_become_columns() {
        let (x, y) = (2.5_f64.to_be_bytes(), 0.1_f32.to_be_bytes());
        let block = [
            row(&[Some(&x), Some(b"u"), None]),
            row(&[None, Some(b""), Some(&y)]),
            row(&[Some(&x), Some(b"\xff"), None]),
            row(&[None, None, None]),
            (-1_i16).to_be_bytes().to_vec(),
        ];
        let chunk = chunk(&columns(), &block.concat(), 7).ok().flatten().unwrap();
        let batch = chunk.table.batch();
        let a = batch.column(0).as_primitive::<Float64Type>();
        assert!(a.value(0) == 2.5 && a.value(1).is_nan() && a.value(2).is_nan());
        assert_eq!(
            batch.column(1).as_string::<i32>().iter().collect::<Vec<_>>(),
            [Some("u"), Some(""), None]
        );
        assert_eq!(batch.column(2).as_primitive::<Float64Type>().value(1), 0.1);
        assert_eq!(chunk.table.lines(), [7, 8, 10]);
        assert_eq!((chunk.unreadable[0].line, chunk.unreadable[0].column.as_deref()), (9, Some("b")));
    }

    /// NaN and infinity are values, not missing ones.
    #[test]
    fn not_a_number_stays_to_be_seen() {
        let fields = [Some(f64::NAN), None, Some(f64::NEG_INFINITY), Some(0.25)];
        let bytes = fields.map(|x| x.map(f64::to_be_bytes));
        let block: Vec<u8> =
            bytes.iter().flat_map(|x| row(&[x.as_ref().map(|x| &x[..]), None, None])).collect();
        let chunk = chunk(&columns(), &block, 1).ok().flatten().unwrap();
        let texts = chunk.table.batch().column(0).as_string::<i32>().iter().collect::<Vec<_>>();
        assert_eq!(texts, [Some("NaN"), None, Some("-Infinity"), Some("0.25")]);
    }

    #[test]
    fn nothing_and_signature() {
        assert!(matches!(chunk(&columns(), b"\xff\xff", 1), Ok(None)));
        assert!(matches!(chunk(&columns(), b"\xff\xff\0", 1), Err(BlockError::Malformed)));
        let head = b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\x02xyrows";
        assert_eq!(behind_signature(head).unwrap(), b"rows");
        assert!(behind_signature(b"PGCOPY").is_err());
    }

    proptest! {
        #[test]
        fn any_bytes(bytes in prop::collection::vec(any::<u8>(), 0..80)) {
            let _ = chunk(&columns(), &bytes, 1);
            let _ = behind_signature(&bytes);
        }
    }
}
