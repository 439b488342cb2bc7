//! What no engine can fit is refused here, before the engine sees it.

use super::EngineError;
use ndarray::Array2;

/// The largest root mean square of a column where scale matters; 1 when standardised. Far above it the line
/// search of linfa-logistic may run for ever and that of smartcore panic; below it neither has been seen,
/// and no value is so large that smartcore's k-means could fail to part two neighbouring floats.
pub(crate) const SCALE_LIMIT: f64 = 10.0;

/// Both classes present, one label a row.
pub(super) fn check_labels(records: &Array2<f64>, bad: &[bool]) -> Result<(), EngineError> {
    let rows = records.nrows();
    if bad.len() != rows {
        return Err(EngineError::Labels { rows, labels: bad.len() });
    }
    let bads = bad.iter().filter(|&&b| b).count();
    if bads == 0 || bads == rows {
        return Err(EngineError::OneClass { bad: bads, rows });
    }
    Ok(())
}

/// At least one row and column, all values finite.
pub(super) fn check_finite(records: &Array2<f64>) -> Result<(), EngineError> {
    if records.is_empty() {
        return Err(EngineError::Empty { rows: records.nrows(), columns: records.ncols() });
    }
    match records.indexed_iter().find(|(_, value)| !value.is_finite()) {
        Some(((row, column), &value)) => Err(EngineError::NotFinite { row, column, value }),
        None => Ok(()),
    }
}

/// [`check_finite`], and every column on the scale on which distances and gradients mean something.
pub(super) fn check_scaled(records: &Array2<f64>) -> Result<(), EngineError> {
    check_finite(records)?;
    for (column, values) in records.columns().into_iter().enumerate() {
        let size = (values.iter().map(|value| value * value).sum::<f64>() / values.len() as f64).sqrt();
        if size > SCALE_LIMIT {
            return Err(EngineError::Unscaled { column, size, limit: SCALE_LIMIT });
        }
    }
    Ok(())
}

/// A parameter is in its range, or the error that says which range that is.
pub(super) fn check_parameter(
    name: &'static str,
    value: impl std::fmt::Display,
    in_range: bool,
    expected: &'static str,
) -> Result<(), EngineError> {
    if in_range { Ok(()) } else { Err(EngineError::Parameter { name, value: value.to_string(), expected }) }
}
