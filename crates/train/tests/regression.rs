//! The native logistic regression against statsmodels (unpenalised), scikit-learn (penalised) and scipy (signs)
//! on the bundled data, and against properties that need no reference.
//!
//! `reference/regression.json` is made by `reference/make_regression.py`.

#![allow(clippy::unwrap_used, reason = "helper functions of tests")]

use arrears_train::codes::Codes;
use arrears_train::engine::EngineError;
use arrears_train::regression::{
    Column, Design, Note, Observations, Regression, RegressionParams, RegressionPenalty, Sign,
    cross_validate, regress,
};
use linfa::DatasetBase;
use linfa::traits::{Fit, Predict};
use ndarray::{Array1, Array2};
use proptest::prelude::*;
use serde_json::Value;

const CREDIT: [&str; 9] =
    ["seniority", "term_months", "age", "expenses", "income", "assets", "debt", "amount", "price"];
const GERMAN: [&str; 7] = [
    "duration_in_month",
    "credit_amount",
    "installment_rate_in_percentage_of_disposable_income",
    "present_residence_since",
    "age_in_years",
    "number_of_existing_credits_at_this_bank",
    "number_of_people_being_liable_to_provide_maintenance_for",
];

/// Columns and labels.
#[derive(Clone)]
struct Data {
    columns: Vec<Vec<f64>>,
    bad: Vec<bool>,
}

impl Data {
    fn named(name: &str) -> Self {
        match name {
            "credit" => Self::read(include_str!("../../../datasets/credit/data.csv"), "status", &CREDIT),
            _ => Self::read(include_str!("../../../datasets/german/data.csv"), "creditability", &GERMAN),
        }
    }

    /// The rows whose columns are all there.
    fn read(text: &str, target: &str, names: &[&str]) -> Self {
        let reader = csv::ReaderBuilder::new().has_headers(false).from_reader(text.as_bytes());
        let mut lines = reader.into_records().map(Result::unwrap);
        let header = lines.next().unwrap();
        let at = |name: &str| header.iter().position(|field| field == name).unwrap();
        let (target, wanted): (usize, Vec<usize>) = (at(target), names.iter().map(|name| at(name)).collect());
        let mut data = Self { columns: vec![Vec::new(); names.len()], bad: Vec::new() };
        for row in lines {
            let Ok(values) = wanted.iter().map(|&i| row[i].parse()).collect::<Result<Vec<f64>, _>>() else {
                continue;
            };
            data.columns.iter_mut().zip(values).for_each(|(column, value)| column.push(value));
            data.bad.push(&row[target] == "bad");
        }
        data
    }

    fn standardised(mut self) -> Self {
        for column in &mut self.columns {
            let n = column.len() as f64;
            let mean = column.iter().sum::<f64>() / n;
            let sd = (column.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / n).sqrt();
            column.iter_mut().for_each(|x| *x = (*x - mean) / sd);
        }
        self
    }

    fn rows(&self) -> usize {
        self.bad.len()
    }

    fn design(&self) -> Design<'_> {
        Design { columns: self.columns.iter().map(|c| Column::Numbers(c)).collect(), rows: self.rows() }
    }

    fn observations(&self) -> Observations<'_> {
        Observations { bad: &self.bad, weights: None, offset: None, groups: None }
    }

    fn fit(&self, params: &RegressionParams) -> Regression {
        regress(&self.design(), &self.observations(), params).unwrap()
    }
}

fn weights(rows: usize) -> Vec<f64> {
    (0..rows).map(|row| (row % 4) as f64).collect()
}

fn offset(rows: usize) -> Vec<f64> {
    (0..rows).map(|row| (row % 7) as f64 * 0.25 - 0.5).collect()
}

fn reference(part: &str) -> Vec<Value> {
    let all: Value = serde_json::from_str(include_str!("reference/regression.json")).unwrap();
    let cases = all[part].as_array().unwrap().clone();
    assert!(cases.len() >= 6);
    cases
}

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(|v| v.as_f64().unwrap()).collect()
}

#[track_caller]
fn assert_close(what: &str, found: &[f64], expected: &[f64], tolerance: f64) {
    assert_eq!(found.len(), expected.len(), "{what}");
    for (i, (found, expected)) in found.iter().zip(expected).enumerate() {
        let away = (found - expected).abs() / expected.abs().max(1e-3);
        assert!(away <= tolerance, "{what} {i}: {found} instead of {expected}, {away:.1e} away");
    }
}

