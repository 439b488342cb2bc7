//! Nobody can take everything: bytes, rows, time, places, connections.

use crate::client::Client;
use crate::running::{CUSTOMER, Running, SCORECARD, wait_until};
use serde_json::json;
use std::net::TcpStream;
use std::thread;
use std::time::{Duration, Instant};

fn list(customers: usize) -> String {
    format!("[{}]", vec![CUSTOMER; customers].join(","))
}

#[test]
fn bodies_that_are_too_large() {
    let running = Running::with(&[SCORECARD], |options, _| options.limits.body_bytes = 10_000);
    let fault = running.post("/score", &[], list(100));
    assert_eq!((fault.status, &fault.json()["code"]), (413, &json!("too_large")));
    assert_eq!(fault.header("connection"), Some("close"));
    // A length that is only claimed is refused before anything is sent, and one that is not claimed when it is passed.
    let mut claims = running.client();
    claims.send(b"POST /score HTTP/1.1\r\nhost: a\r\ncontent-length: 999999999999\r\n\r\n").unwrap();
    assert_eq!(claims.answer().unwrap().status, 413);
    let mut silent = running.client();
    silent.send(b"POST /score HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n").unwrap();
    let chunk = [&b"1000\r\n"[..], &[b' '; 0x1000], b"\r\n"].concat();
    for _ in 0..3 {
        let _ = silent.send(&chunk);
    }
    assert_eq!(silent.answer().unwrap().status, 413);
    assert_eq!(running.post("/score", &[], list(10)).status, 200);
}

#[test]
fn bodies_with_too_many_customers() {
    let running = Running::with(&[SCORECARD], |options, _| options.limits.rows = 5);
    assert_eq!(running.post("/score", &[], list(5)).json()["scored"], 5);
    let csv = "seniority\n".to_owned() + &"1\n".repeat(6);
    let ndjson = format!("{}\n", CUSTOMER.replace('\n', " ")).repeat(6);
    let split = json!({ "dataframe_split": { "columns": ["age"], "data": [[1], [1], [1], [1], [1], [1]] } })
        .to_string();
    let tensor = json!({ "inputs": [{ "name": "age", "shape": [6], "datatype": "FP64", "data": [1, 1, 1, 1, 1, 1] }] });
    let tensor = tensor.to_string();
    for (path, kind, body) in [
        ("/score", "application/json", &list(6)),
        ("/score", "text/csv", &csv),
        ("/score", "application/x-ndjson", &ndjson),
        ("/invocations", "application/json", &split),
        ("/v2/models/credit-scorecard/infer", "application/json", &tensor),
    ] {
        let fault = running.post(path, &[&format!("content-type: {kind}")], body);
        assert_eq!((fault.status, &fault.json()["code"]), (413, &json!("too_many_rows")), "{path} {kind}");
    }
}

#[test]
fn slow_bodies_and_slow_heads_are_cut_off() {
    let running = Running::with(&[SCORECARD], |options, _| {
        options.limits.request = Duration::from_millis(600);
        options.limits.head = Duration::from_millis(400);
    });
    let start = Instant::now();
    let mut body = running.client();
    body.send(b"POST /score HTTP/1.1\r\nhost: a\r\ncontent-length: 100\r\n\r\n{").unwrap();
    let answer = body.answer().unwrap();
    assert_eq!((answer.status, &answer.json()["code"]), (408, &json!("timeout")));
    assert!(body.is_closed());
    // One byte of head after the other, for ever.
    let mut head = running.client();
    head.send(b"POST /score HTTP/1.1\r\nx: ").unwrap();
    let cut = (0..100).any(|_| {
        thread::sleep(Duration::from_millis(50));
        head.send(b"a").is_err()
    });
    assert!(cut, "a head that never ends");
    let mut silent = running.client();
    assert!(silent.is_closed(), "a connection that says nothing");
    assert!(start.elapsed() < Duration::from_secs(15));
    assert_eq!(running.post("/score", &[], CUSTOMER).status, 200);
}

#[test]
fn heads_that_are_too_large() {
    let running = Running::of(&[SCORECARD]);
    let mut client = running.client();
    let _ = client.send(format!("GET /ping HTTP/1.1\r\nx: {}\r\n\r\n", "a".repeat(1 << 20)).as_bytes());
    assert!(client.answer().is_ok_and(|answer| answer.status == 431) || client.is_closed());
}

/// A request whose body has not come whole.
fn begun(running: &Running) -> Client {
    let mut client = running.client();
    let head = format!("POST /score HTTP/1.1\r\nhost: a\r\ncontent-length: {}\r\n\r\n", CUSTOMER.len());
    client.send(head.as_bytes()).unwrap();
    client
}

