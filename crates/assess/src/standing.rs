//! One customer in one run.

/// How [`Standing::why`] begins where hysteresis holds a grade; otherwise it is the text of an override.
pub const HYSTERESIS: &str = "hysteresis";

/// A run: what is the same for all its customers.
#[derive(Clone, Debug, PartialEq)]
pub struct Run {
    /// The date or moment up to which everything counts, as it was given: `2026-09-30`.
    pub as_of: String,
    /// Name and version of the model: `shop 1.2.0`.
    pub model: String,
    /// Names of the grades, best first.
    pub grades: Vec<String>,
    /// Currency of limits and exposures.
    pub currency: String,
}

/// What a run found of a customer.
#[derive(Clone, Debug, PartialEq)]
pub struct Standing {
    /// The customer's id.
    pub customer: String,
    /// Probability of default (or whatever the model calls bad), 0 to 1.
    pub pd: f64,
    /// Points, higher is safer; none where the model has no scale.
    pub score: Option<f64>,
    /// The grade that the model alone gives: a position in [`Run::grades`].
    pub model_grade: usize,
    /// The grade that holds: after hysteresis, then overrides.
    pub grade: usize,
    /// Credit limit in currency.
    pub limit: Option<f64>,
    /// Name of the tier.
    pub tier: Option<String>,
    /// What the customer owes, in currency.
    pub exposure: Option<f64>,
    /// Why the grade that holds is not the model's: `hysteresis`, or the text of an override.
    pub why: Option<String>,
}
