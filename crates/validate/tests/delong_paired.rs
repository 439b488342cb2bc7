//! DeLong's paired test against MLstatkit and the definition in numpy, to 1e-9 as in `metrics_agree_with_scikit_learn`.
//! The file is made by `reference/make_delong.py`.

#![allow(clippy::unwrap_used, reason = "helper functions of tests")]

use arrears_validate::{AucDifference, Error, Ranked, auc_interval, compare_auc};
use proptest::prelude::*;
use serde_json::Value;

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(|v| v.as_f64().unwrap()).collect()
}

#[test]
fn agrees_with_the_reference() {
    let cases: Vec<Value> = serde_json::from_str(include_str!("reference/delong.json")).unwrap();
    assert_eq!(cases.len(), 6);
    for case in cases {
        let bad: Vec<bool> = numbers(&case["bad"]).iter().map(|b| *b == 1.0).collect();
        let (first, second) = (numbers(&case["first_risk"]), numbers(&case["second_risk"]));
        let found = compare_auc(&bad, &first, &second, 0.95).unwrap();
        let hold = |what: &str, found: f64| {
            let expected = case[what].as_f64().unwrap();
            let off = (found - expected).abs();
            assert!(off <= 1e-9 * expected.abs().max(1.0), "{}: {what} {found} {expected}", case["name"]);
        };
        hold("first", found.first);
        hold("second", found.second);
        hold("standard_error", found.standard_error);
        hold("z", found.z.unwrap());
        hold("p_value", found.p_value);
        hold("lower", found.lower);
        hold("upper", found.upper);
    }
}

#[test]
fn models_that_rank_alike_do_not_differ_and_perfect_ones_differ_for_sure() {
    let bad = [true, false, true, false, false];
    let risk = [0.9, 0.2, 0.4, 0.6, 0.1];
    let log_odds = risk.map(|pd: f64| (pd / (1.0 - pd)).ln());
    let same = compare_auc(&bad, &risk, &log_odds, 0.95).unwrap();
    assert_eq!((same.difference, same.standard_error, same.z, same.p_value), (0.0, 0.0, None, 1.0));
    let perfect = [0.9, 0.1, 0.8, 0.2, 0.3];
    let found = compare_auc(&bad, &perfect, &perfect.map(|risk| -risk), 0.95).unwrap();
    assert_eq!((found.first, found.second, found.z, found.p_value), (1.0, 0.0, None, 0.0));
    // By hand: all risks equal against a perfect order. Placements differ by one half for every row.
    let flat = compare_auc(&bad, &perfect, &[0.0, -0.0, 0.0, 0.0, 0.0], 0.95).unwrap();
    assert_eq!((flat.first, flat.second, flat.variance()), (1.0, 0.5, 0.0));
}

#[test]
fn what_cannot_be_compared_is_said() {
    let bad = [true, true, false, false];
    let risk = [0.1, 0.2, 0.3, 0.4];
    let error = |bad: &[bool], second: &[f64], level| compare_auc(bad, &risk, second, level).unwrap_err();
    assert!(matches!(error(&bad, &risk[..3], 0.95), Error::Length { what: "second", .. }));
    assert!(matches!(error(&bad, &[0.1, f64::NAN, 0.3, 0.4], 0.95), Error::Value { row: 1, .. }));
    assert!(matches!(error(&[true, false, false, false], &risk, 0.95), Error::TooFew { found: 1, .. }));
    assert!(compare_auc(&bad, &risk, &risk, 1.0).is_err());
}

proptest! {
    /// Against a risk that says nothing the variance is that of the AUC alone, which has a code of its own; and the
    /// other way round everything turns its sign.
    #[test]
    fn it_holds_together_with_the_single_interval(
        rows in prop::collection::vec((any::<bool>(), 0..12u8, 0..12u8), 4..60)
    ) {
        let bad: Vec<bool> = rows.iter().map(|row| row.0).collect();
        let bads = bad.iter().filter(|bad| **bad).count();
        prop_assume!(bads >= 2 && bad.len() - bads >= 2);
        let risk: Vec<f64> = rows.iter().map(|row| f64::from(row.1)).collect();
        let other: Vec<f64> = rows.iter().map(|row| f64::from(row.2)).collect();
        let alone = auc_interval(&Ranked::new(&bad, &risk).unwrap(), 0.95).unwrap();
        let flat = compare_auc(&bad, &risk, &vec![0.0; bad.len()], 0.95).unwrap();
        prop_assert!((flat.first - alone.auc).abs() < 1e-12 && flat.second == 0.5);
        prop_assert!((flat.standard_error - alone.standard_error).abs() < 1e-12);
        let there = compare_auc(&bad, &risk, &other, 0.95).unwrap();
        let back = compare_auc(&bad, &other, &risk, 0.95).unwrap();
        prop_assert_eq!(there.difference, -back.difference);
        prop_assert!((there.standard_error - back.standard_error).abs() < 1e-12);
        prop_assert_eq!(there, AucDifference::of(there.first, there.second, there.variance(), 0.95));
    }
}
