//! No bytes make a reader panic, and well-formed CSV is read as a plain reader reads it.

use crate::parquet_in::parquet;
use crate::source;
use arrears_data::arrow::array::{Float64Array, Int32Array, StringArray};
use arrears_data::{Format, read_bytes};
use flate2::Compression;
use flate2::write::GzEncoder;
use proptest::prelude::*;
use std::io::Write;
use std::sync::Arc;

/// Bytes that often look like what a reader expects.
fn likely(alphabet: &'static [&'static str]) -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        8 => prop::sample::select(alphabet).prop_map(|s| s.as_bytes().to_vec()),
        1 => prop::collection::vec(any::<u8>(), 0..4),
    ];
    prop::collection::vec(piece, 0..60).prop_map(|pieces| pieces.concat())
}

const CSV: &[&str] =
    &["a", "b", ",", ",", "\n", "\n", "\r\n", "\"", "\"\"", "1", "中", ";", "\t", " ", "\u{feff}"];
const JSON: &[&str] = &[
    "{",
    "}",
    "{\"a\":1}\n",
    "\"a\"",
    ":",
    ",",
    "1",
    "null",
    "[",
    "]",
    "\n",
    "\"\\u00e9\"",
    "\\",
    "\"",
    "1e999",
    " ",
];

/// The slow reader: one character after the other. `None` where a quote stays open.
fn plain_csv(text: &str) -> Option<Vec<Vec<String>>> {
    let (mut rows, mut row, mut field) = (Vec::new(), Vec::new(), String::new());
    let mut characters = text.chars().peekable();
    let (mut quoted, mut at_start, mut any) = (false, true, false);
    while let Some(c) = characters.next() {
        if c == '\n' && !any {
            continue; // A blank line is no row.
        }
        any = true;
        match c {
            '"' if quoted && characters.peek() == Some(&'"') => {
                characters.next();
                field.push('"');
            }
            '"' if quoted => quoted = false,
            '"' if at_start => (quoted, at_start) = (true, false),
            ',' if !quoted => {
                row.push(std::mem::take(&mut field));
                at_start = true;
            }
            '\n' if !quoted => {
                row.push(std::mem::take(&mut field));
                rows.push(std::mem::take(&mut row));
                (at_start, any) = (true, false);
            }
            other => {
                field.push(other);
                at_start = false;
            }
        }
    }
    if any {
        row.push(field);
        rows.push(row);
    }
    (!quoted).then_some(rows)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn csv_bytes(bytes in likely(CSV), chunk_rows in 1usize..4) {
        let whole = read_bytes("t", Format::Csv, &bytes);
        if let Ok(whole) = whole {
            let chunks: Vec<_> = source(Format::Csv, &bytes, chunk_rows).map(Result::unwrap).collect();
            let rows: usize = chunks.iter().map(|c| c.table.rows() + c.unreadable.len()).sum();
            prop_assert_eq!(rows, whole.rows_read());
            let lines: Vec<u64> = chunks.iter().flat_map(|c| c.table.lines()).copied().collect();
            prop_assert_eq!(&lines, whole.table.lines());
            prop_assert!(lines.is_sorted_by(|a, b| a < b));
        }
    }

    #[test]
    fn ndjson_bytes(bytes in likely(JSON)) {
        if let Ok(whole) = read_bytes("t", Format::Ndjson, &bytes) {
            let lines = bytes.split(|b| *b == b'\n').filter(|l| !l.trim_ascii().is_empty()).count();
            prop_assert_eq!(whole.rows_read(), lines);
        }
    }

    #[test]
    fn csv_agrees_with_the_slow_reader(
        body in prop::collection::vec(
            prop::sample::select(&["x", "1", ",", ",", "\n", "\"", "\"\"", "中", " ", "y\n"][..]), 0..40),
    ) {
        let text = format!("a,b\n{}", body.concat());
        let read = read_bytes("t", Format::Csv, text.as_bytes());
        let Some(expected) = plain_csv(&text) else {
            prop_assert!(read.is_err());
            return Ok(());
        };
        let read = read.unwrap();
        let wide: Vec<&Vec<String>> = expected[1..].iter().filter(|r| r.len() == 2).collect();
        prop_assert_eq!(read.table.rows(), wide.len());
        prop_assert_eq!(read.rows_read(), expected.len() - 1);
        for (row, fields) in wide.iter().enumerate() {
            for (name, field) in ["a", "b"].iter().zip(*fields) {
                let value = read.table.column(name).unwrap().value(row);
                prop_assert_eq!(value, arrears_model::Value::Text(field));
            }
        }
    }

    #[test]
    fn gzip_bytes(bytes in likely(CSV), at in any::<prop::sample::Index>(), flip in any::<u8>()) {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(&bytes).unwrap();
        let mut packed = encoder.finish().unwrap();
        let at = at.index(packed.len());
        packed[at] ^= flip;
        let _ = read_bytes("t", Format::CsvGz, &packed);
        let _ = read_bytes("t", Format::NdjsonGz, &packed);
        let _ = read_bytes("t", Format::Parquet, &bytes);
    }

}

proptest! {
    // Each case writes a file.
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn damaged_parquet(
        flips in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
        cut in prop::option::of(any::<prop::sample::Index>()),
    ) {
        let words = ["a", "b", "中"];
        let mut bytes = parquet(vec![
            ("n", Arc::new(Int32Array::from_iter_values(0..50))),
            ("x", Arc::new(Float64Array::from_iter_values((0..50).map(|i| f64::from(i) / 7.0)))),
            ("s", Arc::new(StringArray::from_iter_values((0..50).map(|i| words[i % 3])))),
        ]);
        for (at, value) in flips {
            let at = at.index(bytes.len());
            bytes[at] = value;
        }
        let end = cut.map_or(bytes.len(), |cut| cut.index(bytes.len()));
        let _ = read_bytes("t", Format::Parquet, &bytes[..end]);
    }
}
