//! Every row through the model, once: what it gives, what happened, and why a row could not be used.

use std::borrow::Cow;

use arrears_data::outcome::canonical_label;
use arrears_data::{ColumnRef, Table, number_of};
use arrears_model::amount_tree::LARGEST_AMOUNT;
use arrears_model::schema::Target;
use arrears_model::value::{FlagKind, Value};
use arrears_model::{Model, Scored, Scorer};
use serde::Serialize;

use crate::Error;
use crate::segments::SegmentTally;

/// At most so many refused rows are shown.
pub(crate) const EXAMPLES: usize = 5;

/// A row that the model must not score.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RefusedRow {
    /// Line in the source.
    pub line: u64,
    /// The column at fault.
    pub column: String,
    /// What stood there, cut after 60 characters.
    pub value: String,
    /// What was expected.
    pub why: String,
}

/// Values that were scored, but not as they stood.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ChangedValues {
    /// The column.
    pub column: String,
    /// What was done, for example `unseen category`.
    pub what: String,
    /// Rows.
    pub rows: u64,
}

/// One scored row.
pub(crate) struct ScoredRow {
    /// What happened; `None` where it is not known.
    pub(crate) bad: Option<bool>,
    /// The amount that came of it, where the model predicts amounts; `None` where it is not known.
    pub(crate) actual: Option<f64>,
    pub(crate) amount: Option<f64>,
    pub(crate) pd: Option<f64>,
    pub(crate) score: Option<f64>,
    pub(crate) grade: Option<usize>,
    pub(crate) segment: Option<usize>,
    pub(crate) distance: Option<f64>,
    pub(crate) novel: Option<bool>,
}

/// All rows, counted: each is in `scored` or in `refused`.
pub(crate) struct Observed {
    pub(crate) scored: Vec<ScoredRow>,
    pub(crate) refused: u64,
    pub(crate) examples: Vec<RefusedRow>,
    pub(crate) changed: Vec<ChangedValues>,
    /// Scored rows by bin, for each entry of the profile's fields.
    pub(crate) field_bins: Vec<Vec<u64>>,
    /// Scored rows by band of the profile's score or amount; empty without one.
    pub(crate) score_bands: Vec<u64>,
    /// Coordinates of the scored rows, row after row, where the model has segments.
    pub(crate) points: Vec<f64>,
    /// What the rows of each segment are like.
    pub(crate) tally: SegmentTally,
}

impl Observed {
    /// Scored rows in each of `segments` segments.
    pub(crate) fn segment_rows(&self, segments: usize) -> Vec<u64> {
        let mut rows = vec![0; segments];
        self.scored.iter().filter_map(|row| row.segment).for_each(|segment| rows[segment] += 1);
        rows
    }
}

/// Scores the `rows` of `table` in the order given.
///
/// # Errors
/// A row that the table does not have, or a column of the model that the table does not have.
pub(crate) fn observe(model: &Model, table: &Table, rows: &[usize]) -> Result<Observed, Error> {
    if let Some(&row) = rows.iter().find(|row| **row >= table.rows()) {
        return Err(Error::Row { row, rows: table.rows() });
    }
    let column = |name: &str| table.require(name).map_err(|e| Error::Table { message: e.to_string() });
    let used = model.fields_needed();
    // What only limits and tiers read says nothing of the prediction, and may be absent.
    let columns: Vec<Option<ColumnRef<'_>>> = (model.schema.inputs().zip(used))
        .map(|(field, used)| if used { column(&field.name).map(Some) } else { Ok(table.column(&field.name)) })
        .collect::<Result<_, _>>()?;
    let labels = Labels::new(model, table);
    let amounts = model.schema.amount.as_ref().and_then(|name| table.column(name));
    let actual = |row| {
        let amount = amounts.and_then(|column| number_of(column, row, &model.schema.missing))?;
        (amount.abs() <= LARGEST_AMOUNT).then_some(amount)
    };
    let mut observed = nothing_yet(model);
    let mut flags = vec![[0u64; FLAGS.len()]; model.schema.fields.len()];
    let mut scorer = Scorer::new(model);
    let mut values: Vec<Value<'_>> = Vec::with_capacity(columns.len());
    for &row in rows {
        values.clear();
        values.extend(columns.iter().map(|column| column.map_or(Value::Missing, |column| column.value(row))));
        match scorer.score(&values) {
            Ok(scored) => {
                for flag in &scored.flags {
                    let kind = FLAGS.iter().position(|kind| *kind == flag.kind);
                    kind.into_iter().for_each(|kind| flags[flag.field][kind] += 1);
                }
                observed.take(model, &scorer, &scored, (labels.bad(row), actual(row)));
            }
            Err(refusal) => {
                observed.refused += 1;
                if observed.examples.len() < EXAMPLES {
                    let (line, why) = (table.line(row), refusal.kind.to_string());
                    let (column, value) = (refusal.column, refusal.value);
                    observed.examples.push(RefusedRow { line, column, value, why });
                }
            }
        }
    }
    observed.changed = changed(model, &flags);
    Ok(observed)
}

