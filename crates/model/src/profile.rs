//! Reference profile: how the training rows fell into bins, for drift and for the points table.

use crate::error::{ModelError, invalid};
use crate::schema::Schema;
use crate::transform::Transform;
use serde::{Deserialize, Serialize};

/// Largest total of any list of counts, 2^53: up to here whole numbers are exact as f64 and in every
/// JSON reader, and no sum of counts can overflow.
pub const LARGEST_COUNT: u64 = 1 << 53;

/// Whether counts add up to at most [`LARGEST_COUNT`].
pub(crate) fn countable(counts: impl IntoIterator<Item = u64>) -> bool {
    counts.into_iter().try_fold(0u64, |sum, n| sum.checked_add(n)).is_some_and(|sum| sum <= LARGEST_COUNT)
}

/// Counts of the training rows, by field and by score.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Profile {
    /// One entry for each field that is watched.
    pub fields: Vec<FieldProfile>,
    /// Score counts, where the model gives scores.
    pub score: Option<ScoreProfile>,
}

/// Counts of one field's bins.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FieldProfile {
    /// Position of the binning transform.
    pub transform: usize,
    /// Training rows by bin.
    pub counts: Vec<u64>,
    /// Bads by bin; empty where the outcome was not known.
    pub bads: Vec<u64>,
}

/// Counts of the score in fixed bands.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScoreProfile {
    /// Where bands meet, ascending: band i holds `splits[i-1] <= score < splits[i]`.
    pub splits: Vec<f64>,
    /// Training rows by band; one more than splits.
    pub counts: Vec<u64>,
}

impl ScoreProfile {
    /// The band of a score.
    pub fn band(&self, score: f64) -> usize {
        self.splits.partition_point(|s| *s <= score)
    }
}

impl FieldProfile {
    pub(crate) fn check(&self, schema: &Schema, transforms: &[Transform]) -> Result<(), ModelError> {
        let bins = transforms.get(self.transform).and_then(|t| t.bins(&schema.fields[t.field()]));
        if bins != Some(self.counts.len()) {
            return Err(invalid("profile: counts must fit a binning transform"));
        }
        if !countable(self.counts.iter().copied()) {
            return Err(invalid("profile: counts must add up to at most 2^53"));
        }
        let bads_fit = self.bads.is_empty()
            || (self.bads.len() == self.counts.len()
                && self.bads.iter().zip(&self.counts).all(|(b, n)| b <= n));
        if bads_fit { Ok(()) } else { Err(invalid("profile: bads must fit counts")) }
    }
}

impl Profile {
    pub(crate) fn check(&self, schema: &Schema, transforms: &[Transform]) -> Result<(), ModelError> {
        self.fields.iter().try_for_each(|entry| entry.check(schema, transforms))?;
        if let Some(score) = &self.score {
            let ascending = score.splits.is_sorted_by(|a, b| a < b);
            let finite = score.splits.iter().all(|s| s.is_finite());
            if !ascending || !finite || score.counts.len() != score.splits.len() + 1 {
                return Err(invalid("profile: score bands must ascend and have one count each"));
            }
            if !countable(score.counts.iter().copied()) {
                return Err(invalid("profile: counts must add up to at most 2^53"));
            }
        }
        Ok(())
    }
}
