//! Small inputs that are written so as to become very much: each takes memory of the order of its own size, or is refused. Alone in
//! its file: it counts what the whole process holds.

#![allow(clippy::unwrap_used, reason = "a helper that fails fails its test")]

use arrears_data::arrow::array::{ArrayRef, Int64Array, RecordBatch};
use arrears_data::{Format, ReadOptions, open_reader, read_bytes};
use parquet::arrow::ArrowWriter;
use parquet::basic::Compression;
use parquet::file::properties::WriterProperties;
use peak_alloc::PeakAlloc;
use std::io::{Cursor, Write};
use std::sync::Arc;

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

const MIB: usize = 1 << 20;

/// The most MiB held beside what was held before, and what the call gives.
fn most<T>(call: impl FnOnce() -> T) -> (usize, T) {
    let held = MEMORY.current_usage();
    MEMORY.reset_peak_usage();
    let given = call();
    ((MEMORY.peak_usage() - held) / MIB, given)
}

/// Rows read chunk by chunk, and those that could not be; or why there are none.
fn streamed(format: Format, bytes: Vec<u8>) -> Result<(usize, usize), String> {
    let source = open_reader("t", format, Cursor::new(bytes), &ReadOptions::default());
    let (mut rows, mut unreadable) = (0, 0);
    for chunk in source.map_err(|e| e.to_string())? {
        let chunk = chunk.map_err(|e| e.to_string())?;
        rows += chunk.table.rows();
        unreadable += chunk.unreadable.len();
    }
    Ok((rows, unreadable))
}

fn repeated(begin: &str, piece: &str, bytes: usize, end: &str) -> Vec<u8> {
    [begin, &piece.repeat(bytes / piece.len()), end].concat().into_bytes()
}

fn keys(count: usize) -> String {
    (0..count).map(|n| format!("\"k{n}\":1,")).collect()
}

/// A Parquet file whose only page claims to have 2 GiB when it is decompressed.
fn large_page(codec: Compression) -> Vec<u8> {
    let column: ArrayRef = Arc::new(Int64Array::from(vec![7; 1_000]));
    let batch = RecordBatch::try_from_iter([("a", column)]).unwrap();
    let properties = WriterProperties::builder().set_compression(codec).set_dictionary_enabled(false).build();
    let mut writer = ArrowWriter::try_new(Vec::new(), batch.schema(), Some(properties)).unwrap();
    writer.write(&batch).unwrap();
    let mut bytes = writer.into_inner().unwrap();
    // Behind the magic number the page's head: its kind, then its size when decompressed, in 7 bits a byte.
    assert_eq!((&bytes[..4], &bytes[4..7]), (&b"PAR1"[..], &[0x15, 0, 0x15][..]));
    let length = bytes[7..].iter().position(|byte| *byte < 0x80).unwrap() + 1;
    bytes.splice(7..7 + length, [0xfe, 0xff, 0xff, 0xff, 0x0f]);
    bytes
}

fn check_text() {
    let size = 4 * MIB;
    let gzip = |bytes: Vec<u8>| {
        let mut writer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        writer.write_all(&bytes).unwrap();
        writer.finish().unwrap()
    };
    let record = repeated("a,b\n", ",", size, "\n1,2\n");
    let short = repeated("a\n", ",\n", size, "");
    let cases = [
        ("a record of many fields", Format::Csv, record.clone(), Ok((1, 1))),
        ("the same compressed", Format::CsvGz, gzip(record), Ok((1, 1))),
        (
            "many columns",
            Format::Csv,
            repeated("", ",", size, "\n1\n"),
            Err("4194305 columns; at most 10000"),
        ),
        ("many rows that cannot be read", Format::Csv, short.clone(), Ok((0, size / 2))),
        ("the same compressed", Format::CsvGz, gzip(short), Ok((0, size / 2))),
        (
            "a line of many keys",
            Format::Ndjson,
            format!("{{{}\"a\":1}}\n{{\"a\":2}}\n", keys(600_000)).into(),
            Ok((1, 1)),
        ),
        ("a line of depth", Format::Ndjson, repeated("{\"a\":", "[", size, "\n{\"a\":2}\n"), Ok((1, 1))),
        ("short lines", Format::Ndjson, repeated("", "{}\n", size, ""), Ok((size / 3, 0))),
    ];
    for (what, format, bytes, expected) in cases {
        let (took, found) = most(|| streamed(format, bytes));
        match (found, expected) {
            (Ok(found), Ok(expected)) => assert_eq!(found, expected, "{what}"),
            (Err(found), Err(expected)) => assert!(found.contains(expected), "{what}: {found}"),
            (found, _) => panic!("{what}: {found:?}"),
        }
        assert!(took < 64, "{what}: {took} MiB");
    }
}

fn check_whole_tables() {
    let sparse = format!("{{{}\"a\":1}}\n{}", keys(9_000), "{}\n".repeat(100_000));
    let (took, error) = most(|| read_bytes("t", Format::Ndjson, sparse.as_bytes()).unwrap_err().to_string());
    assert!(error.contains("of 9001 different keys, of which less than one in 64 has a value"), "{error}");
    assert!(took < 500, "{took} MiB");
    // As many empty cells as tables of usual width have are no fault.
    let usual = format!("{{{}\"a\":1}}\n{}", keys(50), "{}\n".repeat(100_000));
    assert_eq!(read_bytes("t", Format::Ndjson, usual.as_bytes()).unwrap().table.rows(), 100_001);
}

fn check_parquet() {
    let folder = tempfile::tempdir().unwrap();
    for codec in
        [Compression::SNAPPY, Compression::GZIP(Default::default()), Compression::ZSTD(Default::default())]
    {
        let path = folder.path().join("t.parquet");
        std::fs::write(&path, large_page(codec)).unwrap();
        let (took, found) = most(|| streamed(Format::Parquet, std::fs::read(&path).unwrap()));
        let error = found.unwrap_err();
        assert!(error.contains("claims 2147483647 when decompressed"), "{codec}: {error}");
        assert!(took < 20, "{codec}: {took} MiB");
    }
}

/// A Parquet file whose footer announces a list of 2^31 - 1 elements in the given field and ends there.
fn long_list(field: u8, kind: u8) -> Vec<u8> {
    // Version 1, then a list with its length in 7 bits a byte.
    let footer = [0x15, 2, (field - 1) << 4 | 9, 0xf0 | kind, 0xff, 0xff, 0xff, 0xff, 0x07];
    [b"PAR1", &footer[..], &(footer.len() as u32).to_le_bytes(), b"PAR1"].concat()
}

fn check_footers() {
    // The columns, the row groups, and the notes of who wrote the file, all of them lists of structs.
    for field in [2, 4, 5] {
        let (took, found) = most(|| streamed(Format::Parquet, long_list(field, 12)));
        let error = found.unwrap_err();
        assert!(error.contains("its footer ends before what it announces"), "{field}: {error}");
        assert!(took < 20, "{field}: {took} MiB");
    }
}

#[test]
fn no_small_input_takes_much_memory() {
    check_text();
    check_whole_tables();
    check_parquet();
    check_footers();
}
