//! CSV: headers, line numbers, rows that cannot be read, files that break off.

use crate::{csv, csv_error, full, source, texts};
use arrears_data::{DataError, Format, ReadOptions, open, open_reader, read_all, read_bytes};
use arrears_model::Value;
use flate2::Compression;
use flate2::write::GzEncoder;
use std::io::{Cursor, Write};

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn chinese_header_and_values() {
    let loaded = csv("客户编号,收入,城市\n1,100.5,上海\n2,,北京\n");
    assert_eq!(loaded.table.columns(), ["客户编号", "收入", "城市"]);
    assert_eq!(full(&loaded.table, "城市"), ["上海", "北京"]);
    assert_eq!(texts(&loaded.table, "收入"), [Some("100.5".to_owned()), None]);
}

#[test]
fn text_stands_as_it_was_read() {
    let loaded = csv("a,b\n  x ,\"q\"\"q\"\n");
    let value = |name: &str| loaded.table.column(name).unwrap().value(0);
    assert_eq!(value("a"), Value::Text("  x "));
    assert_eq!(value("b"), Value::Text("q\"q"));
}

#[test]
fn byte_order_mark_is_skipped() {
    let loaded = csv("\u{feff}\"a\",b\n1,2\n");
    assert_eq!(loaded.table.columns(), ["a", "b"]);
}

#[test]
fn lines_are_those_an_editor_shows() {
    // Line 1 header, 2-3 a quoted line break, 4 blank, 5 plain, 6-8 two breaks, 9 without a last line feed.
    let text = "a,b\n1,\"x\ny\"\n\n2,z\n3,\"x\n\ny\"\n4,end";
    assert_eq!(csv(text).table.lines(), [2, 5, 6, 9]);
    assert_eq!(csv(text.replace('\n', "\r\n")).table.lines(), [2, 5, 6, 9]);
    assert_eq!(csv("\n\na,b\n\n\n1,2\n").table.lines(), [6]);
    assert_eq!(csv("a\n\"x\ny\"").table.lines(), [2]);
}

#[test]
fn carriage_returns_before_line_feeds_are_no_data() {
    let loaded = csv("a,b\r\n1,x\r\n\r\n2,\"y\"\r\n3,z");
    assert_eq!(loaded.table.columns(), ["a", "b"]);
    let column = loaded.table.column("b").unwrap();
    let values: Vec<Value<'_>> = (0..3).map(|row| column.value(row)).collect();
    assert_eq!(values, [Value::Text("x"), Value::Text("y"), Value::Text("z")]);
}

#[test]
fn ragged_rows_are_kept_apart_with_their_line() {
    let loaded = csv("a,b\n1,2\n3\n4,5,6\n7,8\n");
    assert_eq!(full(&loaded.table, "a"), ["1", "7"]);
    assert_eq!(loaded.rows_read(), 4);
    let [short, long] = loaded.unreadable.as_slice() else { panic!("{:?}", loaded.unreadable) };
    assert_eq!((short.line, short.value.as_str()), (3, "3"));
    assert_eq!(short.why, "expected 2 fields as in the header, found 1");
    assert_eq!((long.line, long.value.as_str()), (4, "4,5,6"));
}

#[test]
fn bad_utf8_names_line_and_column() {
    let loaded = csv(b"a,b\n1,ok\n2,\xff\xfe\n3,ok\n");
    assert_eq!(full(&loaded.table, "a"), ["1", "3"]);
    let row = &loaded.unreadable[0];
    assert_eq!((row.line, row.column.as_deref()), (3, Some("b")));
    assert_eq!(row.why, "expected UTF-8 text");
    let error = csv_error(b"a,\xd6\xd0\n1,2\n").to_string();
    assert!(error.contains("column 2 is not UTF-8"), "{error}");
    assert!(error.contains("iconv -f LATIN1 -t UTF-8"), "{error}");
}

