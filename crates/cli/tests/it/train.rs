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
fn a_scorecard_plus_is_asked_for_by_name() {
    let room = Room::with_credit();
    room.run(&["train", "recipe.toml", "--kind", "scorecard-plus", "-o", "plus"]).ends(0);
    let model: serde_json::Value = serde_json::from_str(&room.read("plus/model.json")).unwrap();
    assert_eq!((&model["format_version"], &model["model"]["kind"]), (&2.into(), &"scorecard_plus".into()));
    assert_eq!(model["model"]["provenance"]["engine"], "native");
    assert!(room.read("plus/recipe.toml").contains("[plus]\nmax_pairs = 10\n"));
    assert!(room.read("plus/card.md").contains("## Points"));
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

#[test]
fn the_saved_recipe_trains_the_same_model_again() {
    let room = Room::with_credit();
    let first = ["train", "data.csv", "--target", "status", "--positive", "bad", "--id", "id", "-o", "a"];
    room.run(&first).ends(0);
    room.run(&["train", "a/recipe.toml", "-o", "b"]).ends(2).says(&["--data"]);
    room.run(&["train", "a/recipe.toml", "--data", "data.csv", "-o", "b"]).ends(0);
    assert_eq!(room.read("a/model.json"), room.read("b/model.json"));
    room.run(&["train", "data.csv", "--data", "other.csv"]).ends(2).says(&["data.csv", "--data"]);
}

#[test]
fn a_declared_column_can_be_left_out() {
    let room = Room::with_credit();
    room.run(&["train", "recipe.toml", "--exclude", "age,home", "-o", "m"]).ends(0);
    let model: serde_json::Value = serde_json::from_str(&room.read("m/model.json")).unwrap();
    let fields = model["model"]["schema"]["fields"].as_array().unwrap();
    assert!(!fields.is_empty() && fields.iter().all(|f| f["name"] != "age" && f["name"] != "home"));
}

#[test]
fn a_guessed_bad_label_is_warned_of() {
    let room = Room::with_credit();
    let flags = room.read("data.csv").replace(",good,", ",0,").replace(",bad,", ",1,");
    room.file("flags.csv", flags);
    let args = ["train", "flags.csv", "--target", "status", "--id", "id", "--kind", "tree", "-o", "m"];
    room.run(&args).ends(0).says(&["warning: label `1` of `status` counts as bad"]);
    let told = room.run(&[&args[..], &["--positive", "1"]].concat()).ends(0);
    assert!(!told.err.contains("warning"), "{}", told.err);
}