#[test]
fn too_many_requests_at_once_get_429() {
    let running = Running::with(&[SCORECARD], |options, _| options.limits.requests = 3);
    let mut open: Vec<Client> = (0..3).map(|_| begun(&running)).collect();
    wait_until("three requests", || running.metric("arrears_requests_under_way") == 3.0);
    let busy = running.post("/score", &[], CUSTOMER);
    assert_eq!((busy.status, busy.header("retry-after")), (429, Some("1")));
    assert_eq!(busy.json()["code"], "busy");
    assert_eq!(running.get("/v2/health/live").status, 200, "health needs no place");
    for client in &mut open {
        client.send(CUSTOMER.as_bytes()).unwrap();
        assert_eq!(client.answer().unwrap().status, 200);
    }
    assert_eq!(running.post("/score", &[], CUSTOMER).status, 200, "places are given back");
    assert_eq!(running.metric("arrears_refused_total{cause=\"busy\"}"), 1.0);
}

#[test]
fn a_caller_who_goes_away_gives_his_place_back() {
    let running = Running::with(&[SCORECARD], |options, _| options.limits.requests = 1);
    drop(begun(&running));
    wait_until("the place", || running.post("/score", &[], CUSTOMER).status == 200);
}

#[test]
fn large_bodies_have_places_of_their_own() {
    let running = Running::with(&[SCORECARD], |options, _| options.limits.batches = 1);
    let large = list(1_000);
    let mut first = running.client();
    let head = format!("POST /score HTTP/1.1\r\nhost: a\r\ncontent-length: {}\r\n\r\n", large.len());
    first.send(head.as_bytes()).unwrap();
    first.send(&large.as_bytes()[..large.len() - 1]).unwrap();
    wait_until("the only place", || running.metric("arrears_batches_under_way") == 1.0);
    assert_eq!(running.post("/score", &[], &large).json()["code"], "busy");
    assert_eq!(running.post("/score", &[], CUSTOMER).status, 200, "one customer passes");
    first.send(&large.as_bytes()[large.len() - 1..]).unwrap();
    assert_eq!(first.answer().unwrap().json()["scored"], 1_000);
    assert_eq!(running.post("/score", &[], &large).json()["scored"], 1_000);
}

#[test]
fn connections_beyond_the_limit_wait() {
    let running = Running::with(&[SCORECARD], |options, _| options.limits.connections = 2);
    let (mut first, second) = (running.client(), running.client());
    assert_eq!(first.request("GET /ping", &[], b"").status, 200);
    let mut third = running.client();
    third.send(b"GET /ping HTTP/1.1\r\nhost: a\r\n\r\n").unwrap();
    thread::sleep(Duration::from_millis(200));
    drop(second);
    assert_eq!(third.answer().unwrap().status, 200);
}

#[test]
fn a_stopped_service_finishes_what_it_began() {
    let running = Running::of(&[SCORECARD]);
    let mut open = begun(&running);
    wait_until("the request", || running.metric("arrears_requests_under_way") == 1.0);
    let mut idle = running.client();
    assert_eq!(idle.request("GET /ping", &[], b"").status, 200);
    let address = running.address;
    let stopping = thread::spawn(move || running.stop());
    wait_until("no new connections", || TcpStream::connect(address).is_err());
    assert!(idle.is_closed(), "idle connections are closed");
    open.send(CUSTOMER.as_bytes()).unwrap();
    let answer = open.answer().unwrap();
    assert_eq!(answer.status, 200);
    let log = stopping.join().unwrap().text();
    assert!(log.contains("\"all_answered\":true"), "{log}");
}

#[test]
fn draining_has_a_limit() {
    let running = Running::with(&[SCORECARD], |options, _| options.limits.drain = Duration::from_millis(300));
    let open = begun(&running);
    wait_until("the request", || running.metric("arrears_requests_under_way") == 1.0);
    let start = Instant::now();
    let log = running.stop().text();
    assert!(start.elapsed() < Duration::from_secs(5));
    assert!(log.contains("\"all_answered\":false"), "{log}");
    drop(open);
}

#[test]
fn a_reader_who_does_not_read_is_let_go() {
    let running = Running::with(&[SCORECARD], |options, _| {
        options.limits.request = Duration::from_secs(2);
        options.limits.connections = 1;
    });
    let mut deaf = running.client();
    // The answer is far larger than what the system keeps for a connection.
    let body = list(40_000);
    let head = format!("POST /score HTTP/1.1\r\nhost: a\r\ncontent-length: {}\r\n\r\n", body.len());
    deaf.send(head.as_bytes()).unwrap();
    deaf.send(body.as_bytes()).unwrap();
    let mut next = running.client();
    next.send(b"GET /ping HTTP/1.1\r\nhost: a\r\n\r\n").unwrap();
    assert_eq!(next.answer().unwrap().status, 200, "the only connection is free again");
}
