//! What is gathered while customers pass: files, history, counts, and what became of those of the last run.

use crate::chunk::{Assessed, Done, HYSTERESIS, Job, Refused};
use crate::error::AssessError;
use crate::folder::{CSV, Folder, PARQUET, REJECTED};
use crate::history::History;
use crate::standing::Standing;
use crate::summary::{AssessSummary, Changes};
use arrears_behavior::SnapshotSummary;
use arrears_data::arrow::array::{ArrayRef, RecordBatch, StringArray};
use arrears_data::arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use arrears_data::{DataError, Encoded, TableWriter};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Pieces of Parquet that are written at once: columns are encoded side by side, and few rows of each are not worth a thread.
const TOGETHER: usize = 8;

/// The files of a run.
pub(crate) struct Outputs {
    pub(crate) csv: TableWriter,
    pub(crate) parquet: TableWriter,
    rejected: TableWriter,
    waiting: Vec<Encoded>,
}

impl Outputs {
    pub(crate) fn create(folder: &Folder, standings: SchemaRef) -> Result<Outputs, DataError> {
        let create =
            |name: &str, schema: &SchemaRef| TableWriter::create(&folder.file(name), None, schema.clone());
        Ok(Outputs {
            csv: create(CSV, &standings)?,
            parquet: create(PARQUET, &standings)?,
            rejected: create(REJECTED, &rejected_schema())?,
            waiting: Vec::new(),
        })
    }

    fn add(&mut self, csv: Encoded, parquet: Encoded) -> Result<(), DataError> {
        self.csv.append(vec![csv])?;
        self.waiting.push(parquet);
        match self.waiting.len() {
            TOGETHER => self.parquet.append(std::mem::take(&mut self.waiting)),
            _ => Ok(()),
        }
    }

    fn finish(mut self) -> Result<(), DataError> {
        self.parquet.append(self.waiting)?;
        [self.csv, self.parquet, self.rejected].into_iter().try_for_each(TableWriter::finish)
    }
}

/// What was gathered so far.
pub(crate) struct Results<'a> {
    job: &'a Job<'a>,
    outputs: Outputs,
    history: History,
    /// By place in the last run: whether the customer has a standing now.
    seen: Vec<bool>,
    assessed: u64,
    kept: u64,
    rejected: BTreeMap<String, u64>,
    grades: Vec<u64>,
    changes: Changes,
    overridden: BTreeSet<u64>,
}

impl<'a> Results<'a> {
    pub(crate) fn new(job: &'a Job<'a>, outputs: Outputs, history: History) -> Results<'a> {
        Results {
            job,
            outputs,
            history,
            seen: vec![false; job.previous.as_ref().map_or(0, |previous| previous.len())],
            assessed: 0,
            kept: 0,
            rejected: BTreeMap::new(),
            grades: vec![0; job.model.grades.len()],
            changes: Changes::default(),
            overridden: BTreeSet::new(),
        }
    }

    /// Adds some customers; those of all calls come in order. How many have a standing so far is returned.
    pub(crate) fn add(&mut self, done: Done) -> Result<u64, AssessError> {
        self.outputs.add(done.csv, done.parquet)?;
        self.outputs.rejected.write(&rejected_batch(&done.refused)?)?;
        self.history.append(&done.history)?;
        for refused in &done.refused {
            *self.rejected.entry(format!("`{}`: {}", refused.column, refused.why)).or_default() += 1;
        }
        self.overridden.extend(done.overridden);
        done.assessed.iter().for_each(|customer| self.assessed(customer));
        Ok(self.assessed)
    }

    fn assessed(&mut self, customer: &Assessed) {
        let standing = &customer.standing;
        self.assessed += 1;
        self.kept += u64::from(standing.why.as_ref().is_some_and(|why| why.starts_with(HYSTERESIS)));
        self.grades[standing.grade] += 1;
        let previous = self.job.previous.as_ref().zip(customer.previous).map(|(previous, at)| {
            self.seen[at] = true;
            previous.standing(at)
        });
        self.side_by_side(previous.as_ref(), Some(standing));
    }

    /// Each customer of the last run and of this one, once: those of this run in their order, then those that are gone, by the
    /// bytes of their ids.
    fn side_by_side(&mut self, previous: Option<&Standing>, current: Option<&Standing>) {
        self.changes.add(previous, current, self.job.same_grades);
    }

    fn gone(&mut self) {
        let Some(previous) = &self.job.previous else { return };
        let gone = self.seen.iter().enumerate().filter(|(_, seen)| !**seen);
        let mut gone: Vec<Standing> = gone.map(|(at, _)| previous.standing(at)).collect();
        gone.sort_by(|a, b| a.customer.cmp(&b.customer));
        gone.iter().for_each(|standing| self.side_by_side(Some(standing), None));
    }

    /// Ends the files, and says what was counted. The history is still to be committed.
    pub(crate) fn finish(mut self, made: &SnapshotSummary) -> Result<(History, AssessSummary), AssessError> {
        self.gone();
        self.outputs.finish()?;
        let model = self.job.model;
        let grades = self.job.run.grades.iter().cloned().zip(self.grades).collect();
        let mut notes = Vec::new();
        if self.job.previous.is_some() && !self.job.same_grades {
            notes.push("the last run had other grades: every customer has the grade of the model".to_owned());
        }
        notes.extend(self.job.overrides.iter().flat_map(|overrides| overrides.notes(&self.overridden)));
        let summary = AssessSummary {
            model: model.name.clone(),
            version: model.version.clone(),
            checksum: model.checksum().to_owned(),
            customers: made.cleaning.customers,
            assessed: self.assessed,
            rejected: self.rejected.values().sum(),
            rejected_by_cause: self.rejected,
            unknown: made.cleaning.customers - made.rows,
            grades,
            kept: self.kept,
            changes: self.changes,
            notes,
            ..AssessSummary::default()
        };
        Ok((self.history, summary))
    }
}

fn rejected_schema() -> SchemaRef {
    let fields = ["customer", "column", "value", "why"].map(|name| Field::new(name, DataType::Utf8, true));
    Arc::new(Schema::new(fields.to_vec()))
}

fn rejected_batch(rows: &[Refused]) -> Result<RecordBatch, DataError> {
    let text = |of: fn(&Refused) -> &String| -> ArrayRef {
        Arc::new(StringArray::from_iter_values(rows.iter().map(of)))
    };
    let columns = vec![text(|r| &r.customer), text(|r| &r.column), text(|r| &r.value), text(|r| &r.why)];
    Ok(RecordBatch::try_new(rejected_schema(), columns)?)
}
