//! The models in `models/` against a second computation of them in Python: `reference/make_reference.py`.
//!
//! Each model is trained again from its recipe; what it and its validation say is laid out as JSON of the shape of
//! `reference/credit.json` and compared key by key. Texts, counts, sides and node numbers must be equal; other
//! numbers, coefficients and scores included, agree to 1e-9, that is `|found - expected| <= 1e-9 max(1, |expected|)`.
//! Only the centres of the segments have tolerances of their own, which stand at their test.

use arrears_model::points::{Spread, points_table};
use arrears_model::transform::Transform;
use arrears_model::tree::Test;
use arrears_model::{Kind, Model, Predictor, Scored, Scorer, Value as Raw};
use arrears_tests::{root, train_and_measure};
use arrears_train::{Recipe, Trained};
use arrears_validate::{Drift, MeasureOptions, Report, measure};
use serde_json::{Value, json};

/// Held-out rows whose scores the reference writes out.
const SHOWN: usize = 20;

fn reference(part: &str) -> Value {
    let text = std::fs::read_to_string(root().join("tests/reference/credit.json")).expect("the reference");
    let mut all: Value = serde_json::from_str(&text).expect("JSON");
    all[part].take()
}

fn train(name: &str) -> (Trained, Report) {
    let path = root().join("models").join(name).join("1.1.0/recipe.toml");
    let text = std::fs::read_to_string(path).expect("the recipe");
    let recipe = Recipe::from_toml(&text, "recipe.toml", "credit").expect("a sound recipe");
    train_and_measure(&recipe, &root().join("datasets/credit/data.csv")).expect("a model")
}

/// Every place where the two differ, so that nothing the reference holds is passed over.
fn differences(at: &str, found: &Value, expected: &Value, all: &mut Vec<String>) {
    match (found, expected) {
        (Value::Object(f), Value::Object(e)) if f.len() == e.len() && e.keys().all(|k| f.contains_key(k)) => {
            e.iter().for_each(|(key, e)| differences(&format!("{at}.{key}"), &f[key], e, all));
        }
        (Value::Array(f), Value::Array(e)) if f.len() == e.len() => {
            f.iter().zip(e).enumerate().for_each(|(i, (f, e))| differences(&format!("{at}[{i}]"), f, e, all));
        }
        (Value::Number(f), Value::Number(e)) if f.is_f64() && e.is_f64() => {
            let (f, e) = (f.as_f64().expect("a float"), e.as_f64().expect("a float"));
            if (f - e).abs() > 1e-9 * e.abs().max(1.0) {
                all.push(format!("{at} is {f}, the reference has {e}"));
            }
        }
        _ if found == expected => {}
        _ => all.push(format!("{at} is {found}, the reference has {expected}")),
    }
}

#[track_caller]
fn agree(part: &str, found: &Value, expected: &Value) {
    let mut all = Vec::new();
    differences(part, found, expected, &mut all);
    assert!(all.is_empty(), "{} differences:\n{}", all.len(), all.join("\n"));
}

/// What the model says of each held-out row, in file order.
fn score_hold_out(trained: &Trained) -> Vec<Scored> {
    let (model, table) = (&trained.model, &trained.cleaned.table);
    let columns: Vec<_> =
        model.schema.fields.iter().map(|f| table.column(&f.name).expect("its column")).collect();
    let mut scorer = Scorer::new(model);
    let mut score = |row: &usize| {
        let row: Vec<Raw<'_>> = columns.iter().map(|c| c.value(*row)).collect();
        scorer.score(&row).expect("no row of the data is refused")
    };
    trained.split.test.iter().map(&mut score).collect()
}

fn mean(values: impl ExactSizeIterator<Item = f64>) -> f64 {
    let n = values.len() as f64;
    values.sum::<f64>() / n
}

fn counts(drift: &Drift) -> (Vec<u64>, Vec<u64>) {
    drift.bins.iter().map(|bin| (bin.expected, bin.actual)).unzip()
}

