//! `arrears serve --decision-log` when it is killed and when the disk is full; `arrears replay`.

#![cfg(target_os = "linux")]

use crate::common::Room;
use crate::service::{Connection, Service, address, signal};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering::Relaxed};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

const CUSTOMER: &str = r#""seniority":9,"home":"rent","term_months":60,"age":30,"marital":"married","records":"no","job":"freelance","expenses":73,"income":129.0,"assets":0.0,"debt":0.0,"amount":800,"price":846"#;

fn frozen(version: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../models/credit-scorecard")
        .join(version)
        .join("model.json")
}

/// A folder with a model that can be replaced.
fn with_models() -> Room {
    let room = Room::new();
    fs::create_dir(room.path("models")).unwrap();
    fs::copy(frozen("1.0.0"), room.path("models/model.json")).unwrap();
    room
}

/// What was said of a customer: the row of the answer, and the model's checksum.
type Said = (Value, String);

/// The decisions of a log: what was said of each id, which stands in it once.
fn logged(log: &Path) -> BTreeMap<String, Said> {
    let mut said = BTreeMap::new();
    for entry in fs::read_dir(log).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "ndjson") {
            continue;
        }
        for line in fs::read_to_string(path).unwrap().lines().skip(1) {
            let line: Value = serde_json::from_str(line).unwrap();
            let checksum = &line["model"]["sha256"].as_str().unwrap()[..16];
            for row in line["customers"].as_array().unwrap() {
                let id = row["id"].as_str().unwrap().to_owned();
                assert!(
                    said.insert(id, (row.clone(), checksum.to_owned())).is_none(),
                    "{row} stands there twice"
                );
            }
        }
    }
    said
}

/// Sends customers for as long as it may, and keeps what it was told in full.
fn client(number: usize, at: Arc<Mutex<Option<String>>>, stop: Arc<AtomicBool>) -> JoinHandle<Vec<Said>> {
    thread::spawn(move || {
        let (mut told, mut next) = (Vec::new(), 0);
        while !stop.load(Relaxed) {
            let place = at.lock().unwrap().clone();
            let Some(mut connection) = place.and_then(|at| Connection::to(&at).ok()) else {
                thread::sleep(Duration::from_millis(2));
                continue;
            };
            while !stop.load(Relaxed) {
                // One customer, three, or enough for a thread of its own.
                let count = [1, 3, 1, 1, 400][next % 5];
                let one = |n| format!("{{\"id\":\"{number}-{n}\",{CUSTOMER}}}");
                let rows: Vec<String> = (next..next + count).map(one).collect();
                next += count;
                let body = if count == 1 { rows[0].clone() } else { format!("[{}]", rows.join(",")) };
                let Ok((status, answer)) = connection.request("POST /score", &body) else { break };
                assert_eq!(status, 200, "{answer}");
                let mut answer: Value = serde_json::from_str(&answer).unwrap();
                let model = answer.as_object_mut().unwrap().remove("model").unwrap();
                let checksum = model["checksum"].as_str().unwrap();
                let rows =
                    answer.get("rows").map_or(vec![answer.clone()], |rows| rows.as_array().unwrap().clone());
                assert_eq!(rows.len(), count);
                told.extend(rows.into_iter().map(|row| (row, checksum.to_owned())));
            }
        }
        told
    })
}

/// 200 kills where larger data sets are tested too, else 10.
fn kills() -> u32 {
    if std::env::var_os("DATASETS_DIR").is_some() { 200 } else { 10 }
}

#[test]
fn a_killed_service_has_logged_whatever_it_answered() {
    let room = with_models();
    let (models, log) = (room.path("models"), room.path("log"));
    let (at, stop) = (Arc::new(Mutex::new(None)), Arc::new(AtomicBool::new(false)));
    let process = Arc::new(AtomicU32::new(0));
    let clients: Vec<_> = (0..4).map(|number| client(number, at.clone(), stop.clone())).collect();
    let swapper = {
        let (models, stop, process) = (models.clone(), stop.clone(), process.clone());
        thread::spawn(move || {
            for version in ["1.1.0", "1.0.0"].into_iter().cycle().take_while(|_| !stop.load(Relaxed)) {
                fs::copy(frozen(version), models.join("new")).unwrap();
                fs::rename(models.join("new"), models.join("model.json")).unwrap();
                match process.load(Relaxed) {
                    0 => {}
                    id => signal(id, "HUP"),
                }
                thread::sleep(Duration::from_millis(25));
            }
        })
    };
    let (mut dice, mut listened) = (1_u64, 0);
    for kill in 0..kills() {
        dice = dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let life = Duration::from_millis(400).mul_f64((dice >> 40) as f64 / (1 << 24) as f64);
        let mut service = Service::start(&models, &log);
        // Every other one while it starts, or soon after; the rest while it answers.
        let (start, patience) = (Instant::now(), if kill % 2 == 0 { life } else { Duration::from_secs(60) });
        if let Some(line) = service.hears("listening", patience) {
            listened += 1;
            *at.lock().unwrap() = Some(address(&line));
            process.store(service.id(), Relaxed);
            thread::sleep(if kill % 2 == 0 { life.saturating_sub(start.elapsed()) } else { life });
        }
        process.store(0, Relaxed);
        service.kill();
        *at.lock().unwrap() = None;
    }
    stop.store(true, Relaxed);
    swapper.join().unwrap();
    let told: Vec<Said> = clients.into_iter().flat_map(|client| client.join().unwrap()).collect();
    // Once more, so that what the last kill left is cut off.
    let mut service = Service::start(&models, &log);
    service.address();
    service.kill();
    let logged = logged(&log);
    for (row, checksum) in &told {
        let id = row["id"].as_str().unwrap();
        assert_eq!(logged.get(id), Some(&(row.clone(), checksum.clone())), "answered, so it is in the log");
    }
    let models: std::collections::BTreeSet<&String> = logged.values().map(|(_, checksum)| checksum).collect();
    assert!(listened * 2 >= kills() && told.len() > 4 * kills() as usize && models.len() == 2);
    let replayed = room.run(&["replay", "log", "--json"]).ends(0);
    let replayed: Value = serde_json::from_str(&replayed.out).unwrap();
    assert_eq!((&replayed["passed"], &replayed["different"]), (&json!(true), &json!(0)));
    assert_eq!((&replayed["equal"], &replayed["unfinished_bytes"]), (&json!(logged.len()), &json!(0)));
}

