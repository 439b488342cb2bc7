//! The metrics against slow, obvious versions and against the laws they must obey.

#![allow(clippy::unwrap_used, reason = "helper functions of tests")]

use arrears_validate::{
    Error, Points, Ranked, StabilityBand, auc_interval, brier, calibration, chi_square_quantile, confusion,
    gains, log_loss, normal_quantile, psi, silhouette,
};
use proptest::prelude::*;

/// Outcomes with at least one bad and one good, and risks on a coarse grid, so that ties are common.
fn outcomes() -> impl Strategy<Value = (Vec<bool>, Vec<f64>)> {
    (1u32..40, 2usize..80).prop_flat_map(|(grid, rows)| {
        let row = (any::<bool>(), (0..=grid).prop_map(move |i| f64::from(i) / f64::from(grid)));
        prop::collection::vec(row, rows).prop_map(|rows| {
            let (mut bad, risk): (Vec<bool>, Vec<f64>) = rows.into_iter().unzip();
            bad[0] = true;
            bad[1] = false;
            (bad, risk)
        })
    })
}

fn counts(bins: usize, least: u64) -> impl Strategy<Value = Vec<u64>> {
    prop::collection::vec(least..500, bins)
}

fn auc_by_counting_pairs(bad: &[bool], risk: &[f64]) -> f64 {
    let (mut wins, mut pairs) = (0.0, 0.0);
    for i in (0..bad.len()).filter(|&i| bad[i]) {
        for j in (0..bad.len()).filter(|&j| !bad[j]) {
            pairs += 1.0;
            wins += if risk[i] > risk[j] { 1.0 } else { 0.5 * f64::from(u8::from(risk[i] == risk[j])) };
        }
    }
    wins / pairs
}

