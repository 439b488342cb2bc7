use crate::{sample, sample_bytes, sample_path};
use arrears_model::amount_leaves::amount_leaf_table;
use arrears_model::amount_text::{amount_decimals, amount_text};
use arrears_model::file::seal_body;
use arrears_model::interval::{mean_interval, student_97_5};
use arrears_model::leaves::leaf_table;
use arrears_model::{Model, Predictor};
use serde::Deserialize;
use serde_json::{Value as Json, json};

const NAME: &str = "v3-amount-tree";

#[derive(Deserialize)]
struct Reference {
    quantiles: Vec<Quantile>,
    means: Vec<Mean>,
}

#[derive(Deserialize)]
struct Quantile {
    degrees: u64,
    quantile: f64,
}

#[derive(Deserialize)]
struct Mean {
    count: u64,
    mean: f64,
    deviation: f64,
    lower: f64,
    upper: f64,
}

#[test]
fn intervals_of_means_are_those_of_scipy() {
    let bytes = std::fs::read(sample_path("../reference/student.json")).unwrap();
    let Reference { quantiles, means } = serde_json::from_slice(&bytes).unwrap();
    assert!(quantiles.len() > 50 && means.len() > 4);
    for Quantile { degrees, quantile } in quantiles {
        let found = student_97_5(degrees);
        assert!((found / quantile - 1.0).abs() < 1e-10, "{degrees}: {found} is not {quantile}");
    }
    for Mean { count, mean, deviation, lower, upper } in means {
        let found = mean_interval(count, mean, deviation);
        let close = |x: f64, y: f64| (x - y).abs() < 1e-9 * (1.0 + deviation);
        assert!(close(found.0, lower) && close(found.1, upper), "{found:?} is not {lower} to {upper}");
    }
}

/// Leaves of the sample: 60 rows of mean 2.5, 10 of -4, 20 of 41.25, 1 of 90 and 9 of 123 1/3; in total 2135.
#[test]
fn the_leaf_table_of_the_sample_by_hand() {
    let mut parts = sample(NAME).into_parts();
    let rows = amount_leaf_table(&sample(NAME)).unwrap();
    let seen: Vec<_> = rows.iter().map(|r| (r.leaf, r.rule.node, r.count, r.total.round())).collect();
    assert_eq!(
        seen,
        [(1, 8, 9, 1110.0), (2, 7, 1, 90.0), (3, 5, 20, 825.0), (4, 1, 60, 150.0), (5, 3, 10, -40.0)]
    );
    assert_eq!(rows[0].words, "orders >= 12 and reason = late");
    assert_eq!(rows[4].words, "(orders >= 3.5 or in {-7, missing}) and reason not in {late, size}");
    assert_eq!((rows[1].mean, rows[1].deviation, rows[1].interval), (Some(90.0), None, None));
    assert_eq!((rows[3].share, rows[3].cumulative_share), (Some(0.6), Some(0.9)));
    // t of 8 degrees is 2.306004135.
    let (low, high) = rows[0].interval.unwrap();
    let reach = 2.306004135 * 30.25 / 3.0;
    assert!(
        (high - 123.33333333333333 - reach).abs() < 1e-6 && (123.33333333333333 - low - reach).abs() < 1e-6
    );
    // A leaf below 0: parts of a total say nothing.
    assert!(rows.iter().all(|r| r.cumulative_total_share.is_none()));
    let Predictor::AmountTree(tree) = &mut parts.predictor else { panic!("a tree of amounts") };
    tree.nodes[3].mean = 4.0;
    let rows = amount_leaf_table(&Model::new(parts).unwrap()).unwrap();
    let shares: Vec<f64> = rows.iter().map(|r| r.cumulative_total_share.unwrap()).collect();
    let by_hand = [1110.0 / 2215.0, 1200.0 / 2215.0, 2025.0 / 2215.0, 2175.0 / 2215.0, 1.0];
    assert!(shares.iter().zip(by_hand).all(|(a, b)| (a - b).abs() < 1e-12), "{shares:?}");
}

#[test]
fn only_trees_of_amounts_have_leaves_of_amounts() {
    assert!(leaf_table(&sample(NAME)).is_none());
    assert!(amount_leaf_table(&sample("v1-tree")).is_none());
    let model = sample(NAME);
    assert!(model.gives_amount() && !model.gives_pd() && model.segment_names().is_empty());
}

