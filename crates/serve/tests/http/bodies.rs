//! What bodies may look like, and what is said of those that may not.

use crate::running::{CUSTOMER, Running, SCORECARD, TREE};
use serde_json::{Value, json};

const MISSING: &str = "?absent=missing";

fn customer(change: impl FnOnce(&mut Value)) -> String {
    let mut customer: Value = serde_json::from_str(CUSTOMER).unwrap();
    change(&mut customer);
    customer.to_string()
}

#[test]
fn one_customer_is_answered_by_the_champion() {
    let running = Running::of(&[SCORECARD]);
    let answer = running.post("/score", &[], CUSTOMER);
    assert_eq!((answer.status, answer.header("content-type")), (200, Some("application/json")));
    let answer = answer.json();
    assert_eq!(answer["id"], "c-1");
    assert_eq!(answer["model"]["name"], "credit-scorecard");
    assert_eq!(answer["flags"], json!([]));
    // `arrears inspect` shows the texts; the losses fall.
    let points: Vec<f64> =
        answer["reasons"].as_array().unwrap().iter().map(|r| r["points"].as_f64().unwrap()).collect();
    assert!(points.len() == 4 && points.is_sorted_by(|a, b| a >= b) && points[3] > 0.0);
    assert_eq!(answer["reasons"][0]["text"], "Length of the loan");
}

#[test]
fn a_field_in_no_row_is_an_error_unless_declared() {
    let running = Running::of(&[SCORECARD]);
    let without = customer(|c| drop(c.as_object_mut().unwrap().remove("income")));
    let fault = running.post("/score", &[], &without);
    assert_eq!((fault.status, &fault.json()["code"]), (422, &json!("absent_fields")));
    assert_eq!(fault.json()["field"], "income");

    let declared = running.post(&format!("/score{MISSING}"), &[], &without).json();
    let null = running.post("/score", &[], customer(|c| c["income"] = Value::Null)).json();
    assert_eq!(declared["flags"], json!([{ "field": "income", "what": "absent, read as missing" }]));
    assert_eq!(null["flags"], json!([]));
    assert_eq!(declared["pd"], null["pd"]);

    // In a list one row that has it is enough, as in a file of NDJSON; the others are flagged.
    let list = running.post("/score", &[], format!("[{without},{CUSTOMER}]")).json();
    assert_eq!(list["rows"][0]["pd"], null["pd"]);
    assert_eq!(list["rows"][0]["flags"], declared["flags"]);
    let none = running.post("/score", &[], format!("[{without},{without}]"));
    assert_eq!(none.status, 422);
    let csv = running.post("/score", &["content-type: text/csv"], "id,home\n1,rent\n");
    assert_eq!((csv.status, &csv.json()["code"]), (422, &json!("absent_fields")));
    let csv = running.post(&format!("/score{MISSING}"), &["content-type: text/csv"], "id,home\n1,rent\n");
    assert_eq!(csv.json()["rows"][0]["id"], "1");
}

#[test]
fn rows_that_cannot_be_scored_keep_their_places() {
    let running = Running::of(&[SCORECARD]);
    let nested = customer(|c| c["debt"] = json!([1]));
    let text = customer(|c| c["debt"] = json!("much"));
    let twice = CUSTOMER.replacen('{', "{\"debt\": 1, ", 1);
    let surrogate = CUSTOMER.replace("\"rent\"", "\"\\ud800\"");
    let body = format!("[{CUSTOMER}, 5, {nested}, {text}, null, {twice}, {surrogate}, {CUSTOMER}]");
    let answer = running.post("/score", &[], body);
    assert_eq!(answer.status, 200, "{}", answer.text());
    let answer = answer.json();
    assert_eq!((&answer["scored"], &answer["rejected"]), (&json!(2), &json!(6)));
    let rows = answer["rows"].as_array().unwrap();
    assert_eq!(rows[0], rows[7]);
    let causes: Vec<&Value> = rows[1..7].iter().map(|row| &row["error"]["cause"]).collect();
    let expected = ["unreadable", "nested", "not_a_number", "unreadable", "given_twice", "not_text"];
    assert_eq!(causes, expected);
    let fields: Vec<&Value> = rows[1..7].iter().map(|row| &row["error"]["field"]).collect();
    assert_eq!(json!(fields), json!([null, "debt", "debt", null, "debt", "home"]));
    assert!(!answer.to_string().contains("much"), "values are not repeated");
}

