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
//! - `limit`, `tier`, `strategy` after them, where the model decides them: the credit limit, empty where the model gives none; the tier
//!   and what is done for its customers.
//! - `model_grade`, `model_limit`, `override` before `flags`, where overrides are applied: what the model says, and who set what
//!   instead, until when and why; empty where nobody did.
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

use crate::overrides::Applied;
use arrears_data::DataError;
use arrears_data::arrow::array::{
    ArrayRef, DictionaryArray, Float64Array, Int32Array, Int64Array, RecordBatch, StringArray, StringBuilder,
};
use arrears_data::arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use arrears_model::amount_leaves::amount_leaf_table;
use arrears_model::compiled::{NONE, Scores};
use arrears_model::decisions::Tier;
use arrears_model::leaves::leaf_table;
use arrears_model::row_points::RowPoints;
use arrears_model::{Model, Predictor};
use std::fmt::Write as _;
use std::sync::Arc;

/// Name of the first output column where the input has no id.
pub const ROW_COLUMN: &str = "row";

/// The names an id column must not have.
pub(crate) fn own_columns(model: &Model, points: Option<&RowPoints>) -> Vec<String> {
    let reasons = arrears_model::score::MAX_REASONS;
    columns(model, reasons, points, true).into_iter().map(|(name, _)| name).collect()
}

/// The output columns after the id.
fn columns(
    model: &Model,
    reasons: usize,
    points: Option<&RowPoints>,
    overridden: bool,
) -> Vec<(String, DataType)> {
    let pd = [("pd", DataType::Float64), ("score", DataType::Float64), ("grade", name())];
    let verdict = match model.gives_pd() {
        true if segmented(model) => [&pd[..], &[("segment", name())]].concat(),
        true => pd.to_vec(),
        false if model.gives_amount() => vec![("amount", DataType::Float64)],
        false => [
            ("segment", name()),
            ("distance", DataType::Float64),
            ("margin", DataType::Float64),
            ("novel", name()),
        ]
        .to_vec(),
    };
    let tree = matches!(model.predictor, Predictor::Tree(_) | Predictor::AmountTree(_));
    let leaf = tree.then_some(("leaf", DataType::Int64));
    let decisions = model.decisions.as_ref();
    let limit = decisions.and_then(|d| d.limit.as_ref()).map(|_| ("limit", DataType::Float64));
    let limited = limit.is_some();
    let tiers = decisions.and_then(|d| d.tiers.as_ref()).map(|_| [("tier", name()), ("strategy", name())]);
    let verdict = verdict.into_iter().chain(limit).chain(tiers.into_iter().flatten()).chain(leaf);
    let reasons = if model.gives_pd() || model.gives_amount() { reasons } else { 0 };
    let reasons = (1..=reasons).map(|n| (format!("reason_{n}"), name()));
    let before = [("model_grade", name()), ("model_limit", DataType::Float64), ("override", DataType::Utf8)];
    let before = before.into_iter().filter(|(name, _)| overridden && (limited || *name != "model_limit"));
    let before = before.map(|(name, kind)| (name.to_owned(), kind));
    let last = [("flags".to_owned(), DataType::Utf8), ("model".to_owned(), name())];
    let names = points.map_or(&[][..], RowPoints::names).iter();
    let points = names.map(|name| (format!("points_{name}"), DataType::Float64));
    let verdict = verdict.map(|(name, kind)| (name.to_owned(), kind));
    verdict.chain(reasons).chain(before).chain(last).chain(points).collect()
}

/// The kind of a column with few different texts, each of which is kept once. Files hold plain text all the same.
fn name() -> DataType {
    DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8))
}

/// What the output looks like, and how it is made of what a model says.
pub(crate) struct Layout<'m> {
    model: &'m Model,
    schema: SchemaRef,
    reasons: usize,
    grades: Arc<StringArray>,
    segments: Arc<StringArray>,
    /// Names and strategies of the tiers.
    tiers: [Arc<StringArray>; 2],
    reason_texts: Arc<StringArray>,
    novelty: Arc<StringArray>,
    checksum: Arc<StringArray>,
    /// For each node of a tree its number in the leaf table; 0 where it is no leaf.
    leaves: Option<Vec<i64>>,
    points: Option<RowPoints>,
    overridden: bool,
}

