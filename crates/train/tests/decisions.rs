//! Limits and tiers: worked out by hand, and the properties they promise, by every scorer.

use arrears_model::compiled::{Ask, Column, Scores, Scratch};
use arrears_model::scale::Grade;
use arrears_model::value::FlagKind;
use arrears_model::{CompiledScorer, Model, Scored, Scorer, Value};
use arrears_train::Recipe;
use arrears_train::expert::declared;
use arrears_train::grading::rewritten;
use proptest::prelude::*;

const SHOP: &str = r#"
name = "shop"
[[expert.zones]]
name = "good"
min_score = 20
[[expert.zones]]
name = "fair"
min_score = 10
[[expert.zones]]
name = "at risk"
[[expert.inputs]]
column = "debts"
[[expert.inputs]]
column = "income"
[[expert.characteristics]]
column = "points"
slope = 1.0
[[expert.characteristics]]
column = "ratio"
formula = "debts / income"
slope = 0.0
missing = 0

[decisions]
inputs = [{ column = "spend" }, { column = "income", min = 5 }]
[decisions.limit]
formula = "0.3 * income - debts"
floor = 200
cap = 5000
step = 100
missing = "none"
[decisions.limit.grades.fair]
cap = 1000
[decisions.limit.grades."at risk"]
formula = "0"
floor = 0
[decisions.tiers]
value = "spend"
cuts = [100, 1000]
segments = ["low", "middle", "high"]
missing = "low"
tiers = [
  { name = "A", service = "own adviser", marketing = "early offers" },
  { name = "B", collections = "call on day 10" },
]
[decisions.tiers.matrix]
good = ["B", "A", "A"]
fair = ["B", "B", "A"]
"at risk" = ["B", "B", "B"]
"#;

fn recipe(text: &str) -> Recipe {
    Recipe::from_toml(text, "shop.toml", "shop").expect("a sound recipe")
}

fn model(text: &str) -> Model {
    declared(&recipe(text)).expect("a sound model")
}

/// By the plain scorer, by one compiled row and by a compiled block; all alike.
fn score(model: &Model, row: &[Option<f64>]) -> Scored {
    let values: Vec<Value<'_>> = row.iter().map(|x| x.map_or(Value::Missing, Value::Number)).collect();
    let plain = Scorer::new(model).score(&values).expect("a row");
    let (scorer, mut scratch) = (CompiledScorer::new(model), Scratch::default());
    let fast = scorer.score_row(&values, &mut scratch).expect("a row");
    assert_eq!(fast.with_flags(scratch.flags()), plain);
    let numbers: Vec<[f64; 1]> = row.iter().map(|x| [x.unwrap_or(f64::NAN)]).collect();
    let columns: Vec<Column<'_>> =
        numbers.iter().map(|values| Column::Numbers { values, valid: None }).collect();
    let mut scores = Scores::default();
    let ask = Ask { losses: true, ..Ask::default() };
    scorer.score(&scorer.columns(1, &columns), 0..1, ask, &mut scores);
    assert_eq!(scores.row(0).expect("a row"), plain);
    plain
}

/// Fields: points, debts, income, spend; the ratio is calculated.
fn row(points: f64, debts: f64, income: f64, spend: f64) -> [Option<f64>; 4] {
    [Some(points), Some(debts), Some(income), Some(spend)]
}

fn tier(model: &Model, scored: &Scored) -> String {
    let tiers = model.decisions.as_ref().and_then(|d| d.tiers.as_ref()).expect("tiers");
    tiers.tiers[scored.decided.tier.expect("a tier")].name.clone()
}

#[test]
fn limits_and_tiers_by_hand() {
    let model = model(SHOP);
    assert_eq!(model.format_version(), 4);
    let of = |points, debts, income, spend| {
        let scored = score(&model, &row(points, debts, income, spend));
        (scored.decided.limit.expect("a limit"), tier(&model, &scored))
    };
    // 0.3 x 4000 - 130 = 1070, down to 1000
    assert_eq!(of(25.0, 130.0, 4000.0, 100.0), (1000.0, "A".to_owned()));
    // 0.3 x 1000 = 300 on the step; 99.99 is low
    assert_eq!(of(25.0, 0.0, 1000.0, 99.99), (300.0, "B".to_owned()));
    // 100 is raised to the floor, 30,000 cut to the cap
    assert_eq!(of(25.0, 200.0, 1000.0, 1000.0), (200.0, "A".to_owned()));
    assert_eq!(of(20.0, 0.0, 100_000.0, 500.0), (5000.0, "A".to_owned()));
    // The cap of fair, the formula of at risk
    assert_eq!(of(15.0, 0.0, 100_000.0, 500.0), (1000.0, "B".to_owned()));
    assert_eq!(of(5.0, 0.0, 100_000.0, 5000.0), (0.0, "B".to_owned()));
    let strategy =
        model.decisions.as_ref().and_then(|d| d.tiers.as_ref()).expect("tiers").tiers[0].strategy();
    assert_eq!(strategy, "service: own adviser; marketing: early offers");
}

#[test]
fn what_is_missing_follows_the_policy_and_is_flagged() {
    let with = model(SHOP);
    let mut gone = row(25.0, 130.0, 4000.0, 100.0);
    (gone[2], gone[3]) = (None, None);
    let scored = score(&with, &gone);
    assert_eq!((scored.decided.limit, tier(&with, &scored).as_str()), (None, "B"));
    let flags: Vec<(usize, FlagKind)> = scored.flags.iter().map(|flag| (flag.field, flag.kind)).collect();
    assert_eq!(flags, [(2, FlagKind::LimitByPolicy), (3, FlagKind::TierByPolicy)]);
    let amount = model(&SHOP.replace("missing = \"none\"", "missing = 300"));
    assert_eq!(score(&amount, &gone).decided.limit, Some(300.0));
}

