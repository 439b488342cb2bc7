//! Every metric against scikit-learn, scipy and plain numpy, to 1e-9.
//!
//! "To 1e-9" is `|found - expected| <= 1e-9 * max(1, |expected|)`: absolute for the numbers below 1, which all
//! shares and scores are, relative above. The files in `reference/` are made by `make_reference.py` there.

#![allow(clippy::unwrap_used, reason = "helper functions of tests")]

use arrears_validate::{
    Points, Ranked, auc_interval, brier, calibration, chi_square_quantile, confusion, gains, inertia,
    log_loss, normal_quantile, psi, silhouette,
};
use serde_json::Value;

fn cases(text: &str) -> Vec<Value> {
    let cases: Vec<Value> = serde_json::from_str(text).unwrap();
    assert!(!cases.is_empty());
    cases
}

fn ranking_cases() -> Vec<Value> {
    cases(include_str!("reference/ranking.json"))
}

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(|v| v.as_f64().unwrap()).collect()
}

fn counts(value: &Value) -> Vec<u64> {
    value.as_array().unwrap().iter().map(|v| v.as_u64().unwrap()).collect()
}

fn outcomes(case: &Value) -> (Vec<bool>, Vec<f64>) {
    (counts(&case["bad"]).iter().map(|&b| b == 1).collect(), numbers(&case["pd"]))
}

#[track_caller]
fn agree(name: &Value, what: &str, found: f64, expected: &Value) {
    let expected = expected.as_f64().unwrap_or_else(|| panic!("{name}: no reference for {what}"));
    let off = (found - expected).abs();
    assert!(off <= 1e-9 * expected.abs().max(1.0), "{name}: {what} is {found}, the reference has {expected}");
}

#[track_caller]
fn agree_or_absent(name: &Value, what: &str, found: Option<f64>, expected: &Value) {
    match found {
        Some(found) => agree(name, what, found, expected),
        None => assert!(expected.is_null(), "{name}: {what} is absent, the reference has {expected}"),
    }
}

#[test]
fn auc_and_ks() {
    for case in ranking_cases() {
        let (bad, pd) = outcomes(&case);
        let ranked = Ranked::new(&bad, &pd).unwrap();
        let name = &case["name"];
        agree(name, "auc", ranked.auc(), &case["auc"]);
        let gini = 2.0 * case["auc"].as_f64().unwrap() - 1.0;
        agree(name, "gini", ranked.gini(), &gini.into());
        let ks = ranked.ks();
        agree(name, "ks", ks.ks, &case["ks"]["ks"]);
        agree(name, "risk at ks", ks.risk, &case["ks"]["risk"]);
        agree(name, "bad share at ks", ks.bad_share, &case["ks"]["bad_share"]);
        agree(name, "good share at ks", ks.good_share, &case["ks"]["good_share"]);
    }
}

#[test]
fn delong_interval() {
    let mut measured = 0;
    for case in ranking_cases() {
        let (bad, pd) = outcomes(&case);
        let ranked = Ranked::new(&bad, &pd).unwrap();
        let (name, expected) = (&case["name"], &case["delong"]);
        for level in [0.95, 0.8] {
            let Ok(found) = auc_interval(&ranked, level) else {
                assert!(expected.is_null(), "{name}");
                continue;
            };
            let interval = &expected[format!("interval_{level}")];
            agree(name, "auc", found.auc, &expected["auc"]);
            agree(name, "standard error", found.standard_error, &expected["standard_error"]);
            agree(name, "lower", found.lower, &interval[0]);
            agree(name, "upper", found.upper, &interval[1]);
            measured += 1;
        }
    }
    assert_eq!(measured, 16);
}

#[test]
fn brier_score_and_log_loss() {
    for case in ranking_cases() {
        let (bad, pd) = outcomes(&case);
        agree(&case["name"], "brier", brier(&bad, &pd).unwrap(), &case["brier"]);
        agree(&case["name"], "log loss", log_loss(&bad, &pd).unwrap(), &case["log_loss"]);
    }
}

#[test]
fn confusion_at_each_cutoff() {
    for case in ranking_cases() {
        let (bad, pd) = outcomes(&case);
        for expected in case["confusion"].as_array().unwrap() {
            let cutoff = expected["cutoff"].as_f64().unwrap();
            let found = confusion(&bad, &pd, cutoff).unwrap();
            let four =
                [found.true_positives, found.false_positives, found.true_negatives, found.false_negatives];
            let four_expected = ["tp", "fp", "tn", "fn"].map(|key| expected[key].as_u64().unwrap());
            assert_eq!(four, four_expected, "{} at {cutoff}", case["name"]);
            for (what, found) in [
                ("accuracy", found.accuracy),
                ("precision", found.precision),
                ("recall", found.recall),
                ("specificity", found.specificity),
                ("f1", found.f1),
                ("mcc", found.mcc),
            ] {
                agree_or_absent(&case["name"], what, found, &expected[what]);
            }
        }
    }
}

