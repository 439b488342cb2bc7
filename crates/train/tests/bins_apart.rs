//! Bins apart (missing, special, unseen): one declared policy in the fit, the score, the points and every table.

#![allow(clippy::unwrap_used, reason = "helper functions of tests")]

use arrears_data::{Format, Loaded, clean, read_bytes};
use arrears_model::points::{PointsRow, Spread, points_table};
use arrears_model::schema::OutOfRange;
use arrears_model::transform::Transform;
use arrears_model::{Field, Kind, Scorer, Special, Value};
use arrears_train::binning::analysis::{AnalysisOptions, AnyTable, VariableBins, analyse};
use arrears_train::binning::apart::{Shape, share_evidence};
use arrears_train::binning::bins::Worth;
use arrears_train::binning::evidence::{Evidence, information_value, woe_by_bin};
use arrears_train::binning::params::{Apart, BinningParams, Objective, Trend};
use arrears_train::binning::summary::summary;
use arrears_train::binning::table::binning_table;
use arrears_train::binning::tally::{Moments, Tally};
use arrears_train::{Recipe, Trained, train};
use proptest::prelude::*;

const IV: Worth = Worth::Distance(Objective::Iv);

fn bin(bads: u64, rows: u64) -> Moments {
    Moments::from(Tally { count: rows, bads })
}

/// A number with a special code.
fn number(regular: usize, trend: Trend) -> Shape {
    Shape { regular, category: false, rare: None, trend, worth: IV }
}

fn told(missing: Apart, special: Apart) -> BinningParams {
    BinningParams { missing, special, ..BinningParams::default() }
}

#[test]
fn bins_apart_have_the_evidence_declared() {
    // Three regular bins (10, 20 and 40 %), one special code (38 %), missing (12 %).
    let bins = [bin(10, 100), bin(20, 100), bin(40, 100), bin(19, 50), bin(6, 50)];
    let of = |missing, special| {
        share_evidence(&bins, &number(3, Trend::Ascending), &told(missing, special))[3..].to_vec()
    };
    assert_eq!(of(Apart::Own, Apart::Own), [Evidence::Own, Evidence::Own]);
    assert_eq!(of(Apart::MostAlike, Apart::MostAlike), [Evidence::Pooled(2), Evidence::Pooled(0)]);
    assert_eq!(of(Apart::Riskiest, Apart::Own), [Evidence::Own, Evidence::Taken(2)]);
    // Goods 305, bads 95. Missing with the first bin: 16 bads, 134 goods.
    let params = told(Apart::MostAlike, Apart::Own);
    let evidence = share_evidence(&bins, &number(3, Trend::Ascending), &params);
    let woe = woe_by_bin(&bins, &evidence);
    let expected = ((134.0 / 305.0) / (16.0 / 95.0_f64)).ln();
    assert!((woe[0] - expected).abs() < 1e-12 && woe[0] == woe[4], "{woe:?}");
    let part = |bads: f64, rows: f64| {
        let (p, q) = ((rows - bads) / 305.0, bads / 95.0);
        (p - q) * (p / q).ln()
    };
    let iv = part(16.0, 150.0) + part(20.0, 100.0) + part(40.0, 100.0) + part(19.0, 50.0);
    assert!((information_value(&bins, &evidence) - iv).abs() < 1e-12);
    // Missing never seen in training: nothing is most alike, but the riskiest is known.
    let mut never = bins;
    never[4] = bin(0, 0);
    let with = |missing| {
        woe_by_bin(&never, &share_evidence(&never, &number(3, Trend::Ascending), &told(missing, Apart::Own)))
    };
    assert_eq!(with(Apart::MostAlike)[4], 0.0);
    assert_eq!(with(Apart::Riskiest)[4], with(Apart::Own)[2]);
}

#[test]
fn an_unseen_category_goes_by_the_rare_ones_whatever_else_is_declared() {
    // Three groups, unseen, missing; rows of an unseen category come with rejected applicants only.
    for unseen in [bin(0, 0), bin(30, 40)] {
        let bins = [bin(10, 100), bin(20, 100), bin(40, 100), unseen, bin(6, 50)];
        for policy in [Apart::Own, Apart::MostAlike, Apart::Riskiest] {
            let of = |rare| {
                let shape = Shape { regular: 3, category: true, rare, trend: Trend::Ascending, worth: IV };
                share_evidence(&bins, &shape, &told(policy, policy))[3]
            };
            assert_eq!((of(Some(1)), of(None)), (Evidence::Taken(1), Evidence::Neutral));
        }
    }
}

