//! Counts of what becomes of rows, while they are read.

use crate::clean::report::{Cause, CleaningReport, TableReport};
use crate::config::{Config, Foreign};
use crate::read::verdicts::Fates;
use crate::times::Suggestions;
use crate::{Error, EventKind};
use std::collections::BTreeMap;

/// Rows that repeat another in all mapped columns.
pub(crate) const SAME_ROW: &str = "the same row was there already";

/// One same row in so many is a sign that rows are told apart by a column that is not mapped.
const MANY_SAME: u64 = 100;

/// Examples of a cause.
const EXAMPLES: usize = 3;

/// A row that is left out, as the rejects file has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rejected {
    /// The table.
    pub table: &'static str,
    /// The file; empty where rows were put together by customer before.
    pub file: String,
    /// Line of the file, from 1 (a CSV header is line 1); row of Parquet, from 1; 0 where it is no longer known.
    pub line: u64,
    /// The customer, where the row was put to its customer before.
    pub customer: String,
    /// The column of events at fault, where it is one.
    pub column: String,
    /// What stood there; the time of the row where no column is at fault.
    pub value: String,
    /// What was expected.
    pub why: String,
}

/// Takes rows that are left out.
pub type Sink = Box<dyn FnMut(Rejected) -> Result<(), Error> + Send>;

/// What becomes of all rows.
pub(crate) struct Ledger {
    tables: Vec<Table>,
    customers: u64,
    currency: String,
    foreign: Foreign,
    sink: Option<Sink>,
}

struct Table {
    kind: EventKind,
    report: TableReport,
    left_out: BTreeMap<String, Cause>,
    noted: BTreeMap<String, Cause>,
    foreign: BTreeMap<String, u64>,
    suggestions: Suggestions,
}

/// What becomes of the rows of some customers, once those are put together.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    /// Customers with at least one row that is used.
    pub(crate) customers: u64,
    /// Rows that are left out: table, customer, column, value, why.
    pub(crate) left_out: Vec<LeftOut>,
    /// What is noted, by table.
    pub(crate) noted: BTreeMap<(usize, &'static str), u64>,
}

/// A row that is left out for what others of its customer say.
#[derive(Clone, Debug)]
pub(crate) struct LeftOut {
    pub(crate) table: usize,
    pub(crate) customer: String,
    pub(crate) column: &'static str,
    pub(crate) value: String,
    pub(crate) why: &'static str,
}

impl Ledger {
    pub(crate) fn new(config: &Config, sink: Option<Sink>) -> Ledger {
        let table = |table: &crate::config::TableMapping| Table {
            kind: table.kind,
            report: TableReport {
                table: table.kind.name().to_owned(),
                files: table.files.iter().map(|path| path.display().to_string()).collect(),
                ..TableReport::default()
            },
            left_out: BTreeMap::new(),
            noted: BTreeMap::new(),
            foreign: BTreeMap::new(),
            suggestions: Suggestions::default(),
        };
        Ledger {
            tables: config.tables.iter().map(table).collect(),
            customers: 0,
            currency: config.currency.clone(),
            foreign: config.clean.foreign_currency,
            sink,
        }
    }

    /// Counts the rows of a part of a file.
    pub(crate) fn converted(&mut self, table: usize, file: &str, fates: &Fates) -> Result<(), Error> {
        let counted = &mut self.tables[table];
        counted.report.read += fates.read;
        counted.report.filtered += fates.filtered;
        counted.report.used += fates.used;
        for (currency, rows) in &fates.foreign {
            *counted.foreign.entry(currency.clone()).or_default() += rows;
        }
        for (what, rows) in &fates.noted {
            counted.noted.entry((*what).to_owned()).or_default().rows += rows;
        }
        for refused in &fates.refused {
            let (column, why) = (&refused.column, &refused.why);
            if let Some(formats) = why.strip_prefix("expected a time by ") {
                counted.suggestions.refused(&refused.value, formats != "iso");
            }
            let cause = if column.is_empty() { why.clone() } else { format!("{column}: {why}") };
            let cause = counted.left_out.entry(cause).or_default();
            cause.rows += 1;
            if cause.examples.len() < EXAMPLES {
                let value =
                    if refused.value.is_empty() { String::new() } else { format!(" `{}`", refused.value) };
                cause.examples.push(format!("{file} line {}{value}", refused.line));
            }
            if let Some(sink) = &mut self.sink {
                sink(Rejected {
                    table: counted.kind.name(),
                    file: file.to_owned(),
                    line: refused.line,
                    customer: String::new(),
                    column: column.clone(),
                    value: refused.value.clone(),
                    why: why.clone(),
                })?;
            }
        }
        Ok(())
    }

