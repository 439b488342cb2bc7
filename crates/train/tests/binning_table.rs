//! Binning tables and their summaries against optbinning, scipy and scikit-learn, and against sums by hand.
//!
//! `reference/binning/reference.json` is made by `make_reference.py` there.

#![allow(clippy::unwrap_used, reason = "helper functions of tests")]

use arrears_data::{Cleaned, Preparation, ReadOptions, clean, clean_number_target, read_all};
use arrears_model::points::{iv, woe};
use arrears_model::schema::{OutOfRange, Unseen};
use arrears_model::transform::Transform;
use arrears_model::{Field, Kind};
use arrears_train::binning::evidence::Evidence;
use arrears_train::binning::mean_table::mean_table;
use arrears_train::binning::significance::{means_p_value, proportions_p_value};
use arrears_train::binning::summary::{Course, Status, mean_summary, summary};
use arrears_train::binning::table::{BinKind, BinningTable, binning_table};
use arrears_train::binning::tally::{Moments, Tally, Target, moments};
use arrears_train::rows::Rows;
use proptest::prelude::*;
use serde_json::Value;
use std::path::Path;

const REFERENCE: &str = include_str!("reference/binning/reference.json");

fn cases(part: &str) -> Vec<Value> {
    let all: Value = serde_json::from_str(REFERENCE).unwrap();
    let cases = all[part].as_array().unwrap().clone();
    assert!(!cases.is_empty());
    cases
}

/// A bundled data set, cleaned for its own target or for an amount.
fn data(name: &str, amount: Option<&str>) -> Cleaned {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../datasets").join(name);
    let mut recipe =
        Preparation::from_toml(&std::fs::read_to_string(folder.join("recipe.toml")).unwrap()).unwrap();
    let loaded = read_all(&folder.join("data.csv"), &ReadOptions::default()).unwrap();
    let Some(amount) = amount else { return clean(loaded, &recipe).unwrap() };
    recipe.columns.remove(amount);
    recipe.data.target = Some(amount.to_owned());
    recipe.data.positive = None;
    clean_number_target(loaded, &recipe).unwrap()
}

struct Binned {
    field: Field,
    transform: Transform,
    bins: Vec<Moments>,
    own: Vec<Evidence>,
}

/// The rows of a data set in the bins of a case.
fn binned(cleaned: &Cleaned, case: &Value, target: &[f64], weights: Option<&[f64]>) -> Binned {
    let all: Vec<usize> = (0..cleaned.table.rows()).collect();
    let rows = Rows::from_table(&cleaned.schema_for(&all), &cleaned.table, &all, None, None).unwrap();
    let at = rows.schema.position(case["variable"].as_str().unwrap()).unwrap();
    let field = rows.field(at).clone();
    let transform = match case["groups"].as_array() {
        None => {
            let splits = case["splits"].as_array().unwrap();
            Transform::Intervals { field: at, splits: splits.iter().map(|s| s.as_f64().unwrap()).collect() }
        }
        Some(groups) => {
            let holds = |group: &Value, category: &String| {
                group.as_array().unwrap().iter().any(|c| c.as_str() == Some(category))
            };
            let group_of = |c| groups.iter().position(|group| holds(group, c)).unwrap();
            let group_of = field.categories().iter().map(group_of).collect();
            Transform::Groups { field: at, groups: groups.len(), group_of }
        }
    };
    let codes = rows.codes(&transform).unwrap();
    let bins = moments(&codes, transform.bins(&field).unwrap(), Target::Number(target), weights);
    Binned { own: vec![Evidence::Own; bins.len()], field, transform, bins }
}

/// Agreement to 1e-9, relative where numbers are large; null stands for no number.
#[track_caller]
fn close(ours: impl Into<Option<f64>>, theirs: &Value, what: &str) {
    let ours = ours.into();
    let near = match (ours, theirs.as_f64()) {
        (Some(a), Some(b)) => (a - b).abs() <= 1e-9 * b.abs().max(1.0),
        (None, None) => true,
        _ => false,
    };
    assert!(near, "{what}: {ours:?} against {theirs}");
}

fn p_values_close(ours: &[Option<f64>], theirs: &Value, what: &str) {
    let theirs = theirs.as_array().unwrap();
    assert_eq!(ours.len(), theirs.len(), "{what}");
    ours.iter().zip(theirs).for_each(|(p, q)| close(*p, q, &format!("{what}, p-value")));
}

