//! A model that gives a pd, measured on tables: known numbers, and every row accounted for.

#![allow(clippy::unwrap_used, reason = "helper functions of tests")]

mod made;

use arrears_model::Model;
use arrears_validate::{Error, Gates, MeasureOptions, Report, StabilityBand, measure};
use made::{logistic, measure_all, mixed, table};
use proptest::prelude::*;
use serde_json::Value;

fn model() -> Model {
    Model::new(logistic()).unwrap()
}

/// A model without the city, so that `x` alone makes the pd.
fn of_x_alone() -> Model {
    let mut parts = logistic();
    parts.schema.fields.truncate(1);
    parts.transforms.truncate(2);
    parts.profile.fields.truncate(1);
    let arrears_model::Predictor::Additive(additive) = &mut parts.predictor else { panic!("it is additive") };
    additive.terms.truncate(1);
    Model::new(parts).unwrap()
}

fn close(found: f64, expected: f64) {
    assert!((found - expected).abs() <= 1e-9 * expected.abs().max(1.0), "{found} is not {expected}");
}

fn no_gate_passes(mut report: Report, gates: &str) {
    report.check(&Gates::from_toml(gates).unwrap());
    assert_eq!(report.gates.len(), gates.lines().count());
    assert!(report.gates.iter().all(|gate| !gate.passed), "{:?}", report.gates);
    assert!(!report.passed());
}

fn note(report: &Report, text: &str) -> bool {
    report.notes.iter().any(|note| note.contains(text))
}

#[test]
fn agrees_with_scikit_learn_through_model_and_table() {
    let cases: Vec<Value> = serde_json::from_str(include_str!("reference/ranking.json")).unwrap();
    let mut measured = 0;
    for case in cases {
        let pd: Vec<f64> = case["pd"].as_array().unwrap().iter().map(|p| p.as_f64().unwrap()).collect();
        // A pd of exactly 0 or 1 has no log-odds.
        if pd.iter().any(|p| !(1e-12..=1.0 - 1e-12).contains(p)) {
            continue;
        }
        let x = pd.iter().map(|p| (p / (1.0 - p)).ln()).collect();
        let bad = case["bad"].as_array().unwrap().iter();
        let outcome = bad.map(|b| if b.as_u64() == Some(1) { "bad" } else { "good" }.to_owned()).collect();
        let report = measure_all(&of_x_alone(), &mixed(("x", x), ("outcome", outcome)));
        let expected = |value: &Value| value.as_f64().unwrap();
        let discrimination = report.discrimination.unwrap();
        close(discrimination.auc, expected(&case["auc"]));
        close(discrimination.gini, 2.0 * expected(&case["auc"]) - 1.0);
        close(discrimination.ks.ks, expected(&case["ks"]["ks"]));
        match (discrimination.auc_interval, &case["delong"]["interval_0.95"]) {
            (Some(interval), ends) => {
                close(interval.lower, expected(&ends[0]));
                close(interval.upper, expected(&ends[1]));
            }
            (None, ends) => assert!(ends.is_null()),
        }
        let accuracy = report.accuracy.unwrap();
        close(accuracy.brier, expected(&case["brier"]));
        close(accuracy.log_loss, expected(&case["log_loss"]));
        measured += 1;
    }
    assert!(measured >= 4, "only {measured} cases have pds strictly between 0 and 1");
}

/// Twelve rows: 8 measured, 2 without a known outcome, 2 refused.
fn twelve_rows() -> arrears_data::Table {
    table(&[
        ("x", &["-2", "-1.5", "-0.5", "NA", "0.5", "1.5", "2", "2", "0", "0", "many", "inf"]),
        (
            "城市",
            &["北京", "上海", "北京", "上海", "北京", "广州", "北京", "上海", "北京", "上海", "北京", "北京"],
        ),
        (
            "outcome",
            &["good", " good ", "bad", "good", "good", "bad", "bad", "bad", "NA", "open", "bad", "good"],
        ),
    ])
}

#[test]
fn every_row_is_counted_where_it_belongs() {
    let report = measure_all(&model(), &twelve_rows());
    let data = &report.data;
    assert_eq!((data.rows, data.measured, data.unlabelled, data.refused), (12, 8, 2, 2));
    assert_eq!((data.labelled, data.bads, data.bad_rate), (8, Some(4), Some(0.5)));
    let refused: Vec<_> = data.refused_examples.iter().map(|r| (r.line, &*r.column, &*r.value)).collect();
    assert_eq!(refused, [(12, "x", "many"), (13, "x", "inf")]);
    assert!(data.refused_examples[0].why.contains("expected a number"));
    assert!(data.refused_examples[1].why.contains("finite"));
    let changed: Vec<_> = data.changed.iter().map(|c| (&*c.column, &*c.what, c.rows)).collect();
    assert_eq!(changed, [("城市", "unseen category", 1)]);
    assert!(note(&report, "not known for 2 rows: neither \"bad\" (bad) nor \"good\" (good) in `outcome`"));
}

