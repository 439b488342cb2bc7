//! Whether a pd of 10 % means that one row in ten turns bad.

use arrears_model::interval::wilson;
use serde::Serialize;

use crate::{Error, Ranked, inputs, normal_quantile};

/// One band of predicted pd beside what happened. All rates are from 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct CalibrationBand {
    /// Number of the band, from 1 for the riskiest.
    pub band: usize,
    /// Rows in the band; never 0.
    pub rows: u64,
    /// Bad rows in the band.
    pub bads: u64,
    /// Mean predicted pd.
    pub mean_pd: f64,
    /// Observed bad rate, `bads / rows`.
    pub bad_rate: f64,
    /// Lower end of the Wilson interval of the bad rate.
    pub lower: f64,
    /// Upper end of the Wilson interval of the bad rate.
    pub upper: f64,
}

/// Predicted and observed bad rates, band by band and over all.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Calibration {
    /// The bands, riskiest first: the same cuts as a gains table over the same pds.
    pub bands: Vec<CalibrationBand>,
    /// Mean predicted pd of all rows.
    pub mean_pd: f64,
    /// Observed bad rate of all rows.
    pub bad_rate: f64,
    /// Expected calibration error: the mean over rows of | mean pd - bad rate | of the row's band.
    pub expected_error: f64,
    /// The largest | mean pd - bad rate | of a band.
    pub largest_error: f64,
    /// Confidence level of the Wilson intervals.
    pub level: f64,
}

/// Compares predicted and observed bad rates in at most `bands` bands of about equal rows.
///
/// `by_pd` must be ranked by the pd itself. Ties stay together, as in [`gains`](crate::gains).
///
/// # Errors
/// `bands` is 0, `level` is not strictly between 0 and 1, or `by_pd` holds a risk outside [0, 1].
pub fn calibration(by_pd: &Ranked, bands: usize, level: f64) -> Result<Calibration, Error> {
    inputs::level(level)?;
    if let Some(rank) = by_pd.ties().iter().position(|tie| !(0.0..=1.0).contains(&tie.risk)) {
        let value = by_pd.ties()[rank].risk;
        return Err(Error::Parameter { name: "risk", value, expected: "ranking by a pd from 0 to 1" });
    }
    let z = normal_quantile(0.5 + level / 2.0);
    let (mut all_pd, mut weighted_gap, mut largest_error) = (0.0, 0.0, 0.0f64);
    let mut table = Vec::new();
    for (index, band) in by_pd.bands(bands)?.into_iter().enumerate() {
        let rows: u64 = band.iter().map(|tie| tie.rows()).sum();
        let bads: u64 = band.iter().map(|tie| tie.bads).sum();
        let pd: f64 = band.iter().map(|tie| tie.risk * tie.rows() as f64).sum();
        let (mean_pd, bad_rate) = (pd / rows as f64, bads as f64 / rows as f64);
        let gap = (mean_pd - bad_rate).abs();
        all_pd += pd;
        weighted_gap += gap * rows as f64;
        largest_error = largest_error.max(gap);
        // A band has rows.
        let (lower, upper) = wilson(bads, rows, z).unwrap_or((0.0, 1.0));
        table.push(CalibrationBand { band: index + 1, rows, bads, mean_pd, bad_rate, lower, upper });
    }
    let rows = by_pd.rows() as f64;
    Ok(Calibration {
        bands: table,
        mean_pd: all_pd / rows,
        bad_rate: by_pd.bads() as f64 / rows,
        expected_error: weighted_gap / rows,
        largest_error,
        level,
    })
}