proptest! {
    #[test]
    fn auc_is_the_share_of_pairs_in_the_right_order((bad, risk) in outcomes()) {
        // Both are one correctly rounded division of the same whole numbers.
        prop_assert_eq!(Ranked::new(&bad, &risk).unwrap().auc(), auc_by_counting_pairs(&bad, &risk));
    }

    #[test]
    fn ranking_sees_the_order_and_nothing_else((bad, risk) in outcomes()) {
        let ranked = Ranked::new(&bad, &risk).unwrap();
        let stretched: Vec<f64> = risk.iter().map(|r| (5.0 * r - 2.0).exp()).collect();
        let stretched = Ranked::new(&bad, &stretched).unwrap();
        prop_assert_eq!(ranked.auc(), stretched.auc());
        prop_assert_eq!(ranked.ks().ks, stretched.ks().ks);
        prop_assert_eq!(ranked.ks().bad_share, stretched.ks().bad_share);
    }

    #[test]
    fn rows_may_come_in_any_order((bad, risk) in outcomes()) {
        let back = |values: &[f64]| values.iter().rev().copied().collect::<Vec<_>>();
        let bad_back: Vec<bool> = bad.iter().rev().copied().collect();
        prop_assert_eq!(Ranked::new(&bad, &risk), Ranked::new(&bad_back, &back(&risk)));
    }

    #[test]
    fn turned_risk_turns_the_auc((bad, risk) in outcomes()) {
        let turned: Vec<f64> = risk.iter().map(|r| -r).collect();
        let (one, other) = (Ranked::new(&bad, &risk).unwrap(), Ranked::new(&bad, &turned).unwrap());
        prop_assert!((one.auc() + other.auc() - 1.0).abs() < 1e-15);
        prop_assert!((one.gini() + other.gini()).abs() < 1e-15);
        prop_assert_eq!(one.ks().ks, other.ks().ks);
    }

    #[test]
    fn the_interval_holds_the_auc_and_grows_with_the_level((bad, risk) in outcomes()) {
        let ranked = Ranked::new(&bad, &risk).unwrap();
        prop_assume!(ranked.bads() > 1 && ranked.goods() > 1);
        let (narrow, wide) = (auc_interval(&ranked, 0.5).unwrap(), auc_interval(&ranked, 0.99).unwrap());
        prop_assert!(0.0 <= wide.lower && wide.lower <= narrow.lower && narrow.lower <= narrow.auc);
        prop_assert!(narrow.auc <= narrow.upper && narrow.upper <= wide.upper && wide.upper <= 1.0);
    }

    #[test]
    fn gains_add_up_and_split_no_tie((bad, risk) in outcomes(), bands in 1usize..15) {
        let ranked = Ranked::new(&bad, &risk).unwrap();
        let table = gains(&ranked, bands).unwrap();
        let last = table[table.len() - 1];
        prop_assert!(table.len() <= bands);
        prop_assert_eq!(table.iter().map(|row| row.rows).sum::<u64>(), ranked.rows());
        prop_assert_eq!(table.iter().map(|row| row.bads).sum::<u64>(), ranked.bads());
        prop_assert_eq!((last.cumulative_bad_share, last.cumulative_good_share, last.ks), (1.0, 1.0, 0.0));
        for pair in table.windows(2) {
            prop_assert!(pair[0].lowest_risk > pair[1].highest_risk);
        }
        let widest = table.iter().map(|row| row.ks).fold(0.0, f64::max);
        prop_assert!(widest <= ranked.ks().ks + 1e-15);
    }

    #[test]
    fn without_ties_the_bands_differ_by_one_row_at_most(rows in 2usize..200, bands in 1usize..15) {
        let bad: Vec<bool> = (0..rows).map(|i| i % 2 == 0).collect();
        let risk: Vec<f64> = (0..rows).map(|i| i as f64).collect();
        let table = gains(&Ranked::new(&bad, &risk).unwrap(), bands).unwrap();
        let sizes: Vec<u64> = table.iter().map(|row| row.rows).collect();
        prop_assert_eq!(table.len(), bands.min(rows));
        prop_assert!(sizes.iter().max().unwrap() - sizes.iter().min().unwrap() <= 1, "{:?}", sizes);
    }

    #[test]
    fn a_forecast_of_the_bad_rate_is_calibrated((bad, risk) in outcomes()) {
        // Replace each risk by the bad rate of its tie: nothing is left to correct.
        let rate = |r: f64| {
            let tie: Vec<bool> = (0..bad.len()).filter(|&i| risk[i] == r).map(|i| bad[i]).collect();
            tie.iter().filter(|&&b| b).count() as f64 / tie.len() as f64
        };
        let pd: Vec<f64> = risk.iter().map(|&r| rate(r)).collect();
        let found = calibration(&Ranked::new(&bad, &pd).unwrap(), 10, 0.95).unwrap();
        prop_assert!(found.largest_error < 1e-12);
        for band in &found.bands {
            prop_assert!(0.0 <= band.lower && band.lower <= band.bad_rate + 1e-15);
            prop_assert!(band.bad_rate <= band.upper + 1e-15 && band.upper <= 1.0);
        }
    }

    #[test]
    fn psi_is_symmetric_and_not_negative((a, b) in (1usize..12).prop_flat_map(|n| (counts(n, 0), counts(n, 0)))) {
        prop_assume!(a.iter().sum::<u64>() > 0 && b.iter().sum::<u64>() > 0);
        let (one, other) = (psi(&a, &b).unwrap(), psi(&b, &a).unwrap());
        prop_assert!(one.psi >= 0.0 && one.parts.iter().all(|&part| part >= 0.0));
        prop_assert!((one.psi - other.psi).abs() <= 1e-12 * one.psi.max(1.0));
        prop_assert_eq!(psi(&a, &a).unwrap().psi, 0.0);
    }

    #[test]
    fn psi_looks_at_shares(a in counts(6, 1), b in counts(6, 1)) {
        let doubled: Vec<u64> = b.iter().map(|n| 2 * n).collect();
        let (one, other) = (psi(&a, &b).unwrap(), psi(&a, &doubled).unwrap());
        prop_assert!((one.psi - other.psi).abs() <= 1e-12 * one.psi.max(1.0));
        prop_assert!(other.adjusted_threshold < one.adjusted_threshold);
    }

    #[test]
    fn normal_quantile_is_odd_and_rises(p in 1e-9f64..0.5, q in 1e-9f64..0.5) {
        // 1 - p itself rounds, which moves the quantile by up to 1e-16 / density.
        prop_assert!((normal_quantile(p) + normal_quantile(1.0 - p)).abs() < 1e-7);
        prop_assert_eq!(p < q, normal_quantile(p) < normal_quantile(q));
    }

    #[test]
    fn chi_square_with_two_degrees_is_exponential(p in 1e-6f64..0.999_999) {
        let expected = -2.0 * (-p).ln_1p();
        prop_assert!((chi_square_quantile(p, 2) - expected).abs() <= 1e-9 * expected);
    }
}

