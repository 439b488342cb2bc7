//! The decision log: what is answered is on the disk, and a replay gives the same bits.

use crate::changed_bodies::seeds;
use crate::running::{CUSTOMER, PLUS, Running, SCORECARD, SEGMENTS, TREE, put, root};
use arrears_serve::ServeError;
use arrears_serve::http::{DecisionLogOptions, HttpOptions, Log, ReplayOptions, Replayed, Service, replay};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::fs;
use std::path::{Path, PathBuf};

const CSV: &str = "content-type: text/csv";

fn logging(models: &[(&str, &str)], segment_bytes: u64) -> Running {
    Running::with(models, |options, folder| {
        options.champion = Some(models[0].0.to_owned());
        options.decision_log = Some(DecisionLogOptions { folder: folder.join("log"), segment_bytes });
    })
}

fn log_of(running: &Running) -> PathBuf {
    running.folder.path().join("log")
}

fn replayed(log: &Path) -> Replayed {
    replay(&ReplayOptions { log: log.to_owned(), models: None }, |_, _| {}).unwrap()
}

fn segment(log: &Path) -> PathBuf {
    log.join("decisions-00000001.ndjson")
}

/// The lines of the first segment behind its header.
fn texts(log: &Path) -> Vec<String> {
    let text = fs::read_to_string(segment(log)).unwrap();
    text.lines().skip(1).map(str::to_owned).collect()
}

