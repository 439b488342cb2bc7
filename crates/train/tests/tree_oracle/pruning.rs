//! Cost-complexity pruning: scikit-learn's path, and the choice by cross-validation done again.

use arrears_data::split::order_key;
use arrears_train::engine::TreeParams;
use arrears_train::grow::{
    Criterion, DecisionTree, RegressionTreeParams, classification_tree, regression_tree,
};
use ndarray::Array1;
use proptest::prelude::*;
use serde_json::Value;

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(|v| v.as_f64().unwrap()).collect()
}

fn fit(columns: &[Vec<f64>], bad: &[bool], params: &TreeParams) -> DecisionTree {
    let views: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
    classification_tree(&views, bad, None, params).unwrap()
}

/// Leaves, and their Gini impurity as a share of all rows.
fn cost(tree: &DecisionTree) -> (usize, f64) {
    let leaves = tree.nodes.iter().filter(|node| node.split.is_none());
    let of = |node: &arrears_train::grow::DecisionNode| {
        node.rows as f64 / tree.nodes[0].rows as f64 * 2.0 * node.mean * (1.0 - node.mean)
    };
    (leaves.clone().count(), leaves.map(of).sum())
}

#[test]
fn pruning_follows_the_path_of_scikit_learn() {
    let cases: Vec<Value> = serde_json::from_str(include_str!("../reference/tree_pruning.json")).unwrap();
    let mut steps = 0;
    for case in &cases {
        let columns: Vec<Vec<f64>> = case["columns"].as_array().unwrap().iter().map(numbers).collect();
        let bad: Vec<bool> = numbers(&case["bad"]).iter().map(|bad| *bad == 1.0).collect();
        let params = |alpha| TreeParams {
            min_leaf: case["min_leaf"].as_u64().unwrap(),
            max_depth: case["max_depth"].as_u64().unwrap() as usize,
            criterion: Some(Criterion::Gini),
            alpha,
            ..TreeParams::default()
        };
        let mut before = None;
        for step in case["steps"].as_array().unwrap() {
            let alpha = step["alpha"].as_f64().unwrap();
            let (leaves, impurity) = cost(&fit(&columns, &bad, &params(alpha * (1.0 + 1e-9))));
            assert_eq!(leaves as u64, step["leaves"].as_u64().unwrap(), "alpha {alpha}");
            assert!((impurity - step["impurity"].as_f64().unwrap()).abs() < 1e-12, "alpha {alpha}");
            // Just below it is the tree before.
            if let Some(before) = before {
                assert_eq!(cost(&fit(&columns, &bad, &params(alpha * (1.0 - 1e-9)))).0, before);
            }
            before = Some(leaves);
            steps += 1;
        }
        assert_eq!(before, Some(1));
    }
    assert!(cases.len() >= 20 && steps > 100, "{steps}");
}

/// The rows of one node's subtree as they stand in a tree: its leaves and their risk.
fn below(tree: &DecisionTree, leaf: &[bool], at: usize, risk: &impl Fn(usize) -> f64) -> (usize, f64) {
    match &tree.nodes[at].split {
        Some(split) if !leaf[at] => {
            let (l, r) = (below(tree, leaf, split.left, risk), below(tree, leaf, split.right, risk));
            (l.0 + r.0, l.1 + r.1)
        }
        _ => (1, risk(at)),
    }
}

fn is_below(tree: &DecisionTree, leaf: &[bool], at: usize) -> bool {
    let mut here = at;
    while here > 0 {
        here = tree
            .nodes
            .iter()
            .position(|n| n.split.as_ref().is_some_and(|s| s.left == here || s.right == here))
            .unwrap();
        if leaf[here] {
            return true;
        }
    }
    false
}

/// Penalties of a leaf, as a share of all rows, at which the tree gets smaller: weakest link by weakest link.
fn penalties(tree: &DecisionTree) -> Vec<f64> {
    let all = tree.nodes[0].rows as f64;
    let bits = |p: f64| if p > 0.0 { -p * p.log2() } else { 0.0 };
    let risk = |at: usize| {
        let node = &tree.nodes[at];
        node.rows as f64 / all * (bits(node.mean) + bits(1.0 - node.mean))
    };
    let mut leaf: Vec<bool> = tree.nodes.iter().map(|node| node.split.is_none()).collect();
    let mut found: Vec<f64> = Vec::new();
    while !leaf[0] {
        let open = (0..leaf.len()).filter(|at| !leaf[*at] && !is_below(tree, &leaf, *at));
        let link = |at: usize| {
            let (leaves, cost) = below(tree, &leaf, at, &risk);
            ((risk(at) - cost) / (leaves as f64 - 1.0), at)
        };
        let (weakest, at) = open.map(link).min_by(|a, b| a.0.total_cmp(&b.0)).unwrap();
        leaf[at] = true;
        match found.last().copied() {
            // The same but for rounding.
            Some(last) if weakest <= last + 1e-12 => {}
            _ => found.push(weakest),
        }
    }
    found
}

