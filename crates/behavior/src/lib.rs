//! A customer's events become features as of a date: one implementation for history and for the present.
//!
//! | step | module | what it does |
//! |---|---|---|
//! | 1 | [`event`] | the six kinds of events and their columns |
//! | 2 | [`moment`], [`amount`] | when and how much, as whole numbers, so that no order of adding changes a bit |
//! | 3 | [`history`], [`mod@texts`] | events of some customers, sorted, as columns |
//! | 4 | [`config`] | a company's files, and what their columns mean |
//! | 5 | [`read`] | files as histories: mapped, cleaned, grouped by customer in bounded memory |
//! | 6 | [`clean`] | what was left out or changed, and why |
//! | 7 | [`zone`], [`as_of`] | local days, and the moment at which features are taken |
//! | 8 | [`features`] | features: declared, compiled into a plan, computed from a history |
//! | 9 | [`live`] | the state of a customer, event by event; the same code computes its features |
//! | 10 | [`snapshot`] | all of it for a file of features |
//! | 11 | [`mod@labels`] | what became of the customers: labels, vintages, roll rates |
//! | | [`mod@simulate`] | simulated customers with a known risk |
//!
//! Two times are kept apart for each event: when it happened (`at`) and from when on it was known (`known_at`).
//! A feature as of a moment uses only what was known by then.

pub mod amount;
pub mod as_of;
pub mod clean;
pub mod config;
pub mod error;
pub mod event;
pub mod features;
pub mod history;
pub mod labels;
pub mod live;
pub mod moment;
pub mod read;
pub mod simulate;
pub mod snapshot;
pub mod texts;
mod times;
pub mod zone;

pub use amount::Amount;
pub use as_of::AsOf;
pub use clean::CleaningReport;
pub use config::Config;
pub use error::Error;
pub use event::{EventKind, StandardColumn, ValueKind};
pub use features::{
    Aggregate, Columns, Compare, Declaration, FeatureError, FeatureTable, MappedColumn, OneOrMany, Peers,
    Plan, Selection, Window,
};
pub use history::{Column, Events, History, Values};
pub use live::{CustomerState, Live, LiveEvent, LiveValue};
pub use moment::Moment;
pub use read::{EventReader, Piece, ReadSettings};
pub use snapshot::{Snapshot, SnapshotSummary};
pub use texts::Texts;
pub use zone::Zone;
