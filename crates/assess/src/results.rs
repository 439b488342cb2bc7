//! What is gathered while customers pass: files, history, counts, and what became of those of the last run.

use crate::chunk::{Assessed, Done, Job, Refused};
use crate::error::AssessError;
use crate::folder::{CSV, Folder, PARQUET, REJECTED};
use crate::history::History;
use crate::report::{Assessment, Report};
use crate::standing::Standing;
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
    report: Report,
    history: History,
    /// By place in the last run: whether the customer is there now.
    seen: Vec<bool>,
    assessed: u64,
    rejected: BTreeMap<String, u64>,
    overridden: BTreeSet<u64>,
}

/// What there is when all customers have passed.
pub(crate) struct Gathered {
    /// Still to be committed.
    pub(crate) history: History,
    pub(crate) assessment: Assessment,
    pub(crate) rejected_by_cause: BTreeMap<String, u64>,
    pub(crate) notes: Vec<String>,
}

impl<'a> Results<'a> {
    pub(crate) fn new(job: &'a Job<'a>, outputs: Outputs, report: Report, history: History) -> Results<'a> {
        Results {
            job,
            outputs,
            report,
            history,
            seen: vec![false; job.previous.as_ref().map_or(0, |previous| previous.len())],
            assessed: 0,
            rejected: BTreeMap::new(),
            overridden: BTreeSet::new(),
        }
    }

    /// Adds some customers; those of all calls come in order. How many have a standing so far is returned.
    pub(crate) fn add(&mut self, done: Done) -> Result<u64, AssessError> {
        self.outputs.add(done.csv, done.parquet)?;
        self.outputs.rejected.write(&rejected_batch(&done.refused)?)?;
        self.history.append(&done.history)?;
        self.overridden.extend(done.overridden);
        done.assessed.iter().try_for_each(|customer| self.assessed(customer))?;
        done.refused.iter().try_for_each(|refused| self.refused(refused))?;
        Ok(self.assessed)
    }

    fn assessed(&mut self, customer: &Assessed) -> Result<(), DataError> {
        self.assessed += 1;
        let previous = customer.previous.and_then(|at| self.meet(at));
        self.report.add(previous.as_ref(), Some(&customer.standing))
    }

    fn refused(&mut self, refused: &Refused) -> Result<(), DataError> {
        *self.rejected.entry(format!("`{}`: {}", refused.column, refused.why)).or_default() += 1;
        let previous = self.job.previous.as_ref().and_then(|previous| previous.find(&refused.customer));
        let previous = previous.and_then(|at| self.meet(at));
        self.report.reject(previous.as_ref())
    }

    /// The last standing of a customer, who is there now.
    fn meet(&mut self, at: usize) -> Option<Standing> {
        self.seen[at] = true;
        self.job.previous.as_ref().map(|previous| previous.standing(at))
    }

    /// Those who are not there any more, by the bytes of their ids.
    fn gone(&mut self) -> Result<(), DataError> {
        let Some(previous) = &self.job.previous else { return Ok(()) };
        let gone = self.seen.iter().enumerate().filter(|(_, seen)| !**seen);
        let mut gone: Vec<Standing> = gone.map(|(at, _)| previous.standing(at)).collect();
        gone.sort_by(|a, b| a.customer.cmp(&b.customer));
        gone.iter().try_for_each(|standing| self.report.add(Some(standing), None))
    }

    /// Ends the files, and gives what was gathered.
    pub(crate) fn finish(mut self) -> Result<Gathered, AssessError> {
        self.gone()?;
        self.outputs.finish()?;
        let Job { previous, same_grades, overrides, .. } = self.job;
        let mut notes = Vec::new();
        if previous.is_some() && !same_grades {
            notes.push("the last run had other grades: every customer has the grade of the model".to_owned());
        }
        notes.extend(overrides.iter().flat_map(|overrides| overrides.notes(&self.overridden)));
        Ok(Gathered {
            history: self.history,
            assessment: self.report.finish()?,
            rejected_by_cause: self.rejected,
            notes,
        })
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
