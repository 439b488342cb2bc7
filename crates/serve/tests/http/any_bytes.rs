//! No bytes make the service fall over: mutated bodies get an answer below 500, and the service goes on.

use crate::changed_bodies::{Change, PIECES, changed, seeds};
use crate::client::Client;
use crate::running::{CUSTOMER, Running, SCORECARD, SEGMENTS, TREE};
use arrears_data::arrow::array::{DictionaryArray, RecordBatch, StringArray};
use arrears_data::arrow::datatypes::Int32Type;
use arrears_data::arrow::ipc::writer::StreamWriter;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use std::cell::RefCell;
use std::sync::Arc;

fn change() -> impl Strategy<Value = Change> {
    prop_oneof![
        (any::<usize>(), any::<u8>()).prop_map(|(at, byte)| Change::Set(at, byte)),
        (any::<usize>(), 0..64_usize).prop_map(|(at, length)| Change::Cut(at, length)),
        (any::<usize>(), 0..64_usize, 1..40_usize)
            .prop_map(|(at, length, times)| Change::Repeat(at, length, times)),
        (any::<usize>(), 0..PIECES.len()).prop_map(|(at, piece)| Change::Insert(at, PIECES[piece])),
    ]
}

/// A failing body is made smaller here; `tests/malformed` tries a million.
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
    let mut runner = TestRunner::new(Config { cases: 1_000, failure_persistence: None, ..Config::default() });
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