fn course(case: &Value) -> Option<Course> {
    case["trend"].as_str().map(|name| match name {
        "ascending" => Course::Ascending,
        "descending" => Course::Descending,
        "peak" => Course::Peak,
        "valley" => Course::Valley,
        "mixed" => Course::Mixed,
        other => panic!("{other}"),
    })
}

/// Where a bin has no goods or no bads optbinning leaves it out of IV, JS and HHI and gives it WoE 0; ours adds
/// 0.5 to both counts for WoE. Returns whether there is such a bin.
fn rows_agree(table: &BinningTable, case: &Value) -> bool {
    let theirs = case["bins"].as_array().unwrap();
    let ours: Vec<_> =
        table.bins.iter().filter(|b| matches!(b.kind, BinKind::Regular | BinKind::Missing)).collect();
    assert_eq!(ours.len(), theirs.len());
    let mut zero_cell = false;
    for (a, b) in ours.iter().zip(theirs) {
        let what = format!("{} {} {}", case["dataset"], case["variable"], a.bin);
        close(a.weight, &b["weight"], &what);
        close(a.share, &b["share"], &what);
        close(a.goods, &b["goods"], &what);
        close(a.bads, &b["bads"], &what);
        if a.weight > 0.0 && (a.goods == 0.0 || a.bads == 0.0) {
            zero_cell = true;
            assert_eq!((b["woe"].as_f64(), b["iv"].as_f64()), (Some(0.0), Some(0.0)), "{what}");
            assert!(a.woe.abs() > 0.0 && a.iv.unwrap() > 0.0, "{what}");
            continue;
        }
        close(a.bad_rate.unwrap_or(0.0), &b["bad_rate"], &what);
        close(a.woe, &b["woe"], &what);
        close(a.iv, &b["iv"], &what);
        close(a.js, &b["js"], &what);
    }
    zero_cell
}

#[test]
fn binary_tables_and_summaries_agree() {
    let sets = [("credit", data("credit", None)), ("german", data("german", None))];
    let (mut with_zero_cells, mut courses) = (0, Vec::new());
    for case in cases("binary") {
        let cleaned = &sets.iter().find(|(name, _)| case["dataset"] == **name).unwrap().1;
        let bad: Vec<f64> = cleaned.bad.as_ref().unwrap().iter().map(|b| f64::from(u8::from(*b))).collect();
        let expenses = cleaned.table.column("expenses");
        let weight = |row| expenses.unwrap().text(row, &[]).unwrap().parse::<f64>().unwrap() / 8.0;
        let weights: Option<Vec<f64>> =
            case["weight"].is_string().then(|| (0..bad.len()).map(weight).collect());
        let binned = binned(cleaned, &case, &bad, weights.as_deref());
        let table = binning_table(&binned.field, &binned.transform, &binned.bins, &binned.own);
        let zero_cell = rows_agree(&table, &case);
        with_zero_cells += usize::from(zero_cell);
        let what = format!("{} {}", case["dataset"], case["variable"]);
        let number = matches!(binned.field.kind, Kind::Number { .. });
        let ours = summary(&table, number);
        close(ours.gini, &case["gini"], &what);
        if !zero_cell {
            close(ours.iv, &case["iv"], &what);
            close(ours.js, &case["js"], &what);
            close(ours.hhi, &case["hhi"], &what);
            close(ours.hhi_normalised, &case["hhi_normalised"], &what);
            close(ours.quality, &case["quality"], &what);
        }
        assert_eq!(ours.trend, course(&case), "{what}");
        courses.extend(ours.trend);
        // optbinning adds up KS in the order of the bins, missing last; ours in the order of their bad rates.
        let in_order = matches!(ours.trend, Some(Course::Ascending | Course::Descending));
        if in_order && ours.missing_share == 0.0 && weights.is_none() {
            close(ours.ks, &case["ks"], &what);
        }
        let scipy = &case["scipy"];
        close(ours.gini, &scipy["gini"], &what);
        close(ours.ks, &scipy["ks"], &what);
        close(ours.js, &scipy["js"], &what);
        close(ours.cramers_v, &scipy["cramers_v"], &what);
        p_values_close(&ours.p_values, &scipy["p_values"], &what);
    }
    assert!(with_zero_cells > 0);
    for wanted in [Course::Ascending, Course::Descending, Course::Valley, Course::Mixed] {
        assert!(courses.contains(&wanted), "{wanted:?}");
    }
}

