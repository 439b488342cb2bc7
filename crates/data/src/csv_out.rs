//! Rows as CSV text: fields in quotes where they must be, numbers in their shortest form.

use crate::table::ColumnData;
use arrow::array::{Array, Int32Array, RecordBatch, StringArray};

/// Bytes of a short text with the delimiter behind it: those are copied without asking how long they are.
const SHORT: usize = 32;

/// Most bytes of a number: sign, 17 digits, point, and zeros or an exponent of four characters; a double below 1e16 that is an
/// integer has fewer.
const NUMBER: usize = 32;

/// Longest text of a row that is put together with the others; longer ones, and those in quotes, are added alone.
const TEXT: usize = 64;

/// Bytes of rows that are put together before they are added to the rest.
const ROOM: usize = 1 << 14;

/// A column ready to be written, each value with what stands behind it.
enum Written<'a> {
    Numbers(ColumnData<'a>),
    Texts(&'a StringArray),
    /// The texts of a category, quoted once; the last is that of rows without one.
    Short {
        codes: &'a Int32Array,
        texts: Vec<([u8; SHORT], usize)>,
    },
    /// The same where one of them is longer.
    Long {
        codes: &'a Int32Array,
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
    let last = batch.num_columns().saturating_sub(1);
    let columns = batch.columns().iter().enumerate();
    let behind = |at: usize| if at == last { b'\n' } else { b',' };
    let columns: Vec<(Written<'_>, u8)> = columns
        .map(|(at, array)| (Written::new(ColumnData::of(array), behind(at), last == 0), behind(at)))
        .collect();
    let most: usize = columns.iter().map(|(column, _)| column.most_bytes()).sum();
    let mut rows = Rows { bytes: vec![0; ROOM.max(most)], end: 0 };
    for row in 0..batch.num_rows() {
        if rows.bytes.len() - rows.end < most {
            rows.give(out);
        }
        for (column, behind) in &columns {
            column.write(row, *behind, last == 0, &mut rows, out);
        }
    }
    rows.give(out);
}

impl<'a> Written<'a> {
    fn new(column: ColumnData<'a>, behind: u8, alone: bool) -> Written<'a> {
        let (codes, texts) = match column {
            ColumnData::Category { codes, texts } => (codes, texts),
            ColumnData::Text(texts) => return Written::Texts(texts),
            numbers => return Written::Numbers(numbers),
        };
        let quoted = |text: Option<&str>| {
            let mut out = Vec::new();
            field(&mut out, text.unwrap_or_default().as_bytes(), alone);
            out.push(behind);
            out
        };
        let texts: Vec<Vec<u8>> = texts.iter().chain([None]).map(quoted).collect();
        if texts.iter().any(|text| text.len() > SHORT) {
            return Written::Long { codes, texts };
        }
        let short = |text: &Vec<u8>| {
            let mut bytes = [0; SHORT];
            bytes[..text.len()].copy_from_slice(text);
            (bytes, text.len())
        };
        Written::Short { codes, texts: texts.iter().map(short).collect() }
    }

    /// Most bytes of a value in [`Rows`].
    fn most_bytes(&self) -> usize {
        match self {
            Written::Numbers(_) => NUMBER + 1,
            Written::Texts(_) => TEXT + 1,
            Written::Short { .. } => SHORT,
            Written::Long { .. } => 0,
        }
    }

    /// Writes the value of a row and what stands behind it.
    #[inline]
    fn write(&self, row: usize, behind: u8, alone: bool, rows: &mut Rows, out: &mut Vec<u8>) {
        match self {
            Written::Short { codes, texts } => {
                let (text, length) = &texts[place(codes, row, texts.len())];
                rows.bytes[rows.end..rows.end + SHORT].copy_from_slice(text);
                rows.end += length;
                return;
            }
            Written::Long { codes, texts } => {
                rows.give(out);
                out.extend_from_slice(&texts[place(codes, row, texts.len())]);
                return;
            }
            // A line without anything would be no row.
            Written::Numbers(column) if !rows.number(*column, row) && alone => rows.plain(b"\"\""),
            Written::Numbers(_) => {}
            Written::Texts(texts) => {
                let text = if texts.is_valid(row) { texts.value(row).as_bytes() } else { b"" };
                if text.len() <= TEXT && !needs_quotes(text, alone) {
                    rows.plain(text);
                } else {
                    rows.give(out);
                    field(out, text, alone);
                }
            }
        }
        rows.plain(&[behind]);
    }
}

/// Where the text of a row is among `texts`, the last of which is that of rows without one.
#[inline]
fn place(codes: &Int32Array, row: usize, texts: usize) -> usize {
    if codes.is_valid(row) { codes.value(row) as usize } else { texts - 1 }
}

/// Rows in the making; there is room for all of a row but its long texts.
struct Rows {
    bytes: Vec<u8>,
    end: usize,
}

impl Rows {
    #[inline]
    fn plain(&mut self, text: &[u8]) {
        self.bytes[self.end..self.end + text.len()].copy_from_slice(text);
        self.end += text.len();
    }

    /// The number of a row as text; false where the row has none.
    #[inline]
    fn number(&mut self, column: ColumnData<'_>, row: usize) -> bool {
        number_text(column, row, |text| self.plain(text))
    }

    /// Moves what there is to `out`.
    fn give(&mut self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.bytes[..self.end]);
        self.end = 0;
    }
}

/// Adds a text, in quotes where it holds what ends a field; `alone` in its row, also where it is empty.
fn field(out: &mut Vec<u8>, text: &[u8], alone: bool) {
    if !needs_quotes(text, alone) {
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

fn needs_quotes(text: &[u8], alone: bool) -> bool {
    let special = |b: &u8| matches!(b, b',' | b'"' | b'\n' | b'\r');
    if text.is_empty() { alone } else { text.iter().any(special) }
}

/// Gives the number of a row as text; false where the row has none.
#[inline]
pub(crate) fn number_text(column: ColumnData<'_>, row: usize, out: impl FnOnce(&[u8])) -> bool {
    match column {
        ColumnData::Number(x) if x.is_valid(row) && !x.value(row).is_nan() => double(x.value(row), out),
        ColumnData::Integer(x) if x.is_valid(row) => out(itoa::Buffer::new().format(x.value(row)).as_bytes()),
        _ => return false,
    }
    true
}

/// Gives a double in the shortest form that reads back as the same bits; very large and small ones with exponent.
#[inline]
fn double(x: f64, out: impl FnOnce(&[u8])) {
    let size = x.abs();
    if (1e-5..1e16).contains(&size) || size == 0.0 {
        let mut buffer = zmij::Buffer::new();
        let text = buffer.format_finite(x);
        let scientific = text.bytes().rev().take(5).any(|b| b == b'e');
        if !scientific && !is_between(x, text) {
            return out(text.strip_suffix(".0").unwrap_or(text).as_bytes());
        }
    }
    out(by_the_library(x).as_bytes());
}

/// The same by the standard library.
#[cold]
fn by_the_library(x: f64) -> String {
    match x.abs() {
        size if size != 0.0 && size.is_finite() && !(1e-5..1e16).contains(&size) => format!("{x:e}"),
        _ => format!("{x}"),
    }
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
    use super::{csv_header, csv_rows, double};
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
        double(x, |text| out.extend_from_slice(text));
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
