//! The Open Inference Protocol and MLflow's scoring protocol.

use crate::running::{CUSTOMER, Running, SCORECARD, SEGMENTS, TREE};
use serde_json::{Value, json};

const NUMBERS: [&str; 9] =
    ["seniority", "term_months", "age", "expenses", "income", "assets", "debt", "amount", "price"];
const TEXTS: [&str; 4] = ["home", "marital", "records", "job"];

/// Two customers as tensors; the second has no income.
fn tensors(upright: bool) -> Vec<Value> {
    let customer: Value = serde_json::from_str(CUSTOMER).unwrap();
    let all = NUMBERS.iter().chain(&TEXTS);
    all.map(|name| {
        let second = if *name == "income" { Value::Null } else { customer[name].clone() };
        let data = [customer[name].clone(), second];
        let data = if upright { json!([[data[0]], [data[1]]]) } else { json!(data) };
        let datatype = if NUMBERS.contains(name) { "FP64" } else { "BYTES" };
        json!({ "name": name, "shape": if upright { json!([2, 1]) } else { json!([2]) }, "datatype": datatype, "data": data })
    })
    .collect()
}

fn output<'a>(answer: &'a Value, name: &str) -> &'a Value {
    answer["outputs"].as_array().unwrap().iter().find(|output| output["name"] == name).unwrap()
}

#[test]
fn infer_with_both_shapes() {
    let running = Running::of(&[SCORECARD]);
    let one = running.post("/score", &[], CUSTOMER).json();
    let path = "/v2/models/credit-scorecard/infer";
    for upright in [false, true] {
        let body = json!({ "id": "r-1", "inputs": tensors(upright) });
        let answer = running.post(path, &[], body.to_string());
        assert_eq!(answer.status, 200, "{}", answer.text());
        let answer = answer.json();
        assert_eq!((&answer["id"], &answer["model_version"]), (&json!("r-1"), &json!("1.1.0")));
        let pd = output(&answer, "pd");
        assert_eq!(pd["data"][0], one["pd"]);
        assert_ne!(pd["data"][1], one["pd"], "its income is missing");
        assert_eq!(pd["shape"], if upright { json!([2, 1]) } else { json!([2]) });
        assert_eq!(
            (&pd["datatype"], &output(&answer, "grade")["datatype"]),
            (&json!("FP64"), &json!("BYTES"))
        );
        assert_eq!(output(&answer, "reason_1")["data"][0], one["reasons"][0]["text"]);
    }
}

#[test]
fn infer_as_a_table_and_with_wanted_outputs() {
    let running = Running::of(&[TREE]);
    let body = json!({
        "inputs": tensors(true), "parameters": { "content_type": "pd" }, "outputs": [{ "name": "leaf" }, { "name": "grade" }],
    });
    let path = "/v2/models/credit-tree/versions/1.1.0/infer";
    let answer = running.post(path, &[], body.to_string()).json();
    assert_eq!(answer["parameters"]["content_type"], "pd");
    assert_eq!(answer["outputs"].as_array().unwrap().len(), 2);
    assert_eq!(output(&answer, "grade")["parameters"]["content_type"], "str");
    let one = running.post("/score", &[], CUSTOMER).json();
    assert_eq!(output(&answer, "leaf")["data"][0], one["leaf"]);
    let unknown = json!({ "inputs": tensors(true), "outputs": [{ "name": "limit" }] });
    let fault = running.post(path, &[], unknown.to_string());
    assert_eq!(fault.status, 400);
    assert!(fault.json()["error"].as_str().unwrap().contains("there are pd, score"));
    let other = json!({ "inputs": tensors(true), "parameters": { "content_type": "np" } });
    assert_eq!(running.post(path, &[], other.to_string()).status, 400);
}

#[test]
fn infer_with_binary_tensors() {
    let running = Running::of(&[SCORECARD]);
    let customer: Value = serde_json::from_str(CUSTOMER).unwrap();
    let mut bytes = Vec::new();
    let mut inputs = Vec::new();
    for name in NUMBERS {
        bytes.extend(customer[name].as_f64().unwrap().to_le_bytes());
        inputs.push(json!({ "name": name, "shape": [1], "datatype": "FP64", "parameters": { "binary_data_size": 8 } }));
    }
    for name in TEXTS {
        let text = customer[name].as_str().unwrap();
        bytes.extend((text.len() as u32).to_le_bytes());
        bytes.extend(text.as_bytes());
        let size = 4 + text.len();
        inputs.push(json!({ "name": name, "shape": [1], "datatype": "BYTES", "parameters": { "binary_data_size": size } }));
    }
    let head = json!({ "inputs": inputs }).to_string();
    let length = format!("inference-header-content-length: {}", head.len());
    let headers = ["content-type: application/octet-stream", &length];
    let path = "/v2/models/credit-scorecard/infer";
    let body = [head.as_bytes(), &bytes].concat();
    let answer = running.post(path, &headers, &body);
    assert_eq!(answer.status, 200, "{}", answer.text());
    let one = running.post("/score", &[], CUSTOMER).json();
    assert_eq!(output(&answer.json(), "pd")["data"][0], one["pd"]);
    // Too few bytes, too many, and an infinite number, which is refused in its place.
    assert_eq!(running.post(path, &headers, &body[..body.len() - 1]).status, 400);
    assert_eq!(running.post(path, &headers, [&body[..], b"x"].concat()).status, 400);
    let mut infinite = body.clone();
    infinite[head.len()..head.len() + 8].copy_from_slice(&f64::INFINITY.to_le_bytes());
    let answer = running.post(path, &headers, infinite).json();
    assert_eq!(output(&answer, "error")["data"][0], "field `seniority`: expected a finite number");
    assert_eq!(output(&answer, "pd")["data"][0], Value::Null);
}

