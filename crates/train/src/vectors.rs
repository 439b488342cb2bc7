//! Vectors: rows with the exact outcome a model gives them, frozen beside it.
//!
//! Whoever scores the model elsewhere (another language, an export, a later version) replays them.

use arrears_data::{ColumnRef, Table};
use arrears_model::transform::Transform;
use arrears_model::{Field, Kind, Model, Scored, Scorer, Value};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Most rows taken from the data.
const FROM_DATA: usize = 100;

/// One line of `vectors.ndjson`: a raw row and what the model must say.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Vector {
    /// Raw values by field; null is missing.
    pub row: BTreeMap<String, Option<Raw>>,
    /// What the model says.
    pub expected: Expected,
}

/// A raw value as JSON.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Raw {
    /// A number.
    Number(f64),
    /// Text, as in a CSV field.
    Text(String),
}

/// What a model says of a row, with names in place of positions.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Expected {
    /// Probability of bad.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pd: Option<f64>,
    /// Points.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub score: Option<f64>,
    /// Name of the grade.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub grade: Option<String>,
    /// Credit limit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<f64>,
    /// Position of the tier.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tier: Option<usize>,
    /// Name of the segment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub segment: Option<String>,
    /// The expected amount.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub amount: Option<f64>,
    /// Distance to the segment's centre.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub distance: Option<f64>,
    /// How much farther the second nearest centre is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub margin: Option<f64>,
    /// Whether the row lies farther from its centre than the 99.9 % training distance.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub novel: Option<bool>,
    /// Fields that cost points, and the points; or raise the amount, and by how much.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub reasons: Vec<(String, f64)>,
    /// Fields whose value was not taken as it stood, and why.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub flags: Vec<(String, String)>,
    /// The column whose value is refused, where the row is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refused: Option<String>,
}

impl Vector {
    /// The row's values in the schema's order, ready to be scored.
    pub fn values<'a>(&'a self, model: &Model) -> Vec<Value<'a>> {
        let value = |field: &Field| match self.row.get(&field.name) {
            Some(Some(Raw::Number(x))) => Value::Number(*x),
            Some(Some(Raw::Text(text))) => Value::Text(text),
            Some(None) | None => Value::Missing,
        };
        model.schema.fields.iter().map(value).collect()
    }
}

/// What `model` says of a row of raw values.
pub fn expected(model: &Model, row: &[Value<'_>]) -> Expected {
    match Scorer::new(model).score(row) {
        Ok(scored) => named(model, &scored),
        Err(refusal) => Expected { refused: Some(refusal.column), ..Expected::default() },
    }
}

/// Vectors from the chosen rows of a table, then one for each special case of each field: missing,
/// special code, out of range on both sides, unseen category, text in a number.
pub fn vectors(model: &Model, table: &Table, rows: &[usize]) -> Vec<Vector> {
    let columns: Vec<Option<ColumnRef<'_>>> =
        model.schema.fields.iter().map(|f| table.column(&f.name)).collect();
    let step = rows.len().div_ceil(FROM_DATA).max(1);
    let values = |row: &usize| -> Vec<Option<Raw>> {
        columns.iter().map(|c| raw(c.as_ref().map_or(Value::Missing, |c| c.value(*row)))).collect()
    };
    let mut all: Vec<Vec<Option<Raw>>> = rows.iter().step_by(step).map(values).collect();
    with_special_cases(model, &mut all);
    all.into_iter().map(|row| vector(model, row)).collect()
}

/// Adds to some rows, after the first of them, one for each special case of each field.
fn with_special_cases(model: &Model, all: &mut Vec<Vec<Option<Raw>>>) {
    let Some(first) = all.first().cloned() else { return };
    all.push(vec![None; first.len()]);
    for (i, field) in model.schema.fields.iter().enumerate() {
        for case in special_cases(field) {
            let mut row = first.clone();
            row[i] = case;
            all.push(row);
        }
    }
}

/// Vectors of a model that no data stand behind: rows on both sides of every bound and of every category, then the special
/// cases of each field.
pub fn synthetic_vectors(model: &Model) -> Vec<Vector> {
    let values: Vec<Vec<Raw>> = (0..model.schema.fields.len()).map(|field| typical(model, field)).collect();
    let longest = values.iter().map(Vec::len).max().unwrap_or(0);
    let row = |at: usize| values.iter().map(|of| of.get(at % of.len().max(1)).cloned()).collect();
    let mut all: Vec<Vec<Option<Raw>>> = (0..longest).map(row).collect();
    with_special_cases(model, &mut all);
    all.into_iter().map(|row| vector(model, row)).collect()
}

/// Values of a field, one for each of its bins; of a field without bins some numbers.
fn typical(model: &Model, field: usize) -> Vec<Raw> {
    if let Kind::Category { categories, .. } = &model.schema.fields[field].kind {
        return categories.iter().cloned().map(Raw::Text).collect();
    }
    let splits = model.transforms.iter().find_map(|transform| match transform {
        Transform::Intervals { field: of, splits } if *of == field => Some(splits),
        _ => None,
    });
    let numbers: Vec<f64> = match splits {
        Some(splits) => {
            splits.first().map(|first| first - 0.5).into_iter().chain(splits.iter().copied()).collect()
        }
        None => vec![0.0, 0.25, -0.5, 1.0 / 3.0, 1.0, 2.5],
    };
    numbers.into_iter().map(Raw::Number).collect()
}

fn vector(model: &Model, row: Vec<Option<Raw>>) -> Vector {
    let names = model.schema.fields.iter().map(|f| f.name.clone());
    let mut vector = Vector { row: names.zip(row).collect(), expected: Expected::default() };
    vector.expected = expected(model, &vector.values(model));
    vector
}

fn special_cases(field: &Field) -> Vec<Option<Raw>> {
    let mut cases = vec![None];
    match &field.kind {
        Kind::Number { min, max, special, .. } => {
            cases.extend(special.iter().map(|code| Some(Raw::Number(code.bounds()[1]))));
            cases.extend(min.map(|min| Some(Raw::Number(min - 1.0))));
            cases.extend(max.map(|max| Some(Raw::Number(max + 1.0))));
            cases.push(Some(Raw::Text("not a number".to_owned())));
        }
        Kind::Category { .. } => cases.push(Some(Raw::Text("never seen".to_owned()))),
    }
    cases
}

fn raw(value: Value<'_>) -> Option<Raw> {
    match value {
        Value::Missing => None,
        Value::Number(x) if x.is_finite() => Some(Raw::Number(x)),
        Value::Number(x) => Some(Raw::Text(x.to_string())),
        Value::Text(text) => Some(Raw::Text(text.to_owned())),
    }
}

fn named(model: &Model, scored: &Scored) -> Expected {
    let field = |i: usize| model.schema.fields[i].name.clone();
    Expected {
        pd: scored.pd,
        score: scored.score,
        grade: scored.grade.map(|g| model.grades[g].name.clone()),
        limit: scored.decided.limit,
        tier: scored.decided.tier,
        segment: scored.segment.and_then(|i| model.segment_name(i)).map(str::to_owned),
        amount: scored.amount,
        distance: scored.distance,
        margin: scored.margin,
        novel: scored.novel,
        reasons: scored.reasons.iter().map(|r| (field(r.field), r.loss)).collect(),
        flags: scored.flags.iter().map(|f| (field(f.field), f.kind.to_string())).collect(),
        refused: None,
    }
}