fn estimates(fit: &Regression) -> Vec<f64> {
    std::iter::once(fit.intercept).chain(fit.coefficients.iter().copied()).collect()
}

#[test]
fn agrees_with_statsmodels() {
    for case in reference("unpenalised") {
        let data = Data::named(case["data"].as_str().unwrap());
        let name = case["name"].as_str().unwrap();
        let (weights, offset) = (weights(data.rows()), offset(data.rows()));
        let observations = Observations {
            bad: &data.bad,
            weights: name.contains("weights").then_some(&weights[..]),
            offset: name.contains("offset").then_some(&offset[..]),
            groups: None,
        };
        let fit = regress(&data.design(), &observations, &RegressionParams::default()).unwrap();
        assert!(fit.converged && fit.notes.is_empty(), "{name}: {:?}", fit.notes);
        let check = |what: &str, found: &[f64], expected: &[f64]| {
            assert_close(&format!("{} {name}: {what}", case["data"]), found, expected, 1e-8);
        };
        check("estimates", &estimates(&fit), &numbers(&case["estimates"]));
        check("errors", fit.standard_errors.as_ref().unwrap(), &numbers(&case["standard_errors"]));
        check("covariance", fit.covariance.as_ref().unwrap(), &numbers(&case["covariance"]));
        check("z", &fit.z().unwrap(), &numbers(&case["z"]));
        check("p", &fit.p_values().unwrap(), &numbers(&case["p_values"]));
        for (interval, expected) in
            fit.confidence_intervals(0.95).unwrap().iter().zip(case["intervals"].as_array().unwrap())
        {
            check("interval", &[interval.0, interval.1], &numbers(expected));
        }
        for (what, found) in [
            ("deviance", fit.deviance),
            ("null_deviance", fit.null_deviance),
            ("log_likelihood", fit.log_likelihood),
            ("aic", fit.aic),
            ("bic", fit.bic),
        ] {
            assert_close(what, &[found], &[case[what].as_f64().unwrap()], 1e-10);
        }
    }
}

#[test]
fn agrees_with_scikit_learn() {
    for case in reference("penalised") {
        let data = Data::named(case["data"].as_str().unwrap()).standardised();
        let weights = weights(data.rows());
        let weighted = case["name"] == "weights";
        let observations = Observations { weights: weighted.then_some(&weights[..]), ..data.observations() };
        let (l2, l1) = (case["l2"].as_f64().unwrap(), case["l1"].as_f64().unwrap());
        let params = RegressionParams { l2, l1, tolerance: 1e-12, ..RegressionParams::default() };
        let fit = regress(&data.design(), &observations, &params).unwrap();
        assert!(fit.converged, "{case}: {:?}", fit.notes);
        let what = format!("{} l2 {l2} l1 {l1}", case["data"]);
        assert_close(&what, &[fit.intercept], &[case["intercept"].as_f64().unwrap()], 1e-8);
        assert_close(&what, &fit.coefficients, &numbers(&case["coefficients"]), 1e-8);
        assert_eq!(fit.standard_errors.is_some(), l1 == 0.0);
    }
}

#[test]
fn signs_agree_with_scipy() {
    for case in reference("signed") {
        let data = Data::named(case["data"].as_str().unwrap()).standardised();
        let sign = |s: f64| if s < 0.0 { Sign::NotPositive } else { Sign::NotNegative };
        let signs = numbers(&case["signs"]).into_iter().map(sign).collect();
        let fit = data.fit(&RegressionParams { signs, ..RegressionParams::default() });
        assert!(fit.converged, "{:?}", fit.notes);
        let what = format!("{} {}", case["data"], case["name"]);
        assert_close(&what, &[fit.intercept], &[case["intercept"].as_f64().unwrap()], 1e-8);
        assert_close(&what, &fit.coefficients, &numbers(&case["coefficients"]), 1e-8);
        let held = fit.coefficients.iter().filter(|b| **b == 0.0).count();
        assert_eq!(fit.degrees, (fit.coefficients.len() + 1 - held) as f64);
    }
}

