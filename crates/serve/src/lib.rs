//! Loads models and scores new customers with them: batch files today.
//!
//! | step | module | what it does |
//! |---|---|---|
//! | 1 | [`load`], `mistaken` | a model from its file or folder, and what else a file may be |
//! | 2 | [`places`] | where rows come from and where they go |
//! | 3 | `columns` | the model's fields found among the file's columns, by name |
//! | 4 | [`batch`] | [`score_file`]: each row through the model, in input order |
//! | | `ids` | ids that are absent or come again, counted |
//! | 5 | [`output`] | the output columns, in their fixed order |
//! | 6 | [`rejects`] | the rows that could not be scored, and why |
//! | 7 | [`summary`], `amounts` | what happened, in counts; what expected amounts are like |
//! | | [`error`] | what can stop a batch |
//!
//! Every row of the input is in the output or in the rejects, exactly once. This crate never trains.

mod amounts;
pub mod batch;
mod columns;
pub mod error;
mod ids;
pub mod load;
mod mistaken;
pub mod output;
pub mod places;
pub mod rejects;
pub mod summary;

pub use amounts::AmountSummary;
pub use batch::{ScoreOptions, score_file};
pub use error::ServeError;
pub use load::load_model;
pub use places::{Input, Output};
pub use rejects::REJECTS_SUFFIX;
pub use summary::Summary;
