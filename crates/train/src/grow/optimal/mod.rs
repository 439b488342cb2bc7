//! Small trees that no other of their depth beats, and tops of deeper ones.
//!
//! **What is optimal.** Among all trees of depth at most 2 (or 3) whose questions are among those of [`questions`] and
//! whose leaves have `min_leaf` rows or more, the one with the least total impurity: the sum over its leaves of Gini
//! impurity or entropy times weight. Two totals that differ by less than 10^-12 of the impurity of all rows are equal; of
//! equal trees the one with fewest leaves is taken, then the one whose root asks the first question, then the same for
//! the left and the right subtree.
//!
//! | step | module | what it does |
//! |---|---|---|
//! | 1 | `grid` | bins of a feature joined to coarse bins |
//! | 2 | `questions` | what a node may ask of a feature |
//! | 3 | `cost` | what a leaf costs, so rounded that sums are exact |
//! | 4 | `table` | rows by the answers to the questions of two or three features |
//! | 5 | `pairs` | the best single split on either side of every question: depth 2 |
//! | 6 | `triples` | the best single split of every quarter that two questions make: depth 3 |
//! | 7 | `search` | the tree, from the root down |
//!
//! Three questions meet on the way to a leaf of depth 3, in any order. So the rows are counted by the bins of every
//! three features, once, and from the sums of a table every cut of every quarter is known. It is complete search made
//! cheap and not branch and bound, see `docs/adr/0013-optimal-small-trees.md`.

mod cost;
mod grid;
mod pairs;
mod questions;
mod search;
mod table;
mod triples;

pub(in crate::grow) use search::{Size, Top, TopSplit, top};