/// Uniform numbers in [0, 1): a multiplicative congruential generator (Park and Miller).
fn noise(seed: u64) -> impl FnMut() -> f64 {
    let mut state = seed;
    move || {
        state = state * 48_271 % 2_147_483_647;
        state as f64 / 2_147_483_647.0
    }
}

/// Correlated columns and labels that depend on them.
fn drawn(rows: usize, columns: usize, seed: u64) -> Data {
    let mut draw = noise(seed);
    let mut data = Data { columns: vec![Vec::new(); columns], bad: Vec::new() };
    for _ in 0..rows {
        let shared = draw() + draw() - 1.0;
        let mut odds = -1.0;
        for (j, column) in data.columns.iter_mut().enumerate() {
            let value = (draw() + draw() + draw() - 1.5) * 1.5 + shared;
            odds += value * (0.6 - 0.4 * j as f64).max(-0.8);
            column.push(value);
        }
        data.bad.push(draw() < 1.0 / (1.0 + (-odds).exp()));
    }
    data
}

/// The gradient of the loss, row by row, as the formula says.
fn gradient(data: &Data, weights: Option<&[f64]>, fit: &Regression) -> Vec<f64> {
    let mut sums = vec![0.0; data.columns.len() + 1];
    for row in 0..data.rows() {
        let products = data.columns.iter().zip(&fit.coefficients).map(|(column, b)| b * column[row]);
        let p = 1.0 / (1.0 + (-fit.intercept - products.sum::<f64>()).exp());
        let residual = weights.map_or(1.0, |w| w[row]) * (p - f64::from(u8::from(data.bad[row])));
        sums[0] += residual;
        sums[1..].iter_mut().zip(&data.columns).for_each(|(sum, column)| *sum += residual * column[row]);
    }
    sums
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    /// The conditions of Karush, Kuhn and Tucker: no allowed move of a coefficient lowers the objective.
    #[test]
    fn penalised_fits_are_optimal(
        seed in 1..10_000u64, columns in 1..7usize, l2 in 0.0..20.0f64, l1 in 0.0..40.0f64, signed in any::<bool>(),
    ) {
        let data = drawn(400, columns, seed);
        prop_assume!(data.bad.iter().any(|b| *b) && !data.bad.iter().all(|b| *b));
        let cycle = [Sign::NotPositive, Sign::Free, Sign::NotNegative];
        let signs: Vec<Sign> = if signed { (0..columns).map(|j| cycle[j % 3]).collect() } else { Vec::new() };
        let params = RegressionParams { l2, l1, signs: signs.clone(), tolerance: 1e-11, ..Default::default() };
        let fit = data.fit(&params);
        prop_assert!(fit.converged, "{:?}", fit.notes);
        let slopes = gradient(&data, None, &fit);
        prop_assert!(slopes[0].abs() < 1e-7);
        for (j, &b) in fit.coefficients.iter().enumerate() {
            let slope = slopes[j + 1] + l2 * b;
            let sign = signs.get(j).copied().unwrap_or_default();
            prop_assert!(sign != Sign::NotPositive || b <= 0.0);
            prop_assert!(sign != Sign::NotNegative || b >= 0.0);
            if b != 0.0 {
                prop_assert!((slope + l1 * b.signum()).abs() < 1e-7, "column {j}: {slope}");
            } else {
                prop_assert!(sign == Sign::NotPositive || slope >= -l1 - 1e-7, "column {j}: {slope}");
                prop_assert!(sign == Sign::NotNegative || slope <= l1 + 1e-7, "column {j}: {slope}");
            }
        }
    }

    /// Few rows of zeros and ones: separated, collinear and constant as often as not.
    #[test]
    fn every_answer_is_a_number_and_every_failure_is_told(
        cells in prop::collection::vec(0..3u8, 12..90), columns in 1..5usize, l2 in prop::bool::ANY,
        l1 in prop::bool::ANY, signed in prop::bool::ANY, shift in prop::bool::ANY,
    ) {
        let rows = cells.len() / (columns + 1);
        let column = |j: usize| (0..rows).map(|row| f64::from(cells[row * (columns + 1) + j])).collect();
        let columns: Vec<Vec<f64>> = (0..columns).map(column).collect();
        let last = columns.len();
        let bad: Vec<bool> = (0..rows).map(|row| cells[row * (last + 1) + last] == 0).collect();
        prop_assume!(bad.iter().any(|b| *b) && !bad.iter().all(|b| *b));
        let data = Data { columns, bad };
        let offset = offset(rows);
        let observations = Observations { offset: shift.then_some(&offset[..]), ..data.observations() };
        let signs = if signed { vec![Sign::NotPositive; last] } else { Vec::new() };
        let (l2, l1) = (f64::from(u8::from(l2)) * 0.3, f64::from(u8::from(l1)) * 0.5);
        let params = RegressionParams { l2, l1, signs, ..Default::default() };
        let fit = regress(&data.design(), &observations, &params).unwrap();
        let mut all = estimates(&fit);
        all.extend([fit.deviance, fit.null_deviance, fit.aic, fit.bic, fit.gradient_norm, fit.degrees]);
        all.extend(fit.covariance.clone().unwrap_or_default());
        all.extend(fit.p_values().unwrap_or_default());
        prop_assert!(all.iter().all(|number| number.is_finite()), "{fit:?}");
        let told = fit.notes.iter().any(|n| matches!(n, Note::Separation { .. } | Note::NotConverged { .. }));
        prop_assert!(fit.converged != told, "{fit:?}");
        prop_assert!(fit.deviance <= fit.null_deviance * (1.0 + 1e-9), "{fit:?}");
        // a penalty on every coefficient gives every data set an optimum
        prop_assert!(fit.converged || l2 == 0.0 && l1 == 0.0, "{fit:?}");
    }

    #[test]
    fn a_weight_is_a_repeated_row(seed in 1..10_000u64) {
        let data = drawn(200, 3, seed);
        let weights = weights(200);
        let weighted = Observations { weights: Some(&weights), ..data.observations() };
        let weighted = regress(&data.design(), &weighted, &RegressionParams::default()).unwrap();
        let often = |row: usize| std::iter::repeat_n(row, row % 4);
        let rows: Vec<usize> = (0..200).flat_map(often).collect();
        let repeated = at_rows(&data, &rows).fit(&RegressionParams::default());
        assert_close("estimates", &estimates(&weighted), &estimates(&repeated), 1e-10);
        assert_close("bic", &[weighted.bic, weighted.deviance], &[repeated.bic, repeated.deviance], 1e-12);
        let errors = |fit: &Regression| fit.standard_errors.clone().unwrap();
        assert_close("errors", &errors(&weighted), &errors(&repeated), 1e-8);
    }

    #[test]
    fn the_order_of_rows_does_not_matter(seed in 1..10_000u64) {
        let data = drawn(700, 4, seed);
        let rows: Vec<usize> = (0..700).map(|row| row * 293 % 700).collect();
        for params in [RegressionParams::default(), RegressionParams { l1: 3.0, ..Default::default() }] {
            let (first, second) = (data.fit(&params), at_rows(&data, &rows).fit(&params));
            assert_close("estimates", &estimates(&first), &estimates(&second), 1e-10);
        }
    }
}

