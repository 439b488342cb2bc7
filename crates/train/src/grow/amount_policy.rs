//! From a tree grown on amounts to the tree of a model.

use super::code::{Feature, code_fields};
use super::learn::{Learned, Outcome, Problem};
use super::level::{Grown, GrownNode};
use super::policy::{check_rows, directions, model_split};
use super::stats::{Source, Stats, Weighed};
use crate::engine::{EngineError, TreeParams};
use crate::error::TrainError;
use crate::rows::Rows;
use arrears_model::amount_tree::{AmountNode, AmountTree, LARGEST_AMOUNT};
use rayon::prelude::*;

/// Grows a tree on the amounts of the rows; gives it with what has to be said of it.
///
/// Splits are by the sum of squares. Counts, means and deviations are of the rows, values of their weights.
pub(crate) fn native_amount_tree(
    rows: &Rows<'_>,
    params: &TreeParams,
) -> Result<(AmountTree, Vec<String>), TrainError> {
    check_rows(rows)?;
    if let Some(row) = rows.amounts.iter().position(|amount| amount.abs() > LARGEST_AMOUNT) {
        let (what, expected) = ("the amount", "a number from -1e100 to 1e100");
        return Err(EngineError::Observation { what, row, value: rows.amounts[row], expected }.into());
    }
    let directions = directions(rows, params)?;
    let features = code_fields(rows)?;
    let source = Weighed::numbers(&rows.amounts, rows.weights.as_deref())?;
    let (outcome, groups) = (Outcome::Number, rows.groups.as_deref());
    let problem = Problem { features: &features, source: &source, outcome, groups, directions };
    let Learned { tree, leaf, notes } = problem.learn(params)?;
    let unit = source.target_unit();
    let moments = moments(rows, &features, &tree);
    let node = |(node, moments): (&GrownNode<_>, Moments)| AmountNode {
        count: moments.count,
        mean: moments.mean,
        deviation: moments.deviation(),
        value: leaf.prediction(node.stats) * unit,
        split: node.split.as_ref().map(|split| model_split(rows, &features, split)),
    };
    Ok((AmountTree { nodes: tree.nodes.iter().zip(moments).map(node).collect() }, notes))
}

/// Count, mean and sum of squares about the mean of some amounts.
#[derive(Clone, Copy, Debug, Default)]
struct Moments {
    count: u64,
    mean: f64,
    squares: f64,
}

impl Moments {
    /// Of both together (T. Chan, G. Golub and R. LeVeque, 1979).
    fn merge(self, other: Self) -> Self {
        if self.count == 0 || other.count == 0 {
            return if self.count == 0 { other } else { self };
        }
        let (n, m) = (self.count as f64, other.count as f64);
        let apart = other.mean - self.mean;
        Self {
            count: self.count + other.count,
            mean: self.mean + apart * (m / (n + m)),
            squares: self.squares + other.squares + apart * apart * (n * m / (n + m)),
        }
    }

    fn deviation(self) -> Option<f64> {
        (self.count > 1).then(|| libm::sqrt(self.squares / (self.count - 1) as f64))
    }
}

/// The moments of every node: those of leaves over the rows in their order, in two passes, of other nodes from their
/// children.
fn moments(rows: &Rows<'_>, features: &[Feature<'_>], grown: &Grown<impl Stats>) -> Vec<Moments> {
    let leaf_of = |row: usize| grown.way(features, row).last().unwrap_or(0);
    let leaves: Vec<usize> = (0..rows.len()).into_par_iter().map(leaf_of).collect();
    let mut moments = vec![Moments::default(); grown.nodes.len()];
    for (leaf, amount) in leaves.iter().zip(&rows.amounts) {
        moments[*leaf].count += 1;
        moments[*leaf].mean += amount;
    }
    moments.iter_mut().filter(|m| m.count > 0).for_each(|m| m.mean /= m.count as f64);
    for (leaf, amount) in leaves.iter().zip(&rows.amounts) {
        let moments = &mut moments[*leaf];
        moments.squares += (amount - moments.mean) * (amount - moments.mean);
    }
    // A child stands after its parent.
    for (at, node) in grown.nodes.iter().enumerate().rev() {
        if let Some(split) = &node.split {
            moments[at] = moments[split.left].merge(moments[split.right]);
        }
    }
    moments
}
