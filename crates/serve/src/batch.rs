//! A batch: each row of the input through the model, in input order.

use crate::columns::{check_columns, choose_id, note_unused};
use crate::error::ServeError;
use crate::ids::Ids;
use crate::output::Layout;
use crate::overlap::in_waves;
use crate::overrides::Overrides;
use crate::places::{Input, Output, check_different};
use crate::rejects::RejectsWriter;
use crate::score_chunk::{Done, Job};
use crate::summary::{Summary, Tally};
use arrears_data::TableWriter;
use arrears_model::Model;
use arrears_model::compiled::CompiledScorer;
use arrears_model::row_points::RowPoints;
use arrears_model::score::MAX_REASONS;
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

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
    /// Grades and limits that people set; they go by the id, so there must be one.
    pub overrides: Option<Arc<Overrides>>,
}

/// How far a batch is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Progress {
    /// Rows of the input that were scored or rejected and written.
    pub rows: u64,
    /// How much of the input was read, from 0 to 1; `None` of a stream.
    pub read: Option<f64>,
}

/// Scores a file or stream, in bounded memory.
///
/// Every row of the input is in the output or in the rejects, exactly once and in input order. Output
/// columns are those of [`output`](crate::output), rejects those of [`rejects`](crate::rejects). The bytes do not depend on
/// the number of threads. `progress` is told now and then.
///
/// # Errors
/// When the input cannot be read to its end or lacks a column of the model, or a file cannot be written.
/// An output file that was there before is then as it was.
pub fn score_file(
    model: &Model,
    input: Input,
    options: ScoreOptions,
    mut progress: impl FnMut(Progress),
) -> Result<Summary, ServeError> {
    let overrides = options.overrides.clone();
    let mut summary = score_with(model, &CompiledScorer::new(model), input, options, &mut progress)?;
    let notes = overrides.iter().flat_map(|overrides| overrides.notes(&summary.overridden));
    summary.notes.extend(notes.collect::<Vec<_>>());
    Ok(summary)
}

/// [`score_file`] with the scorer of the model, which serves for many files. Nothing is noted of overrides here: whose
/// customer was not scored is known after the last file.
pub(crate) fn score_with(
    model: &Model,
    scorer: &CompiledScorer,
    input: Input,
    options: ScoreOptions,
    progress: &mut dyn FnMut(Progress),
) -> Result<Summary, ServeError> {
    let ScoreOptions { output, rejects, reasons, points, id, overrides } = options;
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
    output.check_id(&id, &source)?;
    if overrides.is_some() && id.of_input().is_none() {
        let file = source.name().to_owned();
        return Err(ServeError::NoIds {
            name: "a file of overrides".to_owned(),
            file,
            found: source.columns().to_vec(),
        });
    }
    source.read_for(&model.schema, id.of_input().as_slice());
    let layout = Layout::new(model, (id.name(), id.kind(&source)), reasons, points, overrides.is_some());
    let writer = output.create(layout.schema())?;
    let job = Job { model, scorer, layout, encoder: writer.encoder(), id, overrides };
    let mut results = Results {
        writer,
        tally: Tally::new(model),
        rejects: RejectsWriter::new(rejects),
        ids: Ids::default(),
        overridden: BTreeSet::new(),
        rows: 0,
    };
    // Reading and writing go on at once on different threads; in between `progress` looks at both.
    let (reading, writing) = (Mutex::new(&mut source), Mutex::new(&mut results));
    in_waves(
        || Some(locked(&reading).next_pieces()?.map_err(ServeError::from)),
        |piece| job.piece(piece),
        |done| locked(&writing).add(done),
        || progress(Progress { rows: locked(&writing).rows, read: locked(&reading).progress() }),
    )?;
    let Results { writer, tally, rejects, ids, overridden, rows } = results;
    let ids = ids.finish(&job.id).map_err(|source| ServeError::Ids { source })?;
    let rejects = rejects.finish()?.then_some(rejects_name);
    writer.finish()?;
    if rows == 0 {
        notes.push(format!("`{}` has a header and no rows", source.name()));
    }
    notes.extend(ids.notes);
    notes.extend(source.notes().iter().cloned());
    notes.extend(note_unused(&model.schema, &job.id, source.columns()));
    let counted = tally.finish();
    let (blank_ids, repeated_ids) = (ids.blank, ids.repeated);
    Ok(Summary { output: output_name, rejects, blank_ids, repeated_ids, overridden, notes, ..counted })
}

fn locked<T>(of: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    of.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

fn row_points(model: &Model) -> Result<RowPoints, ServeError> {
    RowPoints::of(model).ok_or_else(|| ServeError::NoPoints { kind: model.kind.to_string() })
}

/// What is gathered in input order.
struct Results<'m> {
    writer: TableWriter,
    tally: Tally<'m>,
    rejects: RejectsWriter,
    ids: Ids,
    /// Lines of the overrides that were applied.
    overridden: BTreeSet<u64>,
    rows: u64,
}

impl<'m> Results<'m> {
    fn add(&mut self, wave: Vec<Vec<Done<'m>>>) -> Result<(), ServeError> {
        let mut encoded = Vec::new();
        for done in wave.into_iter().flatten() {
            self.rows += done.rows;
            self.rejects.write(&done.rejected)?;
            self.tally.merge(done.tally);
            self.ids.add(done.ids);
            self.overridden.extend(done.overridden);
            encoded.push(done.encoded);
        }
        Ok(self.writer.append(encoded)?)
    }
}
