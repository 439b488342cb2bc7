//! The native decision tree against exhaustive searches, scikit-learn and scipy.
//!
//! | module | what holds the tree to account |
//! |---|---|
//! | `oracle` | every (column, threshold, side of missing) of a node, in the order of ties |
//! | `gini` | the whole tree in whole numbers, with repeated rows as weights |
//! | `criteria` | entropy by the definition; chi-square by scipy |
//! | `weights` | fractional weights, their scale, classes balanced |
//! | `regression` | sums of squares by the definition |
//! | `cases` | categories and special codes: every way of dealing them |
//! | `monotone` | what a customer's pd may do as one number rises |
//! | `pruning` | scikit-learn's path; cross-validation done again |
//! | `many_values` | numbers of more than 254 values |
//! | `large` | threads, deep trees, what is refused |

#![allow(clippy::unwrap_used, reason = "helper functions of tests")]

mod cases;
mod criteria;
mod gini;
mod large;
mod many_values;
mod monotone;
mod oracle;
mod pruning;
mod regression;
mod weights;
