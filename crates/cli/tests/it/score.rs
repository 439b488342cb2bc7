//! `arrears score`.

use crate::common::{CUSTOMERS, Room, sample};

#[test]
fn to_standard_output_as_csv() {
    let room = Room::with_model();
    room.file("new.csv", CUSTOMERS);
    let run = room.run(&["score", "model", "new.csv"]).ends(0).says(&["3 of 3 rows scored"]);
    let lines: Vec<&str> = run.out.lines().collect();
    assert_eq!(lines[0], "客户,pd,score,grade,reason_1,reason_2,reason_3,reason_4,flags,model");
    // pd and score of the first row are those of the independent reference in the model crate's samples.
    assert!(lines[1].starts_with("c1,0.07585818002124356,559.2576282489537,good,Young age,"), "{}", lines[1]);
    assert_eq!(lines.len(), 4);
    assert_eq!(room.names(), ["model", "new.csv"]);
}

#[test]
fn from_standard_input() {
    let room = Room::with_model();
    room.file("new.csv", CUSTOMERS);
    let file = room.run(&["score", "model", "new.csv"]).ends(0);
    let piped = room.run_with(&["score", "model/model.json", "-"], CUSTOMERS.as_bytes()).ends(0);
    assert_eq!(piped.out, file.out);
    let line = "{\"客户\":\"c1\",\"age\":33,\"days_late\":0,\"home\":\"owner\",\"码\":\"1\"}\n";
    let args = ["score", "model", "-", "--input-format", "ndjson", "--format", "ndjson", "--reasons", "0"];
    let run = room.run_with(&args, line.as_bytes()).ends(0);
    let row: serde_json::Value = serde_json::from_str(&run.out).unwrap();
    assert_eq!(row["客户"], "c1");
    assert_eq!(row["pd"], 0.07585818002124356);
    assert_eq!(row.as_object().unwrap().len(), 6);
}

#[test]
fn rejects_go_beside_the_output() {
    let room = Room::with_model();
    room.file("new.csv", format!("{CUSTOMERS}c4,33,late,owner,1\nc5,33\n"));
    room.run(&["score", "model", "new.csv", "-o", "out.csv"]).ends(0).says(&[
        "3 of 5 rows scored",
        "2 rejected -> out.csv.rejects.csv",
        "`days_late`",
    ]);
    assert_eq!(room.read("out.csv").lines().count(), 4);
    let rejects = room.read("out.csv.rejects.csv");
    let lines: Vec<&str> = rejects.lines().collect();
    assert_eq!(lines[0], "line,id,column,value,why");
    assert!(lines[1].starts_with("5,c4,days_late,late,"), "{rejects}");
    assert!(lines[2].starts_with("6,,,\"c5,33\","), "{rejects}");

    room.file("new.csv", CUSTOMERS);
    room.run(&["score", "model", "new.csv", "-o", "out.csv"]).ends(0);
    assert_eq!(room.names(), ["model", "new.csv", "out.csv"]);
}

#[test]
fn rejects_without_a_file_go_to_standard_error() {
    let room = Room::with_model();
    room.file("new.csv", format!("{CUSTOMERS}c4,33,late,owner,1\n"));
    let run = room.run(&["score", "model", "new.csv"]).ends(0);
    let run = run.says(&["line,id,column,value,why\n5,c4,days_late,late,", "1 rejected"]);
    assert_eq!(run.out.lines().count(), 4);
    let run = room.run(&["score", "model", "new.csv", "--rejects", "no.csv"]).ends(0);
    assert!(!run.err.contains("line,id,column"), "{}", run.err);
    assert_eq!(room.read("no.csv").lines().count(), 2);
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let room = Room::with_model();
    let rows: String = (0..20_000).map(|n| format!("c{n},33,0,owner,1\n")).collect();
    room.file("new.csv", format!("客户,age,days_late,home,码\n{rows}"));
    let run = room.run_unread(&["score", "model", "new.csv"]).ends(0);
    assert_eq!(run.err, "");
}

#[test]
fn unseen_categories_are_named() {
    let room = Room::with_model();
    room.file("new.csv", "客户,age,days_late,home,码\nc1,33,0,houseboat,1\n");
    let run =
        room.run(&["score", "model", "new.csv"]).ends(0).says(&["`home`: unseen category", "houseboat"]);
    assert!(run.out.contains(",home: unseen category,"), "{}", run.out);
}

#[test]
fn points_by_characteristic() {
    let room = Room::with_model();
    room.file("new.csv", CUSTOMERS);
    let run = room.run(&["score", "model", "new.csv", "--points", "--reasons", "0"]).ends(0);
    let mut lines = run.out.lines().map(|line| line.split(',').collect::<Vec<_>>());
    let header = lines.next().unwrap();
    assert_eq!(header[6..], ["points_age", "points_days_late", "points_home", "points_码"]);
    for line in lines {
        let number = |at: usize| line[at].parse::<f64>().unwrap();
        assert!(((6..10).map(number).sum::<f64>() - number(2)).abs() < 1e-9, "{line:?}");
    }
    std::fs::copy(crate::common::sample("tree"), room.path("model/model.json")).unwrap();
    let said = "a tree model has no points by characteristic; a scorecard or scorecard-plus has";
    room.run(&["score", "model", "new.csv", "--points"]).ends(2).says(&[said]);
}

/// The leaves of the sample by their rules; see the test of the leaf table in the model crate.
#[test]
fn a_tree_names_the_leaf_of_each_customer() {
    let room = Room::new();
    let model = sample("tree");
    let rows = [
        ("12,size", "1"),
        ("11.5,late", "2"),
        (",size", "2"),
        ("-7,late", "2"),
        ("12,", "3"),
        ("12,new", "3"),
        ("3,late", "4"),
    ];
    let csv: String = rows.iter().map(|(row, _)| format!("{row}\n")).collect();
    room.file("new.csv", format!("orders,reason\n{csv}"));
    let out = room.run(&["score", model.to_str().unwrap(), "new.csv"]).ends(0).out;
    let mut lines = out.lines();
    let header: Vec<&str> = lines.next().unwrap().split(',').collect();
    assert_eq!(header[1..6], ["pd", "score", "grade", "leaf", "reason_1"], "{out}");
    let leaves: Vec<&str> = lines.map(|line| line.split(',').nth(4).unwrap()).collect();
    assert_eq!(leaves, rows.map(|(_, leaf)| leaf));
}
