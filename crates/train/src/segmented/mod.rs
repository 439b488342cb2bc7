//! A scorecard for each segment, where it beats the single one.
//!
//! | step | module | what it does |
//! |---|---|---|
//! | 1 | `params` | section `[segments]`: what parts customers, what a segment has to hold |
//! | 2 | `router` | learns what parts them: `leaves` of a tree, `centres`, the categories of a `column` |
//! | 3 | `cards` | a scorecard for each, the same way as the single one; all of them as one predictor |
//! | 4 | `compare` | both models, fitted the whole way in each fold, on rows that neither has seen |
//! | | `agreement` | how alike the segments of the folds are to those of the model |
//! | 5 | `report` | the figures and the verdict |
//!
//! The rows held out of training take no part: which model is taken is a choice made in training.

mod agreement;
mod cards;
mod centres;
mod column;
mod compare;
mod leaves;
mod params;
mod report;
mod router;

use crate::error::TrainError;
use crate::fitted::Fitted;
use crate::rows::Rows;
use crate::scorecard::ScorecardParams;
use arrears_model::Predictor;
use cards::fit_cards;
use params::Limits;
use router::route;

pub(crate) use cards::{each_segment, segmented_log_odds};
pub use params::{Keep, SegmentsBy, SegmentsParams};
pub use report::{Comparison, SegmentFigures, SegmentsReport};

/// Learns segments with a scorecard for each, compares them with the `single` scorecard of the same rows, and gives
/// the one that is taken with the report of the choice, which stands in its notes too.
///
/// # Errors
/// Parameters out of range, a column that does not suit, [`TrainError::NoSegments`] where segments are asked for
/// whatever they are worth and there are none, and what the models cannot be fitted for.
pub fn fit_segmented(
    rows: &Rows<'_>,
    params: &SegmentsParams,
    card: &ScorecardParams<'_>,
    mut single: Fitted,
) -> Result<(Fitted, SegmentsReport), TrainError> {
    params.check()?;
    let Some(routed) = route(rows, params, Limits::of(params, rows.len(), 1.0), card.engine)? else {
        let report = SegmentsReport::none(params);
        if params.keep == Keep::Always {
            return Err(TrainError::NoSegments { why: report.verdict });
        }
        single.fit.notes.insert(0, report.verdict.clone());
        return Ok((single, report));
    };
    let mut parted = fit_cards(rows, &routed, card)?;
    let Predictor::Segmented(segmented) = &parted.predictor else {
        unreachable!("scorecards of segments are a segmented predictor")
    };
    let comparison = compare::compare(rows, params, card, (&routed, &segmented.segments))?;
    let report = SegmentsReport::of(params, comparison);
    let taken = if report.taken { &mut parted } else { &mut single };
    taken.fit.notes.insert(0, report.verdict.clone());
    Ok((if report.taken { parted } else { single }, report))
}
