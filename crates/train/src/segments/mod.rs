//! What a k-means model declares, shows and flags, whatever engine finds the centres.
//!
//! | module | does |
//! |---|---|
//! | `section` | section `[kmeans]` of a recipe |
//! | `coordinates` | columns -> the numbers that distances are made of: scaling, logarithms, indicators |
//! | `choose_k` | how many segments: elbow, silhouette, gap, stability; `k_plot`: the same as a picture |
//! | `effects` | how far each segment lies from all other customers, coordinate by coordinate |
//! | `names` | from the largest effects a name that a manager reads |
//! | `typical` | mean, median, most frequent category of each segment, in the columns' own units |
//! | `card` | all of it on the model's card |

pub(crate) mod card;
pub(crate) mod choose_k;
pub(crate) mod coordinates;
mod effects;
mod k_plot;
mod names;
mod section;
mod typical;

pub use choose_k::{CandidateK, ChoiceOfK, choose_k};
pub use k_plot::k_plot_svg;
pub use section::{KmeansSection, NumberOfSegments, Scaling};
pub(crate) use {effects::effects, names::names, typical::typical};
