//! Parquet: every kind of column, what is left out, files that are cut.

use crate::texts;
use arrears_data::arrow::array::*;
use arrears_data::arrow::datatypes::{DataType, Field, Int32Type, Schema};
use arrears_data::table::ColumnData;
use arrears_data::{DataError, Format, Loaded, ReadOptions, Table, open_reader, read_bytes};
use arrears_model::Value;
use parquet::arrow::ArrowWriter;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use std::io::Cursor;
use std::sync::Arc;

fn parquet_with(columns: Vec<(&str, ArrayRef)>, properties: WriterProperties) -> Vec<u8> {
    let batch =
        RecordBatch::try_from_iter_with_nullable(columns.into_iter().map(|(n, a)| (n, a, true))).unwrap();
    let mut writer = ArrowWriter::try_new(Vec::new(), batch.schema(), Some(properties)).unwrap();
    writer.write(&batch).unwrap();
    writer.into_inner().unwrap()
}

pub(crate) fn parquet(columns: Vec<(&str, ArrayRef)>) -> Vec<u8> {
    parquet_with(columns, WriterProperties::builder().build())
}

fn read(bytes: &[u8]) -> Loaded {
    read_bytes("test.parquet", Format::Parquet, bytes).unwrap()
}

fn some(texts: [&str; 2]) -> Vec<Option<String>> {
    texts.iter().map(|t| Some((*t).to_owned())).chain([None]).collect()
}

#[test]
fn text_of_every_kind() {
    let words = [Some("a"), Some(" 中"), None];
    let dictionary: DictionaryArray<Int32Type> = words.into_iter().collect();
    let table = read(&parquet(vec![
        ("utf8", Arc::new(StringArray::from(words.to_vec()))),
        ("large", Arc::new(LargeStringArray::from(words.to_vec()))),
        ("view", Arc::new(StringViewArray::from(words.to_vec()))),
        ("dictionary", Arc::new(dictionary)),
        ("flag", Arc::new(BooleanArray::from(vec![Some(true), Some(false), None]))),
        ("null", Arc::new(NullArray::new(3))),
    ]))
    .table;
    assert_eq!(table.lines(), [1, 2, 3]);
    for name in ["utf8", "large", "view", "dictionary"] {
        assert_eq!(texts(&table, name), some(["a", "中"]), "{name}");
    }
    assert_eq!(texts(&table, "flag"), some(["true", "false"]));
    assert_eq!(texts(&table, "null"), [None, None, None]);
}

#[test]
fn numbers_of_every_kind() {
    let table = read(&parquet(vec![
        ("i8", Arc::new(Int8Array::from(vec![Some(-1), Some(2), None]))),
        ("u32", Arc::new(UInt32Array::from(vec![Some(u32::MAX), Some(2), None]))),
        ("i64", Arc::new(Int64Array::from(vec![Some(-(1 << 53)), Some(1 << 53), None]))),
        ("u64", Arc::new(UInt64Array::from(vec![Some(7), Some(8), None]))),
        ("f32", Arc::new(Float32Array::from(vec![Some(0.5), Some(f32::NAN), None]))),
        ("f64", Arc::new(Float64Array::from(vec![Some(0.1), Some(-0.0), None]))),
        (
            "decimal",
            Arc::new(
                Decimal128Array::from(vec![Some(12_345), Some(-1), None])
                    .with_precision_and_scale(10, 2)
                    .unwrap(),
            ),
        ),
    ]))
    .table;
    let values = |name: &str| -> Vec<Value<'_>> {
        let column = table.column(name).unwrap();
        (0..3).map(|row| column.value(row)).collect()
    };
    let numbers = |a: f64, b: f64| vec![Value::Number(a), Value::Number(b), Value::Missing];
    assert_eq!(values("i8"), numbers(-1.0, 2.0));
    assert_eq!(values("u32"), numbers(4_294_967_295.0, 2.0));
    assert_eq!(values("i64"), numbers(-9_007_199_254_740_992.0, 9_007_199_254_740_992.0));
    assert_eq!(values("u64"), numbers(7.0, 8.0));
    assert!(
        matches!(values("f32")[..], [Value::Number(0.5), Value::Number(x), Value::Missing] if x.is_nan())
    );
    assert_eq!(values("f64"), numbers(0.1, -0.0));
    assert_eq!(values("decimal"), numbers(123.45, -0.01));
    assert!(matches!(table.column("i64").unwrap().data(), ColumnData::Integer(_)));
    assert!(matches!(table.column("f32").unwrap().data(), ColumnData::Number(_)));
}

#[test]
fn integers_that_no_double_holds_stay_text() {
    let long: ArrayRef = Arc::new(Int64Array::from(vec![1, (1 << 53) + 1]));
    let table = read(&parquet(vec![("id", long)])).table;
    assert_eq!(table.column("id").unwrap().value(1), Value::Text("9007199254740993"));
    let long: ArrayRef = Arc::new(UInt64Array::from(vec![1, u64::MAX]));
    let table = read(&parquet(vec![("id", long)])).table;
    assert_eq!(table.column("id").unwrap().value(1), Value::Text("18446744073709551615"));
    // Without statistics nothing is promised about the values that are still to come.
    let plain = WriterProperties::builder().set_statistics_enabled(EnabledStatistics::None).build();
    let table = read(&parquet_with(vec![("n", Arc::new(Int64Array::from(vec![1, 2])))], plain)).table;
    assert_eq!(table.column("n").unwrap().value(1), Value::Text("2"));
}

