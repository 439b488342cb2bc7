//! Blends of scores: coefficients against statsmodels, the answer of the model by its formula, signs, customers without a report.

use arrears_data::{Format, read_bytes};
use arrears_model::{CompiledScorer, Scorer, Value};
use arrears_train::{Recipe, TrainError, Trained, train};
use serde::Deserialize;

#[derive(Deserialize)]
struct Reference {
    rows: Vec<(f64, Option<f64>, u8)>,
    mean_without: f64,
    slope: Fit,
    intercept: Fit,
}

#[derive(Deserialize)]
struct Fit {
    estimates: Vec<f64>,
    errors: Vec<f64>,
    log_likelihood: f64,
}

fn reference() -> Reference {
    serde_json::from_str(include_str!("reference/blend.json")).expect("the reference")
}

/// All rows train; those of the column `held` do not.
const RECIPE: &str = r#"
name = "credit"
[data]
target = "bad"
positive = "1"
id = "id"
[split]
method = "column"
column = "part"
test_value = "test"
[blend]
internal = { pd = "pd" }
external = [{ column = "bureau" }]
"#;

fn table(rows: &[(f64, Option<f64>, u8)]) -> String {
    let mut text = "id,pd,bureau,bad,part,other\n".to_owned();
    for (at, (pd, bureau, bad)) in rows.iter().enumerate() {
        let bureau = bureau.map(|x| x.to_string()).unwrap_or_default();
        text += &format!("C{at},{pd},{bureau},{bad},train,{}\n", at % 7);
    }
    // Somebody has to be held out.
    text + "T1,0.2,600,1,test,1\nT2,0.1,,0,test,1\nT3,0.3,500,1,test,1\nT4,0.05,700,0,test,1\n"
}

fn blend(recipe: &str, csv: &str) -> Result<Trained, TrainError> {
    let recipe = Recipe::from_toml(recipe, "recipe.toml", "credit").expect("a sound recipe");
    let loaded = read_bytes("data.csv", Format::Csv, csv.as_bytes()).expect("a table");
    train(&recipe, loaded, "data.csv")
}

fn near(found: f64, expected: f64, relative: f64) -> bool {
    (found - expected).abs() <= relative * expected.abs().max(1e-3)
}

#[test]
fn coefficients_and_errors_are_those_of_statsmodels() {
    let reference = reference();
    let csv = table(&reference.rows);
    let intercept = RECIPE.replace("column = \"bureau\" }", "column = \"bureau\", missing = \"intercept\" }");
    for (recipe, fit) in [(RECIPE, &reference.slope), (&intercept, &reference.intercept)] {
        let trained = blend(recipe, &csv).expect("a blend");
        assert_eq!(trained.coefficients.len(), fit.estimates.len());
        for (found, (estimate, error)) in
            trained.coefficients.iter().zip(fit.estimates.iter().zip(&fit.errors))
        {
            let inference = found.inference.expect("errors");
            assert!(near(found.estimate, *estimate, 1e-7), "{}: {} {estimate}", found.column, found.estimate);
            assert!(near(inference.standard_error, *error, 1e-6), "{}: {inference:?} {error}", found.column);
        }
        let goodness = trained.goodness.as_ref().expect("a likelihood");
        assert!(near(goodness.deviance, -2.0 * fit.log_likelihood, 1e-10));
        assert_eq!(trained.model.provenance.fit.converged, Some(true));
        assert_eq!(trained.model.name, "credit-blend");
    }
}

