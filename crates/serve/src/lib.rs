//! Loads models and scores new customers with them: batch files, and an HTTP service in [`http`].
//!
//! | step | module | what it does |
//! |---|---|---|
//! | 1 | [`load`], `mistaken` | a model from its file or folder, and what else a file may be |
//! | 2 | [`places`] | where rows come from and where they go |
//! | 3 | `columns` | the model's fields found among the file's columns, by name |
//! | 4 | [`batch`] | [`score_file`]: each row through the model, in input order |
//! | | `overlap` | reading, scoring and writing at once |
//! | | `score_chunk`, `score_table` | one chunk through the compiled scorer; a table in memory |
//! | | `ids` | ids that are absent or come again, counted |
//! | | [`many`], `manifest` | [`score_files`]: many files into a folder, and going on after a kill |
//! | 5 | [`output`] | the output columns, in their fixed order |
//! | 6 | [`rejects`] | the rows that could not be scored, and why |
//! | 7 | [`summary`], `amounts` | what happened, in counts; what expected amounts are like |
//! | | [`overrides`] | grades and limits that people set for single customers |
//! | | [`error`] | what can stop a batch |
//!
//! Every row of the input is in the output or in the rejects, exactly once. This crate never trains.

mod amounts;
pub mod batch;
mod columns;
pub mod error;
pub mod http;
mod ids;
pub mod load;
mod manifest;
pub mod many;
mod mistaken;
pub mod output;
mod overlap;
pub mod overrides;
pub mod places;
pub mod rejects;
mod score_chunk;
mod score_table;
pub mod summary;

pub use amounts::AmountSummary;
pub use batch::{Progress, ScoreOptions, score_file};
pub use error::ServeError;
pub use load::load_model;
pub use manifest::MANIFEST;
pub use many::{ManyOptions, ManyOutcome, ManyProgress, score_files};
pub use overrides::{Holding, Overrides};
pub use places::{Input, Output};
pub use rejects::REJECTS_SUFFIX;
pub use score_table::score_table;
pub use summary::Summary;