#[test]
fn open_quote_is_a_truncated_file() {
    let cases: [(&str, u64); 5] = [
        ("a,b\n1,2\n3,\"cut", 3),
        ("a,b\n1,\"x\n\ny\"\n\"cut\nhere,4\n", 5),
        ("a,\"b\n1,2\n", 1),
        ("a,b\n1,\"x\"\"", 2),
        ("a,b\r\n1,2\r\n3,\"", 3),
    ];
    for (text, line) in cases {
        let error = csv_error(text);
        assert!(matches!(error, DataError::Truncated { .. }), "{error}");
        assert!(error.to_string().contains(&format!("opened on line {line} ")), "{text:?}: {error}");
    }
}

#[test]
fn quotes_inside_text_open_nothing() {
    let loaded = csv("a,b\n5\" pipe,2\n\"x\"y\",3\n\"he said \"\"no\"\"\",\"\"\n");
    assert!(loaded.unreadable.is_empty());
    assert_eq!(full(&loaded.table, "a"), ["5\" pipe", "xy\"", "he said \"no\""]);
}

#[test]
fn other_files_are_told_apart() {
    let cases: [(&[u8], &str); 6] = [
        (b"\xff\xfea\0,\0b\0\n\0", "UTF-16"),
        (b"\xfe\xff\0a", "UTF-16"),
        (b"PAR1....", "Parquet"),
        (b"PK\x03\x04....", "spreadsheet"),
        (&gzip(b"a,b\n"), "gzip"),
        (b"a,b\n1,2\n3,\0\n", "line 3 holds a NUL byte"),
    ];
    for (bytes, expected) in cases {
        let error = csv_error(bytes);
        assert!(matches!(error, DataError::NotTheFormat { .. }), "{error}");
        assert!(error.to_string().contains(expected), "{error}");
    }
}

#[test]
fn empty_file_and_header_alone_differ() {
    assert!(matches!(csv_error(""), DataError::Empty { .. }));
    assert!(matches!(csv_error("\n\r\n\n"), DataError::Empty { .. }));
    let loaded = csv("a,b\n");
    assert_eq!((loaded.table.rows(), loaded.table.columns().len()), (0, 2));
    assert_eq!(loaded.rows_read(), 0);
}

#[test]
fn header_faults_are_named() {
    let cases = [
        ("a,b,a\n1,2,3\n", "two columns are called `a`"),
        ("a, a\n1,2\n", "two columns are called `a`"),
        ("a,,c\n1,2,3\n", "column 2 has no name"),
        ("a,b\r1,2\r3,4", "lone carriage return"),
    ];
    for (text, expected) in cases {
        let error = csv_error(text);
        assert!(matches!(error, DataError::Header { .. }), "{error}");
        assert!(error.to_string().contains(expected), "{error}");
    }
    assert_eq!(csv(",x\n1,2\n").table.columns(), ["row", "x"]);
}

/// NDJSON taken for CSV: the message must say so, and must not repeat a customer's values.
#[test]
fn ndjson_is_no_header() {
    let text = b"{\"name\": \"Zhang\", \"income\": 120}\n{\"name\": \"Li\", \"income\": 90}\n";
    let error = read_bytes("-", Format::Csv, text).unwrap_err().to_string();
    assert!(error.contains("NDJSON") && !error.contains("Zhang"), "{error}");
}

#[test]
fn delimiter_is_told_from_the_header_line() {
    let loaded = csv("a;b;\"c,d\"\n1;2,5;3\n");
    assert_eq!(loaded.table.columns(), ["a", "b", "c,d"]);
    assert!(loaded.notes[0].contains("semicolon"), "{:?}", loaded.notes);
    assert_eq!(full(&loaded.table, "b"), ["2,5"]);
    assert_eq!(csv("a\tb\n1\t2\n").table.columns(), ["a", "b"]);
    let comma = csv("a;x,b\n1,2\n");
    assert_eq!(comma.table.columns(), ["a;x", "b"]);
    assert!(comma.notes.is_empty());
    let options = ReadOptions { delimiter: Some(b'|'), ..Default::default() };
    let source = open_reader("-", Format::Csv, Cursor::new("a|b,c\n1|2\n"), &options).unwrap();
    assert_eq!(source.columns(), ["a", "b,c"]);
}

