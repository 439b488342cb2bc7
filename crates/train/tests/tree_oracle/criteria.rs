//! Entropy by its definition; chi-square by scipy.

use crate::oracle::{tables, walk};
use arrears_train::engine::TreeParams;
use arrears_train::grow::{Criterion, classification_tree};
use proptest::prelude::*;
use serde_json::Value;

/// Bits of these rows: their number times the entropy of the share of bads.
fn bits(bad: &[bool], rows: &[usize]) -> f64 {
    let bads = rows.iter().filter(|row| bad[**row]).count() as f64;
    let part = |count: f64| if count > 0.0 { -count * (count / rows.len() as f64).log2() } else { 0.0 };
    part(bads) + part(rows.len() as f64 - bads)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn entropy_gains_the_most_bits(
        table in tables(40), min_leaf in 1_u64..6, max_depth in 1_usize..5, least in 0.0..0.2, limited: bool,
    ) {
        let min_impurity_decrease = if limited { least } else { 0.0 };
        let params = TreeParams { max_depth, min_leaf, min_impurity_decrease, ..TreeParams::default() };
        let tree = classification_tree(&table.views(), &table.bad, None, &params).unwrap();
        let worth = |left: &[usize], right: &[usize]| {
            let all = [left, right].concat();
            bits(&table.bad, &all) - bits(&table.bad, left) - bits(&table.bad, right)
        };
        let least = min_impurity_decrease * table.bad.len() as f64;
        walk(&tree, &table.columns, &params, (least, 1e-12), worth)?;
    }
}

/// The default is entropy.
#[test]
fn the_criterion_that_is_not_named_is_entropy() {
    // By Gini the second column (10 of 10 bads found among 19 rows) is better than the first (5 bads alone).
    let first: Vec<f64> = (0..40).map(|row| if row < 5 { 0.0 } else { 1.0 }).collect();
    let second: Vec<f64> = (0..40).map(|row| if row < 19 { 0.0 } else { 1.0 }).collect();
    let bad: Vec<bool> = (0..40).map(|row| row < 10).collect();
    let tree = |criterion| {
        let params = TreeParams { max_depth: 1, min_leaf: 1, criterion, ..TreeParams::default() };
        classification_tree(&[&first, &second], &bad, None, &params).unwrap()
    };
    assert_eq!(tree(None), tree(Some(Criterion::Entropy)));
    let column = |criterion| tree(criterion).nodes[0].split.as_ref().unwrap().column;
    // Gini: 40 x 10 x 30 x 2 / 40^2 = 15; left over 2 x 5 x 30 / 35 = 8.57 and 2 x 10 x 9 / 19 = 9.47.
    assert_eq!(column(Some(Criterion::Gini)), 0);
    // Bits: 32.45; left over 35 x H(1/7) = 20.71 and 19 x H(10/19) = 18.96.
    assert_eq!(column(None), 1);
}

#[test]
fn chi_square_takes_the_least_p_value_of_scipy() {
    let cases: Vec<Value> = serde_json::from_str(include_str!("../reference/tree_chi_square.json")).unwrap();
    assert!(cases.len() >= 200);
    let mut none = 0;
    for case in &cases {
        let numbers = |value: &Value| -> Vec<f64> {
            value.as_array().unwrap().iter().map(|v| v.as_f64().unwrap_or(f64::NAN)).collect()
        };
        let columns: Vec<Vec<f64>> = case["columns"].as_array().unwrap().iter().map(numbers).collect();
        let views: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
        let bad: Vec<bool> = numbers(&case["bad"]).iter().map(|bad| *bad == 1.0).collect();
        let best = &case["best"];
        let root = |max_p_value: f64| {
            let criterion = Some(Criterion::ChiSquare);
            let params =
                TreeParams { max_depth: 1, min_leaf: 3, criterion, max_p_value, ..TreeParams::default() };
            classification_tree(&views, &bad, None, &params).unwrap().nodes[0].split.clone()
        };
        let p = best["p"].as_f64().unwrap();
        if p > 1.0 {
            assert_eq!(root(1.0), None, "{case}");
            none += 1;
            continue;
        }
        // From the p-value on, times the splits tried, and not below it.
        let split = root((p * (1.0 + 1e-9)).min(1.0)).unwrap();
        assert_eq!(split.column as u64, best["column"].as_u64().unwrap(), "{case}");
        assert_eq!(split.threshold, best["threshold"].as_f64().unwrap_or(f64::MIN), "{case}");
        assert_eq!(Some(split.missing_left), best["missing_left"].as_bool(), "{case}");
        assert_eq!(root(p * (1.0 - 1e-9)), None, "{case}");
    }
    assert!(none > 0 && none < cases.len() / 2, "{none} tables without a split");
}
