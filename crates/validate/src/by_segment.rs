//! What each segment's scorecard is worth on the rows measured, and what the segments alone are worth.

use arrears_model::segmented::Segmented;
use serde::Serialize;

use crate::segments::ratio;
use crate::{AucInterval, Error, Ranked, auc_interval};

/// A model with a scorecard for each segment, segment by segment.
///
/// A model may rank well over all rows only because its segments have different bad rates: then `between_auc` is as
/// high as the AUC of all rows, and `within_auc` is near one half.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct BySegment {
    /// The chance that a random bad row has a higher pd than a random good row of its own segment: the AUC over all
    /// pairs inside a segment, ties one half. `None` where no segment has both.
    pub within_auc: Option<f64>,
    /// The AUC if each row had the mean pd of its segment. `None` where all rows have one outcome.
    pub between_auc: Option<f64>,
    /// The segments, in the order of the model.
    pub segments: Vec<SegmentMeasure>,
}

/// One segment, measured. Shares and rates are from 0 to 1.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SegmentMeasure {
    /// Name of the segment.
    pub name: String,
    /// Measured rows.
    pub rows: u64,
    /// Share of all measured rows; `None` where there are none.
    pub share: Option<f64>,
    /// Share of the training rows; `None` where the model does not know.
    pub training_share: Option<f64>,
    /// Bads among the rows.
    pub bads: u64,
    /// `bads / rows`.
    pub bad_rate: Option<f64>,
    /// Mean pd.
    pub mean_pd: Option<f64>,
    /// AUC inside the segment; `None` without a bad or a good row.
    pub auc: Option<f64>,
    /// Its confidence interval; `None` with fewer than two bads or goods.
    pub auc_interval: Option<AucInterval>,
}

/// Measures each segment. `segment_of`, `bad` and `pd` have a value for each row; `level` is that of the intervals.
///
/// # Errors
/// The columns differ in length, a pd is NaN, or `level` is not strictly between 0 and 1.
pub(crate) fn by_segment(
    segmented: &Segmented,
    segment_of: &[usize],
    bad: &[bool],
    pd: &[f64],
    level: f64,
) -> Result<BySegment, Error> {
    let trained: u64 = segmented.segments.iter().map(|s| s.count).sum();
    let (mut wins, mut pairs) = (0.0, 0.0);
    let mut segments = Vec::with_capacity(segmented.segments.len());
    for (position, segment) in segmented.segments.iter().enumerate() {
        let here = || (0..bad.len()).filter(|row| segment_of[*row] == position);
        let own_bad: Vec<bool> = here().map(|row| bad[row]).collect();
        let own_pd: Vec<f64> = here().map(|row| pd[row]).collect();
        let (rows, bads) = (own_bad.len() as u64, own_bad.iter().filter(|bad| **bad).count() as u64);
        let ranked = if bads == 0 || bads == rows { None } else { Some(Ranked::new(&own_bad, &own_pd)?) };
        if let Some(ranked) = &ranked {
            let own = ranked.bads() as f64 * ranked.goods() as f64;
            wins += ranked.auc() * own;
            pairs += own;
        }
        let enough = bads >= 2 && rows - bads >= 2;
        let interval = ranked.as_ref().filter(|_| enough).map(|ranked| auc_interval(ranked, level));
        segments.push(SegmentMeasure {
            name: segment.name.clone(),
            rows,
            share: ratio(rows as f64, bad.len() as u64),
            training_share: ratio(segment.count as f64, trained),
            bads,
            bad_rate: ratio(bads as f64, rows),
            mean_pd: ratio(own_pd.iter().sum(), rows),
            auc: ranked.as_ref().map(Ranked::auc),
            auc_interval: interval.transpose()?,
        });
    }
    let alone: Vec<f64> = segment_of.iter().map(|s| segments[*s].mean_pd.unwrap_or_default()).collect();
    Ok(BySegment {
        within_auc: (pairs > 0.0).then(|| wins / pairs),
        between_auc: Ranked::new(bad, &alone).ok().map(|ranked| ranked.auc()),
        segments,
    })
}
