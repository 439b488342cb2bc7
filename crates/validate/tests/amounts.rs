//! Predicted against actual amounts: held to scikit-learn and scipy (`reference/make_amounts.py`), and a model of amounts
//! measured on a small table by hand.

#![allow(clippy::unwrap_used, reason = "helper functions of tests")]

mod made;

use arrears_model::amount_tree::{AmountNode, AmountTree};
use arrears_model::model::Baseline;
use arrears_model::profile::{FieldProfile, Profile, ScoreProfile};
use arrears_model::transform::Transform;
use arrears_model::tree::{Side, Split, Test};
use arrears_model::{Model, ModelKind, Predictor};
use arrears_validate::{Amounts, Error, Gates, MeasureOptions, Report, amounts, measure};
use made::{logistic, measure_all, number, table};
use serde_json::Value;

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(|v| v.as_f64().unwrap()).collect()
}

/// To 1e-9: absolute below 1, relative above.
#[track_caller]
fn agree(what: &str, found: Option<f64>, expected: &Value) {
    match (found, expected.as_f64()) {
        (None, None) => {}
        (Some(found), Some(expected)) => {
            assert!(
                (found - expected).abs() <= 1e-9 * expected.abs().max(1.0),
                "{what}: {found} is not {expected}"
            );
        }
        _ => panic!("{what} is {found:?}, the reference has {expected}"),
    }
}

#[test]
fn figures_and_bands_are_those_of_scikit_learn_and_scipy() {
    let cases: Vec<Value> = serde_json::from_str(include_str!("reference/amounts.json")).unwrap();
    assert!(cases.len() >= 10);
    for case in &cases {
        let name = case["name"].as_str().unwrap();
        let (actual, predicted) = (numbers(&case["actual"]), numbers(&case["predicted"]));
        let (alone, count) = (case["alone"].as_f64().unwrap(), case["count"].as_u64().unwrap() as usize);
        let found = amounts(&actual, &predicted, alone, count).unwrap();
        for (what, value) in [
            ("mae", Some(found.mae)),
            ("rmse", Some(found.rmse)),
            ("r2", found.r2),
            ("spearman", found.spearman),
            ("mean_error", Some(found.mean_error)),
            ("deviation", found.deviation),
            ("total_ratio", found.total_ratio),
            ("alone_mae", Some(found.mean_alone.mae)),
            ("alone_rmse", Some(found.mean_alone.rmse)),
        ] {
            agree(&format!("{name}: {what}"), value, &case[what]);
        }
        let ends = |name: &str, found: Option<(f64, f64)>, expected: &Value| {
            agree(&format!("{name}: low"), found.map(|i| i.0), &expected[0]);
            agree(&format!("{name}: high"), found.map(|i| i.1), &expected[1]);
        };
        ends(name, found.mean_error_interval, &case["mean_error_interval"]);
        let bands = case["bands"].as_array().unwrap();
        assert_eq!(found.bands.len(), bands.len(), "{name}");
        for (band, expected) in found.bands.iter().zip(bands) {
            let name = format!("{name}, band {}", band.band);
            assert_eq!(Some(band.rows), expected["rows"].as_u64(), "{name}");
            agree(&name, Some(band.lowest), &expected["lowest"]);
            agree(&name, Some(band.highest), &expected["highest"]);
            agree(&name, Some(band.mean_predicted), &expected["mean_predicted"]);
            agree(&name, Some(band.mean_actual), &expected["mean_actual"]);
            agree(&name, band.cumulative_share, &expected["cumulative_share"]);
            ends(&name, band.interval, &expected["interval"]);
        }
        let rows: u64 = found.bands.iter().map(|band| band.rows).sum();
        assert_eq!(rows, actual.len() as u64);
    }
}

#[test]
fn what_cannot_be_compared_is_an_error() {
    assert!(matches!(amounts(&[], &[], 0.0, 10), Err(Error::Empty { .. })));
    assert!(matches!(amounts(&[1.0, 2.0], &[1.0], 0.0, 10), Err(Error::Length { .. })));
    assert!(matches!(amounts(&[1.0], &[1.0], 0.0, 0), Err(Error::Parameter { .. })));
    for broken in [f64::NAN, f64::INFINITY] {
        for (actual, predicted) in [([1.0, broken], [1.0, 2.0]), ([1.0, 2.0], [1.0, broken])] {
            let error = amounts(&actual, &predicted, 0.0, 10).unwrap_err();
            assert!(matches!(error, Error::Value { row: 1, .. }), "{error}");
        }
    }
}

/// Days late: 4 below x = 10, else 20, missing too. 30 and 10 training rows.
fn days_late() -> Model {
    let node = |count, value, split| AmountNode { count, mean: value, deviation: Some(1.0), value, split };
    let test = Test::Below { threshold: 10.0, special: vec![] };
    let split = Split { field: 0, test, missing: Side::Right, left: 1, right: 2 };
    let mut parts = logistic();
    (parts.kind, parts.baseline) = (ModelKind::AmountTree, Baseline::Mean);
    (parts.schema.target, parts.schema.amount) = (None, Some("late".to_owned()));
    parts.schema.fields = vec![number("x")];
    parts.transforms = vec![Transform::Intervals { field: 0, splits: vec![10.0] }];
    let nodes = vec![node(40, 8.0, Some(split)), node(30, 4.0, None), node(10, 20.0, None)];
    parts.predictor = Predictor::AmountTree(AmountTree { nodes });
    (parts.scale, parts.grades) = (None, vec![]);
    parts.profile = Profile {
        fields: vec![FieldProfile { transform: 0, counts: vec![30, 10, 0], bads: vec![] }],
        score: Some(ScoreProfile { splits: vec![20.0], counts: vec![30, 10] }),
    };
    parts.provenance.rows.train_bads = None;
    Model::new(parts).unwrap()
}

