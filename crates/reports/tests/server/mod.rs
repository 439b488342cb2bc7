//! A server on this machine that answers well, badly, late, too much or not at all, and an agency that asks it.

use arrears_reports::{Agency, agencies};
use axum::Router;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, Response};
use axum::routing::get;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// What the server saw.
#[derive(Default)]
pub(crate) struct Seen {
    /// Requests by customer, with their times.
    pub(crate) asked: BTreeMap<String, Vec<Instant>>,
    pub(crate) headers: Vec<HeaderMap>,
    now: usize,
    pub(crate) most: usize,
}

pub(crate) type Shared = Arc<Mutex<Seen>>;

pub(crate) struct Server {
    pub(crate) address: String,
    pub(crate) seen: Shared,
    _runtime: tokio::runtime::Runtime,
}

fn reply(status: u16, body: impl Into<Body>) -> Response<Body> {
    Response::builder().status(status).body(body.into()).expect("a response")
}

/// The customer's name says what it gets.
async fn answer(
    State(seen): State<Shared>,
    Path(customer): Path<String>,
    headers: HeaderMap,
) -> Response<Body> {
    let nth = {
        let mut seen = seen.lock().expect("unharmed");
        seen.headers.push(headers);
        seen.now += 1;
        seen.most = seen.most.max(seen.now);
        let asked = seen.asked.entry(customer.clone()).or_default();
        asked.push(Instant::now());
        asked.len()
    };
    let report = |score: &str| {
        reply(200, format!(r#"{{"report":{{"date":"2026-03-01","score":{score},"searches":3}}}}"#))
    };
    let response = match customer.split('-').next().unwrap_or_default() {
        "unknown" => reply(404, "{}"),
        "nothing" => reply(204, ""),
        "broken" => reply(500, "oops"),
        "twice" if nth <= 2 => reply(503, "busy"),
        "later" if nth == 1 => Response::builder()
            .status(429)
            .header("Retry-After", "1")
            .body(Body::empty())
            .expect("a response"),
        "tomorrow" => Response::builder()
            .status(429)
            .header("Retry-After", "86400")
            .body(Body::empty())
            .expect("a response"),
        "bad" => reply(400, "no"),
        "locked" => reply(401, "who?"),
        "slow" => {
            tokio::time::sleep(Duration::from_secs(3)).await;
            report("700")
        }
        "some" => {
            tokio::time::sleep(Duration::from_millis(100)).await;
            report("700")
        }
        "huge" => reply(200, format!(r#"{{"report":{{"score":1}},"x":"{}"}}"#, "x".repeat(100_000))),
        "deep" => reply(200, "[".repeat(100_000)),
        "garbage" => reply(200, vec![0xff, 0xfe, 0x00]),
        "empty" => reply(200, "{}"),
        "word" => report("\"high\""),
        "list" => report("[1]"),
        "text" => report("\" 712.5 \""),
        "moved" => Response::builder()
            .status(302)
            .header("Location", "/r/found")
            .body(Body::empty())
            .expect("a response"),
        "away" => Response::builder()
            .status(302)
            .header("Location", "http://localhost:1/r/found")
            .body(Body::empty())
            .expect("a response"),
        "round" => Response::builder()
            .status(302)
            .header("Location", "/r/round")
            .body(Body::empty())
            .expect("a response"),
        _ => report("650"),
    };
    seen.lock().expect("unharmed").now -= 1;
    response
}

pub(crate) fn server() -> Server {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .expect("a runtime");
    let seen = Shared::default();
    let routes = Router::new().route("/r/{customer}", get(answer)).with_state(seen.clone());
    let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).expect("a port");
    let address = listener.local_addr().expect("an address").to_string();
    runtime.spawn(async move { axum::serve(listener, routes).await });
    Server { address, seen, _runtime: runtime }
}

pub(crate) fn agency(address: &str, folder: &TempDir, more: &str) -> Agency {
    let text = format!(
        "[agency.test]\nurl = \"http://{address}/r/{{customer}}\"\nbackoff = \"10ms\"\nmax_wait = \"5s\"\nper_second = 1000\n\
         retries = 3\ntimeout = \"1s\"\nmax_bytes = 10000\n{more}\n[agency.test.columns]\nat = \"/report/date\"\n\
         score = \"/report/score\"\ninquiries = \"/report/searches\"\n"
    );
    let file = folder.path().join("shop.toml");
    agencies(&text, &file).expect("a sound section").remove(0)
}
