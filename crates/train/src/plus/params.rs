//! Parameters of scorecard plus.

use crate::error::TrainError;
use serde::{Deserialize, Serialize};

/// Recipe section `[plus]`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PlusParams {
    /// Most pairs; 0 to 100, default 10. 0 gives a scorecard without pairs.
    pub max_pairs: usize,
    /// Quantile bins of a number while boosting; 2 to 1000, default 64.
    pub bins: usize,
    /// Most regular bins of a field in the end; 2 to 1000, default 20.
    pub max_bins: usize,
    /// Bins of each side of a pair while boosting; 2 to 100, default 16.
    pub pair_bins: usize,
    /// Most regular bins of each side of a pair in the end; 2 to 100, default 8.
    pub max_pair_bins: usize,
    /// Part of a Newton step that is taken each round; above 0 to 1, default 0.05.
    pub learning_rate: f64,
    /// Most rounds, of the fields and of the pairs; 5 to 100000, default 2000.
    pub rounds: usize,
    /// Rounds without a gain on held-out rows after which boosting stops; 5 to 100000, default 50.
    pub patience: usize,
    /// Least rows on either side of a cut; 1 or more, default 20. Categories with fewer share a bin.
    pub min_rows: usize,
    /// Penalty: half of it times the square of each step is added to the log loss; above 0, default 1.
    pub l2: f64,
    /// Folds, each held out once to tell when to stop; 2 to 50, default 8.
    pub folds: usize,
    /// Deals the rows into folds; default 0.
    pub seed: u64,
}

impl Default for PlusParams {
    fn default() -> Self {
        Self {
            max_pairs: 10,
            bins: 64,
            max_bins: 20,
            pair_bins: 16,
            max_pair_bins: 8,
            learning_rate: 0.05,
            rounds: 2000,
            patience: 50,
            min_rows: 20,
            l2: 1.0,
            folds: 8,
            seed: 0,
        }
    }
}

impl PlusParams {
    /// # Errors
    /// When a parameter is out of its range.
    pub fn check(&self) -> Result<(), TrainError> {
        let whole = |key, value: usize, range: std::ops::RangeInclusive<usize>, expected| {
            if range.contains(&value) { Ok(()) } else { Err(outside(key, value.to_string(), expected)) }
        };
        whole("max_pairs", self.max_pairs, 0..=100, "0 to 100")?;
        whole("bins", self.bins, 2..=1000, "2 to 1000")?;
        whole("max_bins", self.max_bins, 2..=1000, "2 to 1000")?;
        whole("pair_bins", self.pair_bins, 2..=100, "2 to 100")?;
        whole("max_pair_bins", self.max_pair_bins, 2..=100, "2 to 100")?;
        whole("rounds", self.rounds, 5..=100_000, "5 to 100000")?;
        whole("patience", self.patience, 5..=100_000, "5 to 100000")?;
        whole("min_rows", self.min_rows, 1..=usize::MAX, "1 or more")?;
        whole("folds", self.folds, 2..=50, "2 to 50")?;
        if !(self.learning_rate > 0.0 && self.learning_rate <= 1.0) {
            return Err(outside("learning_rate", self.learning_rate.to_string(), "above 0 to 1"));
        }
        if !(self.l2 > 0.0 && self.l2.is_finite()) {
            return Err(outside("l2", self.l2.to_string(), "a number above 0"));
        }
        Ok(())
    }
}

fn outside(key: &'static str, value: String, expected: &'static str) -> TrainError {
    TrainError::Parameter { section: "plus", key, value, expected }
}
