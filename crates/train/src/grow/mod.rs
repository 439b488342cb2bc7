//! The native decision tree: features coded once, nodes known by counting bins.
//!
//! | step | module | what it does |
//! |---|---|---|
//! | 1 | `code` | numbers to at most 254 intervals (each number its own where they are few), categories to themselves |
//! | 2 | [`stats`](self) | whole numbers a row adds: (bads, rows) in one word, or fixed-point sums of weights and targets |
//! | 3 | `chunk` | rows of each node together, chunk by chunk; histograms by counting, the larger child by subtraction |
//! | 4 | [`criterion`](Criterion), `split` | the best split of a node from its histogram |
//! | 5 | `refine` | the threshold inside the two intervals that a split parts |
//! | 6 | `level` | all of it, level by level |
//! | 7 | `learn`, `prune` | the limits of a recipe, cost-complexity pruning |
//! | 8 | `policy`, `amount_policy` | the tree of a model: a side for every case; with amounts in its nodes |
//! | 9 | `optimal` | the best tree of two or three levels over coarse bins, below which 6 goes on |
//! | 10 | [`DecisionTree`] | the same for plain columns of numbers, and for linfa |
//!
//! All sums are of whole numbers, so the tree is the same on any number of threads.

mod amount_policy;
mod chunk;
mod code;
mod criterion;
mod learn;
mod learner;
mod level;
mod optimal;
mod policy;
mod prune;
mod refine;
mod split;
mod stats;

pub(crate) use amount_policy::native_amount_tree;
pub use criterion::Criterion;
pub use learner::{
    CodedColumns, DecisionNode, DecisionSplit, DecisionTree, RegressionTreeParams, classification_tree,
    regression_tree,
};
pub(crate) use policy::native_tree;
pub use split::Direction;
