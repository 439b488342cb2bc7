//! A model of amounts over HTTP: JSON, CSV and tensors say what the plain scorer says.

use crate::running::{Running, root};
use arrears_model::{Scorer, Value};
use arrears_serve::load_model;
use std::fs;

fn sample() -> std::path::PathBuf {
    root().join("crates/model/tests/samples/v3-amount-tree.json")
}

#[test]
fn every_form_gives_the_amount_its_leaf_and_reasons() {
    let model = load_model(&sample()).unwrap();
    let running = Running::with(&[], |_, folder| {
        fs::copy(sample(), folder.join("model.json")).unwrap();
    });
    let row = [Value::Number(12.0), Value::Text("late")];
    let expected = Scorer::new(&model).score(&row).unwrap();
    let (amount, first) = (expected.amount.unwrap(), expected.reasons[0]);
    let json = running.post("/score", &[], r#"{"id": "b", "orders": 12, "reason": "late"}"#).json();
    assert_eq!(json["amount"].as_f64().unwrap().to_bits(), amount.to_bits());
    assert!(json["pd"].is_null() && json["leaf"].as_i64().unwrap() > 0, "{json}");
    assert_eq!(json["reasons"][0]["amount"].as_f64().unwrap().to_bits(), first.loss.to_bits());
    let csv = running.post(
        "/score",
        &["content-type: text/csv", "accept: text/csv"],
        "id,orders,reason\nb,12,late\n",
    );
    let lines: Vec<&str> = csv.text().lines().collect();
    assert!(lines[0].starts_with("id,amount,leaf,reason_1"), "{lines:?}");
    assert!(lines[1].starts_with(&format!("b,{amount},")), "{lines:?}");
    let infer = r#"{"inputs": [{"name": "orders", "shape": [1], "datatype": "FP64", "data": [12]},
        {"name": "reason", "shape": [1], "datatype": "BYTES", "data": ["late"]}]}"#;
    let outputs = running.post(&format!("/v2/models/{}/infer", model.name), &[], infer).json();
    let found = outputs["outputs"].as_array().unwrap().iter().find(|o| o["name"] == "amount").unwrap();
    assert_eq!(found["data"][0].as_f64().unwrap().to_bits(), amount.to_bits());
}