fn at_rows(data: &Data, rows: &[usize]) -> Data {
    Data {
        columns: data.columns.iter().map(|c| rows.iter().map(|&row| c[row]).collect()).collect(),
        bad: rows.iter().map(|&row| data.bad[row]).collect(),
    }
}

#[test]
fn the_same_bits_on_any_number_of_threads() {
    let data = drawn(60_000, 5, 3);
    let weights = weights(60_000);
    for (weights, l1) in [(None, 0.0), (Some(&weights[..]), 0.0), (None, 100.0)] {
        let observations = Observations { weights, ..data.observations() };
        let params = RegressionParams { l1, ..RegressionParams::default() };
        let on = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| format!("{:?}", regress(&data.design(), &observations, &params).unwrap()))
        };
        let one = on(1);
        assert_eq!(one, on(2));
        assert_eq!(one, on(8));
    }
}

/// Many rows start on a sample of them; what comes out must not depend on that.
#[test]
fn many_rows_give_the_optimum_too() {
    let data = drawn(50_000, 3, 11);
    for (l2, l1) in [(0.0, 0.0), (30.0, 200.0)] {
        let fit = data.fit(&RegressionParams { l2, l1, tolerance: 1e-10, ..Default::default() });
        assert!(fit.converged && fit.gradient_norm <= 1e-10);
        let slopes = gradient(&data, None, &fit);
        for (j, b) in fit.coefficients.iter().enumerate() {
            assert!(*b != 0.0 && (slopes[j + 1] + l2 * b + l1 * b.signum()).abs() < 1e-6 * 5.0, "{slopes:?}");
        }
    }
}

