//! The strategy table: by hand, and against counting each side of each cut-off again.

#![allow(clippy::unwrap_used, reason = "helper functions of tests")]

mod made;

use arrears_model::Model;
use arrears_validate::{Cutoffs, Error, MeasureOptions, StrategyParams, measure, strategy};
use made::{logistic, segments, table};
use proptest::prelude::*;

fn params(profit_per_good: f64, loss_per_bad: f64, cutoffs: Cutoffs) -> StrategyParams {
    StrategyParams { profit_per_good, loss_per_bad, cutoffs }
}

const SCORES: [f64; 10] = [500.0, 400.0, 560.0, 480.0, 460.0, 420.0, 540.0, 480.0, 440.0, 520.0];
const BAD: [bool; 10] = [true, true, false, false, true, true, false, false, false, false];

#[test]
fn ten_customers_by_hand() {
    let cutoffs = Cutoffs::Given(vec![480.0, 600.0, 400.0, 560.0, 480.0]);
    let found = strategy(&BAD, &SCORES, &params(100.0, 200.0, cutoffs)).unwrap();
    assert_eq!((found.break_even_odds, found.break_even_pd), (Some(2.0), Some(1.0 / 3.0)));
    assert_eq!(found.break_even_score, None, "slices have no scale");
    let cutoffs: Vec<f64> = found.rows.iter().map(|row| row.cutoff).collect();
    assert_eq!(cutoffs, [400.0, 480.0, 560.0, 600.0]);
    let counts: Vec<_> =
        found.rows.iter().map(|r| (r.approved, r.approved_bads, r.bads_avoided, r.goods_lost)).collect();
    assert_eq!(counts, [(10, 4, 0, 0), (6, 1, 3, 1), (1, 0, 4, 5), (0, 0, 4, 6)]);
    let profits: Vec<_> = found.rows.iter().map(|r| (r.profit, r.profit_per_approved)).collect();
    assert_eq!(profits, [(-200.0, Some(-20.0)), (300.0, Some(50.0)), (100.0, Some(100.0)), (0.0, None)]);
    assert_eq!(found.best, Some(1));
    let row = &found.rows[1];
    assert_eq!((row.approved_share, row.approved_bad_rate), (0.6, Some(1.0 / 6.0)));
    assert_eq!((row.rejected, row.rejected_bad_rate), (4, Some(0.75)));
    assert_eq!((row.bads_avoided_share, row.goods_lost_share), (Some(0.75), Some(1.0 / 6.0)));
    // From 400 to 480: 1 good and 3 bads; from 480 to 560: 4 and 1; from 560 on no bad.
    let odds: Vec<_> = found.rows.iter().map(|row| row.band_odds).collect();
    assert_eq!(odds, [Some(1.0 / 3.0), Some(4.0), None, None]);
    assert_eq!((found.rows[0].rejected_bad_rate, found.rows[3].approved_bad_rate), (None, None));
}

#[test]
fn deciles_start_at_the_lowest_score_and_steps_at_round_scores() {
    let at = |cutoffs| {
        let found = strategy(&BAD, &SCORES, &params(1.0, 1.0, cutoffs)).unwrap();
        found.rows.iter().map(|row| row.cutoff).collect::<Vec<f64>>()
    };
    // 480 is two of the ten.
    assert_eq!(at(Cutoffs::Deciles), [400.0, 420.0, 440.0, 460.0, 480.0, 500.0, 520.0, 540.0, 560.0]);
    assert_eq!(at(Cutoffs::Step(50.0)), [400.0, 450.0, 500.0, 550.0]);
    assert_eq!(at(Cutoffs::Step(70.0)), [350.0, 420.0, 490.0, 560.0]);
}

