//! Reject inference: rejected applicants have no outcome, so a model of accepted ones alone knows only part of the
//! customers who knock at the door.
//!
//! Fit on the accepted, score the rejected, give them outcomes ([`augment`]), fit again on both with weights; and look
//! at how much the answer depends on the method and on the prudence ([`sensitivity`]).
//!
//! | module | what it does |
//! |---|---|
//! | `params` | section `[reject_inference]` of a recipe |
//! | `augment` | rejected applicants with inferred outcomes |
//! | `sensitivity` | every method and prudence side by side |
//! | `refit` | a training run with a file of rejected applicants |
//!
//! What rejection hid stays hidden: with selection on what the model reads, the accepted already tell what there is to
//! know and fuzzy augmentation gives their model back; with selection on anything else the prudence is a guess, and the
//! sensitivity report shows what it is worth.

mod augment;
mod params;
mod refit;
mod sensitivity;

pub use augment::{Augmented, augment, prudent};
pub use params::{RejectMethod, RejectParams};
pub use refit::RejectReport;
pub(crate) use refit::refit_with_rejects;
pub use sensitivity::{Accepted, Case, INTERCEPT, PRUDENCES, Refit, Sensitivity, sensitivity};
