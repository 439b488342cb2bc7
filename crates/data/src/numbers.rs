//! Columns that are numbers whatever the schema says: a weight a row, and an outcome that is an amount.

use crate::cleaning_report::DropReason;
use crate::error::DataError;
use crate::infer::{ColumnType, Inferred, infer};
use crate::preparation::Preparation;
use crate::table::{ColumnRef, Table, present};
use arrears_model::schema::stands_for_missing;
use arrears_model::value::Value;
use std::collections::BTreeSet;

/// The number of each row of a column, or why the row has none.
pub(crate) type RowNumbers = Vec<Result<f64, DropReason>>;

/// Whether the target is an amount rather than two labels: its column holds finite numbers only, more than
/// two different ones, and the recipe names no label for bad.
///
/// # Errors
/// [`DataError::MissingColumn`] without the target column.
pub fn has_number_target(table: &Table, preparation: &Preparation) -> Result<bool, DataError> {
    let data = &preparation.data;
    let (Some(target), None) = (&data.target, &data.positive) else { return Ok(false) };
    let (column, missing) = (table.require(target)?, preparation.missing());
    let mut different = BTreeSet::new();
    for row in 0..table.rows() {
        match number(column, row, &missing) {
            Some(Ok(x)) if different.len() < 3 => drop(different.insert(x.to_bits())),
            Some(Ok(_)) | None => {}
            Some(Err(_)) => return Ok(false),
        }
    }
    Ok(different.len() > 2)
}

/// The outcome of each row as a number.
///
/// # Errors
/// Where there is no such column, or no number in it.
pub(crate) fn amounts(table: &Table, column: &str, missing: &[String]) -> Result<RowNumbers, DataError> {
    let values = table.require(column)?;
    let amount = |row| number(values, row, missing).unwrap_or(Err(DropReason::MissingTarget));
    let amounts: RowNumbers = (0..table.rows()).map(amount).collect();
    if amounts.iter().any(Result::is_ok) {
        return Ok(amounts);
    }
    let inferred = infer(table, missing).into_iter().find(|inferred| inferred.column == column);
    let mend = match inferred {
        Some(Inferred { note: Some(note), .. }) => note,
        Some(Inferred { kind: ColumnType::Date, .. }) => "it holds dates".to_owned(),
        _ => "labels of good and bad are for a scorecard, logistic or tree".to_owned(),
    };
    let problem = format!("no row has a finite number, which an amount must be; {mend}");
    Err(DataError::Target { column: column.to_owned(), problem })
}

/// The weight of each row: a finite number, 0 or more.
pub(crate) fn weights(table: &Table, column: &str, missing: &[String]) -> Result<RowNumbers, DataError> {
    let values = table.require(column)?;
    let weight = |row| match number(values, row, missing).unwrap_or(Err(DropReason::MissingWeight)) {
        Ok(weight) if weight < 0.0 => Err(DropReason::NegativeWeight),
        weight => weight,
    };
    Ok((0..table.rows()).map(weight).collect())
}

/// The finite number in a row of a column, as an amount is read; `None` where there is none.
pub fn number_of(column: ColumnRef<'_>, row: usize, missing: &[String]) -> Option<f64> {
    number(column, row, missing)?.ok()
}

/// The finite number in a cell; `None` where the cell is missing. Zero has one sign.
fn number(column: ColumnRef<'_>, row: usize, missing: &[String]) -> Option<Result<f64, DropReason>> {
    let number = match column.value(row) {
        Value::Missing => return None,
        Value::Number(x) if x.is_nan() || stands_for_missing(missing, x) => return None,
        Value::Number(x) => Some(x),
        Value::Text(text) => present(text, missing)?.parse().ok(),
    };
    Some(match number {
        Some(x) if x.is_finite() => Ok(x + 0.0),
        Some(_) => Err(DropReason::NotFinite),
        None => Err(DropReason::NotANumber),
    })
}
