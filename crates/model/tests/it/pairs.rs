use crate::{sample, sample_bytes, sample_parts};
use arrears_model::additive::Shape;
use arrears_model::file::seal_body;
use arrears_model::pairs::pair_points;
use arrears_model::points::{Spread, points_table};
use arrears_model::{Kind, Model, ModelKind, Parts, Predictor, Scorer, Special, Value};

const NAME: &str = "v2-scorecard-plus";

/// The pairs of the sample, to be changed.
fn change_pair(parts: &mut Parts, change: impl FnOnce(&mut usize, &mut Vec<f64>)) {
    let Predictor::Additive(additive) = &mut parts.predictor else { panic!("no terms") };
    let Some(Shape::Pair { with, values }) = additive.terms.last_mut().map(|t| &mut t.shape) else {
        panic!("the last term is a pair")
    };
    change(with, values);
}

fn message(change: impl FnOnce(&mut usize, &mut Vec<f64>)) -> String {
    let mut parts = sample_parts(NAME);
    change_pair(&mut parts, change);
    Model::new(parts).unwrap_err().to_string()
}

#[test]
fn every_check_of_a_pair_fires() {
    let fit = "invalid model: term of `age`: its values do not fit its transform";
    assert_eq!(message(|_, values| values.truncate(values.len() - 1)), fit);
    assert_eq!(message(|_, values| values.push(0.0)), fit);
    assert_eq!(message(|_, values| values.clear()), fit);
    let absent = "invalid model: term of `age`: it reads transform 9, which is not there";
    assert_eq!(message(|with, _| *with = 9), absent);
    assert_eq!(message(|with, _| *with = usize::MAX), absent.replace('9', &usize::MAX.to_string()));
    let same = "invalid model: term of `age`: a pair needs two different fields";
    assert_eq!(message(|with, _| *with = 0), same);
    let beyond = "invalid model: term of `age`: it holds a number that is not finite, or beyond 1e9";
    assert_eq!(message(|_, values| values[3] = f64::NAN), beyond);
    assert_eq!(message(|_, values| values[3] = 1.1e9), beyond);
}

#[test]
fn a_pair_needs_transforms_that_bin() {
    let mut parts = sample_parts(NAME);
    let number = arrears_model::transform::Transform::Standardise { field: 1, center: 0.0, scale: 1.0 };
    parts.transforms.push(number);
    change_pair(&mut parts, |with, _| *with = 6);
    let found = Model::new(parts).unwrap_err().to_string();
    assert_eq!(found, "invalid model: term of `age`: its values do not fit its transform");
}

#[test]
fn special_ranges_must_run_upwards_and_not_overlap() {
    let fault = |codes: &[Special]| {
        let mut parts = sample_parts("v1-tree");
        let Kind::Number { special, .. } = &mut parts.schema.fields[0].kind else { panic!("a number") };
        *special = codes.to_vec();
        Model::new(parts).unwrap_err().to_string()
    };
    let range = |from, to| Special::Range([from, to]);
    let said = |what: &str| format!("invalid model: field `orders`: {what}");
    let upwards = said("a special range must run from a lower to a higher number");
    assert_eq!(fault(&[range(-1.0, -9.0)]), upwards);
    assert_eq!(fault(&[range(-1.0, -1.0)]), upwards);
    let overlap = said("special codes must ascend and not overlap");
    assert_eq!(fault(&[range(-9.0, -1.0), Special::Value(-1.0)]), overlap);
    assert_eq!(fault(&[Special::Value(5.0), range(-9.0, -1.0)]), overlap);
    assert_eq!(fault(&[range(-9.0, f64::INFINITY)]), said("range and special codes must be finite numbers"));
}

