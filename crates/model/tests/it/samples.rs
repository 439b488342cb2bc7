use crate::{SAMPLES, sample, sample_bytes, sample_path};
use arrears_model::value::{FlagKind, RefusalKind};
use arrears_model::{Model, Scored, Scorer, Value};
use serde_json::Value as Json;

fn json(file: &str) -> Json {
    serde_json::from_slice(&std::fs::read(sample_path(file)).unwrap()).unwrap()
}

fn close(what: &str, found: Option<f64>, expected: &Json) {
    match (found, expected.as_f64()) {
        (None, None) => {}
        (Some(a), Some(b)) => assert!((a - b).abs() <= 1e-12 * b.abs().max(1.0), "{what}: {a} is not {b}"),
        (a, b) => panic!("{what}: {a:?} is not {b:?}"),
    }
}

fn raw(value: &Json) -> Value<'_> {
    match value {
        Json::Null => Value::Missing,
        Json::Number(x) => Value::Number(x.as_f64().unwrap()),
        Json::String(text) => Value::Text(text),
        other => panic!("{other} is no raw value"),
    }
}

fn flag_name(kind: FlagKind) -> &'static str {
    match kind {
        FlagKind::UnseenCategory => "unseen_category",
        FlagKind::OutOfRangeAsMissing => "out_of_range_as_missing",
        FlagKind::OutOfRangeClipped => "out_of_range_clipped",
        FlagKind::LimitByPolicy => "limit_by_policy",
        FlagKind::TierByPolicy => "tier_by_policy",
    }
}

fn refusal_name(kind: &RefusalKind) -> &'static str {
    match kind {
        RefusalKind::NotANumber => "not_a_number",
        RefusalKind::NotFinite => "not_finite",
        RefusalKind::OutOfRange { .. } => "out_of_range",
        RefusalKind::UnseenCategory => "unseen_category",
        RefusalKind::Missing => "missing",
    }
}

fn compare(model: &Model, scored: &Scored, expected: &Json) {
    let field = |i: usize| model.schema.fields[i].name.as_str();
    close("pd", scored.pd, &expected["pd"]);
    close("score", scored.score, &expected["score"]);
    close("amount", scored.amount, &expected["amount"]);
    close("distance", scored.distance, &expected["distance"]);
    close("margin", scored.margin, &expected["margin"]);
    assert_eq!(scored.novel, expected["novel"].as_bool());
    let grade = scored.grade.map(|g| model.grades[g].name.as_str());
    assert_eq!(grade, expected["grade"].as_str());
    close("limit", scored.decided.limit, &expected["limit"]);
    let tiers = model.decisions.as_ref().and_then(|decisions| decisions.tiers.as_ref());
    let tier = scored.decided.tier.map(|tier| tiers.unwrap().tiers[tier].name.as_str());
    assert_eq!(tier, expected["tier"].as_str());
    assert_eq!(scored.segment.map(|s| model.segment_names()[s]), expected["segment"].as_str());
    let flags: Vec<_> = scored.flags.iter().map(|f| (field(f.field), flag_name(f.kind))).collect();
    let listed = |key: &str| expected[key].as_array().cloned().unwrap_or_default();
    let wanted = listed("flags");
    let wanted: Vec<_> =
        wanted.iter().map(|f| (f["field"].as_str().unwrap(), f["kind"].as_str().unwrap())).collect();
    assert_eq!(flags, wanted);
    let reasons = listed("reasons");
    let names: Vec<_> = reasons.iter().map(|r| r["field"].as_str().unwrap()).collect();
    assert_eq!(scored.reasons.iter().map(|r| field(r.field)).collect::<Vec<_>>(), names);
    for (reason, wanted) in scored.reasons.iter().zip(&reasons) {
        close("loss", Some(reason.loss), &wanted["loss"]);
    }
}

#[test]
fn samples_score_as_the_second_reader_says() {
    let (rows, expected) = (json("rows.json"), json("expected.json"));
    for name in SAMPLES {
        let model = sample(name);
        let mut scorer = Scorer::new(&model);
        let (rows, expected) = (rows[name].as_array().unwrap(), expected[name].as_array().unwrap());
        assert_eq!(rows.len(), expected.len(), "run tests/reference/score_samples.py");
        for (row, expected) in rows.iter().zip(expected) {
            println!("{name}: {row}");
            let values: Vec<_> = row.as_array().unwrap().iter().map(raw).collect();
            match scorer.score(&values) {
                Ok(scored) => {
                    assert!(expected.get("refused").is_none());
                    compare(&model, &scored, expected);
                }
                Err(refusal) => {
                    assert_eq!(Some(refusal.column.as_str()), expected["refused"].as_str());
                    assert_eq!(Some(refusal_name(&refusal.kind)), expected["why"].as_str());
                }
            }
        }
    }
}

#[test]
fn samples_write_the_same_bytes() {
    for name in SAMPLES {
        let bytes = sample_bytes(name);
        let model = Model::from_bytes(&bytes).unwrap();
        assert_eq!(String::from_utf8(model.to_bytes().unwrap()), String::from_utf8(bytes), "{name}");
        assert_eq!(Model::new(model.clone().into_parts()).unwrap(), model);
    }
}

#[test]
fn every_sample_file_is_tested() {
    let files = std::fs::read_dir(sample_path("")).unwrap().map(|f| f.unwrap().file_name());
    let mut names: Vec<_> = files.map(|f| f.into_string().unwrap()).filter(|f| f.starts_with('v')).collect();
    let mut tested = SAMPLES.map(|name| format!("{name}.json"));
    names.sort();
    tested.sort();
    assert_eq!(names, tested);
}

#[test]
fn the_fingerprint_is_the_checksum_in_the_file() {
    let model = sample("v1-tree");
    let text = String::from_utf8(sample_bytes("v1-tree")).unwrap();
    assert!(text.ends_with(&format!("\"sha256\": \"{}\"\n}}\n", model.sha256())));
    assert_eq!(model.checksum(), &model.sha256()[..16]);
}