fn nothing_yet(model: &Model) -> Observed {
    let profile = &model.profile;
    // What the rows of a segment are like is shown where the model is nothing but segments.
    let segments = if model.gives_pd() { 0 } else { model.segment_names().len() };
    Observed {
        scored: Vec::new(),
        refused: 0,
        examples: Vec::new(),
        changed: Vec::new(),
        field_bins: profile.fields.iter().map(|entry| vec![0; entry.counts.len()]).collect(),
        score_bands: profile.score.iter().flat_map(|score| vec![0; score.counts.len()]).collect(),
        points: Vec::new(),
        tally: SegmentTally::new(&model.schema, segments),
    }
}

impl Observed {
    /// `outcome`: whether the row turned out bad, and the amount that came of it.
    fn take(
        &mut self,
        model: &Model,
        scorer: &Scorer<'_>,
        scored: &Scored,
        outcome: (Option<bool>, Option<f64>),
    ) {
        for (entry, bins) in model.profile.fields.iter().zip(&mut self.field_bins) {
            let transform = &model.transforms[entry.transform];
            let field = transform.field();
            bins[transform.bin(&model.schema.fields[field], scorer.cells()[field])] += 1;
        }
        if let (Some(profile), Some(score)) = (&model.profile.score, scored.score.or(scored.amount)) {
            self.score_bands[profile.band(score)] += 1;
        }
        if let Some(segment) = scored.segment.filter(|_| !model.gives_pd()) {
            self.points.extend_from_slice(scorer.point());
            self.tally.add(segment, scorer.cells());
        }
        let &Scored { amount, pd, score, grade, segment, distance, novel, .. } = scored;
        let (bad, actual) = outcome;
        self.scored.push(ScoredRow { bad, actual, amount, pd, score, grade, segment, distance, novel });
    }
}

const FLAGS: [FlagKind; 3] =
    [FlagKind::UnseenCategory, FlagKind::OutOfRangeAsMissing, FlagKind::OutOfRangeClipped];

fn changed(model: &Model, flags: &[[u64; FLAGS.len()]]) -> Vec<ChangedValues> {
    let mut changed = Vec::new();
    for (field, counts) in model.schema.fields.iter().zip(flags) {
        for (kind, &rows) in FLAGS.iter().zip(counts).filter(|(_, rows)| **rows > 0) {
            changed.push(ChangedValues { column: field.name.clone(), what: kind.to_string(), rows });
        }
    }
    changed
}

/// The outcome column, where both the model and the table know it.
struct Labels<'a> {
    column: Option<(ColumnRef<'a>, Cow<'a, str>, Cow<'a, str>)>,
    missing: &'a [String],
}

impl<'a> Labels<'a> {
    fn new(model: &'a Model, table: &'a Table) -> Self {
        let known = |target: &'a Target| {
            let column = table.column(&target.column)?;
            Some((column, canonical_label(&target.bad), canonical_label(&target.good)))
        };
        Self { column: model.schema.target.as_ref().and_then(known), missing: &model.schema.missing }
    }

    /// Whether the row turned out bad; `None` where its label is neither of the two.
    fn bad(&self, row: usize) -> Option<bool> {
        let (column, bad, good) = self.column.as_ref()?;
        let text = column.text(row, self.missing)?;
        let label = canonical_label(&text);
        if label == *bad {
            Some(true)
        } else if label == *good {
            Some(false)
        } else {
            None
        }
    }
}
