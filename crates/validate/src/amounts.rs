//! How near predicted amounts come to what happened.

use crate::bands::band_ends;
use arrears_model::interval::mean_interval;
use serde::Serialize;

use crate::{Error, inputs};

/// Predicted against actual amounts, in their own unit where nothing else is said. Errors are predicted - actual, so
/// above 0 too much was expected.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Amounts {
    /// Mean absolute error.
    pub mae: f64,
    /// Root of the mean squared error.
    pub rmse: f64,
    /// Share of the variance explained, `1 - sum of squared errors / sum of squares about the mean`: 1 at best, 0 for the mean
    /// alone, below 0 for worse. `None` where all actual amounts are equal.
    pub r2: Option<f64>,
    /// Spearman's rank correlation, equal amounts with their mean rank. `None` where all predicted or all actual amounts
    /// are equal.
    pub spearman: Option<f64>,
    /// Mean error: the bias.
    pub mean_error: f64,
    /// Its 95 % interval by Student's t; `None` with one row.
    pub mean_error_interval: Option<(f64, f64)>,
    /// Mean predicted amount.
    pub mean_predicted: f64,
    /// Mean actual amount.
    pub mean_actual: f64,
    /// Standard deviation of the actual amounts (n - 1 below); `None` with one row.
    pub deviation: Option<f64>,
    /// Sum of the predicted amounts.
    pub total_predicted: f64,
    /// Sum of the actual amounts.
    pub total_actual: f64,
    /// `total_predicted / total_actual`; `None` where the actual total is not above 0.
    pub total_ratio: Option<f64>,
    /// The same errors if every row had the mean of the model's training rows.
    pub mean_alone: MeanAlone,
    /// Predicted against actual amounts, highest predicted first.
    pub bands: Vec<AmountBand>,
}

/// The errors of one amount for all rows.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct MeanAlone {
    /// That amount.
    pub amount: f64,
    /// Mean absolute error.
    pub mae: f64,
    /// Root of the mean squared error.
    pub rmse: f64,
}

/// Rows of about equal predicted amounts.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct AmountBand {
    /// Number of the band, from 1 for the highest predicted amounts.
    pub band: usize,
    /// Rows in the band; never 0.
    pub rows: u64,
    /// Lowest predicted amount.
    pub lowest: f64,
    /// Highest predicted amount.
    pub highest: f64,
    /// Mean predicted amount.
    pub mean_predicted: f64,
    /// Mean actual amount.
    pub mean_actual: f64,
    /// 95 % interval of the mean actual amount by Student's t; `None` with one row.
    pub interval: Option<(f64, f64)>,
    /// Actual amounts of this band and the higher ones as a share of the actual total; `None` where an actual amount is
    /// below 0 or the total is 0.
    pub cumulative_share: Option<f64>,
}

/// Compares `predicted` with `actual` amounts, row by row; `mean_alone`: the amount that a model without any variable
/// would predict.
///
/// At most `bands` bands of about equal rows; equal predicted amounts are never parted, and bands end where those of pds do: a
/// model with no more amounts than bands has one for each, else band k ends at the nearer end of the tie that holds row number
/// `k x rows / bands` (rounded up).
///
/// # Errors
/// The slices are empty or differ in length, an amount is not finite, or `bands` is 0.
pub fn amounts(actual: &[f64], predicted: &[f64], mean_alone: f64, bands: usize) -> Result<Amounts, Error> {
    inputs::one_a_row("predicted", actual.len(), predicted)?;
    for (what, amounts) in [("actual", actual), ("predicted", predicted)] {
        if let Some(row) = amounts.iter().position(|amount| !amount.is_finite()) {
            return Err(Error::Value { what, row, value: amounts[row], expected: "a finite number" });
        }
    }
    if bands == 0 {
        return Err(Error::Parameter { name: "bands", value: 0.0, expected: "at least 1" });
    }
    let rows = actual.len() as f64;
    let errors: Vec<f64> = predicted.iter().zip(actual).map(|(p, a)| p - a).collect();
    let (total_predicted, total_actual) = (predicted.iter().sum::<f64>(), actual.iter().sum::<f64>());
    let (mae, rmse) = sizes(&errors);
    let mean_actual = total_actual / rows;
    let squares = squares_about(actual, mean_actual);
    let varied = actual.iter().any(|amount| *amount != actual[0]);
    let of_mean: Vec<f64> = actual.iter().map(|a| mean_alone - a).collect();
    let (mean_alone_mae, mean_alone_rmse) = sizes(&of_mean);
    let mean_error = errors.iter().sum::<f64>() / rows;
    let deviation = |values: &[f64], mean: f64| {
        (values.len() > 1).then(|| (squares_about(values, mean) / (rows - 1.0)).sqrt())
    };
    Ok(Amounts {
        mae,
        rmse,
        r2: varied.then(|| 1.0 - rmse * rmse * rows / squares),
        spearman: spearman(actual, predicted),
        mean_error,
        mean_error_interval: deviation(&errors, mean_error)
            .map(|deviation| mean_interval(errors.len() as u64, mean_error, deviation)),
        mean_predicted: total_predicted / rows,
        mean_actual,
        deviation: deviation(actual, mean_actual),
        total_predicted,
        total_actual,
        total_ratio: (total_actual > 0.0).then(|| total_predicted / total_actual),
        mean_alone: MeanAlone { amount: mean_alone, mae: mean_alone_mae, rmse: mean_alone_rmse },
        bands: cut(actual, predicted, bands),
    })
}