/// By hand: regular bins of 10, 20 and 40 %, and 1,000 missing rows that are far better than any of them.
#[test]
fn the_riskiest_gives_its_woe_and_keeps_its_counts() {
    let bins = [bin(10, 100), bin(20, 100), bin(40, 100), bin(0, 0), bin(30, 1000)];
    let evidence = share_evidence(&bins, &number(3, Trend::Ascending), &told(Apart::Riskiest, Apart::Own));
    let (goods, bads) = (1200.0, 100.0);
    let alone = |g: f64, b: f64| ((g / goods) / (b / bads)).ln();
    let woe = woe_by_bin(&bins, &evidence);
    let expected = [alone(90.0, 10.0), alone(80.0, 20.0), alone(60.0, 40.0), 0.0, alone(60.0, 40.0)];
    woe.iter().zip(expected).for_each(|(a, b)| assert!((a - b).abs() < 1e-12, "{woe:?}"));
    let special = vec![Special::Value(-9.0)];
    let kind = Kind::Number { min: None, max: None, out_of_range: OutOfRange::Reject, special };
    let field = Field { name: "x".to_owned(), kind, reason: None, required: false, formula: None };
    let transform = Transform::Intervals { field: 0, splits: vec![1.0, 2.0] };
    let table = binning_table(&field, &transform, &bins, &evidence);
    assert_eq!((table.bins[4].iv, table.bins[4].js, table.bins[4].merged_with), (None, None, Some(2)));
    assert_eq!((table.bins[4].bads, table.bins[2].bads), (30.0, 40.0), "each shows its own counts");
    // Both rows by the one WoE: 60 + 970 goods, 40 + 30 bads. It misleads, so it costs.
    let iv = (1030.0 / goods - 70.0 / bads) * woe[2];
    assert!((table.bins[2].iv.unwrap() - iv).abs() < 1e-12 && iv < 0.0, "{table:?}");
    // Mean log-likelihood gained over a coin, goods and bads weighing the same.
    let p = |woe: f64| 1.0 / (1.0 + (-woe).exp());
    let gain =
        |g: f64, b: f64, woe: f64| (g / goods * (2.0 * p(woe)).ln() + b / bads * (2.0 * p(-woe)).ln()) / 2.0;
    let js = gain(1030.0, 70.0, woe[2]);
    assert!((table.bins[2].js.unwrap() - js).abs() < 1e-12, "{js} {table:?}");
    assert!((table.bins[0].js.unwrap() - gain(90.0, 10.0, woe[0])).abs() < 1e-12);
    let sum: f64 = table.bins.iter().filter_map(|b| b.iv).sum();
    assert!((table.total.iv - sum).abs() < 1e-12);
    assert!((table.total.iv - information_value(&bins, &evidence)).abs() < 1e-12);
    // Gini and KS are of that score too: pairs of a good and a bad, ordered by WoE.
    let rows = [(90.0, 10.0, 2), (80.0, 20.0, 1), (1030.0, 70.0, 0)];
    let mut gini = 0.0;
    for (g, _, good) in rows {
        for (_, b, bad) in rows {
            gini += g * b * f64::from(good.cmp(&bad) as i8) / (goods * bads);
        }
    }
    let figures = summary(&table, true);
    assert!((figures.gini.unwrap() - gini).abs() < 1e-12, "{gini} {figures:?}");
    assert_eq!(figures.trend.unwrap().describe(), "ascending");
}

/// 10, 20 and 30 % rise evenly; with 24 % of many rows in the middle bin the rises would be 14 and 6 points.
#[test]
fn what_would_break_the_trend_is_not_pooled() {
    let bins = [bin(100, 1000), bin(200, 1000), bin(300, 1000), bin(0, 0), bin(2400, 10_000)];
    let of = |trend| share_evidence(&bins, &number(3, trend), &told(Apart::MostAlike, Apart::Own));
    assert_eq!(of(Trend::Convex)[4], Evidence::Taken(1));
    assert_eq!(of(Trend::Ascending)[4], Evidence::Pooled(1));
    assert_eq!(of(Trend::Concave)[4], Evidence::Pooled(1));
    let woe = |evidence: &[Evidence]| woe_by_bin(&bins, evidence);
    let own = [vec![Evidence::Own; 4], vec![Evidence::Own]].concat();
    assert_eq!(woe(&of(Trend::Convex))[..3], woe(&own)[..3]);
    assert_eq!(woe(&of(Trend::Convex))[4], woe(&own)[1]);
}

fn rises(levels: &[f64]) -> Vec<std::cmp::Ordering> {
    levels.windows(2).map(|pair| pair[0].total_cmp(&pair[1])).collect()
}