impl<'m> Layout<'m> {
    /// `id` is the name and kind of the first column.
    pub(crate) fn new(
        model: &'m Model,
        id: (&str, DataType),
        reasons: usize,
        points: Option<RowPoints>,
        overridden: bool,
    ) -> Layout<'m> {
        let first = (id.0.to_owned(), id.1);
        let all = std::iter::once(first).chain(columns(model, reasons, points.as_ref(), overridden));
        let fields: Vec<Field> = all.map(|(name, kind)| Field::new(name, kind, true)).collect();
        let names = |names: Vec<&str>| Arc::new(StringArray::from(names));
        let tiers = model.decisions.iter().flat_map(|d| &d.tiers).flat_map(|tiers| &tiers.tiers);
        let tiers: Vec<&Tier> = tiers.collect();
        let strategies = Arc::new(tiers.iter().map(|tier| Some(tier.strategy())).collect::<StringArray>());
        Layout {
            model,
            schema: Arc::new(Schema::new(fields)),
            reasons: if model.gives_pd() || model.gives_amount() { reasons } else { 0 },
            grades: names(model.grades.iter().map(|grade| grade.name.as_str()).collect()),
            segments: names(model.segment_names()),
            tiers: [names(tiers.iter().map(|tier| tier.name.as_str()).collect()), strategies],
            reason_texts: names(model.schema.fields.iter().map(|field| field.reason_text()).collect()),
            novelty: names(vec!["no", "yes"]),
            checksum: names(vec![model.checksum()]),
            leaves: leaf_numbers(model),
            points,
            overridden,
        }
    }

    pub(crate) fn schema(&self) -> SchemaRef {
        self.schema.clone()
    }

    /// Whether the log-odds of each term are needed.
    pub(crate) fn needs_terms(&self) -> bool {
        self.points.is_some()
    }

    /// Reasons of each row.
    pub(crate) fn reasons(&self) -> usize {
        self.reasons
    }

    /// The output rows of a chunk: those at `kept`, ascending, whose ids are `id`.
    pub(crate) fn batch(
        &self,
        scores: &Scores,
        kept: &[usize],
        id: ArrayRef,
        applied: Option<&Applied>,
    ) -> Result<RecordBatch, DataError> {
        let numbers = |values: &[f64]| numbers(values, kept);
        let mut columns = vec![id];
        if self.model.gives_pd() {
            columns.extend([numbers(&scores.pd), numbers(&scores.score)]);
            columns.push(named(at(&scores.grade, kept), &self.grades)?);
            if segmented(self.model) {
                columns.push(named(at(&scores.segment, kept), &self.segments)?);
            }
        } else if self.model.gives_amount() {
            columns.push(numbers(&scores.amount));
        } else {
            columns.push(named(at(&scores.segment, kept), &self.segments)?);
            columns.extend([numbers(&scores.distance), numbers(&scores.margin)]);
            let novel = kept.iter().map(|row| scores.novel.get(*row).copied().flatten().map(i32::from));
            columns.push(named(novel, &self.novelty)?);
        }
        if !scores.limit.is_empty() {
            let limits = kept.iter().map(|row| Some(scores.limit[*row]).filter(|limit| !limit.is_nan()));
            columns.push(Arc::new(limits.collect::<Float64Array>()));
        }
        if !scores.tier.is_empty() {
            for texts in &self.tiers {
                columns.push(named(at(&scores.tier, kept), texts)?);
            }
        }
        if let Some(leaves) = &self.leaves {
            let leaves = at(&scores.leaf, kept).map(|leaf| leaf.map(|node| leaves[node as usize]));
            columns.push(Arc::new(leaves.collect::<Int64Array>()));
        }
        for n in 0..self.reasons {
            let reasons = kept.iter().map(|row| code(scores.reasons[*row][n]));
            columns.push(named(reasons, &self.reason_texts)?);
        }
        if let Some(applied) = applied.filter(|_| self.overridden) {
            columns.push(named(at(&applied.grade, kept), &self.grades)?);
            if !applied.limit.is_empty() {
                let limits = kept.iter().map(|row| Some(applied.limit[*row]).filter(|limit| !limit.is_nan()));
                columns.push(Arc::new(limits.collect::<Float64Array>()));
            }
            let why = kept.iter().map(|row| applied.why[*row].as_deref());
            columns.push(Arc::new(why.collect::<StringArray>()));
        }
        columns.push(Arc::new(self.flags(scores, kept)));
        columns.push(named(kept.iter().map(|_| Some(0)), &self.checksum)?);
        columns.extend(self.points(scores, kept));
        Ok(RecordBatch::try_new(self.schema.clone(), columns)?)
    }

    /// The flags of each row as text.
    fn flags(&self, scores: &Scores, kept: &[usize]) -> StringArray {
        if scores.flags.is_empty() {
            return StringArray::new_null(kept.len());
        }
        let (mut texts, mut text) = (StringBuilder::new(), String::new());
        let mut flags = scores.flags.iter().peekable();
        for row in kept {
            text.clear();
            while let Some((_, flag)) = flags.next_if(|(of, _)| of == row) {
                let gap = if text.is_empty() { "" } else { "; " };
                // Writing to a String does not fail.
                let _ = write!(text, "{gap}{}: {}", self.model.schema.fields[flag.field].name, flag.kind);
            }
            texts.append_option((!text.is_empty()).then_some(&text));
        }
        texts.finish()
    }

    /// The points of each characteristic, where they were asked for.
    fn points(&self, scores: &Scores, kept: &[usize]) -> Vec<ArrayRef> {
        let Some(split) = &self.points else { return Vec::new() };
        let mut columns = vec![Vec::with_capacity(kept.len()); split.names().len()];
        for row in kept {
            let segment = scores.segment.get(*row).map(|segment| *segment as usize);
            let points = split.split(segment, scores.terms(*row));
            columns.iter_mut().zip(points).for_each(|(column, points)| column.push(points));
        }
        columns.into_iter().map(|points| Arc::new(Float64Array::from(points)) as ArrayRef).collect()
    }
}