/// Adds to `part` what is measured of every model with a pd.
fn add_measures(part: &mut Value, trained: &Trained, report: &Report) {
    let scored = score_hold_out(trained);
    let pd = |s: &Scored| s.pd.expect("a pd");
    let score = |s: &Scored| s.score.expect("a score");
    let model = &trained.model;
    let found = report.discrimination.expect("discrimination");
    let accuracy = report.accuracy.expect("accuracy");
    let drift = report.stability.score.as_ref().expect("the drift of the score");
    let (train, hold_out) = counts(drift);
    let shown = &scored[..SHOWN];
    part["auc"] = found.auc.into();
    part["auc_standard_error"] = found.auc_interval.expect("an interval").standard_error.into();
    part["gini"] = found.gini.into();
    part["ks"] = found.ks.ks.into();
    part["brier"] = accuracy.brier.into();
    part["log_loss"] = accuracy.log_loss.into();
    part["mean_pd"] = mean(scored.iter().map(pd)).into();
    part["mean_score"] = mean(scored.iter().map(score)).into();
    part["band_counts"] = json!({ "train": train, "hold_out": hold_out });
    part["score_psi"] = drift.psi.psi.into();
    let grade = |g: &arrears_validate::GradeRow| json!({ "grade": g.grade, "rows": g.rows, "bads": g.bads });
    part["grades"] = report.grades.iter().map(grade).collect();
    part["pd"] = shown.iter().map(pd).collect();
    part["score"] = shown.iter().map(score).collect();
    let name = |s: &Scored| model.grades[s.grade.expect("a grade")].name.as_str();
    part["grade"] = shown.iter().map(name).collect();
    part["reasons"] = shown.iter().map(|s| reasons(model, s)).collect();
}

fn reasons(model: &Model, scored: &Scored) -> Value {
    scored.reasons.iter().map(|r| json!([model.schema.fields[r.field].name, r.loss])).collect()
}

#[test]
fn the_same_rows_are_held_out() {
    let (trained, _) = train("credit-scorecard");
    let (cleaned, split) = (&trained.cleaned, &trained.split);
    let bad = cleaned.bad.as_ref().expect("outcomes");
    let bads = |rows: &[usize]| rows.iter().filter(|row| bad[**row]).count();
    let id = cleaned.table.require("id").expect("the id");
    let ids: Vec<_> = split.test.iter().map(|row| id.text(*row, &[]).expect("an id")).collect();
    let found = json!({
        "kept": cleaned.report.kept,
        "train": split.train.len(),
        "train_bads": bads(&split.train),
        "hold_out": split.test.len(),
        "hold_out_bads": bads(&split.test),
        "hold_out_ids": ids.join(" "),
    });
    agree("split", &found, &reference("split"));
}

#[test]
fn the_scorecard_is_the_same() {
    let (trained, report) = train("credit-scorecard");
    let model = &trained.model;
    let Predictor::Additive(additive) = &model.predictor else { panic!("not additive") };
    let points = points_table(model, Spread::Characteristics).expect("a points table");
    let terms: Value = (additive.terms.iter())
        .map(|term| {
            let name = &model.schema.fields[model.transforms[term.transform].field()].name;
            let rows: Vec<_> = points.iter().filter(|row| &row.variable == name).collect();
            let variable = trained.variables.iter().find(|v| &v.variable == name).expect("its report");
            let drift = report.stability.features.iter().find(|d| &d.name == name).expect("its drift");
            json!({
                "variable": name,
                "counts": rows.iter().map(|row| row.count).collect::<Value>(),
                "bads": rows.iter().map(|row| row.bads).collect::<Value>(),
                "woe": rows.iter().map(|row| row.woe).collect::<Value>(),
                "iv": variable.iv,
                "hold_out_counts": counts(drift).1,
                "psi": drift.psi.psi,
                "coefficient": term.coefficient,
                "log_odds": rows.iter().map(|row| row.log_odds).collect::<Value>(),
                "points": rows.iter().map(|row| row.points).collect::<Value>(),
                "baseline": term.baseline,
            })
        })
        .collect();
    let mut found = json!({ "intercept": additive.intercept, "terms": terms });
    add_measures(&mut found, &trained, &report);
    agree("scorecard", &found, &reference("scorecard"));
}

