//! Section `[scale]` of a recipe: how log-odds become points, and whose bad rate the pd is in terms of.

use crate::error::TrainError;
use arrears_model::ModelKind;
use arrears_model::points::Spread;
use arrears_model::scale::Scale;
use serde::{Deserialize, Serialize};

/// Section `[scale]`. Either `base_score` and `pdo`, or `min_score` and `max_score`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ScaleSection {
    /// Points at `base_odds`; 600 where absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub base_score: Option<f64>,
    /// Odds good:bad at which a customer has `base_score` points; above 0, default 50.
    pub base_odds: f64,
    /// Points to double the odds, above 0; 20 where absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pdo: Option<f64>,
    /// Points of the worst possible customer, one in the worst bin of every characteristic.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min_score: Option<f64>,
    /// Points of the best possible customer; above `min_score`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_score: Option<f64>,
    /// Whether a bin's points are as fitted or whole numbers.
    pub points: PointsForm,
    /// Where the points table of the card puts the base points.
    pub spread: Spread,
    /// Share of bads among the customers the model will score, strictly between 0 and 1, where the training
    /// rows hold more or fewer bads on purpose.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub population_bad_rate: Option<f64>,
    /// The same as odds good:bad, above 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub population_odds: Option<f64>,
}

/// How the points of a bin are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PointsForm {
    /// As fitted.
    #[default]
    Exact,
    /// Rounded to whole numbers; pd and reasons follow from the rounded points.
    Integer,
}

impl Default for ScaleSection {
    fn default() -> Self {
        Self {
            base_score: None,
            base_odds: Scale::default().base_odds,
            pdo: None,
            min_score: None,
            max_score: None,
            points: PointsForm::Exact,
            spread: Spread::Characteristics,
            population_bad_rate: None,
            population_odds: None,
        }
    }
}

impl ScaleSection {
    /// The section with `base_score` and `pdo` filled in, where the scale is not set by its ends.
    pub fn resolved(mut self) -> Self {
        if self.min_score.is_none() && self.max_score.is_none() {
            self.base_score.get_or_insert(Scale::default().base_score);
            self.pdo.get_or_insert(Scale::default().pdo);
        }
        self
    }

    /// The scale by base score and PDO; its points are exact.
    pub fn by_odds(&self) -> Scale {
        let usual = Scale::default();
        Scale {
            base_score: self.base_score.unwrap_or(usual.base_score),
            base_odds: self.base_odds,
            pdo: self.pdo.unwrap_or(usual.pdo),
            whole_points: false,
        }
    }

    /// Points of the worst and the best possible customer, where the scale is set by them.
    pub fn ends(&self) -> Option<(f64, f64)> {
        self.min_score.zip(self.max_score)
    }

    /// Odds good:bad of the population, where they were given.
    pub fn population_good_odds(&self) -> Option<f64> {
        self.population_odds.or(self.population_bad_rate.map(|rate| (1.0 - rate) / rate))
    }

    /// Bad rate of the population, where it was given.
    pub fn population_rate(&self) -> Option<f64> {
        self.population_bad_rate.or(self.population_odds.map(|odds| 1.0 / (1.0 + odds)))
    }

    /// # Errors
    /// A key out of its range, keys that exclude each other, or a key that asks for bins of a model without.
    pub fn check(&self, kind: ModelKind) -> Result<(), TrainError> {
        let wrong = |key, value: String, expected| {
            Err(TrainError::Parameter { section: "scale", key, value, expected })
        };
        let text = |value: Option<f64>| value.map_or("absent".to_owned(), |v| v.to_string());
        match (self.min_score, self.max_score) {
            (None, None) => {}
            (Some(min), Some(max)) if min.is_finite() && max.is_finite() && min < max => {}
            (Some(_), max) => {
                return wrong("max_score", text(max), "a number above min_score: the two go together");
            }
            (None, max) => {
                return wrong("max_score", text(max), "min_score beside it: the two go together");
            }
        }
        if self.ends().is_some() && (self.base_score.is_some() || self.pdo.is_some()) {
            let (key, value) =
                if self.pdo.is_some() { ("pdo", self.pdo) } else { ("base_score", self.base_score) };
            return wrong(
                key,
                text(value),
                "no such key beside min_score and max_score, which set the scale",
            );
        }
        if self.population_bad_rate.is_some_and(|rate| !(rate > 0.0 && rate < 1.0)) {
            return wrong(
                "population_bad_rate",
                text(self.population_bad_rate),
                "a share strictly between 0 and 1",
            );
        }
        if self.population_odds.is_some_and(|odds| !(odds > 0.0 && odds.is_finite())) {
            return wrong("population_odds", text(self.population_odds), "odds good:bad, a number above 0");
        }
        if self.population_odds.is_some() && self.population_bad_rate.is_some() {
            return wrong(
                "population_odds",
                text(self.population_odds),
                "one of population_bad_rate and this",
            );
        }
        let bins = matches!(kind, ModelKind::Scorecard | ModelKind::ScorecardPlus);
        if !bins && self.ends().is_some() {
            return wrong(
                "min_score",
                text(self.min_score),
                "a scorecard or scorecard-plus: only bins have a worst and a best",
            );
        }
        if !bins && self.points == PointsForm::Integer {
            return wrong(
                "points",
                "\"integer\"".to_owned(),
                "\"exact\", or a scorecard or scorecard-plus: only bins can be rounded",
            );
        }
        Ok(())
    }
}