#[test]
fn what_makes_no_table_is_refused() {
    let attempt = |params: StrategyParams| match strategy(&BAD, &SCORES, &params) {
        Err(Error::Parameter { name, .. }) => name,
        other => panic!("{other:?}"),
    };
    assert_eq!(attempt(params(-1.0, 1.0, Cutoffs::Deciles)), "profit per good");
    assert_eq!(attempt(params(1.0, f64::NAN, Cutoffs::Deciles)), "loss per bad");
    assert_eq!(attempt(params(1.0, 1.0, Cutoffs::Step(0.0))), "cut-off step");
    assert_eq!(attempt(params(1.0, 1.0, Cutoffs::Step(1e-300))), "number of cut-offs");
    assert_eq!(attempt(params(1.0, 1.0, Cutoffs::Step(0.1))), "number of cut-offs");
    assert_eq!(attempt(params(1.0, 1.0, Cutoffs::Given(vec![1.0; 1001]))), "number of cut-offs");
    assert_eq!(attempt(params(1.0, 1.0, Cutoffs::Given(vec![f64::INFINITY]))), "cut-offs");
    let usual = params(1.0, 1.0, Cutoffs::Deciles);
    assert_eq!(
        strategy(&BAD, &SCORES, &params(1.0, 1.0, Cutoffs::Given(vec![]))),
        Err(Error::Empty { what: "cut-offs" })
    );
    assert_eq!(strategy(&[], &[], &usual), Err(Error::Empty { what: "score" }));
    assert!(matches!(strategy(&[true], &[f64::NAN], &usual), Err(Error::Value { row: 0, .. })));
    assert!(matches!(strategy(&[true], &[1.0, 2.0], &usual), Err(Error::Length { .. })));
}

#[test]
fn worth_nothing_breaks_even_nowhere() {
    let found = strategy(&BAD, &SCORES, &params(0.0, 0.0, Cutoffs::Deciles)).unwrap();
    assert_eq!((found.break_even_odds, found.break_even_pd, found.best), (None, None, None));
    let found = strategy(&[false; 2], &[1.0, 2.0], &params(0.0, 5.0, Cutoffs::Deciles)).unwrap();
    assert_eq!((found.break_even_odds, found.break_even_pd), (None, Some(0.0)));
    assert_eq!(found.rows[0].bads_avoided_share, None);
}

#[test]
fn nobody_is_best_where_nothing_pays() {
    // Whoever is approved loses money; from 600 on nobody is.
    let cutoffs = Cutoffs::Given(vec![400.0, 480.0, 600.0]);
    let found = strategy(&[true; 10], &SCORES, &params(100.0, 200.0, cutoffs)).unwrap();
    assert_eq!((found.rows[2].approved, found.rows[2].profit, found.best), (0, 0.0, None));
    let data = table(&[
        ("x", &["-2", "-1.5", "-0.5"]),
        ("城市", &["北京"; 3]),
        ("outcome", &["bad", "bad", "good"]),
    ]);
    let given = params(1.0, 100.0, Cutoffs::Given(vec![0.0, 1000.0]));
    let options = MeasureOptions { strategy: Some(given), ..Default::default() };
    let model = Model::new(logistic()).unwrap();
    let report = measure(&model, &data, &[0, 1, 2], "all rows", "customers.csv", &options).unwrap();
    let text = report.to_text();
    assert!(text.contains("No cut-off brings a profit: none is best."), "{text}");
    assert!(!text.lines().any(|line| line.trim_end().ends_with("  best")), "{text}");
    assert!(report.to_json().contains("\"best\": null"));
}

/// Rows of `x`, the log-odds of bad; scores are 600 - 20 / ln 2 x (ln 50 + x).
#[test]
fn the_report_has_the_table_where_it_is_asked_for() {
    let data = table(&[
        ("x", &["-2", "-1.5", "-0.5", "0.5", "1.5", "2", "2", "0", "many"]),
        ("城市", &["北京"; 9]),
        ("outcome", &["good", "good", "bad", "good", "bad", "bad", "bad", "?", "bad"]),
    ]);
    let rows: Vec<usize> = (0..9).collect();
    let options =
        MeasureOptions { strategy: Some(params(100.0, 100.0, Cutoffs::Deciles)), ..Default::default() };
    let model = Model::new(logistic()).unwrap();
    let report = measure(&model, &data, &rows, "all rows", "customers.csv", &options).unwrap();
    let found = report.strategy.as_ref().unwrap();
    assert_eq!(found.rows[0].approved, 7, "the unlabelled and the refused row are no part of it");
    let scale = model.scale.unwrap();
    let even = scale.base_score - scale.pdo * scale.base_odds.log2();
    assert!((found.break_even_score.unwrap() - even).abs() < 1e-9);
    // By log-odds: 2 b b, 1.5 b, 0.5 g, -0.5 b, -1.5 g, -2 g. Approving from 0.5 on: 3 goods, 1 bad. Between it and the
    // next cut-off is only the good one.
    let best = &found.rows[found.best.unwrap()];
    assert_eq!((best.approved, best.approved_bads, best.profit), (4, 1, 200.0));
    let text = report.to_text();
    let line = text.lines().find(|line| line.trim_end().ends_with("best")).expect("a best row");
    let words: Vec<&str> = line.split_whitespace().collect();
    assert_eq!(words[1..], ["4", "57.1%", "25.0%", "100.0%", "75.0%", "0.0%", "-", "200", "best"]);
    assert!(text.contains("Approving from a score on, 100 won by a good and 100 lost by a bad"), "{text}");
    assert!(
        text.contains("A customer pays from odds of 1.00 goods to a bad on, by the model's pd a score of")
    );
    assert!(text.lines().all(|line| line.chars().count() <= 100), "{text}");
    let json: serde_json::Value = serde_json::from_str(&report.to_json()).unwrap();
    assert_eq!(json["strategy"]["rows"][found.best.unwrap()]["profit"], 200.0);
    let plain = measure(&model, &data, &rows, "all rows", "customers.csv", &Default::default()).unwrap();
    assert!(plain.strategy.is_none() && plain.to_json().contains("\"strategy\": null"));
}

