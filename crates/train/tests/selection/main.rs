//! Selection of variables.

#![allow(clippy::unwrap_used, reason = "helper functions of tests")]

mod data;
mod moves;
mod planted;
mod reference;
