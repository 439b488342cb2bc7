//! Scorecard plus from outside: it finds what was planted, nothing else, and the same on any number of threads.

use arrears_data::{Format, read_bytes};
use arrears_model::additive::Shape;
use arrears_model::points::{Spread, points_table};
use arrears_model::{Model, ModelKind, Predictor, Scorer, Value};
use arrears_train::plus::purify::purify;
use arrears_train::{Recipe, TrainError, Trained, train};
use proptest::collection::vec;
use proptest::prelude::*;
use std::fmt::Write;

fn run(csv: &str, sections: &str) -> Result<Trained, TrainError> {
    let text = format!("[data]\ntarget = \"bad\"\n[split]\ntest = 0.1\n{sections}");
    let mut recipe = Recipe::from_toml(&text, "recipe.toml", "test")?;
    recipe.model.kind = ModelKind::ScorecardPlus;
    train(&recipe, read_bytes("data.csv", Format::Csv, csv.as_bytes())?, "data.csv")
}

/// A small generator of numbers in [0, 1), the same everywhere.
struct Dice(u64);

impl Dice {
    fn roll(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 11) as f64 / (1u64 << 53) as f64
    }
}

/// Five numbers a row from 0 to 1 and an outcome drawn with the log-odds that `truth` gives them.
fn rows(n: usize, seed: u64, truth: impl Fn(&[f64]) -> f64) -> String {
    let mut dice = Dice(seed);
    let mut csv = "a,b,c,d,e,bad\n".to_owned();
    for _ in 0..n {
        let x: Vec<f64> = (0..5).map(|_| dice.roll()).collect();
        let bad = dice.roll() < 1.0 / (1.0 + (-truth(&x)).exp());
        let _ = writeln!(csv, "{},{},{},{},{},{}", x[0], x[1], x[2], x[3], x[4], u8::from(bad));
    }
    csv
}

/// Bad where exactly one of b and d is high; c matters by itself.
fn exclusive_or(x: &[f64]) -> f64 {
    (if (x[1] > 0.5) == (x[3] > 0.4) { -1.0 } else { 1.0 }) + 2.0 * (x[2] - 0.5)
}

/// The names of each pair, strongest first.
fn pairs(model: &Model) -> Vec<(String, String)> {
    let Predictor::Additive(additive) = &model.predictor else { panic!("no terms") };
    let name = |transform: usize| model.schema.fields[model.transforms[transform].field()].name.clone();
    let with = |term: &arrears_model::additive::Term| match term.shape {
        Shape::Pair { with, .. } => Some((name(term.transform), name(with))),
        Shape::Lookup { .. } | Shape::Linear { .. } => None,
    };
    additive.terms.iter().filter_map(with).collect()
}

fn pd(model: &Model, row: [f64; 5]) -> f64 {
    Scorer::new(model).score(&row.map(Value::Number)).expect("a score").pd.expect("a pd")
}

#[test]
fn a_planted_interaction_is_found_and_stands_first() {
    let csv = rows(3000, 5, exclusive_or);
    let trained = run(&csv, "").expect("a model");
    let found = pairs(&trained.model);
    assert_eq!(found.first(), Some(&("b".to_owned(), "d".to_owned())), "{found:?}");
    // The truth is 1 / (1 + e) = 0.269 and 0.731 in the four corners at c = 0.5.
    for (b, d, truth) in [(0.2, 0.2, 0.269), (0.8, 0.8, 0.269), (0.2, 0.8, 0.731), (0.8, 0.2, 0.731)] {
        let pd = pd(&trained.model, [0.5, b, 0.5, d, 0.5]);
        assert!((pd - truth).abs() < 0.12, "b {b}, d {d}: {pd} where the truth is {truth}");
    }
    assert!(trained.model.provenance.recipe.contains("[plus]\nmax_pairs = 10\n"), "defaults are written out");
    let without = run(&csv, "[plus]\nmax_pairs = 0\n").expect("a model");
    assert!(pairs(&without.model).is_empty());
    let one_way = pd(&without.model, [0.5, 0.2, 0.5, 0.2, 0.5]);
    assert!((one_way - 0.5).abs() < 0.15, "fields alone cannot tell the corners apart: {one_way}");
}

