//! A scorecard for each segment: its column in the output, its counts, its points.

use crate::common::{Room, bits, csv, plain};
use arrears_model::Model;
use arrears_serve::{Input, ScoreOptions, load_model, score_file};
use std::path::Path;

const ROWS: [[&str; 5]; 5] = [
    ["1", "33", "0", "owner", "1"],
    ["2", "22", "45", "rent", "2.5"],
    ["3", "", "", "", ""],
    ["4", "60", "5", "tent", "7"],
    ["5", "50", "40", "owner", "1"],
];

fn model() -> Model {
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../model/tests/samples");
    load_model(&samples.join("v3-segmented-tree.json")).unwrap()
}

#[test]
fn the_segment_stands_beside_the_grade_and_points_add_up() {
    let (room, model) = (Room::new(), model());
    let input = room.file("in.csv", csv(&ROWS));
    let options = ScoreOptions { points: true, ..room.options("out.csv") };
    let summary = score_file(&model, Input::file(&input), options, |_| {}).unwrap();
    let counted: Vec<(&str, u64)> = summary.segments.iter().map(|c| (c.name.as_str(), c.rows)).collect();
    assert_eq!(counted, [("S1: home in {private rent, rent}", 2), ("S2: 好", 1), ("S3: late", 2)]);
    let names = room.load("out.csv").table.columns().to_vec();
    assert_eq!(names[1..6], ["pd", "score", "grade", "segment", "reason_1"]);
    assert_eq!(names[11..], ["points_age", "points_days_late", "points_码", "points_base"]);
    for (row, raw) in room.rows("out.csv").iter().zip(&ROWS) {
        let expected = plain(&model, raw).unwrap();
        assert_eq!(bits(&row[1]), expected.pd.unwrap().to_bits());
        assert_eq!(row[4].as_deref(), expected.segment.and_then(|s| model.segment_name(s)));
        let points: f64 = row[11..].iter().flatten().map(|cell| cell.parse::<f64>().unwrap()).sum();
        assert!((points - expected.score.unwrap()).abs() < 1e-9, "{row:?}");
        // Characteristics of other segments are empty: S1 and S2 have two, S3 has base points alone.
        assert_eq!(row[11..].iter().flatten().count(), if expected.segment == Some(2) { 1 } else { 2 });
    }
}
