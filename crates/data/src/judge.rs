//! What a field makes of the values of a column, where it does not take them as they stand.

use crate::error::DataError;
use crate::table::{ColumnData, ColumnRef, Table};
use arrears_model::schema::{Field, missing_numbers};
use arrears_model::value::{FlagKind, RefusalKind, Value};
use arrow::array::Array;
use rayon::prelude::*;

/// A row whose value was not taken as it stood: changed, or refused.
pub(crate) type Verdict = (usize, Result<FlagKind, RefusalKind>);

/// Judges every value of the fields' columns; for each field the rows with a verdict, ascending.
///
/// `numbers` is `table` with the number fields as numbers: whatever has become one needs no second look at its
/// text.
pub(crate) fn judge(
    table: &Table,
    numbers: &Table,
    fields: &[&Field],
    missing: &[String],
) -> Result<Vec<Vec<Verdict>>, DataError> {
    let columns = fields.iter().map(|f| Ok((*f, table.require(&f.name)?, numbers.require(&f.name)?)));
    let columns: Vec<_> = columns.collect::<Result<_, DataError>>()?;
    let judged =
        columns.into_par_iter().map(|(field, column, numbers)| judge_field(field, column, numbers, missing));
    Ok(judged.collect())
}

fn judge_field(
    field: &Field,
    column: ColumnRef<'_>,
    numbers: ColumnRef<'_>,
    missing: &[String],
) -> Vec<Verdict> {
    let verdict = |missing: &[String], value| match field.ingest(missing, value) {
        Ok((_, flag)) => flag.map(Ok),
        Err(refusal) => Some(Err(refusal)),
    };
    let of_row = |row| Some((row, verdict(missing, column.value(row))?));
    match numbers.data() {
        ColumnData::Number(array) => {
            let missing_numbers = missing_numbers(missing);
            let plain = field.takes_numbers_as_they_are(&missing_numbers);
            let of_number = |row: usize| {
                let x = array.value(row);
                match array.is_valid(row) && x.is_finite() {
                    true if plain => None,
                    true => Some((row, verdict(&missing_numbers, Value::Number(x))?)),
                    false => of_row(row),
                }
            };
            (0..array.len()).filter_map(of_number).collect()
        }
        ColumnData::Category { codes, texts } => {
            let of_text: Vec<_> =
                texts.iter().map(|text| verdict(missing, text.map_or(Value::Missing, Value::Text))).collect();
            let of_code = |row: usize| match codes.is_valid(row) {
                true => Some((row, of_text[codes.value(row) as usize].clone()?)),
                false => of_row(row),
            };
            (0..codes.len()).filter_map(of_code).collect()
        }
        ColumnData::Text(texts) => (0..texts.len()).filter_map(of_row).collect(),
        ColumnData::Integer(integers) => (0..integers.len()).filter_map(of_row).collect(),
    }
}