/// The bound lets chance through about once in twenty data sets; four times in twenty has a chance of 0.016.
#[test]
fn additive_data_have_no_pairs_beyond_noise() {
    let steep =
        |x: &[f64]| 3.0 * (x[0] - 0.5) + if x[1] > 0.7 { 1.5 } else { -0.5 } - 4.0 * (x[4] - 0.5).powi(2);
    let mut alarms = 0;
    for seed in 0..20 {
        let trained = run(&rows(1500, seed, steep), "").expect("a model");
        alarms += usize::from(!pairs(&trained.model).is_empty());
    }
    assert!(alarms <= 3, "{alarms} of 20");
}

#[test]
fn the_same_bytes_on_any_number_of_threads() {
    let csv = rows(1200, 9, exclusive_or);
    let bytes = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("a pool");
        pool.install(|| run(&csv, "").expect("a model").model.to_bytes().expect("bytes"))
    };
    let one = bytes(1);
    assert!(one == bytes(2) && one == bytes(8));
    let other = run(&csv, "[plus]\nseed = 1\n").expect("a model").model.to_bytes().expect("bytes");
    assert!(one != other, "the seed deals the folds");
}

#[test]
fn noise_alone_gives_a_model_that_hardly_moves() {
    let trained = run(&rows(1500, 21, |_| -1.0), "").expect("a model");
    let model = &trained.model;
    assert!(pairs(model).is_empty());
    let spread: Vec<f64> = [0.1, 0.5, 0.9].map(|x| pd(model, [x; 5])).to_vec();
    assert!(spread.iter().all(|pd| (pd - 0.269).abs() < 0.1), "{spread:?}");
}

/// Towns of rising risk, each with other rare ones, and a number that turns some of them round.
fn towns(n: usize, seed: u64, rare: bool) -> String {
    let mut dice = Dice(seed);
    let mut csv = "town,x,bad\n".to_owned();
    for row in 0..n {
        let (town, x) = ((dice.roll() * 9.0) as usize, dice.roll());
        let (name, risk) = if rare && row % 50 == 0 {
            (format!("rare {}", row / 50 % 5), seed as f64 % 7.0 / 3.0 - 1.0)
        } else {
            (format!("town {town}"), town as f64 / 4.0 - 1.0)
        };
        let turned = if (x > 0.5) == (town % 2 == 0) { 1.5 } else { -1.5 };
        let bad = dice.roll() < 1.0 / (1.0 + (1.0 - risk - turned).exp());
        let _ = writeln!(csv, "{name},{x},{}", u8::from(bad));
    }
    csv
}

/// However bins are joined: by itself and in pairs, at any number.
#[test]
fn an_unseen_category_gets_the_points_of_the_bin_with_the_rare_ones() {
    for seed in 0..7 {
        let sections = "[plus]\nmax_bins = 4\nmax_pair_bins = 3\nmin_rows = 30\n";
        let model = run(&towns(2000, seed, true), sections).expect("a model").model;
        assert_eq!(pairs(&model).len(), 1, "seed {seed}: the planted interaction");
        let mut scorer = Scorer::new(&model);
        for x in [0.1, 0.3, 0.45, 0.55, 0.7, 0.9] {
            let mut of =
                |town: &str| scorer.score(&[Value::Text(town), Value::Number(x)]).expect("a score").pd;
            let rare = of("rare 0");
            assert!((1..5).all(|i| of(&format!("rare {i}")) == rare), "seed {seed}: one bin of rare ones");
            assert_eq!(of("nowhere"), rare, "seed {seed}, x {x}");
        }
        let table = points_table(&model, Spread::Base).expect("a points table");
        let rare = table.iter().find(|row| row.bin.contains("rare 0")).expect("a bin of rare ones");
        let unseen = table.iter().find(|row| row.variable == "town" && row.bin.contains("other"));
        let unseen = unseen.expect("a bin of unseen ones");
        assert_eq!((unseen.points, unseen.woe), (rare.points, rare.woe), "seed {seed}");
    }
    let model = run(&towns(2000, 1, false), "").expect("a model").model;
    let table = points_table(&model, Spread::Base).expect("a points table");
    let unseen = table.iter().find(|row| row.variable == "town" && row.bin.contains("other"));
    assert_eq!(unseen.map(|row| (row.log_odds, row.woe)), Some((0.0, Some(0.0))), "neutral: none are rare");
}

