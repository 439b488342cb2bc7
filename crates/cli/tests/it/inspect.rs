//! `arrears inspect`.

use crate::common::{Room, sample};

#[test]
fn shows_what_each_kind_of_model_holds() {
    let room = Room::new();
    for (name, parts) in [
        ("scorecard", ["Points", "days_late", "= 9999", "优秀"]),
        ("logistic", ["Coefficients", "(intercept)", "per ", "missing"]),
        ("tree", ["Tree", "all customers", "-> pd ", "Leaves, riskiest first"]),
        ("segments", ["Segments", "share", "channel = app", "amount"]),
    ] {
        let run = room.run(&["inspect", sample(name).to_str().unwrap()]).ends(0);
        let run = run.prints(&parts).prints(&["checksum ", "Origin", "Columns it reads"]);
        assert_eq!(run.err, "");
        assert!(!run.out.contains('\u{1b}'), "colours without a terminal");
    }
}

#[test]
fn pairs_have_tables_of_their_own() {
    let room = Room::new();
    let sample = sample("scorecard").with_file_name("v2-scorecard-plus.json");
    let model = sample.to_str().unwrap();
    let words = ["Points on top, days_late (down) with home (across)", "-9 to -2", "9999 to 10001.5", "18.0"];
    room.run(&["inspect", model]).ends(0).prints(&words);
    let json = room.run(&["inspect", model, "--json"]).ends(0).out;
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    // 0.625 in log-odds below zero, 20 / ln 2 points each.
    let points = json["pairs"][0]["points"][1][1].as_f64().unwrap();
    assert!((points - 0.625 * 20.0 / std::f64::consts::LN_2).abs() < 1e-9, "{points}");
}

#[test]
fn points_add_up_to_the_score() {
    let room = Room::with_model();
    let json = room.run(&["inspect", "model", "--json"]).ends(0).out;
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    let points = |variable: &str, bin: &str| {
        let row = json["points"].as_array().unwrap().iter();
        let row = row.filter(|r| r["variable"] == variable && r["bin"] == bin).collect::<Vec<_>>();
        assert_eq!(row.len(), 1, "{variable} {bin}");
        row[0]["points"].as_f64().unwrap()
    };
    let sum = points("age", "[25, 40.5)")
        + points("days_late", "(-inf, 1)")
        + points("home", "owner, parents")
        + points("码", "1");
    // The score of age 33, 0 days late, owner, code 1 in the reference of the model crate.
    assert!((sum - 559.2576282489537).abs() < 1e-9, "{sum}");
    assert_eq!(json["model"]["name"], "sample-scorecard");
}

#[test]
fn is_quiet_when_its_reader_goes_away() {
    let room = Room::with_model();
    let run = room.run_unread(&["inspect", "model"]).ends(0);
    assert_eq!(run.err, "");
}

#[test]
fn base_points_may_stand_alone_and_ranges_add_up() {
    let room = Room::with_model();
    room.run(&["inspect", "model"]).ends(0).prints(&["Range of points", "worst", "neutral", "best"]);
    room.run(&["inspect", "model", "--base"]).ends(0).prints(&["base points"]);
    let ends = |args: &[&str]| {
        let json = room.run(&[&["inspect", "model", "--json"], args].concat()).ends(0).out;
        let json: serde_json::Value = serde_json::from_str(&json).unwrap();
        let rows = json["characteristics"].as_array().unwrap().clone();
        let sum = |key: &str| rows.iter().map(|row| row[key].as_f64().unwrap()).sum::<f64>();
        (rows.len(), sum("worst"), sum("best"))
    };
    let (spread, apart) = (ends(&[]), ends(&["--base"]));
    assert_eq!((spread.0, apart.0), (4, 5));
    assert!((spread.1 - apart.1).abs() < 1e-9 && (spread.2 - apart.2).abs() < 1e-9, "{spread:?} {apart:?}");
}

#[test]
fn a_tree_is_shown_as_a_policy() {
    let room = Room::new();
    let (sample, scorecard) = (sample("tree"), sample("scorecard"));
    let (tree, scorecard) = (sample.to_str().unwrap(), scorecard.to_str().unwrap());
    // 8 of 10: the Wilson interval of 0.8 is 0.4902 to 0.9433 (published widely, and by statsmodels).
    let run = room.run(&["inspect", tree, "--plot", "tree.svg"]).ends(0).prints(&[
        "reason in {late, size}: 30 rows",
        "bad rate 80.0% -> pd 0.7500, leaf 1\n",
        "49.0% to 94.3%",
        "\n 1  orders >= 12 and reason in {late, size} -> pd 0.7500, 10 rows\n",
        "\n 4  orders < 3.5 and orders != -7 -> pd ",
    ]);
    assert_eq!(run.err, "");
    let svg = room.read("tree.svg");
    assert!(svg.starts_with("<svg ") && svg.ends_with("</svg>\n") && svg.contains("leaf 4"));
    let json = room.run(&["inspect", tree, "--json"]).ends(0).out;
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    let rule = &json["rules"][1];
    assert_eq!((&rule["leaf"], &rule["count"], &rule["bads"]), (&2.into(), &20.into(), &14.into()));
    assert_eq!(rule["words"], "(3.5 <= orders < 12 or in {-7, missing}) and reason in {late, size}");
    let orders = serde_json::json!({
        "field": "orders", "type": "numbers", "interval": {"from": 3.5, "below": 12.0}, "special": [-7.0], "missing": true
    });
    let reason = serde_json::json!({
        "field": "reason", "type": "categories", "categories": ["late", "size"], "other": false, "missing": false
    });
    assert_eq!(rule["conditions"], serde_json::json!([orders, reason]));
    // Nothing to draw, nowhere to write: an error before anything is printed, and no file.
    let run = room
        .run(&["inspect", scorecard, "--plot", "points.svg"])
        .ends(2)
        .says(&["--plot draws decision trees"]);
    assert_eq!(run.out, "");
    room.run(&["inspect", tree, "--plot", "none/tree.svg"]).ends(2);
    assert_eq!(room.names(), ["tree.svg"]);
    let json = room.run(&["inspect", scorecard, "--json"]).ends(0).out;
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert!(json["rules"].is_null());
}
