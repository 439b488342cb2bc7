//! A decision tree, grown level by level: the engine is asked for one split at a time.
//!
//! linfa prunes leaves of equal majority after fitting, which in credit data (both leaves "good") removes
//! most splits that matter for a probability; smartcore's classifier looks only between neighbours of
//! different class and so misses splits between tied values. Asking for single splits avoids the first,
//! asking smartcore's regression tree the second, and both engines then honour the same limits.

use super::records::{check_finite, check_labels, check_parameter};
use super::{Engine, EngineError};
use crate::grow::{Criterion, Direction};
use ndarray::{Array2, Axis};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, VecDeque};

/// How to grow a decision tree: the section `[tree]` of a recipe.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TreeParams {
    /// Most splits between the root and a leaf. 1 or more.
    pub max_depth: usize,
    /// Fewest training rows in a leaf. 1 or more.
    pub min_leaf: u64,
    /// Least gain of a split: decrease of the impurity times the node's share of all rows, as in
    /// scikit-learn. 0 (any gain) to 1, for amounts to any number in the square of their unit; of no account with
    /// `chi_square`.
    pub min_impurity_decrease: f64,
    /// `gini`, `entropy` or `chi_square`. Default: `entropy` with the native engine; `gini`, the only one they know, with
    /// the others.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub criterion: Option<Criterion>,
    /// `chi_square` only: highest p-value of a split, times the splits that were tried. Above 0, to 1.
    pub max_p_value: f64,
    /// Native engine: `balanced` makes all bads count as much as all goods in the choice of splits (not in pds).
    pub class_weight: ClassWeight,
    /// Native engine: the way the pd, or the amount, may go as a number rises, by column.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub monotone: BTreeMap<String, Direction>,
    /// The pd of a leaf is its bad rate, drawn to that of all rows as if so many rows more had that: `(bads + smoothing x
    /// bad rate) / (rows + smoothing)`. The mean amount of a leaf likewise. Above 0.
    pub smoothing: f64,
    /// Native engine: what a leaf has to lower the impurity by, times its share of all rows, not to be taken back
    /// (scikit-learn's `ccp_alpha`). 0 or more; for amounts in the square of their unit.
    pub alpha: f64,
    /// Native engine: 2 or more: cross-validation over so many folds chooses `alpha`, the largest whose log loss (for
    /// amounts the squared error) is within one standard error of the least. 0: no.
    pub folds: usize,
    /// Native engine: 2 or 3: no other tree of so many levels has leaves of less impurity in total, over `optimal_bins`;
    /// levels below grow from there. 0: every split is the best for its own node.
    pub optimal: usize,
    /// `optimal` only: most intervals of a number, and groups of categories, between which it asks. 2 to 100. Default:
    /// see [`TreeParams::bins_of_optimal`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub optimal_bins: Option<usize>,
    /// Draws the folds; with smartcore it decides between columns that split equally well. linfa, which counts in
    /// `f32`, takes the one its rounding favours, the same on every run.
    pub seed: u64,
}

/// What classes count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClassWeight {
    /// Every row its weight.
    #[default]
    None,
    /// All bads together as much as all goods.
    Balanced,
}

impl Default for TreeParams {
    fn default() -> Self {
        Self {
            max_depth: 6,
            min_leaf: 50,
            min_impurity_decrease: 0.0,
            criterion: None,
            max_p_value: 0.05,
            class_weight: ClassWeight::None,
            monotone: BTreeMap::new(),
            smoothing: 2.0,
            alpha: 0.0,
            folds: 0,
            optimal: 0,
            optimal_bins: None,
            seed: 0,
        }
    }
}

/// A node of a grown tree; a leaf when it has no split.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct TreeNode {
    /// The question asked here.
    pub split: Option<TreeSplit>,
}

/// A question: is the value of `column` below `threshold`?
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct TreeSplit {
    /// The column, from 0.
    pub column: usize,
    /// Values below go left, others right. Halfway between the two neighbouring values of the node's rows.
    pub threshold: f64,
    /// Index of the node for values below; after this node.
    pub left: usize,
    /// Index of the node for the other values; after this node.
    pub right: usize,
}

/// One node's rows, for an engine that looks for the best split of them.
pub(super) struct Node {
    /// Values as ranks (0, 1, 2, ...) among the distinct values of the column over all training rows:
    /// engines merge values closer than some absolute distance, ranks never are.
    pub(super) ranks: Array2<f64>,
    pub(super) bad: Vec<bool>,
    pub(super) min_leaf: u64,
    pub(super) seed: u64,
}

