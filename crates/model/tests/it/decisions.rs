//! Decisions and formulas: each rule by an example worked out by hand, each check of the parts by its message.

use crate::{sample, sample_parts};
use arrears_model::compiled::Scratch;
use arrears_model::decisions::{Limit, Rounding, Tiers};
use arrears_model::value::{Cell, FlagKind};
use arrears_model::{CompiledScorer, Model, Parts, Scored, Scorer, Value};

/// `v4-expert`: fields channel, late days, income, debts, orders, spend; debt ratio and steadiness are calculated.
fn parts() -> Parts {
    sample_parts("v4-expert")
}

fn limit(parts: &mut Parts) -> &mut Limit {
    parts.decisions.as_mut().unwrap().limit.as_mut().unwrap()
}

fn tiers(parts: &mut Parts) -> &mut Tiers {
    parts.decisions.as_mut().unwrap().tiers.as_mut().unwrap()
}

/// A good customer with this income and debts.
fn good(model: &Model, income: Value<'_>, debts: Value<'_>) -> Scored {
    let row =
        [Value::Text("shop"), Value::Number(0.0), income, debts, Value::Number(9.0), Value::Number(5.0)];
    let scored = Scorer::new(model).score(&row).unwrap();
    assert_eq!(scored.grade, Some(0));
    scored
}

/// The limit of a good customer whose formula gives `amount`.
fn settled(amount: f64, change: impl FnOnce(&mut Limit)) -> f64 {
    let mut parts = parts();
    let of = limit(&mut parts);
    of.grades[0].formula = format!("{amount:?} + 0 * income");
    change(of);
    let model = Model::new(parts).unwrap();
    good(&model, Value::Number(1000.0), Value::Number(1.0)).decided.limit.unwrap()
}

#[test]
fn limits_are_moved_into_their_bounds_and_onto_steps() {
    let steps = |step: f64, cap: f64| {
        move |of: &mut Limit| {
            of.step = step;
            of.grades.iter_mut().for_each(|grade| (grade.floor, grade.cap) = (step, cap));
        }
    };
    assert_eq!(settled(149.99, steps(50.0, 5000.0)), 100.0);
    assert_eq!(settled(150.0, steps(50.0, 5000.0)), 150.0);
    assert_eq!(settled(1.0, steps(50.0, 5000.0)), 50.0);
    assert_eq!(settled(1e12, steps(50.0, 5000.0)), 5000.0);
    // 0.1 + 0.2 is a hair above 0.3, 0.7 - 0.4 one below: both are three steps of 0.1.
    assert_eq!(settled(0.1 + 0.2, steps(0.1, 10.0)), 3.0 * 0.1);
    assert_eq!(settled(0.7 - 0.4, steps(0.1, 10.0)), 3.0 * 0.1);
    // Three times 0.1 is a hair above 0.3, and no limit lies above its cap.
    assert_eq!(settled(9.0, steps(0.1, 0.3)), 0.3);
    let nearest = |of: &mut Limit| (of.step, of.rounding) = (50.0, Rounding::Nearest);
    assert_eq!(settled(124.99, nearest), 100.0);
    assert_eq!(settled(125.0, nearest), 150.0);
}

#[test]
fn formulas_read_pd_and_score() {
    for (formula, of) in [("score", 0), ("1000 * pd", 1)] {
        let mut parts = parts();
        let limit = limit(&mut parts);
        // A power of two, of which every bound is a multiple.
        limit.step = 2f64.powi(-20);
        (limit.grades[0].formula, limit.grades[0].floor) = (formula.to_owned(), 0.0);
        let scored = good(&Model::new(parts).unwrap(), Value::Number(4000.0), Value::Number(1.0));
        let exact = [scored.score.unwrap(), 1000.0 * scored.pd.unwrap()][of];
        assert!((scored.decided.limit.unwrap() - exact).abs() < 1e-5, "{formula}");
    }
}

#[test]
fn without_a_result_the_policies_hold() {
    let mut parts = parts();
    tiers(&mut parts).missing = 2;
    tiers(&mut parts).value = "spend / (orders - 9)".to_owned();
    let model = Model::new(parts.clone()).unwrap();
    let scored = good(&model, Value::Missing, Value::Number(0.0));
    assert_eq!((scored.decided.limit, scored.decided.tier), (Some(150.0), Some(0)));
    // Income is missing; of the value nothing is missing, but it is divided by 0: the first field that it names.
    let flags: Vec<(usize, FlagKind)> = scored.flags.iter().map(|flag| (flag.field, flag.kind)).collect();
    assert_eq!(flags, [(2, FlagKind::LimitByPolicy), (4, FlagKind::TierByPolicy)]);
    // A category that is not known is missing too, though it is not the first field that is named.
    let mut tree = sample_parts("v4-tree");
    limit(&mut tree).grades.iter_mut().for_each(|of| of.formula = "orders * size(reason)".to_owned());
    let row = [Value::Number(50.0), Value::Text("smell"), Value::Number(600.0)];
    let scored = Scorer::new(&Model::new(tree).unwrap()).score(&row).unwrap();
    assert!(scored.flags.iter().any(|flag| (flag.field, flag.kind) == (1, FlagKind::LimitByPolicy)));
}

