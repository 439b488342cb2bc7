//! What was left out or changed, and why: every row read is accounted for.

mod ledger;
mod rejects;
mod report;

pub(crate) use ledger::{Ledger, LeftOut, SAME_ROW};
pub use ledger::{Rejected, Sink, Tally};
pub use rejects::RejectsFile;
pub use report::{Cause, CleaningReport, TableReport};
