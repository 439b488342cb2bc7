//! Labels, vintages and roll rates: against pandas day by day, by hand, and what later or earlier events may change.

#![allow(clippy::unwrap_used, reason = "a helper that fails fails its test")]

mod build;
mod by_hand;
mod pandas;
mod properties;
mod simulated;