#[test]
fn amounts_are_written_as_people_read_them() {
    for (amount, decimals, text) in [
        (1204.5, 2, "1,204.50"),
        (-1204567.891, 0, "-1,204,568"),
        (999.999, 2, "1,000.00"),
        (-0.001, 2, "0.00"),
        (-0.0, 0, "0"),
        (0.00314159, 5, "0.00314"),
        (123456.0, 0, "123,456"),
        (12.0, 0, "12"),
        (1e15, 2, "1.0000e15"),
        (-2.5e99, 0, "-2.5000e99"),
    ] {
        assert_eq!(amount_text(amount, decimals), text);
    }
    for (spread, decimals) in
        [(0.0, 2), (1e6, 0), (999_999.0, 2), (1.0, 2), (0.999, 3), (0.01, 4), (1e-40, 12)]
    {
        assert_eq!(amount_decimals(spread), decimals, "{spread}");
    }
}

/// Changes one value of the sample and gives what loading says of it.
fn message(pointer: &str, value: Json) -> String {
    let mut document: Json = serde_json::from_slice(&sample_bytes(NAME)).unwrap();
    *document.pointer_mut(pointer).unwrap_or_else(|| panic!("{pointer} is not there")) = value;
    document.as_object_mut().unwrap().remove("sha256");
    let text = serde_json::to_string(&document).unwrap();
    match Model::from_bytes(&seal_body(text.strip_suffix('}').unwrap().as_bytes())) {
        Ok(_) => format!("{pointer} was accepted"),
        Err(error) => error.to_string(),
    }
}

#[test]
fn what_a_tree_of_amounts_must_hold() {
    let (node, beyond) =
        ("/model/predictor/nodes/3", "invalid model: tree node 3: mean and value must lie from");
    let deviation =
        "invalid model: tree node 3: it needs a deviation where two rows or more came, and only there";
    let amount = "invalid model: a model of amounts names their column in `amount`, any other none there";
    let scale = json!({"base_score": 600.0, "base_odds": 50.0, "pdo": 20.0});
    let cases = [
        (format!("{node}/mean"), json!(1.1e100), beyond),
        (format!("{node}/value"), json!(-1.1e100), beyond),
        (
            format!("{node}/deviation"),
            json!(-1.0),
            "invalid model: tree node 3: the deviation must lie from 0 to",
        ),
        (
            format!("{node}/deviation"),
            json!(1.1e100),
            "invalid model: tree node 3: the deviation must lie from 0",
        ),
        (format!("{node}/deviation"), json!(null), deviation),
        (format!("{node}/count"), json!(1), deviation),
        (
            "/model/predictor/nodes/2/split/left".to_owned(),
            json!(1),
            "invalid model: tree node 2: its children",
        ),
        ("/model/schema/amount".to_owned(), json!(null), amount),
        (
            "/model/schema/amount".to_owned(),
            json!("orders"),
            "invalid model: field `orders` is also the id or",
        ),
        ("/model/schema/target".to_owned(), json!({"column": "y", "bad": "1", "good": "0"}), amount),
        ("/model/kind".to_owned(), json!("tree"), "invalid model: kind `tree` does not suit its predictor"),
        (
            "/model/grades".to_owned(),
            json!([{"name": "A"}]),
            "invalid model: `grades` belong to models that give",
        ),
        ("/model/scale".to_owned(), scale, "invalid model: `scale` belongs to models that give a pd"),
        ("/format_version".to_owned(), json!(2), "invalid model: logarithms, `novelty` and typical values"),
    ];
    for (pointer, value, expected) in cases {
        let found = message(&pointer, value.clone());
        assert!(found.starts_with(expected), "{pointer} = {value}: {found}");
    }
    for (pointer, value) in [("/mean", json!(1e100)), ("/value", json!(-1e100)), ("/deviation", json!(0.0))] {
        assert!(message(&format!("{node}{pointer}"), value).ends_with("was accepted"));
    }
    // A tree of pds has no column of amounts.
    let mut parts = sample("v1-tree").into_parts();
    parts.schema.amount = Some("owed".to_owned());
    assert_eq!(Model::new(parts).unwrap_err().to_string(), amount);
}
