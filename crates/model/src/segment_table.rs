//! The segments of a model as a table: who is in them and what they are like.

use crate::centroids::Centroids;
use crate::model::{Parts, Predictor};
use crate::typical::{Typical, TypicalField, short_number};
use serde::Serialize;

/// All segments of a k-means model, and all its training rows to compare them with.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SegmentTable {
    /// Training rows.
    pub rows: u64,
    /// What all training rows are like, field by field; empty where the model does not know.
    pub all: Vec<FieldValue>,
    /// The segments, in the order of the model.
    pub segments: Vec<SegmentRow>,
}

/// One segment. Shares and rates are from 0 to 1.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SegmentRow {
    /// Name of the segment.
    pub name: String,
    /// Its training rows.
    pub rows: u64,
    /// Their share of all training rows; `None` where there are none.
    pub share: Option<f64>,
    /// Bads among its rows, where the outcome was known.
    pub bads: Option<u64>,
    /// `bads / rows`.
    pub bad_rate: Option<f64>,
    /// Distance from the centre above which a row is novel; `None` where the model does not know.
    pub novelty: Option<f64>,
    /// What its rows are like, in the order of [`SegmentTable::all`].
    pub profile: Vec<FieldValue>,
}

/// The typical value of one field.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FieldValue {
    /// Name of the field.
    pub variable: String,
    /// The value, in the field's own units; `None` where no row has one.
    #[serde(flatten)]
    pub value: Option<ValueShown>,
    /// How far it is from that of all training rows, in their standard deviations; `None` for all rows themselves.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub difference: Option<f64>,
}

/// A typical value with the name of its category.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum ValueShown {
    /// Of a number.
    Number {
        /// Mean.
        mean: f64,
        /// Median.
        median: f64,
    },
    /// Of a category.
    Category {
        /// The most frequent one.
        category: String,
        /// Its share.
        share: f64,
    },
}

impl FieldValue {
    /// `82.5 / 71` (mean and median) or `rent 61 %`; empty without a value.
    pub fn text(&self) -> String {
        match &self.value {
            None => String::new(),
            Some(ValueShown::Number { mean, median }) => {
                format!("{} / {}", short_number(*mean), short_number(*median))
            }
            Some(ValueShown::Category { category, share }) => format!("{category} {:.0} %", 100.0 * share),
        }
    }

    /// The difference with its sign, `+0.8`; `0` where it rounds to none, empty without one.
    pub fn difference_text(&self) -> String {
        let text = self.difference.map_or(String::new(), |d| format!("{d:+.1}"));
        if text == "+0.0" || text == "-0.0" { "0".to_owned() } else { text }
    }
}

/// The table of a model's segments; `None` for other kinds of model.
pub fn segment_table(model: &Parts) -> Option<SegmentTable> {
    let Predictor::Centroids(centroids) = &model.predictor else { return None };
    let rows: u64 = centroids.segments.iter().map(|s| s.count).sum();
    let share = |part: u64, whole: u64| (whole > 0).then(|| part as f64 / whole as f64);
    let all = |t: &TypicalField| value(model, t, t.all, None);
    let segment = |(at, s): (usize, &crate::centroids::Segment)| SegmentRow {
        name: s.name.clone(),
        rows: s.count,
        share: share(s.count, rows),
        bads: s.bads,
        bad_rate: s.bads.and_then(|bads| share(bads, s.count)),
        novelty: s.novelty,
        profile: profile(model, centroids, at),
    };
    Some(SegmentTable {
        rows,
        all: centroids.typical.iter().map(all).collect(),
        segments: centroids.segments.iter().enumerate().map(segment).collect(),
    })
}

fn profile(model: &Parts, centroids: &Centroids, at: usize) -> Vec<FieldValue> {
    let one = |t: &TypicalField| {
        let difference = t.segments[at].map(|_| t.differences[at]);
        value(model, t, t.segments[at], difference)
    };
    centroids.typical.iter().map(one).collect()
}

fn value(model: &Parts, of: &TypicalField, typical: Option<Typical>, difference: Option<f64>) -> FieldValue {
    let field = &model.schema.fields[of.field];
    let value = typical.map(|typical| match typical {
        Typical::Number { mean, median } => ValueShown::Number { mean, median },
        Typical::Category { category, share } => {
            ValueShown::Category { category: field.categories()[category].clone(), share }
        }
    });
    FieldValue { variable: field.name.clone(), value, difference }
}
