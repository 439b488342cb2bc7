//! A scorecard for each segment.

use crate::{sample, sample_bytes, sample_parts};
use arrears_model::additive::Shape;
use arrears_model::file::seal_body;
use arrears_model::points::{Spread, characteristics, points_table, segment_points};
use arrears_model::row_points::RowPoints;
use arrears_model::segmented::{Router, Segmented};
use arrears_model::{Cell, Model, ModelKind, Parts, Predictor, Scorer, Value};

const NAMES: [&str; 2] = ["v3-segmented-tree", "v3-segmented-centres"];

fn segmented(parts: &mut Parts) -> &mut Segmented {
    match &mut parts.predictor {
        Predictor::Segmented(segmented) => segmented,
        _ => panic!("no segments"),
    }
}

fn message(name: &str, change: impl FnOnce(&mut Segmented)) -> String {
    let mut parts = sample_parts(name);
    change(segmented(&mut parts));
    Model::new(parts).unwrap_err().to_string()
}

/// Ages from 18 to 80, days late around the split and the special codes, every home and code, missing values.
fn rows() -> Vec<[Value<'static>; 4]> {
    let mut rows = Vec::new();
    for age in
        [Value::Missing, Value::Number(18.0), Value::Number(30.0), Value::Number(41.0), Value::Number(80.0)]
    {
        for late in [None, Some(0.0), Some(1.0), Some(45.0), Some(9998.0), Some(9999.0)] {
            let late = late.map_or(Value::Missing, Value::Number);
            for home in ["owner", "parents", "private rent", "rent", "houseboat", ""] {
                for code in ["1", "2.5", ""] {
                    rows.push([age, late, Value::Text(home), Value::Text(code)]);
                }
            }
        }
    }
    rows
}

/// The model with the scorecard of one segment alone: an ordinary scorecard.
fn alone(model: &Model, segment: usize) -> Model {
    let mut parts = model.clone().into_parts();
    let own = segmented(&mut parts).segments[segment].clone();
    parts.predictor = Predictor::Additive(own.additive);
    parts.profile.fields = own.profile;
    Model::new(parts).unwrap()
}

#[test]
fn a_row_scores_as_by_its_segments_scorecard_alone() {
    for name in NAMES {
        let model = sample(name);
        let segments = model.segment_names().len();
        let cards: Vec<Model> = (0..segments).map(|segment| alone(&model, segment)).collect();
        assert!(cards.iter().all(|card| card.format_version() == 1));
        let mut cards: Vec<Scorer<'_>> = cards.iter().map(Scorer::new).collect();
        let mut scorer = Scorer::new(&model);
        let mut seen = vec![0; segments];
        for row in rows() {
            let scored = scorer.score(&row).unwrap();
            let segment = scored.segment.unwrap();
            seen[segment] += 1;
            let mut expected = cards[segment].score(&row).unwrap();
            assert_eq!(scorer.terms(), cards[segment].terms());
            expected.segment = Some(segment);
            assert_eq!(scored, expected, "{name} {row:?}");
        }
        assert!(seen.iter().all(|rows| *rows > 0), "{seen:?}");
    }
}

#[test]
fn the_segment_of_a_row_is_that_of_its_leaf_in_node_order() {
    let model = sample("v3-segmented-tree");
    let mut scorer = Scorer::new(&model);
    // By hand: renters and unseen homes 0; the others by days late, below 1 and code 9998 are 1, else 2.
    for (late, home, segment) in [
        (Value::Number(0.0), "rent", 0),
        (Value::Number(0.0), "houseboat", 0),
        (Value::Number(0.5), "owner", 1),
        (Value::Number(0.5), "", 1),
        (Value::Number(1.0), "owner", 2),
        (Value::Number(9998.0), "parents", 1),
        (Value::Number(9999.0), "parents", 2),
        (Value::Missing, "owner", 2),
    ] {
        let row = [Value::Number(30.0), late, Value::Text(home), Value::Missing];
        assert_eq!(scorer.score(&row).unwrap().segment, Some(segment), "{late:?} {home}");
    }
    // Nearest of (-1, 0.5) and (0.75, 0): age 38.5 with `rent` is (-0.15, 0.8), at 0.8125 and 1.45, squared.
    let model = sample("v3-segmented-centres");
    for (age, home, segment) in [(38.5, "rent", 0), (38.5, "owner", 1), (37.0, "owner", 0), (60.0, "rent", 1)]
    {
        let row = [Value::Number(age), Value::Number(0.0), Value::Text(home), Value::Missing];
        assert_eq!(Scorer::new(&model).score(&row).unwrap().segment, Some(segment), "{age} {home}");
    }
}

