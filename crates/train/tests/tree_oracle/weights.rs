//! Weights: fractions, their scale, and classes made equal.

use crate::oracle::{Table, tables, walk};
use arrears_train::engine::{ClassWeight, TreeParams};
use arrears_train::grow::{Criterion, DecisionTree, classification_tree};
use proptest::prelude::*;

fn tree(table: &Table, weights: Option<&[f64]>, params: &TreeParams) -> DecisionTree {
    classification_tree(&table.views(), &table.bad, weights, params).unwrap()
}

/// Weight and weight of the bads.
fn sums(bad: &[bool], weights: &[f64], rows: &[usize]) -> (f64, f64) {
    let weight = |rows: &mut dyn Iterator<Item = &usize>| rows.map(|row| weights[*row]).sum::<f64>();
    (weight(&mut rows.iter()), weight(&mut rows.iter().filter(|row| bad[**row])))
}

/// Fall of the impurity times the weight.
fn worth(bad: &[bool], weights: &[f64], criterion: Criterion) -> impl Fn(&[usize], &[usize]) -> f64 {
    let impurity = move |rows: &[usize]| {
        let (all, bads) = sums(bad, weights, rows);
        let part = |share: f64| match criterion {
            Criterion::Gini => share * (1.0 - share),
            _ if share > 0.0 => -share * share.log2(),
            _ => 0.0,
        };
        all * (part(bads / all) + part(1.0 - bads / all))
    };
    move |left, right| impurity(&[left, right].concat()) - impurity(left) - impurity(right)
}

const CRITERIA: [Criterion; 2] = [Criterion::Gini, Criterion::Entropy];

/// Splits, means and rows; not the predictions, which smoothing draws by rows of weight 1.
fn shape(tree: &DecisionTree) -> Vec<(u64, f64, Option<arrears_train::grow::DecisionSplit>)> {
    tree.nodes.iter().map(|node| (node.rows, node.mean, node.split.clone())).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn fractional_weights_gain_the_most(
        table in tables(30), drawn in prop::collection::vec(0.05..3.0, 30), min_leaf in 1_u64..4, max_depth in 1_usize..5,
        criterion in prop::sample::select(CRITERIA.to_vec()), least in prop::sample::select(vec![0.0, 0.01, 0.05]),
    ) {
        let weights = &drawn[..table.bad.len()];
        let params = TreeParams {
            max_depth, min_leaf, criterion: Some(criterion), min_impurity_decrease: least, ..TreeParams::default()
        };
        let found = tree(&table, Some(weights), &params);
        let least = least * weights.iter().sum::<f64>();
        walk(&found, &table.columns, &params, (least, 1e-11), worth(&table.bad, weights, criterion))?;
        let all: Vec<usize> = (0..table.bad.len()).collect();
        let (weight, bads) = sums(&table.bad, weights, &all);
        prop_assert!((found.nodes[0].mean - bads / weight).abs() < 1e-12);
        prop_assert!((found.nodes[0].prediction - bads / weight).abs() < 1e-12, "smoothing draws to the mean");
    }

    #[test]
    fn the_scale_of_weights_is_of_no_account(
        table in tables(30), drawn in prop::collection::vec(0.05..3.0, 30), power in -40_i32..40,
        criterion in prop::sample::select(CRITERIA.to_vec()),
    ) {
        let params = TreeParams { min_leaf: 1, criterion: Some(criterion), ..TreeParams::default() };
        let weights = &drawn[..table.bad.len()];
        let scaled: Vec<f64> = weights.iter().map(|weight| weight * 2f64.powi(power)).collect();
        let found = (tree(&table, Some(weights), &params), tree(&table, Some(&scaled), &params));
        prop_assert_eq!(shape(&found.0), shape(&found.1));
    }

    /// Equal weights are none: a split that gains nothing is not made for their rounding.
    #[test]
    fn equal_weights_gain_nothing_where_rows_do_not(table in tables(30), weight in 0.01..5.0, max_depth in 1_usize..5) {
        let criterion = Some(Criterion::Gini);
        let params = TreeParams { max_depth, min_leaf: 1, criterion, ..TreeParams::default() };
        let weights = vec![weight; table.bad.len()];
        let gini = worth(&table.bad, &weights, Criterion::Gini);
        let found = tree(&table, Some(&weights), &params);
        walk(&found, &table.columns, &params, (0.0, 1e-12), &gini)?;
        let mut open = vec![(0, (0..table.bad.len()).collect::<Vec<usize>>())];
        while let Some((at, rows)) = open.pop() {
            let Some(split) = &found.nodes[at].split else { continue };
            let (left, right) = crate::oracle::part(&table.columns, &rows, split);
            prop_assert!(gini(&left, &right) > 1e-9 * weight, "a split out of rounding");
            open.extend([(split.left, left), (split.right, right)]);
        }
    }

    #[test]
    fn balanced_classes_are_weights_that_make_them_equal(
        table in tables(30), max_depth in 1_usize..5, least in prop::sample::select(vec![0.0, 0.02, 0.1]),
        criterion in prop::sample::select(CRITERIA.to_vec()), min_leaf in 1_u64..4,
    ) {
        let params = TreeParams {
            max_depth, min_leaf, criterion: Some(criterion), min_impurity_decrease: least,
            class_weight: ClassWeight::Balanced,
            ..TreeParams::default()
        };
        let found = tree(&table, None, &params);
        let bads = table.bad.iter().filter(|bad| **bad).count() as f64;
        let times = (table.bad.len() as f64 - bads) / bads;
        let weights: Vec<f64> = table.bad.iter().map(|bad| if *bad { times } else { 1.0 }).collect();
        let least = least * weights.iter().sum::<f64>();
        walk(&found, &table.columns, &params, (least, 1e-11), worth(&table.bad, &weights, criterion))?;
        // The pds are those of the rows as they are.
        let mut open = vec![(0, (0..table.bad.len()).collect::<Vec<usize>>())];
        while let Some((at, rows)) = open.pop() {
            let mine = rows.iter().filter(|row| table.bad[**row]).count() as f64;
            let pd = (mine + 2.0 * bads / table.bad.len() as f64) / (rows.len() as f64 + 2.0);
            prop_assert!((found.nodes[at].prediction - pd).abs() < 1e-12);
            let Some(split) = &found.nodes[at].split else { continue };
            let (left, right) = crate::oracle::part(&table.columns, &rows, split);
            open.extend([(split.left, left), (split.right, right)]);
        }
    }
}

#[test]
fn the_largest_and_the_smallest_weights_are_weights() {
    let x: Vec<f64> = (0..40).map(f64::from).collect();
    let bad: Vec<bool> = (0..40).map(|row| row < 13).collect();
    let params = TreeParams { min_leaf: 1, ..TreeParams::default() };
    for weight in [f64::MAX, 1e300, 1e-300, f64::MIN_POSITIVE] {
        let tree = classification_tree(&[&x], &bad, Some(&[weight; 40]), &params).unwrap();
        assert_eq!(tree.nodes.len(), 3, "{weight}");
        assert_eq!(tree.nodes[0].split.as_ref().unwrap().threshold, 12.5);
        assert!(tree.nodes.iter().all(|node| (0.0..=1.0).contains(&node.prediction)), "{tree:?}");
    }
}
