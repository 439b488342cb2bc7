//! Rows of another file, without an outcome, judged by the fields that training made.

use crate::clean::{Sieve, check_any_rows, no_rows_left};
use crate::cleaning_report::CleaningReport;
use crate::error::DataError;
use crate::judge::judge;
use crate::preparation::Duplicates;
use crate::read::Loaded;
use crate::table::Table;
use arrears_model::schema::{Field, Kind, Schema};

/// Rows that a schema takes.
#[derive(Clone, Debug)]
pub struct Admitted {
    /// The rows kept, in file order, with the columns of the schema's fields only; those of numbers as numbers.
    pub table: Table,
    /// What was dropped and changed; its `types` are empty, for the schema says what a column is.
    pub report: CleaningReport,
    /// sha256 of the file; see [`Loaded::fingerprint`].
    pub fingerprint: String,
    /// What the user should know beyond the report.
    pub notes: Vec<String>,
}

/// Cleans rows whose outcome is not known by the fields of `schema`.
///
/// A row is dropped for the first of these that holds: a field refuses its value; it repeats an earlier row that
/// stays, or the id of one, where `duplicates` says so. The file needs the columns of all fields; it may lack the
/// id. Its column of the outcome, if it has one, is not read.
///
/// # Errors
/// When the file lacks a field, or no row is left.
pub fn clean_by_schema(
    loaded: Loaded,
    schema: &Schema,
    duplicates: Duplicates,
) -> Result<Admitted, DataError> {
    let Loaded { table, unreadable, fingerprint, mut notes } = loaded;
    check_any_rows(&table, &unreadable)?;
    let has = |name: &&String| table.column(name).is_some();
    let id = schema.id.as_ref().filter(has);
    if let (Some(id), None) = (&schema.id, id) {
        notes.push(format!("there is no column `{id}`, so only whole rows are looked at for repetitions"));
    }
    if let Some(target) = schema.target.as_ref().filter(|target| has(&&target.column)) {
        notes.push(format!("column `{}` is not read: these rows count as of unknown outcome", target.column));
    }
    let table = table.coded();
    let fields: Vec<&Field> = schema.fields.iter().collect();
    let numbers = fields.iter().filter(|f| matches!(f.kind, Kind::Number { .. }));
    let numbers: Vec<&str> = numbers.map(|f| f.name.as_str()).collect();
    let numbers = table.with_numbers(&numbers, &schema.missing);
    let verdicts = judge(&table, &numbers, &fields, &schema.missing)?;
    let mut sieve = Sieve::new(&table, &schema.missing);
    sieve.drop_refused(&fields, &verdicts)?;
    let (duplicates_kept, repeated_ids_kept) =
        sieve.drop_repeated(id.map(String::as_str), None, duplicates)?;
    let rows = sieve.alive();
    let report = CleaningReport {
        read: (table.rows() + unreadable.len()) as u64,
        unreadable: unreadable.len() as u64,
        kept: rows.len() as u64,
        changed: sieve.changes(&fields, &verdicts),
        duplicates_kept,
        repeated_ids_kept,
        types: Vec::new(),
        dropped: sieve.dropped,
        unreadable_examples: unreadable.into_iter().take(3).collect(),
    };
    if rows.is_empty() {
        return Err(no_rows_left(&report));
    }
    let names: Vec<&str> = schema.fields.iter().map(|f| f.name.as_str()).collect();
    let table = numbers.select(&names).take(&rows);
    Ok(Admitted { table, report, fingerprint, notes })
}
