//! What was asked for is done, refused by name, or told.

use crate::common::Room;

#[test]
fn numbers_below_0_reach_the_check_of_their_range() {
    let room = Room::with_credit();
    let bin = ["bin", "recipe.toml"];
    room.run(&[&bin[..], &["--min-share", "-1"]].concat())
        .ends(2)
        .says(&["min_share = -1: expected 0 to 0.5"]);
    room.run(&[&bin[..], &["--max-bins", "-1"]].concat())
        .ends(2)
        .says(&["invalid value '-1' for '--max-bins"]);
    room.run(&["train", "recipe.toml", "--seed", "-1"]).ends(2).says(&["invalid value '-1' for '--seed"]);
    room.run(&["train", "recipe.toml", "-o", "model"]).ends(0);
    let validate = |more: &[&str]| room.run(&[&["validate", "model", "data.csv"], more].concat());
    validate(&["--cutoff", "-0.1"]).ends(2).says(&["cutoff", "-0.1", "a pd from 0 to 1"]);
    validate(&["--profit-good", "-1", "--loss-bad", "5"]).ends(2).says(&[
        "profit per good",
        "-1",
        "0 or more",
    ]);
    validate(&["--profit-good", "1", "--loss-bad", "-5"]).ends(2).says(&["loss per bad", "-5", "0 or more"]);
    let money = ["--profit-good", "1", "--loss-bad", "5"];
    validate(&[&money[..], &["--cutoff-step", "-1e1"]].concat()).ends(2).says(&["cut-off step", "-10"]);
    let negative = validate(&[&money[..], &["--cutoffs", "-5,500,2000"]].concat()).ends(0);
    let best: Vec<&str> = negative.out.lines().filter(|line| line.trim_end().ends_with("best")).collect();
    assert!(best.len() == 1 && best[0].trim_start().starts_with("500.0"), "{best:?}");
    let score = ["score", "model", "data.csv", "--reasons", "-1"];
    room.run(&score).ends(2).says(&["invalid value '-1' for '--reasons", "0..=4"]);
}

#[test]
fn options_of_bin_that_contradict_are_refused() {
    let room = Room::with_credit();
    let splits = ["bin", "recipe.toml", "--var", "income", "--splits", "100,200"];
    for other in [["--trend", "peak"], ["--max-bins", "3"], ["--min-share", "0.1"]] {
        room.run(&[&splits[..], &other].concat()).ends(2).says(&[
            "--splits",
            other[0],
            "cannot be used with",
        ]);
    }
    let home = ["bin", "recipe.toml", "--var", "home", "--trend", "ascending"];
    room.run(&home).ends(2).says(&["--trend is for numbers: `home` is a category"]);
    room.run(&["bin", "recipe.toml", "--trend", "ascending"]).ends(0);
    // An option goes before what the recipe says of one variable.
    room.file("own.toml", room.read("recipe.toml") + "\n[binning.variables.income]\ntrend = \"ascending\"\n");
    let trend = |more: &[&str]| {
        let json = room.run(&[&["bin", "own.toml", "--var", "income", "--json"], more].concat()).ends(0).out;
        let json: serde_json::Value = serde_json::from_str(&json).unwrap();
        json["variables"][0]["trend"].as_str().unwrap().to_owned()
    };
    assert_eq!((trend(&[]), trend(&["--trend", "descending"])), ("ascending".into(), "descending".into()));
}