#[test]
fn a_field_that_gives_the_answer_away_stays_finite() {
    let mut csv = "x,noise,bad\n".to_owned();
    for i in 0..600 {
        let _ = writeln!(csv, "{i},{},{}", i * 7 % 13, u8::from(i < 200));
    }
    // Declared, or it would pass for an id: a different number in every row.
    let trained = run(&csv, "[columns.x]\ntype = \"number\"\n").expect("a model");
    let score =
        |x: f64| Scorer::new(&trained.model).score(&[Value::Number(x), Value::Number(1.0)]).expect("a score");
    let (low, high) = (score(10.0).pd.expect("a pd"), score(500.0).pd.expect("a pd"));
    assert!(low > 0.99 && high < 0.01, "{low} {high}");
}

#[test]
fn faults_are_named() {
    let csv = rows(200, 1, |x| x[0]);
    for (sections, words) in [
        ("[plus]\nmax_pairs = 101\n", ["[plus] max_pairs = 101", "0 to 100"]),
        ("[plus]\nlearning_rate = 0.0\n", ["learning_rate", "above 0 to 1"]),
        ("[plus]\nl2 = 0.0\n", ["l2", "above 0"]),
        ("[plus]\nfolds = 1\n", ["folds", "2 to 50"]),
        ("[plus]\nfold = 2\n", ["fold", "recipe"]),
    ] {
        let text = run(&csv, sections).expect_err(sections).to_string();
        assert!(words.iter().all(|word| text.contains(word)), "{text}");
    }
}

proptest! {
    /// What purification moves is not lost, and nothing is left to move: the two together make it unique.
    #[test]
    fn purification_leaves_no_margins_and_changes_no_cell(
        (rows, columns, values, weights) in (1..9usize, 1..9usize).prop_flat_map(|(rows, columns)| {
            let weight = prop_oneof![Just(0.0), (1..2000u32).prop_map(f64::from)];
            (Just(rows), Just(columns), vec(-3.0..3.0f64, rows * columns), vec(weight, rows * columns))
        })
    ) {
        let mut table = values.clone();
        let moved = purify(&mut table, &weights, columns);
        for i in 0..rows {
            for j in 0..columns {
                let cell = i * columns + j;
                let together = table[cell] + moved.rows[i] + moved.columns[j];
                prop_assert!((together - values[cell]).abs() < 1e-12);
            }
        }
        let mean = |cells: &[usize]| {
            let weight: f64 = cells.iter().map(|c| weights[*c]).sum();
            let sum: f64 = cells.iter().map(|c| weights[*c] * table[*c]).sum();
            if weight > 0.0 { sum / weight } else { 0.0 }
        };
        for i in 0..rows {
            let cells: Vec<usize> = (0..columns).map(|j| i * columns + j).collect();
            prop_assert!(mean(&cells).abs() < 1e-12, "row {i}: {}", mean(&cells));
        }
        for j in 0..columns {
            let cells: Vec<usize> = (0..rows).map(|i| i * columns + j).collect();
            prop_assert!(mean(&cells).abs() < 1e-12, "column {j}: {}", mean(&cells));
        }
    }
}
