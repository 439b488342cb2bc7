//! The pd of a score: a logistic regression of the outcome on the score alone.

use crate::error::TrainError;
use arrears_model::scale::{Scale, probability};
use std::f64::consts::LN_2;

/// What was found: log-odds of bad = `intercept - slope x score`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Calibration {
    pub(super) intercept: f64,
    /// Above 0: a higher score is safer.
    pub(super) slope: f64,
    /// Between which scores it was fitted; those beyond counted as these.
    pub(super) held: [f64; 2],
}

/// Newton steps before the fit is given up.
const MOST_STEPS: usize = 100;

/// Fits the pd of a score by maximum likelihood. Scores beyond the 1st and the 99th percentile count as these: ratios
/// of balance sheets have values that would rule the slope.
///
/// # Errors
/// [`TrainError::Calibration`] where all scores are alike, the score parts goods and bads without an error, or bads have the
/// higher scores.
pub(super) fn calibrate(scores: &[f64], bad: &[bool]) -> Result<Calibration, TrainError> {
    let fail = |why: &'static str| Err(TrainError::Calibration { rows: scores.len(), why });
    let mut sorted = scores.to_vec();
    sorted.sort_by(f64::total_cmp);
    let at = |share: f64| sorted[((sorted.len() - 1) as f64 * share).round() as usize];
    let held = [at(0.01), at(0.99)];
    let (mid, half) = (held[0] / 2.0 + held[1] / 2.0, (held[1] - held[0]) / 2.0);
    if half <= 0.0 {
        return fail("all scores are alike");
    }
    // From -1 to 1, so that the steps are well conditioned on any scale.
    let x: Vec<f64> = scores.iter().map(|score| (score.clamp(held[0], held[1]) - mid) / half).collect();
    let Some([a, b]) = newton(&x, bad) else {
        return fail("the score parts goods and bads without an error, so that no finite pd fits");
    };
    if b >= 0.0 {
        return fail(
            "bad customers have the higher scores: are the points the wrong way round, or is `positive` the good label?",
        );
    }
    Ok(Calibration { intercept: a - b * mid / half, slope: -b / half, held })
}

/// Intercept and slope of the log-odds of bad; `None` where the steps do not settle.
fn newton(x: &[f64], bad: &[bool]) -> Option<[f64; 2]> {
    let [mut a, mut b] = [0.0, 0.0];
    for _ in 0..MOST_STEPS {
        let [mut ga, mut gb, mut aa, mut ab, mut bb] = [0.0; 5];
        for (x, bad) in x.iter().zip(bad) {
            let p = probability(a + b * x);
            let (error, w) = (f64::from(u8::from(*bad)) - p, p * (1.0 - p));
            ga += error;
            gb += error * x;
            aa += w;
            ab += w * x;
            bb += w * x * x;
        }
        let determinant = aa * bb - ab * ab;
        let step = [(bb * ga - ab * gb) / determinant, (aa * gb - ab * ga) / determinant];
        // A long way at once leads astray where pds are near 0 or 1.
        let shorter = 5.0 / step[0].abs().max(step[1].abs()).max(5.0);
        (a, b) = (a + shorter * step[0], b + shorter * step[1]);
        if !a.is_finite() || !b.is_finite() || b.abs() > 1e4 {
            return None;
        }
        if step[0].abs().max(step[1].abs()) < 1e-10 {
            return Some([a, b]);
        }
    }
    None
}

impl Calibration {
    /// The scale on which a score has this pd, written at `base_score`.
    pub(super) fn scale(&self, base_score: f64) -> Scale {
        let base_odds = libm::exp(self.slope * base_score - self.intercept);
        Scale { base_score, base_odds, pdo: LN_2 / self.slope, whole_points: false }
    }
}

#[cfg(test)]
mod tests {
    use super::calibrate;

    /// scikit-learn 1.7.2: `LogisticRegression(penalty=None, tol=1e-12).fit(score, bad)`, intercept and coefficient.
    #[test]
    fn agrees_with_scikit_learn() {
        let scores: Vec<f64> = (0..40).map(|i| 300.0 + 10.0 * f64::from(i)).collect();
        let bad: Vec<bool> = (0..40).map(|i| i * 7 % 11 < 6 - i / 8).collect();
        let found = calibrate(&scores, &bad).unwrap();
        assert!((found.intercept - INTERCEPT).abs() < 1e-6, "{found:?}");
        assert!((found.slope - SLOPE).abs() < 1e-8, "{found:?}");
        let scale = found.scale(500.0);
        let pd = arrears_model::scale::probability((scale.offset() - 430.0) / scale.factor());
        assert!((pd - 1.0 / (1.0 + (-(INTERCEPT - SLOPE * 430.0)).exp())).abs() < 1e-8, "{pd}");
    }
    const INTERCEPT: f64 = 2.383342884399506;
    const SLOPE: f64 = 0.006217319902921834;

    #[test]
    fn says_why_there_is_no_pd() {
        let why = |scores: &[f64], bad: &[bool]| calibrate(scores, bad).unwrap_err().to_string();
        assert!(why(&[5.0; 4], &[true, false, true, false]).contains("alike"));
        let ladder: Vec<f64> = (0..200).map(f64::from).collect();
        let below: Vec<bool> = (0..200).map(|i| i < 100).collect();
        assert!(why(&ladder, &below).contains("without an error"));
        let wrong: Vec<bool> = (0..200).map(|i| i % 10 < i / 20).collect();
        assert!(why(&ladder, &wrong).contains("wrong way round"));
    }
}
