//! What a fitted model is, how it scores, and its file format.
//!
//! Pure: no files, threads, randomness or clock. Everything else in arrears builds on these types.
//!
//! | module | holds, in the order data flows |
//! |---|---|
//! | [`value`] | a raw [`Value`] at the door, the [`Cell`] it becomes, why it may be refused |
//! | [`schema`], [`special`] | the fields and their policies: the one ingestion of arrears |
//! | [`formula`], `uses` | fields that are calculated from others |
//! | [`transform`] | cell -> bin, or number on a fitted scale |
//! | [`additive`], [`tree`], [`centroids`], [`segmented`], [`amount_tree`] | the five predictors; `branch`: what trees share |
//! | [`typical`], [`segment_table`] | what the customers of each segment are like; the same as a table |
//! | [`scale`], `whole_points` | log-odds -> pd, points, grade; what whole points ask of the terms |
//! | [`decisions`], [`decision_text`] | credit limit and tier, from the grade and formulas |
//! | [`score`] | one row through all of it, with reasons |
//! | [`compiled`] | the same in flat arrays, for many rows and for speed |
//! | [`points`], [`pairs`], [`row_points`] | the points table, WoE and IV; the two-way points tables; one row by characteristic |
//! | [`rules`], `rule_words`, [`outline`], [`leaves`] | a tree as a policy: rules, in words, node by node, leaf table; [`interval`] of a bad rate or a mean |
//! | [`amount_leaves`], [`amount_text`] | the leaf table of a tree of amounts; amounts as people read them |
//! | [`slopes`] | the points of one unit of a number |
//! | [`label`] | what bins are called where there is little room |
//! | [`profile`], [`provenance`] | the training rows in bins; what the model was made from |
//! | [`model`] | the parts together, checked |
//! | [`file`](mod@file) | the parts as bytes with a checksum |
//! | [`error`] | what can be wrong with a model file |

pub mod additive;
pub mod amount_leaves;
pub mod amount_text;
pub mod amount_tree;
mod branch;
pub mod centroids;
pub mod compiled;
pub mod decision_text;
pub mod decisions;
pub mod error;
pub mod file;
pub mod formula;
pub mod grade_matrix;
pub mod interval;
pub mod label;
pub mod leaves;
pub mod model;
pub mod outline;
pub mod pairs;
pub mod points;
pub mod profile;
pub mod provenance;
pub mod row_points;
mod rule_words;
pub mod rules;
pub mod scale;
pub mod schema;
pub mod score;
pub mod segment_table;
pub mod segmented;
pub mod slopes;
pub mod special;
pub mod transform;
pub mod tree;
pub mod typical;
mod uses;
pub mod value;
mod whole_points;

pub use compiled::CompiledScorer;
pub use error::ModelError;
pub use model::{Model, ModelKind, Parts, Predictor};
pub use schema::{Field, Kind, Schema};
pub use score::{Scored, Scorer};
pub use special::Special;
pub use value::{Cell, Value};
