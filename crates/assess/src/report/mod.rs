//! The report of a run: figures, tables for Tableau and Power BI, a page, a summary for the terminal.
//!
//! | file | what it is |
//! |---|---|
//! | `movements` | [`Movements`]: two runs, customer by customer, added up |
//! | `sums`, `scale` | exact sums; grades of two runs matched by name |
//! | `migration`, `limits`, `pd_bins`, `notes` | the matrix and who decided; limit changes; PSI of pd; what to know |
//! | `assessment`, `summary` | [`Assessment`]: the figures, and the headline ones by name |
//! | `tidy`, `tables`, `changes` | tables as CSV and Parquet |
//! | `html`, `text`, `numbers` | the page, [`Assessment::to_text`], how numbers look |
//! | `folder` | [`Report`]: all files in a folder |

mod assessment;
mod changes;
mod folder;
mod html;
mod limits;
mod migration;
mod movements;
mod notes;
mod numbers;
mod pd_bins;
mod scale;
mod summary;
mod sums;
mod tables;
mod text;
mod tidy;

pub use assessment::{
    Assessment, Cause, CauseRow, Cell, Customers, Downgrade, Earlier, Group, Holding, LimitChange,
    LimitChanges, LimitRow, Migration, Moved, Movement, Moves, Notch,
};
pub use folder::{FILES, Report};
pub use movements::Movements;

/// Downgraded customers that the report names; the table `changes` has all of them.
pub const TOP: usize = 20;
