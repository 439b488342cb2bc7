//! A number as target: the sum of squares by the definition.

use crate::oracle::{tables, walk};
use arrears_train::engine::{EngineError, TreeParams};
use arrears_train::grow::{RegressionTreeParams, regression_tree};
use proptest::prelude::*;

fn mean(targets: &[f64], weights: &[f64], rows: &[usize]) -> f64 {
    let sums =
        rows.iter().fold((0.0, 0.0), |(s, w), row| (s + targets[*row] * weights[*row], w + weights[*row]));
    sums.0 / sums.1
}

fn squares(targets: &[f64], weights: &[f64], rows: &[usize]) -> f64 {
    let mean = mean(targets, weights, rows);
    rows.iter().map(|row| weights[*row] * (targets[*row] - mean) * (targets[*row] - mean)).sum()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn regression_lowers_the_sum_of_squares_the_most(
        table in tables(30), drawn in prop::collection::vec((-4_i32..5, -1.0..1.0, 0.05..3.0), 30),
        whole: bool, weighted: bool, min_leaf in 1_u64..5, max_depth in 1_usize..5, shift in prop::sample::select(vec![0.0, 1e6]),
        scale in prop::sample::select(vec![1.0, 1e200, 1e-200, 1e-9]), least in prop::sample::select(vec![0.0, 0.0, 0.1]),
    ) {
        let rows = table.bad.len();
        let plain: Vec<f64> = drawn[..rows].iter()
            .map(|(step, noise, _)| if whole { f64::from(*step) } else { 3.0 * noise } + shift).collect();
        let targets: Vec<f64> = plain.iter().map(|target| target * scale).collect();
        let weights: Vec<f64> = drawn[..rows].iter().map(|d| if weighted { d.2 } else { 1.0 }).collect();
        // What a large scale squares to is not a number; a limit is tried on the others.
        let limited = scale == 1.0;
        let least = if limited { least } else { 0.0 };
        let params = TreeParams { max_depth, min_leaf, min_impurity_decrease: least, ..TreeParams::default() };
        let asked = RegressionTreeParams(params.clone());
        let tree = regression_tree(&table.views(), &targets, weighted.then_some(&weights[..]), &asked).unwrap();
        let of = |rows: &[usize]| squares(&plain, &weights, rows);
        let worth = |left: &[usize], right: &[usize]| of(&[left, right].concat()) - of(left) - of(right);
        let slack = if shift == 0.0 { 1e-9 } else { 1e-6 };
        walk(&tree, &table.columns, &params, (least * weights.iter().sum::<f64>(), slack), worth)?;
        let all: Vec<usize> = (0..rows).collect();
        let expected = mean(&plain, &weights, &all) * scale;
        prop_assert!((tree.nodes[0].mean - expected).abs() <= 1e-9 * scale * (1.0 + shift));
        for node in &tree.nodes {
            prop_assert!(node.mean.is_finite() && node.prediction.is_finite());
        }
    }

    #[test]
    fn nothing_is_gained_where_all_targets_are_equal(
        table in tables(30), target in -5.0..5.0, drawn in prop::collection::vec(0.05..3.0, 30), weighted: bool,
    ) {
        let rows = table.bad.len();
        let params = RegressionTreeParams(TreeParams { min_leaf: 1, ..TreeParams::default() });
        let weights = weighted.then_some(&drawn[..rows]);
        let tree = regression_tree(&table.views(), &vec![target; rows], weights, &params).unwrap();
        prop_assert_eq!(tree.nodes.len(), 1);
    }
}

#[test]
fn leaves_are_drawn_to_the_mean_of_all() {
    let x = [1.0, 2.0, 3.0, 4.0];
    let params = RegressionTreeParams(TreeParams { min_leaf: 1, max_depth: 1, ..TreeParams::default() });
    let tree = regression_tree(&[&x], &[0.0, 0.0, 10.0, 30.0], None, &params).unwrap();
    // {0, 0, 10} and {30}: squares 66.7; {0, 0} and {10, 30}: 200. Two rows of mean 10 are added to each leaf.
    let found: Vec<(f64, f64)> = tree.nodes.iter().map(|node| (node.mean, node.prediction)).collect();
    let expected = [(10.0, 10.0), (10.0 / 3.0, 30.0 / 5.0), (30.0, 50.0 / 3.0)];
    for (found, expected) in found.iter().zip(expected) {
        assert!((found.0 - expected.0).abs() < 1e-12 && (found.1 - expected.1).abs() < 1e-12, "{found:?}");
    }
    assert_eq!(tree.nodes[0].split.as_ref().unwrap().threshold, 3.5);
}

#[test]
fn targets_that_cannot_be_added_up_are_refused() {
    let x = [1.0, 2.0, 3.0, 4.0];
    let params = RegressionTreeParams(TreeParams { min_leaf: 1, ..TreeParams::default() });
    for target in [f64::NAN, f64::INFINITY] {
        let error = regression_tree(&[&x], &[0.0, target, 1.0, 2.0], None, &params).unwrap_err();
        assert!(matches!(error, EngineError::Observation { row: 1, .. }), "{error}");
    }
    let large = regression_tree(&[&x], &[-f64::MAX, -f64::MAX, f64::MAX, f64::MAX], None, &params).unwrap();
    assert_eq!(large.nodes[0].split.as_ref().unwrap().threshold, 2.5);
    assert!(large.nodes.iter().all(|node| node.mean.is_finite()), "{large:?}");
}
