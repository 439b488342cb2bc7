//! Tree predictor: flat nodes, an explicit branch for every case, a probability in every node.

use crate::branch::{self, Branch};
use crate::error::{ModelError, invalid};
use crate::schema::{Kind, Schema};
use crate::value::Cell;
use serde::{Deserialize, Serialize};

/// A decision tree. Node 0 is the root; a child stands after its parent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tree {
    /// All nodes.
    pub nodes: Vec<Node>,
}

/// One node; a leaf where `split` is absent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Node {
    /// Training rows that came here.
    pub count: u64,
    /// Bads among them.
    pub bads: u64,
    /// Smoothed probability of bad, strictly between 0 and 1.
    pub pd: f64,
    /// Where rows go from here.
    pub split: Option<Split>,
}

/// A question with two answers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Split {
    /// Position of the field in the schema.
    pub field: usize,
    /// The question.
    pub test: Test,
    /// Where missing values go.
    pub missing: Side,
    /// Node for the left answer.
    pub left: usize,
    /// Node for the right answer.
    pub right: usize,
}

/// What decides between left and right.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum Test {
    /// Numbers below the threshold go left.
    Below {
        /// The threshold: `x < threshold` goes left.
        threshold: f64,
        /// Where each special code of the field goes.
        special: Vec<Side>,
    },
    /// Some categories go left.
    In {
        /// Where each category of the field goes.
        categories: Vec<Side>,
        /// Where a category goes that training never saw.
        other: Side,
    },
}

/// One of two children.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// The left child.
    Left,
    /// The right child.
    Right,
}

impl Split {
    /// The side a cell goes to.
    pub fn side(&self, cell: Cell) -> Side {
        match (&self.test, cell) {
            (Test::Below { threshold, .. }, Cell::Number(x)) if x < *threshold => Side::Left,
            (Test::Below { .. }, Cell::Number(_)) => Side::Right,
            (Test::Below { special, .. }, Cell::Special(code)) => special[code],
            (Test::In { categories, .. }, Cell::Category(c)) => categories[c],
            (Test::In { other, .. }, Cell::Unseen) => *other,
            _ => self.missing,
        }
    }

    /// The child on that side.
    pub fn child(&self, side: Side) -> usize {
        match side {
            Side::Left => self.left,
            Side::Right => self.right,
        }
    }

    pub(crate) fn check(&self, here: usize, nodes: usize, schema: &Schema) -> Result<(), ModelError> {
        let fail = |what: &str| Err(invalid(format!("tree node {here}: {what}")));
        let Some(field) = schema.fields.get(self.field) else {
            return fail("it asks for a field that is not there");
        };
        if self.left <= here || self.right <= here || self.left == self.right {
            return fail("its children must be two different nodes after it");
        }
        if self.left >= nodes || self.right >= nodes {
            return fail("its children are not there");
        }
        match (&self.test, &field.kind) {
            (Test::Below { threshold, special: sides }, Kind::Number { special, .. }) => {
                if !threshold.is_finite() || sides.len() != special.len() {
                    return fail("its threshold must be finite and every special code needs a side");
                }
            }
            (Test::In { categories: sides, .. }, Kind::Category { categories, .. }) => {
                if sides.len() != categories.len() {
                    return fail("every category needs a side");
                }
            }
            _ => return fail("its test does not suit the field's type"),
        }
        Ok(())
    }
}

impl Branch for Node {
    fn count(&self) -> u64 {
        self.count
    }

    fn split(&self) -> Option<&Split> {
        self.split.as_ref()
    }
}

impl Tree {
    /// The nodes from the root to the leaf of a row, written to `path` (cleared first); gives the leaf.
    pub fn descend(&self, cells: &[Cell], path: &mut Vec<usize>) -> usize {
        branch::descend(&self.nodes, cells, path)
    }

    /// The leaves' positions, left to right in file order.
    pub fn leaves(&self) -> impl Iterator<Item = usize> + '_ {
        branch::leaves(&self.nodes)
    }

    pub(crate) fn check(&self, schema: &Schema) -> Result<(), ModelError> {
        branch::check(&self.nodes, schema, |node| match node {
            Node { pd, .. } if !(*pd > 0.0 && *pd < 1.0) => Err("pd must lie between 0 and 1, both excluded"),
            Node { count, bads, .. } if bads > count => Err("more bads than rows"),
            _ => Ok(()),
        })
    }
}
