//! Numbers of more values than there are bins: thresholds are exact within the bins on either side.

use crate::oracle::{cuts, part};
use arrears_train::engine::TreeParams;
use arrears_train::grow::{
    Criterion, DecisionTree, RegressionTreeParams, classification_tree, regression_tree,
};
use ndarray::Array1;
use proptest::prelude::*;

/// Numbers of a column in one of several manners, some missing.
fn column(rows: usize) -> impl Strategy<Value = Vec<f64>> {
    let manners = (0_u8..5, 0.0..0.3, prop::collection::vec((0.0..1.0, 0.0..1.0), rows));
    manners.prop_map(|(manner, missing, drawn)| {
        let number = |(at, (x, gone)): (usize, (f64, f64))| match manner {
            _ if gone < missing => f64::NAN,
            0 => x,
            // A few values that fill bins alone, rare ones between them.
            1 if x < 0.8 => (x * 300.0).floor(),
            1 => x * 300.0,
            // Half of one value, negative and positive.
            2 if x < 0.5 => 0.0,
            2 => (x - 0.7) * 1e6,
            // Many powers of two.
            3 => (2.0f64).powf((x - 0.5) * 600.0),
            // Close together, as seconds of a date are.
            _ => 1.7e9 + (at % 7) as f64 * 1e-3 + (x * 900.0).floor(),
        };
        drawn.into_iter().enumerate().map(number).collect()
    })
}

#[derive(Clone, Debug)]
struct Rows {
    columns: Vec<Vec<f64>>,
    bad: Vec<bool>,
    weights: Vec<f64>,
}

fn rows() -> impl Strategy<Value = Rows> {
    (2_100_usize..3_000).prop_flat_map(|rows| {
        let columns = prop::collection::vec(column(rows), 1..4);
        let drawn = prop::collection::vec((0.0..1.0, 0.1..2.0), rows);
        (columns, drawn, 0.0..0.6).prop_map(|(columns, drawn, effect)| {
            let mut known: Vec<f64> = columns[0].iter().copied().filter(|x| !x.is_nan()).collect();
            known.sort_by(f64::total_cmp);
            let cut = known.get(known.len() * 2 / 5).copied().unwrap_or(0.0);
            let bad = drawn.iter().zip(&columns[0]);
            let bad =
                bad.map(|((x, _), number)| *x < 0.2 + if *number < cut { effect } else { 0.0 }).collect();
            Rows { columns, bad, weights: drawn.into_iter().map(|(_, weight)| weight).collect() }
        })
    })
}

/// Fall of the Gini impurity times the weight.
fn gini(bad: &[bool], weights: &[f64], left: &[usize], right: &[usize]) -> f64 {
    let sums = |rows: &[usize]| {
        rows.iter().fold((0.0, 0.0), |(all, bads), row| {
            (all + weights[*row], bads + if bad[*row] { weights[*row] } else { 0.0 })
        })
    };
    let ((l, lb), (r, rb)) = (sums(left), sums(right));
    let impurity = |all: f64, bads: f64| 2.0 * bads * (all - bads) / all;
    impurity(l + r, lb + rb) - impurity(l, lb) - impurity(r, rb)
}

/// Each node with its rows, as the predictions for them go.
fn members(tree: &DecisionTree, columns: &[Vec<f64>]) -> Vec<Vec<usize>> {
    let mut members = vec![Vec::new(); tree.nodes.len()];
    members[0] = (0..columns[0].len()).collect();
    for at in 0..tree.nodes.len() {
        if let Some(split) = &tree.nodes[at].split {
            let (left, right) = part(columns, &members[at], split);
            (members[split.left], members[split.right]) = (left, right);
        }
    }
    members
}