#[test]
fn a_table_that_cannot_be_made_has_a_note() {
    let options = MeasureOptions { strategy: Some(params(1.0, 1.0, Cutoffs::Deciles)), ..Default::default() };
    let data = table(&[("x", &["1"]), ("y", &["1"]), ("城市", &["北京"]), ("outcome", &["?"])]);
    for model in [segments(), logistic()] {
        let model = Model::new(model).unwrap();
        let report = measure(&model, &data, &[0], "all rows", "customers.csv", &options).unwrap();
        assert!(report.strategy.is_none());
        assert!(report.notes.iter().any(|note| note.starts_with("strategy:")), "{:?}", report.notes);
    }
}

proptest! {
    #[test]
    fn every_row_agrees_with_counting_again(
        customers in prop::collection::vec((0i32..40, any::<bool>()), 1..60),
        (profit, loss) in (0u32..50, 0u32..200),
        given in prop::collection::vec(-3i32..45, 1..8),
        way in 0usize..3,
    ) {
        let score: Vec<f64> = customers.iter().map(|c| f64::from(c.0) / 2.0).collect();
        let bad: Vec<bool> = customers.iter().map(|c| c.1).collect();
        let cutoffs = match way {
            0 => Cutoffs::Deciles,
            1 => Cutoffs::Step(f64::from(given[0].abs() + 1) / 4.0),
            _ => Cutoffs::Given(given.iter().map(|g| f64::from(*g) / 2.0).collect()),
        };
        let (profit, loss) = (f64::from(profit), f64::from(loss));
        let found = strategy(&bad, &score, &params(profit, loss, cutoffs)).unwrap();
        prop_assert!(found.rows.windows(2).all(|pair| pair[0].cutoff < pair[1].cutoff));
        let count = |wanted: bool, side: &dyn Fn(f64) -> bool| {
            score.iter().zip(&bad).filter(|(s, b)| side(**s) && **b == wanted).count() as u64
        };
        let mut highest = (0.0, None);
        for (position, row) in found.rows.iter().enumerate() {
            let next = found.rows.get(position + 1).map_or(f64::INFINITY, |row| row.cutoff);
            let approve = |s: f64| s >= row.cutoff;
            let (goods, bads) = (count(false, &approve), count(true, &approve));
            let (lost, avoided) = (count(false, &|s| !approve(s)), count(true, &|s| !approve(s)));
            prop_assert_eq!((row.approved, row.approved_bads), (goods + bads, bads));
            prop_assert_eq!((row.rejected, row.bads_avoided, row.goods_lost), (lost + avoided, avoided, lost));
            prop_assert_eq!(row.profit, profit * goods as f64 - loss * bads as f64);
            let band = |s: f64| approve(s) && s < next;
            let (band_goods, band_bads) = (count(false, &band), count(true, &band));
            prop_assert_eq!(row.band_odds, (band_bads > 0).then(|| band_goods as f64 / band_bads as f64));
            if row.profit > highest.0 {
                highest = (row.profit, Some(position));
            }
        }
        prop_assert_eq!(found.best, highest.1);
    }
}