/// The numbers of rows; missing in all where the model says none.
fn numbers(values: &[f64], kept: &[usize]) -> ArrayRef {
    Arc::new(match values.len() {
        0 => Float64Array::new_null(kept.len()),
        rows if rows == kept.len() => Float64Array::from(values.to_vec()),
        _ => Float64Array::from_iter_values(kept.iter().map(|row| values[*row])),
    })
}

/// The positions of rows; none where the model says none.
fn at<'a>(places: &'a [u32], kept: &'a [usize]) -> impl Iterator<Item = Option<i32>> + 'a {
    kept.iter().map(|row| places.get(*row).copied().and_then(code))
}

fn code(place: u32) -> Option<i32> {
    (place != NONE).then_some(place as i32)
}

/// Codes and what they stand for.
fn named(codes: impl Iterator<Item = Option<i32>>, names: &Arc<StringArray>) -> Result<ArrayRef, DataError> {
    let codes: Int32Array = codes.collect();
    Ok(Arc::new(DictionaryArray::try_new(codes, names.clone())?))
}

/// The number of each node in the leaf table; `None` of a model that is no tree.
pub(crate) fn leaf_numbers(model: &Model) -> Option<Vec<i64>> {
    let nodes = match &model.predictor {
        Predictor::Tree(tree) => tree.nodes.len(),
        Predictor::AmountTree(tree) => tree.nodes.len(),
        Predictor::Additive(_) | Predictor::Centroids(_) | Predictor::Segmented(_) => return None,
    };
    let mut numbers = vec![0; nodes];
    let of_pds = leaf_table(model).into_iter().flatten().map(|leaf| (leaf.rule.node, leaf.leaf));
    let of_amounts = amount_leaf_table(model).into_iter().flatten().map(|leaf| (leaf.rule.node, leaf.leaf));
    of_pds.chain(of_amounts).for_each(|(node, leaf)| numbers[node] = leaf as i64);
    Some(numbers)
}

/// Whether rows get a pd and a segment.
fn segmented(model: &Model) -> bool {
    model.gives_pd() && model.segment_name(0).is_some()
}