fn views(columns: &[Vec<f64>]) -> Vec<&[f64]> {
    columns.iter().map(Vec::as_slice).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn thresholds_are_exact_between_their_bins(
        rows in rows(), min_leaf in prop::sample::select(vec![1_u64, 5, 40]), max_depth in 1_usize..7, weighted: bool,
    ) {
        let Rows { columns, bad, weights } = rows;
        let weights = if weighted { weights } else { vec![1.0; bad.len()] };
        prop_assume!(bad.iter().any(|b| *b) && bad.iter().any(|b| !b));
        let params = TreeParams { max_depth, min_leaf, criterion: Some(Criterion::Gini), ..TreeParams::default() };
        let asked = weighted.then_some(&weights[..]);
        let tree = classification_tree(&views(&columns), &bad, asked, &params).unwrap();
        let members = members(&tree, &columns);
        let gain = |left: &[usize], right: &[usize]| gini(&bad, &weights, left, right);
        for (node, rows) in tree.nodes.iter().zip(&members) {
            prop_assert_eq!(node.rows, rows.len() as u64);
            let weight: f64 = rows.iter().map(|row| weights[*row]).sum();
            let bads: f64 = rows.iter().filter(|row| bad[**row]).map(|row| weights[*row]).sum();
            prop_assert!((node.mean - bads / weight).abs() < 1e-9);
            let Some(split) = &node.split else {
                let prediction = tree.nodes.iter().map(|n| n.prediction).find(|p| *p == node.prediction);
                for row in rows {
                    let row = Array1::from_iter(columns.iter().map(|column| column[*row]));
                    prop_assert_eq!(Some(tree.predict_row(row.view())), prediction);
                }
                continue;
            };
            let (left, right) = (&members[split.left], &members[split.right]);
            prop_assert!(left.len().min(right.len()) as u64 >= min_leaf);
            let numbers = &columns[split.column];
            let found = gain(left, right);
            prop_assert!(found > 0.0);
            if !rows.iter().any(|row| numbers[*row].is_nan()) {
                prop_assert_eq!(split.missing_left, left.len() > right.len(), "missing goes with the larger child");
            }
            if split.threshold == f64::MIN {
                continue;
            }
            // Halfway between two neighbours of the node.
            let known = |rows: &[usize]| rows.iter().map(|r| numbers[*r]).filter(|x| !x.is_nan()).collect::<Vec<_>>();
            let below = known(left).into_iter().fold(f64::NEG_INFINITY, f64::max);
            let above = known(right).into_iter().fold(f64::INFINITY, f64::min);
            let middle = f64::midpoint(below, above);
            prop_assert_eq!(split.threshold, if middle > below { middle } else { above });
            // A neighbouring threshold is in one of the two bins, or parts the same rows.
            for threshold in [below, neighbour_above(&known(right), above)] {
                let (l, r): (Vec<usize>, Vec<usize>) = rows.iter().partition(|row| {
                    let x = numbers[**row];
                    if x.is_nan() { split.missing_left } else { x < threshold }
                });
                let allowed = l.len().min(r.len()) as u64 >= min_leaf;
                prop_assert!(!allowed || gain(&l, &r) <= found + 1e-9, "{} at {}, {} there", found, middle, gain(&l, &r));
            }
        }
    }

    /// Where there is something to be found the root is nearly as good as the best of all thresholds.
    #[test]
    fn the_root_comes_close_to_the_best(
        drawn in prop::collection::vec((0.0..1.0, 0.0..1.0, 0.0..1.0), 2_000), place in 0.1..0.9, effect in 0.2..0.6, missing in 0.0..0.2,
    ) {
        let number = |x: f64, gone: f64| if gone < missing { f64::NAN } else { x };
        let columns = vec![
            drawn.iter().map(|(x, gone, _)| number(*x, *gone)).collect::<Vec<f64>>(),
            drawn.iter().map(|(x, y, _)| (x - y).exp()).collect(),
        ];
        let bad: Vec<bool> = drawn.iter().map(|(x, _, u)| *u < 0.1 + if *x < place { effect } else { 0.0 }).collect();
        let criterion = Some(Criterion::Gini);
        let params = TreeParams { max_depth: 1, min_leaf: 20, criterion, ..TreeParams::default() };
        let tree = classification_tree(&views(&columns), &bad, None, &params).unwrap();
        let ones = vec![1.0; bad.len()];
        let rows: Vec<usize> = (0..bad.len()).collect();
        let (left, right) = part(&columns, &rows, tree.nodes[0].split.as_ref().unwrap());
        let found = gini(&bad, &ones, &left, &right);
        let all = cuts(&columns, &rows, params.min_leaf);
        let best = all.iter().map(|cut| gini(&bad, &ones, &cut.left, &cut.right)).fold(0.0, f64::max);
        prop_assert!(found >= 0.99 * best, "{} of {}", found, best);
    }

    #[test]
    fn amounts_are_parted_the_same_way(rows in rows(), max_depth in 1_usize..6) {
        let Rows { columns, weights, .. } = rows;
        // Targets are the weights drawn: any numbers.
        let params = RegressionTreeParams(TreeParams { max_depth, min_leaf: 3, ..TreeParams::default() });
        let tree = regression_tree(&views(&columns), &weights, None, &params).unwrap();
        for (node, rows) in tree.nodes.iter().zip(&members(&tree, &columns)) {
            let mean = rows.iter().map(|row| weights[*row]).sum::<f64>() / rows.len() as f64;
            prop_assert_eq!(node.rows, rows.len() as u64);
            prop_assert!((node.mean - mean).abs() < 1e-9);
        }
    }
}

/// The lowest number above this one: as a threshold it sends the number itself left.
fn neighbour_above(numbers: &[f64], number: f64) -> f64 {
    numbers.iter().copied().filter(|x| *x > number).fold(f64::INFINITY, f64::min)
}