/// pds by log-odds x: -2 g, -1.5 g, -0.5 b, 0 (missing) g, 0.5 g, 1.5 b, 2 b, 2 b.
#[test]
fn twelve_rows_measured_by_hand() {
    let report = measure_all(&model(), &twelve_rows());
    // Of 16 pairs, the bad at -0.5 loses to the goods at 0 and 0.5; all others are won.
    let discrimination = report.discrimination.unwrap();
    assert_eq!((discrimination.auc, discrimination.gini), (0.875, 0.75));
    // From 1.5 on: 3 of 4 bads, 0 of 4 goods.
    assert_eq!(discrimination.ks.ks, 0.75);
    let confusion = report.confusion.unwrap();
    assert_eq!(confusion.cutoff, 0.4, "the training bad rate");
    // pd of at least 0.4 is x of at least -0.405.
    assert_eq!((confusion.true_positives, confusion.false_positives), (3, 2));
    assert_eq!((confusion.true_negatives, confusion.false_negatives), (2, 1));
    // Grade A: x up to ln(1/3) = -1.0986; B: up to 0; C.
    let grades: Vec<_> = report.grades.iter().map(|g| (&*g.grade, g.rows, g.bads, g.share)).collect();
    assert_eq!(grades, [("A", 2, 0, 0.25), ("B", 2, 1, 0.25), ("C", 4, 3, 0.5)]);
    let pd = |x: f64| 1.0 / (1.0 + (-x).exp());
    close(report.grades[0].mean_pd.unwrap(), (pd(-2.0) + pd(-1.5)) / 2.0);
    assert_eq!(report.grades[2].bad_rate, Some(0.75));
    assert_eq!(report.grades[0].label.as_deref(), Some("优秀"));
    assert_eq!(report.gains.iter().map(|band| band.rows).sum::<u64>(), 8);
    assert_eq!(report.calibration.unwrap().bad_rate, 0.5);
}

#[test]
fn stability_counts_all_scored_rows_in_the_bins_of_the_profile() {
    let report = measure_all(&model(), &twelve_rows());
    // x: below -1 two, to 0 one, to 1 three (0.5 and two 0s without a known outcome), from 1 three, missing one.
    let x = &report.stability.features[0];
    let counts: Vec<_> = x.bins.iter().map(|bin| (&*bin.bin, bin.expected, bin.actual)).collect();
    let expected = [
        ("(-inf, -1)", 25, 2),
        ("[-1, 0)", 25, 1),
        ("[0, 1)", 25, 3),
        ("[1, inf)", 25, 3),
        ("missing", 0, 1),
    ];
    assert_eq!(counts, expected);
    // The missing bin has a 0, so 0.5 is added to both of its counts.
    let part = |e: f64, a: f64| (a / 10.5 - e / 100.5) * ((a / 10.5) / (e / 100.5)).ln();
    close(x.psi.psi, part(25.0, 2.0) + part(25.0, 1.0) + 2.0 * part(25.0, 3.0) + part(0.5, 1.5));
    let city = &report.stability.features[1];
    let counts: Vec<_> = city.bins.iter().map(|bin| (&*bin.bin, bin.expected, bin.actual)).collect();
    assert_eq!(counts, [("上海", 40, 4), ("北京", 60, 5), ("other (unseen)", 0, 1), ("missing", 0, 0)]);
    // Score below the split: x above 0, five rows; at or above it: x of 0 or less.
    let score = report.stability.score.unwrap();
    assert_eq!(score.bins.iter().map(|bin| bin.actual).collect::<Vec<_>>(), [4, 6]);
    close(score.psi.psi, (0.4 - 0.5) * f64::ln(0.4 / 0.5) + (0.6 - 0.5) * f64::ln(0.6 / 0.5));
    assert_eq!(score.psi.band, StabilityBand::Stable);
    assert!(report.stability.unknown.is_empty());
}

#[test]
fn rows_like_the_training_rows_have_not_moved() {
    let x: Vec<f64> = (0..100).map(|i| [-1.5, -0.5, 0.5, 1.5][i % 4]).collect();
    let outcome = (0..100).map(|i| if i % 3 == 0 { "bad" } else { "good" }.to_owned()).collect();
    let report = measure_all(&of_x_alone(), &mixed(("x", x), ("outcome", outcome)));
    assert_eq!(report.stability.features[0].psi.psi, 0.0);
    assert_eq!(report.stability.score.as_ref().unwrap().psi.psi, 0.0);
    assert_eq!(report.measured().feature_psi, Some(0.0));
}

