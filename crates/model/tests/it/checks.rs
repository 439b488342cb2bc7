use crate::{sample_bytes, sample_parts};
use arrears_model::file::seal_body;
use arrears_model::{Model, Parts, Predictor};
use serde_json::{Value as Json, json};

/// Changes one value of a sample, at a JSON pointer below `model`, and gives what loading says of it.
fn message(sample: &str, pointer: &str, value: Json) -> String {
    let mut document: Json = serde_json::from_slice(&sample_bytes(sample)).unwrap();
    *document["model"].pointer_mut(pointer).unwrap_or_else(|| panic!("{pointer} is not there")) = value;
    document.as_object_mut().unwrap().remove("sha256");
    let text = serde_json::to_string(&document).unwrap();
    let bytes = seal_body(text.strip_suffix('}').unwrap().as_bytes());
    match Model::from_bytes(&bytes) {
        Ok(_) => format!("{sample}{pointer} was accepted"),
        Err(error) => error.to_string(),
    }
}

/// Each case: the sample, where it is changed, to what, and the message.
fn hold(cases: &[(&str, &str, Json, &str)]) {
    for (sample, pointer, value, expected) in cases {
        let found = message(&format!("v1-{sample}"), pointer, value.clone());
        assert_eq!(found, format!("invalid model: {expected}"), "{sample}{pointer} = {value}");
    }
}

/// For numbers that JSON cannot hold: changes the parts and gives what checking says of them.
fn message_of(sample: &str, change: impl FnOnce(&mut Parts)) -> String {
    let mut parts = sample_parts(sample);
    change(&mut parts);
    Model::new(parts).unwrap_err().to_string()
}

#[test]
fn names() {
    let name =
        |text: &str| format!("name {text:?}: expected letters, digits and - _ . +, not starting with a dot");
    for text in ["", ".hidden", "a/b", "a\\b", "a b", "..", "a\n"] {
        hold(&[("tree", "/name", json!(text), &name(text))]);
        hold(&[("tree", "/version", json!(text), &name(text).replacen("name", "version", 1))]);
    }
    for text in ["a", "信用-1.0+b_2"] {
        assert_eq!(message("v1-tree", "/name", json!(text)), "v1-tree/name was accepted");
    }
}

#[test]
fn schema() {
    let number =
        |name: &str| json!({"name": name, "kind": {"type": "number", "out_of_range": "clip", "special": []}});
    hold(&[
        ("segments", "/schema/fields/1/name", json!("amount"), "two fields are called `amount`"),
        ("segments", "/schema/fields/1/name", json!("id"), "field `id` is also the id or the target"),
        ("tree", "/schema/fields/0/name", json!("returned"), "field `returned` is also the id or the target"),
        ("tree", "/schema/target/bad", json!("0"), "target `returned` has one label, `0`, for good and bad"),
        ("tree", "/schema/fields/0", number(" \t"), "a field has no name"),
        (
            "tree",
            "/schema/fields/0/kind/special",
            json!([1.0, 1.0]),
            "field `orders`: special codes must ascend and not overlap",
        ),
        (
            "tree",
            "/schema/fields/0/kind/special",
            json!([0.0, -0.0]),
            "field `orders`: special codes must ascend and not overlap",
        ),
        (
            "tree",
            "/schema/fields/0/kind/max",
            json!(-0.5),
            "field `orders`: the range's min lies above its max",
        ),
        (
            "tree",
            "/schema/fields/1/kind/categories",
            json!(["late", "colour", "size"]),
            "field `reason`: categories must ascend and differ",
        ),
        (
            "tree",
            "/schema/fields/1/kind/categories",
            json!(["a", "a", "b"]),
            "field `reason`: categories must ascend and differ",
        ),
    ]);
    for x in [f64::NAN, f64::INFINITY] {
        let found = message_of("v1-tree", |parts| {
            if let arrears_model::Kind::Number { max, .. } = &mut parts.schema.fields[0].kind {
                *max = Some(x);
            }
        });
        assert_eq!(found, "invalid model: field `orders`: range and special codes must be finite numbers");
    }
}

