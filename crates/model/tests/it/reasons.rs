use crate::{sample, sample_parts};
use arrears_model::additive::{Additive, Shape, Term};
use arrears_model::model::Baseline;
use arrears_model::schema::OutOfRange;
use arrears_model::transform::Transform;
use arrears_model::{Field, Kind, Model, Predictor, Scored, Scorer, Value};

/// A field and, for one row, the value and the baseline of each of its terms.
type Terms<'a> = &'a [(f64, f64)];

/// Scores one row of a scorecard whose terms are as given; every field has one bin for all numbers.
fn scored(fields: &[Terms<'_>]) -> Scored {
    let mut parts = sample_parts("v1-scorecard");
    parts.profile = Default::default();
    parts.schema.fields.clear();
    parts.transforms.clear();
    let mut terms = Vec::new();
    for (i, of_field) in fields.iter().enumerate() {
        let kind = Kind::Number { min: None, max: None, out_of_range: OutOfRange::Reject, special: vec![] };
        parts.schema.fields.push(Field {
            name: format!("x{i}"),
            kind,
            reason: None,
            required: false,
            formula: None,
        });
        parts.transforms.push(Transform::Intervals { field: i, splits: vec![] });
        terms.extend(of_field.iter().map(|(value, baseline)| Term {
            transform: i,
            coefficient: None,
            baseline: *baseline,
            shape: Shape::Lookup { values: vec![*value, 0.0] },
        }));
    }
    parts.predictor = Predictor::Additive(Additive { intercept: -1.0, terms });
    let model = Model::new(parts).unwrap();
    Scorer::new(&model).score(&vec![Value::Number(0.0); fields.len()]).unwrap()
}

fn fields_of(scored: &Scored) -> Vec<usize> {
    scored.reasons.iter().map(|r| r.field).collect()
}

/// Points for a loss of 1 in log-odds: 20 / ln 2.
const FACTOR: f64 = 28.853_900_817_779_27;

#[test]
fn most_points_first() {
    let scored = scored(&[&[(0.5, 0.0)], &[(2.0, 0.25)], &[(1.0, 0.0)]]);
    assert_eq!(fields_of(&scored), [1, 2, 0]);
    let losses: Vec<f64> = scored.reasons.iter().map(|r| r.loss / FACTOR).collect();
    for (loss, expected) in losses.iter().zip([1.75, 1.0, 0.5]) {
        assert!((loss - expected).abs() < 1e-12, "{loss} is not {expected}");
    }
}

#[test]
fn ties_stand_in_schema_order() {
    let one: Terms<'_> = &[(1.0, 0.0)];
    assert_eq!(fields_of(&scored(&[one, one, &[(2.0, 0.0)], one])), [2, 0, 1, 3]);
    // The same loss by another way: 1.5 - 0.5, and 0.75 + 0.25.
    assert_eq!(fields_of(&scored(&[&[(0.75, 0.0), (0.25, 0.0)], one, &[(1.5, 0.5)]])), [0, 1, 2]);
}

#[test]
fn at_most_four() {
    let one: Terms<'_> = &[(1.0, 0.0)];
    assert_eq!(fields_of(&scored(&[one; 7])), [0, 1, 2, 3]);
    assert_eq!(fields_of(&scored(&[one, one, one, one, &[(1.5, 0.0)], one])), [4, 0, 1, 2]);
}

#[test]
fn only_losses_above_zero() {
    let scored = scored(&[&[(0.25, 0.25)], &[(-1.0, 0.0)], &[(-0.5, -0.75)], &[(0.0, 0.5)]]);
    assert_eq!(fields_of(&scored), [2]);
}

#[test]
fn a_loss_too_small_for_points_is_none() {
    let mut parts = sample_parts("v1-scorecard");
    if let Some(scale) = &mut parts.scale {
        scale.pdo = 5e-324;
    }
    let model = Model::new(parts).unwrap();
    let reasons = Scorer::new(&model).score(&[]).unwrap().reasons;
    assert!(reasons.iter().all(|r| r.loss > 0.0), "{reasons:?}");
}

#[test]
fn terms_of_one_field_are_summed() {
    // 1.0 - 0.75 loses less than 0.5, and a gain in one term makes up for a loss in another.
    let scored = scored(&[&[(1.0, 0.0), (-0.75, 0.0)], &[(0.5, 0.0)], &[(1.0, 0.0), (0.0, 1.0)]]);
    assert_eq!(fields_of(&scored), [1, 0]);
}

/// Two fields with bins of -0.5, 0 and 1 (10, 20 and 70 rows) and -2 and 0.5 (50 rows each). A row in the
/// bins 0 and 0.5. By hand: against the best, it loses 0.5 and 2.5; the means are 0.65 and -0.75, so it
/// gains 0.65 and loses 1.25; against nothing, it loses 0 and 0.5.
#[test]
fn each_baseline() {
    for (baseline, of_terms, expected) in [
        (Baseline::Max, [-0.5, -2.0], vec![(1, 2.5), (0, 0.5)]),
        (Baseline::Mean, [0.65, -0.75], vec![(1, 1.25)]),
        (Baseline::Neutral, [0.0, 0.0], vec![(1, 0.5)]),
    ] {
        let mut parts = sample_parts("v1-scorecard");
        parts.profile = Default::default();
        parts.schema.fields.truncate(2);
        parts.baseline = baseline;
        parts.transforms = vec![
            Transform::Intervals { field: 0, splits: vec![30.0, 40.0] },
            Transform::Intervals { field: 1, splits: vec![10.0] },
        ];
        let term = |transform: usize, values: &[f64]| Term {
            transform,
            coefficient: None,
            baseline: of_terms[transform],
            shape: Shape::Lookup { values: values.to_vec() },
        };
        let terms = vec![term(0, &[-0.5, 0.0, 1.0, 0.0]), term(1, &[-2.0, 0.5, 0.0, 0.0, 0.0])];
        parts.predictor = Predictor::Additive(Additive { intercept: 0.0, terms });
        let model = Model::new(parts).unwrap();
        let scored = Scorer::new(&model).score(&[Value::Number(35.0), Value::Number(11.0)]).unwrap();
        assert_eq!(scored.reasons.len(), expected.len(), "{baseline:?}");
        for (reason, (field, loss)) in scored.reasons.iter().zip(expected) {
            assert_eq!(reason.field, field);
            assert!((reason.loss - loss * FACTOR).abs() < 1e-12, "{baseline:?}: {reason:?}");
        }
    }
}

/// The tree asks orders < 3.5, then the reason, then orders < 12: two rises and a rise by `orders`, one by
/// `reason`. Worked out from the odds: 0.75 is 3:1, 40/32 = 0.71875 is 23:9, 25/42 is 25:17, 31/102 is 31:71.
#[test]
fn a_tree_charges_the_field_that_was_asked() {
    let model = sample("v1-tree");
    let scored = Scorer::new(&model).score(&[Value::Number(12.0), Value::Text("size")]).unwrap();
    let [root, second, third, leaf]: [f64; 4] = [31.0 / 71.0, 25.0 / 17.0, 23.0 / 9.0, 3.0];
    let orders = FACTOR * ((second / root).ln() + (leaf / third).ln());
    let reason = FACTOR * (third / second).ln();
    assert_eq!(fields_of(&scored), [0, 1]);
    assert!((scored.reasons[0].loss - orders).abs() < 1e-9);
    assert!((scored.reasons[1].loss - reason).abs() < 1e-9);
}

/// The same way down: orders, reason, orders. By hand, 20 points a doubling of the odds: what one answer costs, a
/// later one about the same field may give back.
#[test]
fn a_field_asked_twice_pays_the_sum() {
    for (pds, expected) in [
        // Odds 1:1, 4:1, 1:4, 1:1: orders cost 40 and 40 points, the reason gives 80 back.
        ([0.5, 0.8, 0.2, 0.5], vec![(0, 80.0)]),
        // Odds 1:1, 4:1, 16:1, 1:1: orders cost 40 and give back 80, the reason costs 40.
        ([0.5, 0.8, 16.0 / 17.0, 0.5], vec![(1, 40.0)]),
        // Odds 1:1, 1:2, 1:2, 4:1: orders give back 20 and cost 60.
        ([0.5, 1.0 / 3.0, 1.0 / 3.0, 0.8], vec![(0, 40.0)]),
    ] {
        let mut parts = sample_parts("v1-tree");
        let Predictor::Tree(tree) = &mut parts.predictor else { panic!("a tree") };
        for (node, pd) in [0, 2, 4, 6].into_iter().zip(pds) {
            tree.nodes[node].pd = pd;
        }
        let model = Model::new(parts).unwrap();
        let reasons = Scorer::new(&model).score(&[Value::Number(12.0), Value::Text("size")]).unwrap().reasons;
        assert_eq!(reasons.len(), expected.len(), "{reasons:?}");
        for (reason, (field, loss)) in reasons.iter().zip(expected) {
            assert_eq!(reason.field, field);
            assert!((reason.loss - loss).abs() < 1e-9, "{reason:?}");
        }
    }
}

#[test]
fn segments_give_no_reasons() {
    let model = sample("v1-segments");
    let scored = Scorer::new(&model).score(&[]).unwrap();
    assert_eq!((scored.reasons, scored.pd, scored.score, scored.grade), (vec![], None, None, None));
}

#[test]
fn a_reason_shows_its_text_or_the_columns_name() {
    let fields = sample("v1-scorecard").schema.fields.clone();
    assert_eq!(
        fields.iter().map(Field::reason_text).collect::<Vec<_>>()[..],
        ["Young age", "Payments were late", "住房情况", "码"]
    );
}
