//! `arrears validate`.

use crate::common::{CUSTOMERS, Room, Run};

fn trained() -> Room {
    let room = Room::with_credit();
    room.run(&["train", "recipe.toml", "-o", "model"]).ends(0);
    room
}

#[test]
fn gates_decide_the_exit_code() {
    let room = trained();
    room.file("low.toml", "min_auc = 0.7\nmin_rows = 1000\n");
    room.file("high.toml", "min_auc = 0.99\nmin_rows = 1000\n");
    let run =
        room.run(&["validate", "model", "data.csv", "--gates", "low.toml", "--junit", "low.xml"]).ends(0);
    run.prints(&["AUC", "PASS"]);
    let run =
        room.run(&["validate", "model", "data.csv", "--gates", "high.toml", "--junit", "high.xml"]).ends(1);
    run.prints(&["FAIL", "PASS"]);
    assert!(room.read("low.xml").contains("failures=\"0\""), "{}", room.read("low.xml"));
    assert!(room.read("high.xml").contains("failures=\"1\""), "{}", room.read("high.xml"));
    room.file("typo.toml", "min_acu = 0.7\n");
    room.run(&["validate", "model", "data.csv", "--gates", "typo.toml"])
        .ends(2)
        .says(&["typo.toml", "min_acu"]);
    room.run(&["validate", "model", "data.csv", "--gates", "none.toml"]).ends(2).says(&["none.toml"]);
}

#[test]
fn the_training_file_is_measured_on_its_held_out_rows() {
    let room = trained();
    let rows = |args: &[&str]| {
        let run = room.run(&[&["validate", "model", "data.csv", "--json", "-"], args].concat()).ends(0);
        let json: serde_json::Value = serde_json::from_str(&run.out).unwrap();
        (json["data"]["part"].as_str().unwrap().to_owned(), json["data"]["rows"].as_u64().unwrap(), run.err)
    };
    let (part, holdout, err) = rows(&[]);
    assert_eq!(part, "holdout");
    assert!(err.contains("held out of training"), "{err}");
    let (_, train, _) = rows(&["--part", "train"]);
    let (_, all, err) = rows(&["--part", "all"]);
    assert_eq!((holdout + train, all), (4454, 4454));
    assert!(err.contains("flatter"), "{err}");
}

#[test]
fn measures_what_training_measured() {
    let room = Room::with_credit();
    let auc = |run: Run, at: &str| {
        let json: serde_json::Value = serde_json::from_str(&run.ends(0).out).unwrap();
        json.pointer(at).unwrap().as_f64().unwrap().to_bits()
    };
    let trained = room.run(&["train", "recipe.toml", "--kind", "tree", "-o", "model", "--json"]);
    let trained = auc(trained, "/validation/discrimination/auc");
    let measured = room.run(&["validate", "model", "data.csv", "--json", "-"]);
    assert_eq!(auc(measured, "/discrimination/auc"), trained);
}

#[test]
fn another_file_is_measured_whole() {
    let room = trained();
    let data = room.read("data.csv");
    let lines: Vec<&str> = data.lines().take(2001).collect();
    room.file("other.csv", lines.join("\n") + "\n");
    let run = room.run(&["validate", "model", "other.csv", "--json", "report.json"]).ends(0);
    run.prints(&["AUC"]);
    let json: serde_json::Value = serde_json::from_str(&room.read("report.json")).unwrap();
    assert_eq!((&json["data"]["part"], &json["data"]["rows"]), (&"all".into(), &2000.into()));
    room.run(&["validate", "model", "other.csv", "--part", "holdout"]).ends(2).says(&["sha256"]);
}

#[test]
fn a_gate_that_cannot_be_computed_fails() {
    let room = Room::with_model();
    room.file("new.csv", CUSTOMERS);
    room.file("gates.toml", "min_auc = 0.5\n");
    room.run(&["validate", "model", "new.csv", "--gates", "gates.toml"]).ends(1).prints(&["FAIL"]);
}

#[test]
fn nothing_measured_is_no_success() {
    let room = trained();
    let header = room.read("data.csv").lines().next().unwrap().to_owned() + "\n";
    room.file("header.csv", header);
    room.run(&["validate", "model", "header.csv"]).ends(2).says(&["nothing was measured"]);
}

#[test]
fn junit_needs_gates_and_can_go_to_standard_output() {
    let room = trained();
    room.run(&["validate", "model", "data.csv", "--junit", "out.xml"]).ends(2).says(&["--gates"]);
    room.file("gates.toml", "min_rows = 10\n");
    let run = room.run(&["validate", "model", "data.csv", "--gates", "gates.toml", "--junit", "-"]).ends(0);
    assert!(run.out.starts_with("<?xml") && !run.out.contains("Gini"), "{}", run.out);
    assert!(!room.path("-").exists());
}

#[test]
fn a_strategy_table_is_printed_and_stands_in_the_json() {
    let room = trained();
    let money = ["validate", "model", "data.csv", "--profit-good", "100", "--loss-bad", "1000"];
    let with = |args: &[&str]| room.run(&[&money, args].concat());
    with(&[]).ends(0).prints(&["Approving from a score on", "best", "odds of 10.00 goods to a bad"]);
    let json = with(&["--cutoffs", "520,480", "--json", "-"]).ends(0).out;
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    let rows = json["strategy"]["rows"].as_array().unwrap();
    assert_eq!((rows[0]["cutoff"].as_f64(), rows[1]["cutoff"].as_f64()), (Some(480.0), Some(520.0)));
    assert!(rows[0]["approved"].as_u64() > rows[1]["approved"].as_u64());
    with(&["--cutoff-step", "25"]).ends(0).prints(&["500.0", "525.0"]);
    with(&["--cutoff-step", "0"]).ends(2).says(&["cut-off step"]);
    with(&["--cutoffs", "1", "--cutoff-step", "1"]).ends(2).says(&["--cutoff-step"]);
    room.run(&["validate", "model", "data.csv", "--profit-good", "100"]).ends(2).says(&["--loss-bad"]);
    room.run(&["validate", "model", "data.csv", "--cutoffs", "500"]).ends(2).says(&["--profit-good"]);
}
