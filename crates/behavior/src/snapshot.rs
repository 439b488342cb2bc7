//! Features of all customers as of some moments, for a file: a row a customer and moment.

use crate::features::Scratch;
use crate::labels::{LabelCounts, LabelSettings, Labels, Outcome, labels};
use crate::read::{EventReader, ReadSettings};
use crate::{AsOf, CleaningReport, Config, Error, EventKind, FeatureError, History, Moment, Plan};
use arrears_data::TableWriter;
use arrears_data::arrow::array::{ArrayRef, Float64Array, Int64Array, RecordBatch, StringArray};
use arrears_data::arrow::buffer::{BooleanBuffer, NullBuffer};
use arrears_data::arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use serde::Serialize;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::{Arc, Mutex, PoisonError};

/// Pieces that are written at once: columns are encoded side by side, and few rows of each are not worth a thread.
const TOGETHER: usize = 8;

/// Features that are declared, and as of when they are taken.
pub struct Snapshot<'a> {
    config: &'a Config,
    plan: Plan,
    /// The moments, each as it was written.
    moments: Vec<(String, AsOf)>,
    /// Where rows are to be trained on: what good and bad are.
    labels: Option<LabelSettings>,
}

/// What was computed.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SnapshotSummary {
    /// Rows written: customers of whom something was known, as of each moment.
    pub rows: u64,
    /// Features a row.
    pub features: u64,
    /// The moments as they were written, each with its rows.
    pub as_of: Vec<(String, u64)>,
    /// Features of chosen groups that the tables cannot give, each with why.
    pub left_out: BTreeMap<String, String>,
    /// Where labels were asked for: how many customers came to which outcome as of each moment. Rows of the good and the bad are
    /// written.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub labels: Vec<(String, Vec<(&'static str, u64)>)>,
    /// What became of the rows of the tables.
    pub cleaning: CleaningReport,
}

impl<'a> Snapshot<'a> {
    /// Compiles the features of a configuration. `as_of` are dates (the end of that day in the zone of the configuration), or moments.
    ///
    /// # Errors
    /// When there are no features, one is refused, or a moment cannot be read.
    pub fn new(config: &'a Config, as_of: &[String]) -> Result<Snapshot<'a>, Error> {
        if config.features.library.0.is_empty() && config.declared.is_empty() {
            return Err(Error::NoFeatures { file: config.file.clone() });
        }
        let plan = Plan::new(&config.features, &config.declared, &config.columns())?;
        let moment = |text: &String| Ok((text.clone(), AsOf::parse(text, &config.zone)?));
        let moments = as_of.iter().map(moment).collect::<Result<_, Error>>()?;
        Ok(Snapshot { config, plan, moments, labels: None })
    }

    /// Rows to train on: with a column `bad` (1, 0) behind `as_of`, of the customers only that section `[label]` finds good or bad.
    ///
    /// # Errors
    /// When there is no such section, or a table or column that it needs is not mapped.
    pub fn labelled(self) -> Result<Snapshot<'a>, Error> {
        let settings = LabelSettings::of(self.config)?;
        for kind in EventKind::ALL {
            settings.columns(self.config, kind)?;
        }
        Ok(Snapshot { labels: Some(settings), ..self })
    }

    /// The columns of the output: `customer`, `as_of`, `bad` where it is labelled, and the features.
    pub fn schema(&self) -> SchemaRef {
        let features = self.plan.names().iter().map(|name| Field::new(name, DataType::Float64, true));
        let first =
            [Field::new("customer", DataType::Utf8, false), Field::new("as_of", DataType::Utf8, false)];
        let bad = self.labels.as_ref().map(|_| Field::new("bad", DataType::Int64, false));
        Arc::new(Schema::new(first.into_iter().chain(bad).chain(features).collect::<Vec<_>>()))
    }

    /// The columns of a table that features and labels are made from.
    fn asked(&self, kind: EventKind) -> Vec<String> {
        let mut columns = self.plan.columns(kind).to_vec();
        let of_labels = self.labels.as_ref().and_then(|settings| settings.columns(self.config, kind).ok());
        for column in of_labels.into_iter().flatten() {
            if !columns.contains(&column) {
                columns.push(column);
            }
        }
        columns
    }

    /// Between which moments a row must have happened for a feature to need it; `None`: any row may be needed.
    fn within(&self, kind: EventKind) -> Option<(Moment, Moment)> {
        let days = self.plan.reach(kind).filter(|_| self.labels.is_none())?;
        let after = self.moments.iter().map(|(_, as_of)| as_of.before(days)).min()?;
        Some((after, self.moments.iter().map(|(_, as_of)| as_of.moment()).max()?))
    }