#[test]
fn another_kind_than_the_recipes_says_what_it_does_not_use() {
    let room = Room::with_credit();
    let sections = "\n[binning]\nmax_bins = 5\n[selection]\nforce_out = [\"age\"]\nstepwise = \"both\"\n";
    room.file("card.toml", room.read("recipe.toml") + sections);
    let run = room.run(&["train", "card.toml", "--kind", "tree", "-o", "tree"]).ends(0);
    run.says(&["warning: kind `tree` does not use [binning] max_bins, [selection] stepwise\n"])
        .prints(&["left out by `force_out`"]);
    room.file("tree.toml", room.read("card.toml") + "[model]\nkind = \"tree\"\n");
    let refused = room.run(&["train", "tree.toml", "-o", "no"]).ends(2);
    refused.says(&["kind `tree` does not use [binning] max_bins, [selection] stepwise: take that out"]);
    // What cannot be forced because an option leaves it out is forgotten.
    room.run(&["train", "card.toml", "--exclude", "age,home", "-o", "m"]).ends(0);
    room.file("records.toml", room.read("card.toml").replace("\"age\"", "\"records\""));
    room.run(&["train", "records.toml", "--target", "records", "--positive", "yes", "-o", "m"]).ends(0);
    let run = room.run(&["train", "tree/recipe.toml", "-o", "again"]).ends(0);
    assert!(!run.err.contains("does not use"), "{}", run.err);
}

#[test]
fn the_way_of_stepwise_selection_is_shown() {
    let room = Room::with_credit();
    let section = "\n[selection]\nstepwise = \"forward\"\n";
    room.file("step.toml", room.read("recipe.toml") + section);
    let shown = room.run(&["train", "step.toml", "-o", "m"]).ends(0);
    shown.prints(&["Stepwise selection (forward, AIC)", "step", "AIC before", "AIC after", "in", "records"]);
    assert!(room.read("m/card.md").contains("## Stepwise selection\n"));
    let json = room.run(&["train", "step.toml", "-o", "m", "--json"]).ends(0).out;
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    let moves = json["stepwise"].as_array().unwrap();
    for variable in json["variables"].as_array().unwrap() {
        // One that entered may still be dropped by the sign of its coefficient.
        let entered = moves.iter().filter(|made| made["variable"] == variable["variable"]).count();
        let sign = variable["reason"].as_str().unwrap().contains("wrong sign");
        assert_eq!(entered == 1, variable["kept"] == true || sign, "{variable} {moves:?}");
    }
    assert!(moves.iter().all(|m| m["entered"] == true && m["criterion"] == "AIC" && m["before"].is_number()));
    let plain = room.run(&["train", "recipe.toml", "-o", "m"]).ends(0);
    assert!(!plain.out.contains("Stepwise"), "{}", plain.out);
}

#[test]
fn a_likely_leak_is_a_warning() {
    let room = Room::with_credit();
    let data = room.read("data.csv");
    let leaky = data.lines().enumerate().map(|(row, line)| match row {
        0 => format!("{line},collected\n"),
        _ => format!("{line},{}\n", u8::from(line.contains(",bad,") && row % 3 != 0)),
    });
    room.file("data.csv", leaky.collect::<String>());
    let run = room.run(&["train", "recipe.toml", "--json", "-o", "m"]).ends(0);
    let json: serde_json::Value = serde_json::from_str(&run.out).unwrap();
    let warning = json["warnings"].as_array().unwrap().last().unwrap().as_str().unwrap().to_owned();
    assert!(warning.contains("`collected` (") && warning.contains("only after the outcome"), "{warning}");
    run.says(&[&format!("warning: {warning}"), "drop_leaks = true"]);
}

#[test]
fn points_are_shown_as_the_recipe_spreads_them() {
    let room = Room::with_credit();
    let scale = "\n[scale]\npoints = \"integer\"\nspread = \"base\"\n";
    room.file("base.toml", room.read("recipe.toml") + scale);
    room.run(&["train", "base.toml", "-o", "m"]).ends(0);
    let shown = room.run(&["inspect", "m"]).ends(0).prints(&["base points"]);
    assert_eq!(shown.out, room.run(&["inspect", "m", "--base"]).ends(0).out);
    let json = |args: &[&str]| room.run(&[&["inspect", "m", "--json"], args].concat()).ends(0).out;
    assert_eq!(json(&[]), json(&["--base"]));
    room.run(&["train", "recipe.toml", "-o", "plain"]).ends(0);
    assert!(!room.run(&["inspect", "plain"]).ends(0).out.contains("base points"));
}
