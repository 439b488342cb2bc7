//! A batch: each row of the input through the model, in input order.

use crate::columns::{IdColumn, check_columns, choose_id, fields_of, note_unused};
use crate::error::ServeError;
use crate::ids::Ids;
use crate::output::ScoredRows;
use crate::places::{Input, Output, check_different};
use crate::rejects::{Rejected, RejectsWriter};
use crate::summary::{Summary, Tally};
use arrears_data::Chunk;
use arrears_data::arrow::array::RecordBatch;
use arrears_model::row_points::RowPoints;
use arrears_model::score::MAX_REASONS;
use arrears_model::{Model, Scorer, Value};

/// Where scored and rejected rows go, and what is said of each.
pub struct ScoreOptions {
    /// Where scored rows go.
    pub output: Output,
    /// Where rejected rows go; [`Output::rejects_beside`] gives the usual place. A file is written only
    /// when there are rejects, and one of an earlier run is removed otherwise.
    pub rejects: Output,
    /// Reasons for each row, 0 to 4.
    pub reasons: usize,
    /// Whether each row gets its points by characteristic; see [`RowPoints`].
    pub points: bool,
    /// Column that names each row, instead of the model's.
    pub id: Option<String>,
}

/// Scores a file or stream, in bounded memory.
///
/// Every row of the input is in the output or in the rejects, exactly once and in input order. Output
/// columns are those of [`output`](crate::output), rejects those of [`rejects`](crate::rejects).
/// `progress` is told the rows done so far after each chunk.
///
/// # Errors
/// When the input cannot be read to its end or lacks a column of the model, or a file cannot be written.
/// An output file that was there before is then as it was.
pub fn score_file(
    model: &Model,
    input: Input,
    options: ScoreOptions,
    mut progress: impl FnMut(u64),
) -> Result<Summary, ServeError> {
    let ScoreOptions { output, rejects, reasons, points, id } = options;
    if reasons > MAX_REASONS {
        return Err(ServeError::Reasons { found: reasons });
    }
    let points = if points { Some(row_points(model)?) } else { None };
    check_different(&input, &output, &rejects)?;
    let (output_name, rejects_name) = (output.name(), rejects.name());
    let mut source = input.open()?;
    check_columns(&model.schema, &source)?;
    let mut notes = Vec::new();
    let id = choose_id(model, &source, id.as_deref(), points.as_ref(), &mut notes)?;
    let first = source.next().transpose()?;
    let kind = id.kind(first.as_ref().map(|chunk| &chunk.table));
    let mut batch = Batch {
        model,
        scorer: Scorer::new(model),
        scored: ScoredRows::new(model, (id.name(), kind), reasons, points),
        tally: Tally::new(model),
        rejects: RejectsWriter::new(rejects),
        ids: Ids::default(),
        id,
    };
    let mut writer = output.create(batch.scored.schema())?;
    let mut rows = 0;
    for chunk in first.map(Ok).into_iter().chain(source.by_ref()) {
        let chunk = chunk?;
        rows += (chunk.table.rows() + chunk.unreadable.len()) as u64;
        writer.write(&batch.score(chunk)?)?;
        progress(rows);
    }
    let rejects = batch.rejects.finish()?.then_some(rejects_name);
    writer.finish()?;
    if rows == 0 {
        notes.push(format!("`{}` has a header and no rows", source.name()));
    }
    let ids = batch.ids.finish(&batch.id);
    notes.extend(ids.notes);
    notes.extend(source.notes().iter().cloned());
    notes.extend(note_unused(&model.schema, &batch.id, source.columns()));
    let counted = batch.tally.finish();
    let (blank_ids, repeated_ids) = (ids.blank, ids.repeated);
    Ok(Summary { output: output_name, rejects, blank_ids, repeated_ids, notes, ..counted })
}

fn row_points(model: &Model) -> Result<RowPoints, ServeError> {
    RowPoints::of(model).ok_or_else(|| ServeError::NoPoints { kind: model.kind.to_string() })
}

/// What scoring keeps from chunk to chunk.
struct Batch<'m> {
    model: &'m Model,
    scorer: Scorer<'m>,
    scored: ScoredRows<'m>,
    tally: Tally<'m>,
    rejects: RejectsWriter,
    ids: Ids,
    id: IdColumn,
}

impl Batch<'_> {
    /// The scored rows of a chunk; the others go to the rejects.
    fn score(&mut self, chunk: Chunk) -> Result<RecordBatch, ServeError> {
        let Chunk { table, unreadable } = chunk;
        self.ids.see(&self.id, &table, &self.model.schema.missing);
        let fields = fields_of(&self.model.schema, &table)?;
        let mut rejected: Vec<Rejected> = unreadable.into_iter().map(Rejected::from).collect();
        let mut kept: Vec<usize> = Vec::with_capacity(table.rows());
        let mut row: Vec<Value<'_>> = Vec::with_capacity(fields.len());
        for at in 0..table.rows() {
            row.clear();
            row.extend(fields.iter().map(|column| column.value(at)));
            match self.scorer.score(&row) {
                Ok(scored) => {
                    self.tally.scored(&scored, &row);
                    self.scored.push(&scored, self.scorer.terms());
                    kept.push(at);
                }
                Err(refusal) => {
                    let id = self.id.text(&table, at);
                    rejected.push(Rejected::refused(table.line(at), id, refusal));
                }
            }
        }
        rejected.sort_by_key(|row| row.line);
        self.tally.rejected(&rejected);
        self.rejects.write(&rejected)?;
        Ok(self.scored.batch(self.id.values(&table, &kept)?)?)
    }
}