#[test]
fn keys_of_nobody_and_escapes() {
    let running = Running::of(&[SCORECARD]);
    let plain = running.post("/score", &[], CUSTOMER).json();
    let more = customer(|c| c["deep"] = json!({ "a": [1, { "b": null }], "rows": [] }));
    assert_eq!(running.post("/score", &[], more).json(), plain);
    let escaped = CUSTOMER.replace("\"rent\"", "\"\\u0072ent\"").replace("\"price\"", "\"\\u0070rice\"");
    assert_eq!(running.post("/score", &[], escaped).json(), plain);
    let blanks = CUSTOMER.replace("\"rent\"", "\" rent \"").replace("846", "\" 846.0 \"");
    assert_eq!(running.post("/score", &[], blanks).json(), plain);
}

#[test]
fn empty_lists_and_bodies_that_are_none() {
    let running = Running::of(&[SCORECARD]);
    let none = running.post("/score", &[], "[]");
    assert_eq!((none.status, &none.json()["rows"]), (200, &json!([])));
    let csv = running.post("/score", &["accept: text/csv"], "[]");
    assert_eq!(csv.text().lines().count(), 1, "a header");
    for (body, code) in [
        (&b""[..], "bad_body"),
        (b"{", "bad_body"),
        (b"7", "bad_body"),
        (b"{} {}", "bad_body"),
        (b"[{},]", "bad_body"),
        (b"\xff\xfe", "bad_body"),
        (b"{\"income\": 1", "bad_body"),
        (b"{}", "absent_fields"),
        (b"[{}]", "absent_fields"),
    ] {
        let fault = running.post("/score", &[], body);
        assert_eq!(fault.json()["code"], code, "{}", String::from_utf8_lossy(body));
        assert_eq!(fault.status, if code == "bad_body" { 400 } else { 422 });
    }
    let media = running.post("/score", &["content-type: application/xml"], "<a/>");
    assert_eq!((media.status, &media.json()["code"]), (415, &json!("unsupported_media_type")));
    let packed = running.post("/score", &["content-encoding: gzip"], "x");
    assert_eq!(packed.status, 415);
    let query = running.post("/score?absent=maybe", &[], CUSTOMER);
    assert_eq!(query.status, 400);
    for kind in ["text/csv", "application/x-ndjson", "application/vnd.apache.arrow.stream"] {
        let fault = running.post("/score", &[&format!("content-type: {kind}")], b"");
        assert_eq!((fault.status, &fault.json()["code"]), (400, &json!("bad_body")), "{kind}");
    }
}

#[test]
fn paths_methods_and_models() {
    let running = Running::of(&[SCORECARD, ("credit-scorecard", "1.0.0"), TREE]);
    assert_eq!(running.get("/nowhere").status, 404);
    assert_eq!(running.get("/score").json()["code"], "method_not_allowed");
    let champion = running.post("/score", &[], CUSTOMER);
    assert_eq!((champion.status, &champion.json()["code"]), (404, &json!("no_model")), "none is named");
    let of = |path: &str| running.post(path, &[], CUSTOMER).json()["model"]["version"].clone();
    assert_eq!(of("/models/credit-scorecard/score"), "1.1.0", "the newest");
    assert_eq!(of("/models/credit-scorecard/versions/1.0.0/score"), "1.0.0");
    assert_eq!(running.post("/models/credit-scorecard/versions/9/score", &[], CUSTOMER).status, 404);
    let model = running.get("/models/credit-scorecard").json();
    assert_eq!(model["version_in_use"], "1.1.0");
    assert_eq!(model["versions"][1]["fields"][1]["categories"][0], "ignore");
}

#[test]
fn openapi_names_every_path_and_field() {
    let running = Running::of(&[SCORECARD, TREE]);
    let document = running.get("/openapi.json").json();
    assert_eq!(document["openapi"], "3.1.0");
    let schema = &document["components"]["schemas"]["credit-scorecard-1.1.0-customer"];
    assert_eq!(schema["properties"]["seniority"]["maximum"], 60.0);
    assert_eq!(schema["properties"]["home"]["examples"][0], "ignore");
    assert_eq!(schema["required"].as_array().unwrap().len(), 11);
    // Each path answers with its method: no listed path is unknown to the router, and none is listed with another.
    for (path, operations) in document["paths"].as_object().unwrap() {
        let path = path.replace("{model}", "credit-tree").replace("{version}", "1.1.0");
        let method = operations.as_object().unwrap().keys().next().unwrap().to_uppercase();
        let answer = running.client().request(&format!("{method} {path}"), &[], b"");
        assert_ne!(answer.status, 405, "{method} {path}");
        let code = if answer.header("content-type") == Some("application/json") {
            answer.json()["code"].clone()
        } else {
            Value::Null
        };
        assert_ne!(code, "not_found", "{method} {path}");
    }
    // Every reference leads somewhere.
    let text = document.to_string();
    for reference in text.split("#/components/schemas/").skip(1) {
        let name = reference.split('"').next().unwrap();
        assert!(document["components"]["schemas"].get(name).is_some(), "{name}");
    }
}