#[test]
fn the_router_reads_its_own_fields() {
    let fields = |name| {
        let mut parts = sample_parts(name);
        let transforms = parts.transforms.clone();
        segmented(&mut parts).router.fields(&transforms)
    };
    assert_eq!(fields("v3-segmented-tree"), [1, 2]);
    assert_eq!(fields("v3-segmented-centres"), [0, 2]);
    let mut parts = sample_parts("v3-segmented-tree");
    let cells = [Cell::Missing, Cell::Number(0.0), Cell::Missing, Cell::Missing];
    let (mut path, mut point) = (Vec::new(), Vec::new());
    let segment = segmented(&mut parts).router.route(&[], &cells, &mut path, &mut point);
    assert_eq!((segment, path), (1, vec![0, 1, 3]));
}

#[test]
fn each_segment_has_a_points_table_of_its_own_rows() {
    for name in NAMES {
        let model = sample(name);
        assert_eq!(points_table(&model, Spread::Characteristics), None);
        assert_eq!(characteristics(&model, Spread::Base), None);
        for spread in [Spread::Characteristics, Spread::Base] {
            for (segment, table) in segment_points(&model, spread).into_iter().enumerate() {
                let card = alone(&model, segment);
                assert_eq!(table.segment, model.segment_names()[segment]);
                if points_table(&card, spread).unwrap().is_empty() {
                    // Without characteristics the base points are all there is.
                    assert_eq!(table.points, points_table(&card, Spread::Base).unwrap());
                } else {
                    assert_eq!(Some(table.points), points_table(&card, spread));
                    assert_eq!(Some(table.characteristics), characteristics(&card, spread));
                }
            }
        }
    }
}

#[test]
fn points_of_a_row_stand_in_the_columns_of_its_segment_and_add_up() {
    for name in NAMES {
        let model = sample(name);
        let points = RowPoints::of(&model).unwrap();
        let mut scorer = Scorer::new(&model);
        for row in rows() {
            let scored = scorer.score(&row).unwrap();
            let split: Vec<Option<f64>> = points.split(scored.segment, scorer.terms()).collect();
            assert_eq!(split.len(), points.names().len());
            let sum: f64 = split.iter().flatten().sum();
            assert!((sum - scored.score.unwrap()).abs() < 1e-9, "{name}: {split:?} {scored:?}");
            let card = alone(&model, scored.segment.unwrap());
            let own = RowPoints::of(&card).unwrap();
            for (column, points) in points.names().iter().zip(&split) {
                let at = own.names().iter().position(|name| name == column);
                let alone = at.and_then(|at| own.split(None, scorer.terms()).nth(at).unwrap());
                assert_eq!(*points, alone, "{name}: {column}");
            }
        }
    }
    let names = |name| RowPoints::of(&sample(name)).unwrap().names().to_vec();
    assert_eq!(names("v3-segmented-tree"), ["age", "days_late", "码", "base"]);
    assert_eq!(names("v3-segmented-centres"), ["age", "码"]);
}

