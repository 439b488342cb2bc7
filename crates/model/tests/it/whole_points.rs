use crate::{sample, sample_parts, sample_path};
use arrears_model::additive::{Shape, Term};
use arrears_model::model::Baseline;
use arrears_model::pairs::{pair_decimals, pair_points};
use arrears_model::points::{Spread, points_table};
use arrears_model::scale::Scale;
use arrears_model::{Model, ModelKind, Parts, Predictor, Scorer, Value};
use proptest::prelude::*;
use std::collections::BTreeMap;

const NAME: &str = "v2-whole-points";

fn change(change: impl FnOnce(&mut Parts)) -> Result<Model, String> {
    let mut parts = sample_parts(NAME);
    change(&mut parts);
    Model::new(parts).map_err(|e| e.to_string())
}

fn values(parts: &mut Parts) -> &mut Vec<f64> {
    let Predictor::Additive(additive) = &mut parts.predictor else { panic!("no terms") };
    let Shape::Lookup { values } = &mut additive.terms[0].shape else { panic!("a lookup") };
    values
}

/// To the bit what the second reader found; the sums of floats before rounding are not whole.
#[test]
fn whole_points_give_whole_scores() {
    let json = |file| -> serde_json::Value {
        serde_json::from_slice(&std::fs::read(sample_path(file)).unwrap()).unwrap()
    };
    let expected = json("expected.json")[NAME].clone();
    let model = sample(NAME);
    let scale = model.scale.unwrap();
    let mut scorer = Scorer::new(&model);
    let mut dusty = 0;
    for (row, expected) in
        json("rows.json")[NAME].as_array().unwrap().iter().zip(expected.as_array().unwrap())
    {
        let values = row.as_array().unwrap().iter().map(|cell| match cell {
            serde_json::Value::Null => Value::Missing,
            serde_json::Value::Number(x) => Value::Number(x.as_f64().unwrap()),
            other => Value::Text(other.as_str().unwrap()),
        });
        let Ok(scored) = scorer.score(&values.collect::<Vec<_>>()) else { continue };
        assert_eq!(scored.score, expected["score"].as_f64(), "{row}");
        let pd = scored.pd.unwrap();
        dusty += u32::from(scale.exact_score((pd / (1.0 - pd)).ln()).fract() != 0.0);
    }
    assert!(dusty > 5, "rounding has something to do: {dusty}");
}

#[test]
fn a_score_of_nothing_is_0_and_not_below() {
    let scale = |whole_points| Scale { base_score: 0.0, base_odds: 1.0, pdo: 20.0, whole_points };
    let hair = 1e-15;
    assert!(scale(false).score(hair) < 0.0);
    assert_eq!(scale(true).score(hair).to_bits(), 0.0f64.to_bits());
    assert_eq!(scale(true).term_points(hair).to_bits(), 0.0f64.to_bits());
    assert_eq!(scale(true).score(2.5 / scale(true).factor()), -3.0, "halves away from 0");
    assert_eq!(scale(false).score(2.0), scale(true).exact_score(2.0));
}

#[test]
fn tables_of_whole_points_are_whole_and_add_up() {
    let model = sample(NAME);
    let table = points_table(&model, Spread::Characteristics).unwrap();
    let pairs = pair_points(&model);
    let cells = pairs.iter().flat_map(|pair| pair.points.iter().flatten().copied());
    assert!(table.iter().map(|row| row.points).chain(cells).all(|points| points.fract() == 0.0));
    assert_eq!((pair_decimals(&model), pair_decimals(&sample("v2-scorecard-plus"))), (0, 1));
    let lookup = |variable: &str, bin: &str| {
        table.iter().find(|row| row.variable == variable && row.bin == bin).expect("the bin").points
    };
    let row = [Value::Number(33.0), Value::Number(-5.0), Value::Text("rent"), Value::Missing];
    // Pairs by row and column in the file: special range, second group; second bin, missing.
    let points = lookup("age", "[25, 40.5)")
        + lookup("days_late", "-9 to -2")
        + lookup("home", "private rent, rent")
        + lookup("码", "missing")
        + pairs[0].points[2][1]
        + pairs[1].points[1][3];
    assert_eq!(Scorer::new(&model).score(&row).unwrap().score, Some(points));
}

