//! Merging pre-bins until WoE is monotone, no bin is too small and there are few enough.

use super::tally::{Tally, unzip};
use super::{BinningParams, Trend};
use arrears_model::points::iv;
use std::cmp::Ordering;

/// Which pre-bins stay together: sizes of the runs, first to last.
///
/// With trend `auto` both directions are tried and the one with the higher IV is kept (ascending bad
/// rate on a tie).
pub fn merge(prebins: &[Tally], rows: u64, params: &BinningParams) -> Vec<usize> {
    let one = |order: Option<Ordering>| merge_one_way(prebins, rows, params, order);
    match params.trend {
        Trend::Ascending => one(Some(Ordering::Less)),
        Trend::Descending => one(Some(Ordering::Greater)),
        Trend::None => one(None),
        Trend::Auto => {
            let (up, down) = (one(Some(Ordering::Less)), one(Some(Ordering::Greater)));
            let value = |runs: &[usize]| {
                let (counts, bads) = unzip(&join(prebins, runs));
                iv(&counts, &bads)
            };
            if value(&down) > value(&up) { down } else { up }
        }
    }
}

/// Adds up the pre-bins of each run.
pub fn join(prebins: &[Tally], runs: &[usize]) -> Vec<Tally> {
    let mut rest = prebins;
    runs.iter()
        .map(|n| {
            let (run, after) = rest.split_at(*n);
            rest = after;
            run.iter().fold(Tally::default(), |sum, t| sum.merge(*t))
        })
        .collect()
}

/// Neighbouring bins that are merged step by step.
struct Bins {
    tallies: Vec<Tally>,
    runs: Vec<usize>,
}

impl Bins {
    /// Merges bin `i` with the one after it.
    fn merge(&mut self, i: usize) {
        self.tallies[i] = self.tallies[i].merge(self.tallies[i + 1]);
        self.runs[i] += self.runs[i + 1];
        self.tallies.remove(i + 1);
        self.runs.remove(i + 1);
    }

    /// The pair starting at `i - 1` or at `i`, whichever neighbour is more alike in bad rate.
    fn most_alike_pair(&self, i: usize) -> usize {
        let gap = |j: usize| (self.tallies[j].bad_rate() - self.tallies[j + 1].bad_rate()).abs();
        match (i.checked_sub(1), i + 1 < self.tallies.len()) {
            (Some(before), true) if gap(before) <= gap(i) => before,
            (Some(before), false) => before,
            _ => i,
        }
    }
}

fn merge_one_way(
    prebins: &[Tally],
    rows: u64,
    params: &BinningParams,
    order: Option<Ordering>,
) -> Vec<usize> {
    let mut bins = Bins { tallies: prebins.to_vec(), runs: vec![1; prebins.len()] };
    if let Some(order) = order {
        pool_violators(&mut bins, order);
    }
    let least = ((params.min_share * rows as f64).ceil() as u64).max(1);
    merge_small(&mut bins, least);
    merge_to_count(&mut bins, params.max_bins);
    bins.runs
}

/// Pool-adjacent-violators: afterwards each bin's bad rate stands strictly in `order` to the next one's.
fn pool_violators(bins: &mut Bins, order: Ordering) {
    let mut i = 0;
    while i + 1 < bins.tallies.len() {
        if bins.tallies[i].cmp_bad_rate(bins.tallies[i + 1]) == order {
            i += 1;
        } else {
            bins.merge(i);
            i = i.saturating_sub(1);
        }
    }
}

/// Merges every bin with fewer than `least` rows, or without goods or bads, into its more alike
/// neighbour; smallest first. Of the last two bins one may be without goods or bads: a variable that parts
/// good from bad must not end in a single bin.
fn merge_small(bins: &mut Bins, least: u64) {
    while bins.tallies.len() > 1 {
        let pure = |t: &Tally| bins.tallies.len() > 2 && (t.bads == 0 || t.goods() == 0);
        let small = |t: &Tally| t.count < least || pure(t);
        let smallest = (0..bins.tallies.len())
            .filter(|i| small(&bins.tallies[*i]))
            .min_by_key(|i| bins.tallies[*i].count);
        let Some(i) = smallest else { break };
        bins.merge(bins.most_alike_pair(i));
    }
}

/// Merges the pair that costs the least IV until at most `max_bins` are left.
fn merge_to_count(bins: &mut Bins, max_bins: usize) {
    let all = bins.tallies.iter().fold(Tally::default(), |sum, t| sum.merge(*t));
    let part = |tallies: &[Tally]| -> f64 {
        let share = |t: &Tally| {
            let (good, bad) = (t.goods() as f64 / all.goods() as f64, t.bads as f64 / all.bads as f64);
            if good > 0.0 && bad > 0.0 { (good - bad) * libm::log(good / bad) } else { 0.0 }
        };
        tallies.iter().map(share).sum()
    };
    while bins.tallies.len() > max_bins.max(1) {
        let cost = |i: usize| {
            let pair = &bins.tallies[i..i + 2];
            part(pair) - part(&[pair[0].merge(pair[1])])
        };
        let cheapest = (0..bins.tallies.len() - 1).min_by(|a, b| cost(*a).total_cmp(&cost(*b)));
        let Some(i) = cheapest else { break };
        bins.merge(i);
    }
}