/// The file scores by the formula that the documentation has, with the estimates of statsmodels.
#[test]
fn the_model_scores_by_its_formula() {
    let reference = reference();
    let model = blend(RECIPE, &table(&reference.rows)).expect("a blend").model;
    let names: Vec<&str> = model.schema.inputs().map(|field| field.name.as_str()).collect();
    assert_eq!(names, ["pd", "bureau"]);
    let [a, b, c, d, e] = reference.slope.estimates[..] else { panic!("five estimates") };
    let bytes = model.to_bytes().expect("bytes");
    let read = arrears_model::Model::from_bytes(&bytes).expect("the file");
    let (mut scorer, compiled) = (Scorer::new(&read), CompiledScorer::new(&read));
    let mut scratch = arrears_model::compiled::Scratch::default();
    for (pd, bureau, _) in &reference.rows {
        let l = (pd / (1.0 - pd)).ln();
        let log_odds = match bureau {
            Some(x) => a + b * l + c * x,
            None => a + d + b * l + e * (l - reference.mean_without),
        };
        let expected = 1.0 / (1.0 + (-log_odds).exp());
        let row = [Value::Number(*pd), bureau.map_or(Value::Missing, Value::Number)];
        let found = scorer.score(&row).expect("a score");
        assert!(near(found.pd.expect("a pd"), expected, 1e-6), "{pd} {bureau:?}: {found:?} {expected}");
        let fast = compiled.score_row(&row, &mut scratch).expect("a score");
        assert_eq!(fast.pd, found.pd);
        // A customer with a report loses nothing for want of one.
        let own_slope = read.schema.position("pd_without_bureau").expect("a field");
        assert!(bureau.is_none() || found.reasons.iter().all(|reason| reason.field != own_slope));
    }
    for none in [Value::Missing, Value::Number(0.0), Value::Number(1.0)] {
        assert!(
            scorer.score(&[none, Value::Number(600.0)]).is_err(),
            "{none:?}: no internal score, no answer"
        );
    }
}

/// At the optimum the pds of each group add up to its bads: customers without a report are calibrated on their own.
#[test]
fn customers_without_a_report_are_calibrated() {
    let reference = reference();
    let model = blend(RECIPE, &table(&reference.rows)).expect("a blend").model;
    let mut scorer = Scorer::new(&model);
    let mut sums = [[0.0; 2]; 2];
    for (pd, bureau, bad) in &reference.rows {
        let row = [Value::Number(*pd), bureau.map_or(Value::Missing, Value::Number)];
        let found = scorer.score(&row).expect("a score").pd.expect("a pd");
        let group = &mut sums[usize::from(bureau.is_some())];
        *group = [group[0] + found, group[1] + f64::from(*bad)];
    }
    sums.iter().for_each(|[pd, bads]| assert!(near(*pd, *bads, 1e-6), "{sums:?}"));
}

/// The AUC by looking at every pair of a bad and a good row; ties are one half.
fn by_pairs(risks: &[(f64, u8)]) -> f64 {
    let of = |class: u8| risks.iter().filter(move |(_, bad)| *bad == class).map(|(risk, _)| *risk);
    let won = |a: f64, b: f64| {
        if a > b {
            1.0
        } else if a == b {
            0.5
        } else {
            0.0
        }
    };
    let sum: f64 = of(1).flat_map(|bad| of(0).map(move |good| won(bad, good))).sum();
    sum / (of(1).count() * of(0).count()) as f64
}

#[test]
fn a_blend_ranks_better_than_its_scores_and_says_so() {
    let reference = reference();
    let trained = blend(RECIPE, &table(&reference.rows)).expect("a blend");
    let parts: Vec<(&str, &str)> = trained.blend.iter().map(|c| (c.part, c.rows_are.as_str())).collect();
    let three = |part| [(part, "all"), (part, "with bureau"), (part, "without bureau")];
    assert_eq!(parts, [three("held out"), three("training")].concat());
    let [all, with, without] = &trained.blend[3..] else { panic!("three groups") };
    assert_eq!(all.rows, with.rows + without.rows);
    assert_eq!(all.rows, reference.rows.len() as u64);
    let everybody: Vec<(f64, u8)> = reference.rows.iter().map(|(pd, _, bad)| (*pd, *bad)).collect();
    let reported: Vec<_> =
        reference.rows.iter().filter_map(|(pd, x, bad)| Some((*pd, (*x)?, *bad))).collect();
    let internal: Vec<(f64, u8)> = reported.iter().map(|(pd, _, bad)| (*pd, *bad)).collect();
    let external: Vec<(f64, u8)> = reported.iter().map(|(_, x, bad)| (-x, *bad)).collect();
    let (own, other) = (with.over_internal.expect("a difference"), with.over_external.expect("a difference"));
    assert!(near(all.over_internal.expect("a difference").second, by_pairs(&everybody), 1e-12));
    assert!(near(own.second, by_pairs(&internal), 1e-12));
    assert!(near(other.second, by_pairs(&external), 1e-12));
    assert!(all.over_internal.expect("a difference").difference > 0.0);
    assert!(own.difference > 0.0 && other.difference > 0.0, "{own:?} {other:?}");
    assert!(all.over_external.is_none(), "not all have the external score");
    // Alone the internal score ranks customers without a report, and a slope does not change an order.
    assert_eq!(without.over_internal.expect("a difference").difference, 0.0);
}

