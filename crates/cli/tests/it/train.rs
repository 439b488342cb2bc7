//! `arrears train`.

use crate::common::Room;
use std::fs;

#[test]
fn from_a_recipe_writes_a_model_folder() {
    let room = Room::with_credit();
    let run = room.run(&["train", "recipe.toml"]).ends(0);
    run.prints(&["4454  rows read", "seniority", "kept", "AUC", "models/credit-scorecard/1.0.0/model.json"]);
    for file in ["model.json", "card.md", "vectors.ndjson", "recipe.toml"] {
        assert!(room.path("models/credit-scorecard/1.0.0").join(file).is_file(), "{file}");
    }
}

#[test]
fn twice_gives_the_same_bytes_and_another_seed_others() {
    let room = Room::with_credit();
    let model = |args: &[&str], dir: &str| {
        room.run(&[&["train", "recipe.toml", "--kind", "tree", "-o", dir], args].concat()).ends(0);
        fs::read(room.path(dir).join("model.json")).unwrap()
    };
    let first = model(&[], "a");
    assert!(first == model(&[], "b"));
    assert!(first != model(&["--seed", "8"], "c"));
}

#[test]
fn from_data_and_options() {
    let room = Room::with_credit();
    let args = ["train", "data.csv", "--target", "status", "--positive", "bad", "--id", "id"];
    let more = ["--exclude", "marital,age", "--name", "loans", "--kind", "logistic", "--engine", "smartcore"];
    let run = room.run(&[&args[..], &more, &["--json", "-o", "made"]].concat()).ends(0);
    let json: serde_json::Value = serde_json::from_str(&run.out).unwrap();
    assert_eq!((&json["name"], &json["kind"]), (&"loans-logistic".into(), &"logistic".into()));
    assert!(json["validation"]["discrimination"]["auc"].as_f64().unwrap() > 0.7);
    let model: serde_json::Value = serde_json::from_str(&room.read("made/model.json")).unwrap();
    let fields = model["model"]["schema"]["fields"].as_array().unwrap();
    assert!(fields.iter().all(|f| f["name"] != "marital" && f["name"] != "age" && f["name"] != "id"));
    assert_eq!(model["model"]["provenance"]["engine"], "smartcore");
}

#[test]
fn says_what_is_missing() {
    let room = Room::with_credit();
    room.run(&["train", "data.csv"]).ends(2).says(&["--target"]);
    room.run(&["train", "data.csv", "--target", "stat"]).ends(2).says(&["stat", "seniority"]);
    room.run(&["train", "data.csv", "--target", "home"]).ends(2).says(&["home"]);
    room.run(&["train", "data.csv", "--target", "status", "--positive", "worse"]).ends(2).says(&["worse"]);
    room.run(&["train", "nowhere.toml"]).ends(2).says(&["nowhere.toml"]);
    room.file("typo.toml", "[data]\npath = \"data.csv\"\ntraget = \"status\"\n");
    room.run(&["train", "typo.toml"]).ends(2).says(&["traget"]);
    room.file("bare.toml", "name = \"bare\"\n");
    room.run(&["train", "bare.toml"]).ends(2).says(&["bare.toml", "path", "[data]"]);
    assert!(!room.path("models").exists());
}
