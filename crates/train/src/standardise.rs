//! Mean and standard deviation of a number field.

use crate::rows::Rows;
use arrears_model::transform::Transform;

/// The standardising transform of a number field: population mean and standard deviation, by weight, of the
/// training rows that have a number. `None` where fewer than two values differ.
pub fn standardise(rows: &Rows<'_>, field: usize) -> Option<Transform> {
    let (center, scale) = mean_and_deviation(&rows.weighted_numbers(field))?;
    Some(Transform::Standardise { field, center, scale })
}

/// Population mean and standard deviation of (number, weight above 0). `None` where fewer than two values differ.
pub(crate) fn mean_and_deviation(numbers: &[(f64, f64)]) -> Option<(f64, f64)> {
    let n = numbers.iter().map(|(_, w)| w).sum::<f64>();
    // Two passes: the one-pass formula loses all digits on numbers that are large and close together.
    let center = numbers.iter().map(|(x, w)| w * (x / n)).sum::<f64>();
    let largest = numbers.iter().map(|(x, _)| (x - center).abs()).fold(0.0, f64::max);
    if largest == 0.0 || !largest.is_finite() {
        return None;
    }
    // Measured in units of the largest deviation, so that squares cannot overflow.
    let squares = numbers.iter().map(|(x, w)| w * ((x - center) / largest) * ((x - center) / largest));
    let scale = largest * (squares.sum::<f64>() / n).sqrt();
    Some((center, scale))
}
