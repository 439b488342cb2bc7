//! Why no binning keeps all limits.

use super::bins::{Bins, Worth};
use super::optimal::search;
use super::params::{BinningParams, Trend};
use super::tally::Moments;
use std::fmt;

/// No binning keeps all limits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Infeasible {
    /// The limits any one of which, left out, makes a binning possible; empty where it takes several.
    pub limits: Vec<String>,
    /// What there is to bin.
    pub there_is: String,
}

impl fmt::Display for Infeasible {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { limits, there_is } = self;
        if limits.is_empty() {
            write!(
                f,
                "no binning keeps all limits, and leaving out any one of them is not enough: {there_is}"
            )
        } else {
            write!(f, "no binning keeps `{}`: {there_is}", limits.join("` beside `"))
        }
    }
}

impl std::error::Error for Infeasible {}

/// Tries what becomes possible without each limit.
pub(super) fn explain(
    prebins: &[Moments],
    whole: Moments,
    worth: Worth,
    params: &BinningParams,
    fixed: &[usize],
) -> Infeasible {
    let all = prebins.iter().fold(Moments::default(), |sum, bin| sum.merge(*bin));
    let there_is = match worth {
        Worth::Distance(_) => format!(
            "{} pre-bins with {} rows, {} of weight good and {} bad",
            prebins.len(),
            all.rows,
            all.weight - all.sum,
            all.sum
        ),
        Worth::Variance => format!("{} pre-bins with {} rows", prebins.len(), all.rows),
    };
    let possible = |relaxed: &BinningParams| {
        let bins = Bins::new(prebins, whole, worth, relaxed, fixed);
        search(&bins, whole, worth, relaxed).is_some()
    };
    let limits = relaxations(params).into_iter().filter(|(_, relaxed)| possible(relaxed));
    Infeasible { limits: limits.map(|(limit, _)| limit).collect(), there_is }
}

/// Each limit in force, and the parameters without it.
fn relaxations(params: &BinningParams) -> Vec<(String, BinningParams)> {
    let p = params;
    let mut list: Vec<(String, BinningParams)> = Vec::new();
    let mut limit = |in_force: bool, name: String, relaxed: BinningParams| {
        if in_force {
            list.push((name, relaxed));
        }
    };
    let base = || p.clone();
    limit(p.min_bins > 1, format!("min_bins = {}", p.min_bins), BinningParams { min_bins: 1, ..base() });
    limit(true, format!("max_bins = {}", p.max_bins), BinningParams { max_bins: usize::MAX, ..base() });
    limit(
        p.min_share > 0.0,
        format!("min_share = {}", p.min_share),
        BinningParams { min_share: 0.0, ..base() },
    );
    limit(
        p.max_share < 1.0,
        format!("max_share = {}", p.max_share),
        BinningParams { max_share: 1.0, ..base() },
    );
    limit(p.min_bads > 0.0, format!("min_bads = {}", p.min_bads), BinningParams { min_bads: 0.0, ..base() });
    limit(
        p.min_goods > 0.0,
        format!("min_goods = {}", p.min_goods),
        BinningParams { min_goods: 0.0, ..base() },
    );
    let difference = BinningParams { min_difference: 0.0, ..base() };
    limit(p.min_difference > 0.0, format!("min_difference = {}", p.min_difference), difference);
    let p_value = BinningParams { max_p_value: 1.0, ..base() };
    limit(p.max_p_value < 1.0, format!("max_p_value = {}", p.max_p_value), p_value);
    let any = BinningParams { trend: Trend::None, ..base() };
    limit(p.trend != Trend::None, format!("trend = {}", p.trend), any);
    list
}
