//! The scorecards of segments on one scale.

use super::whole_points::{compare, round_points_alike};
use super::{PointsForm, extreme_log_odds, rounding_note, scale_of};
use crate::error::TrainError;
use crate::fitted::{Fitted, set_baselines};
use crate::recipe::Recipe;
use crate::rows::Rows;
use crate::segmented::each_segment;
use arrears_model::Predictor;
use arrears_model::additive::Additive;
use arrears_model::scale::Scale;

/// [`super::scale_fitted`] for scorecards of segments, after the shift to the population's odds. The ends of the scale
/// are those of the worst and the best customer of any segment; points are rounded in each.
///
/// # Errors
/// A scale out of range; a segment whose rows have one outcome.
pub(super) fn scale_segments(
    recipe: &Recipe,
    rows: &Rows<'_>,
    fitted: &mut Fitted,
) -> Result<Scale, TrainError> {
    let section = recipe.scale;
    let Fitted { predictor, transforms, fit, .. } = fitted;
    let Predictor::Segmented(segmented) = predictor else { return Ok(section.by_odds()) };
    let ends = segmented.segments.iter().filter_map(|segment| extreme_log_odds(&segment.additive));
    let mut scale = scale_of(&section, ends.reduce(|a, b| (a.0.min(b.0), a.1.max(b.1))))?;
    if section.points != PointsForm::Integer {
        return Ok(scale);
    }
    let exact: Vec<Additive> = segmented.segments.iter().map(|segment| segment.additive.clone()).collect();
    let mut all: Vec<&mut Additive> = segmented.segments.iter_mut().map(|s| &mut s.additive).collect();
    round_points_alike(&mut all, &scale, section.spread);
    let whole = Scale { whole_points: true, ..scale };
    let mut exact = exact.iter();
    each_segment(&segmented.router, &mut segmented.segments, transforms, rows, |segment, _, part| {
        let Some(exact) = exact.next() else { return Ok(()) };
        let additive = &mut segment.additive;
        set_baselines(&mut additive.terms, part, transforms, &[], recipe.model.baseline());
        let rounding = compare(exact, additive, &scale, part, transforms, &[])?;
        let ends = extreme_log_odds(additive).map(|(low, high)| (whole.score(high), whole.score(low)));
        let name = segment.name.split(':').next().unwrap_or_default();
        fit.notes.push(format!("{name}: {}", rounding_note(&rounding, ends)));
        Ok::<(), TrainError>(())
    })?;
    scale.whole_points = true;
    Ok(scale)
}