fn seven_rows() -> arrears_data::Table {
    table(&[
        ("x", &["1", "2", "3", "30", "NA", "many", "5"]),
        ("late", &["2", " 4.0 ", "9", "25", "11", "3", "soon"]),
    ])
}

fn note(report: &Report, text: &str) -> bool {
    report.notes.iter().any(|note| note.contains(text))
}

#[test]
fn rows_are_measured_refused_or_without_an_amount() {
    let report = measure_all(&days_late(), &seven_rows());
    let data = &report.data;
    assert_eq!((data.rows, data.measured, data.unlabelled, data.refused), (7, 5, 1, 1));
    assert_eq!((data.labelled, data.bads, data.bad_rate), (5, None, None));
    assert!(note(&report, "all measures but PSI need the outcome, not known for 1 row: no number from"));
    assert!(report.discrimination.is_none() && report.gains.is_empty() && report.calibration.is_none());
    // Predicted 4, 4, 4, 20, 20; actual 2, 4, 9, 25, 11.
    let found = report.amounts.as_ref().unwrap();
    assert_eq!((found.mae, found.mean_error), ((2.0 + 0.0 + 5.0 + 5.0 + 9.0) / 5.0, 1.0 / 5.0));
    assert_eq!((found.total_predicted, found.total_actual), (52.0, 51.0));
    assert_eq!(found.mean_alone.amount, 8.0);
    let bands: Vec<_> = found.bands.iter().map(|b| (b.rows, b.mean_predicted, b.mean_actual)).collect();
    assert_eq!(bands, [(2, 20.0, 18.0), (3, 4.0, 5.0)]);
    // Of the amount, over all scored rows: 30 and 10 in training, 4 and 2 now.
    let drift = report.stability.score.as_ref().unwrap();
    let bins: Vec<_> = drift.bins.iter().map(|bin| (bin.expected, bin.actual)).collect();
    assert_eq!((drift.name.as_str(), bins), ("amount", vec![(30, 4), (10, 2)]));
}

#[test]
fn without_amounts_only_drift_is_measured() {
    let report = measure_all(&days_late(), &table(&[("x", &["1", "2"])]));
    assert!(note(&report, "all measures but PSI need the outcome, but the data has no column `late`"));
    assert_eq!((report.amounts.as_ref(), report.data.measured), (None, 0));
    assert!(report.stability.score.is_some());
    let mut report = measure_all(&days_late(), &table(&[("x", &["1"]), ("late", &["1e101"])]));
    assert_eq!((report.data.measured, report.data.unlabelled), (0, 1));
    report.check(&Gates::from_toml("max_mae = 1e9").unwrap());
    assert!(!report.passed());
}

#[test]
fn gates_look_at_amounts() {
    let mut report = measure_all(&days_late(), &seven_rows());
    let gates = "max_mae = 4.2\nmax_rmse = 5.2\nmin_r2 = 0.5\nmin_spearman = 0.8\nmax_mean_error = 0.2\n";
    report.check(&Gates::from_toml(gates).unwrap());
    assert!(report.passed(), "{:?}", report.gates);
    assert_eq!(report.gates.len(), 5);
    for fails in
        ["max_mae = 4.1", "max_rmse = 5.1", "min_r2 = 0.7", "min_spearman = 0.95", "max_mean_error = 0.19"]
    {
        report.check(&Gates::from_toml(fails).unwrap());
        assert!(!report.passed(), "{fails}: {:?}", report.gates);
    }
    // A model that expects too little misses by as much.
    let rows: Vec<usize> = (0..3).collect();
    let options = MeasureOptions::default();
    let mut low = measure(&days_late(), &seven_rows(), &rows, "all", "d.csv", &options).unwrap();
    assert_eq!(low.amounts.as_ref().unwrap().mean_error, -1.0);
    low.check(&Gates::from_toml("max_mean_error = 0.9").unwrap());
    assert!(!low.passed());
}

#[test]
fn the_report_for_people() {
    let rows: Vec<usize> = (0..7).collect();
    let options = MeasureOptions { cutoff: Some(0.5), ..MeasureOptions::default() };
    let report = measure(&days_late(), &seven_rows(), &rows, "all", "d.csv", &options).unwrap();
    let text = report.to_text();
    for line in [
        " Rows    5 of 7 rows measured, 1 without a known outcome, 1 refused",
        " MAE                 4.20   the training mean for all: 6.20",
        " Total predicted    52.00   actual 51.00, +2.0%",
        " Amount PSI       ",
        "    1      2       20.00    18.00   -70.94 to 106.94   in line           70.6%",
        "the cut-off is a pd, and this model predicts an amount",
    ] {
        assert!(text.contains(line), "{line} is not in\n{text}");
    }
    assert!(text.lines().all(|line| line.chars().count() <= 100), "{text}");
    let figures: Vec<String> =
        report.amounts.iter().flat_map(Amounts::figures).map(|[name, ..]| name).collect();
    assert_eq!(figures, ["MAE", "RMSE", "R2", "Spearman", "Mean error", "Total predicted"]);
}
