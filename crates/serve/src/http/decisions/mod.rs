//! The decision log: every scored request on the disk before its answer leaves, so that it can be replayed.
//!
//! A log is a folder:
//!
//! | name | what it holds |
//! |---|---|
//! | `decisions-00000001.ndjson`, ... | segments: a header line, then a line for each decision; all lines are one chain |
//! | `decisions-00000001.torn` | what a crash left unfinished behind a segment; none of it was answered |
//! | `models/<sha256>.json` | each model that scored, as its file was |
//! | `lock` | held by the service that writes |
//!
//! | step | module | what it does |
//! |---|---|---|
//! | 1 | `record` | a decision as the text of a line, and the line read back |
//! | 2 | `chain` | lines that carry each other's hash |
//! | 3 | `segment` | segments: names, header, the place of a line |
//! | 4 | `recover` | where the chain goes on after a stop, a crash or a power cut |
//! | 5 | `journal`, `kept_models` | lines and models to the disk; cut back and taken up again when a write failed |
//! | 6 | `commit`, `log_counts` | one thread writes for all requests that wait |
//! | 7 | [`replay`], `check_line`, `known_models` | the chain followed, each body scored again, bits compared |

mod chain;
mod check_line;
pub(crate) mod commit;
pub(crate) mod journal;
mod kept_models;
mod known_models;
pub(crate) mod log_counts;
pub(crate) mod record;
mod recover;
pub mod replay;
mod segment;
#[cfg(test)]
mod tests;

pub(crate) use commit::DecisionLog;
