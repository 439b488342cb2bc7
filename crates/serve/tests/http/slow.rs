//! Peers who take their time: each is cut off, and nobody waits for them.

use crate::running::{CUSTOMER, Running, SCORECARD, wait_until};
use serde_json::json;
use std::thread;
use std::time::{Duration, Instant};

const HEAD: &[u8] = b"POST /score HTTP/1.1\r\nhost: a\r\n";

fn impatient(connections: usize) -> Running {
    Running::with(&[SCORECARD], |options, _| {
        options.limits.request = Duration::from_millis(800);
        options.limits.head = Duration::from_millis(500);
        options.limits.connections = connections;
    })
}

/// Sends a piece again and again, so that the connection never rests; how long it lived.
fn drip(running: &Running, begin: &[u8], piece: &[u8]) -> Duration {
    let mut client = running.client();
    let start = Instant::now();
    client.send(&[HEAD, begin].concat()).unwrap();
    while start.elapsed() < Duration::from_secs(10) && client.send(piece).is_ok() {
        thread::sleep(Duration::from_millis(20));
    }
    if let Ok(answer) = client.answer() {
        assert_eq!((answer.status, &answer.json()["code"]), (408, &json!("timeout")));
    }
    start.elapsed()
}

#[test]
fn what_drips_is_cut_off_however_steadily() {
    let running = impatient(100);
    for (begin, piece) in [
        // A head that never ends, by lines and within one.
        (&b""[..], &b"x: y\r\n"[..]),
        (b"x: ", b"a"),
        // A body that comes byte by byte.
        (b"content-length: 100000\r\n\r\n", b" "),
        // Chunks without end, of bytes and of nothing but what may stand behind their sizes.
        (b"transfer-encoding: chunked\r\n\r\n", b"1\r\n \r\n"),
        (b"transfer-encoding: chunked\r\n\r\n1;", b"a"),
        (b"transfer-encoding: chunked\r\n\r\n", b"0"),
        // Trailers without end.
        (b"transfer-encoding: chunked\r\n\r\n1\r\n \r\n0\r\n", b"x: y\r\n"),
    ] {
        let lived = drip(&running, begin, piece);
        let what = String::from_utf8_lossy(&[begin, piece].concat()).into_owned();
        assert!(lived < Duration::from_secs(5), "{what:?} lived for {lived:?}");
    }
    assert_eq!(running.post("/score", &[], CUSTOMER).status, 200);
    assert_eq!(running.metric("arrears_requests_under_way"), 0.0);
}

#[test]
fn idle_connections_keep_nobody_out() {
    let running = impatient(50);
    let mut idle: Vec<_> = (0..200).map(|_| running.client()).collect();
    // Some say nothing at all, some the half of a head, some wait after an answer.
    for (at, client) in idle.iter_mut().enumerate() {
        match at % 3 {
            0 => {}
            1 => client.send(HEAD).unwrap(),
            _ => client.send(b"GET /ping HTTP/1.1\r\nhost: a\r\n\r\n").unwrap(),
        }
    }
    wait_until("a place", || running.post("/score", &[], CUSTOMER).status == 200);
    for client in &mut idle {
        // An answer may come before, or where the head was cut short.
        while client.answer().is_ok() {}
    }
}

#[test]
fn compressed_bodies_are_not_opened() {
    let running = Running::of(&[SCORECARD]);
    let bomb = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3];
    for headers in [
        &["content-encoding: gzip"][..],
        &["content-encoding: br", "content-type: text/csv"],
        &["content-type: application/gzip"],
        &["content-type: text/csv+gzip"],
    ] {
        let answer = running.post("/score", headers, &bomb);
        assert_eq!((answer.status, &answer.json()["code"]), (415, &json!("unsupported_media_type")));
    }
    // Without saying so, it is text that is none.
    assert_eq!(running.post("/score", &["content-type: text/csv"], &bomb).status, 400);
}
