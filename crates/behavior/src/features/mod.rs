//! Features: declared, compiled into a plan, computed from a history.
//!
//! | step | module | what it does |
//! |---|---|---|
//! | 1 | `declare`, `library` | what a feature is; the built-in ones |
//! | 2 | `compile`, `draft`, `plan` | declarations and mapped columns become a plan: what is the same is computed once |
//! | 3 | `lane`, `filter` | columns as they were known, derived ones, and conditions over them |
//! | 4 | `evaluate`, `rows` | where windows begin and end, which rows count |
//! | 5 | `sums`, `back` | aggregates: differences of running sums, or one way from the latest row back |
//! | 6 | `peers`, `table` | comparison with others; the result |

mod back;
mod compile;
mod declare;
mod draft;
mod error;
mod evaluate;
mod filter;
mod lane;
mod library;
mod peers;
mod plan;
mod rows;
mod sums;
mod table;

pub use declare::{Aggregate, Compare, Declaration, OneOrMany, Selection, Window};
pub use error::FeatureError;
pub(crate) use evaluate::Scratch;
pub(crate) use lane::words;
pub use lane::{DERIVED_COLUMNS, DerivedColumn};
pub use library::{groups, library};
pub use peers::{PeerPass, PeerStatistics, Peers};
pub use plan::{Columns, MappedColumn, Plan};
pub use table::FeatureTable;
