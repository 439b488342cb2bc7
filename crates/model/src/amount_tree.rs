//! Amount tree predictor: the questions of a decision tree, an expected amount in every node.
//!
//! An amount is a number that is better the lower it is: a loss, days late, the value of goods sent back.

use crate::branch::{self, Branch};
use crate::error::ModelError;
use crate::rules::Rule;
use crate::schema::Schema;
use crate::tree::Split;
use crate::value::Cell;
use serde::{Deserialize, Serialize};

/// Farthest from 0 that an amount of a model may lie; sums of amounts and of their squares cannot overflow.
pub const LARGEST_AMOUNT: f64 = 1e100;

/// A tree that predicts an amount. Node 0 is the root; a child stands after its parent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AmountTree {
    /// All nodes.
    pub nodes: Vec<AmountNode>,
}

/// One node; a leaf where `split` is absent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AmountNode {
    /// Training rows that came here.
    pub count: u64,
    /// Mean of their amounts, whatever the rows' weights; of no account where there are none.
    pub mean: f64,
    /// Standard deviation of their amounts (n - 1 below); absent with fewer than two rows.
    pub deviation: Option<f64>,
    /// The amount it predicts: the mean by weight, drawn to that of all rows.
    pub value: f64,
    /// Where rows go from here.
    pub split: Option<Split>,
}

impl Branch for AmountNode {
    fn count(&self) -> u64 {
        self.count
    }

    fn split(&self) -> Option<&Split> {
        self.split.as_ref()
    }
}

impl AmountNode {
    fn fault(&self) -> Result<(), &'static str> {
        let fine = |x: f64| x.abs() <= LARGEST_AMOUNT;
        if !fine(self.mean) || !fine(self.value) {
            return Err("mean and value must lie from -1e100 to 1e100");
        }
        if self.deviation.is_some_and(|deviation| !fine(deviation) || deviation < 0.0) {
            return Err("the deviation must lie from 0 to 1e100");
        }
        if self.deviation.is_some() != (self.count > 1) {
            return Err("it needs a deviation where two rows or more came, and only there");
        }
        Ok(())
    }
}

impl AmountTree {
    /// The nodes from the root to the leaf of a row, written to `path` (cleared first); gives the leaf.
    pub fn descend(&self, cells: &[Cell], path: &mut Vec<usize>) -> usize {
        branch::descend(&self.nodes, cells, path)
    }

    /// The leaves' positions, in file order.
    pub fn leaves(&self) -> impl Iterator<Item = usize> + '_ {
        branch::leaves(&self.nodes)
    }

    /// The rule of every leaf, in reading order: depth first, left before right.
    pub fn rules(&self, schema: &Schema) -> Vec<Rule> {
        branch::rules(&self.nodes, schema)
    }

    pub(crate) fn check(&self, schema: &Schema) -> Result<(), ModelError> {
        branch::check(&self.nodes, schema, AmountNode::fault)
    }
}
