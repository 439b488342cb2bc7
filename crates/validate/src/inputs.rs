//! The door: lengths, ranges and NaN are checked here, once, before anything is measured.

use crate::Error;

/// Checks that `values` has one value for each of `rows` rows, and that there are rows.
pub(crate) fn one_a_row<T>(what: &'static str, rows: usize, values: &[T]) -> Result<(), Error> {
    if values.len() != rows {
        return Err(Error::Length { what, expected: rows, found: values.len() });
    }
    if rows == 0 {
        return Err(Error::Empty { what });
    }
    Ok(())
}

/// Checks that `pd` holds one probability in [0, 1] for each outcome in `bad`.
pub(crate) fn probabilities(bad: &[bool], pd: &[f64]) -> Result<(), Error> {
    one_a_row("pd", bad.len(), pd)?;
    match pd.iter().position(|p| !(0.0..=1.0).contains(p)) {
        Some(row) => {
            Err(Error::Value { what: "pd", row, value: pd[row], expected: "a probability from 0 to 1" })
        }
        None => Ok(()),
    }
}

/// Checks that a confidence level lies strictly between 0 and 1.
pub(crate) fn level(level: f64) -> Result<(), Error> {
    if level > 0.0 && level < 1.0 {
        return Ok(());
    }
    Err(Error::Parameter {
        name: "level",
        value: level,
        expected: "a share strictly between 0 and 1, say 0.95",
    })
}