/// The best split an engine found: ranks up to and including `rank` go left.
pub(super) struct RankSplit {
    pub(super) column: usize,
    pub(super) rank: f64,
}

/// Checks, then splits node after node, breadth first.
pub(super) fn grow(
    records: &Array2<f64>,
    bad: &[bool],
    params: &TreeParams,
    of: Engine,
    engine: impl Fn(&Node) -> Result<Option<RankSplit>, EngineError>,
) -> Result<Vec<TreeNode>, EngineError> {
    params.check()?;
    params.check_engine(of)?;
    check_finite(records)?;
    check_labels(records, bad)?;
    let ranks = ranks(records);
    let mut nodes = vec![TreeNode { split: None }];
    let mut open = VecDeque::from([(0, 0, (0..bad.len()).collect::<Vec<usize>>())]);
    while let Some((index, depth, rows)) = open.pop_front() {
        if depth == params.max_depth || !is_worth_splitting(&rows, bad, params.min_leaf) {
            continue;
        }
        let node = Node {
            ranks: ranks.select(Axis(0), &rows),
            bad: rows.iter().map(|&row| bad[row]).collect(),
            min_leaf: params.min_leaf,
            seed: params.seed,
        };
        let Some(found) = engine(&node)? else { continue };
        let column = found.column;
        let (low, high): (Vec<usize>, Vec<usize>) =
            rows.iter().partition(|&&row| ranks[[row, column]] <= found.rank);
        if !is_allowed(&low, &high, bad, params) {
            continue;
        }
        let (left, right) = (nodes.len(), nodes.len() + 1);
        let threshold = threshold(records, column, &low, &high);
        nodes[index].split = Some(TreeSplit { column, threshold, left, right });
        nodes.extend([TreeNode { split: None }; 2]);
        open.push_back((left, depth + 1, low));
        open.push_back((right, depth + 1, high));
    }
    Ok(nodes)
}

impl TreeParams {
    /// Whether every value is in its range.
    pub(crate) fn check(&self) -> Result<(), EngineError> {
        let gain = self.min_impurity_decrease;
        check_parameter("tree.min_impurity_decrease", gain, gain <= 1.0, "0 to 1")?;
        self.check_for_amounts()
    }

    /// The same where amounts are predicted, whose impurity is in the square of their unit.
    pub(crate) fn check_for_amounts(&self) -> Result<(), EngineError> {
        check_parameter("tree.max_depth", self.max_depth, self.max_depth > 0, "1 or more")?;
        check_parameter("tree.min_leaf", self.min_leaf, self.min_leaf > 0, "1 or more")?;
        let (gain, p, smoothing) = (self.min_impurity_decrease, self.max_p_value, self.smoothing);
        let fine = gain.is_finite() && gain >= 0.0;
        check_parameter("tree.min_impurity_decrease", gain, fine, "0 or more")?;
        check_parameter("tree.max_p_value", p, p > 0.0 && p <= 1.0, "above 0, to 1")?;
        let fine = smoothing.is_finite() && smoothing > 0.0;
        check_parameter("tree.smoothing", smoothing, fine, "a finite number above 0")?;
        let fine = self.alpha.is_finite() && self.alpha >= 0.0;
        check_parameter("tree.alpha", self.alpha, fine, "a finite number, 0 or more")?;
        check_parameter("tree.folds", self.folds, self.folds != 1, "0, or 2 and more")?;
        let both = self.alpha > 0.0 && self.folds > 0;
        check_parameter("tree.alpha", self.alpha, !both, "0 beside `folds`, which chooses it")?;
        let idle =
            self.max_p_value != Self::default().max_p_value && self.criterion != Some(Criterion::ChiSquare);
        check_parameter("tree.max_p_value", p, !idle, "`criterion = \"chi_square\"` beside it")?;
        let idle = gain > 0.0 && self.criterion == Some(Criterion::ChiSquare);
        check_parameter(
            "tree.min_impurity_decrease",
            gain,
            !idle,
            "0 beside `chi_square`, which has `max_p_value`",
        )?;
        self.check_optimal()
    }

    /// The intervals of each number that an optimal tree of so many columns asks between: 100 for two levels; for three,
    /// whose search takes the third power of intervals times columns, 16, and 8 for more than 40 columns.
    pub fn bins_of_optimal(&self, columns: usize) -> usize {
        self.optimal_bins.unwrap_or(match (self.optimal, columns) {
            (0..=2, _) => 100,
            (_, ..=40) => 16,
            _ => 8,
        })
    }

