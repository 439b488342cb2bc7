//! Expert models: written points are the score, policies hold, and data change the pd alone.

use arrears_data::read_bytes;
use arrears_model::scale::probability;
use arrears_model::value::RefusalKind;
use arrears_model::{CompiledScorer, Model, Scored, Scorer, Value};
use arrears_train::expert::{declared, presets::PRESETS, write_declared};
use arrears_train::{Recipe, TrainError, Trained, train};

fn recipe(text: &str) -> Recipe {
    Recipe::from_toml(text, "expert.toml", "own").expect("a sound recipe")
}

fn model(text: &str) -> Model {
    declared(&recipe(text)).expect("a sound model")
}

fn preset(name: &str) -> Model {
    model(&format!("[expert]\npreset = \"{name}\"\n"))
}

/// Scores a row by both scorers.
fn score(model: &Model, row: &[Value<'_>]) -> Scored {
    let plain = Scorer::new(model).score(row).expect("a row with all it needs");
    let mut scratch = arrears_model::compiled::Scratch::default();
    let compiled = CompiledScorer::new(model);
    let fast = compiled.score_row(row, &mut scratch).expect("a row with all it needs");
    assert_eq!((plain.pd, plain.score, plain.grade), (fast.pd, fast.score, fast.grade));
    plain
}

fn numbers(model: &Model, row: &[f64]) -> Scored {
    score(model, &row.iter().map(|x| Value::Number(*x)).collect::<Vec<_>>())
}

fn refusal(model: &Model, row: &[Value<'_>]) -> (String, RefusalKind) {
    let refused = Scorer::new(model).score(row).expect_err("a refusal");
    let mut scratch = arrears_model::compiled::Scratch::default();
    assert_eq!(CompiledScorer::new(model).score_row(row, &mut scratch).expect_err("a refusal"), refused);
    (refused.column, refused.kind)
}

fn zone(model: &Model, scored: &Scored) -> String {
    model.grades[scored.grade.expect("a grade")].name.clone()
}

fn close(found: Option<f64>, expected: f64) {
    assert!((found.expect("a score") - expected).abs() < 1e-9, "{found:?}, expected {expected}");
}

/// The means of the 33 bankrupt and 33 other firms in Altman 1968, table 1 (as fractions); the sums are by hand.
#[test]
fn altman_scores_of_the_published_group_means() {
    #[allow(clippy::approx_constant)]
    let bankrupt = [-0.061, -0.626, -0.318, 0.401, 1.50];
    let other = [0.414, 0.355, 0.154, 2.477, 1.90];
    let z = preset("altman-z");
    // -0.0732 - 0.8764 - 1.0494 + 0.2406 + 1.4985
    close(numbers(&z, &bankrupt).score, -0.2599);
    assert_eq!(zone(&z, &numbers(&z, &bankrupt)), "distress");
    // 0.4968 + 0.497 + 0.5082 + 1.4862 + 1.8981
    close(numbers(&z, &other).score, 4.8863);
    assert_eq!(zone(&z, &numbers(&z, &other)), "safe");
    let z1 = preset("altman-z1");
    // 0.296838 + 0.300685 + 0.478478 + 1.04034 + 1.8962
    close(numbers(&z1, &other).score, 4.012541);
    let z2 = preset("altman-z2");
    // -0.40016 - 2.04076 - 2.13696 + 0.42105
    close(numbers(&z2, &bankrupt[..4]).score, -4.15683);
    close(numbers(&preset("altman-z2-em"), &bankrupt[..4]).score, -4.15683 + 3.25);
}

#[test]
fn altman_zones_begin_where_they_are_published() {
    for (name, grey, safe) in [
        ("altman-z", 1.81, 2.99),
        ("altman-z1", 1.23, 2.9),
        ("altman-z2", 1.1, 2.6),
        ("altman-z2-em", 4.35, 5.85),
    ] {
        let model = preset(name);
        let ratios = model.schema.fields.len();
        let slope = arrears_model::slopes::linear_points(&model)[0].slope;
        let base = numbers(&model, &vec![0.0; ratios]).score.unwrap();
        let at = |z: f64| {
            let mut row = vec![0.0; ratios];
            row[0] = (z - base) / slope;
            zone(&model, &numbers(&model, &row))
        };
        for (bound, below, above) in [(grey, "distress", "grey"), (safe, "grey", "safe")] {
            assert_eq!((at(bound - 1e-6).as_str(), at(bound).as_str()), (below, above), "{name}");
        }
    }
}

#[test]
fn a_ratio_that_is_missing_rejects_the_row() {
    let model = preset("altman-z2");
    let mut row = [Value::Number(0.1); 4];
    for missing in [Value::Missing, Value::Text(" "), Value::Text("NA"), Value::Number(f64::NAN)] {
        row[2] = missing;
        assert_eq!(refusal(&model, &row), ("ebit_to_total_assets".to_owned(), RefusalKind::Missing));
    }
    row[2] = Value::Number(f64::INFINITY);
    assert_eq!(refusal(&model, &row).1, RefusalKind::NotFinite);
}

#[test]
fn the_fico_style_card_spans_300_to_850_by_the_published_weights() {
    let model = preset("fico-style");
    close(numbers(&model, &[0.0, 0.0, 0.05, 1.0, 240.0, 0.0, 0.0, 4.0]).score, 850.0);
    close(numbers(&model, &[9.0, 200.0, 1.2, 12.0, 3.0, 9.0, 6.0, 0.0]).score, 300.0);
    // 300 + 72 + 58 + 88 + 39 + 45 + 23 + 17 + 41
    let middle = numbers(&model, &[1.0, 10.0, 0.25, 4.0, 60.0, 2.0, 1.0, 2.0]);
    assert_eq!(middle.score, Some(683.0));
    assert_eq!(zone(&model, &middle), "good");
    let ranges = arrears_model::points::characteristics(&model, arrears_model::points::Spread::Base).unwrap();
    let best: Vec<f64> = ranges[1..].iter().map(|c| c.best).collect();
    let groups = [best[0] + best[1], best[2] + best[3], best[4], best[5] + best[6], best[7]];
    for (points, percent) in groups.into_iter().zip([35.0, 30.0, 15.0, 10.0, 10.0]) {
        assert!((points / 550.0 * 100.0 - percent).abs() < 0.1, "{groups:?}");
    }
    assert!(model.provenance.fit.notes.iter().any(|note| note.contains("NOT a FICO score")));
}

const OWN: &str = r#"
name = "shop"
[expert]
base_points = 100
[[expert.zones]]
name = "good"
min_score = 150
[[expert.zones]]
name = "poor"
[[expert.characteristics]]
column = "age"
missing = 5
min = 18
bins = [{ below = 30, points = 10 }, { below = 50, points = 30 }, { points = 40 }]
special = [{ code = -1, points = 7 }]
[[expert.characteristics]]
column = "home"
reason = "where you live"
missing = "reject"
other = 1
groups = [{ of = ["rent", "parents"], points = 15 }, { of = ["owner"], points = 25 }]
"#;

#[test]
fn points_are_the_score() {
    let model = model(OWN);
    let points = |age: Value<'_>, home: &str| score(&model, &[age, Value::Text(home)]).score.unwrap();
    assert_eq!(points(Value::Number(29.9), "rent"), 125.0);
    assert_eq!(points(Value::Number(30.0), "parents"), 145.0);
    assert_eq!(points(Value::Text("50"), "owner"), 165.0);
    assert_eq!(points(Value::Number(-1.0), "owner"), 132.0);
    assert_eq!(points(Value::Missing, "owner"), 130.0);
    assert_eq!(points(Value::Number(60.0), "boat"), 141.0);
    assert_eq!(refusal(&model, &[Value::Number(40.0), Value::Missing]).1, RefusalKind::Missing);
    assert!(matches!(
        refusal(&model, &[Value::Number(4.0), Value::Text("rent")]).1,
        RefusalKind::OutOfRange { .. }
    ));
    // Whole points: a customer with exactly the bound is in the zone.
    let at = |age: f64, home| zone(&model, &score(&model, &[Value::Number(age), Value::Text(home)]));
    assert_eq!((at(30.0, "owner").as_str(), at(30.0, "rent").as_str()), ("good", "poor"));
    // Against the best bin of each characteristic: 40 - 10 and 25 - 15.
    let reasons = score(&model, &[Value::Number(20.0), Value::Text("rent")]).reasons;
    let losses: Vec<(usize, f64)> = reasons.iter().map(|r| (r.field, r.loss.round())).collect();
    assert_eq!(losses, [(0, 30.0), (1, 10.0)]);
}

#[test]
fn what_cannot_be_meant_is_refused_by_name() {
    let fault = |from: &str, to: &str| {
        let text = OWN.replacen(from, to, 1);
        assert_ne!(text, OWN, "{from}");
        match Recipe::from_toml(&text, "expert.toml", "own") {
            Ok(recipe) => declared(&recipe).unwrap_err().to_string(),
            Err(error) => error.to_string(),
        }
    };
    for (from, to, said) in [
        ("base_points = 100", "base_points = nan", "base_points"),
        ("base_points = 100", "min_score = 300", "min_score, max_score"),
        ("missing = 5", "missing = \"skip\"", "missing"),
        ("missing = 5", "missing = \"missing\"", "`missing` is \"reject\" or points"),
        ("{ below = 50, points = 30 }", "{ below = 30, points = 30 }", "must ascend"),
        ("{ points = 40 }]", "{ below = 70, points = 40 }]", "only the last"),
        ("other = 1", "slope = 1", "one of `bins`, `groups` and `slope`"),
        ("[\"owner\"]", "[\"rent\"]", "belongs to one group"),
        ("column = \"home\"", "column = \"age\"", "stands there twice"),
        ("min_score = 150", "min_score = 150\nmax = 3", "unknown field"),
        ("name = \"poor\"", "name = \"poor\"\nmin_score = 3", "descends"),
        ("points = 40", "points = 1e9", "1e6"),
        ("base_points = 100", "preset = \"z9\"", "expected one of altman-z"),
        ("base_points = 100", "columns = { x = \"y\" }", "columns"),
        ("base_points = 100", "[scale]\npoints = \"integer\"\n[expert]", "[expert]"),
    ] {
        let found = fault(from, to);
        assert!(found.contains(said), "{to}: {found}");
    }
    let other = format!("{OWN}\n[model]\nkind = \"tree\"\n");
    let error = train(&recipe(&other), csv(), "d.csv").unwrap_err().to_string();
    assert!(error.contains("[expert]"), "{error}");
}

const ROWS: usize = 600;

fn csv() -> arrears_data::Loaded {
    let mut text = "id,age,home,note,bad\n".to_owned();
    for i in 0..ROWS {
        let age = 18 + i * 37 % 60;
        let home = ["rent", "owner", "parents", "boat", ""][i * 7 % 5];
        let bad = usize::from(i * i * 31 % 97 > 40 + age / 2 + 20 * usize::from(home == "owner"));
        text += &format!("{i},{age},{home},x{i},{bad}\n");
    }
    read_bytes("d.csv", arrears_data::Format::Csv, text.as_bytes()).expect("a table")
}

fn with_data(text: &str) -> Result<Trained, TrainError> {
    train(&recipe(text), csv(), "d.csv")
}

fn with_outcome() -> String {
    format!("{OWN}\n[data]\ntarget = \"bad\"\npositive = 1\nid = \"id\"\n")
}

#[test]
fn data_change_the_pd_and_no_point() {
    let before = model(OWN);
    let after = with_data(&with_outcome()).expect("a model").model;
    for age in [-1.0, 18.0, 29.0, 30.0, 49.5, 77.0] {
        for home in ["rent", "owner", "boat"] {
            let row = [Value::Number(age), Value::Text(home)];
            let (a, b) = (score(&before, &row), score(&after, &row));
            assert_eq!((a.score, zone(&before, &a)), (b.score, zone(&after, &b)));
        }
    }
    assert_ne!(before.scale.unwrap().pdo, after.scale.unwrap().pdo);
    let counts = &after.profile.fields[0].counts;
    let scored: u64 = counts.iter().sum();
    assert_eq!(after.provenance.rows.train, 449);
    assert!(scored < 449, "rows without a home are not scored");
    let note = format!("{} of 449 training rows cannot be scored", 449 - scored);
    assert!(after.provenance.fit.notes.iter().any(|n| n.contains(&note)), "{:?}", after.provenance.fit.notes);
    // Maximum likelihood with an intercept: over the training rows the mean pd is the bad rate (no score is held here but the
    // few beyond the percentiles).
    let trained = with_data(&with_outcome()).unwrap();
    let mut mean = (0.0, 0.0, 0.0);
    for row in &trained.split.train {
        let value = |name: &str| trained.cleaned.table.column(name).unwrap().value(*row);
        if let Ok(scored) = Scorer::new(&after).score(&[value("age"), value("home")]) {
            mean.0 += scored.pd.unwrap();
            mean.1 += f64::from(u8::from(trained.cleaned.bad.as_ref().unwrap()[*row]));
            mean.2 += 1.0;
        }
    }
    assert_eq!(mean.2 as u64, scored);
    assert!((mean.0 / mean.2 - mean.1 / mean.2).abs() < 2e-3, "{mean:?}");
}

#[test]
fn data_without_an_outcome_fill_the_profile_alone() {
    let text = with_outcome().replace("target = \"bad\"\npositive = 1\n", "");
    let trained = with_data(&text).expect("a model");
    assert_eq!(trained.model.scale.unwrap().pdo, model(&text).scale.unwrap().pdo);
    assert!(trained.model.profile.score.is_some());
    assert!(trained.model.provenance.fit.notes.iter().any(|n| n.contains("never measured")));
}

#[test]
fn the_written_recipe_makes_the_same_model() {
    for text in [OWN.to_owned(), "[expert]\npreset = \"altman-z\"\n".to_owned()] {
        let first = model(&text);
        assert_eq!(model(&first.provenance.recipe).to_bytes().unwrap(), first.to_bytes().unwrap());
        let folder = tempfile::tempdir().unwrap();
        write_declared(&first, folder.path()).unwrap();
        let read = Model::from_bytes(&std::fs::read(folder.path().join("model.json")).unwrap()).unwrap();
        assert_eq!(read, first);
        let vectors = std::fs::read_to_string(folder.path().join("vectors.ndjson")).unwrap();
        for line in vectors.lines() {
            let vector: arrears_train::vectors::Vector = serde_json::from_str(line).unwrap();
            assert_eq!(arrears_train::vectors::expected(&read, &vector.values(&read)), vector.expected);
        }
        assert!(vectors.lines().count() > 5);
    }
    let trained = with_data(&with_outcome()).unwrap();
    let again = train(&recipe(&trained.recipe.to_toml().unwrap()), csv(), "d.csv").unwrap();
    assert_eq!(again.model.to_bytes().unwrap(), trained.model.to_bytes().unwrap());
}

#[test]
fn every_preset_is_a_model_and_can_be_changed_in_part() {
    for (name, _) in PRESETS {
        let model = preset(name);
        assert_eq!(model.name, "own-expert");
        assert_eq!(model.to_bytes().unwrap(), preset(name).to_bytes().unwrap());
    }
    let renamed = model(
        "[expert]\npreset = \"altman-z2\"\nmissing = 0\ncolumns = { ebit_to_total_assets = \"ROA\" }\n[scale]\npdo = 2.0\n",
    );
    assert_eq!(renamed.schema.fields[2].name, "ROA");
    let scored =
        score(&renamed, &[Value::Number(1.0), Value::Missing, Value::Number(0.5), Value::Number(1.0)]);
    close(scored.score, 6.56 + 3.36 + 1.05);
    let pd = probability(-std::f64::consts::LN_2 / 2.0 * (6.56 + 3.36 + 1.05));
    assert!((scored.pd.unwrap() - pd).abs() < 1e-12);
}

/// Balance sheets in amounts against the ratios worked out by hand.
#[test]
fn amounts_give_the_score_of_their_ratios() {
    // Current assets 500, current liabilities 300, total assets 1000, retained earnings 250, EBIT 80, liabilities 400, sales 1200.
    let of = |name: &str, row: &[f64]| numbers(&preset(&format!("{name}-amounts")), row).score;
    let z1 = [500.0, 300.0, 1000.0, 250.0, 80.0, 400.0, 1200.0];
    // 0.717 x 0.2 + 0.847 x 0.25 + 3.107 x 0.08 + 0.42 x 1.5 + 0.998 x 1.2
    close(of("altman-z1", &z1), 0.1434 + 0.21175 + 0.24856 + 0.63 + 1.1976);
    // 6.56 x 0.2 + 3.26 x 0.25 + 6.72 x 0.08 + 1.05 x 1.5
    close(of("altman-z2", &z1[..6]), 1.312 + 0.815 + 0.5376 + 1.575);
    close(of("altman-z2-em", &z1[..6]), 3.25 + 1.312 + 0.815 + 0.5376 + 1.575);
    // Market value of equity 900 in place of 600: 1.2 x 0.2 + 1.4 x 0.25 + 3.3 x 0.08 + 0.6 x 2.25 + 0.999 x 1.2
    close(
        of("altman-z", &[500.0, 300.0, 1000.0, 250.0, 80.0, 900.0, 400.0, 1200.0]),
        0.24 + 0.35 + 0.264 + 1.35 + 1.1988,
    );
    let model = preset("altman-z2-amounts");
    assert_eq!(model.format_version(), 4);
    let mut row = [500.0, 300.0, 1000.0, 250.0, 80.0, 400.0].map(Value::Number);
    row[3] = Value::Missing;
    assert_eq!(refusal(&model, &row), ("retained_earnings_to_total_assets".to_owned(), RefusalKind::Missing));
    row[3] = Value::Number(250.0);
    row[5] = Value::Number(0.0);
    assert_eq!(refusal(&model, &row), ("book_equity_to_total_liabilities".to_owned(), RefusalKind::Missing));
    row[5] = Value::Number(-1.0);
    assert!(matches!(refusal(&model, &row).1, RefusalKind::OutOfRange { .. }));
}

const RATIO: &str = r#"
name = "ratio"
[expert]
missing = 3
inputs = [{ column = "debts" }, { column = "income", min = 0 }]
[[expert.characteristics]]
column = "debt_to_income"
formula = "debts / income"
bins = [{ below = 0.5, points = 20 }, { points = 10 }]
[[expert.characteristics]]
column = "age"
bins = [{ below = 40, points = 1 }, { points = 2 }]
"#;

#[test]
fn a_formula_is_a_column_like_any_other() {
    let model = model(RATIO);
    let names: Vec<&str> = model.schema.fields.iter().map(|field| field.name.as_str()).collect();
    assert_eq!(names, ["age", "debts", "income", "debt_to_income"]);
    let points = |age: f64, debts: f64, income: f64| numbers(&model, &[age, debts, income]).score;
    assert_eq!(points(30.0, 40.0, 100.0), Some(21.0));
    assert_eq!(points(50.0, 50.0, 100.0), Some(12.0));
    assert_eq!(points(50.0, 50.0, 0.0), Some(5.0), "no ratio without an income");
    // What stands in the place of a result is not looked at.
    assert_eq!(numbers(&model, &[30.0, 40.0, 100.0, 99.0]).score, Some(21.0));
    for (from, to, said) in [
        ("debts / income", "debts / incme", "did you mean `income`"),
        ("debts / income", "debts > income", "a number"),
        ("debts / income", "debts / debt_to_income", "formula too"),
        ("column = \"age\"", "column = \"income\"", "stands there twice"),
    ] {
        let error = declared(&recipe(&RATIO.replace(from, to))).unwrap_err().to_string();
        assert!(error.contains(said), "{to}: {error}");
    }
}

#[test]
fn formulas_are_calibrated_and_profiled_too() {
    let mut text = "age,debts,income,bad\n".to_owned();
    for i in 0..400 {
        let (debts, income) = (i * 13 % 90, 20 + i * 7 % 100);
        text += &format!("{},{debts},{income},{}\n", 20 + i % 50, u8::from(i * i % 97 > 60 - debts / 3));
    }
    let loaded = || read_bytes("d.csv", arrears_data::Format::Csv, text.as_bytes()).unwrap();
    let recipe = recipe(&format!("{RATIO}\n[data]\ntarget = \"bad\"\npositive = 1\n"));
    let trained = train(&recipe, loaded(), "d.csv").expect("a model");
    let profiled: Vec<usize> =
        trained.model.profile.fields.iter().map(|p| trained.model.transforms[p.transform].field()).collect();
    assert_eq!(profiled, [0, 1, 2, 3]);
    let report = arrears_validate::measure(
        &trained.model,
        &loaded().table,
        &(0..400).collect::<Vec<_>>(),
        "all",
        "d.csv",
        &arrears_validate::MeasureOptions::default(),
    )
    .unwrap();
    assert_eq!(report.data.measured, 400);
    assert!(report.measured().auc.unwrap() > 0.5);
}