/// Numbers that look random, the same every time.
fn scattered(seed: u64, count: usize) -> Vec<f64> {
    (0..count as u64).map(|i| (splitmix64(seed, i) >> 11) as f64 / (1u64 << 53) as f64).collect()
}

/// Output `index` of the splitmix64 generator, written as the running generator it is.
fn splitmix64(seed: u64, index: u64) -> u64 {
    let state = (0..=index).fold(seed, |state, _| state.wrapping_add(0x9e3779b97f4a7c15));
    let z = (state ^ (state >> 30)).wrapping_mul(0xbf58476d1ce4e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d049bb133111eb);
    z ^ (z >> 31)
}

/// The silhouette straight from its definition.
fn silhouette_by_definition(values: &[f64], dims: usize, segment: &[usize], segments: usize) -> f64 {
    let point = |i: usize| &values[i * dims..(i + 1) * dims];
    let distance = |i: usize, j: usize| -> f64 {
        point(i).iter().zip(point(j)).map(|(x, y)| (x - y).powi(2)).sum::<f64>().sqrt()
    };
    let width = |i: usize| {
        let mean_to = |s: usize| {
            let others: Vec<usize> = (0..segment.len()).filter(|&j| j != i && segment[j] == s).collect();
            others.iter().map(|&j| distance(i, j)).sum::<f64>() / others.len() as f64
        };
        let a = mean_to(segment[i]);
        let b = (0..segments).filter(|&s| s != segment[i]).map(mean_to).fold(f64::INFINITY, f64::min);
        if a.is_nan() { 0.0 } else { (b - a) / a.max(b) }
    };
    (0..segment.len()).map(width).sum::<f64>() / segment.len() as f64
}

#[test]
fn a_sampled_silhouette_is_the_exact_one_of_the_sampled_rows() {
    // The first outputs for seed 1234567, as published with the generator.
    assert_eq!(splitmix64(1234567, 0), 6457827717110365317);
    assert_eq!(splitmix64(1234567, 1), 3203168211198807973);
    let (rows, dims, limit, seed) = (700, 3, 300, 1234567);
    let values = scattered(5, rows * dims);
    let segment: Vec<usize> = (0..rows).map(|i| usize::from(values[i * dims] > 0.4)).collect();
    let mut order: Vec<usize> = (0..rows).collect();
    order.sort_by_key(|&row| splitmix64(seed, row as u64));
    let taken = &order[..limit];
    let taken_values: Vec<f64> =
        taken.iter().flat_map(|&i| values[i * dims..(i + 1) * dims].to_vec()).collect();
    let taken_segment: Vec<usize> = taken.iter().map(|&i| segment[i]).collect();

    let found = silhouette(Points::new(&values, dims).unwrap(), &segment, 2, limit, seed).unwrap();
    let expected = silhouette_by_definition(&taken_values, dims, &taken_segment, 2);
    assert!((found.mean - expected).abs() < 1e-12, "{} {expected}", found.mean);
    assert_eq!((found.rows, found.rows_measured), (rows, limit));
    assert_eq!(found.segments.iter().map(|s| s.rows).sum::<usize>(), limit);

    let exact = silhouette(Points::new(&values, dims).unwrap(), &segment, 2, rows, seed).unwrap();
    assert!((exact.mean - silhouette_by_definition(&values, dims, &segment, 2)).abs() < 1e-12);
    let other_seed = silhouette(Points::new(&values, dims).unwrap(), &segment, 2, limit, 8).unwrap();
    assert_ne!(found.mean, other_seed.mean);
}

fn ranked_twice() -> Ranked {
    Ranked::new(&[true, false, true, false], &[0.5; 4]).unwrap()
}

