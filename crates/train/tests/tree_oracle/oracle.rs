//! All splits of a node, and a walk that holds each node of a tree to the best of them.

use arrears_train::engine::TreeParams;
use arrears_train::grow::{DecisionSplit, DecisionTree};
use proptest::prelude::*;

/// Columns of numbers, NaN for missing, and who is bad.
#[derive(Clone, Debug)]
pub(crate) struct Table {
    pub(crate) columns: Vec<Vec<f64>>,
    pub(crate) bad: Vec<bool>,
    /// Whole-number weights.
    pub(crate) weights: Vec<u64>,
}

impl Table {
    pub(crate) fn views(&self) -> Vec<&[f64]> {
        self.columns.iter().map(Vec::as_slice).collect()
    }

    pub(crate) fn float_weights(&self) -> Vec<f64> {
        self.weights.iter().map(|weight| *weight as f64).collect()
    }

    /// Each row as many times as it weighs.
    pub(crate) fn repeated(&self) -> Self {
        let rows = || (0..self.bad.len()).flat_map(|row| vec![row; self.weights[row] as usize]);
        Self {
            columns: self.columns.iter().map(|column| rows().map(|row| column[row]).collect()).collect(),
            bad: rows().map(|row| self.bad[row]).collect(),
            weights: rows().map(|_| 1).collect(),
        }
    }

    pub(crate) fn is_mixed(&self) -> bool {
        self.bad.iter().any(|bad| *bad) && self.bad.iter().any(|bad| !bad)
    }
}

/// Small tables full of ties: few different numbers (none but one in some columns), missing values, both classes.
pub(crate) fn tables(most_rows: usize) -> impl Strategy<Value = Table> {
    let scales = prop::sample::select(vec![1.0, 1e-9, 1e9, -0.1]);
    let shape = (2..=most_rows, 1_usize..=4, 0.1..0.9);
    let table = shape.prop_flat_map(move |(rows, columns, share)| {
        let column = (0_i32..7, 0.0..0.5, scales.clone()).prop_flat_map(move |(most, missing, scale)| {
            let number = (0..=most).prop_map(move |step| f64::from(step - 2) * scale);
            let cell = (number, prop::bool::weighted(missing));
            prop::collection::vec(cell.prop_map(|(x, missing)| if missing { f64::NAN } else { x }), rows)
        });
        let columns = prop::collection::vec(column, columns);
        let bad = prop::collection::vec(prop::bool::weighted(share), rows);
        let weights = prop::collection::vec(1_u64..5, rows);
        (columns, bad, weights).prop_map(|(columns, bad, weights)| Table { columns, bad, weights })
    });
    table.prop_filter("both classes", Table::is_mixed)
}

/// One way to part the rows of a node.
#[derive(Clone, Debug)]
pub(crate) struct Cut {
    pub(crate) column: usize,
    pub(crate) threshold: f64,
    pub(crate) missing_left: bool,
    pub(crate) left: Vec<usize>,
    pub(crate) right: Vec<usize>,
}

/// Every way to part these rows with so many on either side, in the order in which the first of equals is taken: by
/// column, by threshold (none first: missing against all numbers), missing right before missing left.
pub(crate) fn cuts(columns: &[Vec<f64>], rows: &[usize], min_leaf: u64) -> Vec<Cut> {
    let mut all = Vec::new();
    for (column, numbers) in columns.iter().enumerate() {
        let missing: Vec<usize> = rows.iter().copied().filter(|row| numbers[*row].is_nan()).collect();
        let mut values: Vec<f64> = rows.iter().map(|row| numbers[*row]).filter(|x| !x.is_nan()).collect();
        values.sort_by(f64::total_cmp);
        values.dedup();
        let mut thresholds: Vec<(f64, Vec<bool>)> = Vec::new();
        if !missing.is_empty() && !values.is_empty() {
            thresholds.push((f64::MIN, vec![true]));
        }
        let sides = if missing.is_empty() { vec![false] } else { vec![false, true] };
        for pair in values.windows(2) {
            let middle = f64::midpoint(pair[0], pair[1]);
            let middle = if middle > pair[0] { middle } else { pair[1] };
            thresholds.push((middle, sides.clone()));
        }
        for (threshold, sides) in thresholds {
            for missing_left in sides {
                let goes_left = |row: &usize| {
                    if numbers[*row].is_nan() { missing_left } else { numbers[*row] < threshold }
                };
                let (left, right): (Vec<usize>, Vec<usize>) = rows.iter().partition(|row| goes_left(row));
                // What no row of the node decides goes with the larger child, to the right if both are equal.
                let missing_left = if missing.is_empty() { left.len() > right.len() } else { missing_left };
                if left.len().min(right.len()) as u64 >= min_leaf {
                    all.push(Cut { column, threshold, missing_left, left, right });
                }
            }
        }
    }
    all
}

/// The rows on either side of a split.
pub(crate) fn part(columns: &[Vec<f64>], rows: &[usize], split: &DecisionSplit) -> (Vec<usize>, Vec<usize>) {
    rows.iter().partition(|row| {
        let x = columns[split.column][**row];
        if x.is_nan() { split.missing_left } else { x < split.threshold }
    })
}

/// Walks a tree with the rows of each node: no split of any node may be worth more than `slack` above the one that was
/// taken, none may be taken that is worth less than `least`, and none left out that is worth more than `least`.
/// `worth` is of the rows left and right.
pub(crate) fn walk(
    tree: &DecisionTree,
    columns: &[Vec<f64>],
    params: &TreeParams,
    (least, slack): (f64, f64),
    worth: impl Fn(&[usize], &[usize]) -> f64,
) -> Result<(), TestCaseError> {
    let rows = columns[0].len();
    let mut open = vec![(0, 0, (0..rows).collect::<Vec<usize>>())];
    let mut seen = 0;
    while let Some((at, depth, rows)) = open.pop() {
        seen += 1;
        let node = &tree.nodes[at];
        prop_assert_eq!(node.rows, rows.len() as u64);
        let all = cuts(columns, &rows, params.min_leaf);
        let best = all.iter().map(|cut| worth(&cut.left, &cut.right)).fold(f64::NEG_INFINITY, f64::max);
        let Some(split) = &node.split else {
            prop_assert!(depth == params.max_depth || best <= least + slack, "a leaf could gain {}", best);
            continue;
        };
        prop_assert!(depth < params.max_depth && split.left > at && split.right == split.left + 1);
        let (left, right) = part(columns, &rows, split);
        prop_assert!(left.len().min(right.len()) as u64 >= params.min_leaf);
        let found = worth(&left, &right);
        prop_assert!(found >= least - slack, "a split gains {}", found);
        prop_assert!(found >= best - slack, "gains {}, the best split {}", found, best);
        let is_one = |cut: &Cut| {
            (cut.column, cut.missing_left, cut.threshold)
                == (split.column, split.missing_left, split.threshold)
        };
        prop_assert!(all.iter().any(is_one), "{:?} is no cut", split);
        open.extend([(split.left, depth + 1, left), (split.right, depth + 1, right)]);
    }
    prop_assert_eq!(seen, tree.nodes.len());
    Ok(())
}