#[test]
fn codes_are_their_values() {
    let data = drawn(3_000, 2, 5);
    let bin = |value: &f64| ((value + 4.0) * 3.0).clamp(0.0, 23.0) as usize;
    let woe: Vec<f64> = (0..24).map(|bin| 1.2 - 0.1 * bin as f64 + 0.01 * (bin * bin % 7) as f64).collect();
    let narrow = Codes::collect(24, data.columns[0].iter().map(bin));
    let wide = Codes::collect(300, data.columns[1].iter().map(bin));
    let columns = vec![Column::Codes(&narrow, &woe), Column::Codes(&wide, &woe)];
    let coded = Design { columns, rows: 3_000 };
    let numbers: Vec<Vec<f64>> =
        data.columns.iter().map(|column| column.iter().map(|v| woe[bin(v)]).collect()).collect();
    let plain = Data { columns: numbers, bad: data.bad.clone() };
    let coded = regress(&coded, &data.observations(), &RegressionParams::default()).unwrap();
    assert_close("codes", &estimates(&coded), &estimates(&plain.fit(&RegressionParams::default())), 1e-11);
}

#[test]
fn collinear_and_constant_columns_are_left_out() {
    let mut data = drawn(500, 2, 9);
    let alone = data.fit(&RegressionParams::default());
    let sum = data.columns[0].iter().zip(&data.columns[1]).map(|(a, b)| 3.0 * a - b + 1e3).collect();
    data.columns.insert(1, vec![7.25; 500]);
    data.columns.push(sum);
    let fit = data.fit(&RegressionParams::default());
    assert_eq!(fit.notes, [Note::Constant { column: 1 }, Note::Collinear { column: 3 }]);
    assert!(fit.converged);
    let kept = [fit.intercept, fit.coefficients[0], fit.coefficients[2]];
    assert_close("kept", &kept, &estimates(&alone), 1e-9);
    assert_eq!([fit.coefficients[1], fit.coefficients[3]], [0.0, 0.0]);
    assert_eq!((fit.degrees, fit.aic), (3.0, alone.aic));
    // with a penalty the optimum is unique again, and both share the weight
    let shared = data.fit(&RegressionParams { l2: 1.0, ..Default::default() });
    assert!(shared.converged && shared.coefficients[3] != 0.0, "{:?}", shared.notes);
}

#[test]
fn separation_is_reported() {
    let bad: Vec<bool> = (0..200).map(|row| row >= 120).collect();
    let rank: Vec<f64> = (0..200).map(|row| f64::from(row) / 50.0).collect();
    let mut draw = noise(4);
    let other: Vec<f64> = (0..200).map(|_| draw()).collect();
    let complete = Data { columns: vec![other.clone(), rank.clone()], bad };
    let fit = complete.fit(&RegressionParams::default());
    let found = |fit: &Regression| {
        let separation = fit.notes.iter().find_map(|note| match note {
            Note::Separation { complete, columns } => Some((*complete, columns.clone())),
            _ => None,
        });
        separation.unwrap_or_else(|| panic!("{:?}", fit.notes))
    };
    let (is_complete, columns) = found(&fit);
    assert!(is_complete && columns.contains(&1) && !fit.converged && fit.standard_errors.is_none());
    assert!(estimates(&fit).iter().all(|b| b.is_finite()));

    // all rows with the flag are bad, the others mixed
    let flag: Vec<f64> = (0..200).map(|row| f64::from(u8::from(row % 10 == 0))).collect();
    let bad = (0..200).map(|row| row % 10 == 0 || other[row] > 0.7).collect();
    let mut draw = noise(8);
    let free: Vec<f64> = (0..200).map(|_| draw()).collect();
    let quasi = Data { columns: vec![free.clone(), flag], bad };
    let fit = quasi.fit(&RegressionParams::default());
    assert_eq!(found(&fit), (false, vec![1]));
    assert!(!fit.converged && estimates(&fit).iter().all(|b| b.is_finite()));

    // with a penalty both have an optimum
    for data in [complete, quasi] {
        let fit = data.fit(&RegressionParams { l2: 0.1, ..Default::default() });
        assert!(fit.converged && fit.notes.is_empty(), "{:?}", fit.notes);
    }
}

