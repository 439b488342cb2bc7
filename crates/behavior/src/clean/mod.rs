//! What was left out or changed, and why: every row read is accounted for.

mod ledger;
mod report;

pub(crate) use ledger::{Ledger, LeftOut};
pub use ledger::{Rejected, Tally};
pub use report::{Cause, CleaningReport, TableReport};