    /// Reads the tables and writes the features, customers in order, and of each the moments in the order given. `told` hears the
    /// number of rows written, now and then.
    ///
    /// # Errors
    /// When a table cannot be read or used, or the output not be written; then there is none.
    pub fn write(
        &self,
        settings: ReadSettings,
        mut writer: TableWriter,
        mut told: impl FnMut(u64) + Send,
    ) -> Result<SnapshotSummary, Error> {
        let (encoder, mut written, mut waiting) = (writer.encoder(), 0, Vec::new());
        let work = |batch: RecordBatch| Ok::<_, Error>((batch.num_rows() as u64, encoder.encode(batch)));
        let summary = self.for_each(settings, work, |(rows, encoded)| {
            written += rows;
            told(written);
            waiting.push(encoded);
            if waiting.len() == TOGETHER { Ok(writer.append(std::mem::take(&mut waiting))?) } else { Ok(()) }
        })?;
        writer.append(waiting)?;
        writer.finish()?;
        Ok(summary)
    }

    /// Reads the tables and works on the rows of some customers after the others, on all threads: batches of
    /// [`Snapshot::schema`]. What comes out goes to `take`, customers in order.
    ///
    /// # Errors
    /// When a table cannot be read or used, and what `work` and `take` give. What was taken before is then not to be used.
    pub fn for_each<R: Send, E: From<Error> + Send>(
        &self,
        settings: ReadSettings,
        work: impl Fn(RecordBatch) -> Result<R, E> + Sync,
        mut take: impl FnMut(R) -> Result<(), E> + Send,
    ) -> Result<SnapshotSummary, E> {
        let plans = self.plans(&settings)?;
        let schema = self.schema();
        let mut rows = vec![0_u64; self.moments.len()];
        let mut outcomes = vec![LabelCounts::default(); self.moments.len()];
        // Buffers of threads that have done.
        let spare: Mutex<Vec<Vec<Scratch>>> = Mutex::default();
        let made = |history: &History| {
            let found = self.found(history)?;
            let mut scratch = spare.lock().unwrap_or_else(PoisonError::into_inner).pop().unwrap_or_default();
            let (batch, known) = self.batch(&plans, history, &found, &schema, &mut scratch)?;
            spare.lock().unwrap_or_else(PoisonError::into_inner).push(scratch);
            Ok::<_, E>((known, found, work(batch)?))
        };
        let reader = EventReader::open(self.config, |kind| self.asked(kind), settings)?;
        let reader = reader.within(|kind| self.within(kind));
        let cleaning = reader.for_each(made, |(known, found, worked)| {
            rows.iter_mut().zip(known).for_each(|(rows, known)| *rows += known);
            outcomes.iter_mut().zip(&found).for_each(|(counts, labels)| counts.add(labels));
            take(worked)
        })?;
        Ok(SnapshotSummary {
            rows: rows.iter().sum(),
            features: self.plan.names().len() as u64,
            as_of: self.moments.iter().map(|(text, _)| text.clone()).zip(rows).collect(),
            labels: self.labels.iter().flat_map(|_| self.outcomes(&outcomes)).collect(),
            left_out: self.plan.left_out().iter().map(named).collect(),
            cleaning,
        })
    }

    /// What became of some customers after each moment; nothing where labels are not asked for.
    fn found(&self, history: &History) -> Result<Vec<Labels>, Error> {
        let Some(settings) = &self.labels else { return Ok(Vec::new()) };
        self.moments.iter().map(|(_, as_of)| Ok(labels(history, settings, as_of)?)).collect()
    }

