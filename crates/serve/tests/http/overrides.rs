//! What people set for single customers, over HTTP.

use crate::running::{Running, root, wait_until};
use arrears_model::Model;
use arrears_serve::http::{DecisionLogOptions, HttpOptions, OverrideOptions, ReplayOptions, Service, replay};
use arrears_serve::{Input, Output, Overrides, ScoreOptions, score_file};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

const CSV: &str = "content-type: text/csv";
const CUSTOMERS: &str = "customer,channel,late_days,income,debts,orders,spend\n\
    C1,shop,0,4000,130,8,95\n\
    C2,web,12.5,1000,250,3,-50\n\
    7,stand,29,800,800,2,400\n\
    C4,boat,30,500,600,5,1000\n\
    C5,shop,,1,1,1,1\n\
    \"C,6\",shop,5,,100,1,50\n";
const OVERRIDES: &str = "customer,field,value,reason,author,expires\n\
    C2,grade,good,\"long known, \"\"well\"\" paid\",desk,2026-09-30\n\
    C1,limit,123.5,agreed,desk,2026-12-31\n\
    7,grade,at risk,fraud,desk,2026-10-31\n\
    7,limit,50,fraud,desk,2026-10-31\n\
    C5,grade,good,not scored,desk,2026-10-31\n\
    C4,grade,good,old,desk,2026-09-29\n\
    \"C,6\",grade,at risk,odd,desk,2027-01-01\n";

/// The sample with limits and tiers, with a name for its customers.
fn model() -> Model {
    let path = root().join("crates/model/tests/samples/v4-expert.json");
    let mut parts = Model::from_bytes(&fs::read(path).unwrap()).unwrap().into_parts();
    parts.schema.id = Some("customer".to_owned());
    Model::new(parts).unwrap()
}

/// A service with that model and these overrides, which go by `day`.
fn serving(day: &str, change: impl FnOnce(&mut HttpOptions, &Path)) -> Running {
    Running::with(&[], |options, folder| {
        fs::create_dir_all(folder.join("shop/1")).unwrap();
        fs::write(folder.join("shop/1/model.json"), model().to_bytes().unwrap()).unwrap();
        fs::write(book(folder), OVERRIDES).unwrap();
        options.overrides = Some(OverrideOptions::as_of(&book(folder), day).unwrap());
        change(options, folder);
    })
}

fn book(folder: &Path) -> PathBuf {
    folder.join("overrides.csv")
}

/// The file through `arrears score`: the scored rows by id.
fn batch(as_of: &str) -> BTreeMap<String, BTreeMap<String, String>> {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    fs::write(path("in.csv"), CUSTOMERS).unwrap();
    fs::write(book(folder.path()), OVERRIDES).unwrap();
    let overrides = Some(Arc::new(Overrides::read(&book(folder.path()), as_of, &model()).unwrap()));
    let (output, rejects) = (Output::file(path("out.csv")), Output::file(path("rejects.csv")));
    let options = ScoreOptions { output, rejects, reasons: 4, points: false, id: None, overrides };
    score_file(&model(), Input::file(path("in.csv")), options, |_| {}).unwrap();
    rows(&fs::read(path("out.csv")).unwrap())
}

fn rows(csv: &[u8]) -> BTreeMap<String, BTreeMap<String, String>> {
    let read = csv::Reader::from_reader(csv).into_deserialize::<BTreeMap<String, String>>();
    read.map(Result::unwrap).map(|row| (row["customer"].clone(), row)).collect()
}

/// The customers as a list of JSON objects.
fn as_json() -> String {
    let read = csv::Reader::from_reader(CUSTOMERS.as_bytes()).into_deserialize::<BTreeMap<String, String>>();
    json!(read.map(Result::unwrap).collect::<Vec<_>>()).to_string()
}

#[test]
fn every_door_says_what_a_batch_says() {
    for day in ["2026-09-30", "2026-10-01", "2027-01-02"] {
        let (running, expected) = (serving(day, |_, _| {}), batch(day));
        assert_eq!(expected.len(), 5);
        let mut found = rows(&running.post("/score", &[CSV, "accept: text/csv"], CUSTOMERS).body);
        let refused = found.remove("C5").unwrap();
        assert!(refused["error"].contains("late_days") && refused["override"].is_empty());
        found.values_mut().for_each(|row| assert_eq!(row.remove("error"), Some(String::new())));
        assert_eq!(found, expected, "{day}");
        let answer = running.post("/score", &[], as_json()).json();
        for row in answer["rows"].as_array().unwrap() {
            let Some(expected) = expected.get(row["id"].as_str().unwrap()) else { continue };
            let text = |key: &str| row[key].as_str().unwrap_or_default().to_owned();
            let amount = |key: &str| row[key].as_f64().map_or(String::new(), |x| x.to_string());
            assert_eq!((text("grade"), text("tier")), (expected["grade"].clone(), expected["tier"].clone()));
            assert_eq!(
                (amount("limit"), text("override")),
                (expected["limit"].clone(), expected["override"].clone())
            );
            if !expected["override"].is_empty() {
                assert_eq!(text("model_grade"), expected["model_grade"]);
                assert_eq!(amount("model_limit"), expected["model_limit"]);
            }
        }
    }
}