#[test]
fn only_the_rows_asked_for_are_measured() {
    let report =
        measure(&model(), &twelve_rows(), &[0, 5, 10], "hold-out", "customers.csv", &Default::default());
    let report = report.unwrap();
    assert_eq!((report.data.rows, report.data.measured, report.data.refused), (3, 2, 1));
    assert_eq!(report.data.part, "hold-out");
    assert_eq!(report.discrimination.unwrap().auc, 1.0);
    assert_eq!(report.discrimination.unwrap().auc_interval, None);
    assert!(note(&report, "interval of the AUC: found 1 bad rows, but at least 2"));
}

#[test]
fn labels_compare_as_numbers_where_they_are_numbers() {
    let mut parts = logistic();
    parts.schema.target.as_mut().unwrap().bad = "1".to_owned();
    parts.schema.target.as_mut().unwrap().good = "0".to_owned();
    let model = Model::new(parts).unwrap();
    let data = table(&[
        ("x", &["1", "0", "1", "0", "0"]),
        ("城市", &["北京"; 5]),
        ("outcome", &["1.0", "0", " 1 ", "-0.0", "2"]),
    ]);
    let report = measure_all(&model, &data);
    assert_eq!((report.data.measured, report.data.bads, report.data.unlabelled), (4, Some(2), 1));
    assert_eq!(report.discrimination.unwrap().auc, 1.0);
}

#[test]
fn one_class_leaves_the_probabilities_measured_and_the_rest_noted() {
    let data = table(&[("x", &["1", "0"]), ("城市", &["北京", "北京"]), ("outcome", &["good", "good"])]);
    let report = measure_all(&model(), &data);
    assert!(report.discrimination.is_none() && report.calibration.is_none() && report.gains.is_empty());
    assert!(note(&report, "AUC, Gini, KS, gains and calibration: found 0 bad rows"));
    let e = std::f64::consts::E;
    close(report.accuracy.unwrap().brier, ((e / (1.0 + e)).powi(2) + 0.25) / 2.0);
    assert_eq!(report.confusion.unwrap().recall, None);
    assert_eq!(report.grades.iter().map(|g| g.rows).sum::<u64>(), 2);
    no_gate_passes(report, "min_auc = 0.0\nmin_auc_lower = 0.0\nmin_gini = -1.0\nmin_ks = 0.0\nmin_bads = 1");
}

#[test]
fn without_outcomes_psi_is_all_there_is() {
    let data = table(&[("x", &["1", "0"]), ("城市", &["北京", "北京"])]);
    let report = measure_all(&model(), &data);
    assert_eq!((report.data.measured, report.data.unlabelled, report.data.bads), (0, 2, None));
    assert!(note(&report, "the data has no column `outcome`"));
    assert!(report.accuracy.is_none() && report.confusion.is_none() && report.grades.is_empty());
    assert_eq!(report.stability.features.len(), 2);
    assert!(report.measured().score_psi.is_some() && report.measured().feature_psi.is_some());
    no_gate_passes(report, "min_rows = 1\nmin_bads = 0\nmax_brier = 1.0\nmax_log_loss = 9.0");

    let mut parts = logistic();
    parts.schema.target = None;
    let report = measure_all(&Model::new(parts).unwrap(), &data);
    assert!(note(&report, "the model names no outcome column"));
}

#[test]
fn nothing_to_measure_is_said_and_fails_every_gate() {
    let all = "min_rows = 1\nmin_auc = 0.0\nmax_score_psi = 9.0\nmax_feature_psi = 9.0";
    let empty =
        measure(&model(), &twelve_rows(), &[], "all rows", "customers.csv", &Default::default()).unwrap();
    assert!(note(&empty, "no rows"));
    assert_eq!(empty.measured().reject_share, None);
    no_gate_passes(empty, &format!("{all}\nmax_reject_share = 1.0"));
    let refused =
        measure(&model(), &twelve_rows(), &[10, 11], "all rows", "customers.csv", &Default::default());
    let refused = refused.unwrap();
    assert!(note(&refused, "every row was refused"));
    assert_eq!(refused.measured().reject_share, Some(1.0));
    no_gate_passes(refused, &format!("{all}\nmax_reject_share = 0.99"));
}

