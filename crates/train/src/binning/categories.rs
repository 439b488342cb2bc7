//! Groups of categories: rare ones pooled, the rest ordered by bad rate and merged.

use super::monotone::merge;
use super::tally::Tally;
use super::{BinningParams, Trend};

/// Which group each category belongs to, and the group that stands for rare ones.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Groups {
    /// For each category, its group; groups ascend in bad rate.
    pub group_of: Vec<usize>,
    /// Number of groups.
    pub groups: usize,
    /// The group that holds the rare categories, where there are any: it also speaks for unseen ones.
    pub rare: Option<usize>,
}

/// Groups categories with alike bad rates.
///
/// Categories with less than `min_share` of all `rows` are pooled first: alone they say nothing
/// reliable. Then the categories (the pool counts as one) are ordered by bad rate, ties in category
/// order, and neighbours merged by the rules of [`merge`].
pub fn group_categories(tallies: &[Tally], rows: u64, params: &BinningParams) -> Groups {
    let least = params.min_share * rows as f64;
    let (rare, frequent): (Vec<usize>, Vec<usize>) =
        (0..tallies.len()).partition(|c| (tallies[*c].count as f64) < least);
    let mut members: Vec<Vec<usize>> = frequent.into_iter().map(|c| vec![c]).collect();
    let pool = (!rare.is_empty()).then(|| rare[0]);
    members.extend((!rare.is_empty()).then_some(rare));
    let total = |m: &[usize]| m.iter().fold(Tally::default(), |sum, c| sum.merge(tallies[*c]));
    members.sort_by(|a, b| total(a).cmp_bad_rate(total(b)).then(a[0].cmp(&b[0])));
    let ordered: Vec<Tally> = members.iter().map(|m| total(m)).collect();
    let runs = merge(&ordered, rows, &BinningParams { trend: Trend::None, ..params.clone() });
    let mut group_of = vec![0; tallies.len()];
    let mut at = members.iter();
    for (group, run) in runs.iter().enumerate() {
        for category in at.by_ref().take(*run).flatten() {
            group_of[*category] = group;
        }
    }
    let rare = pool.map(|c| group_of[c]);
    Groups { group_of, groups: runs.len(), rare }
}
