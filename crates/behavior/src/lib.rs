//! A customer's events become features as of a date: one implementation for history and for the present.
//!
//! | step | module | what it does |
//! |---|---|---|
//! | 1 | [`event`] | the six kinds of events and their columns |
//! | 2 | [`moment`], [`amount`] | when and how much, as whole numbers, so that no order of adding changes a bit |
//! | 3 | [`history`] | events of some customers, sorted, as columns |
//! | | [`mod@simulate`] | simulated customers with a known risk |
//!
//! Two times are kept apart for each event: when it happened (`at`) and from when on it was known (`known_at`).
//! A feature as of a moment uses only what was known by then.

pub mod amount;
pub mod event;
pub mod history;
pub mod moment;
pub mod simulate;

pub use amount::Amount;
pub use event::{EventKind, StandardColumn, ValueKind};
pub use history::{Column, Events, History, Values};
pub use moment::Moment;
