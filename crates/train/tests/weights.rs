//! Weights of rows: a row of weight n is n equal rows, a row of weight 0 is none.

#![allow(clippy::unwrap_used, reason = "helper functions of tests")]

use arrears_data::{Format, read_bytes};
use arrears_model::additive::{Additive, Shape};
use arrears_model::{Model, Predictor};
use arrears_train::binning::quantile::{quantile_splits, weighted_quantile_splits};
use arrears_train::{Recipe, TrainError, Trained, train};

const CREDIT: &str = include_str!("../../../datasets/credit/data.csv");

/// The credit data without ids, each line `copies(row)` times with `weight(row)` in a column, the last fifth held out.
fn data(copies: impl Fn(usize) -> usize, weight: impl Fn(usize) -> f64) -> String {
    let lines: Vec<&str> = CREDIT.lines().collect();
    let mut csv = format!("{},w,part\n", lines[0].split_once(',').unwrap().1);
    for (row, line) in lines[1..].iter().enumerate() {
        let part = if row % 5 == 4 { "test" } else { "train" };
        let line = format!("{},{},{part}\n", line.split_once(',').unwrap().1, weight(row));
        csv += &line.repeat(if part == "test" { 1 } else { copies(row) });
    }
    csv
}

fn run(csv: &str, column: &str, more: &str) -> Result<Trained, TrainError> {
    let recipe = format!(
        "[data]\ntarget = \"status\"\npositive = \"bad\"\n{column}\n[clean]\nduplicates = \"keep\"\n\
         [split]\nmethod = \"column\"\ncolumn = \"part\"\ntest_value = \"test\"\n{more}"
    );
    let recipe = Recipe::from_toml(&recipe, "recipe.toml", "credit").unwrap();
    train(&recipe, read_bytes("data.csv", Format::Csv, csv.as_bytes()).unwrap(), "data.csv")
}

const WEIGHT: &str = "weight = \"w\"";
const NO_WEIGHT: &str = "exclude = [\"w\"]";

fn additive(model: &Model) -> &Additive {
    let Predictor::Additive(additive) = &model.predictor else { panic!("no sum of terms") };
    additive
}

/// Every number of the predictor, of the scale and of the grades.
fn numbers(model: &Model) -> Vec<f64> {
    let additive = additive(model);
    let scale = model.scale.unwrap();
    let mut numbers = vec![additive.intercept, scale.base_score, scale.base_odds, scale.pdo];
    for term in &additive.terms {
        numbers.extend([term.coefficient.unwrap_or(0.0), term.baseline]);
        match &term.shape {
            Shape::Lookup { values } | Shape::Pair { values, .. } => numbers.extend(values),
            Shape::Linear { slope, missing, special } => {
                numbers.extend([slope, missing]);
                numbers.extend(special);
            }
        }
    }
    numbers.extend(model.grades.iter().filter_map(|grade| grade.max_pd));
    numbers
}

fn assert_close(a: &[f64], b: &[f64]) {
    assert_eq!(a.len(), b.len());
    let apart = a.iter().zip(b).map(|(a, b)| (a - b).abs() / b.abs().max(1.0)).fold(0.0, f64::max);
    assert!(apart < 1e-9, "{apart:e} apart:\n{a:?}\n{b:?}");
}

fn note<'a>(trained: &'a Trained, part: &str) -> &'a str {
    let notes = &trained.model.provenance.fit.notes;
    notes.iter().find(|note| note.contains(part)).unwrap_or_else(|| panic!("no {part:?} in {notes:?}"))
}

#[test]
fn a_scorecard_of_weighted_rows_is_that_of_repeated_ones() {
    let times = |row: usize| 1 + row % 3;
    // The default number of pre-bins goes by rows, of which the two have different numbers.
    let recipes = [
        "[binning]\nprebins = 50\n",
        "[binning]\nprebins = 50\nprebinning = \"tree\"\ntrend = \"none\"\nmissing = \"most_alike\"\n",
        "[binning]\nprebins = 50\n[model]\nbaseline = \"mean\"\n[scale]\npopulation_bad_rate = 0.05\npoints = \"integer\"\n",
        "[binning]\nprebins = 50\n[model]\nbaseline = \"mean\"\n[scale]\nmin_score = 300\nmax_score = 850\n",
    ];
    for recipe in recipes {
        let weighted = run(&data(|_| 1, |row| times(row) as f64), WEIGHT, recipe).unwrap();
        let repeated = run(&data(times, |_| 1.0), NO_WEIGHT, recipe).unwrap();
        let plain = run(&data(|_| 1, |_| 1.0), NO_WEIGHT, recipe).unwrap();
        assert_eq!(weighted.model.transforms, repeated.model.transforms);
        assert_close(&numbers(&weighted.model), &numbers(&repeated.model));
        assert!(numbers(&weighted.model) != numbers(&plain.model), "weights change something");
        let kept = |t: &Trained| t.variables.iter().map(|v| (v.variable.clone(), v.kept)).collect::<Vec<_>>();
        assert_eq!(kept(&weighted), kept(&repeated));
        for (a, b) in weighted.variables.iter().zip(&repeated.variables) {
            assert_close(&[a.iv.unwrap()], &[b.iv.unwrap()]);
        }
        let errors = |t: &Trained| {
            let goodness = t.goodness.as_ref().unwrap();
            let errors = t.coefficients.iter().map(|c| c.inference.unwrap().standard_error);
            errors.chain([goodness.deviance, goodness.null_deviance, goodness.bic]).collect::<Vec<f64>>()
        };
        assert_close(&errors(&weighted), &errors(&repeated));
        if recipe.contains("integer") {
            // Sample odds and what rounding did to the training rows, AUC included, to the printed digits.
            for part in ["pd and score are in terms of a population", "points are whole numbers"] {
                assert_eq!(note(&weighted, part), note(&repeated, part));
            }
        }
        note(&weighted, "weighted by `w`");
        assert!(weighted.hold_out_remarks()[0].contains("counts once"));
        assert!(plain.hold_out_remarks().is_empty());
    }
}