#[test]
fn a_file_must_keep_what_whole_points_promise() {
    assert!(change(|_| ()).is_ok());
    // 20 / ln 2 points for one unit of log-odds: 0.005 are 0.144 points, 0.01 are 0.289.
    assert!(change(|parts| values(parts)[0] += 0.005).is_ok());
    let off = |far: &str| {
        format!(
            "invalid model: scale: `whole_points` is true, but the points of a row can be {far} away from whole \
             numbers; expected at most 0.25"
        )
    };
    assert_eq!(change(|parts| values(parts)[0] += 0.01), Err(off("0.289")));
    let both = |parts: &mut Parts| {
        values(parts)[0] += 0.005;
        let Predictor::Additive(additive) = &mut parts.predictor else { panic!("no terms") };
        additive.intercept += 0.005;
    };
    assert_eq!(change(both), Err(off("0.289")));
    let linear = |parts: &mut Parts| {
        let standardise =
            arrears_model::transform::Transform::Standardise { field: 0, center: 0.0, scale: 1.0 };
        parts.transforms.push(standardise);
        let Predictor::Additive(additive) = &mut parts.predictor else { panic!("no terms") };
        let shape = Shape::Linear { slope: 0.0, missing: 0.0, special: vec![] };
        let transform = parts.transforms.len() - 1;
        additive.terms.push(Term { transform, coefficient: None, baseline: 0.0, shape });
    };
    let said = "invalid model: scale: `whole_points` needs terms with a value for each bin";
    assert_eq!(change(linear), Err(said.to_owned()));
    let mut tree = sample_parts("v1-tree");
    tree.scale.as_mut().unwrap().whole_points = true;
    let said = "invalid model: scale: `whole_points` needs an additive predictor";
    assert_eq!(Model::new(tree).unwrap_err().to_string(), said);
}

#[test]
fn the_key_stands_in_version_2_and_only_where_it_is_true() {
    let mut parts = sample_parts(NAME);
    parts.kind = ModelKind::Scorecard;
    let Predictor::Additive(additive) = &mut parts.predictor else { panic!("no terms") };
    additive.terms.retain(|term| matches!(term.shape, Shape::Lookup { .. }));
    for field in &mut parts.schema.fields {
        if let arrears_model::Kind::Number { special, .. } = &mut field.kind {
            special.iter_mut().enumerate().for_each(|(i, code)| {
                *code = arrears_model::Special::Value([-9.0, 9998.0, 9999.0][i]);
            });
        }
    }
    assert_eq!(parts.format_version(), 2);
    let text =
        |parts: &Parts| String::from_utf8(Model::new(parts.clone()).unwrap().to_bytes().unwrap()).unwrap();
    assert!(text(&parts).contains("\"whole_points\": true"));
    parts.scale.as_mut().unwrap().whole_points = false;
    assert_eq!(parts.format_version(), 1);
    assert!(!text(&parts).contains("whole_points"));
}

/// A model of one lookup for each list of whole points, on the grid that training rounds to.
fn card(base: i32, tables: &[Vec<i32>]) -> Model {
    let mut parts = sample_parts(NAME);
    let scale = parts.scale.unwrap();
    let grid = 2f64.powi(-40);
    let on_grid = |x: f64| (x / grid).round() * grid;
    let point = on_grid(1.0 / scale.factor());
    let Predictor::Additive(additive) = &mut parts.predictor else { panic!("no terms") };
    additive.intercept = on_grid((scale.offset() - f64::from(base)) / scale.factor());
    additive.terms = tables
        .iter()
        .zip([0, 1])
        .map(|(points, transform)| Term {
            transform,
            coefficient: None,
            baseline: 0.0,
            shape: Shape::Lookup { values: points.iter().map(|p| -point * f64::from(*p) + 0.0).collect() },
        })
        .collect();
    parts.baseline = Baseline::Neutral;
    Model::new(parts).unwrap()
}

proptest! {
    /// The oracle: scores are the whole points added up as whole numbers; equal scores have one pd.
    #[test]
    fn a_score_is_the_sum_of_the_whole_points(
        base in -1000..1000i32,
        first in prop::collection::vec(-300..300i32, 4),
        second in prop::collection::vec(-300..300i32, 7),
    ) {
        let model = card(base, &[first.clone(), second.clone()]);
        let mut scorer = Scorer::new(&model);
        let mut pds = BTreeMap::new();
        let ages = [Value::Number(20.0), Value::Number(30.0), Value::Number(50.0), Value::Missing];
        let late = [0.0, 5.0, 30.0, -5.0, 9998.0, 9999.0].map(Value::Number);
        for (age, one) in ages.iter().zip(&first) {
            for (late, other) in late.iter().chain([&Value::Missing]).zip(&second) {
                let scored = scorer.score(&[*age, *late, Value::Missing, Value::Missing]).unwrap();
                let sum = base + one + other;
                prop_assert_eq!(scored.score.unwrap().to_bits(), f64::from(sum).to_bits());
                let pd = scored.pd.unwrap().to_bits();
                prop_assert_eq!(*pds.entry(sum).or_insert(pd), pd);
            }
        }
    }
}