/// Points of the lookups' bins and of the pairs' cells of a row add up to its score.
#[test]
fn points_of_bins_and_pairs_add_up_to_the_score() {
    let model = sample(NAME);
    let table = points_table(&model, Spread::Characteristics).unwrap();
    let pairs = pair_points(&model);
    let lookup = |variable: &str, bin: &str| {
        table.iter().find(|row| row.variable == variable && row.bin == bin).expect("the bin").points
    };
    let cell = |pair: usize, first: &str, second: &str| {
        let at = |labels: &[String], label: &str| labels.iter().position(|l| l == label).expect("the label");
        let pair = &pairs[pair];
        pair.points[at(&pair.first_bins, first)][at(&pair.second_bins, second)]
    };
    let row = [Value::Number(33.0), Value::Number(-5.0), Value::Text("rent"), Value::Missing];
    let score = Scorer::new(&model).score(&row).unwrap().score.unwrap();
    let points = lookup("age", "[25, 40.5)")
        + lookup("days_late", "-9 to -2")
        + lookup("home", "private rent, rent")
        + lookup("码", "missing")
        + cell(0, "-9 to -2", "private rent, rent")
        + cell(1, "[25, 40.5)", "missing");
    assert!((points - score).abs() < 1e-9, "{points} is not {score}");
    assert_eq!((pairs[0].first.as_str(), pairs[0].second.as_str()), ("days_late", "home"));
    let labels = ["(-inf, 5)", "[5, inf)", "-9 to -2", "= 9998", "9999 to 10001.5", "missing"];
    assert_eq!(pairs[0].first_bins, labels);
    // Row 2, column 1 of 4 in the file: 0.0; row 1, column 1: -0.625 in log-odds, 20 / ln 2 points each.
    assert!((pairs[0].points[1][1] - 0.625 * 28.853_900_817_779_27).abs() < 1e-9);
    assert!(pair_points(&sample("v1-scorecard")).is_empty());
}

/// Half of a pair's loss goes to each of its fields: a row with nothing but one bad pair.
#[test]
fn a_pair_answers_half_and_half() {
    let mut parts = sample_parts(NAME);
    let Predictor::Additive(additive) = &mut parts.predictor else { panic!("no terms") };
    additive.terms.retain(|term| matches!(term.shape, Shape::Pair { .. }));
    additive.terms.truncate(1);
    let model = Model::new(parts).unwrap();
    let row = [Value::Number(33.0), Value::Number(9999.0), Value::Text("owner"), Value::Text("1")];
    let scored = Scorer::new(&model).score(&row).unwrap();
    // Row 4 (the second range), column 0: 0.0625 against a baseline of -0.0625.
    let half = 0.5 * 0.125 * 28.853_900_817_779_27;
    let found: Vec<(usize, f64)> = scored.reasons.iter().map(|r| (r.field, r.loss)).collect();
    assert_eq!(found.iter().map(|(field, _)| *field).collect::<Vec<_>>(), [1, 2]);
    assert!(found.iter().all(|(_, loss)| (loss - half).abs() < 1e-12), "{found:?}");
}

#[test]
fn a_writer_uses_the_lowest_version_and_a_reader_holds_it_to_that() {
    for (name, version) in [("v1-scorecard", 1), ("v1-tree", 1), (NAME, 2)] {
        assert_eq!(sample_parts(name).format_version(), version, "{name}");
    }
    let mut named = sample_parts("v1-scorecard");
    named.kind = ModelKind::ScorecardPlus;
    assert_eq!(named.format_version(), 2);
    let text = String::from_utf8(sample_bytes(NAME)).unwrap();
    let body = text.rsplit_once(",\n  \"sha256\"").unwrap().0;
    let older = body.replacen("\"format_version\": 2", "\"format_version\": 1", 1);
    let found = Model::from_bytes(&seal_body(older.as_bytes())).unwrap_err().to_string();
    let said =
        "invalid model: pairs, special ranges, whole points and kind `scorecard_plus` need format version 2";
    assert_eq!(found, said);
    // A version 2 file that version 1 could say is read all the same.
    let text = String::from_utf8(sample_bytes("v1-tree")).unwrap();
    let body = text.rsplit_once(",\n  \"sha256\"").unwrap().0;
    let newer = body.replacen("\"format_version\": 1", "\"format_version\": 2", 1);
    let model = Model::from_bytes(&seal_body(newer.as_bytes())).unwrap();
    assert_eq!(model.into_parts(), sample_parts("v1-tree"));
    let zero = body.replacen("\"format_version\": 1", "\"format_version\": 0", 1);
    assert!(Model::from_bytes(&seal_body(zero.as_bytes())).is_err());
}