#[test]
fn gains_table() {
    for case in ranking_cases() {
        let (bad, pd) = outcomes(&case);
        let ranked = Ranked::new(&bad, &pd).unwrap();
        for expected in case["bands"].as_array().unwrap() {
            let table = gains(&ranked, expected["wanted"].as_u64().unwrap() as usize).unwrap();
            let rows = expected["rows"].as_array().unwrap();
            assert_eq!(table.len(), rows.len(), "{}", case["name"]);
            for (index, (found, row)) in table.iter().zip(rows).enumerate() {
                assert_eq!(found.band, index + 1);
                assert_eq!(Some(found.rows), row["rows"].as_u64());
                assert_eq!(Some(found.bads), row["bads"].as_u64());
                for (what, found) in [
                    ("highest_risk", found.highest_risk),
                    ("lowest_risk", found.lowest_risk),
                    ("bad_rate", found.bad_rate),
                    ("cumulative_row_share", found.cumulative_row_share),
                    ("cumulative_bad_share", found.cumulative_bad_share),
                    ("cumulative_good_share", found.cumulative_good_share),
                    ("lift", found.lift),
                    ("cumulative_lift", found.cumulative_lift),
                    ("ks", found.ks),
                ] {
                    agree(&case["name"], what, found, &row[what]);
                }
            }
        }
    }
}

#[test]
fn calibration_bands() {
    for case in ranking_cases() {
        let (bad, pd) = outcomes(&case);
        let ranked = Ranked::new(&bad, &pd).unwrap();
        let name = &case["name"];
        for expected in case["bands"].as_array().unwrap() {
            let found = calibration(&ranked, expected["wanted"].as_u64().unwrap() as usize, 0.95).unwrap();
            agree(name, "mean pd", found.mean_pd, &expected["mean_pd"]);
            agree(name, "bad rate", found.bad_rate, &expected["bad_rate"]);
            agree(name, "expected error", found.expected_error, &expected["expected_error"]);
            agree(name, "largest error", found.largest_error, &expected["largest_error"]);
            let rows = expected["rows"].as_array().unwrap();
            assert_eq!(found.bands.len(), rows.len(), "{name}");
            for (band, row) in found.bands.iter().zip(rows) {
                assert_eq!(Some(band.rows), row["rows"].as_u64());
                assert_eq!(Some(band.bads), row["bads"].as_u64());
                agree(name, "mean pd of a band", band.mean_pd, &row["mean_pd"]);
                agree(name, "bad rate of a band", band.bad_rate, &row["bad_rate"]);
                agree(name, "lower", band.lower, &row["lower"]);
                agree(name, "upper", band.upper, &row["upper"]);
            }
        }
    }
}

#[test]
fn quantiles() {
    for case in cases(include_str!("reference/quantiles.json")) {
        for row in case["normal"].as_array().unwrap() {
            let p = row["p"].as_f64().unwrap();
            agree(&row["p"], "normal quantile", normal_quantile(p), &row["z"]);
            let z = row["z"].as_f64().unwrap();
            assert!((normal_quantile(p) - z).abs() <= 1e-14 * z.abs(), "{p}: {} {z}", normal_quantile(p));
        }
        for row in case["chi_square"].as_array().unwrap() {
            let (p, degrees) = (row["p"].as_f64().unwrap(), row["degrees"].as_u64().unwrap() as u32);
            agree(row, "chi-square quantile", chi_square_quantile(p, degrees), &row["x"]);
        }
    }
}

#[test]
fn population_stability() {
    for case in cases(include_str!("reference/psi.json")) {
        let found = psi(&counts(&case["expected"]), &counts(&case["actual"])).unwrap();
        agree(&case["name"], "psi", found.psi, &case["psi"]);
        agree(&case["name"], "parts", found.parts.iter().sum(), &case["psi"]);
        agree(&case["name"], "threshold", found.adjusted_threshold, &case["adjusted_threshold"]);
        assert_eq!(serde_json::to_value(found.band).unwrap(), case["band"], "{}", case["name"]);
    }
}

#[test]
fn inertia_and_silhouette() {
    for case in cases(include_str!("reference/clusters.json")) {
        let dims = case["dims"].as_u64().unwrap() as usize;
        let (values, centres) = (numbers(&case["points"]), numbers(&case["centres"]));
        let segment: Vec<usize> = counts(&case["segment"]).iter().map(|&s| s as usize).collect();
        let (points, centres) = (Points::new(&values, dims).unwrap(), Points::new(&centres, dims).unwrap());
        agree(&case["name"], "inertia", inertia(points, centres, &segment).unwrap(), &case["inertia"]);
        let found = silhouette(points, &segment, centres.rows(), points.rows(), 0).unwrap();
        agree(&case["name"], "silhouette", found.mean, &case["silhouette"]);
        assert_eq!(found.segments.len(), centres.rows());
        for (segment, expected) in found.segments.iter().zip(case["per_segment"].as_array().unwrap()) {
            agree_or_absent(&case["name"], "silhouette of a segment", segment.mean, expected);
        }
    }
}
