//! Table + recipe -> model, with a report of every choice made on the way.
//!
//! | step | module | what it does |
//! |---|---|---|
//! | 1 | [`recipe`], [`settings`] | what the user wants, as TOML; which kind reads what of it |
//! | 2 | [`train`](mod@train) | the whole run: clean, split, fit, assemble |
//! | 3 | [`rows`], [`numbers`] | the training rows as cells, through the one ingestion; [`warnings`](mod@warnings) about them |
//! | 4 | [`binning`] | numbers and categories into bins, for scorecards and profiles |
//! | 5 | [`scorecard`], [`plus`], [`logistic`], [`tree`], [`kmeans`] | one learner each |
//! | | [`segmented`] | a scorecard for each segment, where it beats the single one |
//! | | [`selection`] | which variables of a scorecard stay, and why |
//! | | [`segments`] | coordinates, number, names and typical customers of the segments of k-means |
//! | | [`expert`] | what people wrote down instead: points, weights, Altman's Z |
//! | 6 | [`engine`] | what finds the numbers: native, linfa, smartcore |
//! | | [`regression`] | the native logistic regression: Newton on the Gram matrix of numbers or bin codes |
//! | | [`lloyd`] | the native k-means: exact Lloyd iterations that read few rows |
//! | 7 | [`scaling`] | log-odds in terms of the population, on the recipe's points |
//! | 8 | [`assemble`] | learned parts + profile + scale + grades + provenance -> a checked model |
//! | 9 | [`reject_inference`] | outcomes for applicants who were rejected; `remarks`: how figures are to be read; `left_out`: why no variable is left |
//! | | [`tree_plot`], `amount_plot`, `amount_card` | a tree as a picture; what picture and card show of amounts |
//! | | [`decisions`] | limits and tiers of the recipe, put onto the model |
//! | | [`grading`] | a master scale: grades that differ, from pds and outcomes |
//! | 10 | [`folder`], [`card`], [`vectors`] | the model's folder: file, card, frozen vectors, recipe |

mod amount_card;
mod amount_plot;
pub mod assemble;
pub mod binning;
pub mod blend;
pub mod card;
pub mod codes;
pub mod decisions;
pub mod engine;
pub mod error;
pub mod expert;
pub mod fitted;
pub mod folder;
mod folds;
pub mod grade_matrix;
pub mod grading;
pub mod grow;
pub mod kmeans;
mod left_out;
pub mod lloyd;
pub mod logistic;
pub mod numbers;
pub mod plus;
pub mod recipe;
pub mod regression;
pub mod reject_inference;
mod remarks;
pub mod rows;
pub mod scaling;
pub mod scorecard;
mod scores_card;
pub mod segmented;
pub mod segments;
pub mod selection;
pub mod settings;
pub mod standardise;
pub mod train;
pub mod tree;
pub mod tree_plot;
mod tree_warnings;
pub mod vectors;
pub mod warnings;

pub use engine::Engine;
pub use error::TrainError;
pub use recipe::Recipe;
pub use train::{Trained, train, train_cleaned, train_with_rejects};
