//! Labels, vintages and roll rates of a whole configuration, as tables.

use super::{BUCKETS, LabelCounts, LabelKind, LabelSettings, Labels, Outcome, RollRates, Vintages, labels};
use crate::read::{EventReader, ReadSettings};
use crate::{AsOf, CleaningReport, Config, Error, EventKind, History, Zone};
use arrears_data::arrow::array::{ArrayRef, Float64Array, Int64Array, RecordBatch, StringArray};
use arrears_data::arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use arrears_data::{DataError, Encoded, TableWriter};
use std::sync::Arc;

/// Labels of all customers as of some dates.
pub struct LabelRun<'a> {
    config: &'a Config,
    settings: LabelSettings,
    /// The dates, each as it was written.
    dates: Vec<(String, AsOf)>,
}

/// What was found.
#[derive(Clone, Debug)]
pub struct LabelSummary {
    /// The dates as they were written, and how many customers came to which outcome.
    pub as_of: Vec<(String, LabelCounts)>,
    /// Vintages; of labels by days past due only.
    pub vintages: Vintages,
    /// Roll rates; of labels by days past due only.
    pub roll_rates: RollRates,
    /// What became of the rows of the tables.
    pub cleaning: CleaningReport,
}

impl<'a> LabelRun<'a> {
    /// Reads section `[label]` of a configuration and the dates.
    ///
    /// # Errors
    /// If there is no such section, a setting is out of range, or a date cannot be read.
    pub fn new(config: &'a Config, as_of: &[String]) -> Result<LabelRun<'a>, Error> {
        let settings = LabelSettings::of(config)?;
        let date = |text: &String| Ok((text.clone(), AsOf::parse(text, &config.zone)?));
        let dates = as_of.iter().map(date).collect::<Result<_, Error>>()?;
        Ok(LabelRun { config, settings, dates })
    }

    /// Whether vintages and roll rates are made: of labels by days past due.
    pub fn has_bills(&self) -> bool {
        self.settings.kind == LabelKind::PastDue
    }

    /// The columns of the labels' table: `customer`, `as_of`, `label` (the outcome or why excluded), `bad` (1, 0, or missing where
    /// the customer is not to be trained on), and `worst` (days past due, or returns).
    pub fn schema() -> SchemaRef {
        Arc::new(Schema::new(vec![
            Field::new("customer", DataType::Utf8, false),
            Field::new("as_of", DataType::Utf8, false),
            Field::new("label", DataType::Utf8, false),
            Field::new("bad", DataType::Int64, true),
            Field::new("worst", DataType::Float64, true),
        ]))
    }

    /// Reads the tables and writes the labels, where there is a writer, customers in order and of each the dates in the order given.
    /// Customers of whom nothing was known are counted, not written.
    ///
    /// # Errors
    /// When a table cannot be read or used, or the labels not be written; then there are none.
    pub fn write(&self, read: ReadSettings, mut writer: Option<TableWriter>) -> Result<LabelSummary, Error> {
        let mut columns: [Vec<String>; 6] = Default::default();
        for kind in EventKind::ALL {
            columns[kind as usize] = self.settings.columns(self.config, kind)?;
        }
        let encoder = writer.as_ref().map(TableWriter::encoder);
        let schema = LabelRun::schema();
        let mut counts = vec![LabelCounts::default(); self.dates.len()];
        let (mut vintages, mut roll_rates) = (Vintages::default(), RollRates::default());
        let work = |history: &History| {
            let found = self.dates.iter().map(|(_, as_of)| labels(history, &self.settings, as_of));
            let found = found.collect::<Result<Vec<Labels>, _>>()?;
            let batch = encoder
                .map(|encoder| Ok::<Encoded, Error>(encoder.encode(self.batch(history, &found, &schema)?)));
            let (mut vintages, mut rolls) = (Vintages::default(), RollRates::default());
            if self.has_bills() {
                let zone: &Arc<Zone> = &self.config.zone;
                vintages.add(history, &self.settings, zone)?;
                rolls.add(history, &self.settings, zone)?;
            }
            Ok::<_, Error>((found, batch.transpose()?, vintages, rolls))
        };
        let reader = EventReader::open(self.config, |kind| columns[kind as usize].clone(), read)?;
        let cleaning = reader.for_each(work, |(found, encoded, more, rolls)| {
            counts.iter_mut().zip(&found).for_each(|(counts, labels)| counts.add(labels));
            vintages.merge(&more);
            roll_rates.merge(&rolls);
            if let (Some(writer), Some(encoded)) = (&mut writer, encoded) {
                writer.append(vec![encoded])?;
            }
            Ok::<(), Error>(())
        })?;
        if let Some(writer) = writer {
            writer.finish()?;
        }
        let as_of = self.dates.iter().map(|(text, _)| text.clone()).zip(counts).collect();
        Ok(LabelSummary { as_of, vintages, roll_rates, cleaning })
    }

    fn batch(&self, history: &History, found: &[Labels], schema: &SchemaRef) -> Result<RecordBatch, Error> {
        let not_yet = Outcome::Excluded(super::Exclusion::NotYetCustomer);
        let customers = 0..history.customers.len();
        let rows: Vec<(usize, usize)> = customers
            .flat_map(|customer| (0..found.len()).map(move |date| (customer, date)))
            .filter(|(customer, date)| found[*date].outcomes[*customer] != not_yet)
            .collect();
        let outcome = |(customer, date): &(usize, usize)| found[*date].outcomes[*customer];
        let worst = |(customer, date): &(usize, usize)| {
            Some(found[*date].worst[*customer]).filter(|worst| !worst.is_nan())
        };
        let bad = |row: &(usize, usize)| match outcome(row) {
            Outcome::Good => Some(0),
            Outcome::Bad => Some(1),
            _ => None,
        };
        let columns: Vec<ArrayRef> = vec![
            Arc::new(StringArray::from_iter_values(
                rows.iter().map(|(customer, _)| &history.customers[*customer]),
            )),
            Arc::new(StringArray::from_iter_values(rows.iter().map(|(_, date)| &self.dates[*date].0))),
            Arc::new(StringArray::from_iter_values(rows.iter().map(|row| outcome(row).name()))),
            Arc::new(rows.iter().map(bad).collect::<Int64Array>()),
            Arc::new(rows.iter().map(worst).collect::<Float64Array>()),
        ];
        batch(schema, columns)
    }
}

impl Vintages {
    /// The table: `cohort`, `customers`, `months_on_book`, `bad`, `bad_rate`.
    ///
    /// # Errors
    /// None in practice: the columns are as long as each other.
    pub fn batch(&self) -> Result<RecordBatch, Error> {
        let cells = self.cells();
        let schema = Arc::new(Schema::new(vec![
            Field::new("cohort", DataType::Utf8, false),
            Field::new("customers", DataType::Int64, false),
            Field::new("months_on_book", DataType::Int64, false),
            Field::new("bad", DataType::Int64, false),
            Field::new("bad_rate", DataType::Float64, false),
        ]));
        let columns: Vec<ArrayRef> = vec![
            Arc::new(StringArray::from_iter_values(cells.iter().map(|cell| &cell.cohort))),
            Arc::new(Int64Array::from_iter_values(cells.iter().map(|cell| cell.customers as i64))),
            Arc::new(Int64Array::from_iter_values(cells.iter().map(|cell| i64::from(cell.months_on_book)))),
            Arc::new(Int64Array::from_iter_values(cells.iter().map(|cell| cell.bad as i64))),
            Arc::new(Float64Array::from_iter_values(cells.iter().map(|cell| cell.bad_rate))),
        ];
        batch(&schema, columns)
    }
}

impl RollRates {
    /// The table: `month`, `from`, `to`, `customers`, and `share` of those who were in `from`; missing where nobody was.
    ///
    /// # Errors
    /// None in practice: the columns are as long as each other.
    pub fn batch(&self) -> Result<RecordBatch, Error> {
        let months = self.by_month();
        let pairs = || (0..BUCKETS.len()).flat_map(|from| (0..BUCKETS.len()).map(move |to| (from, to)));
        let rows: Vec<(&str, usize, usize, u64, u64)> = months
            .iter()
            .flat_map(|(month, moves)| {
                pairs()
                    .map(|(from, to)| (month.as_str(), from, to, moves[from][to], moves[from].iter().sum()))
            })
            .collect();
        let schema = Arc::new(Schema::new(vec![
            Field::new("month", DataType::Utf8, false),
            Field::new("from", DataType::Utf8, false),
            Field::new("to", DataType::Utf8, false),
            Field::new("customers", DataType::Int64, false),
            Field::new("share", DataType::Float64, true),
        ]));
        let columns: Vec<ArrayRef> = vec![
            Arc::new(StringArray::from_iter_values(rows.iter().map(|row| row.0))),
            Arc::new(StringArray::from_iter_values(rows.iter().map(|row| BUCKETS[row.1]))),
            Arc::new(StringArray::from_iter_values(rows.iter().map(|row| BUCKETS[row.2]))),
            Arc::new(Int64Array::from_iter_values(rows.iter().map(|row| row.3 as i64))),
            Arc::new(
                rows.iter()
                    .map(|row| (row.4 > 0).then(|| row.3 as f64 / row.4 as f64))
                    .collect::<Float64Array>(),
            ),
        ];
        batch(&schema, columns)
    }
}

fn batch(schema: &SchemaRef, columns: Vec<ArrayRef>) -> Result<RecordBatch, Error> {
    Ok(RecordBatch::try_new(Arc::clone(schema), columns).map_err(DataError::from)?)
}
