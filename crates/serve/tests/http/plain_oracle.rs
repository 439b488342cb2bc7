//! The service scores with the compiled scorer; the plain one is its oracle, for every frozen model.

use crate::equal_bits::customers;
use crate::running::{Running, frozen, root};
use arrears_model::leaves::leaf_table;
use arrears_model::{Model, Scored, Scorer, Value};
use serde_json::{Map, Value as Json, json};

/// Name and version of all frozen models.
fn frozen_models() -> Vec<(String, String)> {
    let names = |folder: std::path::PathBuf| {
        let entries = std::fs::read_dir(folder).unwrap().map(Result::unwrap);
        let folders = entries.filter(|entry| entry.file_type().unwrap().is_dir());
        let mut names: Vec<String> = folders.map(|entry| entry.file_name().into_string().unwrap()).collect();
        names.sort();
        names
    };
    let versions = |name: String| {
        let versions = names(root().join("models").join(&name));
        versions.into_iter().map(move |version| (name.clone(), version))
    };
    names(root().join("models")).into_iter().flat_map(versions).collect()
}

/// What the service has to say of a customer whom the plain scorer scores so; the id and absent fields aside.
fn expected(model: &Model, scored: &Scored) -> Json {
    let field = |at: usize| &model.schema.fields[at];
    let mut said = Map::new();
    let mut say = |key: &str, value: Json| drop(said.insert(key.to_owned(), value));
    if model.gives_pd() {
        say("pd", json!(scored.pd));
        say("score", json!(scored.score));
        say("grade", json!(scored.grade.map(|grade| &model.grades[grade].name)));
        let reasons = scored.reasons.iter().map(|reason| {
            let of = field(reason.field);
            json!({ "field": of.name, "text": of.reason_text(), "points": reason.loss })
        });
        say("reasons", reasons.collect());
    } else {
        say("distance", json!(scored.distance));
        say("margin", json!(scored.margin));
        say("novel", json!(scored.novel));
    }
    if let Some(segment) = scored.segment {
        say("segment", json!(model.segment_name(segment)));
    }
    if let Some(node) = scored.leaf {
        let leaves = leaf_table(model).unwrap();
        say("leaf", json!(leaves.iter().find(|leaf| leaf.rule.node == node).unwrap().leaf));
    }
    let flags = scored.flags.iter();
    let flags = flags.map(|flag| json!({ "field": field(flag.field).name, "what": flag.kind.to_string() }));
    say("flags", flags.collect());
    said.into()
}

#[test]
fn every_frozen_model_answers_as_the_plain_scorer() {
    let models = frozen_models();
    assert!(models.len() >= 7);
    let pairs: Vec<(&str, &str)> = models.iter().map(|(name, version)| (&name[..], &version[..])).collect();
    let running = Running::of(&pairs);
    let (header, rows) = customers();
    let object =
        |row: &Vec<String>| -> Json { header.iter().cloned().zip(row.iter().map(|v| json!(v))).collect() };
    let body = Json::from_iter(rows.iter().map(object)).to_string();
    for (name, version) in pairs {
        let model = Model::from_bytes(&std::fs::read(frozen((name, version))).unwrap()).unwrap();
        let mut scorer = Scorer::new(&model);
        let at: Vec<usize> =
            model.schema.fields.iter().map(|f| header.iter().position(|h| *h == f.name).unwrap()).collect();
        let answer = running.post(&format!("/models/{name}/versions/{version}/score"), &[], &body).json();
        let answers = answer["rows"].as_array().unwrap();
        assert_eq!(answers.len(), rows.len());
        let mut scored = 0;
        for (row, answer) in rows.iter().zip(answers) {
            let values: Vec<Value<'_>> = at.iter().map(|at| Value::Text(&row[*at])).collect();
            let mut answer = answer.clone();
            let id = answer.as_object_mut().unwrap().remove("id");
            assert_eq!(id, Some(json!(row[0])), "each customer in his place");
            match scorer.score(&values) {
                Ok(plain) => {
                    // Numbers that differ in one bit are written differently.
                    assert_eq!(answer, expected(&model, &plain), "{name}/{version} {row:?}");
                    scored += 1;
                }
                Err(refusal) => {
                    assert_eq!(answer["error"]["field"], refusal.column);
                    assert_eq!(answer["error"]["expected"], refusal.kind.to_string());
                }
            }
        }
        assert!(scored > 3_000 && scored < rows.len(), "the customers are of both kinds");
    }
}
