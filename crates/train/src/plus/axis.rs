//! The bins of one field: fine ones for its own effect, coarse ones for its pairs.
//!
//! Each fine bin lies in one coarse bin, so that whatever a pair says of one field alone can be moved into
//! that field's own table without a trace.

use super::PlusParams;
use super::boost::{Form, Unit};
use super::split::Line;
use crate::binning::quantile::quantile_splits;
use crate::binning::tally::{Tally, tally};
use crate::error::TrainError;
use crate::rows::Rows;
use arrears_model::Kind;
use arrears_model::transform::Transform;

/// Most groups of categories; the rarer ones share one.
const MOST_GROUPS: usize = 500;

/// One field in bins.
#[derive(Debug)]
pub(super) struct Axis {
    /// The fine bins.
    pub(super) fine: Transform,
    /// The fine bin of every row.
    pub(super) codes: Vec<u16>,
    /// Rows and bads by fine bin.
    pub(super) tallies: Vec<Tally>,
    /// The group that holds the rare categories.
    pub(super) rare: Option<usize>,
}

impl Axis {
    pub(super) fn of(rows: &Rows<'_>, field: usize, params: &PlusParams) -> Result<Self, TrainError> {
        let (fine, rare) = match &rows.field(field).kind {
            Kind::Number { .. } => {
                let splits = quantile_splits(&mut rows.numbers(field), params.bins);
                (Transform::Intervals { field, splits }, None)
            }
            Kind::Category { categories, .. } => {
                let each = crate::binning::single_groups(field, categories.len());
                let tallies = tally(&rows.codes(&each)?, categories.len() + 2, &rows.bad);
                group_rare(field, &tallies[..categories.len()], params)
            }
        };
        let bins = fine.bins(rows.field(field)).unwrap_or(0);
        let codes = rows.codes(&fine)?;
        let tallies = tally(&codes, bins, &rows.bad);
        let codes = (0..codes.len()).map(|row| codes.get(row) as u16).collect();
        Ok(Self { tallies, fine, codes, rare })
    }

    pub(super) fn unit(&self) -> Unit<'_> {
        Unit { codes: (&self.codes).into(), bins: self.tallies.len(), form: Form::Line(self.line()) }
    }

    pub(super) fn line(&self) -> Line {
        match self.fine {
            Transform::Intervals { .. } => Line::Ordered { regular: self.fine.regular_bins() },
            _ => Line::Free,
        }
    }

    /// Number of bins that hold rows.
    pub(super) fn used(&self) -> usize {
        self.tallies.iter().filter(|t| t.count > 0).count()
    }
}

/// Each category its own group but for the rare ones, which share the last.
fn group_rare(field: usize, tallies: &[Tally], params: &PlusParams) -> (Transform, Option<usize>) {
    let mut frequent: Vec<usize> =
        (0..tallies.len()).filter(|c| tallies[*c].count >= params.min_rows as u64).collect();
    frequent.sort_by_key(|c| (std::cmp::Reverse(tallies[*c].count), *c));
    frequent.truncate(MOST_GROUPS);
    frequent.sort_unstable();
    let rare = frequent.len();
    let group = |c: usize| frequent.binary_search(&c).unwrap_or(rare);
    let group_of: Vec<usize> = (0..tallies.len()).map(group).collect();
    let any_rare = rare < tallies.len();
    let groups = rare + usize::from(any_rare);
    (Transform::Groups { field, groups, group_of }, any_rare.then_some(rare))
}

/// The coarse bins of a field.
#[derive(Clone, Debug)]
pub(super) struct Coarse {
    /// The coarse bins.
    pub(super) transform: Transform,
    /// The coarse bin of every fine bin.
    pub(super) of_fine: Vec<usize>,
    /// Number of coarse bins.
    pub(super) bins: usize,
}

impl Coarse {
    /// Joins neighbouring fine bins, categories by their `values`, into about `pair_bins` of equal size.
    pub(super) fn of(axis: &Axis, values: &[f64], params: &PlusParams) -> Self {
        let regular = axis.fine.regular_bins();
        let mut order: Vec<usize> = (0..regular).collect();
        if axis.line() == Line::Free {
            order.sort_by(|a, b| values[*a].total_cmp(&values[*b]));
        }
        let runs = equal_runs(&order, &axis.tallies, params.pair_bins);
        let extra = axis.tallies.len() - regular;
        let mut of_fine = vec![0; axis.tallies.len()];
        for (run, bins) in runs.iter().enumerate() {
            bins.iter().for_each(|bin| of_fine[*bin] = run);
        }
        (0..extra).for_each(|e| of_fine[regular + e] = runs.len() + e);
        let transform = match &axis.fine {
            Transform::Groups { field, group_of, .. } => Transform::Groups {
                field: *field,
                groups: runs.len(),
                group_of: group_of.iter().map(|g| of_fine[*g]).collect(),
            },
            fine => {
                let splits =
                    if let Transform::Intervals { splits, .. } = fine { splits.as_slice() } else { &[] };
                let kept = (0..splits.len()).filter(|s| of_fine[*s] != of_fine[s + 1]).map(|s| splits[s]);
                Transform::Intervals { field: fine.field(), splits: kept.collect() }
            }
        };
        let bins = runs.len() + extra;
        Self { transform, of_fine, bins }
    }

    /// Joins bins: those listed together become one, in the order of the list.
    pub(super) fn join(&mut self, joined: &[Vec<usize>]) {
        let mut new_of = vec![0; self.bins];
        for (new, old) in joined.iter().enumerate() {
            old.iter().for_each(|bin| new_of[*bin] = new);
        }
        let regular = self.transform.regular_bins();
        let groups_now = joined.iter().filter(|old| old.iter().all(|bin| *bin < regular)).count();
        match &mut self.transform {
            Transform::Intervals { splits, .. } => {
                let mut at = 0;
                splits.retain(|_| {
                    at += 1;
                    new_of[at - 1] != new_of[at]
                });
            }
            Transform::Groups { groups, group_of, .. } => {
                group_of.iter_mut().for_each(|group| *group = new_of[*group]);
                *groups = groups_now;
            }
            Transform::Standardise { .. }
            | Transform::LogStandardise { .. }
            | Transform::Indicator { .. } => {}
        }
        self.of_fine.iter_mut().for_each(|bin| *bin = new_of[*bin]);
        self.bins = joined.len();
    }

    pub(super) fn codes(&self, axis: &Axis) -> Vec<u16> {
        axis.codes.iter().map(|code| self.of_fine[usize::from(*code)] as u16).collect()
    }
}

/// Cuts bins in order into at most `most` runs with about the same number of rows.
fn equal_runs(order: &[usize], tallies: &[Tally], most: usize) -> Vec<Vec<usize>> {
    let rows: u64 = order.iter().map(|bin| tallies[*bin].count).sum();
    let target = (rows as f64 / most as f64).max(1.0);
    let (mut runs, mut run, mut in_run) = (Vec::new(), Vec::new(), 0.0);
    for bin in order {
        let count = tallies[*bin].count as f64;
        if in_run > 0.0 && (in_run >= target || count >= target) {
            runs.push(std::mem::take(&mut run));
            in_run = 0.0;
        }
        run.push(*bin);
        in_run += count;
    }
    if !run.is_empty() {
        runs.push(run);
    }
    runs
}