fn limit(service: &Service, bytes: &str) {
    // The soft limit only, which may be raised again.
    let limit = ["--pid", &service.id().to_string(), &format!("--fsize={bytes}:")];
    assert!(Command::new("prlimit").args(limit).status().unwrap().success());
}

#[test]
fn what_cannot_be_written_is_not_answered() {
    let room = with_models();
    let log = room.path("log");
    let service = Service::start(&room.path("models"), &log);
    let at = service.address();
    let ask = |line: &str, body: &str| Connection::to(&at).unwrap().request(line, body).unwrap();
    let post = |id: &str| ask("POST /score", &format!("{{\"id\":\"{id}\",{CUSTOMER}}}"));
    let is_refused = |id: &str| {
        let (status, fault) = post(id);
        let fault: Value = serde_json::from_str(&fault).unwrap();
        assert_eq!((status, &fault["code"]), (503, &json!("not_recorded")));
        assert_eq!(fault.as_object().unwrap().len(), 2, "no scores: {fault}");
    };
    let says = |metric: &str| assert!(ask("GET /metrics", "").1.contains(metric), "{metric}");
    assert_eq!(post("a").0, 200);
    // As on a full disk: no byte can be written, and no new file.
    limit(&service, "0");
    (0..3).for_each(|_| is_refused("b"));
    assert_eq!(ask("GET /v2/health/ready", "").0, 503);
    says("arrears_decision_log_ready 0\n");
    says("arrears_decision_log_refused_total 3\n");
    assert!(service.says("decision_log_failed")["why"].as_str().unwrap().contains("too large"));
    thread::sleep(Duration::from_millis(1_200));
    is_refused("b");
    limit(&service, "unlimited");
    service.says("decision_log_mended");
    assert_eq!((post("c").0, ask("GET /v2/health/ready", "").0), (200, 200));
    says("arrears_decision_log_ready 1\n");
    // A part of a line can be written; a new segment has room again.
    let size = fs::metadata(log.join("decisions-00000002.ndjson")).unwrap().len();
    limit(&service, &(size + 100).to_string());
    is_refused("d");
    service.says("decision_log_mended");
    assert_eq!(post("e").0, 200);
    service.stop();
    assert_eq!(logged(&log).into_keys().collect::<Vec<_>>(), ["a", "c", "e"]);
    room.run(&["replay", "log"]).ends(0).prints(&[" segments        3\n", " equal           3 "]);
}

#[test]
fn replay_says_what_is_wrong() {
    let room = with_models();
    let log = room.path("log");
    let service = Service::start(&room.path("models"), &log);
    let mut connection = Connection::to(&service.address()).unwrap();
    for id in ["a", "b"] {
        let body = format!("{{\"id\":\"{id}\",{CUSTOMER}}}");
        assert_eq!(connection.request("POST /score", &body).unwrap().0, 200);
    }
    // The service may go on.
    let run = room.run(&["replay", "log"]).ends(0).prints(&[
        " requests        2\n",
        " last sequence   2 ",
        "last hash ",
    ]);
    assert_eq!(run.err, "");
    service.stop();
    let segment = log.join("decisions-00000001.ndjson");
    let text = fs::read_to_string(&segment).unwrap();
    fs::write(&segment, text.replacen("\"pd\":0.2", "\"pd\":0.1", 1)).unwrap();
    room.run(&["replay", "log"])
        .ends(1)
        .prints(&[" breaks          1 ", "log/decisions-00000001.ndjson, line 2: the line is damaged"]);
    let run = room.run(&["replay", "log/decisions-00000001.ndjson", "--json"]).ends(1);
    let found: Value = serde_json::from_str(&run.out).unwrap();
    assert_eq!((&found["passed"], &found["findings"][0]["line"]), (&json!(false), &json!(2)));
    room.run(&["replay", "nowhere"]).ends(2).says(&["nowhere"]);
    // A service does not go on with a log that was changed.
    let refused = room.run(&["serve", "models", "--listen", "127.0.0.1:0", "--decision-log", "log"]);
    refused.ends(2).says(&["decisions-00000001.ndjson`: line 2 is damaged"]);
}
