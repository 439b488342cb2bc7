//! From columns to coordinates: the numbers that distances between customers are made of.

use super::section::{KmeansSection, Scaling};
use crate::engine::SCALE_LIMIT;
use crate::error::TrainError;
use crate::fitted::VariableReport;
use crate::rows::Rows;
use crate::selection::edits;
use crate::standardise::mean_and_deviation;
use arrears_model::Kind;
use arrears_model::transform::{Transform, signed_log};
use ndarray::{Array2, ShapeBuilder};
use std::f64::consts::SQRT_2;

/// Interquartile range of a normal distribution, in standard deviations.
const NORMAL_IQR: f64 = 1.349;
/// The transforms of all columns that vary, and what became of each column.
pub(crate) struct Coordinates {
    pub(crate) transforms: Vec<Transform>,
    pub(crate) variables: Vec<VariableReport>,
}

/// Numbers are scaled (missing and special codes stand at the centre). A category gives one indicator for each
/// category, divided by the square root of 2, so that two customers who differ in it lie one standard deviation apart.
///
/// # Errors
/// When no column varies, a name in `log` is no number column, or robust scaling leaves values too far out.
pub(crate) fn coordinates(rows: &Rows<'_>, section: &KmeansSection) -> Result<Coordinates, TrainError> {
    check_log(rows, &section.log)?;
    let scaling = section.scaling.unwrap_or_default();
    let (mut transforms, mut variables) = (Vec::new(), Vec::new());
    for field in 0..rows.schema.fields.len() {
        let name = &rows.field(field).name;
        let log = section.log.contains(name);
        let mut reason = "a single value: it says nothing".to_owned();
        let before = transforms.len();
        match &rows.field(field).kind {
            Kind::Number { .. } => {
                if let Some((transform, how)) = scale(rows, field, scaling, log)? {
                    transforms.push(transform);
                    reason = how.to_owned();
                }
            }
            Kind::Category { categories, .. } if categories.len() > 1 => {
                let one = |category| Transform::Indicator { field, category, scale: SQRT_2 };
                transforms.extend((0..categories.len()).map(one));
                reason = "used".to_owned();
            }
            Kind::Category { .. } => {}
        }
        let kept = transforms.len() > before;
        variables.push(VariableReport { variable: name.clone(), kept, iv: None, reason });
    }
    if transforms.is_empty() {
        return Err(TrainError::NoFeatures("every column holds a single value".to_owned()));
    }
    Ok(Coordinates { transforms, variables })
}

/// Chosen rows x coordinates, column by column, as the native engine reads them.
pub(crate) fn points(rows: &Rows<'_>, transforms: &[Transform], chosen: &[usize]) -> Array2<f64> {
    Array2::from_shape_fn((chosen.len(), transforms.len()).f(), |(row, column)| {
        let transform = &transforms[column];
        transform.number(rows.cell(chosen[row], transform.field()))
    })
}

fn check_log(rows: &Rows<'_>, log: &[String]) -> Result<(), TrainError> {
    for name in log {
        let Some(field) = rows.schema.fields.iter().find(|field| field.name == *name) else {
            let names = rows.schema.fields.iter().map(|field| &field.name);
            let closest = names.min_by_key(|known| edits(name, known)).cloned().unwrap_or_default();
            let name = name.clone();
            return Err(TrainError::UnknownVariable { section: "kmeans", key: "log", name, closest });
        };
        if matches!(field.kind, Kind::Category { .. }) {
            return Err(TrainError::Parameter {
                section: "kmeans",
                key: "log",
                value: name.clone(),
                expected: "columns of numbers; this one is a category",
            });
        }
    }
    Ok(())
}

/// The scaling transform of a number field, and how it is used in a few words; `None` where no two values differ.
fn scale(
    rows: &Rows<'_>,
    field: usize,
    scaling: Scaling,
    log: bool,
) -> Result<Option<(Transform, &'static str)>, TrainError> {
    let mut numbers = rows.numbers(field);
    if log {
        numbers.iter_mut().for_each(|x| *x = signed_log(*x));
    }
    let weighted: Vec<(f64, f64)> = numbers.iter().map(|x| (*x, 1.0)).collect();
    let Some((mean, deviation)) = mean_and_deviation(&weighted) else { return Ok(None) };
    let (center, scale, how) = match (scaling, log) {
        (Scaling::Standard, false) => (mean, deviation, "used"),
        (Scaling::Standard, true) => (mean, deviation, "used, its logarithm"),
        (Scaling::Robust, log) => {
            numbers.sort_by(f64::total_cmp);
            let [low, median, high] = [0.25, 0.5, 0.75].map(|share| quantile(&numbers, share));
            let spread = (high - low) / NORMAL_IQR;
            match (spread > 0.0 && spread.is_finite(), log) {
                (true, false) => (median, spread, "used"),
                (true, true) => (median, spread, "used, its logarithm"),
                (false, _) => (
                    median,
                    deviation,
                    "used; half of its values are alike: scaled by its standard deviation",
                ),
            }
        }
    };
    let transform = match log {
        false => Transform::Standardise { field, center, scale },
        true => Transform::LogStandardise { field, center, scale },
    };
    let squares = numbers.iter().map(|x| ((x - center) / scale) * ((x - center) / scale)).sum::<f64>();
    let size = (squares / rows.len() as f64).sqrt();
    // Engines refuse it too, but do not know the column's name.
    if size > SCALE_LIMIT {
        return Err(TrainError::FarValues { column: rows.field(field).name.clone(), size });
    }
    Ok(Some((transform, how)))
}

/// The value below which `share` of the ascending numbers lie, with straight lines between neighbours
/// (type 7 of Hyndman and Fan 1996).
fn quantile(ascending: &[f64], share: f64) -> f64 {
    let at = share * (ascending.len() - 1) as f64;
    let (low, part) = (at.floor() as usize, at.fract());
    let high = (low + 1).min(ascending.len() - 1);
    ascending[low] * (1.0 - part) + ascending[high] * part
}

#[cfg(test)]
mod tests {
    use super::quantile;

    /// numpy.quantile([1, 2, 4, 8], [0, .25, .5, .75, 1]) and of a single number.
    #[test]
    fn quantiles_are_those_of_numpy() {
        let found = [0.0, 0.25, 0.5, 0.75, 1.0].map(|share| quantile(&[1.0, 2.0, 4.0, 8.0], share));
        assert_eq!(found, [1.0, 1.75, 3.0, 5.0, 8.0]);
        assert_eq!(quantile(&[3.0], 0.75), 3.0);
    }
}
