//! Scale and grades: from log-odds to points, and from pd to a grade.

use crate::error::{ModelError, invalid};
use crate::transform::bounded;
use serde::{Deserialize, Serialize};

/// Points scale. `score = offset + factor x ln(odds good:bad)`; higher is safer.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scale {
    /// Points at the base odds.
    pub base_score: f64,
    /// Odds good:bad at which a customer has `base_score` points.
    pub base_odds: f64,
    /// Points to double the odds.
    pub pdo: f64,
    /// Whether all points are whole numbers: a score is then rounded to the whole number it stands for, which
    /// sums of floats miss by a hair. In the file only where it is true.
    #[serde(default, skip_serializing_if = "is_false")]
    pub whole_points: bool,
}

fn is_false(flag: &bool) -> bool {
    !flag
}

impl Default for Scale {
    /// 600 points at odds of 50:1, 20 points to double the odds.
    fn default() -> Self {
        Self { base_score: 600.0, base_odds: 50.0, pdo: 20.0, whole_points: false }
    }
}

impl Scale {
    /// Points for one unit of log-odds: `PDO / ln 2`.
    pub fn factor(&self) -> f64 {
        self.pdo / std::f64::consts::LN_2
    }

    /// Points at even odds: `base - factor x ln(base odds)`.
    pub fn offset(&self) -> f64 {
        self.base_score - self.factor() * libm::log(self.base_odds)
    }

    /// Score of a customer whose log-odds of bad are `log_odds`: [`Scale::exact_score`], with whole points rounded
    /// to the nearest whole number, halves away from 0. Never -0.
    ///
    /// This is the one place where scores are rounded. The pd goes on being that of `log_odds`.
    pub fn score(&self, log_odds: f64) -> f64 {
        self.rounded(self.exact_score(log_odds))
    }

    /// `offset - factor x log_odds`, whether points are whole or not.
    pub fn exact_score(&self, log_odds: f64) -> f64 {
        self.offset() - self.factor() * log_odds
    }

    /// Points that a term adds with its log-odds of bad: `-factor x log_odds`; rounded like a score.
    pub fn term_points(&self, log_odds: f64) -> f64 {
        // Not `-factor`: a term that says nothing adds 0 points, not -0.
        self.rounded(0.0 - self.factor() * log_odds)
    }

    fn rounded(&self, points: f64) -> f64 {
        // 0 added: no -0.
        if self.whole_points { points.round() + 0.0 } else { points }
    }

    /// # Errors
    /// When a number is not finite, or odds or PDO are not above 0.
    pub fn check(&self) -> Result<(), ModelError> {
        let fine = bounded(self.base_score)
            && bounded(self.pdo)
            && self.pdo > 0.0
            && self.base_odds.is_finite()
            && self.base_odds > 0.0;
        if fine {
            Ok(())
        } else {
            Err(invalid("scale: base odds and PDO must be above 0; score and PDO at most 1e9"))
        }
    }
}

/// Probability of bad from log-odds of bad: `1 / (1 + e^-x)`.
///
/// Rust's own `exp` differs between platforms in the last bit; libm's does not, so that a model gives
/// the same bits everywhere.
pub fn probability(log_odds: f64) -> f64 {
    if log_odds >= 0.0 {
        1.0 / (1.0 + libm::exp(-log_odds))
    } else {
        let odds = libm::exp(log_odds);
        odds / (1.0 + odds)
    }
}

/// Log-odds of bad from a probability of bad strictly between 0 and 1.
pub fn log_odds(pd: f64) -> f64 {
    libm::log(pd / (1.0 - pd))
}

/// A credit grade: the customers whose pd is at most `max_pd` and above that of the grade before.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Grade {
    /// Name in the output.
    pub name: String,
    /// Name in another language or for display.
    pub label: Option<String>,
    /// Highest pd of the grade; absent in the last.
    pub max_pd: Option<f64>,
}

impl Grade {
    /// The lowest score of the grade on a scale: that of `max_pd`, with whole points the next whole one. `None` of the last.
    pub fn min_score(&self, scale: &Scale) -> Option<f64> {
        let exact = scale.exact_score(log_odds(self.max_pd?));
        Some(if scale.whole_points { exact.ceil() } else { exact })
    }
}

/// Position of the grade of a pd, or `None` where there are no grades.
pub fn grade(grades: &[Grade], pd: f64) -> Option<usize> {
    grades.iter().position(|g| g.max_pd.is_none_or(|max| pd <= max))
}

/// # Errors
/// When bounds do not ascend inside (0, 1), a bound is absent before the last grade or the last has one.
pub fn check_grades(grades: &[Grade]) -> Result<(), ModelError> {
    let Some((last, others)) = grades.split_last() else { return Ok(()) };
    let bounds: Option<Vec<f64>> = others.iter().map(|g| g.max_pd).collect();
    let fine = last.max_pd.is_none()
        && bounds.is_some_and(|b| b.iter().all(|x| *x > 0.0 && *x < 1.0) && b.is_sorted_by(|x, y| x < y));
    if fine {
        Ok(())
    } else {
        Err(invalid("grades: `max_pd` must ascend between 0 and 1, and only the last grade goes without"))
    }
}