#[test]
fn tensors_have_the_same_columns() {
    let running = serving("2026-09-30", |_, _| {});
    let tensor = |name: &str, kind: &str, data: Value| json!({ "name": name, "shape": [2], "datatype": kind, "data": data });
    let inputs = [
        tensor("customer", "BYTES", json!(["C2", "C1"])),
        tensor("channel", "BYTES", json!(["web", "shop"])),
        tensor("late_days", "FP64", json!([12.5, 0])),
        tensor("income", "FP64", json!([1000, 4000])),
        tensor("debts", "FP64", json!([250, 130])),
        tensor("orders", "FP64", json!([3, 8])),
        tensor("spend", "FP64", json!([-50, 95])),
    ];
    let answer = running
        .post("/v2/models/shop-limits-expert/infer", &[], json!({ "inputs": inputs }).to_string())
        .json();
    let data = |name: &str| {
        let outputs = answer["outputs"].as_array().unwrap();
        outputs.iter().find(|output| output["name"] == name).unwrap()["data"].clone()
    };
    let expected = batch("2026-09-30");
    for name in ["grade", "tier", "strategy", "model_grade", "override"] {
        assert_eq!(data(name), json!([expected["C2"][name], expected["C1"][name]]), "{name}");
    }
    for name in ["limit", "model_limit"] {
        let number = |id: &str| expected[id][name].parse::<f64>().unwrap();
        assert_eq!(data(name), json!([number("C2"), number("C1")]), "{name}");
    }
    let described = running.get("/v2/models/shop-limits-expert").json();
    let names: Vec<&str> =
        described["outputs"].as_array().unwrap().iter().map(|o| o["name"].as_str().unwrap()).collect();
    assert!(["limit", "tier", "strategy", "override"].iter().all(|name| names.contains(name)), "{names:?}");
}

#[test]
fn decisions_with_overrides_are_made_again() {
    let running = serving("2026-09-30", |options, folder| {
        options.decision_log = Some(DecisionLogOptions::new(folder.join("log")));
    });
    running.post("/score", &[CSV], CUSTOMERS);
    running.post("/score", &[], as_json());
    let log = running.folder.path().join("log");
    let replayed = || replay(&ReplayOptions { log: log.clone(), models: None }, |_, _| {}).unwrap();
    let found = replayed();
    assert!(found.passed(), "{:?}", found.findings);
    assert_eq!((found.requests, found.customers, found.equal), (2, 12, 12));
    // Without what people set the same bodies give something else: the log tells what was applied.
    let text = fs::read_to_string(log.join("decisions-00000001.ndjson")).unwrap();
    let wanted = r#"{"customer":2,"grade":"at risk","limit":50.0,"why":"grade by desk, until 2026-10-31: fraud; limit by desk, until 2026-10-31: fraud"}"#;
    assert!(text.contains(wanted), "{text}");
}

#[test]
fn a_changed_file_is_read_and_a_broken_one_is_not() {
    let running = serving("2026-09-30", |_, _| {});
    let limit = || {
        let answer = running.post("/score", &[CSV], CUSTOMERS).json();
        answer["rows"][0]["limit"].as_f64().unwrap()
    };
    assert_eq!(limit(), 123.5);
    fs::write(book(running.folder.path()), OVERRIDES.replace("123.5", "99.25")).unwrap();
    wait_until("the new limit", || limit() == 99.25);
    fs::write(book(running.folder.path()), OVERRIDES.replace("grade,good", "grade,gold")).unwrap();
    wait_until("the warning", || {
        running.log.text().contains("expected one of good, fair, at risk; those before stay in force")
    });
    assert_eq!(limit(), 99.25);
    fs::remove_file(book(running.folder.path())).unwrap();
    wait_until("the warning", || running.log.text().contains("cannot be read"));
    assert_eq!(limit(), 99.25);
    fs::write(book(running.folder.path()), OVERRIDES).unwrap();
    wait_until("the old limit", || limit() == 123.5);
}

#[test]
fn a_service_does_not_start_with_overrides_it_cannot_apply() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir_all(folder.path().join("shop/1")).unwrap();
    fs::write(folder.path().join("shop/1/model.json"), model().to_bytes().unwrap()).unwrap();
    for (text, said) in [
        (Some("customer,field,value,reason,author,expires\nC1,grade,gold,a,b,2030-01-01\n"), "line 2: grade"),
        (None, "cannot be read"),
    ] {
        text.into_iter().for_each(|text| fs::write(book(folder.path()), text).unwrap());
        let mut options = HttpOptions::new(folder.path());
        options.listen = ([127, 0, 0, 1], 0).into();
        options.overrides = Some(OverrideOptions::today(&book(folder.path()), "Europe/London").unwrap());
        let log = arrears_serve::http::Log::to(std::io::sink());
        let error = Service::start(&options, log).err().unwrap().to_string();
        assert!(error.contains(said), "{error}");
        let _ = fs::remove_file(book(folder.path()));
    }
}

#[test]
fn a_refused_customer_is_named_with_the_cause() {
    let running = serving("2026-09-30", |_, _| {});
    let customer = json!({ "customer": "C5", "channel": "shop", "late_days": null, "income": 1, "debts": 1, "orders": 1, "spend": 1 });
    let answer = running.post("/score", &[], customer.to_string());
    assert_eq!(answer.status, 422);
    let answer = answer.json();
    assert_eq!(
        (&answer["id"], &answer["cause"], &answer["field"]),
        (&json!("C5"), &json!("missing"), &json!("late_days"))
    );
}