    /// Whether the settings around `optimal` go together.
    fn check_optimal(&self) -> Result<(), EngineError> {
        let (optimal, bins) = (self.optimal, self.optimal_bins);
        check_parameter("tree.optimal", optimal, matches!(optimal, 0 | 2 | 3), "0, 2 or 3")?;
        let fine = optimal <= self.max_depth;
        check_parameter("tree.optimal", optimal, fine, "`max_depth` or less")?;
        if let Some(bins) = bins {
            check_parameter("tree.optimal_bins", bins, (2..=100).contains(&bins), "2 to 100")?;
            check_parameter("tree.optimal_bins", bins, optimal > 0, "`optimal = 2` or `3` beside it")?;
        }
        let judged = optimal == 0 || self.criterion != Some(Criterion::ChiSquare);
        let expected =
            "0 beside `criterion = \"chi_square\"`, which judges split by split; or gini or entropy";
        check_parameter("tree.optimal", optimal, judged, expected)?;
        let free = optimal == 0 || self.monotone.is_empty();
        check_parameter(
            "tree.optimal",
            optimal,
            free,
            "0 beside `monotone`, which its search does not keep",
        )?;
        let gain = self.min_impurity_decrease;
        let expected = "0 beside `optimal`, whose splits are judged together; `alpha` prunes them";
        check_parameter("tree.min_impurity_decrease", gain, optimal == 0 || gain == 0.0, expected)
    }

    /// Refuses what the engine does not know.
    pub(super) fn check_engine(&self, engine: Engine) -> Result<(), EngineError> {
        let unknown = [
            (
                self.criterion.is_some_and(|criterion| criterion != Criterion::Gini),
                "a `tree.criterion` but gini",
            ),
            (self.class_weight != ClassWeight::None, "class weights (`tree.class_weight`)"),
            (!self.monotone.is_empty(), "directions (`tree.monotone`)"),
            (self.optimal > 0, "optimal trees (`tree.optimal`)"),
            (self.alpha > 0.0 || self.folds > 0, "pruning (`tree.alpha`, `tree.folds`)"),
        ];
        match unknown.into_iter().find(|(asked, _)| *asked) {
            Some((_, what)) => Err(EngineError::Unsupported { engine, what }),
            None => Ok(()),
        }
    }
}

/// The rank of every value among the distinct values of its column; equal values share a rank.
fn ranks(records: &Array2<f64>) -> Array2<f64> {
    let mut ranks = records.clone();
    for mut column in ranks.columns_mut() {
        let mut distinct = column.to_vec();
        distinct.sort_by(f64::total_cmp);
        distinct.dedup();
        column.mapv_inplace(|value| distinct.partition_point(|&other| other < value) as f64);
    }
    ranks
}

/// Both classes, and enough rows for two leaves.
fn is_worth_splitting(rows: &[usize], bad: &[bool], min_leaf: u64) -> bool {
    let bads = count_bad(rows, bad);
    bads > 0 && bads < rows.len() && rows.len() as u64 / 2 >= min_leaf
}

/// Enough rows on both sides, and a gain. The gain is computed from the counts, so that an engine's
/// rounding never makes a split out of nothing: with n rows, of them l left and r right, b bad,
/// the Gini impurity falls by `2 (b_l r - b_r l)^2 / (n^2 l r)`.
fn is_allowed(low: &[usize], high: &[usize], bad: &[bool], params: &TreeParams) -> bool {
    if (low.len().min(high.len()) as u64) < params.min_leaf {
        return false;
    }
    let (left, right) = (low.len() as f64, high.len() as f64);
    let difference = count_bad(low, bad) as f64 * right - count_bad(high, bad) as f64 * left;
    let node = left + right;
    let gain = 2.0 * difference * difference / (node * node * left * right);
    gain > 0.0 && gain * node / bad.len() as f64 >= params.min_impurity_decrease
}

fn count_bad(rows: &[usize], bad: &[bool]) -> usize {
    rows.iter().filter(|&&row| bad[row]).count()
}

/// Halfway between the highest value on the left and the lowest on the right, and above the former even
/// where no float lies between them, so that `value < threshold` parts the rows exactly.
fn threshold(records: &Array2<f64>, column: usize, low: &[usize], high: &[usize]) -> f64 {
    let below = low.iter().map(|&row| records[[row, column]]).fold(f64::NEG_INFINITY, f64::max);
    let above = high.iter().map(|&row| records[[row, column]]).fold(f64::INFINITY, f64::min);
    let middle = f64::midpoint(below, above);
    if middle > below { middle } else { above }
}
