use crate::{sample, sample_bytes, sample_parts};
use arrears_model::centroids::Centroids;
use arrears_model::file::seal_body;
use arrears_model::segment_table::{FieldValue, segment_table};
use arrears_model::transform::{Transform, signed_exp, signed_log};
use arrears_model::typical::{Typical, short_number};
use arrears_model::value::Cell;
use arrears_model::{Model, Predictor};

const NAME: &str = "v3-segments";

/// What checking says of the sample after a change to its centroids.
fn message(change: impl FnOnce(&mut Centroids)) -> String {
    let mut parts = sample_parts(NAME);
    let Predictor::Centroids(centroids) = &mut parts.predictor else { panic!("no segments") };
    change(centroids);
    Model::new(parts).unwrap_err().to_string()
}

#[test]
fn logarithms_take_every_number_and_keep_order_and_sign() {
    for (x, y) in [(0.0, 0.0), (1.0, 2f64.ln()), (-1.0, -(2f64.ln())), (99.0, 100f64.ln()), (1e-20, 1e-20)] {
        assert!((signed_log(x) - y).abs() <= 1e-15 * y.abs(), "{x}");
        assert!((signed_exp(y) - x).abs() <= 1e-13 * x.abs(), "{x}");
    }
    assert!(signed_log(f64::MAX).is_finite() && signed_log(-f64::MAX) == -signed_log(f64::MAX));
    let log = Transform::LogStandardise { field: 0, center: 3.0, scale: 2.0 };
    assert_eq!(log.number(Cell::Number(0.0)), -1.5);
    assert!((log.number(Cell::Number(-99.0)) - (-(100f64.ln()) - 3.0) / 2.0).abs() < 1e-15);
    for cell in [Cell::Missing, Cell::Special(0), Cell::Unseen, Cell::Category(1)] {
        assert_eq!(log.number(cell), 0.0, "{cell:?}");
    }
    let narrow = Transform::LogStandardise { field: 0, center: 0.0, scale: 5e-324 };
    assert_eq!(narrow.number(Cell::Number(-2.0)), -1e9);
}

/// Each of the three new parts alone needs version 3, and none of them may stand in an older file.
#[test]
fn what_version_2_cannot_say_is_version_3() {
    let without = |log: bool, novelty: bool, typical: bool| {
        let mut parts = sample_parts(NAME);
        if !log {
            parts.transforms[1] = Transform::Standardise { field: 1, center: 0.0, scale: 1.0 };
        }
        let Predictor::Centroids(centroids) = &mut parts.predictor else { panic!("no segments") };
        centroids.segments.iter_mut().for_each(|s| s.novelty = s.novelty.filter(|_| novelty));
        if !typical {
            centroids.typical.clear();
        }
        parts
    };
    assert_eq!(without(false, false, false).format_version(), 1);
    for parts in [without(true, false, false), without(false, true, false), without(false, false, true)] {
        assert_eq!(parts.format_version(), 3);
        let bytes = Model::new(parts.clone()).unwrap().to_bytes().unwrap();
        let text = String::from_utf8(bytes).unwrap();
        let body = text.rsplit_once(",\n  \"sha256\"").unwrap().0;
        for version in [1, 2] {
            let to = format!("\"format_version\": {version}");
            let older = body.replacen("\"format_version\": 3", &to, 1);
            let found = Model::from_bytes(&seal_body(older.as_bytes())).unwrap_err().to_string();
            let said = "logarithms, `novelty` and typical values of segments, a scorecard for each segment, and trees of amounts \
             need format version 3";
            assert_eq!(found, format!("invalid model: {said}"));
        }
    }
    // Null says as little as no key at all.
    let text = String::from_utf8(sample_bytes("v1-segments")).unwrap();
    let body = text.rsplit_once(",\n  \"sha256\"").unwrap().0;
    let null = body.replacen("\"coordinates\"", "\"typical\": [], \"coordinates\"", 1);
    let null = null.replacen("\"center\": [", "\"novelty\": null, \"center\": [", 1);
    let model = Model::from_bytes(&seal_body(null.as_bytes())).unwrap();
    assert_eq!(model.into_parts(), sample_parts("v1-segments"));
}

