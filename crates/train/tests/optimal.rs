//! The optimal binning against an oracle that tries every way to join the pre-bins.

use arrears_train::binning::bins::Worth;
use arrears_train::binning::optimal::{optimise, p_value};
use arrears_train::binning::params::{BinningParams, Objective, Trend};
use arrears_train::binning::tally::Moments;
use proptest::prelude::*;

const TRENDS: [Trend; 7] = [
    Trend::Ascending,
    Trend::Descending,
    Trend::Peak,
    Trend::Valley,
    Trend::Convex,
    Trend::Concave,
    Trend::None,
];

fn sum(bins: &[Moments]) -> Moments {
    bins.iter().fold(Moments::default(), |sum, bin| sum.merge(*bin))
}

/// All ways to join n neighbours, as sizes of the runs.
fn all_ways(n: usize) -> Vec<Vec<usize>> {
    (0..1u32 << (n - 1))
        .map(|cuts| {
            let mut runs = vec![1];
            for i in 0..n - 1 {
                if cuts >> i & 1 == 1 {
                    runs.push(1)
                } else {
                    *runs.last_mut().expect("it starts with one") += 1
                }
            }
            runs
        })
        .collect()
}

fn follows(trend: Trend, means: &[f64]) -> bool {
    let up = |m: &[f64]| m.windows(2).all(|w| w[0] < w[1]);
    let down = |m: &[f64]| m.windows(2).all(|w| w[0] > w[1]);
    let turn = |first: &dyn Fn(&[f64]) -> bool, then: &dyn Fn(&[f64]) -> bool| {
        (0..means.len()).any(|top| first(&means[..=top]) && then(&means[top..]))
    };
    match trend {
        Trend::Ascending => up(means),
        Trend::Descending => down(means),
        Trend::Peak => turn(&up, &down),
        Trend::Valley => turn(&down, &up),
        Trend::Convex => means.windows(3).all(|m| m[0] >= 2.0 * m[1] - m[2]),
        Trend::Concave => means.windows(3).all(|m| m[0] <= 2.0 * m[1] - m[2]),
        Trend::None => true,
        Trend::Auto => unreachable!("the oracle is asked for one trend"),
    }
}

fn worth_of(worth: Worth, bins: &[Moments], whole: Moments) -> f64 {
    let (all_bad, all_good) = (whole.sum, whole.weight - whole.sum);
    let one = |bin: &Moments| {
        let (bad, good) = (bin.sum, bin.weight - bin.sum);
        let (p, q) = (good / all_good, bad / all_bad);
        let kl = |a: f64, b: f64| if a > 0.0 { a * (a / b).ln() } else { 0.0 };
        match worth {
            Worth::Variance => {
                bin.weight * (bin.mean() - whole.mean()).powi(2)
                    / (whole.squares - whole.sum * whole.sum / whole.weight)
            }
            Worth::Distance(Objective::Iv) if bad == 0.0 || good == 0.0 => {
                (p - q) * ((good + 0.5) / all_good / ((bad + 0.5) / all_bad)).ln()
            }
            Worth::Distance(Objective::Iv) => (p - q) * (p / q).ln(),
            Worth::Distance(Objective::Js) => 0.5 * kl(p, (p + q) / 2.0) + 0.5 * kl(q, (p + q) / 2.0),
            Worth::Distance(Objective::Hellinger) => 0.5 * (p.sqrt() - q.sqrt()).powi(2),
            Worth::Distance(Objective::Triangular) => (p - q).powi(2) / (p + q),
        }
    };
    bins.iter().map(one).sum()
}

fn allowed(p: &BinningParams, worth: Worth, bins: &[Moments], whole: Moments) -> bool {
    let means: Vec<f64> = bins.iter().map(|bin| bin.sum / bin.weight).collect();
    let sizes = bins.iter().all(|bin| {
        let share = bin.weight / whole.weight;
        share >= p.min_share - 1e-9 && share <= p.max_share + 1e-9
    });
    let both = worth == Worth::Variance
        || bins.iter().all(|bin| bin.sum >= p.min_bads && bin.weight - bin.sum >= p.min_goods);
    let apart = means.windows(2).all(|m| (m[0] - m[1]).abs() >= p.min_difference);
    let tested =
        p.max_p_value >= 1.0 || bins.windows(2).all(|pair| p_value(pair[0], pair[1], worth) <= p.max_p_value);
    (p.min_bins..=p.max_bins).contains(&bins.len())
        && sizes
        && both
        && apart
        && tested
        && follows(p.trend, &means)
}

