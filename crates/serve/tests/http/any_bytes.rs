//! No bytes make the service fall over: mutated bodies get an answer below 500, and the service goes on.

use crate::client::Client;
use crate::running::{CUSTOMER, Running, SCORECARD, SEGMENTS, TREE};
use arrears_data::arrow::array::{
    DictionaryArray, Float64Array, Int64Array, RecordBatch, StringArray, StringViewArray,
};
use arrears_data::arrow::datatypes::Int32Type;
use arrears_data::arrow::ipc::writer::StreamWriter;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use std::cell::RefCell;
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
enum Change {
    Set(usize, u8),
    Cut(usize, usize),
    Repeat(usize, usize, usize),
    Insert(usize, &'static str),
}

const PIECES: [&str; 16] = [
    "{", "}", "[", "]", ",", ":", "\"", "\\", "\\ud800", "null", "1e999", "-", "\u{0}", "\n", "\u{feff}", "é",
];

fn change() -> impl Strategy<Value = Change> {
    prop_oneof![
        (any::<usize>(), any::<u8>()).prop_map(|(at, byte)| Change::Set(at, byte)),
        (any::<usize>(), 0..64_usize).prop_map(|(at, length)| Change::Cut(at, length)),
        (any::<usize>(), 0..64_usize, 1..40_usize)
            .prop_map(|(at, length, times)| Change::Repeat(at, length, times)),
        (any::<usize>(), 0..PIECES.len()).prop_map(|(at, piece)| Change::Insert(at, PIECES[piece])),
    ]
}

fn changed(mut bytes: Vec<u8>, changes: &[Change]) -> Vec<u8> {
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

/// How many bodies are tried; `ARREARS_FUZZ_BODIES` asks for more.
fn tries() -> u32 {
    std::env::var("ARREARS_FUZZ_BODIES").map_or(1_000, |count| count.parse().expect("a number"))
}

#[test]
fn mutated_bodies_get_an_answer_below_500() {
    let running = Running::with(&[TREE, SCORECARD, SEGMENTS], |options, _| {
        options.champion = Some("credit-tree".to_owned());
        options.challenger = Some("credit-scorecard".to_owned());
    });
    let seeds = seeds();
    for (path, kind, body) in &seeds {
        let answer = running.post(path, &[&format!("content-type: {kind}")], body);
        assert_eq!(answer.status, 200, "{path} {kind}: {}", answer.text());
    }
    let client = RefCell::new(running.client());
    let mut runner =
        TestRunner::new(Config { cases: tries(), failure_persistence: None, ..Config::default() });
    let cases = (0..seeds.len(), prop::collection::vec(change(), 1..6), any::<bool>());
    let answered = runner.run(&cases, |(seed, changes, as_table)| {
        let (path, kind, body) = &seeds[seed];
        let body = changed(body.clone(), &changes);
        let accept = if as_table { "accept: text/csv" } else { "accept: application/json" };
        let mut client = client.borrow_mut();
        let headers = [&format!("content-type: {kind}")[..], accept];
        let answer = client.try_request(&format!("POST {path}"), &headers, &body);
        match answer {
            Ok(answer) => prop_assert!(answer.status < 500, "{}: {}", answer.status, answer.text()),
            Err(error) => {
                *client = running.client();
                return Err(TestCaseError::fail(format!("no answer: {error}")));
            }
        }
        Ok(())
    });
    answered.unwrap();
    assert_eq!(running.post("/score", &[], CUSTOMER).status, 200);
}

#[test]
fn bytes_that_are_no_http_are_cut_off_and_harm_nobody() {
    let running = Running::of(&[SCORECARD]);
    let mut runner = TestRunner::new(Config { cases: 200, failure_persistence: None, ..Config::default() });
    let cases = prop::collection::vec(any::<u8>(), 1..300);
    let done = runner.run(&cases, |noise| {
        let mut client: Client = running.client();
        let _ = client.send(&[&noise[..], b"\r\n\r\n"].concat());
        Ok(())
    });
    done.unwrap();
    assert_eq!(running.post("/score", &[], CUSTOMER).status, 200);
}

#[test]
fn deep_nesting_and_short_bodies_with_many_rows_are_refused() {
    let running = Running::of(&[SCORECARD]);
    let deep = format!("{{\"x\": {}1{}}}", "[".repeat(100_000), "]".repeat(100_000));
    assert!(running.post("/score?absent=missing", &[], &deep).status < 500);
    let many = format!("[{}3]", "3,".repeat(1_000_000));
    assert_eq!(running.post("/score", &[], &many).json()["code"], "too_many_rows");
    // A few bytes that a dictionary would make very many of.
    let long = "x".repeat(1 << 20);
    let texts: StringArray = std::iter::once(Some(long.as_str())).collect();
    let values = DictionaryArray::<Int32Type>::new(vec![0; 50_000].into(), Arc::new(texts));
    let batch = RecordBatch::try_from_iter([("home", Arc::new(values) as _)]).unwrap();
    let mut writer = StreamWriter::try_new(Vec::new(), &batch.schema()).unwrap();
    writer.write(&batch).unwrap();
    let body = writer.into_inner().unwrap();
    let answer =
        running.post("/score?absent=missing", &["content-type: application/vnd.apache.arrow.stream"], body);
    assert_eq!((answer.status, &answer.json()["code"]), (413, &"too_large".into()));
    assert!(answer.text().contains("too much memory"));
}