#[test]
fn what_cannot_be_measured_is_an_error_that_names_the_place() {
    let text = |error: Error| error.to_string();
    let (bad, half) = ([true, false], [0.5, 0.5]);
    assert_eq!(
        text(Ranked::new(&bad, &[0.5]).unwrap_err()),
        "`risk` has 1 values, expected 2: give exactly one value for each row"
    );
    assert_eq!(text(Ranked::new(&[], &[]).unwrap_err()), "`risk` is empty: at least one value is needed");
    assert_eq!(
        text(Ranked::new(&bad, &[0.5, f64::NAN]).unwrap_err()),
        "row 1 of `risk` is NaN, expected a number"
    );
    assert_eq!(
        text(Ranked::new(&[false, false], &half).unwrap_err()),
        "found 0 bad rows, but at least 1 are needed to measure this"
    );
    assert!(matches!(
        Ranked::new(&[true, true], &half),
        Err(Error::TooFew { what: "good rows", needed: 1, found: 0 })
    ));
    let ranked = Ranked::new(&bad, &half).unwrap();
    assert!(matches!(auc_interval(&ranked, 0.95), Err(Error::TooFew { what: "bad rows", .. })));
    for level in [0.0, 1.0, f64::NAN] {
        assert!(matches!(auc_interval(&ranked_twice(), level), Err(Error::Parameter { name: "level", .. })));
        assert!(matches!(calibration(&ranked, 10, level), Err(Error::Parameter { name: "level", .. })));
    }
    assert!(matches!(gains(&ranked, 0), Err(Error::Parameter { name: "bands", .. })));
    for pd in [[0.5, 1.5], [0.5, -0.1], [0.5, f64::NAN]] {
        assert!(matches!(brier(&bad, &pd), Err(Error::Value { row: 1, .. })));
        assert!(matches!(log_loss(&bad, &pd), Err(Error::Value { row: 1, .. })));
        assert!(matches!(confusion(&bad, &pd, 0.5), Err(Error::Value { row: 1, .. })));
    }
    assert!(matches!(confusion(&bad, &half, f64::NAN), Err(Error::Parameter { name: "cutoff", .. })));
    let by_score = Ranked::new(&bad, &[600.0, 550.0]).unwrap();
    assert!(matches!(calibration(&by_score, 10, 0.95), Err(Error::Parameter { name: "risk", .. })));
    assert!(matches!(psi(&[1, 2], &[1]), Err(Error::Length { expected: 2, found: 1, .. })));
    assert!(matches!(psi(&[0, 0], &[1, 1]), Err(Error::TooFew { what: "expected rows", .. })));
    assert!(matches!(psi(&[u64::MAX, 1], &[1, 1]), Err(Error::Parameter { name: "expected rows", .. })));
    assert!(matches!(Points::new(&[1.0, 2.0, 3.0], 2), Err(Error::Length { .. })));
    assert!(matches!(Points::new(&[1.0, 2.0, f64::NAN, 3.0], 2), Err(Error::Value { row: 1, .. })));
    let points = Points::new(&[1.0, 2.0], 1).unwrap();
    assert!(matches!(silhouette(points, &[0, 0], 2, 10, 0), Err(Error::TooFew { found: 1, .. })));
    assert!(matches!(silhouette(points, &[0, 2], 2, 10, 0), Err(Error::Segment { row: 1, segment: 2, .. })));
}

#[test]
fn signed_zeros_are_one_tie() {
    let ranked = Ranked::new(&[true, false], &[-0.0, 0.0]).unwrap();
    assert_eq!(ranked.auc(), 0.5);
    assert_eq!(ranked.ties().len(), 1);
}

#[test]
fn psi_bands_begin_at_their_limits() {
    let bands = [0.0, 0.0999, 0.1, 0.2499, 0.25, 3.0].map(StabilityBand::of);
    use StabilityBand::{Shift, Stable, Unstable};
    assert_eq!(bands, [Stable, Stable, Shift, Shift, Unstable, Unstable]);
}

#[test]
fn quantiles_at_and_beyond_the_ends() {
    assert_eq!(normal_quantile(0.0), f64::NEG_INFINITY);
    assert_eq!(normal_quantile(1.0), f64::INFINITY);
    assert!(normal_quantile(f64::NAN).is_nan() && chi_square_quantile(f64::NAN, 3).is_nan());
    assert_eq!(chi_square_quantile(0.0, 3), 0.0);
    assert_eq!(chi_square_quantile(1.0, 3), f64::INFINITY);
    assert_eq!(chi_square_quantile(0.95, 0), 0.0);
}