#[test]
fn the_largest_feature_psi_is_not_known_while_one_is_missing() {
    let mut parts = logistic();
    parts.profile.fields.truncate(1);
    parts.profile.score = None;
    let report = measure_all(&Model::new(parts).unwrap(), &twelve_rows());
    assert_eq!(report.stability.features.len(), 1);
    assert_eq!(report.stability.unknown, ["城市"]);
    assert!(note(&report, "PSI of `城市`: the model keeps no counts"));
    assert!(note(&report, "score PSI: the model keeps no score counts"));
    no_gate_passes(report, "max_feature_psi = 99.0\nmax_score_psi = 99.0");
}

#[test]
fn a_model_without_training_bads_needs_a_cutoff() {
    let mut parts = logistic();
    parts.provenance.rows.train_bads = None;
    let model = Model::new(parts).unwrap();
    let report = measure_all(&model, &twelve_rows());
    assert_eq!(report.confusion, None);
    assert!(note(&report, "give a cut-off"));
    let options = MeasureOptions { cutoff: Some(0.9), ..Default::default() };
    let rows: Vec<usize> = (0..12).collect();
    let report = measure(&model, &twelve_rows(), &rows, "all rows", "customers.csv", &options).unwrap();
    // pd of at least 0.9 is x of at least ln 9 = 2.197.
    assert_eq!(report.confusion.unwrap().recall, Some(0.0));
}

#[test]
fn what_cannot_be_measured_at_all_is_refused() {
    let attempt = |data: &arrears_data::Table, rows: &[usize], options: MeasureOptions| {
        measure(&model(), data, rows, "all rows", "customers.csv", &options).unwrap_err()
    };
    let usual = MeasureOptions::default();
    let no_city = attempt(&table(&[("x", &["1"]), ("outcome", &["bad"])]), &[0], usual.clone()).to_string();
    assert!(no_city.contains("`城市`") && no_city.contains("the file has x, outcome"), "{no_city}");
    assert_eq!(attempt(&twelve_rows(), &[3, 12], usual.clone()), Error::Row { row: 12, rows: 12 });
    for (name, options) in [
        ("bands", MeasureOptions { bands: 0, ..usual.clone() }),
        ("level", MeasureOptions { level: 1.0, ..usual.clone() }),
        ("cutoff", MeasureOptions { cutoff: Some(f64::NAN), ..usual.clone() }),
        ("cutoff", MeasureOptions { cutoff: Some(1.5), ..usual.clone() }),
    ] {
        let error = attempt(&twelve_rows(), &[0], options);
        assert!(matches!(error, Error::Parameter { name: found, .. } if found == name), "{error}");
    }
}

proptest! {
    #[test]
    fn rows_are_measured_unlabelled_or_refused(
        rows in prop::collection::vec((0usize..5, 0usize..4, 0usize..5), 0..60)
    ) {
        let xs = ["-1.5", "0.3", "", "2e0", "twelve"];
        let cities = ["北京", "上海", "", "Paris"];
        let labels = ["bad", "good", " bad", "", "other"];
        let column = |texts: &[&'static str], pick: &dyn Fn(&(usize, usize, usize)) -> usize| {
            rows.iter().map(|row| texts[pick(row)]).collect::<Vec<_>>()
        };
        let (x, city, label) =
            (column(&xs, &|r| r.0), column(&cities, &|r| r.1), column(&labels, &|r| r.2));
        let report = measure_all(&model(), &table(&[("x", &x), ("城市", &city), ("outcome", &label)]));

        let count = |keep: &dyn Fn(&(usize, usize, usize)) -> bool| rows.iter().filter(|r| keep(r)).count() as u64;
        let refused = count(&|r| r.0 == 4);
        let unlabelled = count(&|r| r.0 != 4 && r.2 >= 3);
        let bads = count(&|r| r.0 != 4 && (r.2 == 0 || r.2 == 2));
        let data = &report.data;
        prop_assert_eq!((data.refused, data.unlabelled), (refused, unlabelled));
        prop_assert_eq!(data.rows, data.measured + data.unlabelled + data.refused);
        prop_assert_eq!(data.rows, rows.len() as u64);
        prop_assert_eq!(data.bads.unwrap_or(0), bads);
        prop_assert_eq!(data.refused_examples.len() as u64, refused.min(5));
        let in_grades: u64 = report.grades.iter().map(|g| g.rows).sum();
        prop_assert_eq!(in_grades, data.measured);
        let in_gains: u64 = report.gains.iter().map(|g| g.rows).sum();
        prop_assert_eq!(in_gains, if bads > 0 && bads < data.measured { data.measured } else { 0 });
        for drift in report.stability.features.iter().chain(&report.stability.score) {
            prop_assert_eq!(drift.psi.actual_rows, data.rows - data.refused);
            prop_assert_eq!(drift.bins.len(), drift.psi.parts.len());
        }
        prop_assert!(report.to_text().lines().all(|line| line.chars().count() <= 100));
    }
}
