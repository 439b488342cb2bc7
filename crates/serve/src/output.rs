//! The output columns, in their fixed order.
//!
//! | model | columns |
//! |---|---|
//! | scorecard, logistic | id, `pd`, `score`, `grade`, `reason_1` ... `reason_4`, `flags`, `model` |
//! | scorecard for each segment | id, `pd`, `score`, `grade`, `segment`, `reason_1` ... `reason_4`, `flags`, `model` |
//! | tree | id, `pd`, `score`, `grade`, `leaf`, `reason_1` ... `reason_4`, `flags`, `model` |
//! | amount-tree | id, `amount`, `leaf`, `reason_1` ... `reason_4`, `flags`, `model` |
//! | kmeans | id, `segment`, `distance`, `margin`, `novel`, `flags`, `model` |
//!
//! - id: the input's own column, under its own name and with its values as they stood; without one, `row`
//!   holds the source line.
//! - `pd`: probability of bad; `score`: points, higher is safer. Both in full, so that they read back bit for bit.
//! - `grade`, `segment`: their names in the model; `distance`: to the segment's centre, in standard deviations.
//! - `amount`: the expected amount, in full, in the unit of the column it was learned from.
//! - `leaf`: its number in the leaf table, which says the rule; 1 is the riskiest, or has the highest amount.
//! - `margin`: how much farther the second nearest centre is, 0 on the border; `novel`: `yes` where the row lies farther from its
//!   centre than the 99.9 % training distance of its segment, else `no`; empty where the model file does not know that distance.
//! - `reason_1` ...: what costs the most points, or raises the amount most, most first; empty where fewer things cost any.
//! - `flags`: values that were not taken as they stood, as in `home: unseen category; age: out of range, clipped`.
//! - `model`: the first 16 digits of the model file's SHA-256.
//! - `points_<field>` ... after them, where asked for: the points of each characteristic, `points_<field> and <field>`
//!   those of a pair, and `points_base` where whole base points cannot be shared evenly. In a row they add up to `score`;
//!   empty where the scorecard of the row's segment has no such characteristic.

use arrears_data::DataError;
use arrears_data::arrow::array::{
    ArrayRef, Float64Array, Int64Array, RecordBatch, StringArray, StringBuilder,
};
use arrears_data::arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use arrears_model::amount_leaves::amount_leaf_table;
use arrears_model::leaves::leaf_table;
use arrears_model::row_points::RowPoints;
use arrears_model::{Model, Predictor, Scored};
use std::fmt::Write as _;
use std::sync::Arc;

/// Name of the first output column where the input has no id.
pub const ROW_COLUMN: &str = "row";

/// The names an id column must not have.
pub(crate) fn own_columns(model: &Model, points: Option<&RowPoints>) -> Vec<String> {
    let reasons = arrears_model::score::MAX_REASONS;
    columns(model, reasons, points).into_iter().map(|(name, _)| name).collect()
}

/// The output columns after the id.
fn columns(model: &Model, reasons: usize, points: Option<&RowPoints>) -> Vec<(String, DataType)> {
    let pd = [("pd", DataType::Float64), ("score", DataType::Float64), ("grade", DataType::Utf8)];
    let verdict = match model.gives_pd() {
        true if segmented(model) => [&pd[..], &[("segment", DataType::Utf8)]].concat(),
        true => pd.to_vec(),
        false if model.gives_amount() => vec![("amount", DataType::Float64)],
        false => [
            ("segment", DataType::Utf8),
            ("distance", DataType::Float64),
            ("margin", DataType::Float64),
            ("novel", DataType::Utf8),
        ]
        .to_vec(),
    };
    let tree = matches!(model.predictor, Predictor::Tree(_) | Predictor::AmountTree(_));
    let leaf = tree.then_some(("leaf", DataType::Int64));
    let verdict = verdict.into_iter().chain(leaf);
    let reasons = if model.gives_pd() || model.gives_amount() { reasons } else { 0 };
    let reasons = (1..=reasons).map(|n| (format!("reason_{n}"), DataType::Utf8));
    let last = ["flags", "model"].map(|name| (name.to_owned(), DataType::Utf8));
    let names = points.map_or(&[][..], RowPoints::names).iter();
    let points = names.map(|name| (format!("points_{name}"), DataType::Float64));
    let verdict = verdict.map(|(name, kind)| (name.to_owned(), kind));
    verdict.chain(reasons).chain(last).chain(points).collect()
}

