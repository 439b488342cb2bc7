//! `arrears bin` with limits that some variables cannot keep.

use crate::common::Room;
use serde_json::{Value, json};

/// `x` has four values of 50 rows each, the more bads the higher; `a` and `b` have two values, so never three bins.
fn room() -> Room {
    let room = Room::new();
    let mut csv = String::from("x,a,b,y\n");
    for i in 0..200 {
        csv += &format!("{},{},{},{}\n", i % 4, i % 2, (i / 2) % 2, u8::from(i / 4 < 10 * (1 + i % 4)));
    }
    room.file("data.csv", csv);
    let recipe =
        "[data]\npath = \"data.csv\"\ntarget = \"y\"\npositive = \"1\"\n[clean]\nduplicates = \"keep\"\n";
    room.file("three.toml", format!("{recipe}[binning]\nmin_bins = 3\n"));
    room.file("five.toml", format!("{recipe}[binning]\nmin_bins = 5\n"));
    room
}

#[test]
fn the_others_are_shown_and_these_are_named() {
    let room = room();
    let reason = "no binning keeps `min_bins = 3`: 2 pre-bins with 200 rows, 100 of them good and 100 bad";
    let said = format!("not binned: 2 variables (a, b), such as a: {reason}");
    let run = room.run(&["bin", "three.toml"]).ends(0).says(&[&format!("warning: {said}")]);
    let shown = |name: &str| run.out.lines().any(|line| line.trim_start().starts_with(&format!("{name} ")));
    assert!(shown("x") && !shown("a") && !shown("b"), "{}", run.out);
    let json: Value = serde_json::from_str(&room.run(&["bin", "three.toml", "--json"]).ends(0).out).unwrap();
    let named: Vec<&Value> = json["variables"].as_array().unwrap().iter().map(|v| &v["variable"]).collect();
    assert_eq!(named, ["x"]);
    let infeasible = |name| json!({ "variable": name, "limits": ["min_bins = 3"], "reason": reason });
    assert_eq!(json["infeasible"], json!([infeasible("a"), infeasible("b")]));
    assert_eq!(json["warnings"], json!([said]));
}

#[test]
fn who_asks_by_name_or_for_what_no_variable_keeps_gets_an_error() {
    let room = room();
    let alone = "column `a`: no binning keeps `min_bins = 3`";
    room.run(&["bin", "three.toml", "--var", "x", "--var", "a"]).ends(2).says(&[alone]);
    room.run(&["bin", "three.toml", "--var", "x"]).ends(0);
    let all = "3 variables (x, a, b), such as x: no binning keeps `min_bins = 5`";
    room.run(&["bin", "five.toml"]).ends(2).says(&[all, "loosen the limits"]);
}

#[test]
fn a_single_bin_has_a_note_below_its_table() {
    let room = room();
    let run = room.run(&["bin", "data.csv", "--target", "y", "--var", "a", "--trend", "ascending"]).ends(0);
    assert!(!run.out.contains("a single bin"), "{}", run.out);
    let run = room.run(&["bin", "data.csv", "--target", "y", "--var", "a", "--trend", "descending"]).ends(0);
    run.prints(&["a single bin: no two bins keep `trend = descending`: 2 pre-bins with "]);
}
