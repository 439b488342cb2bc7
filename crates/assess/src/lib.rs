//! The periodic run: grades, limits and tiers of all customers, and what changed since the last one.
//!
//! | step | module | what it does |
//! |---|---|---|
//! | 1 | [`settings`] | section `[assess]` of the configuration |
//! | 2 | [`history`] | the runs there were: in a SQLite file or in PostgreSQL; a run is there whole or not at all |
//! | 3 | `previous` | the standings of the last run, by customer |
//! | 4 | `chunk` | some customers: features, score, the grade that holds, limit, tier, exposure |
//! | | [`hysteresis`] | which grade holds, so that grades do not flicker |
//! | 5 | [`standing`] | one customer in one run, and the run |
//! | 6 | `columns` | standings as columns of files and of the history |
//! | 7 | `folder` | the folder of outputs, whole or not at all |
//! | 8 | `results` | previous and current standings side by side; what is gathered of them |
//! | 9 | [`report`] | what changed since the run before: figures, tables, page |
//! | 10 | [`run`] | all of it |
//! | | [`summary`] | what happened, in counts |
//! | | [`error`] | what can stop a run |

mod chunk;
mod columns;
pub mod error;
mod folder;
pub mod history;
pub mod hysteresis;
mod previous;
pub mod report;
mod results;
pub mod run;
pub mod settings;
pub mod standing;
pub mod summary;

pub use error::AssessError;
pub use hysteresis::Hysteresis;
pub use report::{Assessment, Movements, Report};
pub use run::{RunOptions, assess};
pub use settings::Settings;
pub use standing::{Run, Standing};
pub use summary::AssessSummary;
