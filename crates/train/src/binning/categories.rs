//! Groups of categories: rare ones pooled, the rest ordered by bad rate and joined by the optimal binning.

use super::bins::Worth;
use super::infeasible::Infeasible;
use super::join::join;
use super::params::{BinningParams, Trend};
use super::single::{SingleBin, why_single};
use super::tally::Moments;

/// Most groups that are looked at; the categories beyond the most frequent ones count as rare.
const MOST_GROUPS: usize = 1000;

/// Which group each category belongs to, and the group that stands for rare ones.
#[derive(Clone, Debug, PartialEq)]
pub struct Groups {
    /// For each category, its group; groups ascend in bad rate.
    pub group_of: Vec<usize>,
    /// Number of groups.
    pub groups: usize,
    /// The group that holds the rare categories, where there are any: it also speaks for unseen ones.
    pub rare: Option<usize>,
    /// What stands in the way of a second group, where there is one only.
    pub single: Option<SingleBin>,
}

/// Groups categories with alike bad rates.
///
/// Categories with less than `min_share` of all rows are pooled first: alone they say nothing reliable.
/// Then the categories (the pool counts as one) are ordered by bad rate, ties in category order, and
/// neighbours joined by the optimal binning.
///
/// # Errors
/// When the limits cannot be kept.
pub fn group_categories(
    each: &[Moments],
    whole: Moments,
    worth: Worth,
    params: &BinningParams,
) -> Result<Groups, Infeasible> {
    let mut by_weight: Vec<usize> = (0..each.len()).collect();
    by_weight.sort_by(|a, b| each[*b].weight.total_cmp(&each[*a].weight).then(a.cmp(b)));
    let least = params.min_share * whole.weight;
    let mut rare = vec![false; each.len()];
    for (place, category) in by_weight.into_iter().enumerate() {
        rare[category] = each[category].weight < least || place >= MOST_GROUPS;
    }
    let mut members: Vec<Vec<usize>> = (0..each.len()).filter(|c| !rare[*c]).map(|c| vec![c]).collect();
    let pool: Vec<usize> = (0..each.len()).filter(|c| rare[*c]).collect();
    let rare = pool.first().copied();
    let all_rare = members.is_empty() && pool.iter().filter(|c| each[**c].weight > 0.0).count() > 1;
    members.extend((!pool.is_empty()).then_some(pool));
    let mut found = group_members(each, members, rare, whole, worth, params)?;
    if all_rare {
        let largest = each.iter().fold(0.0_f64, |most, of| most.max(of.weight)) / whole.weight;
        found.single = Some(SingleBin::Rare { min_share: params.min_share, largest });
    }
    Ok(found)
}

/// Orders groups of categories by bad rate and joins neighbours. `rare`: a category of the rare group.
///
/// # Errors
/// When the limits cannot be kept.
pub fn group_members(
    each: &[Moments],
    mut members: Vec<Vec<usize>>,
    rare: Option<usize>,
    whole: Moments,
    worth: Worth,
    params: &BinningParams,
) -> Result<Groups, Infeasible> {
    let total = |m: &Vec<usize>| m.iter().fold(Moments::default(), |sum, c| sum.merge(each[*c]));
    let by_mean = |a: &Vec<usize>, b: &Vec<usize>| total(a).mean().total_cmp(&total(b).mean()).then(a.cmp(b));
    members.sort_by(by_mean);
    let ordered: Vec<Moments> = members.iter().map(total).collect();
    let any = BinningParams { trend: Trend::None, ..params.clone() };
    let runs = join(&ordered, whole, worth, &any)?.runs;
    let mut group_of = vec![0; each.len()];
    let mut at = members.iter();
    for (group, run) in runs.iter().enumerate() {
        for category in at.by_ref().take(*run).flatten() {
            group_of[*category] = group;
        }
    }
    let single = if runs.len() == 1 { why_single(&ordered, whole, worth, &any) } else { None };
    Ok(Groups { groups: runs.len(), rare: rare.map(|c| group_of[c]), group_of, single })
}