#[test]
fn transforms() {
    let groups =
        |groups: usize, of: Json| json!({"type": "groups", "field": 2, "groups": groups, "group_of": of});
    let indicator = |category: usize, scale: f64| json!({"type": "indicator", "field": 2, "category": category, "scale": scale});
    hold(&[
        ("scorecard", "/transforms/0/field", json!(4), "a transform reads field 4, which is not there"),
        (
            "scorecard",
            "/transforms/0/field",
            json!(2),
            "transform of `home`: it does not suit the field's type",
        ),
        (
            "scorecard",
            "/transforms/2/field",
            json!(0),
            "transform of `age`: it does not suit the field's type",
        ),
        (
            "segments",
            "/transforms/2/field",
            json!(0),
            "transform of `amount`: it does not suit the field's type",
        ),
        (
            "segments",
            "/transforms/0/field",
            json!(2),
            "transform of `channel`: it does not suit the field's type",
        ),
        (
            "scorecard",
            "/transforms/0/splits",
            json!([1.0, 1.0]),
            "transform of `age`: splits must be finite, ascend and differ",
        ),
        (
            "scorecard",
            "/transforms/2",
            groups(2, json!([0, 1, 0])),
            "transform of `home`: every category needs a group below `groups`",
        ),
        (
            "scorecard",
            "/transforms/2",
            groups(2, json!([0, 1, 0, 2])),
            "transform of `home`: every category needs a group below `groups`",
        ),
        (
            "scorecard",
            "/transforms/2",
            groups(5, json!([0, 1, 0, 1])),
            "transform of `home`: there are more groups than categories",
        ),
        (
            "segments",
            "/transforms/0/scale",
            json!(0.0),
            "transform of `amount`: center must be finite and scale finite and above 0",
        ),
        (
            "segments",
            "/transforms/0/scale",
            json!(-1.0),
            "transform of `amount`: center must be finite and scale finite and above 0",
        ),
        (
            "segments",
            "/transforms/2",
            indicator(3, 1.0),
            "transform of `channel`: category must exist and scale be finite and at least 1e-9",
        ),
        (
            "segments",
            "/transforms/2",
            indicator(0, 0.0),
            "transform of `channel`: category must exist and scale be finite and at least 1e-9",
        ),
        (
            "segments",
            "/transforms/2",
            indicator(0, 1e-10),
            "transform of `channel`: category must exist and scale be finite and at least 1e-9",
        ),
        (
            "segments",
            "/transforms/2",
            indicator(0, -1.0),
            "transform of `channel`: category must exist and scale be finite and at least 1e-9",
        ),
    ]);
    let found = message_of("v1-segments", |parts| {
        if let arrears_model::transform::Transform::Indicator { scale, .. } = &mut parts.transforms[2] {
            *scale = f64::INFINITY;
        }
    });
    assert!(found.ends_with("category must exist and scale be finite and at least 1e-9"), "{found}");
}

#[test]
fn additive() {
    let fit = "term of `age`: its values do not fit its transform";
    let beyond = "term of `income`: it holds a number that is not finite, or beyond 1e9";
    let linear = json!({"type": "linear", "slope": 1.0, "missing": 0.0, "special": []});
    let lookup = json!({"type": "lookup", "values": []});
    hold(&[
        ("scorecard", "/predictor/intercept", json!(1.1e9), "the intercept is not finite, or beyond 1e9"),
        (
            "scorecard",
            "/predictor/terms/0/transform",
            json!(4),
            "a term reads transform 4, which is not there",
        ),
        ("scorecard", "/predictor/terms/0/shape/values", json!([0.0, 0.0, 0.0]), fit),
        ("scorecard", "/predictor/terms/0/shape/values", json!([0, 0, 0, 0, 0]), fit),
        ("scorecard", "/predictor/terms/0/shape", linear, fit),
        (
            "logistic",
            "/predictor/terms/0/shape",
            lookup,
            "term of `income`: its values do not fit its transform",
        ),
        (
            "logistic",
            "/predictor/terms/0/shape/special",
            json!([0.0]),
            "term of `income`: its values do not fit its transform",
        ),
        ("logistic", "/predictor/terms/0/shape/slope", json!(-1.1e9), beyond),
        ("logistic", "/predictor/terms/0/shape/missing", json!(1e300), beyond),
        ("logistic", "/predictor/terms/0/shape/special/1", json!(1.1e9), beyond),
        ("logistic", "/predictor/terms/0/coefficient", json!(1.1e9), beyond),
        ("logistic", "/predictor/terms/0/baseline", json!(1.1e9), beyond),
        ("logistic", "/predictor/terms/3/shape/values/4", json!(-1.1e9), beyond),
    ]);
    let found = message_of("v1-scorecard", |parts| {
        if let Predictor::Additive(additive) = &mut parts.predictor {
            additive.intercept = f64::NAN;
        }
    });
    assert_eq!(found, "invalid model: the intercept is not finite, or beyond 1e9");
}