#[test]
fn the_policy_of_a_better_grade_bounds_the_worse_one() {
    let mut parts = parts();
    let of = limit(&mut parts);
    of.grades[0].formula = "debts / 0".to_owned();
    (of.grades[1].formula, of.missing) = ("1000 + 0 * debts".to_owned(), Some(300.0));
    // 100 + 20 + 40 + 0 - 7.5 points: fair.
    let row = [20.0, 0.0, 10.0, 100.0, 9.0, 0.0];
    let mut row: Vec<Value<'_>> = row.into_iter().map(Value::Number).collect();
    row[0] = Value::Text("stand");
    let score = |parts: Parts| Scorer::new(&Model::new(parts).unwrap()).score(&row).unwrap();
    let scored = score(parts.clone());
    assert_eq!((scored.grade, scored.decided.limit), (Some(1), Some(300.0)));
    limit(&mut parts).monotone = false;
    assert_eq!(score(parts.clone()).decided.limit, Some(1000.0));
    // Without a limit there is nothing to stay below.
    limit(&mut parts).monotone = true;
    limit(&mut parts).missing = None;
    assert_eq!(score(parts).decided.limit, Some(1000.0));
}

/// A text that stands for missing is about what people write, not about what a formula gives.
#[test]
fn results_are_no_texts_of_missing() {
    let mut parts = parts();
    parts.schema.missing.push("2".to_owned());
    let model = Model::new(parts).unwrap();
    let mut scorer = Scorer::new(&model);
    let row = [Value::Text("shop"), Value::Number(0.0), Value::Number(5.0), Value::Number(10.0)];
    scorer.score(&row).unwrap();
    assert_eq!(scorer.cells()[6], Cell::Number(2.0));
    let (fast, mut scratch) = (CompiledScorer::new(&model), Scratch::default());
    fast.score_row(&row, &mut scratch).unwrap();
    assert_eq!(fast.cell(6, &scratch), Cell::Number(2.0));
}

#[test]
fn a_formula_alone_needs_version_4() {
    let mut parts = parts();
    (parts.kind, parts.decisions) = (arrears_model::ModelKind::Scorecard, None);
    parts.schema.fields.iter_mut().for_each(|field| field.required = false);
    assert_eq!(parts.format_version(), 4);
    parts.schema.fields.iter_mut().for_each(|field| field.formula = None);
    assert!(parts.format_version() < 4);
}

#[test]
fn what_cannot_be_decided_is_refused() {
    type Change = fn(&mut Parts);
    let cases: [(Change, &str); 17] = [
        (|p| drop(limit(p).grades.pop()), "an entry for each grade"),
        (|p| limit(p).grades.push(limit(&mut parts()).grades[0].clone()), "an entry for each grade"),
        (|p| limit(p).step = 0.0, "`step` must be above 0"),
        (|p| limit(p).step = 2e9, "`step` must be above 0"),
        (|p| limit(p).missing = Some(-1.0), "`missing` must be 0"),
        (|p| limit(p).missing = Some(f64::NAN), "`missing` must be 0"),
        (|p| limit(p).grades[1].floor = 2050.0, "the floor at most the cap"),
        (|p| limit(p).grades[1].floor = -50.0, "the floor at most the cap"),
        (|p| limit(p).grades[1].floor = 110.0, "multiples of `step`"),
        (|p| limit(p).grades[1].cap = 2010.0, "multiples of `step`"),
        (|p| tiers(p).cuts = vec![100.0, 100.0], "`cuts` must be finite numbers that ascend"),
        (|p| tiers(p).missing = 3, "one more segment than cuts"),
        (|p| tiers(p).cells[0][1] = 3, "a tier for each grade and segment"),
        (|p| drop(tiers(p).cells.pop()), "a tier for each grade and segment"),
        (|p| p.grades.clear(), "decisions go by grades"),
        (|p| p.schema.fields[5].name = "pd".to_owned(), "`pd` has the name"),
        (|p| p.schema.fields.swap(5, 6), "fields with a formula stand after"),
    ];
    assert_eq!(Model::new(parts()).unwrap(), sample("v4-expert"));
    for (at, (change, said)) in cases.into_iter().enumerate() {
        let mut parts = parts();
        change(&mut parts);
        let error = Model::new(parts).unwrap_err().to_string();
        assert!(error.contains(said), "{at}: {error}");
    }
    let mut parts = parts();
    let category = arrears_model::Field {
        formula: Some("1".to_owned()),
        name: "odd".to_owned(),
        ..parts.schema.fields[0].clone()
    };
    parts.schema.fields.push(category);
    let error = Model::new(parts).unwrap_err().to_string();
    assert!(error.contains("only a number has one"), "{error}");
}
