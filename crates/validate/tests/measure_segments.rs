//! k-means models measured on tables.

#![allow(clippy::unwrap_used, reason = "helper functions of tests")]

mod made;

use arrears_model::Model;
use arrears_validate::{Gates, Report, Typical};
use made::{measure_all, segments, table};

fn model() -> Model {
    Model::new(segments()).unwrap()
}

/// S1 has (0, 1), (0, -1), (1, 0); S2 has (10, 0) and (9, missing); one row is refused.
fn six_rows() -> arrears_data::Table {
    table(&[
        ("x", &["0", "0", "1", "10", "9", "?"]),
        ("y", &["1", "-1", "0", "0", "NA", "0"]),
        ("城市", &["北京", "上海", "北京", "上海", "广州", "北京"]),
        ("outcome", &["bad", "good", "open", "good", "good", "bad"]),
    ])
}

fn close(found: f64, expected: f64) {
    assert!((found - expected).abs() <= 1e-12 * expected.abs().max(1.0), "{found} is not {expected}");
}

fn note(report: &Report, text: &str) -> bool {
    report.notes.iter().any(|note| note.contains(text))
}

#[test]
fn every_scored_row_is_measured_with_or_without_an_outcome() {
    let report = measure_all(&model(), &six_rows());
    let data = &report.data;
    assert_eq!((data.rows, data.measured, data.unlabelled, data.refused), (6, 5, 0, 1));
    assert_eq!((data.labelled, data.bads, data.bad_rate), (4, Some(1), Some(0.25)));
    assert!(note(&report, "bad rates need the outcome, not known for 1 row: neither"));
    assert!(report.discrimination.is_none() && report.confusion.is_none() && report.grades.is_empty());
}

#[test]
fn six_rows_measured_by_hand() {
    let clusters = measure_all(&model(), &six_rows()).clusters.unwrap();
    // Missing y stands at the centre. Squared distances: 1, 1, 1, 0, 1.
    close(clusters.inertia.unwrap(), 4.0);
    close(clusters.inertia_per_row.unwrap(), 0.8);
    // Distances inside S1: 2 between the first two, sqrt 2 from each to the third. S2: 1.
    let d = |x: f64, y: f64| x.hypot(y);
    let width = |own: f64, other: f64| (other - own) / other;
    let side = width((2.0 + 2f64.sqrt()) / 2.0, (d(10.0, 1.0) + d(9.0, 1.0)) / 2.0);
    let third = width(2f64.sqrt(), (9.0 + 8.0) / 2.0);
    let ten = width(1.0, (2.0 * d(10.0, 1.0) + 9.0) / 3.0);
    let nine = width(1.0, (2.0 * d(9.0, 1.0) + 8.0) / 3.0);
    let silhouette = clusters.silhouette.as_ref().unwrap();
    close(silhouette.mean, (2.0 * side + third + ten + nine) / 5.0);
    close(silhouette.segments[1].mean.unwrap(), (ten + nine) / 2.0);

    let [first, second] = clusters.segments.as_slice() else { panic!("there are two segments") };
    assert_eq!(
        (&*first.name, first.rows, first.share, first.training_share),
        ("S1: 低 x", 3, Some(0.6), Some(0.75))
    );
    assert_eq!((first.labelled, first.bads, first.bad_rate), (2, Some(1), Some(0.5)));
    assert_eq!((second.rows, second.bads, second.bad_rate), (2, Some(0), Some(0.0)));
    close(first.mean_distance.unwrap(), 1.0);
    close(second.mean_distance.unwrap(), 0.5);
}

#[test]
fn segments_show_means_and_most_frequent_categories() {
    let clusters = measure_all(&model(), &six_rows()).clusters.unwrap();
    let typical = |segment: usize, field: usize| clusters.segments[segment].features[field].typical.clone();
    close(if let Some(Typical::Mean(mean)) = typical(0, 0) { mean } else { f64::NAN }, 1.0 / 3.0);
    assert_eq!(typical(1, 0), Some(Typical::Mean(9.5)));
    assert_eq!(typical(1, 1), Some(Typical::Mean(0.0)), "the missing y is left out");
    let most = |category: &str, share| Some(Typical::MostFrequent { category: category.to_owned(), share });
    assert_eq!(typical(0, 2), most("北京", 2.0 / 3.0));
    assert_eq!(typical(1, 2), most("上海", 0.5), "a category that training never saw is in no one's list");
    assert_eq!(clusters.segments[0].features[2].variable, "城市");
}

#[test]
fn the_score_psi_is_that_of_the_segment_shares() {
    let report = measure_all(&model(), &six_rows());
    let drift = report.stability.score.as_ref().unwrap();
    assert_eq!(drift.name, "segment");
    close(drift.psi.psi, (0.6 - 0.75) * f64::ln(0.6 / 0.75) + (0.4 - 0.25) * f64::ln(0.4 / 0.25));
    assert_eq!(report.measured().score_psi, Some(drift.psi.psi));
    assert_eq!(report.stability.features.len(), 3);
}

#[test]
fn gates_look_at_silhouette_and_inertia() {
    let mut report = measure_all(&model(), &six_rows());
    report.check(&Gates::from_toml("min_silhouette = 0.5\nmax_inertia_per_row = 0.8\nmin_rows = 5").unwrap());
    assert!(report.passed(), "{:?}", report.gates);
    report.check(&Gates::from_toml("max_inertia_per_row = 0.79\nmin_auc = 0.5").unwrap());
    assert_eq!(report.gates.iter().filter(|gate| !gate.passed).count(), 2);
    let junit = report.to_junit().unwrap();
    assert!(junit.contains(r#"testsuite name="arrears-test@1.2""#), "{junit}");
}

#[test]
fn rows_of_one_segment_have_no_silhouette() {
    let data = table(&[("x", &["0", "1"]), ("y", &["0", "0"]), ("城市", &["北京", "北京"])]);
    let mut report = measure_all(&model(), &data);
    let clusters = report.clusters.as_ref().unwrap();
    assert_eq!(clusters.silhouette, None);
    assert_eq!(clusters.inertia, Some(1.0));
    assert!(note(&report, "silhouette: found 1 segments with measured rows"));
    assert!(note(&report, "the data has no column `outcome`"));
    let empty = &clusters.segments[1];
    assert_eq!((empty.rows, empty.share, empty.bads, empty.mean_distance), (0, Some(0.0), None, None));
    assert!(empty.features.iter().all(|feature| feature.typical.is_none()));
    report.check(&Gates::from_toml("min_silhouette = -1.0").unwrap());
    assert!(!report.passed());
    assert!(report.to_text().contains("not computed"));
}

#[test]
fn no_rows_at_all() {
    let none: &[&str] = &[];
    let report = measure_all(&model(), &table(&[("x", none), ("y", none), ("城市", none)]));
    let clusters = report.clusters.as_ref().unwrap();
    assert_eq!((clusters.inertia, clusters.inertia_per_row), (None, None));
    assert!(note(&report, "there are no rows to measure") && note(&report, "inertia and silhouette"));
    assert!(report.stability.score.is_none());
    assert!(report.to_text().contains("0 of 0 rows measured"));
}
