//! Binning: from cells to bins that a risk manager can read.
//!
//! | step | module | what it does |
//! |---|---|---|
//! | 1 | [`prebin`] ([`quantile`], `cells`, [`tree`]) | where a number may be split at all |
//! | 2 | [`tally`](mod@tally) | goods and bads by pre-bin, in one pass over the codes |
//! | 3 | [`optimal`] ([`bins`], `joint`, `curved`, [`infeasible`], [`single`]) | the best way to join pre-bins under a trend and limits |
//! | 4 | [`categories`] | the same for categories, in order of bad rate |
//! | 5 | [`evidence`], [`apart`] | WoE by bin, with the policies for missing, special and unseen |
//! | 6 | [`analysis`] ([`table`], [`mean_table`], [`summary`], [`significance`], [`plot`]) | what people read: tables, figures, plots |
//!
//! [`params`] is what all of them are told ([`declared`]: whether the data have what it names), [`join`](mod@join) what
//! holds them together.

pub mod analysis;
pub mod apart;
pub mod bins;
pub mod categories;
pub(crate) mod cells;
mod curved;
pub mod declared;
pub mod evidence;
pub mod infeasible;
pub mod join;
mod joint;
pub mod mean_table;
pub mod optimal;
pub mod params;
pub mod plot;
pub mod prebin;
pub mod quantile;
pub mod significance;
pub mod single;
pub mod summary;
pub mod table;
pub mod tally;
pub mod tree;

use crate::codes::Codes;
use crate::error::TrainError;
use crate::numbers::Numbers;
use crate::rows::Rows;
use apart::{Shape, not_pooled, share_evidence, thin};
use arrears_model::Kind;
use arrears_model::transform::Transform;
use bins::Worth;
use categories::{Groups, group_categories, group_members};
use cells::Cells;
use evidence::{Evidence, information_value, woe_by_bin};
use infeasible::Infeasible;
use join::join;
pub use params::{BinningParams, Prebinning, Trend, VariableParams};
use rayon::prelude::*;
use single::{SingleBin, why_single};
use tally::{Moments, Target, moments};

/// A binned field.
#[derive(Clone, Debug)]
pub struct Binned {
    /// The binning transform.
    pub transform: Transform,
    /// The bin of every training row, by the transform.
    pub codes: Codes,
    /// What each bin holds, in the transform's order.
    pub bins: Vec<Moments>,
    /// For each bin whose evidence speaks for it.
    pub evidence: Vec<Evidence>,
    /// The trend of the regular bins; never `auto`. Categories, in order of bad rate, ascend.
    pub trend: Trend,
    /// Bins apart with evidence of their own, but of fewer rows than `min_special_rows`: a scorecard gives them WoE 0.
    pub thin: Vec<usize>,
    /// What deserves a second look: bins that could not be pooled as asked.
    pub notes: Vec<String>,
    /// What stands in the way of a second regular bin, where there is one only although there were several pre-bins.
    pub single: Option<SingleBin>,
}

impl Binned {
    /// WoE by bin.
    pub fn woe(&self) -> Vec<f64> {
        woe_by_bin(&self.bins, &self.evidence)
    }

    /// Information value.
    pub fn iv(&self) -> f64 {
        information_value(&self.bins, &self.evidence)
    }
}

/// Bins one field by its outcome.
///
/// # Errors
/// When the limits cannot be kept, when what the recipe says of this variable's bins does not suit it, or when
/// it has too many categories.
pub fn bin_field(
    rows: &Rows<'_>,
    field: usize,
    target: Target<'_>,
    params: &BinningParams,
) -> Result<Binned, TrainError> {
    let (params, own) = params.of_variable(&rows.field(field).name);
    match &rows.field(field).kind {
        Kind::Number { .. } => bin_number(rows, field, target, &params, &own),
        Kind::Category { categories, .. } => bin_category(rows, field, categories, target, &params, &own),
    }
}

/// [`bin_field`] for many fields at once, in their order.
pub fn bin_fields(
    rows: &Rows<'_>,
    fields: &[usize],
    target: Target<'_>,
    params: &BinningParams,
) -> Vec<Result<Binned, TrainError>> {
    // One by one: some take much longer than others.
    fields.par_iter().with_max_len(1).map(|field| bin_field(rows, *field, target, params)).collect()
}