/// Folds, dealt within each class in the order of a key.
fn deal(bad: &[bool], folds: usize, seed: u64) -> Vec<usize> {
    let mut order: Vec<usize> = (0..bad.len()).collect();
    order.sort_by_key(|row| (bad[*row], order_key(seed, *row as u64)));
    let mut fold = vec![0; bad.len()];
    order.into_iter().enumerate().for_each(|(at, row)| fold[row] = at % folds);
    fold
}

fn chosen(columns: &[Vec<f64>], bad: &[bool], params: &TreeParams) -> f64 {
    let plain = TreeParams { folds: 0, ..params.clone() };
    let steps = penalties(&fit(columns, bad, &plain));
    let mut alphas = vec![0.0];
    alphas.extend(steps.windows(2).map(|pair| (pair[0] * pair[1]).sqrt()));
    alphas.extend(steps.last().map(|last| 2.0 * last));
    let fold_of = deal(bad, params.folds, params.seed);
    let loss = |fold: usize, alpha: f64| {
        let (mine, others): (Vec<usize>, Vec<usize>) = (0..bad.len()).partition(|row| fold_of[*row] == fold);
        let taken: Vec<Vec<f64>> =
            columns.iter().map(|c| others.iter().map(|row| c[*row]).collect()).collect();
        let labels: Vec<bool> = others.iter().map(|row| bad[*row]).collect();
        let tree = fit(&taken, &labels, &TreeParams { alpha, ..plain.clone() });
        let losses = mine.iter().map(|row| {
            let pd = tree.predict_row(Array1::from_iter(columns.iter().map(|c| c[*row])).view());
            -(if bad[*row] { pd } else { 1.0 - pd }).ln()
        });
        losses.sum::<f64>() / mine.len() as f64
    };
    let folds = params.folds as f64;
    let scored: Vec<(f64, f64)> = alphas
        .iter()
        .map(|alpha| {
            let losses: Vec<f64> = (0..params.folds).map(|fold| loss(fold, *alpha)).collect();
            let mean = losses.iter().sum::<f64>() / folds;
            let variance = losses.iter().map(|l| (l - mean).powi(2)).sum::<f64>() / (folds - 1.0);
            (mean, (variance / folds).sqrt())
        })
        .collect();
    let least = scored.iter().copied().min_by(|a, b| a.0.total_cmp(&b.0)).unwrap();
    alphas[scored.iter().rposition(|(mean, _)| *mean <= least.0 + least.1 + 1e-12).unwrap()]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn folds_choose_the_largest_penalty_within_a_standard_error(
        rows in prop::collection::vec((0_u8..40, 0_u8..25, 0.0..1.0), 60..160), folds in 2_usize..6, seed: u64, noise in 0.0..0.4,
    ) {
        let columns = vec![
            rows.iter().map(|r| f64::from(r.0)).collect::<Vec<f64>>(),
            rows.iter().map(|r| f64::from(r.1)).collect::<Vec<f64>>(),
        ];
        let bad: Vec<bool> = rows.iter().map(|(a, b, x)| *x < noise + if *a > 22 && *b < 15 { 0.6 } else { 0.1 }).collect();
        let bads = bad.iter().filter(|bad| **bad).count();
        prop_assume!(bads >= folds && bad.len() - bads >= folds);
        let params = TreeParams { min_leaf: 4, max_depth: 5, folds, seed, ..TreeParams::default() };
        let alpha = chosen(&columns, &bad, &params);
        let expected = fit(&columns, &bad, &TreeParams { folds: 0, alpha, ..params.clone() });
        prop_assert_eq!(fit(&columns, &bad, &params), expected, "alpha {}", alpha);
    }
}

/// The penalty is in squares of the target, whatever the unit it is counted in.
#[test]
fn amounts_are_pruned_in_squares_of_their_unit() {
    let x: Vec<f64> = (0..20).map(f64::from).collect();
    for (scale, shift) in [(1.0, 0.0), (1e-3, 0.0), (1e6, 0.0), (1.0, 1e8)] {
        // 5 rows of 4 and 15 of 0: the mean square falls from 3 to 0.
        let targets: Vec<f64> = (0..20).map(|row| shift + if row < 5 { 4.0 * scale } else { 0.0 }).collect();
        for (share, leaves) in [(0.999, 2), (1.001, 1)] {
            let alpha = 3.0 * scale * scale * share;
            let params = TreeParams { min_leaf: 1, alpha, ..TreeParams::default() };
            let tree = regression_tree(&[&x], &targets, None, &RegressionTreeParams(params)).unwrap();
            assert_eq!(tree.nodes.len().div_ceil(2), leaves, "{scale} {share}");
        }
    }
}

#[test]
fn folds_are_at_most_the_rows_of_a_class() {
    let x: Vec<f64> = (0..40).map(f64::from).collect();
    let bad: Vec<bool> = (0..40).map(|row| row % 10 == 0).collect();
    let tree = |folds| {
        classification_tree(&[&x], &bad, None, &TreeParams { folds, min_leaf: 2, ..TreeParams::default() })
    };
    assert!(tree(4).is_ok());
    assert!(tree(5).unwrap_err().to_string().contains("tree.folds"));
}
