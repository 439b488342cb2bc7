//! Binning: from cells to bins that a risk manager can read.
//!
//! `quantile` proposes split points, `tally` counts goods and bads in one pass, `monotone` merges
//! neighbours, `categories` does the same for categories in order of bad rate.

pub mod analysis;
pub mod categories;
pub mod mean_table;
pub mod monotone;
pub mod plot;
pub mod quantile;
pub mod significance;
pub mod summary;
pub mod table;
pub mod tally;

use crate::error::TrainError;
use crate::rows::Rows;
use arrears_model::Kind;
use arrears_model::transform::Transform;
use serde::{Deserialize, Serialize};
use tally::{Tally, tally};

/// Recipe section `[binning]`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct BinningParams {
    /// Quantile pre-bins of a number before merging; 2 to 1000, default 50.
    pub prebins: usize,
    /// Most regular bins of a variable; 2 to 100, default 8.
    pub max_bins: usize,
    /// Least share of the training rows in a regular bin; 0 to 0.5, default 0.05.
    pub min_share: f64,
    /// How the bad rate may run over a number's bins; default `auto`.
    pub trend: Trend,
    /// Variables with less information value are left out; default 0.02.
    pub min_iv: f64,
    /// A missing or special bin with fewer training rows than this has WoE 0; default 30.
    pub min_special_rows: u64,
}

impl Default for BinningParams {
    fn default() -> Self {
        Self {
            prebins: 50,
            max_bins: 8,
            min_share: 0.05,
            trend: Trend::Auto,
            min_iv: 0.02,
            min_special_rows: 30,
        }
    }
}

/// How the bad rate may run over the bins of a number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Trend {
    /// Ascending or descending, whichever has the higher IV.
    #[default]
    Auto,
    /// The bad rate rises with the number.
    Ascending,
    /// The bad rate falls with the number.
    Descending,
    /// Any course.
    None,
}

impl BinningParams {
    /// # Errors
    /// When a parameter is out of its range.
    pub fn check(&self) -> Result<(), TrainError> {
        let bad = |key, value: String, expected| {
            Err(TrainError::Parameter { section: "binning", key, value, expected })
        };
        if !(2..=1000).contains(&self.prebins) {
            return bad("prebins", self.prebins.to_string(), "2 to 1000");
        }
        if !(2..=100).contains(&self.max_bins) {
            return bad("max_bins", self.max_bins.to_string(), "2 to 100");
        }
        if !(0.0..=0.5).contains(&self.min_share) {
            return bad("min_share", self.min_share.to_string(), "0 to 0.5");
        }
        if !(self.min_iv >= 0.0 && self.min_iv.is_finite()) {
            return bad("min_iv", self.min_iv.to_string(), "0 or more");
        }
        Ok(())
    }
}

/// A binned field: the transform, its counts, and what stands for unseen categories.
#[derive(Clone, Debug)]
pub struct Binned {
    /// The binning transform.
    pub transform: Transform,
    /// Training rows by bin, in the transform's order.
    pub tallies: Vec<Tally>,
    /// The regular bin that holds rare categories.
    pub rare: Option<usize>,
}

/// Bins one field by its outcome.
pub fn bin_field(rows: &Rows, field: usize, params: &BinningParams) -> Binned {
    let (transform, rare) = match &rows.field(field).kind {
        Kind::Number { .. } => {
            let splits = quantile::quantile_splits(&mut rows.numbers(field), params.prebins);
            let fine = Transform::Intervals { field, splits: splits.clone() };
            let prebins = &tally(rows, &fine)[..fine.regular_bins()];
            let runs = monotone::merge(prebins, rows.len() as u64, params);
            let mut at = 0;
            let kept = runs[..runs.len() - 1].iter().map(|run| {
                at += run;
                splits[at - 1]
            });
            (Transform::Intervals { field, splits: kept.collect() }, None)
        }
        Kind::Category { categories, .. } => {
            let each = single_groups(field, categories.len());
            let tallies = &tally(rows, &each)[..categories.len()];
            let groups = categories::group_categories(tallies, rows.len() as u64, params);
            let rare = groups.rare;
            (Transform::Groups { field, groups: groups.groups, group_of: groups.group_of }, rare)
        }
    };
    let tallies = tally(rows, &transform);
    Binned { transform, tallies, rare }
}

/// Bins one field without an outcome: ten quantile bins, or each category alone. For profiles.
pub fn profile_bins(rows: &Rows, field: usize) -> Transform {
    match &rows.field(field).kind {
        Kind::Number { .. } => {
            let splits = quantile::quantile_splits(&mut rows.numbers(field), 10);
            Transform::Intervals { field, splits }
        }
        Kind::Category { categories, .. } => single_groups(field, categories.len()),
    }
}

/// Each category a group of its own.
pub fn single_groups(field: usize, categories: usize) -> Transform {
    Transform::Groups { field, groups: categories, group_of: (0..categories).collect() }
}