fn bin_number(
    rows: &Rows<'_>,
    field: usize,
    target: Target<'_>,
    params: &BinningParams,
    own: &VariableParams,
) -> Result<Binned, TrainError> {
    refuse(rows, field, own.groups.is_some(), "it is a number: give `splits`, not `groups`")?;
    let (mut splits, mut bins, coding) = number_prebins(rows, field, target, params, own)?;
    let (mut map, mut trend, mut single) = ((0..bins.len()).collect(), Trend::None, None);
    if own.splits.is_none() || own.merge {
        let regular = splits.len() + 1;
        let (prebins, whole, worth) = (&bins[..regular], whole(&bins), worth(target, params));
        let found = join(prebins, whole, worth, params).map_err(|why| infeasible(rows, field, why))?;
        if found.runs.len() == 1 {
            single = why_single(prebins, whole, worth, params);
        }
        (splits, map) = joined_splits(&splits, &found.runs, bins.len());
        bins = joined(&bins, &map);
        trend = found.trend;
    }
    let codes = match coding {
        Coding::Cells(cells) => cells.codes(&splits),
        Coding::Prebins(codes) => codes.mapped(&map),
    };
    let found = (trend, None, worth(target, params));
    let binned = binned(rows, Transform::Intervals { field, splits }, codes, bins, found, params);
    Ok(Binned { single, ..binned })
}

/// What the rows of a number are coded by so far.
enum Coding<'t> {
    Cells(Cells<'t>),
    Prebins(Codes),
}

/// The splits between the pre-bins of a number, and what each pre-bin holds, those for special and missing values at
/// last.
fn number_prebins<'t>(
    rows: &Rows<'t>,
    field: usize,
    target: Target<'_>,
    params: &BinningParams,
    own: &VariableParams,
) -> Result<(Vec<f64>, Vec<Moments>, Coding<'t>), TrainError> {
    let quantiles = own.splits.is_none() && params.prebinning == Prebinning::Quantile;
    if let Target::Bad(bad) = target
        && quantiles
        && rows.weights.is_none()
        && !bad.is_empty()
        && let Some(cells) = rows.plain_numbers(field).and_then(|numbers| Cells::count(numbers, bad))
    {
        let (splits, tallies) = cells.prebins(params.prebins_for(rows.len()), 0, bad);
        return Ok((splits, tallies.into_iter().map(Moments::from).collect(), Coding::Cells(cells)));
    }
    let splits = own.splits.clone().unwrap_or_else(|| prebin::prebin(rows, field, target, params));
    let fine = Transform::Intervals { field, splits: splits.clone() };
    let codes = rows.codes(&fine)?;
    let bins = moments(&codes, fine.bins(rows.field(field)).unwrap_or(0), target, rows.weights.as_deref());
    Ok((splits, bins, Coding::Prebins(codes)))
}

/// The splits that stay when runs of neighbouring pre-bins are joined, and the new bin of each of `bins`, those after
/// the regular ones included.
fn joined_splits(splits: &[f64], runs: &[usize], bins: usize) -> (Vec<f64>, Vec<usize>) {
    let mut map: Vec<usize> = Vec::with_capacity(bins);
    runs.iter().enumerate().for_each(|(bin, run)| map.extend(std::iter::repeat_n(bin, *run)));
    let kept = (1..map.len()).filter(|prebin| map[prebin - 1] != map[*prebin]);
    let kept = kept.map(|prebin| splits[prebin - 1]).collect();
    let apart = bins - map.len();
    map.extend(runs.len()..runs.len() + apart);
    (kept, map)
}

fn bin_category(
    rows: &Rows<'_>,
    field: usize,
    categories: &[String],
    target: Target<'_>,
    params: &BinningParams,
    own: &VariableParams,
) -> Result<Binned, TrainError> {
    refuse(rows, field, own.splits.is_some(), "it is a category: give `groups`, not `splits`")?;
    let each = single_groups(field, categories.len());
    let codes = rows.codes(&each)?;
    let bins = moments(&codes, categories.len() + 2, target, rows.weights.as_deref());
    let (cells, whole) = (&bins[..categories.len()], whole(&bins));
    let found = match &own.groups {
        None => group_categories(cells, whole, worth(target, params), params),
        Some(groups) => {
            let (members, rare) = named_groups(rows, field, categories, groups)?;
            if own.merge {
                group_members(cells, members, rare, whole, worth(target, params), params)
            } else {
                Ok(as_given(members, rare, categories.len()))
            }
        }
    };
    let Groups { group_of, groups, rare, single } = found.map_err(|why| infeasible(rows, field, why))?;
    let map: Vec<usize> = group_of.iter().copied().chain([groups, groups + 1]).collect();
    let transform = Transform::Groups { field, groups, group_of };
    let bins = joined(&bins, &map);
    let course = (Trend::Ascending, rare, worth(target, params));
    Ok(Binned { single, ..binned(rows, transform, codes.mapped(&map), bins, course, params) })
}