#[test]
fn a_score_that_points_the_wrong_way_is_refused() {
    let reference = reference();
    let csv = table(&reference.rows);
    let turned = RECIPE.replace("column = \"bureau\"", "column = \"bureau\", better = \"low\"");
    let error = blend(&turned, &csv).expect_err("it points the other way").to_string();
    assert!(error.contains("`bureau`") && error.contains("give it the other `better`"), "{error}");
    let score = RECIPE.replace("{ pd = \"pd\" }", "{ score = \"pd\" }");
    let error = blend(&score, &csv).expect_err("a pd is no score").to_string();
    assert!(error.contains("`pd`") && error.contains("points the wrong way"), "{error}");
    let noise = RECIPE.replace("\"bureau\"", "\"other\"");
    match blend(&noise, &csv) {
        Ok(trained) => assert!(trained.coefficients[2].estimate < 0.0),
        Err(error) => assert!(error.to_string().contains("`other`"), "{error}"),
    }
}

/// A score is a straight line in the log-odds, so both ways to name the internal score give the same pds.
#[test]
fn an_internal_score_does_as_well_as_its_pd() {
    let reference = reference();
    let by_pd = blend(RECIPE, &table(&reference.rows)).expect("a blend").model;
    let scored: Vec<(f64, Option<f64>, u8)> = reference
        .rows
        .iter()
        .map(|(pd, bureau, bad)| (487.0 - 28.85 * (pd / (1.0 - pd)).ln(), *bureau, *bad))
        .collect();
    let recipe = RECIPE.replace("{ pd = \"pd\" }", "{ score = \"pd\" }");
    let csv =
        table(&scored).replace("T1,0.2", "T1,500").replace("T2,0.1", "T2,550").replace("T3,0.3", "T3,480");
    let by_score = blend(&recipe, &csv.replace("T4,0.05", "T4,600")).expect("a blend").model;
    let (mut one, mut other) = (Scorer::new(&by_pd), Scorer::new(&by_score));
    for ((pd, bureau, _), (score, ..)) in reference.rows.iter().zip(&scored) {
        let bureau = bureau.map_or(Value::Missing, Value::Number);
        let a = one.score(&[Value::Number(*pd), bureau]).expect("a score").pd.expect("a pd");
        let b = other.score(&[Value::Number(*score), bureau]).expect("a score").pd.expect("a pd");
        // The mean without a report is rounded to three digits of another unit, which moves nothing.
        assert!(near(a, b, 1e-6), "{a} {b}");
    }
}

#[test]
fn where_all_have_a_report_one_without_counts_as_the_mean() {
    let reference = reference();
    let with: Vec<_> = reference.rows.iter().copied().filter(|(_, bureau, _)| bureau.is_some()).collect();
    let trained = blend(RECIPE, &table(&with)).expect("a blend");
    assert_eq!(trained.coefficients.len(), 3);
    let mean = with.iter().filter_map(|(_, bureau, _)| *bureau).sum::<f64>() / with.len() as f64;
    let mut scorer = Scorer::new(&trained.model);
    let without = scorer.score(&[Value::Number(0.1), Value::Missing]).expect("a score").pd;
    let at_mean = scorer.score(&[Value::Number(0.1), Value::Number(mean)]).expect("a score").pd;
    assert!(near(without.expect("a pd"), at_mean.expect("a pd"), 1e-9));
    let told =
        trained.model.provenance.fit.notes.iter().any(|note| note.contains("no training row lacks bureau"));
    assert!(told);
}

#[test]
fn what_does_not_go_with_a_blend_is_refused() {
    let reference = reference();
    let csv = table(&reference.rows);
    for (from, to, says) in [
        ("external = [{ column = \"bureau\" }]", "external = []", "at least one column"),
        ("external = [{ column = \"bureau\" }]", "external = [{ column = \"pd\" }]", "named twice"),
        ("[blend]", "[model]\nengine = \"linfa\"\n[blend]", "knows no blend"),
        ("[blend]", "[logistic]\nl2 = 0.5\n[blend]", "fitted without a penalty"),
        ("[blend]", "[model]\nkind = \"tree\"\n[blend]", "[blend]"),
        ("\"bureau\"", "\"burau\"", "burau"),
    ] {
        assert!(RECIPE.contains(from));
        let error = blend(&RECIPE.replace(from, to), &csv).expect_err(to).to_string();
        assert!(error.contains(says), "{to}: {error}");
    }
}
