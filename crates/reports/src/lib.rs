//! Reports of credit agencies, asked for over HTTP, kept on disk, and written as rows of the table `reports`.
//!
//! | step | module | what it does |
//! |---|---|---|
//! | 1 | [`settings`] | what `[agency.NAME]` says: address, headers, limits, columns |
//! | 2 | [`cache`] | what was answered before, a line each, whole after any interruption |
//! | 3 | `fetch` | asks for each customer whose answer is absent or too old, some at once |
//! | | `request` | one request: what came back, and whether asking again can help |
//! | | `wait` | how long before the next one: rate, pauses the agency asks for, growing waits |
//! | | `mapping` | a JSON document as values of columns |
//! | 4 | [`rows`] | the reports as batches of the standard layout |
//! | 5 | [`summary`] | what became of every customer |
//!
//! Values of headers come from the environment and stand in no message, file or report. A report is known from the moment on at which
//! it was fetched, so no feature as of an earlier date can see it.

pub mod cache;
pub mod error;
mod fetch;
mod mapping;
mod request;
pub mod rows;
pub mod settings;
pub mod summary;
mod times;
mod wait;

pub use error::ReportsError;
pub use fetch::{Fetch, Fetched};
pub use rows::{batches, schema};
pub use settings::{Agency, agencies};
pub use summary::{Fate, Summary};
