//! The whole tree, node by node, in whole numbers.

use crate::oracle::{Cut, Table, cuts, tables};
use arrears_train::engine::TreeParams;
use arrears_train::grow::{Criterion, DecisionTree, classification_tree};
use proptest::prelude::*;
use std::collections::VecDeque;

/// A node of the oracle's tree.
#[derive(Debug, PartialEq)]
pub(crate) struct Node {
    rows: u64,
    /// Weight of the bads and of all rows.
    bads: i128,
    weight: i128,
    /// Column, threshold, side of missing, children.
    split: Option<(usize, f64, bool, usize, usize)>,
}

/// The gain of a cut: `d^2 / (left x right)`, with `d = bads on the left x weight - bads x weight on the left`.
fn gain(table: &Table, cut: &Cut) -> (i128, i128) {
    let sums = |rows: &[usize]| {
        let weight = |row: &&usize| i128::from(table.weights[**row]);
        let bads = rows.iter().filter(|row| table.bad[**row]);
        (bads.map(|row| weight(&row)).sum::<i128>(), rows.iter().map(|row| weight(&row)).sum::<i128>())
    };
    let ((left_bads, left), (right_bads, right)) = (sums(&cut.left), sums(&cut.right));
    let apart = left_bads * (left + right) - (left_bads + right_bads) * left;
    (apart * apart, left * right)
}

/// `least`: least fall of the impurity, in sixty-fourths.
pub(crate) fn oracle(table: &Table, params: &TreeParams, least: i128) -> Vec<Node> {
    let all: i128 = table.weights.iter().map(|weight| i128::from(*weight)).sum();
    let mut nodes = Vec::new();
    let mut queue = VecDeque::from([((0..table.bad.len()).collect::<Vec<usize>>(), 0)]);
    let mut next = 1;
    while let Some((rows, depth)) = queue.pop_front() {
        let weight: i128 = rows.iter().map(|row| i128::from(table.weights[*row])).sum();
        let bads = rows.iter().filter(|row| table.bad[**row]);
        let bads = bads.map(|row| i128::from(table.weights[*row])).sum();
        let mut best: Option<(Cut, (i128, i128))> = None;
        for cut in cuts(&table.columns, &rows, params.min_leaf) {
            let (top, bottom) = gain(table, &cut);
            let beaten = best.as_ref().is_none_or(|(_, (t, b))| top * b > t * bottom);
            if top > 0 && beaten {
                best = Some((cut, (top, bottom)));
            }
        }
        // The Gini impurity falls by 2 d^2 / (left x right x weight) / all.
        let enough = |(_, (top, bottom)): &(Cut, (i128, i128))| 2 * 64 * top >= least * bottom * weight * all;
        let best = best.filter(|best| depth < params.max_depth && enough(best));
        let split = best.map(|(cut, _)| {
            queue.extend([(cut.left, depth + 1), (cut.right, depth + 1)]);
            next += 2;
            (cut.column, cut.threshold, cut.missing_left, next - 2, next - 1)
        });
        nodes.push(Node { rows: rows.len() as u64, bads, weight, split });
    }
    nodes
}

/// The oracle puts the children of a node after those of all nodes before it, like the tree.
pub(crate) fn agrees(
    tree: &DecisionTree,
    expected: &[Node],
    params: &TreeParams,
) -> Result<(), TestCaseError> {
    prop_assert_eq!(tree.nodes.len(), expected.len(), "{:#?} {:#?}", tree, expected);
    let prior = expected[0].bads as f64 / expected[0].weight as f64;
    for (at, (found, expected)) in tree.nodes.iter().zip(expected).enumerate() {
        let split = found.split.as_ref().map(|s| (s.column, s.threshold, s.missing_left, s.left, s.right));
        prop_assert_eq!(split, expected.split, "node {}", at);
        prop_assert_eq!(found.rows, expected.rows);
        let (bads, weight) = (expected.bads as f64, expected.weight as f64);
        prop_assert_eq!(found.mean, bads / weight);
        let pd = (bads + params.smoothing * prior) / (weight + params.smoothing);
        prop_assert!((found.prediction - pd).abs() < 1e-12);
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_tree_is_that_of_the_exhaustive_search(
        table in tables(40), min_leaf in 1_u64..6, max_depth in 1_usize..5, least in prop::sample::select(vec![0, 0, 1, 2, 4]),
        smoothing in 0.5..4.0,
    ) {
        let min_impurity_decrease = f64::from(least) / 64.0;
        let params = TreeParams {
            max_depth, min_leaf, min_impurity_decrease, smoothing,
            criterion: Some(Criterion::Gini),
            ..TreeParams::default()
        };
        let plain = Table { weights: vec![1; table.bad.len()], ..table.clone() };
        let tree = classification_tree(&plain.views(), &plain.bad, None, &params).unwrap();
        agrees(&tree, &oracle(&plain, &params, i128::from(least)), &params)?;

        let weights = table.float_weights();
        let tree = classification_tree(&table.views(), &table.bad, Some(&weights), &params).unwrap();
        agrees(&tree, &oracle(&table, &params, i128::from(least)), &params)?;
    }

    /// A row of weight n is n rows, but for `min_leaf`, which counts rows.
    #[test]
    fn whole_weights_are_repeated_rows(table in tables(25), max_depth in 1_usize..5) {
        let criterion = Some(Criterion::Gini);
        let params = TreeParams { max_depth, min_leaf: 1, criterion, ..TreeParams::default() };
        let weights = table.float_weights();
        let weighted = classification_tree(&table.views(), &table.bad, Some(&weights), &params).unwrap();
        let repeated = table.repeated();
        let repeated = classification_tree(&repeated.views(), &repeated.bad, None, &params).unwrap();
        prop_assert_eq!(weighted.nodes.len(), repeated.nodes.len());
        for (weighted, repeated) in weighted.nodes.iter().zip(&repeated.nodes) {
            prop_assert_eq!(weighted.mean, repeated.mean);
            // Where no row had a missing value the side of the larger child is by rows, of which there are others.
            let split = |node: &arrears_train::grow::DecisionNode| {
                node.split.as_ref().map(|s| (s.column, s.threshold, s.left, s.right))
            };
            prop_assert_eq!(split(weighted), split(repeated));
        }
    }
}