#[test]
fn tables_of_means_agree() {
    let credit = data("credit", Some("amount"));
    let amounts = credit.amounts.as_deref().unwrap();
    for case in cases("mean") {
        let binned = binned(&credit, &case, amounts, None);
        let table = mean_table(&binned.field, &binned.transform, &binned.bins, &binned.own);
        let what = case["variable"].to_string();
        close(table.total.mean, &case["mean"], &what);
        close(table.total.std, &case["std"], &what);
        let ours: Vec<_> =
            table.bins.iter().filter(|b| matches!(b.kind, BinKind::Regular | BinKind::Missing)).collect();
        let theirs = case["bins"].as_array().unwrap();
        assert_eq!(ours.len(), theirs.len());
        for (a, b) in ours.iter().zip(theirs) {
            close(a.weight, &b["weight"], &what);
            close(a.share, &b["share"], &what);
            close(a.sum, &b["sum"], &what);
            close(a.iv, &b["iv"], &what);
            // An empty bin has mean 0 and WoE 0 - mean with optbinning; with us it says nothing.
            if a.count > 0 {
                close(a.mean, &b["mean"], &what);
                close(a.std, &b["std"], &what);
                close(a.woe, &b["woe"], &what);
            } else {
                assert_eq!((a.mean, a.std, a.woe), (None, None, 0.0));
            }
        }
        let ours = mean_summary(&table, matches!(binned.field.kind, Kind::Number { .. }));
        close(ours.iv, &case["iv"], &what);
        close(ours.hhi, &case["hhi"], &what);
        close(ours.hhi_normalised, &case["hhi_normalised"], &what);
        close(ours.quality, &case["quality"], &what);
        assert_eq!(ours.trend, course(&case), "{what}");
        p_values_close(&ours.p_values, &case["p_values"], &what);
        assert!(ours.gini.is_none() && ours.status.is_none());
    }
}

#[test]
fn welch_s_test_agrees() {
    for case in cases("welch") {
        let pair = |key: &str| [0, 1].map(|i| case[key][i].as_f64().unwrap());
        let p = means_p_value(pair("means"), pair("stds"), pair("weights"));
        close(p, &case["p"], &case["name"].to_string());
    }
    assert_eq!(means_p_value([1.0, 2.0], [0.0, 0.0], [5.0, 5.0]), Some(0.0));
    assert_eq!(means_p_value([2.0, 2.0], [0.0, 0.0], [5.0, 5.0]), Some(1.0));
    assert_eq!(means_p_value([1.0, 2.0], [0.0, 1.0], [1.0, 5.0]), None);
    assert_eq!(proportions_p_value([0.0, 0.0], [5.0, 5.0]), Some(1.0));
    assert_eq!(proportions_p_value([5.0, 3.0], [5.0, 3.0]), Some(1.0));
    assert_eq!(proportions_p_value([0.0, 1.0], [0.0, 3.0]), None);
}

/// A number with `regular` intervals, one special code, and missing values.
fn number(regular: usize) -> (Field, Transform) {
    let kind = Kind::Number {
        min: None,
        max: None,
        out_of_range: OutOfRange::Reject,
        special: vec![arrears_model::Special::Value(-9.0)],
    };
    let splits = (1..regular).map(|i| i as f64).collect();
    (
        Field { name: "x".to_owned(), kind, reason: None, required: false, formula: None },
        Transform::Intervals { field: 0, splits },
    )
}

/// Goods and bads as moments.
fn counts(cells: &[(u64, u64)]) -> Vec<Moments> {
    cells.iter().map(|(goods, bads)| Tally { count: goods + bads, bads: *bads }.into()).collect()
}

/// Each bin pools with the one named: itself, where it stands alone.
fn pooled(merged: &[usize]) -> Vec<Evidence> {
    let one =
        |(bin, with): (usize, &usize)| if *with == bin { Evidence::Own } else { Evidence::Pooled(*with) };
    merged.iter().enumerate().map(one).collect()
}

fn table(cells: &[(u64, u64)], merged: &[usize]) -> BinningTable {
    let (field, transform) = number(cells.len() - 2);
    binning_table(&field, &transform, &counts(cells), &pooled(merged))
}

