//! Coarse bins: neighbouring bins of a feature joined, so that there are few enough to try all trees.

use crate::grow::code::{Feature, Order};
use crate::grow::stats::Stats;

/// Most bins of special codes and missing: with 100 intervals and the cuts of a greedy tree they fit one byte.
const MOST_SPECIAL: usize = 100;

/// The coarse bins of a feature.
#[derive(Clone, Debug)]
pub(super) struct Grid {
    /// The coarse bin of each bin; `None` for a bin that no row is in.
    pub(super) of_bin: Vec<Option<u8>>,
    /// How many hold numbers; they come first, ascending. 0 for categories.
    pub(super) intervals: usize,
    /// How many there are. Those behind the intervals (special codes and missing, or categories) are in order of their
    /// bad rate.
    pub(super) bins: usize,
    /// For each interval the bin it begins with.
    pub(super) starts: Vec<usize>,
}

/// Joins the bins of a feature with these sums to at most `most` intervals, or groups of categories in order of the bad
/// rate, of about as many rows each. At `cuts` a new interval begins whatever the rows; they add to the intervals.
pub(super) fn grid<S: Stats>(feature: &Feature<'_>, sums: &[S], most: usize, cuts: &[usize]) -> Grid {
    let first_floating = match &feature.order {
        Order::Number(number) => number.intervals,
        Order::Category => 0,
    };
    let mut of_bin = vec![None; sums.len()];
    let with_rows =
        |bins: std::ops::Range<usize>| bins.filter(|bin| sums[*bin].rows() > 0).collect::<Vec<_>>();
    let numbers = joined(&with_rows(0..first_floating), sums, most, cuts);
    let mut floating = with_rows(first_floating..sums.len());
    floating.sort_by(|a, b| sums[*a].mean().total_cmp(&sums[*b].mean()).then(a.cmp(b)));
    let most_floating = if first_floating == 0 { most } else { MOST_SPECIAL };
    let floating = joined(&floating, sums, most_floating, &[]);
    let (intervals, bins) = (numbers.len(), numbers.len() + floating.len());
    let starts = numbers.iter().map(|group| group[0]).collect();
    for (group, bins) in numbers.into_iter().chain(floating).enumerate() {
        let group = u8::try_from(group).expect("few enough bins are asked for");
        bins.into_iter().for_each(|bin| of_bin[bin] = Some(group));
    }
    Grid { of_bin, intervals, bins, starts }
}

/// Neighbours of these bins joined to at most `most` groups.
fn joined<S: Stats>(bins: &[usize], sums: &[S], most: usize, cuts: &[usize]) -> Vec<Vec<usize>> {
    let mut left: u64 = bins.iter().map(|bin| sums[*bin].rows()).sum();
    let mut groups: Vec<Vec<usize>> = Vec::new();
    let (mut held, mut planned) = (0, 0);
    for (at, bin) in bins.iter().enumerate() {
        let rows = sums[*bin].rows();
        // As many rows for each group still to come; where the bins just suffice, each its own.
        let fair = (left + held) as f64 / (most + 1 - planned).max(1) as f64;
        let full = held > 0 && held as f64 + rows as f64 / 2.0 > fair;
        let open = groups.is_empty() || (planned < most && (full || bins.len() - at <= most - planned));
        if open {
            planned += 1;
        }
        if open || cuts.contains(bin) {
            groups.push(Vec::new());
            held = 0;
        }
        groups.last_mut().expect("the first bin opens a group").push(*bin);
        held += rows;
        left -= rows;
    }
    groups
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::grow::stats::Counts;

    fn rows(counts: &[u64]) -> Vec<Counts> {
        let of = |count: &u64| (0..*count).fold(Counts::default(), |sum, _| sum.plus(Counts::one(0)));
        counts.iter().map(of).collect()
    }

    #[test]
    fn groups_hold_about_as_many_rows_each() {
        let all = |bins: usize| (0..bins).collect::<Vec<_>>();
        let even = joined(&all(10), &rows(&[5; 10]), 5, &[]);
        assert_eq!(even, [[0, 1], [2, 3], [4, 5], [6, 7], [8, 9]]);
        // One bin holds most rows; the others share what is left.
        let uneven = joined(&all(7), &rows(&[1, 1, 1, 90, 1, 1, 1]), 4, &[]);
        assert_eq!(uneven, [vec![0, 1, 2], vec![3], vec![4, 5], vec![6]]);
        assert_eq!(joined(&all(3), &rows(&[1, 90, 1]), 3, &[]), [[0], [1], [2]]);
        let cut = joined(&all(6), &rows(&[5; 6]), 2, &[1]);
        assert_eq!(cut.iter().map(|group| group[0]).collect::<Vec<_>>(), [0, 1, 4]);
        assert!(joined(&[], &rows(&[0]), 3, &[]).is_empty());
    }
}