#[test]
fn separation_agrees_with_linear_programs() {
    for case in reference("separation") {
        let rows: Vec<Vec<f64>> = case["records"].as_array().unwrap().iter().map(numbers).collect();
        let column = |j: usize| rows.iter().map(|row| row[j]).collect();
        let bad = case["bad"].as_array().unwrap().iter().map(|b| b.as_bool().unwrap()).collect();
        let data = Data { columns: (0..rows[0].len()).map(column).collect(), bad };
        let fit = data.fit(&RegressionParams::default());
        let found = fit.notes.iter().find_map(|note| match note {
            Note::Separation { complete, .. } => Some(if *complete { "complete" } else { "quasi" }),
            _ => None,
        });
        assert_eq!(found.unwrap_or("none"), case["separation"], "{case} {fit:?}");
    }
}

#[test]
fn too_few_iterations_are_reported() {
    let fit = Data::named("german").fit(&RegressionParams { max_iterations: 1, ..Default::default() });
    assert!(!fit.converged && fit.iterations == 1);
    assert!(matches!(fit.notes[..], [Note::NotConverged { iterations: 1, .. }]), "{:?}", fit.notes);
}

#[test]
fn the_intercept_alone_fits_the_share_of_bads() {
    let bad: Vec<bool> = (0..50).map(|row| row % 5 == 0).collect();
    let design = Design { columns: Vec::new(), rows: 50 };
    let observations = Observations { bad: &bad, weights: None, offset: None, groups: None };
    let fit = regress(&design, &observations, &RegressionParams::default()).unwrap();
    assert!((fit.intercept - 0.25f64.ln()).abs() < 1e-14);
    assert!((fit.deviance - fit.null_deviance).abs() < 1e-12);
    // the variance of an estimated log-odds: 1/10 + 1/40
    assert!((fit.standard_errors.unwrap()[0] - 0.125f64.sqrt()).abs() < 1e-14);
}

#[test]
fn what_cannot_be_fitted_is_refused() {
    let (bad, values) = ([true, false, true], [1.0, f64::NAN, 2.0]);
    let observations = Observations { bad: &bad, weights: None, offset: None, groups: None };
    let numbers = |values| Design { columns: vec![Column::Numbers(values)], rows: 3 };
    let fit = |design: &Design<'_>, observations: &Observations<'_>| {
        regress(design, observations, &RegressionParams::default()).unwrap_err()
    };
    let error = fit(&numbers(&values), &observations);
    assert!(matches!(error, EngineError::NotFinite { row: 1, column: 0, .. }), "{error}");
    let error = fit(&numbers(&values[..2]), &observations);
    assert_eq!(error, EngineError::Length { what: "column", found: 2, rows: 3 });
    let good = [1.0, 3.0, 2.0];
    let error = fit(&numbers(&[1.0, 1e200, 2.0]), &observations);
    assert!(matches!(error, EngineError::Unscaled { column: 0, .. }), "{error}");
    let error = fit(&numbers(&good), &Observations { weights: Some(&[1.0, -1.0, 1.0]), ..observations });
    assert!(matches!(error, EngineError::Observation { what: "weight", row: 1, .. }), "{error}");
    let error = fit(&numbers(&good), &Observations { weights: Some(&[1.0, 0.0, 1.0]), ..observations });
    assert!(matches!(error, EngineError::OneClass { .. }), "{error}");
    let error = fit(&numbers(&good), &Observations { offset: Some(&[0.0]), ..observations });
    assert!(matches!(error, EngineError::Length { what: "offset", .. }), "{error}");
    let codes = Codes::collect(3, [0, 2, 1].into_iter());
    let coded = Design { columns: vec![Column::Codes(&codes, &[0.5, 1.0])], rows: 3 };
    assert_eq!(fit(&coded, &observations), EngineError::Code { column: 0, code: 2, values: 2 });
    for params in [
        RegressionParams { l2: -1.0, ..Default::default() },
        RegressionParams { l1: f64::NAN, ..Default::default() },
        RegressionParams { max_iterations: 0, ..Default::default() },
        RegressionParams { tolerance: 0.0, ..Default::default() },
        RegressionParams { signs: vec![Sign::Free; 2], ..Default::default() },
    ] {
        let error = regress(&numbers(&good), &observations, &params).unwrap_err();
        assert!(matches!(error, EngineError::Parameter { .. }), "{error}");
    }
}

