//! `--segments`: a scorecard for each segment, from training to validation.

use crate::common::Room;
use std::fmt::Write;

/// 1,800 customers; `x` tells bad from good, the other way round for `loan`.
fn customers() -> String {
    let mut csv = "id,product,x,z,status\n".to_owned();
    for i in 0..1800_u64 {
        let product = if i % 2 == 0 { "card" } else { "loan" };
        let (x, z) = (i * 7919 % 1000, i * 104_729 % 977);
        let risk = if product == "card" { x } else { 1000 - x };
        let status = if i * 15_485_863 % 1009 < risk / 2 { "bad" } else { "good" };
        let _ = writeln!(csv, "c{i},{product},{x},{z},{status}");
    }
    csv
}

const DATA: [&str; 8] = ["train", "data.csv", "--target", "status", "--positive", "bad", "--id", "id"];

#[test]
fn a_column_that_turns_another_gives_a_scorecard_for_each_category() {
    let room = Room::new();
    room.file("data.csv", customers());
    let args = [&DATA[..], &["--segments", "column:product", "-o", "m"]].concat();
    room.run(&args).ends(0).prints(&[
        "a scorecard for each segment: 2 segments by column have an AUC of",
        "Segments, on training rows that neither model has seen",
        "S1: product = ",
    ]);
    let card = room.read("m/card.md");
    for part in
        ["## Segments", "## Points of S1: product = loan", "## Points of S2: product = card or any other"]
    {
        assert!(card.contains(part), "{card}");
    }
    let recipe = room.read("m/recipe.toml");
    assert!(
        recipe.contains("[segments]\nby = \"column\"\n") && recipe.contains("column = \"product\""),
        "{recipe}"
    );
    // The recipe makes the same model again.
    room.run(&["train", "m/recipe.toml", "--data", "data.csv", "-o", "again"]).ends(0);
    assert_eq!(room.read("m/model.json"), room.read("again/model.json"));
    let parts =
        ["Who belongs to which segment", "Points of S2: product = card or any other", "Range of points"];
    room.run(&["inspect", "m"]).ends(0).prints(&parts);
    let json = room.run(&["inspect", "m", "--json"]).ends(0);
    let json: serde_json::Value = serde_json::from_str(&json.out).unwrap();
    assert!(json["points"].is_null());
    assert_eq!(json["segment_points"][0]["points"][0]["variable"], "x");
    let said = room.run(&["score", "m", "data.csv", "-o", "out.csv", "--points"]).ends(0);
    said.says(&["segments: S1: product = "]);
    let scored = room.read("out.csv");
    let head = "id,pd,score,grade,segment,reason_1,reason_2,reason_3,reason_4,flags,model,points_x";
    assert!(scored.starts_with(head), "{}", scored.lines().next().unwrap());
    room.run(&["validate", "m", "data.csv"])
        .ends(0)
        .prints(&["Segments, each with a scorecard of its own", "AUC within segments"]);
}

#[test]
fn segments_that_gain_nothing_leave_the_single_scorecard() {
    let room = Room::with_credit();
    let run =
        room.run(&["train", "recipe.toml", "--segments", "column:marital", "--json", "-o", "m"]).ends(0);
    let json: serde_json::Value = serde_json::from_str(&run.out).unwrap();
    assert_eq!(json["segmented"]["taken"], false);
    assert!(json["segmented"]["comparison"]["auc"]["p_value"].is_number());
    assert!(room.read("m/card.md").contains("- a single scorecard, not one for each segment: "));
}

#[test]
fn what_cannot_part_customers_is_said() {
    let room = Room::new();
    room.file("data.csv", customers());
    let run = |how: &str, more: &[&str]| room.run(&[&DATA[..], &["--segments", how], more].concat());
    run("column", &[]).ends(2).says(&["expected tree, kmeans, or column:NAME"]);
    run("column:produkt", &[])
        .ends(2)
        .says(&["[segments] column: `produkt`: expected one of: product, x, z"]);
    run("column:x", &[]).ends(2).says(&["it is a number; part by numbers with `by = \"tree\"`"]);
    run("tree", &["--kind", "logistic", "-o", "l"])
        .ends(2)
        .says(&["`--segments` is of scorecards, one for each segment; this is a logistic"]);
    // Where only the recipe asks for segments, another kind leaves them out, and says so.
    room.file("recipe.toml", "[data]\npath = \"data.csv\"\ntarget = \"status\"\npositive = \"bad\"\nid = \"id\"\n[segments]\nby = \"tree\"\n");
    room.run(&["train", "recipe.toml", "--kind", "logistic", "-o", "l"])
        .ends(0)
        .says(&["kind `logistic` does not use [segments]"]);
}