/// The output's columns; `id` is the name and kind of the first.
fn schema(model: &Model, reasons: usize, points: Option<&RowPoints>, id: (&str, DataType)) -> SchemaRef {
    let first = (id.0.to_owned(), id.1);
    let all = std::iter::once(first).chain(columns(model, reasons, points));
    Arc::new(Schema::new(all.map(|(name, kind)| Field::new(name, kind, true)).collect::<Vec<_>>()))
}

/// Scored rows of one chunk, column by column.
pub(crate) struct ScoredRows<'m> {
    model: &'m Model,
    schema: SchemaRef,
    rows: usize,
    verdict: Verdict,
    flags: StringBuilder,
    /// How points are split, where they are asked for, and the points of each of its columns.
    points: Option<(RowPoints, Vec<Vec<Option<f64>>>)>,
    text: String,
}

/// What a model says, by what it is.
enum Verdict {
    Pd {
        pd: Vec<Option<f64>>,
        score: Vec<Option<f64>>,
        grade: StringBuilder,
        leaf: Option<LeafColumn>,
        /// Where the model has a scorecard for each segment.
        segment: Option<StringBuilder>,
        reasons: Vec<StringBuilder>,
    },
    Amount {
        amount: Vec<Option<f64>>,
        leaf: Option<LeafColumn>,
        reasons: Vec<StringBuilder>,
    },
    Segment {
        segment: StringBuilder,
        distance: Vec<Option<f64>>,
        margin: Vec<Option<f64>>,
        novel: StringBuilder,
    },
}

/// The leaves of rows.
struct LeafColumn {
    /// For each node of the tree its number in the leaf table; 0 where it is no leaf.
    numbers: Vec<i64>,
    rows: Vec<Option<i64>>,
}

impl LeafColumn {
    /// `None` of a model that is no tree.
    fn of(model: &Model) -> Option<Self> {
        let nodes = match &model.predictor {
            Predictor::Tree(tree) => tree.nodes.len(),
            Predictor::AmountTree(tree) => tree.nodes.len(),
            Predictor::Additive(_) | Predictor::Centroids(_) | Predictor::Segmented(_) => return None,
        };
        let mut numbers = vec![0; nodes];
        let of_pds = leaf_table(model).into_iter().flatten().map(|leaf| (leaf.rule.node, leaf.leaf));
        let of_amounts =
            amount_leaf_table(model).into_iter().flatten().map(|leaf| (leaf.rule.node, leaf.leaf));
        of_pds.chain(of_amounts).for_each(|(node, leaf)| numbers[node] = leaf as i64);
        Some(Self { numbers, rows: Vec::new() })
    }

    fn add(&mut self, scored: &Scored) {
        self.rows.push(scored.leaf.map(|node| self.numbers[node]));
    }

    fn finish(&mut self) -> ArrayRef {
        Arc::new(Int64Array::from(std::mem::take(&mut self.rows)))
    }
}

impl<'m> ScoredRows<'m> {
    /// `id` is the name and kind of the first column.
    pub(crate) fn new(
        model: &'m Model,
        id: (&str, DataType),
        reasons: usize,
        points: Option<RowPoints>,
    ) -> Self {
        let schema = schema(model, reasons, points.as_ref(), id);
        let points = points.map(|split| {
            let columns = vec![Vec::new(); split.names().len()];
            (split, columns)
        });
        let empty_reasons = || (0..reasons).map(|_| StringBuilder::new()).collect();
        let verdict = match model.gives_pd() {
            false if model.gives_amount() => {
                Verdict::Amount { amount: Vec::new(), leaf: LeafColumn::of(model), reasons: empty_reasons() }
            }
            true => Verdict::Pd {
                pd: Vec::new(),
                score: Vec::new(),
                grade: StringBuilder::new(),
                leaf: LeafColumn::of(model),
                segment: segmented(model).then(StringBuilder::new),
                reasons: empty_reasons(),
            },
            false => Verdict::Segment {
                segment: StringBuilder::new(),
                distance: Vec::new(),
                margin: Vec::new(),
                novel: StringBuilder::new(),
            },
        };
        Self { model, schema, rows: 0, verdict, flags: StringBuilder::new(), points, text: String::new() }
    }