#[test]
fn tree() {
    let leaf = json!({"count": 0, "bads": 0, "pd": 0.5});
    let pd = "tree node 3: pd must lie between 0 and 1, both excluded";
    let children = "tree node 2: its children must be two different nodes after it";
    let side = "tree node 0: its threshold must be finite and every special code needs a side";
    hold(&[
        ("tree", "/predictor/nodes", json!([]), "the tree has no nodes"),
        (
            "tree",
            "/predictor/nodes/0/count",
            json!(1u64 << 53),
            "tree: the nodes' counts must add up to at most 2^53",
        ),
        (
            "tree",
            "/predictor/nodes/0/count",
            json!(u64::MAX),
            "tree: the nodes' counts must add up to at most 2^53",
        ),
        ("tree", "/predictor/nodes/3/pd", json!(0.0), pd),
        ("tree", "/predictor/nodes/3/pd", json!(1.0), pd),
        ("tree", "/predictor/nodes/3/pd", json!(-0.1), pd),
        ("tree", "/predictor/nodes/3/bads", json!(11), "tree node 3: more bads than rows"),
        (
            "tree",
            "/predictor/nodes/2/split/field",
            json!(2),
            "tree node 2: it asks for a field that is not there",
        ),
        ("tree", "/predictor/nodes/2/split/left", json!(2), children),
        ("tree", "/predictor/nodes/2/split/left", json!(0), children),
        ("tree", "/predictor/nodes/2/split/left", json!(4), children),
        ("tree", "/predictor/nodes/2/split/right", json!(7), "tree node 2: its children are not there"),
        ("tree", "/predictor/nodes/0/split/test/special", json!([]), side),
        (
            "tree",
            "/predictor/nodes/2/split/test/categories",
            json!(["left"]),
            "tree node 2: every category needs a side",
        ),
        (
            "tree",
            "/predictor/nodes/2/split/field",
            json!(0),
            "tree node 2: its test does not suit the field's type",
        ),
        (
            "tree",
            "/predictor/nodes/0/split/field",
            json!(1),
            "tree node 0: its test does not suit the field's type",
        ),
        // Node 3 has two parents, node 5 none.
        ("tree", "/predictor/nodes/4/split", json!(null), "tree node 5: it needs exactly one parent"),
        ("tree", "/predictor/nodes/0/split/left", json!(3), "tree node 1: it needs exactly one parent"),
        ("tree", "/predictor/nodes/2", leaf, "tree node 3: it needs exactly one parent"),
    ]);
}

#[test]
fn centroids() {
    hold(&[
        ("segments", "/predictor/segments", json!([]), "there are no segments"),
        (
            "segments",
            "/predictor/segments/0/count",
            json!(1u64 << 53),
            "the segments' counts must add up to at most 2^53",
        ),
        (
            "segments",
            "/predictor/coordinates",
            json!([0, 1, 3, 4]),
            "a coordinate needs a transform that gives a number",
        ),
        (
            "segments",
            "/predictor/segments/1/center",
            json!([0.0, 0.0]),
            "segment `regular`: its centre needs one number for each coordinate",
        ),
        (
            "segments",
            "/predictor/segments/1/center/0",
            json!(1.1e9),
            "segment `regular`: its centre holds a number that is not finite, or beyond 1e9",
        ),
        (
            "segments",
            "/predictor/segments/1/bads",
            json!(26),
            "segment `regular`: it has more bads than rows",
        ),
    ]);
    let bins = json!({"type": "intervals", "field": 0, "splits": []});
    hold(&[("segments", "/transforms/0", bins, "a coordinate needs a transform that gives a number")]);
}

