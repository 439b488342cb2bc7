//! Rows as CSV text: fields in quotes where they must be, numbers in their shortest form.

use crate::table::ColumnData;
use arrow::array::{Array, RecordBatch};
use std::io::Write;

/// A column ready to be written.
enum Written<'a> {
    Column(ColumnData<'a>),
    /// The texts of a category, quoted once.
    Quoted {
        codes: &'a arrow::array::Int32Array,
        texts: Vec<Vec<u8>>,
    },
}

/// Adds the header line.
pub(crate) fn csv_header<'a>(out: &mut Vec<u8>, names: impl ExactSizeIterator<Item = &'a str>) {
    let alone = names.len() == 1;
    for (at, name) in names.enumerate() {
        if at > 0 {
            out.push(b',');
        }
        field(out, name.as_bytes(), alone);
    }
    out.push(b'\n');
}

/// Adds the rows of a batch.
pub(crate) fn csv_rows(out: &mut Vec<u8>, batch: &RecordBatch) {
    let alone = batch.num_columns() == 1;
    let columns: Vec<Written<'_>> =
        batch.columns().iter().map(|array| written(ColumnData::of(array), alone)).collect();
    for row in 0..batch.num_rows() {
        for (at, column) in columns.iter().enumerate() {
            if at > 0 {
                out.push(b',');
            }
            match column {
                Written::Quoted { codes, texts } if codes.is_valid(row) => {
                    out.extend_from_slice(&texts[codes.value(row) as usize]);
                }
                Written::Column(ColumnData::Text(texts)) if texts.is_valid(row) => {
                    field(out, texts.value(row).as_bytes(), alone);
                }
                Written::Column(column) if number_text(*column, row, out) => {}
                // A line without anything would be no row.
                _ if alone => out.extend_from_slice(b"\"\""),
                _ => {}
            }
        }
        out.push(b'\n');
    }
}