/// By hand: 100 goods, 50 bads; the special bin has no goods, the missing bin no rows.
#[test]
fn a_table_by_hand() {
    let table = table(&[(20, 30), (80, 15), (0, 5), (0, 0)], &[0, 1, 2, 3]);
    let labels: Vec<_> = table.bins.iter().map(|b| (b.bin.as_str(), b.kind)).collect();
    assert_eq!(
        labels,
        [
            ("(-inf, 1)", BinKind::Regular),
            ("[1, inf)", BinKind::Regular),
            ("= -9", BinKind::Special),
            ("missing", BinKind::Missing)
        ]
    );
    let woe = [(0.2_f64 / 0.6).ln(), (0.8_f64 / 0.3).ln(), (0.005_f64 / 0.11).ln(), 0.0];
    let iv = [-0.4 * woe[0], 0.5 * woe[1], -0.1 * woe[2], 0.0];
    // (g ln(g/m) + b ln(b/m)) / 2 with m = 0.4, 0.55, 0.05.
    let js = [
        0.1 * (0.5_f64).ln() + 0.3 * (1.5_f64).ln(),
        0.4 * (0.8 / 0.55_f64).ln() + 0.15 * (0.3 / 0.55_f64).ln(),
        0.05 * 2.0_f64.ln(),
        0.0,
    ];
    for (at, bin) in table.bins.iter().enumerate() {
        assert!((bin.woe - woe[at]).abs() < 1e-12, "{bin:?}");
        assert!((bin.iv.unwrap() - iv[at]).abs() < 1e-12, "{bin:?}");
        assert!((bin.js.unwrap() - js[at]).abs() < 1e-12, "{bin:?}");
    }
    assert_eq!(table.bins[3].bad_rate, None);
    assert_eq!((table.total.count, table.total.goods, table.total.bads), (150, 100.0, 50.0));
    let summary = summary(&table, true);
    assert_eq!((summary.bins, summary.trend, summary.missing_share), (2, Some(Course::Descending), 0.0));
    // Bads before goods: the special bin, then the first, then the second.
    let gini = 0.2 * 0.1 + 0.8 * 0.7 - 0.3 * 0.2;
    assert!((summary.gini.unwrap() - gini).abs() < 1e-12);
    assert!((summary.ks.unwrap() - 0.5).abs() < 1e-12);
    assert_eq!(summary.status, Some(Status::LikelyLeak));
}

#[test]
fn status_follows_the_information_value() {
    let status = |cells: &[(u64, u64)]| {
        let own: Vec<usize> = (0..cells.len()).collect();
        summary(&table(cells, &own), true).status.unwrap()
    };
    assert_eq!(status(&[(50, 50), (0, 0), (0, 0)]), Status::SingleBin);
    assert_eq!(status(&[(500, 500), (510, 500), (0, 0), (0, 0)]), Status::Unpredictive);
    // Shares 0.6 and 0.4 the other way round: IV = 2 x 0.2 x ln 1.5 = 0.1622.
    assert_eq!(status(&[(60, 40), (40, 60), (0, 0), (0, 0)]), Status::Medium);
    assert_eq!(status(&[(55, 45), (45, 55), (0, 0), (0, 0)]), Status::Weak);
    assert_eq!(status(&[(65, 35), (35, 65), (0, 0), (0, 0)]), Status::Strong);
    assert_eq!(status(&[(70, 30), (30, 70), (0, 0), (0, 0)]), Status::LikelyLeak);
}

#[test]
fn empty_regular_bins_and_courses() {
    let of = |bads: &[u64]| {
        let mut cells: Vec<(u64, u64)> = bads.iter().map(|b| (100 - b, *b)).collect();
        cells.extend([(0, 0), (0, 0)]);
        let own: Vec<usize> = (0..cells.len()).collect();
        summary(&table(&cells, &own), true).trend
    };
    assert_eq!(of(&[5]), None);
    assert_eq!(of(&[5, 5]), Some(Course::Flat));
    assert_eq!(of(&[5, 9, 9, 12]), Some(Course::Ascending));
    assert_eq!(of(&[5, 9, 2]), Some(Course::Peak));
    assert_eq!(of(&[5, 3, 3, 7]), Some(Course::Valley));
    assert_eq!(of(&[5, 3, 7, 6]), Some(Course::Mixed));
    let gap = summary(&table(&[(10, 5), (0, 0), (10, 8), (0, 0), (0, 0)], &[0, 1, 2, 3, 4]), true);
    assert_eq!(gap.p_values, [None, None]);
    assert_eq!(gap.trend, Some(Course::Ascending));
    assert!(gap.quality.is_finite() && gap.hhi_normalised < 1.0);
}