/// Mean absolute and root mean squared size.
fn sizes(errors: &[f64]) -> (f64, f64) {
    let rows = errors.len() as f64;
    let absolute: f64 = errors.iter().map(|e| e.abs()).sum();
    let squares: f64 = errors.iter().map(|e| e * e).sum();
    (absolute / rows, (squares / rows).sqrt())
}

fn squares_about(values: &[f64], mean: f64) -> f64 {
    values.iter().map(|x| (x - mean) * (x - mean)).sum()
}

/// The correlation of the ranks; `None` where one side is all ties.
fn spearman(actual: &[f64], predicted: &[f64]) -> Option<f64> {
    let (a, b) = (ranks(actual), ranks(predicted));
    // Ranks add up to the same with and without ties.
    let mean = (actual.len() as f64 + 1.0) / 2.0;
    let product: f64 = a.iter().zip(&b).map(|(a, b)| (a - mean) * (b - mean)).sum();
    let spread = squares_about(&a, mean).sqrt() * squares_about(&b, mean).sqrt();
    (spread > 0.0).then(|| (product / spread).clamp(-1.0, 1.0))
}

/// The rank of each value, from 1; equal ones share the mean of theirs.
fn ranks(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|a, b| values[*a].total_cmp(&values[*b]));
    let mut ranks = vec![0.0; values.len()];
    let mut first = 0;
    for tie in order.chunk_by(|a, b| values[*a] == values[*b]) {
        let rank = first as f64 + (tie.len() as f64 + 1.0) / 2.0;
        tie.iter().for_each(|row| ranks[*row] = rank);
        first += tie.len();
    }
    ranks
}

fn cut(actual: &[f64], predicted: &[f64], bands: usize) -> Vec<AmountBand> {
    let total: f64 = actual.iter().sum();
    let parts = total > 0.0 && actual.iter().all(|amount| *amount >= 0.0);
    let mut order: Vec<usize> = (0..actual.len()).collect();
    // A stable sort keeps rows of equal amounts in their order.
    order.sort_by(|a, b| predicted[*b].total_cmp(&predicted[*a]));
    let (mut table, mut start, mut sum) = (Vec::new(), 0, 0.0);
    let descending: Vec<f64> = order.iter().map(|row| predicted[*row]).collect();
    for end in ends(&descending, bands) {
        let members = &order[start..end];
        let own: Vec<f64> = members.iter().map(|row| actual[*row]).collect();
        let count = own.len() as f64;
        let own_total: f64 = own.iter().sum();
        sum += own_total;
        let mean_actual = own_total / count;
        let deviation = (own.len() > 1).then(|| (squares_about(&own, mean_actual) / (count - 1.0)).sqrt());
        table.push(AmountBand {
            band: table.len() + 1,
            rows: own.len() as u64,
            lowest: descending[end - 1],
            highest: predicted[members[0]],
            mean_predicted: members.iter().map(|row| predicted[*row]).sum::<f64>() / count,
            mean_actual,
            interval: deviation.map(|deviation| mean_interval(own.len() as u64, mean_actual, deviation)),
            cumulative_share: parts.then(|| (sum / total).min(1.0)),
        });
        start = end;
    }
    table
}

/// Where bands end, by row: rows of one amount are never parted.
fn ends(descending: &[f64], bands: usize) -> Vec<usize> {
    let ties: Vec<u64> = descending.chunk_by(|a, b| a == b).map(|tie| tie.len() as u64).collect();
    let row = |tie: usize| ties[..tie].iter().sum::<u64>() as usize;
    band_ends(&ties, bands).into_iter().map(row).collect()
}