proptest! {
    /// Whatever is declared, the WoE of the regular bins runs as it does without bins apart; `riskiest` leaves it bit
    /// for bit, and is the lowest there is.
    #[test]
    fn no_policy_changes_the_course_of_the_woe(
        regular in prop::collection::vec((0u64..60, 1u64..200), 1..7),
        special in (0u64..300, 0u64..3000), missing in (0u64..300, 0u64..3000),
        curve in 0usize..3, policies in (0usize..3, 0usize..3),
    ) {
        let mut bins: Vec<Moments> = regular.iter().map(|(bads, goods)| bin(*bads, bads + goods)).collect();
        let trend = [Trend::None, Trend::Convex, Trend::Concave][curve];
        let means: Vec<f64> = bins.iter().map(|b| b.mean()).collect();
        let curved = |means: &[f64]| means.windows(3).all(|m| match trend {
            Trend::Convex => m[0] - 2.0 * m[1] + m[2] >= -1e-12,
            Trend::Concave => m[0] - 2.0 * m[1] + m[2] <= 1e-12,
            _ => true,
        });
        prop_assume!(curved(&means) && regular.iter().any(|(bads, _)| *bads > 0));
        let n = bins.len();
        bins.extend([special, missing].map(|(bads, goods)| bin(bads, bads + goods)));
        let [first, second] = [policies.0, policies.1].map(|p| [Apart::Own, Apart::MostAlike, Apart::Riskiest][p]);
        let evidence = share_evidence(&bins, &number(n, trend), &told(second, first));
        let (before, after) = (woe_by_bin(&bins, &vec![Evidence::Own; n + 2]), woe_by_bin(&bins, &evidence));
        prop_assert_eq!(rises(&before[..n]), rises(&after[..n]));
        let pooled = |at: usize| {
            let with = (n..n + 2).filter(|b| evidence[*b] == Evidence::Pooled(at));
            with.fold(bins[at], |sum, b| sum.merge(bins[b])).mean()
        };
        prop_assert!(curved(&(0..n).map(pooled).collect::<Vec<_>>()));
        let lowest = after[..n].iter().copied().fold(f64::INFINITY, f64::min);
        for (at, policy) in [(n, first), (n + 1, second)] {
            if policy == Apart::Riskiest {
                prop_assert_eq!(after[at], lowest);
            }
        }
        if first != Apart::MostAlike && second != Apart::MostAlike {
            prop_assert_eq!(&before[..n], &after[..n]);
        }
        prop_assert!((information_value(&bins, &evidence)).is_finite());
    }
}

/// `x` rises in risk, and a ninth of the rows have none of it though they are the best; `home` has two rare
/// categories where `rare` is set.
fn customers(rare: bool) -> String {
    let mut csv = String::from("x,home,y\n");
    for i in 0..3000_u64 {
        let (x, draw) = (i % 10, (i * 7919) % 1000);
        let missing = i % 9 == 0;
        let home = match i % 40 {
            0 if rare => "boat",
            1 if rare => "tent",
            k => ["owner", "rent"][usize::from(k % 2 == 0)],
        };
        let risk = if missing { 30 } else { 60 + 40 * x } + if home == "rent" { 90 } else { 0 };
        let risk = risk + if matches!(home, "boat" | "tent") { 400 } else { 0 };
        let x = if missing { String::new() } else { x.to_string() };
        csv += &format!("{x},{home},{}\n", u8::from(draw < risk));
    }
    csv
}

fn loaded(csv: &str) -> Loaded {
    read_bytes("t.csv", Format::Csv, csv.as_bytes()).unwrap()
}

fn recipe(more: &str) -> Recipe {
    let text = format!("[data]\ntarget = \"y\"\n[clean]\nduplicates = \"keep\"\n{more}");
    Recipe::from_toml(&text, "recipe.toml", "t").unwrap()
}

fn trained(csv: &str, more: &str) -> Trained {
    train(&recipe(more), loaded(csv), "t.csv").unwrap()
}

/// The row of the points table whose label has `part` in it.
fn row(trained: &Trained, variable: &str, part: &str) -> PointsRow {
    let rows = points_table(&trained.model, Spread::Characteristics).unwrap();
    let mut found = rows.into_iter().filter(|row| row.variable == variable && row.bin.contains(part));
    found.next().unwrap_or_else(|| panic!("{variable}: no {part}"))
}

/// Score of a customer with these texts in `x` and `home`.
fn score(trained: &Trained, x: &str, home: &str) -> f64 {
    let fields = trained.model.schema.fields.iter();
    let values: Vec<Value<'_>> = fields.map(|f| Value::Text(if f.name == "x" { x } else { home })).collect();
    Scorer::new(&trained.model).score(&values).unwrap().score.unwrap()
}