#[test]
fn kinds_of_a_category_s_bins() {
    let kind = Kind::Category { categories: vec!["a".into(), "b".into()], unseen: Unseen::Other };
    let field = Field { name: "c".to_owned(), kind, reason: None, required: false, formula: None };
    let transform = Transform::Groups { field: 0, groups: 2, group_of: vec![1, 0] };
    let table =
        binning_table(&field, &transform, &counts(&[(3, 1), (2, 2), (0, 0), (1, 1)]), &pooled(&[0, 1, 2, 3]));
    let kinds: Vec<_> = table.bins.iter().map(|b| b.kind).collect();
    assert_eq!(kinds, [BinKind::Regular, BinKind::Regular, BinKind::Unseen, BinKind::Missing]);
    assert_eq!(summary(&table, false).trend, None);
}

proptest! {
    /// The table's WoE and IV are those that models are scored with, bit for bit.
    #[test]
    fn woe_and_iv_are_those_of_the_points(cells in prop::collection::vec((0u64..200, 0u64..90), 3..12)) {
        let own: Vec<usize> = (0..cells.len()).collect();
        let table = table(&cells, &own);
        let totals: Vec<u64> = cells.iter().map(|(g, b)| g + b).collect();
        let bads: Vec<u64> = cells.iter().map(|(_, b)| *b).collect();
        let ours: Vec<u64> = table.bins.iter().map(|b| b.woe.to_bits()).collect();
        prop_assert_eq!(ours, woe(&totals, &bads).iter().map(|w| w.to_bits()).collect::<Vec<_>>());
        prop_assert!((table.total.iv - iv(&totals, &bads)).abs() <= 1e-12);
        prop_assert!(table.total.js >= 0.0 && table.total.js <= std::f64::consts::LN_2 + 1e-12);
    }

    /// A bin that shares the evidence of another gives the same figures as one bin of both.
    #[test]
    fn merged_bins_count_as_one(cells in prop::collection::vec((1u64..200, 0u64..90), 2..8),
                                missing in (0u64..50, 0u64..50), with in 0usize..8) {
        let with = with % cells.len();
        let last = cells.len() + 1;
        let mut apart = cells.clone();
        apart.extend([(0, 0), missing]);
        let mut merged: Vec<usize> = (0..=last).collect();
        merged[last] = with;
        let apart = table(&apart, &merged);
        let mut joint = cells.clone();
        joint[with] = (cells[with].0 + missing.0, cells[with].1 + missing.1);
        joint.extend([(0, 0), (0, 0)]);
        let joint = table(&joint, &(0..=last).collect::<Vec<_>>());
        prop_assert_eq!(apart.bins[last].merged_with, Some(with));
        prop_assert_eq!(apart.bins[last].woe.to_bits(), joint.bins[with].woe.to_bits());
        prop_assert_eq!(apart.bins[with].woe.to_bits(), joint.bins[with].woe.to_bits());
        // One IV and one JS, in one row.
        prop_assert_eq!((apart.bins[last].iv, apart.bins[last].js), (None, None));
        prop_assert!((apart.bins[with].iv.unwrap() - joint.bins[with].iv.unwrap()).abs() < 1e-12);
        prop_assert!((apart.bins[with].js.unwrap() - joint.bins[with].js.unwrap()).abs() < 1e-12);
        prop_assert!((apart.total.iv - joint.total.iv).abs() < 1e-12);
        prop_assert!((apart.total.js - joint.total.js).abs() < 1e-12);
        let (a, b) = (summary(&apart, true), summary(&joint, true));
        for (a, b) in [(a.gini, b.gini), (a.ks, b.ks), (a.cramers_v, b.cramers_v), (Some(a.hhi), Some(b.hhi))] {
            prop_assert!((a.unwrap() - b.unwrap()).abs() < 1e-12);
        }
    }

    /// Weighing a row twice is having it twice.
    #[test]
    fn weights_repeat_rows(cells in prop::collection::vec((0u64..40, 0u64..40), 3..8), times in 1u64..9) {
        let own: Vec<usize> = (0..cells.len()).collect();
        let more: Vec<(u64, u64)> = cells.iter().map(|(g, b)| (g * times, b * times)).collect();
        let (field, transform) = number(cells.len() - 2);
        let weighted: Vec<Moments> = counts(&cells).into_iter().map(|m| {
            let times = times as f64;
            Moments { rows: m.rows, weight: m.weight * times, sum: m.sum * times, squares: m.squares * times }
        }).collect();
        let (a, b) = (binning_table(&field, &transform, &weighted, &pooled(&own)), table(&more, &own));
        let (a, b) = (summary(&a, true), summary(&b, true));
        prop_assert_eq!(a, b);
    }
}
