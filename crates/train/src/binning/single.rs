//! Why a variable ends in a single bin although its values could be parted.

use super::bins::Worth;
use super::infeasible::Infeasible;
use super::join::{filled, without_default_counts};
use super::optimal::optimise;
use super::params::BinningParams;
use super::tally::Moments;
use std::fmt;

/// What stands in the way of a second bin.
#[derive(Clone, Debug, PartialEq)]
pub enum SingleBin {
    /// No two bins keep the limits.
    Limits(Infeasible),
    /// No category is large enough to stand alone, so all of them are pooled.
    Rare {
        /// The least share in force.
        min_share: f64,
        /// The share of the rows that the most frequent category has.
        largest: f64,
    },
}

impl SingleBin {
    /// The limits that are in the way, without figures of the variable: `min_share = 0.05`.
    pub fn limits(&self) -> Vec<String> {
        match self {
            Self::Limits(why) => why.limits.clone(),
            Self::Rare { min_share, .. } => vec![format!("min_share = {min_share}")],
        }
    }
}

impl fmt::Display for SingleBin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Limits(why) => why.tell(f, "no two bins keep"),
            Self::Rare { min_share, largest } => write!(
                f,
                "every category is rarer than `min_share = {min_share}` (the largest has {}): lower min_share or \
                 give `groups`",
                percent(*largest)
            ),
        }
    }
}

/// Thousands of categories have shares far below 1 %.
fn percent(share: f64) -> String {
    let percent = 100.0 * share;
    if percent >= 0.1 { format!("{percent:.2} %") } else { format!("{percent:.4} %") }
}

/// Why pre-bins that [`join`](super::join::join) made one bin of were not made two; `None` where nothing was in the
/// way, as with one pre-bin that has rows, or with bins that are alike.
pub fn why_single(
    prebins: &[Moments],
    whole: Moments,
    worth: Worth,
    params: &BinningParams,
) -> Option<SingleBin> {
    let (filled, _) = filled(prebins);
    if filled.len() < 2 {
        return None;
    }
    let two = BinningParams { min_bins: 2, ..params.clone() };
    let why = |params: &BinningParams| {
        let mut why = optimise(&filled, whole, worth, params, &[]).err()?;
        // Nobody asked for two bins; that is the question here.
        why.limits.retain(|limit| !limit.starts_with("min_bins"));
        Some(why)
    };
    let mut found = why(&two)?;
    // The default `min_bads` and `min_goods` give way, so they are no reason.
    if found.limits.is_empty()
        && let Some(loose) = without_default_counts(&two).and_then(|loose| why(&loose))
    {
        found = loose;
    }
    Some(SingleBin::Limits(found))
}
