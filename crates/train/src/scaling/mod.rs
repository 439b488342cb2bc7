//! From fitted log-odds to the points the recipe asks for.
//!
//! | step | module | what it does |
//! |---|---|---|
//! | 1 | `section` | what `[scale]` may say |
//! | 2 | [`scale_fitted`] | log-odds in terms of the population, where bads were over- or under-sampled |
//! | 3 | `ends` | the scale between a lowest and a highest score |
//! | | `segments` | the same for the scorecards of segments, on one scale |
//! | 4 | `whole_points` | points rounded to whole numbers, and what that costs |
//!
//! Everything ends up in the parts a model has anyway: intercept, values by bin and scale.

mod ends;
mod section;
mod segments;
mod whole_points;

use crate::error::TrainError;
use crate::fitted::{Fitted, set_baselines};
use crate::recipe::Recipe;
use crate::rows::Rows;
use arrears_model::scale::{Scale, log_odds, probability};
use arrears_model::{ModelKind, Predictor};
use segments::scale_segments;

pub use ends::{extreme_log_odds, scale_between};
pub use section::{PointsForm, ScaleSection};
pub use whole_points::{Rounding, round_points};

/// Puts a fitted predictor on the recipe's scale: shifts its log-odds to the population's, finds the scale, rounds
/// the points. Notes of what was done go into the fit report. `None` for a model that gives no pd.
///
/// # Errors
/// A key of `[scale]` that is out of range or does not suit the kind of model.
pub fn scale_fitted(
    recipe: &Recipe,
    rows: &Rows<'_>,
    fitted: &mut Fitted,
) -> Result<Option<Scale>, TrainError> {
    if matches!(recipe.model.kind, ModelKind::Kmeans | ModelKind::AmountTree) {
        return Ok(None);
    }
    let section = recipe.scale;
    section.check(recipe.model.kind)?;
    if let Some(odds) = section.population_good_odds() {
        let (goods, bads) = rows.goods_and_bads();
        let sample_odds = goods / bads;
        shift_log_odds(&mut fitted.predictor, libm::log(sample_odds / odds));
        fitted.fit.notes.push(population_note(
            1.0 / (1.0 + sample_odds),
            1.0 / (1.0 + odds),
            sample_odds / odds,
        ));
    }
    if matches!(fitted.predictor, Predictor::Segmented(_)) {
        return scale_segments(recipe, rows, fitted).map(Some);
    }
    let Predictor::Additive(additive) = &mut fitted.predictor else { return Ok(Some(section.by_odds())) };
    let mut scale = scale_of(&section, extreme_log_odds(additive))?;
    if section.points == PointsForm::Integer {
        let exact = additive.clone();
        round_points(additive, &scale, section.spread);
        set_baselines(&mut additive.terms, rows, &fitted.transforms, &fitted.codes, recipe.model.baseline());
        let rounding =
            whole_points::compare(&exact, additive, &scale, rows, &fitted.transforms, &fitted.codes)?;
        scale.whole_points = true;
        let ends =
            extreme_log_odds(additive).map(|(lowest, highest)| (scale.score(highest), scale.score(lowest)));
        fitted.fit.notes.push(rounding_note(&rounding, ends));
    }
    Ok(Some(scale))
}

/// The scale of the section; between its ends, where it has some, for customers of these extreme log-odds.
fn scale_of(section: &ScaleSection, extremes: Option<(f64, f64)>) -> Result<Scale, TrainError> {
    let scale = match section.ends().zip(extremes) {
        None => section.by_odds(),
        Some(((worst, best), (lowest, highest))) if lowest < highest => {
            scale_between(lowest, highest, worst, best, section.base_odds)
        }
        Some(_) => return Err(TrainError::NoFeatures("every customer would get the same score".to_owned())),
    };
    scale.check()?;
    Ok(scale)
}

/// Adds `shift` to every log-odds of bad that the predictor gives.
fn shift_log_odds(predictor: &mut Predictor, shift: f64) {
    match predictor {
        Predictor::Additive(additive) => additive.intercept += shift,
        Predictor::Tree(tree) => {
            tree.nodes.iter_mut().for_each(|node| node.pd = probability(log_odds(node.pd) + shift));
        }
        Predictor::Segmented(segmented) => {
            segmented.segments.iter_mut().for_each(|segment| segment.additive.intercept += shift);
        }
        Predictor::Centroids(_) | Predictor::AmountTree(_) => {}
    }
}

fn population_note(sample: f64, population: f64, ratio: f64) -> String {
    let side = if population < sample { "too low" } else { "too high" };
    format!(
        "pd and score are in terms of a population with a bad rate of {:.2} %: of the training rows {:.2} % are bad, \
         and their log-odds are shifted by {:+.4}; on rows sampled like them, the held-out rows too, the pd must \
         look {side}",
        100.0 * population,
        100.0 * sample,
        libm::log(ratio)
    )
}

fn rounding_note(rounding: &Rounding, ends: Option<(f64, f64)>) -> String {
    let ends = ends.map_or(String::new(), |(worst, best)| {
        format!("; the worst and the best possible customer get {worst:.0} and {best:.0}")
    });
    format!(
        "points are whole numbers: the score of a training row is off by at most {:.2} points, by {:.2} on average \
         (mean {:+.2}); AUC on the training rows {:.4}, with exact points {:.4}{ends}",
        rounding.largest_error, rounding.mean_error, rounding.bias, rounding.rounded_auc, rounding.exact_auc
    )
}