    /// How many customers came to which outcome, by name.
    fn outcomes(&self, counts: &[LabelCounts]) -> Vec<(String, Vec<(&'static str, u64)>)> {
        let named = |counts: &LabelCounts| Outcome::ALL.iter().map(|o| o.name()).zip(counts.0).collect();
        self.moments.iter().map(|(text, _)| text.clone()).zip(counts.iter().map(named)).collect()
    }

    /// The plan of each moment: where features are compared with peers, the tables are read once before for what is usual.
    fn plans(&self, settings: &ReadSettings) -> Result<Vec<Plan>, Error> {
        let passes = self.moments.iter().filter_map(|_| self.plan.peer_pass()).collect::<Vec<_>>();
        if passes.is_empty() {
            return Ok(vec![self.plan.clone(); self.moments.len()]);
        }
        let totals = Mutex::new(passes);
        let first = ReadSettings { memory: settings.memory, batch: settings.batch, rejects: None };
        let reader = EventReader::open(self.config, |kind| self.plan.columns(kind).to_vec(), first)?;
        let add = |history: &History| {
            for (at, (_, as_of)) in self.moments.iter().enumerate() {
                let Some(mut pass) = self.plan.peer_pass() else { continue };
                pass.add(history, as_of)?;
                // Sums of whole numbers: no order of adding changes them.
                totals.lock().unwrap_or_else(PoisonError::into_inner)[at].merge(&pass);
            }
            Ok::<(), Error>(())
        };
        reader.for_each(add, |()| Ok(()))?;
        let passes = totals.into_inner().unwrap_or_else(PoisonError::into_inner);
        passes.into_iter().map(|pass| Ok(self.plan.clone().with_peers(pass.finish())?)).collect()
    }

    /// The rows of some customers, and how many as of each moment.
    fn batch(
        &self,
        plans: &[Plan],
        history: &History,
        found: &[Labels],
        schema: &SchemaRef,
        scratch: &mut Vec<Scratch>,
    ) -> Result<(RecordBatch, Vec<u64>), Error> {
        scratch.resize_with(plans.len(), Scratch::default);
        for ((plan, (_, as_of)), scratch) in plans.iter().zip(&self.moments).zip(&mut *scratch) {
            plan.evaluate_in(history, as_of, scratch)?;
        }
        let mut known: Vec<Vec<bool>> = self.moments.iter().map(|(_, as_of)| known(history, as_of)).collect();
        for (known, labels) in known.iter_mut().zip(found) {
            let labelled = |outcome: &Outcome| matches!(outcome, Outcome::Good | Outcome::Bad);
            known.iter_mut().zip(&labels.outcomes).for_each(|(known, outcome)| *known &= labelled(outcome));
        }
        let mut rows: Vec<(usize, usize)> = Vec::new();
        for customer in 0..history.customers.len() {
            rows.extend(
                (0..known.len()).filter(|moment| known[*moment][customer]).map(|moment| (customer, moment)),
            );
        }
        let customers = rows.iter().map(|(customer, _)| &history.customers[*customer]);
        let moments = rows.iter().map(|(_, moment)| self.moments[*moment].0.as_str());
        let mut columns: Vec<ArrayRef> = vec![
            Arc::new(StringArray::from_iter_values(customers)),
            Arc::new(StringArray::from_iter_values(moments)),
        ];
        if self.labels.is_some() {
            let bad =
                |(customer, moment): &(usize, usize)| found[*moment].outcomes[*customer] == Outcome::Bad;
            columns.push(Arc::new(rows.iter().map(|row| i64::from(bad(row))).collect::<Int64Array>()));
        }
        let all = rows.len() == history.customers.len() * scratch.len();
        for slot in self.plan.outputs.iter() {
            let own = slot * history.customers.len()..(slot + 1) * history.customers.len();
            let values: Vec<f64> = match scratch.as_slice() {
                [one] if all => one.values[own].to_vec(),
                [one] => {
                    let values = &one.values[own];
                    rows.iter().map(|(customer, _)| values[*customer]).collect()
                }
                several => {
                    rows.iter().map(|(customer, at)| several[*at].values[own.start + customer]).collect()
                }
            };
            columns.push(Arc::new(numbers(values)));
        }
        let counts = known.iter().map(|known| known.iter().filter(|known| **known).count() as u64).collect();
        let batch = RecordBatch::try_new(schema.clone(), columns).map_err(arrears_data::DataError::from)?;
        Ok((batch, counts))
    }
}

/// Numbers as an array, in which NaN is missing.
fn numbers(numbers: Vec<f64>) -> Float64Array {
    let there = BooleanBuffer::collect_bool(numbers.len(), |row| !numbers[row].is_nan());
    Float64Array::new(numbers.into(), Some(there.into()).filter(|nulls: &NullBuffer| nulls.null_count() > 0))
}

/// A feature that is not possible and why: its name stands first in the message, in backquotes.
fn named(why: &FeatureError) -> (String, String) {
    let why = why.to_string();
    let name = why.split('`').nth(1).unwrap_or_default().to_owned();
    (name, why)
}

/// Of which customers something had happened and was known by a moment, in any table: that others would come nobody knew.
pub(crate) fn known(history: &History, as_of: &AsOf) -> Vec<bool> {
    let moment = as_of.moment();
    let seen = |kind: EventKind, customer: usize| {
        let events = &history.events[kind as usize];
        let mut rows = events.rows(customer);
        rows.any(|row| events.at[row] <= moment && events.known_at[row] <= moment)
    };
    let any = |customer| EventKind::ALL.into_iter().any(|kind| seen(kind, customer));
    (0..history.customers.len()).map(any).collect()
}

impl SnapshotSummary {
    /// The summary as lines of text; `output` names where the rows are.
    pub fn to_text(&self, output: &str) -> String {
        // Writing to a String does not fail.
        let mut text = self.cleaning.to_text();
        if !self.left_out.is_empty() {
            let names: Vec<&str> = self.left_out.keys().map(String::as_str).collect();
            let _ = writeln!(text, "not possible for lack of tables or columns: {}", names.join(", "));
        }
        for (as_of, rows) in self.as_of.iter().filter(|_| self.labels.is_empty()) {
            let _ = writeln!(text, "as of {as_of}: {rows} customers were known");
        }
        for (as_of, outcomes) in &self.labels {
            let met = outcomes.iter().filter(|(_, customers)| *customers > 0);
            let met: Vec<String> = met.map(|(outcome, customers)| format!("{customers} {outcome}")).collect();
            let _ = writeln!(text, "as of {as_of}: {}", met.join(", "));
        }
        let _ = write!(text, "{} rows of {} features -> {output}", self.rows, self.features);
        text
    }
}