fn join(prebins: &[Moments], runs: &[usize]) -> Vec<Moments> {
    let mut at = 0;
    let bin = |n: &usize| {
        at += n;
        sum(&prebins[at - n..at])
    };
    runs.iter().map(bin).collect()
}

/// The most any allowed way is worth.
fn oracle(
    prebins: &[Moments],
    whole: Moments,
    worth: Worth,
    p: &BinningParams,
    fixed: &[usize],
) -> Option<f64> {
    let keeps = |runs: &[usize]| {
        let mut at = 0;
        let starts: Vec<usize> = runs
            .iter()
            .map(|n| {
                at += n;
                at - n
            })
            .collect();
        fixed.iter().all(|f| starts.contains(f))
    };
    let ways = all_ways(prebins.len()).into_iter().filter(|runs| keeps(runs));
    let ways = ways.map(|runs| join(prebins, &runs)).filter(|bins| allowed(p, worth, bins, whole));
    ways.map(|bins| worth_of(worth, &bins, whole)).reduce(f64::max)
}

fn check(
    prebins: &[Moments],
    apart: Moments,
    worth: Worth,
    p: &BinningParams,
    fixed: &[usize],
) -> Result<(), TestCaseError> {
    let whole = sum(prebins).merge(apart);
    match (optimise(prebins, whole, worth, p, fixed), oracle(prebins, whole, worth, p, fixed)) {
        (Ok(found), Some(most)) => {
            let bins = join(prebins, &found.runs);
            prop_assert_eq!(found.runs.iter().sum::<usize>(), prebins.len());
            prop_assert!(
                allowed(&BinningParams { trend: found.trend, ..p.clone() }, worth, &bins, whole),
                "{:?} {:?}",
                found,
                p
            );
            let own = worth_of(worth, &bins, whole);
            prop_assert!(
                (own - found.worth).abs() <= 1e-12 + 1e-9 * most.abs(),
                "{own} is not {}",
                found.worth
            );
            prop_assert!(own >= most - 1e-12 - 1e-9 * most.abs(), "{own} < {most}: {p:?} {prebins:?}");
        }
        (Err(_), None) => {}
        (found, most) => prop_assert!(false, "{found:?} but the oracle has {most:?}: {p:?}"),
    }
    Ok(())
}

fn binary() -> impl Strategy<Value = Vec<Moments>> {
    // Few different counts, so that equal bad rates and one-sided bins are common.
    let bin = (0u64..9, 0u64..9).prop_filter_map("no empty pre-bin", |(bads, goods)| {
        let weight = (bads + goods) as f64;
        (weight > 0.0).then_some(Moments {
            rows: bads + goods,
            weight,
            sum: bads as f64,
            squares: bads as f64,
        })
    });
    let many = (1u64..400, 1u64..400).prop_map(|(bads, goods)| Moments {
        rows: bads + goods,
        weight: (bads + goods) as f64,
        sum: bads as f64,
        squares: bads as f64,
    });
    prop_oneof![prop::collection::vec(bin, 1..10), prop::collection::vec(many, 1..10)].prop_filter(
        "both outcomes",
        |bins| {
            let all = sum(bins);
            all.sum > 0.0 && all.sum < all.weight
        },
    )
}

fn numeric() -> impl Strategy<Value = Vec<Moments>> {
    let bin = prop::collection::vec((0.1f64..3.0, -5.0f64..5.0), 1..6).prop_map(|rows| {
        let mut moments = Moments::default();
        rows.into_iter().for_each(|(weight, y)| moments.add(weight, y));
        moments
    });
    prop::collection::vec(bin, 1..9).prop_filter("a variance to explain", |bins| {
        let all = sum(bins);
        all.squares - all.sum * all.mean() > 1e-6
    })
}

fn limits() -> impl Strategy<Value = BinningParams> {
    let counts = (1usize..4, 0usize..7, 0.0f64..0.3, prop_oneof![Just(1.0), 0.3f64..1.0]);
    let cells = (0u8..4, 0u8..4);
    let neighbours =
        (prop_oneof![2 => Just(0.0), 1 => 0.0f64..0.3], prop_oneof![2 => Just(1.0), 1 => 0.001f64..0.9]);
    (counts, cells, neighbours).prop_map(
        |((min_bins, more, min_share, max_share), (bads, goods), (gap, p))| BinningParams {
            min_bins,
            max_bins: min_bins + more,
            min_share,
            max_share,
            min_bads: f64::from(bads),
            min_goods: f64::from(goods),
            min_difference: gap,
            max_p_value: p,
            ..BinningParams::default()
        },
    )
}