fn written(column: ColumnData<'_>, alone: bool) -> Written<'_> {
    let ColumnData::Category { codes, texts } = column else { return Written::Column(column) };
    let quoted = |text: Option<&str>| {
        let mut out = Vec::new();
        field(&mut out, text.unwrap_or_default().as_bytes(), alone);
        out
    };
    Written::Quoted { codes, texts: texts.iter().map(quoted).collect() }
}

/// Adds a text, in quotes where it holds what ends a field; `alone` in its row, also where it is empty.
fn field(out: &mut Vec<u8>, text: &[u8], alone: bool) {
    let special = |b: &u8| matches!(b, b',' | b'"' | b'\n' | b'\r');
    let needs_quotes = if text.is_empty() { alone } else { text.iter().any(special) };
    if !needs_quotes {
        out.extend_from_slice(text);
        return;
    }
    out.push(b'"');
    for (at, part) in text.split(|b| *b == b'"').enumerate() {
        if at > 0 {
            out.extend_from_slice(b"\"\"");
        }
        out.extend_from_slice(part);
    }
    out.push(b'"');
}

/// Adds the number of a row as text; false where the row has none.
pub(crate) fn number_text(column: ColumnData<'_>, row: usize, out: &mut Vec<u8>) -> bool {
    match column {
        ColumnData::Number(x) if x.is_valid(row) && !x.value(row).is_nan() => number(out, x.value(row)),
        // Writing to memory does not fail.
        ColumnData::Integer(x) if x.is_valid(row) => drop(write!(out, "{}", x.value(row))),
        _ => return false,
    }
    true
}

/// A double in the shortest form that reads back as the same bits; very large and small ones with exponent.
fn number(out: &mut Vec<u8>, x: f64) {
    let size = x.abs();
    if (1e-5..1e16).contains(&size) || size == 0.0 {
        let mut buffer = zmij::Buffer::new();
        let text = buffer.format_finite(x);
        let scientific = text.bytes().rev().take(5).any(|b| b == b'e');
        if !scientific && !is_between(x, text) {
            out.extend_from_slice(text.strip_suffix(".0").unwrap_or(text).as_bytes());
            return;
        }
    }
    // Writing to memory does not fail.
    let _ = match size {
        size if size != 0.0 && size.is_finite() && !(1e-5..1e16).contains(&size) => write!(out, "{x:e}"),
        _ => write!(out, "{x}"),
    };
}

/// Whether a number may lie in the very middle between two shortest texts: then crates differ in which they take, and the
/// standard library decides. That needs 16 digits or more, and a number that ends with the next decimal.
fn is_between(x: f64, text: &str) -> bool {
    let digits = text.len() - usize::from(x.is_sign_negative()) - 1;
    if digits < 16 {
        return false;
    }
    let decimals = text.bytes().rev().position(|b| b == b'.').unwrap_or(0) as i64;
    let exponent = ((x.to_bits() >> 52) & 0x7ff) as i64 - 1075;
    let lowest = exponent + i64::from(((x.to_bits() & ((1 << 52) - 1)) | 1 << 52).trailing_zeros());
    lowest >= -(decimals + 1)
}

#[cfg(test)]
mod tests {
    use super::{csv_header, csv_rows, number};
    use arrow::array::{ArrayRef, DictionaryArray, Int64Array, RecordBatch, StringArray};
    use arrow::datatypes::Int32Type;
    use proptest::prelude::*;
    use std::sync::Arc;

    fn plain(x: f64) -> String {
        match x.abs() {
            size if size != 0.0 && x.is_finite() && !(1e-5..1e16).contains(&size) => format!("{x:e}"),
            _ => format!("{x}"),
        }
    }

    fn fast(x: f64) -> String {
        let mut out = Vec::new();
        number(&mut out, x);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn border_numbers() {
        let sizes = [
            0.0,
            1.0,
            1e-5,
            9.999999999999999e-6,
            1e15,
            9999999999999998.0,
            1e16,
            5e-324,
            f64::MAX,
            f64::INFINITY,
            0.1,
            123456.0,
        ];
        for x in sizes.into_iter().flat_map(|x| [x, -x]) {
            assert_eq!(fast(x), plain(x));
        }
    }

    /// Numbers with few binary digits behind the point are the ones that lie between two texts.
    #[test]
    fn middles() {
        for places in 1..40 {
            for n in 0..3_000_u64 {
                let x = 600.0 + n as f64 / (1_u64 << places) as f64;
                let large = (1_u64 << (52 - places)) as f64 * 1.3;
                for x in [x, large.trunc() + (n as f64 / (1_u64 << places) as f64).fract(), x / 1024.0] {
                    assert_eq!(fast(x), plain(x));
                }
            }
        }
    }

    const TEXTS: [&str; 8] = ["", "a", "a,b", "say \"no\"", "two\nlines", "\r", "中", "\"\""];

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(20_000))]

        #[test]
        fn numbers_as_the_standard_library_has_them(bits: u64, usual in -1e7..1e7_f64, digits in 0i32..12) {
            let cut = (usual * 10f64.powi(digits)).round() / 10f64.powi(digits);
            for x in [f64::from_bits(bits), usual, cut, 1.0 / usual, usual.trunc()] {
                prop_assert!(x.is_nan() || fast(x) == plain(x), "{x}");
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(500))]

        /// The csv crate writes the same bytes.
        #[test]
        fn rows_as_a_plain_writer_has_them(
            rows in prop::collection::vec((0usize..9, 0usize..9, prop::option::of(any::<i64>())), 0..20),
            width in 1usize..4,
        ) {
            let text = |at: usize| TEXTS.get(at).copied();
            let columns: [ArrayRef; 3] = [
                Arc::new(StringArray::from_iter(rows.iter().map(|row| text(row.0)))),
                Arc::new(DictionaryArray::<Int32Type>::from_iter(rows.iter().map(|row| text(row.1)))),
                Arc::new(Int64Array::from_iter(rows.iter().map(|row| row.2))),
            ];
            let named = ["a", "b,c", ""].into_iter().zip(columns).take(width);
            let batch = RecordBatch::try_from_iter_with_nullable(named.map(|(n, a)| (n, a, true))).unwrap();
            let mut plain = csv::Writer::from_writer(Vec::new());
            plain.write_record(["a", "b,c", ""].iter().take(width)).unwrap();
            for (a, b, n) in &rows {
                let cells = [text(*a).unwrap_or("").to_owned(), text(*b).unwrap_or("").to_owned(), n.map(|n| n.to_string()).unwrap_or_default()];
                plain.write_record(cells.iter().take(width)).unwrap();
            }
            let mut out = Vec::new();
            let schema = batch.schema();
            csv_header(&mut out, schema.fields().iter().map(|f| f.name().as_str()));
            csv_rows(&mut out, &batch);
            prop_assert_eq!(String::from_utf8(out).unwrap(), String::from_utf8(plain.into_inner().unwrap()).unwrap());
        }
    }
}
