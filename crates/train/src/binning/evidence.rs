//! Weight of evidence by bin, whosever evidence it is.

use super::bins::evidence;
use super::tally::Moments;
use serde::{Serialize, Serializer};

/// Whose evidence a bin is scored with. Regular bins have their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Evidence {
    /// That of its own rows, and of those of the bins that pool with it.
    Own,
    /// That of its own rows and those of this regular bin (and of what else pools with that) together.
    Pooled(usize),
    /// That of this regular bin, which its own rows do not change.
    Taken(usize),
    /// None: its WoE is 0.
    Neutral,
}

impl Evidence {
    /// The other bin whose WoE it has, if any.
    pub fn other(self) -> Option<usize> {
        match self {
            Self::Pooled(other) | Self::Taken(other) => Some(other),
            Self::Own | Self::Neutral => None,
        }
    }
}

/// In a word: `own`, `pooled`, `taken`, `neutral`.
impl Serialize for Evidence {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(match self {
            Self::Own => "own",
            Self::Pooled(_) => "pooled",
            Self::Taken(_) => "taken",
            Self::Neutral => "neutral",
        })
    }
}

/// What speaks for each bin: the sum of its own rows and all that pool with it, those of the other bin, or nothing.
///
/// # Panics
/// When `evidence` does not have one entry for each bin, or names a bin that is not there.
pub fn told(bins: &[Moments], evidence: &[Evidence]) -> Vec<Moments> {
    let mut sums = bins.to_vec();
    for (bin, evidence) in bins.iter().zip(evidence) {
        if let Evidence::Pooled(other) = evidence {
            sums[*other] = sums[*other].merge(*bin);
        }
    }
    let one = |(bin, evidence): (usize, &Evidence)| match evidence {
        Evidence::Own => sums[bin],
        Evidence::Pooled(other) | Evidence::Taken(other) => sums[*other],
        Evidence::Neutral => Moments::default(),
    };
    evidence.iter().enumerate().map(one).collect()
}

/// WoE by bin: `ln(share of goods / share of bads)` of what speaks for it; 0 where nothing does.
pub fn woe_by_bin(bins: &[Moments], evidence: &[Evidence]) -> Vec<f64> {
    let whole = bins.iter().fold(Moments::default(), |sum, bin| sum.merge(*bin));
    told(bins, evidence).into_iter().map(|bin| woe(bin, whole)).collect()
}

/// WoE of one bin among `whole`; 0 of a bin without rows, or where all rows have one outcome.
pub(crate) fn woe(bin: Moments, whole: Moments) -> f64 {
    let (all_bads, all_goods) = (whole.sum, whole.weight - whole.sum);
    if bin.weight <= 0.0 || all_bads <= 0.0 || all_goods <= 0.0 {
        return 0.0;
    }
    evidence(bin.weight - bin.sum, bin.sum, all_goods, all_bads)
}

/// Information value: `sum of (share of goods - share of bads) x WoE`, over the rows of each bin and the WoE they
/// are scored with.
pub fn information_value(bins: &[Moments], evidence: &[Evidence]) -> f64 {
    let whole = bins.iter().fold(Moments::default(), |sum, bin| sum.merge(*bin));
    let (all_bads, all_goods) = (whole.sum, whole.weight - whole.sum);
    if all_bads <= 0.0 || all_goods <= 0.0 {
        return 0.0;
    }
    let woe = woe_by_bin(bins, evidence);
    let part = |(bin, woe): (&Moments, f64)| ((bin.weight - bin.sum) / all_goods - bin.sum / all_bads) * woe;
    bins.iter().zip(woe).map(part).sum()
}
