//! What the recipe declares of bins, as people see it: merged bins, long labels, mistakes.

use crate::common::Room;
use serde_json::Value;

/// 4,000 rows: `town` has 400 categories of alike size, `income` is missing now and then, and safest there.
fn room(more: &str) -> Room {
    let room = Room::new();
    let mut data = String::from("town,income,branch,y\n");
    for i in 0..4000_u64 {
        let (town, income, draw) = (i % 400, (i * 31) % 97, (i * 7919) % 100);
        let missing = i % 11 == 0;
        let risk = if missing { 5 } else { 50 - income / 3 } + if town < 200 { 25 } else { 0 };
        let income = if missing { String::new() } else { income.to_string() };
        data += &format!("town {:03},{income},{},{}\n", town, i % 3, u8::from(draw < risk));
    }
    room.file("data.csv", data);
    room.file(
        "recipe.toml",
        format!("[data]\npath = \"data.csv\"\ntarget = \"y\"\nexclude = [\"branch\"]\n[clean]\nduplicates = \"keep\"\n{more}"),
    );
    room
}

fn json(room: &Room, args: &[&str]) -> Value {
    serde_json::from_str(&room.run(args).ends(0).out).unwrap()
}

/// Groups of 200 towns each, by hand.
fn groups() -> String {
    let of =
        |from: usize| (from..from + 200).map(|i| format!("\"town {i:03}\"")).collect::<Vec<_>>().join(", ");
    format!("[binning.variables.town]\ngroups = [[{}], [{}]]\n", of(0), of(200))
}

#[test]
fn long_labels_are_cut_in_text_and_whole_in_json() {
    let room = room(&groups());
    let cut = "town 000, town 001, town 002, ... 197 more";
    let run = room.run(&["bin", "recipe.toml", "--var", "town"]).ends(0).prints(&[cut]);
    assert!(run.out.lines().all(|line| line.chars().count() <= 110), "{}", run.out);
    assert!(run.out.lines().count() < 30, "{}", run.out);
    let whole = json(&room, &["bin", "recipe.toml", "--var", "town", "--json"]);
    let label = whole["variables"][0]["table"]["bins"][0]["bin"].as_str().unwrap();
    assert_eq!(label.split(", ").count(), 200);
    assert!(whole["variables"][0]["table"]["bins"][0]["short"].is_null());
    room.run(&["train", "recipe.toml", "-o", "model"]).ends(0);
    assert!(
        room.read("model/card.md").contains(&format!("| town | {cut} |")),
        "{}",
        room.read("model/card.md")
    );
    let run =
        room.run(&["inspect", "model"]).ends(0).prints(&[cut, "town 000, town 001, town 002, ... 397 more"]);
    let mut lines = run.out.lines().filter(|line| line.contains("town"));
    assert!(lines.all(|line| line.chars().count() <= 110), "{}", run.out);
    let points = json(&room, &["inspect", "model", "--json"]);
    let longest = points["points"].as_array().unwrap().iter().map(|row| row["bin"].as_str().unwrap().len());
    assert!(longest.max().unwrap() > 1000);
    room.run(&["train", "recipe.toml", "--kind", "tree", "-o", "tree"]).ends(0);
    let rules = room.run(&["inspect", "tree"]).ends(0);
    assert!(rules.out.contains(" more}") || rules.out.contains(" more, other (unseen)}"), "{}", rules.out);
    assert!(rules.out.lines().all(|line| line.chars().count() < 300), "{}", rules.out);
}

#[test]
fn a_merged_row_shows_its_counts_and_whose_woe_it_has() {
    let room = room("[binning]\nmissing = \"riskiest\"");
    let run = room.run(&["bin", "recipe.toml", "--var", "income"]).ends(0);
    run.prints(&["missing (as (-inf, ", "bin `missing` takes the WoE of `(-inf, "]);
    let income = json(&room, &["bin", "recipe.toml", "--var", "income", "--json"]);
    let bins = income["variables"][0]["table"]["bins"].as_array().unwrap();
    let missing = bins.last().unwrap();
    assert_eq!((&missing["evidence"], &missing["merged_with"]), (&"taken".into(), &0.into()));
    assert_eq!(
        (&missing["count"], &missing["iv"], &missing["js"]),
        (&364.into(), &Value::Null, &Value::Null)
    );
    assert_eq!(missing["woe"], bins[0]["woe"]);
    assert_eq!(bins[0]["evidence"], "own");
    // The same bins as where missing values speak for themselves, with the same WoE.
    room.file("own.toml", room.read("recipe.toml").replace("riskiest", "own"));
    let own = json(&room, &["bin", "own.toml", "--var", "income", "--json"]);
    for (a, b) in own["variables"][0]["table"]["bins"].as_array().unwrap().iter().zip(bins) {
        assert_eq!((&a["bin"], &a["bads"], &a["bad_rate"]), (&b["bin"], &b["bads"], &b["bad_rate"]));
        assert!(a["woe"] == b["woe"] || a["kind"] == "missing", "{a} {b}");
    }
    let total: f64 = bins.iter().filter_map(|b| b["iv"].as_f64()).sum();
    let iv = income["variables"][0]["summary"]["iv"].as_f64().unwrap();
    assert!((total - iv).abs() < 1e-12 && iv < own["variables"][0]["summary"]["iv"].as_f64().unwrap());
}

#[test]
fn names_that_are_not_there_end_with_a_hint() {
    let room = room("[binning.variables.incom]\nmax_bins = 3");
    for command in [&["bin", "recipe.toml"][..], &["train", "recipe.toml", "-o", "model"]] {
        let words = ["[binning.variables] `incom`: there is no such column; the closest: `income`"];
        room.run(command).ends(2).says(&words);
    }
}

#[test]
fn a_variable_that_is_left_out_needs_no_bins() {
    let room = room(&format!("{}[binning.variables.income]\nmax_bins = 3", groups()));
    let says = ["[binning.variables] `branch`: the column is excluded"];
    room.file("wrong.toml", room.read("recipe.toml").replace("variables.income", "variables.branch"));
    room.run(&["bin", "wrong.toml"]).ends(2).says(&says);
    room.run(&["bin", "recipe.toml", "--exclude", "income"]).ends(0);
    room.run(&["train", "recipe.toml", "--exclude", "income", "-o", "model"]).ends(0);
    // Other kinds of model have no such bins.
    room.run(&["train", "wrong.toml", "--kind", "tree", "-o", "tree"]).ends(0);
}

#[test]
fn what_has_no_effect_is_a_warning() {
    let room = room("[binning.variables.town]\ntrend = \"peak\"");
    let note = "`trend` has no effect: the bins of a category stand in order of their bad rate";
    room.run(&["train", "recipe.toml", "-o", "model"])
        .ends(0)
        .says(&[&format!("[binning.variables] `town`: {note}")]);
    room.run(&["bin", "recipe.toml", "--var", "town"]).ends(0).prints(&[note]);
}
