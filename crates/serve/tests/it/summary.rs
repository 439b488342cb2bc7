//! The summary counts what happened, by hand-counted examples.

use crate::common::{Room, csv, sample};
use std::collections::BTreeMap;

#[test]
fn counts_causes_flags_and_unseen_categories() {
    let (room, model) = (Room::new(), sample("scorecard"));
    let rows = [
        ["1", "33", "0", "owner", "1"],
        ["2", "33", "late", "owner", "1"],
        ["3", "33", "late", "owner", "1"],
        ["4", "33", "-2", "owner", "1"],
        ["5", "33", "0", "tent", "1"],
        ["6", "16", "0", "tent", "9"],
        ["7", "33", "0", "boat", "1"],
    ];
    let mut text = csv(&rows);
    text.push_str("8,33\n");
    let input = room.file("in.csv", text);
    let summary = room.score(&model, &input, "out.csv").unwrap();
    assert_eq!((summary.rows, summary.scored, summary.rejected, summary.flagged), (8, 4, 4, 3));
    let causes: Vec<u64> = summary.rejected_by_cause.values().copied().collect();
    let keys: Vec<&String> = summary.rejected_by_cause.keys().collect();
    assert_eq!(causes, [1, 2, 1]);
    assert_eq!(keys[0], "`days_late`: expected a number of at least 0");
    assert!(keys[1].starts_with("`days_late`: expected a number such as 12.5"), "{keys:?}");
    assert_eq!(keys[2], "the row cannot be read");
    let kinds = |kind: &str, n| BTreeMap::from([(kind.to_owned(), n)]);
    let flags = BTreeMap::from([
        ("age".to_owned(), kinds("out of range, clipped", 1)),
        ("home".to_owned(), kinds("unseen category", 3)),
        ("码".to_owned(), kinds("unseen category", 1)),
    ]);
    assert_eq!(summary.flags, flags);
    let home: Vec<(&str, u64)> = summary.unseen["home"].iter().map(|c| (c.name.as_str(), c.rows)).collect();
    assert_eq!(home, [("tent", 2), ("boat", 1)]);
    let text = summary.to_text();
    for part in ["4 of 8 rows scored", "4 rejected", "\"tent\" 2, \"boat\" 1", model.checksum()] {
        assert!(text.contains(part), "{part} in\n{text}");
    }
}

#[test]
fn is_json_for_programs() {
    let (room, model) = (Room::new(), sample("tree"));
    let header: Vec<&str> = model.schema.fields.iter().map(|f| f.name.as_str()).collect();
    let input = room.file("in.csv", format!("{},extra\n{}x\n", header.join(","), ",".repeat(header.len())));
    let summary = room.score(&model, &input, "out.csv").unwrap();
    assert!(summary.notes.iter().any(|n| n.contains("`extra`")), "{:?}", summary.notes);
    let json = serde_json::to_value(&summary).unwrap();
    assert_eq!(json["rows"], 1);
    assert_eq!(json["checksum"], model.checksum());
}

#[test]
fn ids_that_are_absent_or_come_again_are_counted() {
    let (room, model) = (Room::new(), sample("scorecard"));
    let ids = ["1", "2", " 1 ", "", "NA", "  ", "2", "2", "x"];
    let rows = ids.map(|id| [id, if id == "x" { "refused" } else { "33" }, "0", "owner", "1"]);
    let input = room.file("in.csv", csv(&rows));
    let summary = room.score(&model, &input, "out.csv").unwrap();
    assert_eq!((summary.rows, summary.scored, summary.blank_ids, summary.repeated_ids), (9, 8, 3, 3));
    let text = summary.to_text();
    for part in [
        "note: 3 rows have no id (column `客户`)",
        "note: 3 rows have the id of an earlier row (column `客户`)",
    ] {
        assert!(text.contains(part), "{part} in\n{text}");
    }
    // Numbers as NDJSON and Parquet give them; and nothing to say where all is well, or where no column names rows.
    let line =
        |id: &str| format!("{{\"客户\":{id},\"age\":33,\"days_late\":0,\"home\":\"owner\",\"码\":\"1\"}}\n");
    let input = room.file("in.ndjson", ["7", "7", "8", "null"].map(line).concat());
    let summary = room.score(&model, &input, "out.csv").unwrap();
    assert_eq!((summary.blank_ids, summary.repeated_ids), (1, 1));
    assert!(summary.to_text().contains("note: 1 row has no id"));
    let input = room.file("in.csv", csv(&rows[..2]));
    assert_eq!(room.score(&model, &input, "out.csv").unwrap().notes, [""; 0]);
    let input = room.file("in.csv", csv(&rows).replacen("客户", "else", 1));
    let summary = room.score(&model, &input, "out.csv").unwrap();
    assert_eq!((summary.blank_ids, summary.repeated_ids), (0, 0));
}
