//! The binary from end to end: exit codes, what goes where, and what it says of broken input.

#![allow(clippy::unwrap_used, reason = "a helper that fails fails its test")]

mod amounts;
mod assess;
mod bin;
mod bin_limits;
mod bin_policy;
mod broken_input;
mod common;
mod decision_log;
mod decisions;
mod demo;
mod help;
mod honour;
mod inspect;
mod many;
mod memory;
mod postgres;
mod postgres_faults;
mod postgres_tables;
mod reports;
mod score;
mod segmented;
mod segments;
mod serve;
mod server;
#[cfg(unix)]
mod service;
mod train;
mod validate;
