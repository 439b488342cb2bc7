//! The optimal binning with what must never stop a training run: no rows, one-sided variables.

use super::bins::Worth;
use super::infeasible::Infeasible;
use super::optimal::{Optimum, optimise};
use super::params::{BinningParams, Trend};
use super::tally::Moments;

/// Joins pre-bins, some of which may be empty.
///
/// An empty pre-bin goes to its left neighbour. Where the default `min_bads` and `min_goods` leave a single
/// bin, two bins without them are tried: a variable that parts good from bad must not end in one. Where the
/// limits cannot be kept and `min_bins` is 1, everything is one bin.
///
/// # Errors
/// When the limits cannot be kept and more than one bin is asked for.
pub fn join(
    prebins: &[Moments],
    whole: Moments,
    worth: Worth,
    params: &BinningParams,
) -> Result<Optimum, Infeasible> {
    let (filled, widths) = filled(prebins);
    if filled.is_empty() {
        return Ok(Optimum { runs: vec![prebins.len().max(1)], worth: 0.0, trend: Trend::None });
    }
    let mut found = join_filled(&filled, whole, worth, params)?;
    let mut at = 0;
    for run in &mut found.runs {
        let width = widths[at..at + *run].iter().sum();
        at += *run;
        *run = width;
    }
    Ok(found)
}

/// The pre-bins with rows, and how many each of them stands for: itself and the empty ones after it.
pub(super) fn filled(prebins: &[Moments]) -> (Vec<Moments>, Vec<usize>) {
    let mut widths: Vec<usize> = Vec::new();
    let mut filled: Vec<Moments> = Vec::new();
    for prebin in prebins {
        if prebin.weight > 0.0 {
            // Empty ones at the very beginning go to the first with rows.
            let before = if filled.is_empty() { widths.pop().unwrap_or(0) } else { 0 };
            filled.push(*prebin);
            widths.push(before + 1);
        } else if let Some(width) = widths.last_mut() {
            *width += 1;
        } else {
            widths.push(1);
        }
    }
    (filled, widths)
}

/// The parameters without `min_bads` and `min_goods`, where nobody changed these.
pub(super) fn without_default_counts(params: &BinningParams) -> Option<BinningParams> {
    let default = BinningParams::default();
    (params.min_bads == default.min_bads && params.min_goods == default.min_goods).then(|| BinningParams {
        min_bads: 0.0,
        min_goods: 0.0,
        ..params.clone()
    })
}

fn join_filled(
    prebins: &[Moments],
    whole: Moments,
    worth: Worth,
    params: &BinningParams,
) -> Result<Optimum, Infeasible> {
    let found = optimise(prebins, whole, worth, params, &[]);
    if found.as_ref().map_or(true, |found| found.runs.len() == 1)
        && let Some(loose) = without_default_counts(params)
    {
        let two = BinningParams { max_bins: 2, ..loose };
        match optimise(prebins, whole, worth, &two, &[]) {
            Ok(two) if two.runs.len() == 2 => return Ok(two),
            _ => {}
        }
    }
    match found {
        Err(_) if params.min_bins == 1 => {
            Ok(Optimum { runs: vec![prebins.len()], worth: 0.0, trend: Trend::None })
        }
        found => found,
    }
}
