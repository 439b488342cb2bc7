//! Pre-bins, categories and evidence against slow, obvious oracles.

use arrears_train::binning::BinningParams;
use arrears_train::binning::bins::Worth;
use arrears_train::binning::categories::group_categories;
use arrears_train::binning::join::join;
use arrears_train::binning::params::{Objective, Trend};
use arrears_train::binning::quantile::quantile_splits;
use arrears_train::binning::tally::{Counts, Moments, Tally, tally};
use arrears_train::binning::tree::tree_splits;
use arrears_train::codes::Codes;
use proptest::prelude::*;

const IV: Worth = Worth::Distance(Objective::Iv);

fn bin(bads: u64, rows: u64) -> Moments {
    Moments::from(Tally { count: rows, bads })
}

fn sum(bins: &[Moments]) -> Moments {
    bins.iter().fold(Moments::default(), |sum, bin| sum.merge(*bin))
}

/// Gini impurity of a set of (value, target) pairs times its size.
fn impurity(points: &[(f64, f64, f64)]) -> f64 {
    let weight: f64 = points.iter().map(|p| p.2).sum();
    let bad: f64 = points.iter().map(|p| p.1 * p.2).sum::<f64>() / weight.max(1e-300);
    weight * 2.0 * bad * (1.0 - bad)
}

proptest! {
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

    #[test]
    fn quantile_splits_stand_at_ranks_and_around_frequent_values(values in prop::collection::vec(-9i32..60, 1..200), bins in 1usize..30) {
        let mut numbers: Vec<f64> = values.iter().map(|v| f64::from(*v)).collect();
        let found = quantile_splits(&mut numbers, bins);
        numbers.sort_by(f64::total_cmp);
        let n = numbers.len();
        let mut expected: Vec<f64> = (1..bins).map(|i| numbers[i * n / bins]).collect();
        for value in &numbers {
            let alike = numbers.iter().filter(|x| *x == value).count();
            let next = numbers.iter().find(|x| *x > value);
            expected.extend(next.filter(|_| alike * bins >= n));
        }
        expected.retain(|split| *split > numbers[0]);
        expected.sort_by(f64::total_cmp);
        expected.dedup();
        prop_assert_eq!(found, expected);
    }

    #[test]
    fn the_first_split_of_a_tree_is_the_best_there_is(values in prop::collection::vec((0i32..12, any::<bool>(), 1u8..4), 1..40)) {
        let points: Vec<(f64, f64, f64)> =
            values.iter().map(|(x, y, w)| (f64::from(*x), f64::from(u8::from(*y)), f64::from(*w))).collect();
        let after = |split: f64| {
            let (left, right): (Vec<_>, Vec<_>) = points.iter().partition(|p| p.0 < split);
            impurity(&left) + impurity(&right)
        };
        // With two leaves a leaf needs an eighth of the weight.
        let all: f64 = points.iter().map(|p| p.2).sum();
        let possible = |split: &f64| {
            let left: f64 = points.iter().filter(|p| p.0 < *split).map(|p| p.2).sum();
            left > 0.0 && left.min(all - left) >= 0.125 * all
        };
        let best = points.iter().map(|p| p.0).filter(possible).map(after).fold(impurity(&points), f64::min);
        let splits = tree_splits(points.clone(), 2);
        prop_assert!(splits.len() <= 1);
        let found = splits.first().map_or(impurity(&points), |split| after(*split));
        prop_assert!((found - best).abs() < 1e-9, "{found} {best}");
        let many = tree_splits(points.clone(), 6);
        prop_assert!(many.len() < 6 && many.is_sorted_by(|a, b| a < b));
    }

    #[test]
    fn counts_merge_in_any_order(rows in prop::collection::vec((0usize..300, any::<bool>()), 0..200), cut in 0usize..200) {
        for bins in [300, 256] {
            let rows: Vec<(usize, bool)> = rows.iter().map(|(code, bad)| (code % bins, *bad)).collect();
            let codes = |part: &[(usize, bool)]| Codes::collect(bins, part.iter().map(|r| r.0));
            let bad: Vec<bool> = rows.iter().map(|r| r.1).collect();
            let whole = tally(&codes(&rows), bins, &bad);
            let (first, last) = rows.split_at(cut.min(rows.len()));
            let mut parts = Counts::new(bins);
            let mut other = Counts::new(bins);
            parts.update(&codes(last), &bad[first.len()..]);
            other.update(&codes(first), &bad[..first.len()]);
            parts.merge(&other);
            prop_assert_eq!(parts.finish(), whole.clone());
            for (bin, tally) in whole.iter().enumerate() {
                let count = rows.iter().filter(|r| r.0 == bin).count() as u64;
                let bads = rows.iter().filter(|r| r.0 == bin && r.1).count() as u64;
                prop_assert_eq!((tally.count, tally.bads), (count, bads));
            }
        }
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
    // a 50 %, b 10 %, c and d rare (together 4 of 20: 20 %), e 11 %.
    let each = [bin(50, 100), bin(10, 100), bin(1, 8), bin(3, 12), bin(11, 100)];
    let params = BinningParams { max_bins: 3, min_share: 0.05, ..BinningParams::default() };
    let groups = group_categories(&each, sum(&each), IV, &params).unwrap();
    // b and e differ least and are merged; the pool lies between them and a.
    assert_eq!(groups.group_of, [2, 0, 1, 1, 0]);
    assert_eq!((groups.groups, groups.rare), (3, Some(1)));
    let none_rare = group_categories(&each[..2], sum(&each[..2]), IV, &params).unwrap();
    assert_eq!((none_rare.group_of, none_rare.rare), (vec![1, 0], None));
}

#[test]
fn a_variable_that_parts_good_from_bad_keeps_two_bins() {
    let parted = [bin(0, 30), bin(0, 30), bin(30, 30), bin(30, 30)];
    for trend in [Trend::Auto, Trend::Ascending, Trend::None] {
        let found = join(&parted, sum(&parted), IV, &BinningParams { trend, ..BinningParams::default() });
        assert_eq!(found.unwrap().runs, [2, 2], "{trend:?}");
    }
    // A one-sided bin beside two others is merged all the same.
    let bins = [bin(0, 40), bin(10, 40), bin(30, 40)];
    assert_eq!(join(&bins, sum(&bins), IV, &BinningParams::default()).unwrap().runs, [2, 1]);
}

#[test]
fn empty_pre_bins_and_impossible_limits_still_give_a_bin() {
    let params = BinningParams { min_share: 0.0, ..BinningParams::default() };
    let bins = [bin(0, 0), bin(5, 50), bin(0, 0), bin(0, 0), bin(20, 50), bin(0, 0)];
    assert_eq!(join(&bins, sum(&bins), IV, &params).unwrap().runs, [4, 2]);
    assert_eq!(join(&[bin(0, 0); 3], bin(3, 9), IV, &params).unwrap().runs, [3]);
    // Three of a hundred rows have a number: less than the least share, but there is nothing to merge them with.
    let few = BinningParams::default();
    assert_eq!(join(&[bin(1, 2), bin(0, 1)], bin(20, 100), IV, &few).unwrap().runs, [2]);
    let two = BinningParams { min_bins: 2, ..few };
    assert!(join(&[bin(1, 2), bin(0, 1)], bin(20, 100), IV, &two).is_err());
}