#[test]
fn gzip_whole_and_truncated() {
    let mut text = String::from("a,b\n");
    (0..20_000).for_each(|i| text.push_str(&format!("{i},{}\n", i * 7919 % 1009)));
    let bytes = gzip(text.as_bytes());
    let whole = read_bytes("test.csv.gz", Format::CsvGz, &bytes).unwrap();
    assert_eq!(whole.table.rows(), 20_000);
    assert_eq!(whole.table.line(19_999), 20_001);
    for cut in [bytes.len() - 1, bytes.len() / 2, 5] {
        let error = read_bytes("test.csv.gz", Format::CsvGz, &bytes[..cut]).unwrap_err();
        assert!(matches!(error, DataError::Truncated { .. }), "{cut}: {error}");
    }
    let error = read_bytes("test.csv.gz", Format::CsvGz, b"a,b\n1,2\n").unwrap_err();
    assert!(error.to_string().contains("name it without .gz"), "{error}");
    let error = read_bytes("test.csv.gz", Format::CsvGz, b"").unwrap_err();
    assert!(matches!(error, DataError::Empty { .. }), "{error}");
    let mut damaged = bytes.clone();
    damaged[bytes.len() / 2] ^= 0xff;
    let error = read_bytes("test.csv.gz", Format::CsvGz, &damaged).unwrap_err();
    assert!(matches!(error, DataError::Damaged { .. } | DataError::Truncated { .. }), "{error}");
    let two_members = [gzip(b"a,b\n1,2\n"), gzip(b"3,4\n")].concat();
    assert_eq!(read_bytes("t", Format::CsvGz, &two_members).unwrap().table.rows(), 2);
}

#[test]
fn chunks_add_up_and_know_the_header_first() {
    let text = "a,b\n1,x\n2\n3,y\n4,z\n5,w\n";
    let mut source = source(Format::Csv, text.as_bytes(), 2);
    assert_eq!(source.columns(), ["a", "b"]);
    let chunks: Vec<_> = source.by_ref().map(Result::unwrap).collect();
    let sizes: Vec<_> = chunks.iter().map(|c| (c.table.rows(), c.unreadable.len())).collect();
    assert_eq!(sizes, [(1, 1), (2, 0), (1, 0)]);
    assert_eq!(chunks[1].table.lines(), [4, 5]);
    assert!(source.next().is_none());
}

#[test]
fn rows_before_a_fault_are_given_and_then_the_fault_once() {
    let mut text = String::from("a\n");
    (0..100_000).for_each(|i| text.push_str(&format!("{i}\n")));
    text.push_str("\"open\n");
    let mut source = source(Format::Csv, text.as_bytes(), 1_000);
    let good = source.by_ref().take_while(Result::is_ok).count();
    assert!(good >= 90, "{good}");
    assert!(source.next().is_none());
}

#[test]
fn files_are_found_by_extension_and_fingerprinted() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("Data.CSV");
    std::fs::write(&path, "abc\n").unwrap();
    let loaded = read_all(&path, &ReadOptions::default()).unwrap();
    // `printf 'abc\n' | sha256sum`
    assert_eq!(loaded.fingerprint, "edeaaff3f1774ad2888673770c6d64097e391bc362d7d6fb34982ddf0efd18cb");
    let error = open(&folder.path().join("none.csv"), &ReadOptions::default()).err().unwrap();
    assert!(matches!(error, DataError::Open { .. }), "{error}");
    let error = open(&folder.path().join("data.xlsx"), &ReadOptions::default()).err().unwrap();
    assert!(matches!(error, DataError::UnknownFormat { .. }), "{error}");
    std::fs::create_dir(folder.path().join("folder.csv")).unwrap();
    let error = open(&folder.path().join("folder.csv"), &ReadOptions::default()).err().unwrap();
    assert!(error.to_string().contains("it is a folder"), "{error}");
}