#[test]
fn a_logistic_of_weighted_rows_is_that_of_repeated_ones() {
    let times = |row: usize| 1 + row % 4;
    let recipe = "[model]\nkind = \"logistic\"\n";
    let weighted = run(&data(|_| 1, |row| times(row) as f64), WEIGHT, recipe).unwrap();
    let repeated = run(&data(times, |_| 1.0), NO_WEIGHT, recipe).unwrap();
    assert_close(&numbers(&weighted.model), &numbers(&repeated.model));
}

/// Values with weights 1 to 3, the same values repeated, and the weights in another unit.
#[test]
fn weighted_quantiles_are_those_of_repeated_values_in_any_unit() {
    for (rows, values, bins) in [(1000, 97, 10), (1000, 1000, 50), (30, 30, 50), (500, 7, 20), (1, 1, 4)] {
        let point = |row: usize| (((row * 7919) % values) as f64, 1 + (row * 31) % 3);
        let repeated = (0..rows).map(point).flat_map(|(x, times)| std::iter::repeat_n(x, times));
        let expected = quantile_splits(&mut repeated.collect::<Vec<f64>>(), bins);
        for unit in [1.0, 0.1, 1e-6, 3e5] {
            let weighted = |row| (point(row).0, unit * point(row).1 as f64);
            let mut points: Vec<(f64, f64)> = (0..rows).map(weighted).collect();
            assert_eq!(
                weighted_quantile_splits(&mut points, bins),
                expected,
                "{rows} {values} {bins} {unit}"
            );
        }
    }
}

#[test]
fn a_row_of_weight_0_is_none() {
    let weight = |row: usize| if row % 7 == 2 { 0.0 } else { (1 + row % 2) as f64 };
    // A category that only rows without weight have must not be known.
    let odd = |csv: String| {
        let lines = csv.lines().map(|line| {
            let none = line.ends_with(",0,train");
            if none { line.replace(",rent,", ",tent,") } else { line.to_owned() }
        });
        lines.map(|line| line + "\n").collect::<String>()
    };
    for kind in ["scorecard", "logistic", "tree"] {
        let recipe = format!("[model]\nkind = \"{kind}\"\n");
        let with = run(&odd(data(|_| 1, weight)), WEIGHT, &recipe).unwrap();
        let without = run(&data(|row| usize::from(weight(row) > 0.0), weight), WEIGHT, &recipe).unwrap();
        let (a, b) = (&with.model, &without.model);
        assert_eq!((&a.schema, &a.transforms, &a.predictor), (&b.schema, &b.transforms, &b.predictor));
        assert_eq!((a.scale, &a.grades, &a.profile), (b.scale, &b.grades, &b.profile));
        assert_eq!(a.provenance.rows.train, b.provenance.rows.train);
        note(&with, "training rows of weight 0 are left out");
    }
}

#[test]
fn who_knows_no_weights_says_so() {
    let csv = data(|_| 1, |row| (1 + row % 2) as f64);
    let error = run(&csv, WEIGHT, "[model]\nkind = \"kmeans\"\n").unwrap_err().to_string();
    let said = ["weights of rows", "kmeans", "exclude"];
    assert!(said.iter().all(|word| error.contains(word)), "{error}");
    run(&csv, NO_WEIGHT, "[model]\nkind = \"kmeans\"\n").unwrap();
    for engine in ["linfa", "smartcore"] {
        for kind in ["scorecard", "tree"] {
            let recipe = format!("[model]\nkind = \"{kind}\"\nengine = \"{engine}\"\n");
            let error = run(&csv, WEIGHT, &recipe).unwrap_err().to_string();
            assert!(error.contains(engine) && error.contains("weights"), "{error}");
        }
    }
}