fn binned(
    rows: &Rows<'_>,
    transform: Transform,
    codes: Codes,
    bins: Vec<Moments>,
    (trend, rare, worth): (Trend, Option<usize>, Worth),
    params: &BinningParams,
) -> Binned {
    let field = rows.field(transform.field());
    let category = matches!(field.kind, Kind::Category { .. });
    let shape = Shape { regular: transform.regular_bins(), category, rare, trend, worth };
    let evidence = share_evidence(&bins, &shape, params);
    let label = |bin| transform.short_bin_label(field, bin);
    let notes = not_pooled(&label, &bins, &evidence, &shape, params);
    let thin = thin(&bins, &evidence, &shape, params);
    Binned { transform, codes, bins, evidence, trend, thin, notes, single: None }
}

/// The bins after joining: `map` gives the new bin of each.
fn joined(bins: &[Moments], map: &[usize]) -> Vec<Moments> {
    let mut sums = vec![Moments::default(); map.iter().max().map_or(0, |last| last + 1)];
    bins.iter().zip(map).for_each(|(bin, at)| sums[*at] = sums[*at].merge(*bin));
    sums
}

/// The categories of each group that was given; those of the training rows that none names come last, as the rare ones.
fn named_groups(
    rows: &Rows<'_>,
    field: usize,
    categories: &[String],
    groups: &[Vec<String>],
) -> Result<(Vec<Vec<usize>>, Option<usize>), TrainError> {
    let mut taken = vec![false; categories.len()];
    let mut members: Vec<Vec<usize>> = Vec::new();
    for group in groups {
        let known = group.iter().filter_map(|name| categories.binary_search(name).ok());
        let known: Vec<usize> = known.collect();
        for category in &known {
            let again = std::mem::replace(&mut taken[*category], true);
            let why = format!("category {:?} stands in `groups` twice", categories[*category]);
            refuse(rows, field, again, &why)?;
        }
        members.extend((!known.is_empty()).then_some(known));
    }
    let rest: Vec<usize> = (0..categories.len()).filter(|c| !taken[*c]).collect();
    let rare = rest.first().copied();
    members.extend((!rest.is_empty()).then_some(rest));
    Ok((members, rare))
}

fn as_given(members: Vec<Vec<usize>>, rare: Option<usize>, categories: usize) -> Groups {
    let mut group_of = vec![0; categories];
    for (group, member) in members.iter().enumerate() {
        member.iter().for_each(|category| group_of[*category] = group);
    }
    Groups { groups: members.len(), rare: rare.map(|c| group_of[c]), group_of, single: None }
}

fn refuse(rows: &Rows<'_>, field: usize, wrong: bool, why: &str) -> Result<(), TrainError> {
    let column = || rows.field(field).name.clone();
    if wrong { Err(TrainError::VariableBins { column: column(), why: why.to_owned() }) } else { Ok(()) }
}

fn infeasible(rows: &Rows<'_>, field: usize, why: Infeasible) -> TrainError {
    TrainError::Infeasible { column: rows.field(field).name.clone(), why }
}

fn whole(bins: &[Moments]) -> Moments {
    bins.iter().fold(Moments::default(), |sum, bin| sum.merge(*bin))
}

fn worth(target: Target<'_>, params: &BinningParams) -> Worth {
    match target {
        Target::Bad(_) => Worth::Distance(params.objective),
        Target::Number(_) => Worth::Variance,
    }
}

/// Bins one field without an outcome: ten quantile bins, or each category alone. For profiles.
pub fn profile_bins(rows: &Rows<'_>, field: usize) -> Transform {
    match &rows.field(field).kind {
        Kind::Number { .. } => {
            let splits = quantile::quantile_splits(&mut rows.numbers(field), 10);
            Transform::Intervals { field, splits }
        }
        Kind::Category { categories, .. } => single_groups(field, categories.len()),
    }
}

/// Splits into about `bins` groups of equal size, as [`quantile::quantile_splits`] makes them, and the rows of each.
pub fn quantile_counts(numbers: &[f64], bins: usize) -> (Vec<f64>, Vec<u64>) {
    let nobody = vec![false; numbers.len()];
    if let Some(cells) = Cells::count(Numbers::of(numbers), &nobody) {
        let (splits, tallies) = cells.prebins(bins, 0, &nobody);
        return (splits, tallies[..tallies.len() - 1].iter().map(|group| group.count).collect());
    }
    let splits = quantile::quantile_splits(&mut numbers.to_vec(), bins);
    let tallies = tally::tally(&Codes::of_numbers(numbers, &splits), splits.len() + 2, &[]);
    (splits.clone(), tallies[..=splits.len()].iter().map(|group| group.count).collect())
}

/// Each category a group of its own.
pub fn single_groups(field: usize, categories: usize) -> Transform {
    Transform::Groups { field, groups: categories, group_of: (0..categories).collect() }
}
