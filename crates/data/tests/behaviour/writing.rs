//! Tables out: formats round-trip, files appear whole or not at all.

use crate::texts;
use arrears_data::arrow::array::*;
use arrears_data::arrow::datatypes::{DataType, Field, Schema};
use arrears_data::{DataError, Format, ReadOptions, TableWriter, atomic_write, read_all};
use arrears_model::Value;
use std::fs;
use std::io::Write;
use std::path::Path;
use std::sync::{Arc, Mutex};

fn batch() -> RecordBatch {
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("客户", Arc::new(StringArray::from(vec![Some("a,b"), Some("say \"hi\"\n"), None, Some("plain")]))),
        ("pd", Arc::new(Float64Array::from(vec![Some(0.1 + 0.2), Some(1e-300), None, Some(-5e20)]))),
        ("score", Arc::new(Int64Array::from(vec![Some(612), Some(-3), None, Some(0)]))),
    ];
    RecordBatch::try_from_iter_with_nullable(columns.into_iter().map(|(n, a)| (n, a, true))).unwrap()
}

fn write(path: &Path, batches: &[RecordBatch]) {
    let mut writer = TableWriter::create(path, None, batches[0].schema()).unwrap();
    batches.iter().for_each(|batch| writer.write(batch).unwrap());
    writer.finish().unwrap();
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        fs::read_dir(folder).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn csv_and_ndjson_look_as_expected() {
    let folder = tempfile::tempdir().unwrap();
    let (csv, ndjson) = (folder.path().join("o.csv"), folder.path().join("o.ndjson"));
    write(&csv, &[batch()]);
    write(&ndjson, &[batch()]);
    assert_eq!(
        fs::read_to_string(&csv).unwrap(),
        "客户,pd,score\n\"a,b\",0.30000000000000004,612\n\"say \"\"hi\"\"\n\",1e-300,-3\n,,\nplain,-5e20,0\n"
    );
    assert_eq!(
        fs::read_to_string(&ndjson).unwrap(),
        "{\"客户\":\"a,b\",\"pd\":0.30000000000000004,\"score\":612}\n\
         {\"客户\":\"say \\\"hi\\\"\\n\",\"pd\":1e-300,\"score\":-3}\n\
         {\"客户\":null,\"pd\":null,\"score\":null}\n\
         {\"客户\":\"plain\",\"pd\":-5e20,\"score\":0}\n"
    );
}

#[test]
fn every_format_reads_back_the_same_and_has_the_same_bytes_again() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["o.csv", "o.csv.gz", "o.ndjson", "o.ndjson.gz", "o.jsonl", "o.parquet"] {
        let path = folder.path().join(name);
        write(&path, &[batch(), batch()]);
        let first = fs::read(&path).unwrap();
        write(&path, &[batch(), batch()]);
        assert_eq!(fs::read(&path).unwrap(), first, "{name}");
        let table = read_all(&path, &ReadOptions::default()).unwrap().table;
        assert_eq!(table.rows(), 8, "{name}");
        let pd = table.column("pd").unwrap();
        let numbers: Vec<Option<f64>> = (4..8)
            .map(|row| match pd.value(row) {
                Value::Number(x) => Some(x),
                Value::Text(text) => text.parse().ok(),
                Value::Missing => None,
            })
            .collect();
        assert_eq!(numbers, [Some(0.1 + 0.2), Some(1e-300), None, Some(-5e20)], "{name}");
        let text = |t: &str| Some(t.to_owned());
        assert_eq!(
            texts(&table, "客户")[4..],
            [text("a,b"), text("say \"hi\""), None, text("plain")],
            "{name}"
        );
    }
    assert_eq!(names(folder.path()).len(), 6);
}

#[test]
fn numbers_round_trip_bit_for_bit() {
    let values = [f64::MIN_POSITIVE, f64::MAX, 5e-324, 1.0 / 3.0, 1e16, 1e-5, 9.999e-6, 123456789.125, -0.0];
    let schema = Arc::new(Schema::new(vec![Field::new("x", DataType::Float64, true)]));
    let batch = RecordBatch::try_new(schema, vec![Arc::new(Float64Array::from(values.to_vec()))]).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("o.csv");
    write(&path, &[batch]);
    let text = fs::read_to_string(&path).unwrap();
    let read: Vec<u64> = text.lines().skip(1).map(|l| l.parse::<f64>().unwrap().to_bits()).collect();
    assert_eq!(read, values.map(f64::to_bits));
}

