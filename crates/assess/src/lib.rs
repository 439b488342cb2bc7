//! The periodic run: grades, limits and tiers of all customers, and what changed since the last one.
//!
//! | file | what it is |
//! |---|---|
//! | [`standing`] | one customer in one run, and the run |

pub mod standing;

pub use standing::{Run, Standing};