/// Of many rows the checks at the door see a part only.
#[test]
fn one_bad_value_in_many_rows_is_found() {
    let mut data = drawn(40_000, 2, 13);
    for (row, value) in [(0, f64::NAN), (70, f64::INFINITY), (20_000, f64::NAN), (39_999, 1e200)] {
        let kept = std::mem::replace(&mut data.columns[1][row], value);
        let error = regress(&data.design(), &data.observations(), &RegressionParams::default()).unwrap_err();
        match error {
            EngineError::NotFinite { row: found, column: 1, .. } => assert_eq!(found, row),
            EngineError::Unscaled { column: 1, .. } => assert_eq!(value, 1e200),
            other => panic!("{other}"),
        }
        data.columns[1][row] = kept;
    }
    // a flag that the part never sees is no constant
    let mut flag = vec![0.0; 40_000];
    (70..128).for_each(|row| flag[row] = 1.0);
    data.columns.push(flag);
    let fit = data.fit(&RegressionParams::default());
    assert!(fit.converged && fit.notes.is_empty() && fit.coefficients[2] != 0.0, "{:?}", fit.notes);
}

#[test]
fn works_as_a_linfa_learner() {
    let data = drawn(800, 3, 21);
    let records = Array2::from_shape_fn((800, 3), |(row, column)| data.columns[column][row]);
    let dataset = DatasetBase::new(records, Array1::from(data.bad.clone()));
    let fit = RegressionParams::default().fit(&dataset).unwrap();
    assert_eq!(fit, data.fit(&RegressionParams::default()));
    let odds = fit.log_odds(&data.design(), None);
    let predicted: Array1<bool> = fit.predict(dataset.records());
    assert!(predicted.iter().zip(&odds).all(|(bad, odds)| *bad == (*odds >= 0.0)));
    let probabilities = fit.predict_probabilities(dataset.records());
    let off = probabilities.iter().zip(&odds).map(|(p, odds)| (p - 1.0 / (1.0 + (-odds).exp())).abs());
    assert!(off.fold(0.0, f64::max) < 1e-15);
}

/// Each fold is predicted by a fit on the others, done here the slow way.
#[test]
fn cross_validation_prefers_what_predicts() {
    let data = drawn(300, 6, 33);
    let grid: Vec<RegressionPenalty> =
        [0.1, 10.0, 1e5].into_iter().map(|l2| RegressionPenalty { l2, l1: 0.0 }).collect();
    let run = |seed| {
        let params = RegressionParams::default();
        cross_validate(&data.design(), &data.observations(), &params, &grid, 5, seed).unwrap()
    };
    let found = run(1);
    assert_eq!(found, run(1));
    assert_ne!(found, run(2));
    let least = found.scores.iter().map(|s| s.log_loss).fold(f64::INFINITY, f64::min);
    assert_eq!(found.scores[found.chosen].log_loss, least);
    assert!(found.scores.iter().all(|s| s.converged == 5 && s.log_loss_error > 0.0));
    // nearly infinite penalty: every row gets the share of bads of the other folds
    let share = data.bad.iter().filter(|b| **b).count() as f64 / 300.0;
    let entropy = -share * share.ln() - (1.0 - share) * (1.0 - share).ln();
    assert!((found.scores[2].log_loss - entropy).abs() < 1e-3, "{found:?}");
    assert!(found.scores[0].log_loss < entropy - 0.05 && found.scores[0].auc > 0.7, "{found:?}");
    let error =
        cross_validate(&data.design(), &data.observations(), &RegressionParams::default(), &grid, 1, 0);
    assert!(matches!(error, Err(EngineError::Parameter { name: "folds", .. })));
}