/// The reference grows the tree itself, by exhaustive search in fractions. One node of it has two splits that are
/// equally good to the last fraction; there it takes the one in `models/credit-tree`.
#[test]
fn the_tree_is_the_same() {
    let (trained, report) = train("credit-tree");
    let model = &trained.model;
    let Predictor::Tree(tree) = &model.predictor else { panic!("not a tree") };
    let split = |split: &arrears_model::tree::Split| {
        let mut found = json!({
            "field": model.schema.fields[split.field].name,
            "missing": split.missing,
            "left": split.left,
            "right": split.right,
        });
        match &split.test {
            Test::Below { threshold, special } => {
                assert!(special.is_empty(), "the recipe has no special codes");
                found["threshold"] = (*threshold).into();
            }
            Test::In { categories, other } => {
                found["categories"] = json!(categories);
                found["other"] = json!(other);
            }
        }
        found
    };
    let node = |node: &arrears_model::tree::Node| {
        let split = node.split.as_ref().map(split);
        json!({ "count": node.count, "bads": node.bads, "pd": node.pd, "split": split })
    };
    let mut found = json!({ "nodes": tree.nodes.iter().map(node).collect::<Value>() });
    add_measures(&mut found, &trained, &report);
    agree("tree", &found, &reference("tree"));
}

/// The centres are taken from the model file, so they have to be good in themselves: together within 1e-6 of the
/// means of their rows, which is the recipe's tolerance, and their inertia at most 2 % above that of the best of
/// 20 starts of scikit-learn.
#[test]
fn the_segments_are_the_same() {
    let (trained, report) = train("credit-segments");
    let model = &trained.model;
    let mut expected = reference("segments");
    let (means, yardstick) = (expected["means"].take(), expected["scikit_learn_inertia"].take());
    let mut found = segments(&trained, &report);
    let inertia = found["inertia"]["train"].as_f64().expect("inertia of the training rows");
    let yardstick = yardstick.as_f64().expect("inertia by scikit-learn");
    assert!(inertia <= 1.02 * yardstick, "inertia {inertia}, scikit-learn reaches {yardstick}");
    (found["means"], found["scikit_learn_inertia"]) = (Value::Null, Value::Null);
    agree("segments", &found, &expected);

    let Predictor::Centroids(centroids) = &model.predictor else { panic!("not centroids") };
    let means: Vec<Vec<f64>> = serde_json::from_value(means).expect("means");
    let moves = centroids.segments.iter().zip(&means).flat_map(|(s, mean)| s.center.iter().zip(mean));
    let moved = moves.map(|(c, m)| (c - m) * (c - m)).sum::<f64>().sqrt();
    assert!(moved <= 1e-6, "the centres lie {moved} from the means of their rows");
}

fn segments(trained: &Trained, report: &Report) -> Value {
    let model = &trained.model;
    let Predictor::Centroids(centroids) = &model.predictor else { panic!("not centroids") };
    let coordinate = |at: &usize| match &model.transforms[*at] {
        Transform::Standardise { field, center, scale } => {
            json!([model.schema.fields[*field].name, center, scale])
        }
        Transform::Indicator { field, category, scale } => {
            let field = &model.schema.fields[*field];
            let Kind::Category { categories, .. } = &field.kind else { panic!("not a category") };
            json!([field.name, categories[*category], scale])
        }
        other => panic!("{other:?}: the recipe asks for none"),
    };
    let clusters = report.clusters.as_ref().expect("clusters");
    let silhouette = clusters.silhouette.as_ref().expect("a silhouette");
    let (table, options) = (&trained.cleaned.table, MeasureOptions::default());
    let on_train = measure(model, table, &trained.split.train, "training", "data.csv", &options)
        .expect("training rows can be measured");
    let scored = score_hold_out(trained);
    json!({
        "coordinates": centroids.coordinates.iter().map(coordinate).collect::<Value>(),
        "counts": centroids.segments.iter().map(|s| s.count).collect::<Value>(),
        "bads": centroids.segments.iter().map(|s| s.bads).collect::<Value>(),
        "inertia": {
            "train": on_train.clusters.and_then(|c| c.inertia),
            "hold_out": clusters.inertia,
        },
        "silhouette": silhouette.mean,
        "silhouette_by_segment": silhouette.segments.iter().map(|s| s.mean).collect::<Value>(),
        "hold_out_counts": clusters.segments.iter().map(|s| s.rows).collect::<Value>(),
        "psi": report.stability.score.as_ref().map(|drift| drift.psi.psi),
        "segment": scored[..SHOWN].iter().map(|s| s.segment).collect::<Value>(),
        "distance": scored[..SHOWN].iter().map(|s| s.distance).collect::<Value>(),
        "mean_distance": clusters.segments.iter().map(|s| s.mean_distance).collect::<Value>(),
    })
}