/// The same, parsed.
fn lines(log: &Path) -> Vec<Value> {
    texts(log).iter().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Writes the lines of the first segment anew, with a chain that is whole.
fn write_anew(log: &Path, lines: &[String]) {
    let text = fs::read_to_string(segment(log)).unwrap();
    let header = text.lines().next().unwrap();
    let mut prev = serde_json::from_str::<Value>(header).unwrap()["hash"].as_str().unwrap().to_owned();
    let mut out = format!("{header}\n");
    for line in lines {
        let sealed = format!("{},\"prev\":\"{prev}\"", line.rsplit_once(",\"prev\":").unwrap().0);
        prev = Sha256::digest(&sealed).iter().map(|b| format!("{b:02x}")).collect();
        out += &format!("{sealed},\"hash\":\"{prev}\"}}\n");
    }
    fs::write(segment(log), out).unwrap();
}

/// Puts a text in the place of the last one like `from`.
fn replace_last(line: &mut String, from: &str, to: &str) {
    let at = line.rfind(from).unwrap_or_else(|| panic!("no {from} in {line}"));
    line.replace_range(at..at + from.len(), to);
}

/// Every door and form of body; binary tensors too.
fn requests() -> Vec<(String, Vec<String>, Vec<u8>)> {
    let mut all: Vec<(String, Vec<String>, Vec<u8>)> = seeds()
        .into_iter()
        .map(|(path, kind, body)| (path.to_owned(), vec![format!("content-type: {kind}")], body))
        .collect();
    let line = CUSTOMER.replace('\n', " ");
    let json = |path: &str, body: Value| (path.to_owned(), Vec::new(), body.to_string().into_bytes());
    let customer: Value = serde_json::from_str(CUSTOMER).unwrap();
    all.extend([
        ("/score".to_owned(), Vec::new(), line.clone().into_bytes()),
        ("/score".to_owned(), Vec::new(), line.replace("129.0", "\"n\u{e9}\\u0001\"").into_bytes()),
        json("/invocations", json!({ "dataframe_records": [customer, 3] })),
        json("/invocations", json!({ "instances": [customer] })),
        (
            "/invocations".to_owned(),
            Vec::new(),
            format!("{{\"instances\": [{}]}}", line.replace("129.0", "NaN")).into_bytes(),
        ),
        ("/invocations".to_owned(), vec![CSV.to_owned()], b"income,home\n1,rent\nx,\xff\n".to_vec()),
    ]);
    let mut body = json!({ "inputs": [
        { "name": "income", "shape": [2], "datatype": "FP64", "parameters": { "binary_data_size": 16 } },
        { "name": "home", "shape": [2, 1], "datatype": "BYTES", "parameters": { "binary_data_size": 13 } },
    ]})
    .to_string()
    .into_bytes();
    let head = format!("inference-header-content-length: {}", body.len());
    for bytes in [
        &129.5_f64.to_le_bytes()[..],
        &f64::NAN.to_le_bytes(),
        &4_u32.to_le_bytes(),
        b"rent",
        &1_u32.to_le_bytes(),
        b"x",
    ] {
        body.extend(bytes);
    }
    all.push((
        "/v2/models/credit-tree/infer?absent=missing".to_owned(),
        vec![head, "content-type: application/octet-stream".to_owned()],
        body,
    ));
    all
}

#[test]
fn every_door_and_form_is_logged_and_replayed() {
    let models = [TREE, SCORECARD, SEGMENTS, PLUS];
    let running = logging(&models, 1 << 30);
    let mut sent = Vec::new();
    for (path, headers, body) in requests() {
        let headers: Vec<&str> = headers.iter().map(String::as_str).collect();
        let path = if path.contains('?') { path } else { format!("{path}?absent=missing") };
        let answer = running.post(&path, &headers, &body);
        assert!([200, 422].contains(&answer.status), "{path}: {} {}", answer.status, answer.text());
        sent.push((body, answer));
    }
    let csv = fs::read(root().join("datasets/credit/data.csv")).unwrap();
    for (model, _) in models {
        let answer = running.post(&format!("/models/{model}/score"), &[CSV], &csv);
        sent.push((csv.clone(), answer));
    }
    let log = log_of(&running);
    let lines = lines(&log);
    assert_eq!(lines.len(), sent.len());
    for (at, (line, (body, answer))) in lines.iter().zip(&sent).enumerate() {
        assert_eq!((&line["seq"], &line["durable"]), (&json!(at + 1), &json!(at)));
        assert_eq!(line["status"], answer.status);
        match line["body"].as_str() {
            Some(text) => assert_eq!(text.as_bytes(), body),
            None => assert!(std::str::from_utf8(body).is_err() && line["body_base64"].is_string()),
        }
        let said = line["customers"].as_array().unwrap();
        let answer = answer.json();
        // A list is answered with the very rows of the log; one customer with its row and the model.
        for key in ["rows", "predictions"] {
            assert!(answer.get(key).is_none_or(|rows| rows.as_array() == Some(said)));
        }
        if answer.get("pd").is_some() {
            let mut answer = answer;
            let model = answer.as_object_mut().unwrap().remove("model").unwrap();
            assert_eq!(said[..], [answer]);
            assert!(
                line["model"]["sha256"].as_str().unwrap().starts_with(model["checksum"].as_str().unwrap())
            );
        }
    }
    let found = replayed(&log);
    assert!(found.passed(), "{found:?}");
    assert_eq!(
        (found.requests, found.first.unwrap().0, found.last.unwrap().0),
        (lines.len() as u64, 1, lines.len() as u64)
    );
    let customers: usize = lines.iter().map(|line| line["customers"].as_array().unwrap().len()).sum();
    assert!(customers > 16_000);
    assert_eq!((found.customers, found.equal), (customers as u64, customers as u64));
    assert_eq!(found.last_hash, lines[lines.len() - 1]["hash"]);
    assert_eq!(running.metric("arrears_decision_log_lines_total"), lines.len() as f64);
    let bytes = fs::metadata(segment(&log)).unwrap().len();
    let header = fs::read_to_string(segment(&log)).unwrap().find('\n').unwrap() as u64 + 1;
    assert_eq!(running.metric("arrears_decision_log_bytes_total"), (bytes - header) as f64);
    assert_eq!(running.metric("arrears_decision_log_sync_seconds_count"), lines.len() as f64);
    assert_eq!(running.metric("arrears_decision_log_ready"), 1.0);
}

#[test]
fn what_is_refused_unscored_is_not_logged() {
    let running = logging(&[SCORECARD], 1 << 30);
    for body in ["{", "{}", "[1", "[{\"income\": 3}]"] {
        assert!(running.post("/score", &[], body).status >= 400);
    }
    assert_eq!(lines(&log_of(&running)), [Value::Null; 0]);
}

#[test]
fn a_result_that_was_changed_is_found() {
    let running = logging(&[SCORECARD], 1 << 30);
    let list = format!("[{CUSTOMER},{CUSTOMER},{CUSTOMER}]");
    (0..3).for_each(|_| assert_eq!(running.post("/score", &[], &list).status, 200));
    let log = log_of(&running);
    let good = texts(&log);
    write_anew(&log, &good);
    assert!(replayed(&log).passed(), "the helper writes a whole chain");
    let row = lines(&log)[0]["customers"][0].clone();
    let next = |x: &Value| json!(f64::from_bits(x.as_f64().unwrap().to_bits() + 1)).to_string();
    let number = |key: &str, x: &Value| (format!("\"{key}\":{x}"), format!("\"{key}\":{}", next(x)));
    let text = |from: &str, to: &str| (from.to_owned(), to.to_owned());
    let changes = [
        ("`pd` is 0.2241", number("pd", &row["pd"])),
        ("`score` is 522.9", number("score", &row["score"])),
        ("`grade` is \"good\" and was \"excellent\"", text("\"grade\":\"good\"", "\"grade\":\"excellent\"")),
        ("`reasons` is [{", number("points", &row["reasons"][3]["points"])),
        ("the id", text("\"id\":\"c-1\"", "\"id\":\"c-2\"")),
        ("`error` is nothing and was {}", text("\"flags\":[]}", "\"flags\":[],\"error\":{}}")),
        ("the log says nothing", text("{\"id\":\"c-1\"", "3,{\"id\":\"c-1\"")),
    ];
    for (what, (from, to)) in changes {
        let mut lines = good.clone();
        replace_last(&mut lines[1], &from, &to);
        write_anew(&log, &lines);
        let found = replayed(&log);
        assert!(!found.passed());
        let more = u64::from(what == "the log says nothing");
        assert_eq!((found.different, found.breaks, found.unreadable), (1 + more, 0, 0), "{what}");
        assert_eq!((found.equal, found.customers), (8, 9 + more));
        let finding = &found.findings[0];
        assert_eq!((finding.line, finding.customer), (3, Some(3)));
        assert!(finding.file.ends_with("decisions-00000001.ndjson"));
        assert!(finding.what.starts_with(what), "{finding:?}");
    }
    // A customer less than the body has, and a body that is none.
    let mut lines = good.clone();
    let at = lines[0].rfind(",{\"id\":\"c-1\"").unwrap();
    let end = lines[0].rfind("],\"prev\"").unwrap();
    lines[0].replace_range(at..end, "");
    replace_last(&mut lines[2], "\"body\":\"[", "\"body\":\"{[");
    write_anew(&log, &lines);
    let found = replayed(&log);
    assert_eq!((found.customers, found.different, found.equal, found.breaks), (8, 4, 5, 0), "{found:?}");
    assert_eq!(found.findings[0].what, "the log says nothing of this customer");
    assert!(found.findings[1].what.starts_with("the body is refused: "));
    // A gap in the numbers, though the chain is whole.
    let mut lines = good.clone();
    replace_last(&mut lines[1], "{\"seq\":2,", "{\"seq\":3,");
    write_anew(&log, &lines);
    let found = replayed(&log);
    assert_eq!((found.breaks, found.equal), (2, 9), "{found:?}");
    // Another model of the same name, a form nobody knows, and no model.
    let mut lines = good;
    replace_last(&mut lines[0], "\"version\":\"1.1.0\"", "\"version\":\"1.0.0\"");
    replace_last(&mut lines[1], "\"door\":\"score\"", "\"door\":\"window\"");
    replace_last(&mut lines[2], "\"sha256\":\"", "\"sha256\":\"../../");
    write_anew(&log, &lines);
    let found = replayed(&log);
    assert_eq!((found.unreadable, found.different, found.requests), (3, 0, 3), "{found:?}");
}

#[test]
fn any_changed_byte_and_any_lost_line_is_found() {
    let running = logging(&[TREE], 1 << 30);
    (0..3).for_each(|_| assert_eq!(running.post("/score", &[], CUSTOMER).status, 200));
    let log = log_of(&running);
    let good = fs::read(segment(&log)).unwrap();
    assert!(replayed(&log).passed());
    for at in 0..good.len() {
        let mut changed = good.clone();
        changed[at] ^= 1 << (at % 8);
        fs::write(segment(&log), &changed).unwrap();
        let found = replayed(&log);
        assert!(!found.passed() && found.breaks > 0, "byte {at}: {found:?}");
    }
    let text = String::from_utf8(good.clone()).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    for gone in 0..lines.len() - 1 {
        let kept: Vec<&str> =
            lines.iter().enumerate().filter(|(at, _)| *at != gone).map(|(_, l)| *l).collect();
        fs::write(segment(&log), kept.join("\n") + "\n").unwrap();
        assert!(!replayed(&log).passed(), "line {gone} is gone");
    }
    let mut swapped = lines.clone();
    swapped.swap(1, 2);
    fs::write(segment(&log), swapped.join("\n") + "\n").unwrap();
    assert!(!replayed(&log).passed());
    // A line that is being written is no damage; it is said.
    fs::write(segment(&log), [&good[..], b"{\"seq\":4,\"dur"].concat()).unwrap();
    let found = replayed(&log);
    assert!(found.passed());
    assert_eq!((found.unfinished_bytes, found.requests), (13, 3));
}

#[test]
fn a_log_goes_on_over_restarts_segments_and_models() {
    let folder = tempfile::tempdir().unwrap();
    let (models, log) = (folder.path().join("models"), folder.path().join("log"));
    put(&models, ("credit-scorecard", "1.0.0"));
    let mut options = HttpOptions::new(&models);
    options.listen = ([127, 0, 0, 1], 0).into();
    options.decision_log = Some(DecisionLogOptions { folder: log.clone(), segment_bytes: 5_000 });
    for start in 0..4 {
        if start == 2 {
            fs::remove_dir_all(&models).unwrap();
            put(&models, TREE);
        }
        let service = Service::start(&options, Log::to(std::io::sink())).unwrap();
        let refused = Service::start(&options, Log::to(std::io::sink())).err().unwrap();
        assert!(matches!(refused, ServeError::DecisionLog { .. }), "{refused}");
        let mut client = crate::client::Client::connect(service.address());
        for _ in 0..10 {
            assert_eq!(client.request("POST /score", &[], CUSTOMER.as_bytes()).status, 200);
        }
        service.stop();
    }
    let found = replayed(&log);
    assert!(found.passed() && found.segments > 4, "{found:?}");
    assert_eq!((found.requests, found.last.clone().unwrap().0), (40, 40));
    // One segment alone, first with the log's models beside it, then with others, then with none.
    let alone = folder.path().join("alone.ndjson");
    fs::copy(log.join("decisions-00000002.ndjson"), &alone).unwrap();
    let kept = replayed(&log.join("decisions-00000002.ndjson"));
    assert!(kept.passed() && kept.requests > 0 && kept.segments == 1);
    let with =
        |models: Option<PathBuf>| replay(&ReplayOptions { log: alone.clone(), models }, |_, _| {}).unwrap();
    assert_eq!(with(Some(log.join("models"))).equal, kept.equal);
    assert_eq!(with(Some(root().join("models/credit-scorecard"))).equal, kept.equal);
    let none = with(None);
    assert_eq!((none.unreadable, none.equal, none.breaks), (kept.requests, 0, 0));
    assert!(none.findings[0].what.contains("--models"), "{none:?}");
    // The oldest segments may be put away; one in the middle may not.
    fs::remove_file(log.join("decisions-00000001.ndjson")).unwrap();
    assert!(replayed(&log).passed());
    fs::remove_file(log.join("decisions-00000003.ndjson")).unwrap();
    assert!(replay(&ReplayOptions { log, models: None }, |_, _| {}).is_err());
}

#[test]
fn replay_of_what_is_no_log_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let of = |log: &Path| replay(&ReplayOptions { log: log.to_owned(), models: None }, |_, _| {});
    assert!(of(folder.path()).err().unwrap().to_string().contains("holds no decisions-"));
    assert!(of(&folder.path().join("none")).is_err());
    let text = folder.path().join("text.ndjson");
    for other in ["", "a\nb\n", "\n", "no end"] {
        fs::write(&text, other).unwrap();
        assert!(!of(&text).unwrap().passed(), "{other:?}");
    }
}
