//! Binning against slow, obvious oracles.

use arrears_model::points::iv;
use arrears_train::binning::categories::group_categories;
use arrears_train::binning::monotone::{join, merge};
use arrears_train::binning::quantile::quantile_splits;
use arrears_train::binning::tally::{Tally, unzip};
use arrears_train::binning::{BinningParams, Trend};
use proptest::prelude::*;

/// Bins with at least one good and one bad each, so that none is merged for being one-sided.
fn tallies() -> impl Strategy<Value = Vec<Tally>> {
    let one = (1u64..40, 1u64..40).prop_map(|(bads, goods)| Tally { count: bads + goods, bads });
    prop::collection::vec(one, 1..25)
}

fn params(trend: Trend) -> BinningParams {
    BinningParams { trend, max_bins: 100, min_share: 0.0, ..BinningParams::default() }
}

fn rows(tallies: &[Tally]) -> u64 {
    tallies.iter().map(|t| t.count).sum()
}

/// Isotonic regression by its min-max formula (Barlow et al. 1972): the value at i is the largest, over
/// starts a <= i, of the smallest, over ends b >= i, of the mean of a..=b.
fn isotonic(tallies: &[Tally]) -> Vec<f64> {
    let mean =
        |a: usize, b: usize| tallies[a..=b].iter().fold(Tally::default(), |sum, t| sum.merge(*t)).bad_rate();
    let n = tallies.len();
    let smallest = |a: usize, i: usize| (i..n).map(|b| mean(a, b)).fold(f64::INFINITY, f64::min);
    (0..n).map(|i| (0..=i).map(|a| smallest(a, i)).fold(0.0, f64::max)).collect()
}

fn rates_by_prebin(tallies: &[Tally], runs: &[usize]) -> Vec<f64> {
    let joined = join(tallies, runs);
    joined.iter().zip(runs).flat_map(|(t, n)| vec![t.bad_rate(); *n]).collect()
}

proptest! {
    #[test]
    fn pooling_is_isotonic_regression(tallies in tallies()) {
        let runs = merge(&tallies, rows(&tallies), &params(Trend::Ascending));
        prop_assert_eq!(rates_by_prebin(&tallies, &runs), isotonic(&tallies));
        let mirrored: Vec<Tally> = tallies.iter().rev().copied().collect();
        let mut down = rates_by_prebin(&tallies, &merge(&tallies, rows(&tallies), &params(Trend::Descending)));
        down.reverse();
        prop_assert_eq!(down, isotonic(&mirrored));
    }

    #[test]
    fn auto_takes_the_direction_with_the_higher_iv(tallies in tallies()) {
        let value = |trend| {
            let (counts, bads) = unzip(&join(&tallies, &merge(&tallies, rows(&tallies), &params(trend))));
            iv(&counts, &bads)
        };
        prop_assert_eq!(value(Trend::Auto), value(Trend::Ascending).max(value(Trend::Descending)));
    }

    #[test]
    fn limits_hold_and_no_row_is_lost(tallies in tallies(), max_bins in 2usize..8, share in 0.0..0.4f64) {
        let n = rows(&tallies);
        for trend in [Trend::Auto, Trend::Ascending, Trend::Descending, Trend::None] {
            let params = BinningParams { trend, max_bins, min_share: share, ..BinningParams::default() };
            let runs = merge(&tallies, n, &params);
            let bins = join(&tallies, &runs);
            prop_assert_eq!(runs.iter().sum::<usize>(), tallies.len());
            prop_assert_eq!(rows(&bins), n);
            prop_assert!(bins.len() <= max_bins);
            prop_assert!(bins.len() == 1 || bins.iter().all(|b| b.count as f64 >= share * n as f64));
            let rates: Vec<f64> = bins.iter().map(|b| b.bad_rate()).collect();
            match trend {
                Trend::Ascending => prop_assert!(rates.is_sorted()),
                Trend::Descending => prop_assert!(rates.iter().rev().is_sorted()),
                Trend::Auto => prop_assert!(rates.is_sorted() || rates.iter().rev().is_sorted()),
                Trend::None => {}
            }
        }
    }

    #[test]
    fn quantile_splits_part_no_equal_values(mut values in prop::collection::vec(-20i32..20, 0..200), bins in 2usize..30) {
        let mut numbers: Vec<f64> = values.iter().map(|v| f64::from(*v)).collect();
        let splits = quantile_splits(&mut numbers, bins);
        values.sort_unstable();
        prop_assert!(splits.is_sorted_by(|a, b| a < b));
        // A split is a value, and never the lowest: no bin is empty.
        prop_assert!(splits.iter().all(|s| numbers.contains(s) && *s > numbers[0]));
        prop_assert!(splits.len() < bins * 2);
    }
}

#[test]
fn a_frequent_value_has_a_bin_of_its_own() {
    let mut numbers = vec![0.0; 60];
    numbers.extend((1..=40).map(f64::from));
    // Ten bins of ten rows: zeros alone, then 1..=10, 11..=20, 21..=30, 31..=40.
    assert_eq!(quantile_splits(&mut numbers, 10), [1.0, 11.0, 21.0, 31.0]);
}

#[test]
fn distinct_values_are_cut_into_equal_groups() {
    let mut numbers: Vec<f64> = (0..100).rev().map(f64::from).collect();
    assert_eq!(quantile_splits(&mut numbers, 4), [25.0, 50.0, 75.0]);
    assert_eq!(quantile_splits(&mut [], 4), [0.0; 0]);
    assert_eq!(quantile_splits(&mut [3.0, 3.0, 3.0], 4), [0.0; 0]);
}

#[test]
fn rare_categories_are_pooled_and_groups_ascend_in_bad_rate() {
    let t = |bads, count| Tally { count, bads };
    // a 50 %, b 10 %, c and d rare (together 4 of 20: 20 %), e 11 %.
    let tallies = [t(50, 100), t(10, 100), t(1, 8), t(3, 12), t(11, 100)];
    let params = BinningParams { max_bins: 3, min_share: 0.05, ..BinningParams::default() };
    let groups = group_categories(&tallies, 320, &params);
    // b and e differ least and are merged; the pool lies between them and a.
    assert_eq!(groups.group_of, [2, 0, 1, 1, 0]);
    assert_eq!((groups.groups, groups.rare), (3, Some(1)));
    let none_rare = group_categories(&tallies[..2], 200, &params);
    assert_eq!((none_rare.group_of, none_rare.rare), (vec![1, 0], None));
}

#[test]
fn a_variable_that_parts_good_from_bad_keeps_two_bins() {
    let t = |bads, count| Tally { count, bads };
    let parted = [t(0, 30), t(0, 30), t(30, 30), t(30, 30)];
    for trend in [Trend::Auto, Trend::Ascending, Trend::None] {
        let runs = merge(&parted, 120, &BinningParams { trend, ..BinningParams::default() });
        assert_eq!(runs, [2, 2], "{trend:?}");
    }
    // A one-sided bin beside two others is merged all the same.
    let bins = join(
        &[t(0, 40), t(10, 40), t(30, 40)],
        &merge(&[t(0, 40), t(10, 40), t(30, 40)], 120, &params(Trend::Auto)),
    );
    assert_eq!(bins, [t(10, 80), t(30, 40)]);
}