#[test]
fn dates_and_times_are_iso_text() {
    let seconds = vec![Some(1_291_191_960), Some(0), None];
    let table = read(&parquet(vec![
        ("date", Arc::new(Date32Array::from(vec![Some(19_782), Some(0), None]))),
        ("local", Arc::new(TimestampMillisecondArray::from(vec![Some(1_291_191_960_500), Some(0), None]))),
        ("utc", Arc::new(TimestampSecondArray::from(seconds.clone()).with_timezone("UTC"))),
        ("named", Arc::new(TimestampSecondArray::from(seconds).with_timezone("Asia/Shanghai"))),
        ("time", Arc::new(Time32SecondArray::from(vec![Some(3_661), Some(0), None]))),
    ]))
    .table;
    assert_eq!(texts(&table, "date"), some(["2024-02-29", "1970-01-01"]));
    assert_eq!(texts(&table, "local"), some(["2010-12-01T08:26:00.500", "1970-01-01T00:00:00"]));
    for name in ["utc", "named"] {
        assert_eq!(texts(&table, name), some(["2010-12-01T08:26:00Z", "1970-01-01T00:00:00Z"]), "{name}");
    }
    assert_eq!(texts(&table, "time"), some(["01:01:01", "00:00:00"]));
}

#[test]
fn nested_and_byte_columns_are_left_out_with_a_note() {
    let field = Arc::new(Field::new("x", DataType::Int32, true));
    let nested: ArrayRef =
        Arc::new(StructArray::from(vec![(field, Arc::new(Int32Array::from(vec![1, 2])) as ArrayRef)]));
    let loaded = read(&parquet(vec![
        ("nested", nested),
        ("n", Arc::new(Int64Array::from(vec![1, 2]))),
        ("bytes", Arc::new(BinaryArray::from_vec(vec![b"a", b"\xff"]))),
    ]));
    assert_eq!(loaded.table.columns(), ["n"]);
    assert!(matches!(loaded.table.column("n").unwrap().value(1), Value::Number(2.0)));
    assert_eq!(loaded.notes.len(), 2);
    let error = loaded.table.require("bytes").unwrap_err().to_string();
    assert!(error.contains("`bytes`") && error.contains("write it as strings"), "{error}");
    let error = loaded.table.take(&[0]).require("nested").unwrap_err().to_string();
    assert!(error.contains("Struct"), "{error}");
}

#[test]
fn row_numbers_run_on_through_chunks() {
    let bytes = parquet(vec![("n", Arc::new(Int32Array::from_iter_values(0..10)))]);
    let options = ReadOptions { chunk_rows: 4, ..Default::default() };
    let source = open_reader("-", Format::Parquet, Cursor::new(bytes), &options).unwrap();
    assert_eq!(source.columns(), ["n"]);
    let tables: Vec<Table> = source.map(|c| c.unwrap().table).collect();
    assert_eq!(tables.iter().map(Table::rows).collect::<Vec<_>>(), [4, 4, 2]);
    assert_eq!(Table::concat(tables).unwrap().lines(), (1..=10).collect::<Vec<_>>());
}

#[test]
fn no_rows_is_no_fault_here() {
    let batch = RecordBatch::new_empty(Arc::new(Schema::new(vec![Field::new("n", DataType::Int64, true)])));
    let mut writer = ArrowWriter::try_new(Vec::new(), batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    let table = read(&writer.into_inner().unwrap()).table;
    assert_eq!((table.rows(), table.columns()), (0, &["n".to_owned()][..]));
}

#[test]
fn cut_and_foreign_files_are_faults() {
    let bytes = parquet(vec![("n", Arc::new(Int32Array::from_iter_values(0..1000)))]);
    for cut in [0, 3, 8, bytes.len() / 2, bytes.len() - 1] {
        let error = read_bytes("t.parquet", Format::Parquet, &bytes[..cut]).unwrap_err();
        let expected = matches!(
            error,
            DataError::Empty { .. } | DataError::Truncated { .. } | DataError::Damaged { .. }
        );
        assert!(expected, "{cut}: {error}");
    }
    assert!(read_bytes("t.parquet", Format::Parquet, b"a,b\n1,2\n3,4\n").is_err());
}

/// A page header with a field of an unknown kind, a list of 2^31 - 1 doubles, in a file of a few hundred
/// bytes. Looking for their end takes minutes; that there are none can be told at once.
#[test]
fn a_list_longer_than_the_file_is_damage_at_once() {
    let mut bytes = parquet(vec![("x", Arc::new(Float64Array::from(vec![1.5, 2.5])))]);
    bytes[4..11].copy_from_slice(b"\xf9\xf7\xff\xff\xff\xff\x07");
    let start = std::time::Instant::now();
    let error = read_bytes("x.parquet", Format::Parquet, &bytes).unwrap_err();
    assert!(matches!(error, DataError::Damaged { .. } | DataError::Truncated { .. }), "{error}");
    assert!(start.elapsed().as_secs() < 10, "it took {:?}", start.elapsed());
}