#[test]
fn what_does_not_fit_the_segments_is_refused() {
    let distance = "invalid model: segment `regular`: its novelty must be a finite distance of 0 or more";
    for wrong in [-1e-9, f64::NAN, f64::INFINITY] {
        assert_eq!(message(|c| c.segments[1].novelty = Some(wrong)), distance);
    }
    let order = "invalid model: `typical` must hold each field at most once, in the order of the schema";
    assert_eq!(message(|c| c.typical.swap(0, 1)), order);
    assert_eq!(message(|c| c.typical[1].field = 0), order);
    let absent = message(|c| c.typical[2].field = 9);
    assert_eq!(absent, "invalid model: `typical` names field 9, which is not there");
    let each =
        "invalid model: typical values of `amount`: they need one value and one difference for each segment";
    assert_eq!(message(|c| c.typical[0].segments.truncate(1)), each);
    assert_eq!(message(|c| c.typical[0].differences.push(0.0)), each);
    let suits = "invalid model: typical values of `amount`: a value does not suit the field, or is not finite, or a \
                 share not in 0 to 1";
    let category = |category, share| Some(Typical::Category { category, share });
    assert_eq!(message(|c| c.typical[0].all = category(0, 0.5)), suits);
    let infinite = Some(Typical::Number { mean: 0.0, median: f64::INFINITY });
    assert_eq!(message(|c| c.typical[0].segments[0] = infinite), suits);
    let suits = suits.replace("amount", "channel");
    for wrong in [category(3, 0.5), category(0, 0.0), category(0, 1.1), category(0, f64::NAN), infinite] {
        assert_eq!(message(|c| c.typical[2].segments[1] = wrong), suits);
    }
    let far = "invalid model: typical values of `amount`: a difference is not finite, or beyond 1e9";
    assert_eq!(message(|c| c.typical[0].differences[0] = f64::NAN), far);
}

#[test]
fn the_table_reads_as_a_person_writes_it() {
    let table = segment_table(&sample(NAME)).unwrap();
    assert_eq!((table.rows, table.segments.len(), table.segments[0].novelty), (100, 3, Some(3.25)));
    let second = &table.segments[1];
    assert_eq!((second.share, second.bads, second.bad_rate), (Some(0.25), Some(5), Some(0.2)));
    let texts = |values: &[FieldValue]| values.iter().map(FieldValue::text).collect::<Vec<_>>();
    let differences =
        |values: &[FieldValue]| values.iter().map(FieldValue::difference_text).collect::<Vec<_>>();
    assert_eq!(texts(&table.all), ["108 / 90", "4.25 / 4", "web 50 %"]);
    assert_eq!(differences(&table.all), ["", "", ""]);
    assert_eq!(texts(&table.segments[0].profile), ["82.5 / 71", "2.5 / 2", "web 67 %"]);
    assert_eq!(differences(&table.segments[0].profile), ["-0.4", "-0.5", "+0.3"]);
    // The third segment has no amount at all.
    assert_eq!(texts(&table.segments[2].profile), ["", "9.5 / 9.5", "web 100 %"]);
    assert_eq!(differences(&table.segments[2].profile), ["", "+1.8", "+1.0"]);
    let json = serde_json::to_value(&table).unwrap();
    let first = serde_json::json!({"variable": "amount", "mean": 82.5, "median": 71.0, "difference": -0.375});
    assert_eq!(json["segments"][0]["profile"][0], first);
    assert_eq!(json["all"][2], serde_json::json!({"variable": "channel", "category": "web", "share": 0.5}));
    assert!(segment_table(&sample("v1-tree")).is_none());
    let old = segment_table(&sample("v1-segments")).unwrap();
    assert!(old.all.is_empty() && old.segments.iter().all(|s| s.profile.is_empty() && s.novelty.is_none()));
    let numbers = [(0.0, "0"), (-0.001, "-1.0e-3"), (12.0, "12"), (1.005, "1"), (-0.25, "-0.25")];
    let large = [(999.994, "999.99"), (1234.5, "1234"), (-1e9, "-1.0e9"), (2.5e12, "2.5e12")];
    for (x, text) in numbers.into_iter().chain(large) {
        assert_eq!(short_number(x), text, "{x}");
    }
}
