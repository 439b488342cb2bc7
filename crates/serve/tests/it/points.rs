//! Points by characteristic: columns beside the score that add up to it.

use crate::common::{Room, csv, sample};
use arrears_model::additive::Shape;
use arrears_model::points::{Spread, points_table};
use arrears_model::{Model, Predictor};
use arrears_serve::{Input, ScoreOptions, ServeError, load_model, score_file};
use std::path::Path;

const ROWS: [[&str; 5]; 4] = [
    ["1", "33", "0", "owner", "1"],
    ["2", "22", "45", "rent", "2.5"],
    ["3", "", "", "", ""],
    ["4", "60", "5", "tent", "7"],
];

fn version_2(name: &str) -> Model {
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../model/tests/samples");
    load_model(&samples.join(format!("v2-{name}.json"))).unwrap()
}

/// Header and cells of the rows scored with points; the score of each row stands first.
fn scored(model: &Model) -> (Vec<String>, Vec<(f64, Vec<f64>)>) {
    let room = Room::new();
    let input = room.file("in.csv", csv(&ROWS));
    let options = ScoreOptions { points: true, ..room.options("out.csv") };
    let summary = score_file(model, Input::file(&input), options, |_| {}).unwrap();
    assert_eq!(summary.scored, 4);
    let names = room.load("out.csv").table.columns().to_vec();
    let first = names.iter().position(|name| name == "model").unwrap() + 1;
    let number = |cell: &Option<String>| cell.as_ref().unwrap().parse::<f64>().unwrap();
    let rows = room.rows("out.csv");
    let rows = rows.iter().map(|row| (number(&row[2]), row[first..].iter().map(number).collect()));
    (names[first..].to_vec(), rows.collect())
}

#[test]
fn points_are_those_of_the_table_and_add_up_to_the_score() {
    let model = sample("scorecard");
    let (names, rows) = scored(&model);
    assert_eq!(names, ["points_age", "points_days_late", "points_home", "points_码"]);
    for (score, points) in &rows {
        assert!((points.iter().sum::<f64>() - score).abs() < 1e-9, "{points:?} {score}");
    }
    let table = points_table(&model, Spread::Characteristics).unwrap();
    let bins = [("age", "[25, 40.5)"), ("days_late", "(-inf, 1)"), ("home", "owner, parents"), ("码", "1")];
    for (found, (variable, bin)) in rows[0].1.iter().zip(bins) {
        let row = table.iter().find(|row| row.variable == variable && row.bin == bin).expect("the bin");
        assert_eq!(*found, row.points, "{variable}");
    }
}

#[test]
fn pairs_have_columns_of_their_own() {
    let (names, rows) = scored(&version_2("scorecard-plus"));
    let pairs = ["points_days_late and home", "points_age and 码"];
    assert_eq!((names.len(), &names[4..]), (6, &pairs.map(String::from)[..]));
    for (score, points) in &rows {
        assert!((points.iter().sum::<f64>() - score).abs() < 1e-9, "{points:?} {score}");
    }
    // Bins 0 and 0 of the first pair: -0.25 log-odds, 20 / ln 2 points each.
    assert!((rows[0].1[4] - 0.25 * 28.853_900_817_779_27).abs() < 1e-9);
}

#[test]
fn whole_points_add_up_exactly_also_where_the_base_cannot_be_shared() {
    let whole = version_2("whole-points");
    let mut parts = whole.clone().into_parts();
    let Predictor::Additive(additive) = &mut parts.predictor else { panic!("no terms") };
    // One characteristic fewer: base points for four are not whole in each of three.
    additive.terms.retain(|term| !matches!(term.shape, Shape::Lookup { .. }) || term.transform != 3);
    parts.schema.fields[0].name = "base".to_owned();
    let apart = Model::new(parts).unwrap();
    for (model, count) in [(&whole, 6), (&apart, 6)] {
        let room = Room::new();
        let header = csv(&ROWS).replacen("age", &model.schema.fields[0].name, 1);
        let input = room.file("in.csv", header);
        let options = ScoreOptions { points: true, ..room.options("out.csv") };
        score_file(model, Input::file(&input), options, |_| {}).unwrap();
        let rows = room.rows("out.csv");
        for row in rows {
            let cells: Vec<f64> = row.iter().skip(10).map(|c| c.as_ref().unwrap().parse().unwrap()).collect();
            assert_eq!(cells.len(), count);
            assert!(cells.iter().all(|points| points.fract() == 0.0), "{cells:?}");
            assert_eq!(cells.iter().sum::<f64>(), row[2].as_ref().unwrap().parse::<f64>().unwrap());
        }
        let names = room.load("out.csv").table.columns()[10..].to_vec();
        assert_eq!(
            names.contains(&"points_base 2".to_owned()),
            model.schema.fields[0].name == "base",
            "{names:?}"
        );
    }
}

#[test]
fn other_models_are_refused_before_anything_is_written() {
    for name in ["logistic", "tree", "segments"] {
        let (room, model) = (Room::new(), sample(name));
        let input = room.file("in.csv", csv(&ROWS));
        let options = ScoreOptions { points: true, ..room.options("out.csv") };
        let error = score_file(&model, Input::file(&input), options, |_| {}).unwrap_err();
        assert!(matches!(error, ServeError::NoPoints { .. }), "{error}");
        assert!(error.to_string().contains("a scorecard or scorecard-plus has"), "{error}");
        assert_eq!(room.names(), ["in.csv"]);
    }
}

#[test]
fn without_the_option_nothing_is_added_and_the_id_may_not_be_called_alike() {
    let (room, model) = (Room::new(), sample("scorecard"));
    let input = room.file("in.csv", csv(&ROWS).replacen("客户", "points_age", 1));
    let with = |points| ScoreOptions { points, id: Some("points_age".to_owned()), ..room.options("out.csv") };
    score_file(&model, Input::file(&input), with(false), |_| {}).unwrap();
    assert_eq!(room.load("out.csv").table.columns().len(), 10);
    let error = score_file(&model, Input::file(&input), with(true), |_| {}).unwrap_err();
    assert!(matches!(error, ServeError::IdName { .. }), "{error}");
}
