//! Good bodies, and changes that make them malformed.

use crate::running::CUSTOMER;
use arrears_data::arrow::array::{
    DictionaryArray, Float64Array, Int64Array, RecordBatch, StringArray, StringViewArray,
};
use arrears_data::arrow::datatypes::Int32Type;
use arrears_data::arrow::ipc::writer::StreamWriter;
use std::sync::Arc;

/// Requests that are good before they are changed: path, content type, body.
pub(crate) fn seeds() -> Vec<(&'static str, &'static str, Vec<u8>)> {
    let line = CUSTOMER.replace('\n', " ");
    let split = r#"{"dataframe_split": {"columns": ["id", "income", "home"], "data": [[1, 2.5, "rent"], ["a", null, ""]]}}"#;
    let tensors = r#"{"id": "r", "inputs": [{"name": "income", "shape": [2, 1], "datatype": "FP64", "data": [[1], [2]]},
        {"name": "home", "shape": [2], "datatype": "BYTES", "data": ["rent", "a\u00e9"]}], "outputs": [{"name": "error"}]}"#;
    let columns = r#"{"inputs": {"income": [1, "x", null], "home": ["rent", true, [1]]}}"#;
    let json = "application/json";
    vec![
        ("/score?absent=missing", json, line.clone().into_bytes()),
        ("/score?absent=missing", json, format!("[{line}, {line}, 3]").into_bytes()),
        ("/score?absent=missing", json, format!("{{\"rows\": [{line}]}}").into_bytes()),
        ("/score?absent=missing", "application/x-ndjson", format!("{line}\n{line}\n").into_bytes()),
        ("/score?absent=missing", "text/csv", b"id,income,home\n1,\"2,5\",rent\n2,3,\"a\nb\"\n".to_vec()),
        ("/score?absent=missing", "application/vnd.apache.arrow.stream", arrow()),
        ("/invocations?absent=missing", json, split.as_bytes().to_vec()),
        ("/invocations?absent=missing", json, columns.as_bytes().to_vec()),
        ("/v2/models/credit-tree/infer?absent=missing", json, tensors.as_bytes().to_vec()),
    ]
}

fn arrow() -> Vec<u8> {
    let texts: StringArray = ["rent", "owner", "rent"].into_iter().map(Some).collect();
    let codes: DictionaryArray<Int32Type> = ["fixed", "part", "fixed"].into_iter().collect();
    let batch = RecordBatch::try_from_iter([
        ("id", Arc::new(Int64Array::from(vec![1, 2, 3])) as _),
        ("income", Arc::new(Float64Array::from(vec![Some(1.0), None, Some(3.0)])) as _),
        ("home", Arc::new(texts) as _),
        ("job", Arc::new(codes) as _),
        (
            "records",
            Arc::new(StringViewArray::from(vec!["yes", "no", "a text that is longer than twelve bytes"]))
                as _,
        ),
    ]);
    let batch = batch.unwrap();
    let mut writer = StreamWriter::try_new(Vec::new(), &batch.schema()).unwrap();
    writer.write(&batch).unwrap();
    writer.into_inner().unwrap()
}

/// One change of some bytes.
#[derive(Clone, Debug)]
pub(crate) enum Change {
    Set(usize, u8),
    Cut(usize, usize),
    Repeat(usize, usize, usize),
    Insert(usize, &'static str),
}

pub(crate) const PIECES: [&str; 16] = [
    "{", "}", "[", "]", ",", ":", "\"", "\\", "\\ud800", "null", "1e999", "-", "\u{0}", "\n", "\u{feff}", "é",
];

pub(crate) fn changed(mut bytes: Vec<u8>, changes: &[Change]) -> Vec<u8> {
    for change in changes {
        let length = bytes.len();
        if length == 0 {
            break;
        }
        match *change {
            Change::Set(at, byte) => bytes[at % length] = byte,
            Change::Cut(at, cut) => drop(bytes.drain(at % length..(at % length + cut).min(length))),
            Change::Repeat(at, span, times) => {
                let end = (at % length + span).min(length);
                let part = bytes[at % length..end].repeat(times);
                bytes.splice(end..end, part);
            }
            Change::Insert(at, piece) => drop(bytes.splice(at % length..at % length, piece.bytes())),
        }
    }
    bytes
}