fn free() -> BinningParams {
    BinningParams { min_share: 0.0, min_bads: 0.0, min_goods: 0.0, max_bins: 100, ..BinningParams::default() }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3000))]

    #[test]
    fn iv_is_the_most_there_is_for_every_trend(prebins in binary(), limits in limits(), fixed in prop::option::of(1usize..9)) {
        let fixed: Vec<usize> = fixed.into_iter().filter(|f| *f < prebins.len()).collect();
        for trend in TRENDS {
            let worth = Worth::Distance(Objective::Iv);
            check(&prebins, Moments::default(), worth, &BinningParams { trend, ..limits.clone() }, &fixed)?;
            check(&prebins, Moments::default(), worth, &BinningParams { trend, ..free() }, &[])?;
        }
    }

    #[test]
    fn so_are_the_other_distances_and_the_variance(prebins in binary(), numbers in numeric(), limits in limits(), bads in 0u8..20, goods in 0u8..20) {
        // Rows with missing values count in the shares but stand in no pre-bin.
        let rows = u64::from(bads) + u64::from(goods);
        let bads = f64::from(bads);
        let apart = Moments { rows, weight: rows as f64, sum: bads, squares: bads };
        for trend in TRENDS {
            let limits = BinningParams { trend, ..limits.clone() };
            for objective in [Objective::Iv, Objective::Js, Objective::Hellinger, Objective::Triangular] {
                check(&prebins, apart, Worth::Distance(objective), &limits, &[])?;
            }
            check(&numbers, Moments::default(), Worth::Variance, &limits, &[])?;
        }
    }

    #[test]
    fn auto_is_monotone_or_a_turn_worth_more(prebins in binary(), limits in limits()) {
        let whole = sum(&prebins);
        let worth = Worth::Distance(Objective::Iv);
        let of = |trend| optimise(&prebins, whole, worth, &BinningParams { trend, ..limits.clone() }, &[]).ok();
        let size = whole.sum * (whole.weight - whole.sum) / whole.weight;
        let most = |a, b| [of(a), of(b)].into_iter().flatten().map(|o| o.worth).reduce(f64::max);
        match (of(Trend::Auto), most(Trend::Ascending, Trend::Descending), most(Trend::Peak, Trend::Valley)) {
            (None, None, None) => {}
            (Some(auto), Some(straight), Some(turned)) => {
                let turns = (turned - straight) * size > 10.83 || turned < limits.min_iv;
                prop_assert_eq!(auto.worth, if turns { turned } else { straight });
                prop_assert_eq!(matches!(auto.trend, Trend::Peak | Trend::Valley), turns);
            }
            (Some(auto), None, Some(turned)) => prop_assert_eq!(auto.worth, turned),
            other => prop_assert!(false, "{other:?}"),
        }
    }
}

#[test]
fn what_cannot_be_kept_is_named() {
    let bin = |bads: f64, rows: u64| Moments { rows, weight: rows as f64, sum: bads, squares: bads };
    let prebins = [bin(5.0, 50), bin(6.0, 50), bin(7.0, 50), bin(20.0, 50)];
    let whole = sum(&prebins);
    let worth = Worth::Distance(Objective::Iv);
    let limits = BinningParams { min_bins: 3, min_bads: 10.0, ..BinningParams::default() };
    let why = optimise(&prebins, whole, worth, &limits, &[]).unwrap_err();
    assert_eq!(why.limits, ["min_bins = 3", "min_bads = 10"]);
    assert_eq!(
        why.to_string(),
        "no binning keeps `min_bins = 3` beside `min_bads = 10`: 4 pre-bins with 200 rows, 162 of them good and 38 bad"
    );
    let limits = BinningParams { min_bins: 2, trend: Trend::Descending, ..BinningParams::default() };
    assert_eq!(
        optimise(&prebins, whole, worth, &limits, &[]).unwrap_err().limits,
        ["min_bins = 2", "trend = descending"]
    );
}

#[test]
fn the_p_value_is_that_of_the_two_proportion_z_test() {
    // 30 of 100 against 45 of 100: z = 0.15 / sqrt(0.375 x 0.625 x 0.02) = 2.19089; p = 0.028460 (normal table).
    let bin = |bads: f64| Moments { rows: 100, weight: 100.0, sum: bads, squares: bads };
    let p = p_value(bin(30.0), bin(45.0), Worth::Distance(Objective::Iv));
    assert!((p - 0.028_459_736_916_310_6).abs() < 1e-9, "{p}");
    assert_eq!(p_value(bin(0.0), bin(0.0), Worth::Distance(Objective::Iv)), 1.0);
}
