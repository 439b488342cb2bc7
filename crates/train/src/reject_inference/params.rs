//! Section `[reject_inference]` of a recipe.

use crate::error::TrainError;
use serde::{Deserialize, Serialize};

/// How rejected applicants get an outcome.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RejectMethod {
    /// Fuzzy augmentation: each is taken twice, as bad with its pd as weight and as good with the rest.
    #[default]
    Fuzzy,
    /// Parcelling: in each band of pd as many are bad as the pds there add up to, chosen at random.
    Parcelling,
    /// Hard cut-off: bad from a pd on, good below.
    HardCutoff,
}

impl RejectMethod {
    /// All methods.
    pub const ALL: [Self; 3] = [Self::Fuzzy, Self::Parcelling, Self::HardCutoff];
}

impl std::fmt::Display for RejectMethod {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Fuzzy => "fuzzy",
            Self::Parcelling => "parcelling",
            Self::HardCutoff => "hard_cutoff",
        })
    }
}

/// Section `[reject_inference]`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RejectParams {
    /// The method; default fuzzy.
    pub method: RejectMethod,
    /// File of the rejected applicants, with the columns of the data but no outcome; relative to the recipe.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// How much worse than the accepted of the same score the rejected are taken to be: their odds of bad are
    /// multiplied by it. Above 0; 1 (default) takes them to be alike, 1.25 to 2 is common.
    pub prudence: f64,
    /// Parcelling: bands of pd, of about equal rows; at least 1, default 10.
    pub bands: usize,
    /// Hard cut-off: the pd, strictly between 0 and 1, from which on a rejected applicant is bad. Absent: the
    /// one of their pds from which on the number of bads is nearest to the sum of all pds; of two as near the lower.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cutoff: Option<f64>,
    /// Parcelling: seed of the choice.
    pub seed: u64,
}

impl Default for RejectParams {
    fn default() -> Self {
        Self { method: RejectMethod::Fuzzy, path: None, prudence: 1.0, bands: 10, cutoff: None, seed: 0 }
    }
}

impl RejectParams {
    /// # Errors
    /// A parameter out of its range.
    pub fn check(&self) -> Result<(), TrainError> {
        let wrong = |key, value: String, expected| {
            Err(TrainError::Parameter { section: "reject_inference", key, value, expected })
        };
        if !(self.prudence.is_finite() && self.prudence > 0.0) {
            return wrong("prudence", self.prudence.to_string(), "a finite number above 0");
        }
        if self.bands == 0 {
            return wrong("bands", "0".to_owned(), "1 or more");
        }
        match self.cutoff {
            Some(cutoff) if !(cutoff > 0.0 && cutoff < 1.0) => {
                wrong("cutoff", cutoff.to_string(), "a pd strictly between 0 and 1")
            }
            _ => Ok(()),
        }
    }
}
