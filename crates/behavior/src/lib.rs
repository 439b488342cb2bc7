//! A customer's events become features as of a date: one implementation for history and for the present.
//!
//! | step | module | what it does |
//! |---|---|---|
//! | 1 | [`event`] | the six kinds of events and their columns |
//! | 2 | [`moment`], [`amount`] | when and how much, as whole numbers, so that no order of adding changes a bit |
//! | 3 | [`history`] | events of some customers, sorted, as columns |
//! | 4 | [`zone`], [`as_of`] | local days, and the moment at which features are taken |
//! | 5 | [`features`] | features: declared, compiled into a plan, computed from a history |
//! | 6 | [`live`] | the state of a customer, event by event; the same code computes its features |
//!
//! Two times are kept apart for each event: when it happened (`at`) and from when on it was known (`known_at`).
//! A feature as of a moment uses only what was known by then.

pub mod amount;
pub mod as_of;
pub mod event;
pub mod features;
pub mod history;
pub mod live;
pub mod moment;
pub mod zone;

pub use amount::Amount;
pub use as_of::AsOf;
pub use event::{EventKind, StandardColumn, ValueKind};
pub use features::{
    Aggregate, Columns, Compare, Declaration, FeatureError, FeatureTable, MappedColumn, OneOrMany, Peers,
    Plan, Selection, Window,
};
pub use history::{Column, Events, History, Values};
pub use live::{CustomerState, Live, LiveEvent, LiveValue};
pub use moment::Moment;
pub use zone::Zone;
