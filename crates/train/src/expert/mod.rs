//! Expert models: scorecards and coefficients that people wrote down, as the same model file and scorer as learned ones.
//!
//! | step | module | what it does |
//! |---|---|---|
//! | 1 | [`section`] | what `[expert]` may say |
//! | 2 | [`presets`] | Altman's Z, Z' and Z'', a scorecard in the style of FICO's weights |
//! | 3 | `build` | written points become bins, terms and grades on a scale |
//! | 4 | `calibrate` | with outcomes: the pd of a score; without them the scale is what the recipe declares |
//! | 5 | [`declared`], `measured` | the model without data; with data |

mod build;
mod calibrate;
pub(crate) mod card;
mod declared;
pub(crate) mod measured;
pub mod presets;
pub mod section;

pub use declared::{declared, write_declared};
pub(crate) use measured::train_expert;
pub use section::ExpertSection;

use crate::error::TrainError;
use crate::recipe::Recipe;
use crate::scaling::PointsForm;
use arrears_model::model::Baseline;

/// What fits a model that nobody fitted.
pub(crate) const ENGINE: &str = "points written by hand";

/// The section of an expert's recipe, its points' form looked at.
///
/// # Errors
/// There is none, or `[scale]` says how points are rounded.
fn section(recipe: &Recipe) -> Result<&ExpertSection, TrainError> {
    let wrong = |section, key, value: &str, expected| {
        Err(TrainError::Parameter { section, key, value: value.to_owned(), expected })
    };
    if recipe.scale.points == PointsForm::Integer {
        return wrong(
            "scale",
            "points",
            "\"integer\"",
            "`points` in [expert], which has the points of this kind",
        );
    }
    if recipe.scale.population_rate().is_some() {
        return wrong(
            "scale",
            "population_bad_rate",
            "set",
            "no such key: the points of this kind are given",
        );
    }
    match &recipe.expert {
        Some(section) if section.zones.is_empty() || recipe.grades.is_empty() => Ok(section),
        Some(_) => wrong("expert", "zones", "set", "zones or [[grades]], not both"),
        None => wrong(
            "expert",
            "characteristics",
            "absent",
            "a section [expert] with `characteristics` or a `preset`",
        ),
    }
}

/// Losses are measured against the best bin, or against 0 where there are none.
fn baseline(recipe: &Recipe) -> Baseline {
    let linear = |section: &ExpertSection| section.characteristics.iter().any(|c| c.slope.is_some());
    match recipe.model.baseline {
        Some(Baseline::Neutral) => Baseline::Neutral,
        _ if recipe.expert.as_ref().is_some_and(linear) => Baseline::Neutral,
        _ => Baseline::Max,
    }
}
