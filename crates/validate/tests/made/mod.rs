//! Small models and tables, made by hand.

#![allow(dead_code, clippy::unwrap_used, reason = "each test file uses some of these helpers")]

use std::sync::Arc;

use arrears_data::Table;
use arrears_data::arrow::array::{ArrayRef, Float64Array, StringArray};
use arrears_model::additive::{Additive, Shape, Term};
use arrears_model::centroids::{Centroids, Segment};
use arrears_model::model::Baseline;
use arrears_model::profile::{FieldProfile, Profile, ScoreProfile};
use arrears_model::provenance::{Fit, Provenance, Rows};
use arrears_model::scale::{Grade, Scale};
use arrears_model::schema::{OutOfRange, Target, Unseen};
use arrears_model::transform::Transform;
use arrears_model::{Field, Kind, Model, ModelKind, Parts, Predictor, Schema};
use arrears_validate::{MeasureOptions, Report, measure};

/// A table of text columns; row i stands on line i + 2, as under a CSV header.
pub(crate) fn table(columns: &[(&str, &[&str])]) -> Table {
    let column = |(name, texts): &(&str, &[&str])| {
        let array: ArrayRef = Arc::new(StringArray::from_iter_values(texts.iter()));
        (name.to_string(), array)
    };
    let lines = (0..columns[0].1.len() as u64).map(|row| row + 2).collect();
    Table::new(columns.iter().map(column).collect(), lines).unwrap()
}

/// A table of a column of numbers and a column of texts.
pub(crate) fn mixed(number: (&str, Vec<f64>), text: (&str, Vec<String>)) -> Table {
    let lines = (0..number.1.len() as u64).map(|row| row + 2).collect();
    let numbers: ArrayRef = Arc::new(Float64Array::from(number.1));
    let texts: ArrayRef = Arc::new(StringArray::from(text.1));
    Table::new(vec![(number.0.to_owned(), numbers), (text.0.to_owned(), texts)], lines).unwrap()
}

/// Measures all rows with the default options.
pub(crate) fn measure_all(model: &Model, table: &Table) -> Report {
    let rows: Vec<usize> = (0..table.rows()).collect();
    measure(model, table, &rows, "all rows", "customers.csv", &MeasureOptions::default()).unwrap()
}

pub(crate) fn number(name: &str) -> Field {
    let kind = Kind::Number { min: None, max: None, out_of_range: OutOfRange::Reject, special: vec![] };
    Field { name: name.to_owned(), kind, reason: None, required: false, formula: None }
}

pub(crate) fn category(name: &str, categories: &[&str]) -> Field {
    let categories = categories.iter().map(|c| c.to_string()).collect();
    Field {
        name: name.to_owned(),
        kind: Kind::Category { categories, unseen: Unseen::Other },
        reason: None,
        required: false,
        formula: None,
    }
}

fn grade(name: &str, label: &str, max_pd: Option<f64>) -> Grade {
    Grade { name: name.to_owned(), label: Some(label.to_owned()), max_pd }
}

/// A logistic model on `x` and `城市` (city). log-odds of bad = x, + 0 for any city, so pd = 1 / (1 + e^-x).
///
/// Grades: A up to pd 0.25, B up to 0.5, C. Training rows: 100, of them 40 bad; x in bins below -1, to 0, to 1
/// and from 1 with 25 rows each, none missing; city in 北京 60, 上海 40.
pub(crate) fn logistic() -> Parts {
    let term = |transform, shape| Term { transform, coefficient: None, baseline: 0.0, shape };
    Parts {
        name: "arrears-test".to_owned(),
        version: "1.2".to_owned(),
        kind: ModelKind::Logistic,
        schema: Schema {
            id: None,
            target: Some(Target {
                column: "outcome".to_owned(),
                bad: "bad".to_owned(),
                good: "good".to_owned(),
            }),
            amount: None,
            missing: vec![String::new(), "NA".to_owned()],
            fields: vec![number("x"), category("城市", &["上海", "北京"])],
        },
        transforms: vec![
            Transform::Standardise { field: 0, center: 0.0, scale: 1.0 },
            Transform::Intervals { field: 0, splits: vec![-1.0, 0.0, 1.0] },
            Transform::Groups { field: 1, groups: 2, group_of: vec![0, 1] },
        ],
        predictor: Predictor::Additive(Additive {
            intercept: 0.0,
            terms: vec![
                term(0, Shape::Linear { slope: 1.0, missing: 0.0, special: vec![] }),
                term(2, Shape::Lookup { values: vec![0.0; 4] }),
            ],
        }),
        scale: Some(Scale::default()),
        grades: vec![grade("A", "优秀", Some(0.25)), grade("B", "一般", Some(0.5)), grade("C", "风险", None)],
        decisions: None,
        baseline: Baseline::Neutral,
        profile: Profile {
            fields: vec![
                FieldProfile { transform: 1, counts: vec![25, 25, 25, 25, 0], bads: vec![] },
                FieldProfile { transform: 2, counts: vec![40, 60, 0, 0], bads: vec![] },
            ],
            // The score at even odds: half of the training rows lie on each side.
            score: Some(ScoreProfile { splits: vec![Scale::default().offset()], counts: vec![50, 50] }),
        },
        provenance: provenance(),
    }
}

fn provenance() -> Provenance {
    Provenance {
        program: "arrears".to_owned(),
        engine: "linfa".to_owned(),
        data: "train.csv".to_owned(),
        data_sha256: String::new(),
        rows: Rows { read: 100, kept: 100, train: 100, train_bads: Some(40), test: 0 },
        recipe: String::new(),
        fit: Fit::default(),
    }
}

/// k-means on `x` and `y` as they stand, with `城市` watched but not used. Centres (0, 0) and (10, 0) with 30 and
/// 10 training rows.
pub(crate) fn segments() -> Parts {
    let raw = |field| Transform::Standardise { field, center: 0.0, scale: 1.0 };
    let segment = |name: &str, center, count| Segment {
        name: name.to_owned(),
        center,
        count,
        bads: None,
        novelty: None,
    };
    let mut parts = logistic();
    parts.kind = ModelKind::Kmeans;
    parts.schema.fields = vec![number("x"), number("y"), category("城市", &["上海", "北京"])];
    parts.transforms = vec![
        raw(0),
        raw(1),
        Transform::Intervals { field: 0, splits: vec![5.0] },
        Transform::Intervals { field: 1, splits: vec![0.0] },
        Transform::Groups { field: 2, groups: 2, group_of: vec![0, 1] },
    ];
    parts.predictor = Predictor::Centroids(Centroids {
        coordinates: vec![0, 1],
        segments: vec![segment("S1: 低 x", vec![0.0, 0.0], 30), segment("S2: high x", vec![10.0, 0.0], 10)],
        typical: vec![],
    });
    (parts.scale, parts.grades) = (None, vec![]);
    let counts = |transform, counts| FieldProfile { transform, counts, bads: vec![] };
    parts.profile = Profile {
        fields: vec![counts(2, vec![30, 10, 0]), counts(3, vec![20, 20, 0]), counts(4, vec![20, 20, 0, 0])],
        score: None,
    };
    parts
}