#[test]
fn what_python_writes_for_nan_is_missing() {
    let running = Running::of(&[SCORECARD]);
    let missing = running.post("/score", &[], CUSTOMER.replace("129.0", "null")).json();
    let records = format!("{{\"dataframe_records\": [{}]}}", CUSTOMER.replace("129.0", "NaN"));
    assert_eq!(running.post("/invocations", &[], records).json()["predictions"][0]["pd"], missing["pd"]);
    let infinite = format!("{{\"instances\": [{}]}}", CUSTOMER.replace("129.0", "-Infinity"));
    let refused = &running.post("/invocations", &[], infinite).json()["predictions"][0]["error"];
    assert_eq!((&refused["field"], &refused["cause"]), (&json!("income"), &json!("not_finite")));
    let tensors = json!({ "inputs": tensors(false) }).to_string().replace("null", "NaN");
    let answer = running.post("/v2/models/credit-scorecard/infer", &[], tensors).json();
    assert_eq!(output(&answer, "pd")["data"][1], missing["pd"]);
    assert_eq!(running.post("/score", &[], CUSTOMER.replace("129.0", "NaN")).status, 400, "it is no JSON");
}

#[test]
fn tensors_that_do_not_fit_are_refused() {
    let running = Running::of(&[SCORECARD]);
    let tensor = |shape: Value, data: Value| json!({ "name": "income", "shape": shape, "datatype": "FP64", "data": data });
    for inputs in [
        json!([tensor(json!([2]), json!([1]))]),
        json!([tensor(json!([1, 2]), json!([[1, 2]]))]),
        json!([tensor(json!([]), json!(1))]),
        json!([tensor(json!([1]), json!([1])), tensor(json!([1]), json!([1]))]),
        json!([
            tensor(json!([1]), json!([1])),
            json!({ "name": "debt", "shape": [2], "datatype": "FP64", "data": [1, 2] })
        ]),
        json!([{ "name": "income", "shape": [1], "datatype": "FP64" }]),
        json!([{ "shape": [1] }]),
        json!(3),
    ] {
        let body = json!({ "inputs": inputs }).to_string();
        let answer = running.post("/v2/models/credit-scorecard/infer?absent=missing", &[], &body);
        assert_eq!((answer.status, &answer.json()["code"]), (400, &json!("bad_body")), "{body}");
    }
}

#[test]
fn health_metadata_and_mlflow() {
    let running = Running::of(&[SEGMENTS]);
    assert_eq!(running.get("/v2").json()["name"], "arrears");
    assert_eq!(running.get("/v2/health/live").json()["live"], true);
    assert_eq!(running.get("/v2/health/ready").status, 200);
    assert_eq!(running.get("/v2/models/credit-segments/ready").json()["ready"], true);
    assert_eq!(running.get("/v2/models/credit-segments/versions/2/ready").status, 404);
    let metadata = running.get("/v2/models/credit-segments").json();
    assert_eq!(metadata["versions"], json!(["1.1.0"]));
    let names: Vec<&Value> = metadata["outputs"].as_array().unwrap().iter().map(|o| &o["name"]).collect();
    assert_eq!(names, ["segment", "distance", "margin", "novel", "flags", "error"]);
    assert_eq!(running.get("/ping").status, 200);
    assert_eq!(running.get("/version").text(), env!("CARGO_PKG_VERSION"));
    for body in [
        "{}",
        "[]",
        "{\"instances\": 1}",
        "{\"inputs\": {\"age\": 1}}",
        "{\"dataframe_split\": {\"columns\": []}}",
        "{\"instances\": [], \"inputs\": []}",
    ] {
        let fault = running.post("/invocations", &[], body);
        assert_eq!(fault.status, 400, "{body}");
    }
    let split = json!({ "dataframe_split": { "columns": ["age"], "data": [[30], [31, 2], 3] } }).to_string();
    let answer = running.post("/invocations?absent=missing", &[], split).json();
    assert!(answer["predictions"][0]["segment"].is_string());
    assert_eq!(answer["predictions"][1]["error"]["cause"], "unreadable");
    assert_eq!(answer["predictions"][2]["error"]["cause"], "unreadable");
}
