//! Bodies of some megabytes that are written so as to become many times as much.

use crate::running::{CUSTOMER, Running, SCORECARD};
use crate::{MEMORY, alone};
use std::time::{Duration, Instant};

/// Bytes of each body, about.
const BODY: usize = 8 << 20;

/// Bytes that a body may take, all in all: itself as it comes in, some copies, and a few times as much.
const MOST: usize = 12 * BODY;

fn filled(begin: &str, piece: &str, end: &str) -> Vec<u8> {
    [begin, &piece.repeat(BODY / piece.len()), end].concat().into_bytes()
}

/// `{"k0":1,"k1":1,...}`.
fn keys(value: &str) -> String {
    let members: Vec<String> = (0..600_000).map(|n| format!("\"k{n}\":{value}")).collect();
    format!("{{{}}}", members.join(","))
}

/// Tensors of bytes behind the JSON that nobody reads: the body, and the length of its JSON.
fn tensors() -> (Vec<u8>, String) {
    const ROWS: usize = 100_000;
    let count = BODY / ROWS;
    let input = |n: usize| {
        format!(
            r#"{{"name":"x{n}","shape":[{ROWS}],"datatype":"INT8","parameters":{{"binary_data_size":{ROWS}}}}}"#
        )
    };
    let inputs: Vec<String> = (0..count).map(input).collect();
    let json = format!(r#"{{"inputs":[{}]}}"#, inputs.join(","));
    let length = json.len().to_string();
    ([json.into_bytes(), vec![1; ROWS * count]].concat(), length)
}

#[test]
fn no_body_takes_many_times_its_size() {
    let _alone = alone();
    let running = Running::of(&[SCORECARD]);
    let (ndjson, csv) = ("content-type: application/x-ndjson", "content-type: text/csv");
    let json = "content-type: application/json";
    let (tensors, length) = tensors();
    let head_length = format!("inference-header-content-length: {length}");
    let split = r#"{"dataframe_split":{"columns":["#;
    let infer = "/v2/models/credit-scorecard/infer";
    let bodies: Vec<(&str, &str, &str, Vec<u8>)> = vec![
        ("many keys", "/score", json, keys("1").into_bytes()),
        ("many keys in a row", "/score", json, format!("[{}]", keys("1")).into_bytes()),
        ("many keys of a line", "/score", ndjson, keys("1").into_bytes()),
        ("deep lists", "/score", json, filled("{\"x\":", "[", "")),
        ("deep objects", "/score", json, filled("", "{\"a\":", "")),
        ("deep rows", "/score", json, filled("[{\"income\":", "[", "")),
        ("many rows", "/score", json, filled("[", "{},", "{}]")),
        ("many empty lines", "/score", ndjson, filled("{\"a\":1}\n", "\n", "")),
        ("many fields of a record", "/score", csv, filled("a,b\n", ",", "\n")),
        ("many columns", "/score", csv, filled("", ",", "\n1\n")),
        ("many short records", "/score", csv, filled("a\n", ",\n", "")),
        ("a quote left open", "/score", csv, filled("a\n\"", "x,\n", "")),
        ("many columns of a table", "/invocations", json, filled(split, "\"\",", "\"\"],\"data\":[]}}")),
        ("a long row", "/invocations", json, filled(&format!("{split}\"a\"],\"data\":[["), "1,", "1]]}}")),
        ("many columns by name", "/invocations", json, format!("{{\"inputs\":{}}}", keys("[]")).into_bytes()),
        ("words of Python", "/invocations", json, filled("{\"inputs\":{\"income\":[", "NaN,", "NaN]}}")),
        (
            "many tensors",
            infer,
            json,
            filled("{\"inputs\":[", "{\"name\":\"\",\"shape\":[],\"datatype\":\"\"},", "3]}"),
        ),
        ("tensors that nobody reads", infer, &head_length, tensors),
    ];
    for (what, path, header, body) in bodies {
        let held = MEMORY.current_usage();
        MEMORY.reset_peak_usage();
        let start = Instant::now();
        let answer = running.post(path, &[header], &body);
        let (took, most) = (start.elapsed(), MEMORY.peak_usage() - held);
        assert!((400..500).contains(&answer.status), "{what}: {} {}", answer.status, answer.text());
        assert!(most < MOST, "{what}: {} MiB for a body of {}", most >> 20, body.len() >> 20);
        assert!(took < Duration::from_secs(20), "{what}: {took:?}");
    }
    assert_eq!(running.post("/score", &[], CUSTOMER).status, 200);
}