#[test]
fn every_check_of_a_segmented_model_fires() {
    let tree = NAMES[0];
    let said = |what: &str| format!("invalid model: {what}");
    let of_second = |what: &str| said(&format!("segment `S2: 好`: {what}"));
    let short = message(tree, |s| s.segments.truncate(2));
    assert_eq!(short, said("there are 2 segments, and the router tells 3 apart"));
    let alike = message(tree, |s| s.segments[2].name = s.segments[1].name.clone());
    assert_eq!(alike, of_second("another one has the same name"));
    let leaf = of_second("its rows and bads are not those of its leaf or centre");
    assert_eq!(message(tree, |s| s.segments[1].count = 91), leaf);
    assert_eq!(message(tree, |s| s.segments[1].bads = 4), leaf);
    let linear = Shape::Linear { slope: 1.0, missing: 0.0, special: vec![] };
    let no_lookup = message(tree, |s| s.segments[1].additive.terms[0].shape = linear);
    assert_eq!(no_lookup, said("term of `age`: its values do not fit its transform"));
    let pair = Shape::Pair { with: 2, values: vec![0.0; 16] };
    let no_lookup = message(tree, |s| s.segments[1].additive.terms[1].shape = pair);
    assert_eq!(no_lookup, of_second("its terms must be lookups"));
    let profile = of_second("its profile must hold each of its rows once, with the bads");
    assert_eq!(message(tree, |s| s.segments[1].profile[0].counts[0] = 21), profile);
    assert_eq!(message(tree, |s| s.segments[1].profile[0].bads.clear()), profile);
    let fit = said("profile: counts must fit a binning transform");
    assert_eq!(message(tree, |s| s.segments[1].profile[0].transform = 9), fit);
    let fit = said("term of `age`: its values do not fit its transform");
    assert_eq!(message(tree, |s| s.segments[1].additive.terms[0].transform = 0), fit);
    assert_eq!(
        message(tree, |s| s.segments[1].additive.intercept = f64::NAN),
        said("the intercept is not finite, or beyond 1e9")
    );
    let cut = message(tree, |s| {
        let Router::Tree(tree) = &mut s.router else { panic!("a tree") };
        tree.nodes.pop();
    });
    assert_eq!(cut, said("tree node 1: its children are not there"));
    let centres = NAMES[1];
    let renamed = message(centres, |s| s.segments[0].name = "young".to_owned());
    assert_eq!(renamed, said("the centres must have the names of the segments"));
    let unknown = message(centres, |s| {
        let Router::Centroids(centroids) = &mut s.router else { panic!("centres") };
        centroids.segments[0].bads = None;
    });
    assert_eq!(unknown, said("segment `S1: low age`: its rows and bads are not those of its leaf or centre"));
    let none = message(centres, |s| {
        let Router::Centroids(centroids) = &mut s.router else { panic!("centres") };
        centroids.segments.clear();
        s.segments.clear();
    });
    assert_eq!(none, said("there are no segments"));
}

#[test]
fn kind_scale_and_whole_points_are_those_of_a_scorecard() {
    let mut parts = sample_parts(NAMES[0]);
    parts.kind = ModelKind::Logistic;
    let found = Model::new(parts).unwrap_err().to_string();
    assert_eq!(found, "invalid model: kind `logistic` does not suit its predictor");
    let mut parts = sample_parts(NAMES[0]);
    parts.scale = None;
    let found = Model::new(parts).unwrap_err().to_string();
    assert_eq!(found, "invalid model: `scale` belongs to models that give a pd, and to those only");
    let mut parts = sample_parts(NAMES[0]);
    parts.scale.as_mut().unwrap().whole_points = true;
    let found = Model::new(parts).unwrap_err().to_string();
    assert!(found.contains("the points of a row can be"), "{found}");
    assert!(sample(NAMES[0]).gives_pd());
}

#[test]
fn only_version_3_can_say_it() {
    for name in NAMES {
        assert_eq!(sample_parts(name).format_version(), 3);
        let text = String::from_utf8(sample_bytes(name)).unwrap();
        let body = text.rsplit_once(",\n  \"sha256\"").unwrap().0;
        let older = body.replacen("\"format_version\": 3", "\"format_version\": 2", 1);
        let found = Model::from_bytes(&seal_body(older.as_bytes())).unwrap_err().to_string();
        assert_eq!(
            found,
            "invalid model: logarithms, `novelty` and typical values of segments, a scorecard for each segment, and trees of amounts \
             need format version 3"
        );
    }
}