    /// Counts what became of the rows of some customers.
    pub(crate) fn tallied(&mut self, tally: Tally) -> Result<(), Error> {
        self.customers += tally.customers;
        for ((table, what), rows) in tally.noted {
            self.tables[table].noted.entry(what.to_owned()).or_default().rows += rows;
        }
        for row in tally.left_out {
            let table = &mut self.tables[row.table];
            table.report.used -= 1;
            let cause = table.left_out.entry(row.why.to_owned()).or_default();
            cause.rows += 1;
            if cause.examples.len() < EXAMPLES {
                cause.examples.push(format!("customer {}, {} {}", row.customer, row.column, row.value));
            }
            if let Some(sink) = &mut self.sink {
                sink(Rejected {
                    table: table.kind.name(),
                    file: String::new(),
                    line: 0,
                    customer: row.customer,
                    column: row.column.to_owned(),
                    value: row.value,
                    why: row.why.to_owned(),
                })?;
            }
        }
        Ok(())
    }

    /// A note on a table.
    pub(crate) fn note(&mut self, table: usize, note: &str) {
        self.tables[table].report.notes.push(note.to_owned());
    }

    /// The report.
    ///
    /// # Errors
    /// Amounts in other currencies, where they are refused; a table of whose rows none can be used.
    pub(crate) fn finish(self) -> Result<CleaningReport, Error> {
        let mut report = CleaningReport { customers: self.customers, tables: Vec::new() };
        for mut table in self.tables {
            table.check_currencies(self.foreign, &self.currency)?;
            table.note_same_rows();
            let mut causes: Vec<Cause> = causes(std::mem::take(&mut table.left_out));
            let by_currency = |(currency, rows): (String, u64)| Cause {
                why: match currency.as_str() {
                    "" => "no currency is given".to_owned(),
                    other => format!("amounts in {other}"),
                },
                rows,
                examples: Vec::new(),
            };
            causes.extend(table.foreign.into_iter().map(by_currency));
            table.report.notes.extend(table.suggestions.text());
            let TableReport { read, filtered, used, .. } = table.report;
            if used == 0 && read > filtered && causes.iter().any(|cause| cause.rows > 0) {
                let most = causes.iter().max_by_key(|cause| cause.rows).cloned().unwrap_or_default();
                let notes = table.report.notes.iter().map(|note| format!("; {note}")).collect::<String>();
                let why =
                    format!("{} of them: {} ({}){notes}", most.rows, most.why, most.examples.join("; "));
                return Err(Error::NoRows { table: table.kind.name(), rows: read - filtered, why });
            }
            table.report.left_out = causes;
            table.report.noted = self::causes(table.noted);
            report.tables.push(table.report);
        }
        Ok(report)
    }
}

impl Table {
    /// Many rows that are the same are seldom the same event.
    fn note_same_rows(&mut self) {
        let same = self.left_out.get(SAME_ROW).map_or(0, |cause| cause.rows);
        if same * MANY_SAME > self.report.used + same {
            self.report.notes.push(format!(
                "{same} rows are the same as another in all mapped columns: where they are events of their own, map what tells them apart (an id, \
                 a product), or say duplicates = \"keep\""
            ));
        }
    }

    fn check_currencies(&mut self, foreign: Foreign, declared: &str) -> Result<(), Error> {
        if foreign == Foreign::Drop || self.foreign.is_empty() {
            return Ok(());
        }
        let found = self.foreign.iter().map(|(currency, rows)| match currency.as_str() {
            "" => format!("none ({rows} rows)"),
            other => format!("{other} ({rows} rows)"),
        });
        let found = found.collect::<Vec<_>>().join(", ");
        Err(Error::Currencies { table: self.kind.name(), found, declared: declared.to_owned() })
    }
}

/// Causes, the most frequent first; equal ones by their words.
fn causes(causes: BTreeMap<String, Cause>) -> Vec<Cause> {
    let mut causes: Vec<Cause> = causes.into_iter().map(|(why, cause)| Cause { why, ..cause }).collect();
    causes.sort_by_key(|cause| std::cmp::Reverse(cause.rows));
    causes
}
