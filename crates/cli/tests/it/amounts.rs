//! `--kind amount-tree`: from training to validation and scores.

use crate::common::Room;
use std::fmt::Write;

/// 1,200 loans in default; the loss rises with what was owed and falls with the collateral.
fn defaults() -> String {
    let mut csv = "id,owed,collateral,region,loss\n".to_owned();
    for i in 0..1200_u64 {
        let (owed, noise) = (i * 7919 % 5000, i * 104_729 % 613);
        let (collateral, region) =
            (["none", "car", "house"][(i % 3) as usize], ["n", "s"][(i / 7 % 2) as usize]);
        let share = [9, 5, 2][(i % 3) as usize];
        let _ = writeln!(csv, "d{i},{owed},{collateral},{region},{}.5", owed * share / 10 + noise);
    }
    csv
}

const DATA: [&str; 8] = ["train", "data.csv", "--target", "loss", "--id", "id", "--kind", "amount-tree"];

fn trained() -> Room {
    let room = Room::new();
    room.file("data.csv", defaults());
    let run = room.run(&[&DATA[..], &["-o", "m"]].concat()).ends(0);
    run.prints(&[
        "amount-tree with native",
        "Leaves, highest amount first",
        " leaf  rows  share      mean  deviation          95% interval  expected  of rows  of total",
        "Rules\n",
        " and collateral = none -> ",
        " expected, ",
        "On the rows held out\n  300 rows\n",
        "  MAE ",
        "the training mean for all: ",
        "  Total predicted ",
    ]);
    room
}

#[test]
fn a_loss_is_learned_shown_measured_and_expected() {
    let room = trained();
    // The recipe makes the same model again.
    room.run(&["train", "m/recipe.toml", "--data", "data.csv", "-o", "again"]).ends(0);
    assert_eq!(room.read("m/model.json"), room.read("again/model.json"));
    let shown = room.run(&["inspect", "m", "--plot", "tree.svg"]).ends(0);
    shown.prints(&[
        "trained on 900 rows\nloss: mean ",
        "all customers: 900 rows, mean ",
        " expected, leaf 1\n",
    ]);
    assert!(room.read("tree.svg").contains("loss: 900 customers, mean "));
    let json: serde_json::Value =
        serde_json::from_str(&room.run(&["inspect", "m", "--json"]).ends(0).out).unwrap();
    assert_eq!((&json["points"], &json["model"]["kind"]), (&serde_json::Value::Null, &"amount_tree".into()));
    let rules = json["rules"].as_array().unwrap();
    assert!(rules.len() > 5 && rules[0]["leaf"] == 1, "{rules:?}");
    for key in ["words", "count", "mean", "deviation", "interval", "value", "total", "cumulative_total_share"]
    {
        assert!(!rules[0][key].is_null(), "{key} of {}", rules[0]);
    }
    assert_eq!(rules[rules.len() - 1]["cumulative_total_share"], 1.0);
    let rows: u64 = rules.iter().map(|rule| rule["count"].as_u64().unwrap()).sum();
    assert_eq!(rows, 900);

    let run = room.run(&["score", "m", "data.csv", "-o", "out.csv"]).ends(0);
    run.says(&["1200 of 1200 rows scored with data-amount-tree", "expected amounts: mean "]);
    let scored = room.read("out.csv");
    assert!(
        scored.starts_with("id,amount,leaf,reason_1,reason_2,reason_3,reason_4,flags,model\n"),
        "{scored}"
    );
    let first: Vec<&str> = scored.lines().nth(1).unwrap().split(',').collect();
    let leaf = &rules[first[2].parse::<usize>().unwrap() - 1];
    assert_eq!(first[1].parse::<f64>().ok(), leaf["value"].as_f64());
    room.run(&["score", "m", "data.csv", "--points"]).ends(2);
}

#[test]
fn a_model_of_amounts_is_validated_and_gated() {
    let room = trained();
    let run = room.run(&["validate", "m", "data.csv"]).ends(0);
    run.prints(&[
        "300 of 300 rows measured",
        " MAE ",
        " R2 ",
        "Predicted against actual, highest band first",
        " Amount PSI ",
    ]);
    room.file("good.toml", "max_mae = 400\nmin_r2 = 0.8\nmin_spearman = 0.9\nmax_mean_error = 60\n");
    room.file("strict.toml", "max_rmse = 1\n");
    let args = ["validate", "m", "data.csv", "--gates"];
    room.run(&[&args[..], &["good.toml", "--junit", "r.xml", "--json", "r.json"]].concat()).ends(0);
    assert!(room.read("r.xml").contains("max_mean_error") && room.read("r.xml").contains("failures=\"0\""));
    let json: serde_json::Value = serde_json::from_str(&room.read("r.json")).unwrap();
    assert!(json["amounts"]["r2"].as_f64().unwrap() > 0.8 && json["discrimination"].is_null());
    assert_eq!(json["model"]["kind"], "amount_tree");
    room.run(&[&args[..], &["strict.toml"]].concat()).ends(1).prints(&["max_rmse", "FAIL"]);
    // The rows trained on are those whose amounts were known.
    room.run(&["validate", "m", "data.csv", "--part", "train"]).ends(0).prints(&["900 of 900 rows measured"]);
    let later = "id,owed,collateral,region,loss\nx,100,none,n,12\ny,4000,house,s,not yet\n";
    room.file("later.csv", later);
    let run = room.run(&["validate", "m", "later.csv"]).ends(0);
    run.prints(&["1 of 2 rows measured, 1 without a known outcome"]);
}

#[test]
fn what_amounts_do_not_go_with_is_said() {
    let room = Room::new();
    room.file("data.csv", defaults());
    let run = |more: &[&str]| room.run(&[&DATA[..], more].concat());
    run(&["--engine", "linfa"]).ends(2).says(&["the engine `linfa` knows no amount-tree"]);
    run(&["--optimal"]).ends(2).says(&["`--optimal` is of kind tree, and this is amount-tree"]);
    run(&["--segments", "tree", "-o", "s"]).ends(2).says(&["`--segments` is of scorecards"]);
    let scorecard = room.run(&["train", "data.csv", "--target", "loss"]).ends(2);
    scorecard.says(&["expected two labels", "--kind amount-tree"]);
    // A recipe of a scorecard, used for an amount of the same data.
    let room = Room::with_credit();
    let run = room.run(&[
        "train",
        "recipe.toml",
        "--target",
        "amount",
        "--kind",
        "amount-tree",
        "--exclude",
        "status",
    ]);
    run.ends(0).prints(&["Leaves, highest amount first"]);
}