    /// `terms` are the log-odds of the row's terms; see [`arrears_model::Scorer::terms`].
    pub(crate) fn push(&mut self, scored: &Scored, terms: &[f64]) {
        self.rows += 1;
        if let Some((split, columns)) = &mut self.points {
            let points = split.split(scored.segment, terms);
            columns.iter_mut().zip(points).for_each(|(column, points)| column.push(points));
        }
        let fields = &self.model.schema.fields;
        match &mut self.verdict {
            Verdict::Pd { pd, score, grade, leaf, segment, reasons } => {
                leaf.iter_mut().for_each(|leaf| leaf.add(scored));
                pd.push(scored.pd);
                score.push(scored.score);
                grade.append_option(scored.grade.map(|g| &self.model.grades[g].name));
                if let Some(segment) = segment {
                    segment.append_option(scored.segment.and_then(|s| self.model.segment_name(s)));
                }
                add_reasons(reasons, scored, self.model);
            }
            Verdict::Amount { amount, leaf, reasons } => {
                amount.push(scored.amount);
                leaf.iter_mut().for_each(|leaf| leaf.add(scored));
                add_reasons(reasons, scored, self.model);
            }
            Verdict::Segment { segment, distance, margin, novel } => {
                segment.append_option(scored.segment.and_then(|s| self.model.segment_name(s)));
                distance.push(scored.distance);
                margin.push(scored.margin);
                novel.append_option(scored.novel.map(|novel| if novel { "yes" } else { "no" }));
            }
        }
        if scored.flags.is_empty() {
            self.flags.append_null();
            return;
        }
        self.text.clear();
        for flag in &scored.flags {
            let gap = if self.text.is_empty() { "" } else { "; " };
            // Writing to a String does not fail.
            let _ = write!(self.text, "{gap}{}: {}", fields[flag.field].name, flag.kind);
        }
        self.flags.append_value(&self.text);
    }

    pub(crate) fn schema(&self) -> SchemaRef {
        self.schema.clone()
    }

    /// The rows pushed since the last batch, with `id` as first column.
    pub(crate) fn batch(&mut self, id: ArrayRef) -> Result<RecordBatch, DataError> {
        let mut columns = vec![id];
        let numbers = |values: &mut Vec<Option<f64>>| Arc::new(Float64Array::from(std::mem::take(values)));
        match &mut self.verdict {
            Verdict::Pd { pd, score, grade, leaf, segment, reasons } => {
                columns.push(numbers(pd));
                columns.push(numbers(score));
                columns.push(Arc::new(grade.finish()));
                columns.extend(leaf.iter_mut().map(LeafColumn::finish));
                columns.extend(segment.iter_mut().map(|s| Arc::new(s.finish()) as ArrayRef));
                columns.extend(reasons.iter_mut().map(|r| Arc::new(r.finish()) as ArrayRef));
            }
            Verdict::Amount { amount, leaf, reasons } => {
                columns.push(numbers(amount));
                columns.extend(leaf.iter_mut().map(LeafColumn::finish));
                columns.extend(reasons.iter_mut().map(|r| Arc::new(r.finish()) as ArrayRef));
            }
            Verdict::Segment { segment, distance, margin, novel } => {
                columns.push(Arc::new(segment.finish()));
                columns.push(numbers(distance));
                columns.push(numbers(margin));
                columns.push(Arc::new(novel.finish()));
            }
        }
        columns.push(Arc::new(self.flags.finish()));
        let checksum = std::iter::repeat_n(self.model.checksum(), std::mem::take(&mut self.rows));
        columns.push(Arc::new(StringArray::from_iter_values(checksum)));
        let points = self.points.iter_mut().flat_map(|(_, columns)| columns);
        columns.extend(points.map(|p| Arc::new(Float64Array::from(std::mem::take(p))) as ArrayRef));
        Ok(RecordBatch::try_new(self.schema.clone(), columns)?)
    }
}

fn add_reasons(reasons: &mut [StringBuilder], scored: &Scored, model: &Model) {
    for (n, reason) in reasons.iter_mut().enumerate() {
        let field = scored.reasons.get(n).map(|reason| &model.schema.fields[reason.field]);
        reason.append_option(field.map(|field| field.reason_text()));
    }
}

/// Whether rows get a pd and a segment.
fn segmented(model: &Model) -> bool {
    model.gives_pd() && model.segment_name(0).is_some()
}
