//! A blend: the internal score and scores of agencies as one logistic regression on their log-odds.
//!
//! With L the internal log-odds of bad (or the internal score), x an external score, and m the mean of L over the customers
//! without a report:
//!
//! ```text
//! with a report:     log-odds of bad = a + b L + c x
//! without a report:  log-odds of bad = a + d + b L + e (L - m)
//! ```
//!
//! All are fitted together by maximum likelihood, without a penalty. Customers without a report have an intercept and a slope of
//! their own, for b is what the internal score is worth *beside* the external one, and says too little where it stands alone: this
//! is the pattern submodel of Fletcher Mercaldo and Blume (Biostatistics 21, 2020). With several external scores each brings its
//! own c, d and e, and the d and e of all that are absent add up.
//!
//! The result is an ordinary model: L and L - m are fields with a formula, the terms are slopes.
//!
//! | step | module | what it does |
//! |---|---|---|
//! | 1 | [`section`] | what `[blend]` may say |
//! | 2 | `fields` | the fields that are read and calculated |
//! | 3 | `fit` | coefficients, their signs checked, as terms |
//! | 4 | `run` | from rows to the model |
//! | 5 | [`compared`] | how well the scores rank alone and together |

pub mod compared;
mod fields;
mod fit;
mod run;
pub mod section;

pub use compared::Compared;
pub(crate) use run::train_blend;
pub use section::BlendSection;