#[test]
fn kinds_and_scales_suit_the_predictor() {
    let scale = "scale: base odds and PDO must be above 0; score and PDO at most 1e9";
    let belongs = "`scale` belongs to models that give a pd, and to those only";
    let default = json!({"base_score": 600.0, "base_odds": 50.0, "pdo": 20.0});
    hold(&[
        ("tree", "/kind", json!("scorecard"), "kind `scorecard` does not suit its predictor"),
        ("tree", "/kind", json!("kmeans"), "kind `kmeans` does not suit its predictor"),
        ("scorecard", "/kind", json!("tree"), "kind `tree` does not suit its predictor"),
        ("segments", "/kind", json!("logistic"), "kind `logistic` does not suit its predictor"),
        ("tree", "/scale", json!(null), belongs),
        ("scorecard", "/scale", json!(null), belongs),
        ("segments", "/scale", default, belongs),
        ("tree", "/scale/pdo", json!(0.0), scale),
        ("tree", "/scale/pdo", json!(1.1e9), scale),
        ("tree", "/scale/base_odds", json!(0.0), scale),
        ("tree", "/scale/base_odds", json!(-1.0), scale),
        ("tree", "/scale/base_score", json!(1.1e9), scale),
    ]);
}

#[test]
fn grades() {
    let expected = "grades: `max_pd` must ascend between 0 and 1, and only the last grade goes without";
    hold(&[
        ("scorecard", "/grades/1/max_pd", json!(0.05), expected),
        ("scorecard", "/grades/1/max_pd", json!(null), expected),
        ("scorecard", "/grades/0/max_pd", json!(0.0), expected),
        ("scorecard", "/grades/2/max_pd", json!(1.0), expected),
        ("scorecard", "/grades/3/max_pd", json!(0.9), expected),
    ]);
}

#[test]
fn profile_and_provenance() {
    let fit = "profile: counts must fit a binning transform";
    let bads = "profile: bads must fit counts";
    let bands = "profile: score bands must ascend and have one count each";
    let total = "profile: counts must add up to at most 2^53";
    hold(&[
        ("scorecard", "/profile/fields/0/transform", json!(9), fit),
        ("scorecard", "/profile/fields/0/counts", json!([1, 2, 3]), fit),
        ("scorecard", "/profile/fields/0/counts/0", json!(u64::MAX), total),
        ("scorecard", "/profile/fields/0/counts/0", json!((1u64 << 53) - 159), total),
        ("scorecard", "/profile/fields/0/bads", json!([1, 2, 3]), bads),
        ("scorecard", "/profile/fields/0/bads", json!([20, 15, 10, 11]), bads),
        ("scorecard", "/profile/score/splits", json!([480.0, 480.0]), bands),
        ("scorecard", "/profile/score/splits", json!([480.0]), bands),
        ("scorecard", "/profile/score/counts/0", json!(u64::MAX), total),
    ]);
    let exactly = json!((1u64 << 53) - 160);
    assert!(message("v1-scorecard", "/profile/fields/0/counts/0", exactly).ends_with("was accepted"));
    for norm in [f64::NAN, f64::INFINITY] {
        let found = message_of("v1-scorecard", |parts| parts.provenance.fit.gradient_norm = Some(norm));
        assert_eq!(found, "invalid model: provenance: the gradient norm is not a finite number");
    }
}

#[test]
fn a_lookup_cannot_watch_a_standardised_number() {
    let entry = json!([{"transform": 0, "counts": [], "bads": []}]);
    hold(&[("segments", "/profile/fields", entry, "profile: counts must fit a binning transform")]);
}
