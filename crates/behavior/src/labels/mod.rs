//! What became of customers after an observation date: labels to train on, vintages and roll rates.
//!
//! | step | module | what it does |
//! |---|---|---|
//! | 1 | [`settings`] | section `[label]` of the configuration |
//! | 2 | `bills` | what a customer owed on each day |
//! | 3 | [`label`] | good, bad, indeterminate or excluded, one customer at a time |
//! | 4 | [`vintage`] | cumulative bad rate by months on book, cohort by cohort |
//! | 5 | [`roll`] | how customers move between buckets of arrears from one end of a month to the next |
//! | 6 | [`table`] | all of it for a configuration, as tables |
//!
//! Days are local dates. A bill is past due on the days after its due date at whose end it is not paid: due on the 1st
//! and paid on the 4th it was 2 days past due at most. What happens by the observation date decides who is labelled, what happens
//! after it decides the label.

mod bills;
pub mod label;
mod months;
pub mod roll;
pub mod settings;
pub mod table;
pub mod vintage;

pub use label::{Exclusion, LabelCounts, Labels, Outcome, labels};
pub use roll::{BUCKETS, RollRates};
pub use settings::{LabelKind, LabelSettings, SettingsError};
pub use table::{LabelRun, LabelSummary};
pub use vintage::{VintageCell, Vintages};