#[test]
fn decisions_that_cannot_be_are_refused_by_name() {
    for (from, to, said) in [
        ("0.3 * income - debts", "0.3 * incme", "did you mean `income`"),
        ("0.3 * income - debts", "income > 3", "a number"),
        ("floor = 200", "floor = 250", "multiples of `step`"),
        ("cap = 1000", "cap = 100", "the floor at most the cap"),
        ("step = 100", "step = 0", "`step` must be above 0"),
        ("missing = \"none\"", "missing = \"zero\"", "a limit, or \"none\""),
        ("missing = \"none\"\n", "", "missing field `missing`"),
        ("limit.grades.fair", "limit.grades.fare", "expected good, fair, at risk"),
        ("fair = [\"B\", \"B\", \"A\"]\n", "", "a row for this grade"),
        ("[\"B\", \"A\", \"A\"]", "[\"B\", \"A\"]", "each grade and segment"),
        ("[\"B\", \"A\", \"A\"]", "[\"B\", \"A\", \"C\"]", "expected A, B"),
        ("cuts = [100, 1000]", "cuts = [1000, 100]", "ascend"),
        ("missing = \"low\"", "missing = \"none\"", "expected low, middle, high"),
        ("{ column = \"spend\" }", "{ column = \"pd\" }", "`pd` has the name"),
    ] {
        let text = SHOP.replacen(from, to, 1);
        assert_ne!(text, SHOP, "{from}");
        let found = match Recipe::from_toml(&text, "shop.toml", "shop") {
            Ok(recipe) => declared(&recipe).expect_err("a refusal").to_string(),
            Err(error) => error.to_string(),
        };
        assert!(found.contains(said), "{to}: {found}");
    }
}

#[test]
fn an_older_program_is_told_of_a_newer_version() {
    let model = model(SHOP);
    let bytes = model.to_bytes().unwrap();
    assert_eq!(Model::from_bytes(&bytes).unwrap(), model);
    let body = std::str::from_utf8(arrears_model::file::body(&bytes).unwrap()).unwrap().to_owned();
    assert!(body.contains("\"format_version\": 4"));
    let older = body.replacen("\"format_version\": 4", "\"format_version\": 3", 1);
    let error = Model::from_bytes(&arrears_model::file::seal_body(older.as_bytes())).expect_err("a refusal");
    assert!(error.to_string().contains("decisions need format version 4"), "{error}");
}

proptest! {
    #[test]
    fn caps_floors_steps_and_order_hold(
        debts in -1e4..1e4f64, income in 5.0..1e5f64, step in prop::sample::select(vec![1.0, 50.0, 100.0]),
        nearest in any::<bool>(), slope in -1.0..1.0f64,
    ) {
        let text = SHOP
            .replace("step = 100", &format!("step = {step}\nmonotone = true\nrounding = \"{}\"", if nearest { "nearest" } else { "down" }))
            .replace("cap = 1000", &format!("cap = 1000\nformula = \"{slope} * income + 100\""))
            .replace("formula = \"0\"\nfloor = 0", "formula = \"0.5 * income\"\nfloor = 0");
        let model = model(&text);
        let limits: Vec<f64> = [25.0, 15.0, 5.0]
            .iter()
            .map(|points| score(&model, &row(*points, debts, income, 1.0)).decided.limit.expect("a limit"))
            .collect();
        prop_assert!(limits[0] >= limits[1] && limits[1] >= limits[2], "{limits:?}");
        for limit in &limits {
            prop_assert!((limit / step).fract() == 0.0 && (0.0..=5000.0).contains(limit), "{limits:?}");
        }
        prop_assert!(limits[0] >= 200.0);
        let exact = (0.3 * income - debts).clamp(200.0, 5000.0);
        let off = exact - limits[0];
        prop_assert!(if nearest { off.abs() <= step / 2.0 + 1e-6 } else { (-1e-6..step).contains(&off) }, "{off}");
    }
}

#[test]
fn other_grades_keep_the_limits_and_tiers_of_their_names() {
    let model = model(SHOP);
    let grade = |name: &str, max_pd| Grade { name: name.to_owned(), label: None, max_pd };
    let new = vec![grade("good", Some(0.5)), grade("at risk", None)];
    let found = rewritten(&model, new.clone(), "2.0.0", "two are enough".to_owned()).unwrap().model;
    let decisions = found.decisions.as_ref().expect("decisions");
    let (limit, tiers) = (decisions.limit.as_ref().unwrap(), decisions.tiers.as_ref().unwrap());
    let formulas: Vec<&str> = limit.grades.iter().map(|of| of.formula.as_str()).collect();
    assert_eq!(formulas, ["0.3 * income - debts", "0"]);
    assert_eq!(tiers.cells, [[1, 0, 0], [1, 1, 1]]);
    // The recipe in the new version makes it again.
    let again = declared(&recipe(&found.provenance.recipe)).expect("its recipe is sound");
    assert_eq!((&again.grades, &again.version), (&new, &found.version));
    assert_eq!(again.decisions, found.decisions);
    assert_eq!((&again.schema, &again.predictor), (&found.schema, &found.predictor));
    // As many grades of other names are not taken for the old ones.
    let other = vec![grade("good", Some(0.2)), grade("G2", Some(0.5)), grade("at risk", None)];
    let error = rewritten(&model, other, "2.0.0", String::new()).expect_err("a refusal").to_string();
    assert!(error.contains("its decisions know the grades good, fair, at risk, not `G2`"), "{error}");
}