#[test]
fn fit_score_points_and_tables_say_the_same_of_missing() {
    let csv = customers(true);
    let own = trained(&csv, "");
    let riskiest = trained(&csv, "[binning]\nmissing = \"riskiest\"");
    let of = |trained: &Trained| {
        let rows = points_table(&trained.model, Spread::Characteristics).unwrap();
        rows.into_iter().filter(|row| row.variable == "x").collect::<Vec<_>>()
    };
    let (before, after) = (of(&own), of(&riskiest));
    assert_eq!(before.len(), after.len());
    let (missing, regular) = after.split_last().unwrap();
    for (a, b) in before.iter().zip(regular) {
        assert_eq!((&a.bin, a.count, a.bads), (&b.bin, b.count, b.bads));
        assert!((a.woe.unwrap() - b.woe.unwrap()).abs() < 1e-9, "{} {:?} {:?}", a.bin, a.woe, b.woe);
    }
    let worst = regular.iter().min_by(|a, b| a.points.total_cmp(&b.points)).unwrap();
    assert_eq!((missing.points, missing.woe, missing.log_odds), (worst.points, worst.woe, worst.log_odds));
    // Their own rows are shown, and they are good ones.
    assert!(missing.bads.unwrap() * worst.count.unwrap() < worst.bads.unwrap() * missing.count.unwrap());
    assert_eq!(score(&riskiest, "", "rent"), score(&riskiest, "9", "rent"));
    assert!(score(&own, "", "rent") > score(&own, "0", "rent"));
}

#[test]
fn fit_score_points_and_tables_say_the_same_of_an_unseen_category() {
    for policy in ["own", "most_alike", "riskiest"] {
        let more = format!("[binning]\nmissing = \"{policy}\"\nspecial = \"{policy}\"");
        let with_rare = trained(&customers(true), &more);
        let (unseen, rare) = (row(&with_rare, "home", "other (unseen)"), row(&with_rare, "home", "boat"));
        assert_eq!((unseen.points, unseen.woe), (rare.points, rare.woe), "{policy}");
        assert_eq!(score(&with_rare, "3", "castle"), score(&with_rare, "3", "tent"), "{policy}");
        let none_rare = trained(&customers(false), &more);
        let unseen = row(&none_rare, "home", "other (unseen)");
        assert_eq!((unseen.woe, unseen.log_odds), (Some(0.0), 0.0), "{policy}");
        let points = row(&none_rare, "x", ", inf)").points + unseen.points;
        assert!((score(&none_rare, "9", "castle") - points).abs() < 1e-9, "{policy}");
        let variables = tables(&customers(true), &more);
        let home = variables.iter().find(|v| v.variable == "home").unwrap();
        let AnyTable::Binary(table) = &home.table else { panic!("a table of means") };
        let unseen = table.bins.iter().find(|b| b.bin == "other (unseen)").unwrap();
        let rare = &table.bins[unseen.merged_with.unwrap()];
        assert!(rare.bin.contains("boat") && unseen.woe == rare.woe);
        assert!(
            home.notes.iter().any(|note| note.contains("never seen") && note.contains("boat")),
            "{:?}",
            home.notes
        );
    }
}

fn tables(csv: &str, more: &str) -> Vec<VariableBins> {
    let recipe = recipe(more);
    let cleaned = clean(loaded(csv), &recipe.preparation).unwrap();
    let binning = recipe.binning;
    analyse(&cleaned, &AnalysisOptions { binning, ..AnalysisOptions::default() }).unwrap().variables
}

#[test]
fn a_table_says_which_bin_the_missing_count_with() {
    for (policy, words) in [("riskiest", "takes the WoE of"), ("most_alike", "counts with")] {
        let variables = tables(&customers(true), &format!("[binning]\nmissing = \"{policy}\""));
        let x = variables.iter().find(|v| v.variable == "x").unwrap();
        let AnyTable::Binary(table) = &x.table else { panic!("a table of means") };
        let missing = table.bins.last().unwrap();
        let other = &table.bins[missing.merged_with.unwrap()];
        let said = format!("bin `missing` {words} `{}`", other.bin);
        assert!(x.notes.iter().any(|note| note.starts_with(&said)), "{said}: {:?}", x.notes);
        assert_eq!((missing.iv, missing.js, missing.woe), (None, None, other.woe));
        assert_eq!(missing.count, 334);
        let sum: f64 = table.bins.iter().filter_map(|b| b.iv).sum();
        assert!((sum - x.summary.iv).abs() < 1e-12);
    }
}
