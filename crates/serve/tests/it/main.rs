//! Batches end to end: files in, files out, against the plain one-row scorer as oracle.

#![allow(clippy::unwrap_used, reason = "a helper that fails fails its test")]

mod amounts;
mod common;
mod every_row_once;
mod faults;
mod formats;
mod points;
mod segmented;
mod summary;
