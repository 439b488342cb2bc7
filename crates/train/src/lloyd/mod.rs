//! k-means of our own: exact Lloyd iterations that read few rows.
//!
//! Of more than 131,072 rows (or 64 for each cluster, if that is more) the starts are tried on a sample of that many, at most a
//! quarter of the rows: all take ten steps with a quarter of the sample, the best three go on with the whole sample until
//! they rest, and only the best of these goes on with all rows. Of fewer rows every start runs on all of them; of more than
//! 65,536 it draws its first centres from a sixteenth that stands for all.
//!
//! | module | does |
//! |---|---|
//! | `points` | where coordinates come from: a matrix, or a table through a model's transforms |
//! | `tile` | the inner loops: distances of 128 rows to four centres at once |
//! | `sums` | exact sums by cluster, the same in any order |
//! | `seeding`, `coreset` | greedy k-means++, of many rows on a part that stands for all |
//! | `bounds` | which rows cannot have changed their cluster (Hamerly) |
//! | `pass` | one pass: assign and add up, chunk by chunk |
//! | `iterate` | passes until the centres rest; empty clusters |
//! | `restarts` | several starts, on a sample where there are many rows |
//! | `farthest` | rows for clusters that have none |
//! | `step`, `batches` | one step, or the whole fit, of rows that come in batches |
//! | `assign` | nearest centre and distance of every row |
//! | `learner` | the same as a linfa learner |

mod assign;
mod batches;
mod bounds;
mod coreset;
mod farthest;
mod iterate;
mod learner;
mod pass;
mod points;
mod restarts;
mod seeding;
mod step;
mod sums;
mod tile;

pub(crate) use assign::distinct;
pub use assign::{Assigned, assign};
pub use batches::kmeans_batches;
pub use iterate::{Settled, lloyd};
pub use pass::MOST_CLUSTERS;
pub use points::{Points, TablePoints};
pub(crate) use restarts::best;
pub use step::{Step, Stepped};
