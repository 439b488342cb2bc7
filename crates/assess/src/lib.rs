//! The periodic run: grades, limits and tiers of all customers, and what changed since the last one.
//!
//! | file | what it is |
//! |---|---|
//! | [`report`] | what changed since the run before: figures, tables, page |
//! | [`standing`] | one customer in one run, and the run |

pub mod report;
pub mod standing;

pub use report::{Assessment, Movements, Report};
pub use standing::{Run, Standing};
