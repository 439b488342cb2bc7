//! One chunk through the model: the border between columns of a file and the compiled scorer.

use crate::columns::{IdColumn, fields_of};
use crate::error::ServeError;
use crate::ids::Seen;
use crate::output::Layout;
use crate::overrides::Overrides;
use crate::rejects::Rejected;
use crate::summary::Tally;
use arrears_data::arrow::array::{Array, StringArray};
use arrears_data::arrow::buffer::NullBuffer;
use arrears_data::table::ColumnData;
use arrears_data::{Chunk, ColumnRef, Encoded, Encoder, Piece};
use arrears_model::compiled::{Ask, Column, CompiledScorer, RowValues, Scores, Valid};
use arrears_model::{Model, Value};
use std::collections::BTreeSet;
use std::sync::Arc;

/// What is the same for all chunks of a batch.
pub(crate) struct Job<'m> {
    pub(crate) model: &'m Model,
    pub(crate) scorer: &'m CompiledScorer,
    pub(crate) layout: Layout<'m>,
    pub(crate) id: IdColumn,
    pub(crate) encoder: Encoder,
    pub(crate) overrides: Option<Arc<Overrides>>,
}

/// What came out of one chunk.
pub(crate) struct Done<'m> {
    /// Rows of the input.
    pub(crate) rows: u64,
    pub(crate) encoded: Encoded,
    /// By line.
    pub(crate) rejected: Vec<Rejected>,
    pub(crate) tally: Tally<'m>,
    pub(crate) ids: Seen,
    /// Lines of the overrides that were applied.
    pub(crate) overridden: BTreeSet<u64>,
}

impl<'m> Job<'m> {
    /// The rows of a piece of the input.
    pub(crate) fn piece(&self, piece: Piece) -> Result<Vec<Done<'m>>, ServeError> {
        let mut scores = Scores::default();
        piece.chunks()?.into_iter().map(|chunk| self.chunk(chunk, &mut scores)).collect()
    }

    fn chunk(&self, chunk: Chunk, scores: &mut Scores) -> Result<Done<'m>, ServeError> {
        let Chunk { table, unreadable } = chunk;
        let fields = fields_of(&self.model.schema, &table)?;
        self.score(&fields, table.rows(), scores);
        let applied = self
            .overrides
            .as_ref()
            .map(|overrides| overrides.apply(self.scorer, &self.id, &table, &fields, scores));
        let mut tally = Tally::new(self.model);
        tally.scored(scores, &fields);
        let rows = (table.rows() + unreadable.len()) as u64;
        let mut rejected: Vec<Rejected> = unreadable.into_iter().map(Rejected::from).collect();
        let mut refused = scores.refused.iter().peekable();
        let kept: Vec<usize> =
            (0..table.rows()).filter(|row| refused.next_if(|(of, _)| of == row).is_none()).collect();
        rejected.extend(scores.refused.iter().map(|(row, refusal)| {
            Rejected::refused(table.line(*row), self.id.text(&table, *row), refusal.clone())
        }));
        rejected.sort_by_key(|row| row.line);
        tally.rejected(&rejected);
        let ids = Seen::of(&self.id, &table, &self.model.schema.missing);
        let batch = self.layout.batch(scores, &kept, self.id.values(&table, &kept)?, applied.as_ref())?;
        let overridden = applied.map(|applied| applied.used).unwrap_or_default();
        Ok(Done { rows, encoded: self.encoder.encode(batch), rejected, tally, ids, overridden })
    }

    fn score(&self, fields: &[ColumnRef<'_>], rows: usize, scores: &mut Scores) {
        let ask = Ask { reasons: self.layout.reasons(), losses: false, terms: self.layout.needs_terms() };
        score_columns(self.scorer, fields, rows, ask, scores);
    }
}

/// Scores the rows of a chunk whose columns are given in the order of the model's fields.
pub(crate) fn score_columns(
    scorer: &CompiledScorer,
    fields: &[ColumnRef<'_>],
    rows: usize,
    ask: Ask,
    scores: &mut Scores,
) {
    let entries: Vec<Vec<Value<'_>>> = fields.iter().map(|field| entries(*field)).collect();
    let each: Vec<Each<'_>> = fields.iter().map(|field| Each(*field)).collect();
    let columns: Vec<Column<'_>> =
        each.iter().zip(&entries).map(|(each, entries)| column(each, entries, rows)).collect();
    scorer.score(&scorer.columns(rows, &columns), 0..rows, ask, scores);
}

/// A column whose values are looked at one by one.
struct Each<'a>(ColumnRef<'a>);

impl RowValues for Each<'_> {
    fn value(&self, row: usize) -> Value<'_> {
        self.0.value(row)
    }
}

/// The texts of a dictionary; none of other columns.
fn entries(column: ColumnRef<'_>) -> Vec<Value<'_>> {
    let text = |texts: &StringArray, at: usize| texts.is_valid(at);
    match column.data() {
        ColumnData::Category { texts, .. } => (0..texts.len())
            .map(|at| if text(texts, at) { Value::Text(texts.value(at)) } else { Value::Missing })
            .collect(),
        _ => Vec::new(),
    }
}

/// A column as the scorer takes it.
fn column<'a>(each: &'a Each<'_>, entries: &'a [Value<'a>], rows: usize) -> Column<'a> {
    match each.0.data() {
        ColumnData::Number(x) => Column::Numbers { values: x.values(), valid: valid(x.nulls()) },
        ColumnData::Integer(x) => Column::Integers { values: x.values(), valid: valid(x.nulls()) },
        ColumnData::Category { codes, .. } => {
            Column::Codes { codes: codes.values(), valid: valid(codes.nulls()), entries }
        }
        ColumnData::Text(_) => Column::Each { rows, values: each },
    }
}

fn valid(nulls: Option<&NullBuffer>) -> Option<Valid<'_>> {
    nulls.map(|nulls| Valid { bits: nulls.validity(), offset: nulls.offset() })
}