#[test]
fn an_unfinished_file_leaves_nothing_and_the_old_one_stays() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("o.csv");
    fs::write(&path, "old").unwrap();
    for name in ["o.csv", "p.csv.gz", "q.parquet", "r.ndjson"] {
        let mut writer = TableWriter::create(&folder.path().join(name), None, batch().schema()).unwrap();
        writer.write(&batch()).unwrap();
        drop(writer);
    }
    assert_eq!(names(folder.path()), ["o.csv"]);
    assert_eq!(fs::read_to_string(&path).unwrap(), "old");
    atomic_write(&path, b"new").unwrap();
    assert_eq!(fs::read_to_string(&path).unwrap(), "new");
    assert_eq!(names(folder.path()), ["o.csv"]);
}

#[test]
fn faults_are_told() {
    let folder = tempfile::tempdir().unwrap();
    let create =
        |name: &str| TableWriter::create(&folder.path().join(name), None, batch().schema()).err().unwrap();
    assert!(matches!(create("no/o.csv"), DataError::Write { .. }));
    assert!(matches!(create("o.xlsx"), DataError::UnknownFormat { .. }));
    assert!(matches!(atomic_write(folder.path(), b""), Err(DataError::Write { .. })));
    let schema = Arc::new(Schema::new(vec![Field::new("x", DataType::Float64, true)]));
    let infinite =
        RecordBatch::try_new(schema.clone(), vec![Arc::new(Float64Array::from(vec![1.0, f64::INFINITY]))])
            .unwrap();
    let mut writer = TableWriter::create(&folder.path().join("o.ndjson"), None, schema).unwrap();
    let error = writer.write(&infinite).unwrap_err();
    assert!(matches!(&error, DataError::Unwritable { column, row: 2, .. } if column == "x"), "{error}");
    assert!(matches!(writer.write(&batch()), Err(DataError::Arrow(_))));
    let bytes = Arc::new(Schema::new(vec![Field::new("b", DataType::Binary, true)]));
    assert!(TableWriter::create(&folder.path().join("b.csv"), None, bytes).is_err());
}

#[cfg(unix)]
#[test]
fn links_are_followed_and_devices_are_not_replaced() {
    use std::os::unix::fs::{FileTypeExt, PermissionsExt, symlink};
    let folder = tempfile::tempdir().unwrap();
    let (real, link) = (folder.path().join("real.csv"), folder.path().join("link.csv"));
    fs::write(&real, "old").unwrap();
    symlink(&real, &link).unwrap();
    atomic_write(&link, b"new").unwrap();
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    assert_eq!(fs::read_to_string(&real).unwrap(), "new");
    let plain = folder.path().join("plain");
    fs::write(&plain, "").unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode();
    assert_eq!(mode(&real), mode(&plain), "the same rights as any new file");
    atomic_write(Path::new("/dev/null"), b"gone").unwrap();
    assert!(fs::metadata("/dev/null").unwrap().file_type().is_char_device());
}

/// A stream that two owners share.
#[derive(Clone, Default)]
struct Shared(Arc<Mutex<Vec<u8>>>);

impl Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[test]
fn streams_get_the_same_bytes_as_files() {
    let folder = tempfile::tempdir().unwrap();
    for (format, name) in
        [(Format::Csv, "o.csv"), (Format::Ndjson, "o.ndjson"), (Format::Parquet, "o.parquet")]
    {
        let shared = Shared::default();
        let mut writer = TableWriter::to_stream("-", format, shared.clone(), batch().schema()).unwrap();
        writer.write(&batch()).unwrap();
        writer.finish().unwrap();
        let path = folder.path().join(name);
        write(&path, &[batch()]);
        assert_eq!(*shared.0.lock().unwrap(), fs::read(&path).unwrap(), "{name}");
    }
}
