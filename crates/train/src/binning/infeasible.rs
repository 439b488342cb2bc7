//! Why no binning keeps all limits.

use super::Binned;
use super::bins::{Bins, Worth};
use super::optimal::search;
use super::params::{BinningParams, Trend};
use super::tally::Moments;
use crate::error::TrainError;
use crate::left_out::by_cause;
use arrears_validate::layout::count;
use serde::Serialize;
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
        self.tell(f, "no binning keeps")
    }
}

impl Infeasible {
    /// Says it of `none`: `no binning keeps`.
    pub(super) fn tell(&self, f: &mut fmt::Formatter<'_>, none: &str) -> fmt::Result {
        let Self { limits, there_is } = self;
        if limits.is_empty() {
            write!(f, "{none} all limits, and leaving out any one of them is not enough: {there_is}")
        } else {
            write!(f, "{none} `{}`: {there_is}", limits.join("` beside `"))
        }
    }
}

impl std::error::Error for Infeasible {}

/// A variable whose limits cannot be kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct InfeasibleVariable {
    /// Name of the column.
    pub variable: String,
    /// The limits any one of which, left out, makes a binning possible; empty where it takes several.
    pub limits: Vec<String>,
    /// The limits and what there is to bin, in words.
    pub reason: String,
}

/// Many of them in one sentence that can be read: a clause for those that break the same limits.
pub fn in_words(infeasible: &[InfeasibleVariable]) -> String {
    let causes = infeasible.iter().map(|of| (of.variable.as_str(), &of.limits, of.reason.clone()));
    by_cause(&causes.collect::<Vec<_>>())
}

/// What was binned, and the variables whose limits cannot be kept.
///
/// # Errors
/// When there are such variables and `all` are asked for, or there are no others.
pub(super) fn feasible(
    binned: impl Iterator<Item = Result<Binned, TrainError>>,
    all: bool,
) -> Result<(Vec<Binned>, Vec<InfeasibleVariable>), TrainError> {
    let (mut fine, mut infeasible) = (Vec::new(), Vec::new());
    for result in binned {
        match result {
            Ok(binned) => fine.push(binned),
            Err(TrainError::Infeasible { column, why }) => infeasible.push((column, why)),
            Err(other) => return Err(other),
        }
    }
    let fails = all || fine.is_empty();
    if let (true, [(column, why)]) = (fails, &infeasible[..]) {
        return Err(TrainError::Infeasible { column: column.clone(), why: why.clone() });
    }
    let told = infeasible.into_iter().map(|(variable, why)| {
        let reason = why.to_string();
        InfeasibleVariable { variable, limits: why.limits, reason }
    });
    let told: Vec<InfeasibleVariable> = told.collect();
    if fails && !told.is_empty() {
        return Err(TrainError::InfeasibleLimits(in_words(&told)));
    }
    Ok((fine, told))
}

/// Tries what becomes possible without each limit.
pub(super) fn explain(
    prebins: &[Moments],
    whole: Moments,
    worth: Worth,
    params: &BinningParams,
    fixed: &[usize],
) -> Infeasible {
    let all = prebins.iter().fold(Moments::default(), |sum, bin| sum.merge(*bin));
    let possible = |relaxed: &BinningParams| {
        let bins = Bins::new(prebins, whole, worth, relaxed, fixed);
        search(&bins, whole, worth, relaxed).is_some()
    };
    let limits = relaxations(params).into_iter().filter(|(_, relaxed)| possible(relaxed));
    Infeasible {
        limits: limits.map(|(limit, _)| limit).collect(),
        there_is: there_is(prebins.len(), all, worth),
    }
}

/// What the pre-bins hold, in words.
fn there_is(prebins: usize, all: Moments, worth: Worth) -> String {
    let text = format!("{prebins} pre-bins with {} rows", count(all.rows));
    let (goods, bads) = (amount(all.weight - all.sum), amount(all.sum));
    match worth {
        Worth::Variance => text,
        Worth::Distance(_) if all.weight == all.rows as f64 => {
            format!("{text}, {goods} of them good and {bads} bad")
        }
        Worth::Distance(_) => {
            format!("{text} of total weight {}, {goods} of it good and {bads} bad", amount(all.weight))
        }
    }
}

/// A sum of weights: whole where it is.
fn amount(x: f64) -> String {
    if x == x.round() && x.abs() < 1e15 { count(x as u64) } else { format!("{x:.1}") }
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
