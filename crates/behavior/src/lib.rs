//! A customer's events become features as of a date: one implementation for history and for the present.
//!
//! | step | module | what it does |
//! |---|---|---|
//! | 1 | [`event`] | the six kinds of events and their columns |
//! | 2 | [`moment`], [`amount`] | when and how much, as whole numbers, so that no order of adding changes a bit |
//! | 3 | [`history`] | events of some customers, sorted, as columns |
//! | | [`mod@simulate`] | simulated customers with a known risk |
//! | 4 | [`config`] | a company's files, and what their columns mean |
//! | 5 | [`read`] | files as histories: mapped, cleaned, grouped by customer in bounded memory |
//! | 6 | [`clean`] | what was left out or changed, and why |
//!
//! Two times are kept apart for each event: when it happened (`at`) and from when on it was known (`known_at`).
//! A feature as of a moment uses only what was known by then.

pub mod amount;
pub mod clean;
pub mod config;
pub mod error;
pub mod event;
pub mod history;
pub mod moment;
pub mod simulate;
pub mod read;
mod times;

pub use amount::Amount;
pub use clean::CleaningReport;
pub use config::Config;
pub use error::Error;
pub use event::{EventKind, StandardColumn, ValueKind};
pub use history::{Column, Events, History, Values};
pub use moment::Moment;
pub use read::{EventReader, Piece, ReadSettings};
