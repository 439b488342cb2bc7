//! How good a split is.

use super::stats::Stats;
use serde::{Deserialize, Serialize};

/// What a split is judged by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Criterion {
    /// The fall of the Gini impurity, `2 p (1 - p)` for a share p of bads.
    Gini,
    /// The fall of the entropy, `-p log2 p - (1 - p) log2 (1 - p)`: information gain, and the gain of the likelihood.
    Entropy,
    /// Pearson's chi-square test of the two by two table, its p-value times the number of splits that the feature was
    /// tried at (Bonferroni), as in CHAID: the lowest wins, and none above `max_p_value` is made.
    ChiSquare,
}

/// A criterion on the sums of one fit.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Judge {
    /// `None` for a number as target: the fall of the sum of squares.
    pub(crate) criterion: Option<Criterion>,
    /// What a bad counts against a good.
    pub(crate) bad_weight: f64,
    /// The weight that 1 of the sums stands for.
    pub(crate) unit: f64,
    /// Mean of the target over all rows.
    pub(crate) mean: f64,
}

/// Weight and weight of the bads, with class weights.
type Pair = (f64, f64);

impl Judge {
    fn pair(&self, stats: impl Stats) -> Pair {
        let (weight, sum) = (stats.weight(), stats.sum());
        if self.bad_weight == 1.0 {
            return (weight, sum);
        }
        let bads = sum * self.bad_weight;
        (weight - sum + bads, bads)
    }

    /// The weight of a set of rows, with class weights.
    pub(crate) fn weight(&self, stats: impl Stats) -> f64 {
        self.pair(stats).0
    }

    /// Whether a split can be worth anything.
    pub(crate) fn is_mixed(&self, stats: impl Stats) -> bool {
        self.criterion.is_none() || (stats.sum() > 0.0 && stats.sum() < stats.weight())
    }

    /// The impurity of a set of rows times its weight. Gini: `2 w p (1 - p)`; entropy, and chi-square, which has none: bits
    /// times w. For a number as target the sum of squares, but for that of all rows, which no split changes.
    pub(crate) fn impurity(&self, stats: impl Stats) -> f64 {
        let (weight, bads) = self.pair(stats);
        if weight == 0.0 {
            return 0.0;
        }
        match self.criterion {
            None => {
                // About the mean of all rows, so that little is lost where targets are large and alike.
                let apart = bads - self.mean * weight;
                -apart * (apart / weight)
            }
            Some(Criterion::Gini) => 2.0 * bads * (weight - bads) / weight,
            Some(Criterion::Entropy | Criterion::ChiSquare) => {
                (x_log_x(weight) - x_log_x(bads) - x_log_x(weight - bads)) / std::f64::consts::LN_2
            }
        }
    }

    /// What a split of `all` into `left` and the rest is worth; above 0 where the two differ, and comparable among the
    /// splits of one node. The impurity's fall times the weight; for chi-square the statistic.
    pub(crate) fn gain<S: Stats>(&self, all: S, left: S) -> f64 {
        let ((w, s), (wl, sl)) = (self.pair(all), self.pair(left));
        let (wr, sr) = (w - wl, s - sl);
        // No gain out of rounding; class weights put their factor before it.
        let apart = all.apart(left) * self.bad_weight;
        if apart == 0.0 || wl <= 0.0 || wr <= 0.0 {
            return 0.0;
        }
        match self.criterion {
            None => apart / (w * wl) * (apart / wr),
            Some(Criterion::Gini) => 2.0 * (apart * apart) / (wl * wr) / w,
            Some(Criterion::ChiSquare) => (apart * apart) / (wl * wr) / (s * (w - s)) * w * self.unit,
            Some(Criterion::Entropy) => {
                let left = x_log_x(sl) + x_log_x(wl - sl) - x_log_x(wl);
                let right = x_log_x(sr) + x_log_x(wr - sr) - x_log_x(wr);
                let both = x_log_x(s) + x_log_x(w - s) - x_log_x(w);
                // A convex function's gain is never below 0 but by rounding.
                ((left + right - both) / std::f64::consts::LN_2).max(f64::MIN_POSITIVE)
            }
        }
    }

    /// What the best split of a feature is worth among those of all features. `tried`: splits of the feature.
    pub(crate) fn worth(&self, gain: f64, tried: usize) -> f64 {
        match self.criterion {
            Some(Criterion::ChiSquare) => -(log_p_value(gain) + libm::log(tried as f64)),
            _ => gain,
        }
    }
}

/// `x ln x`, 0 at 0.
fn x_log_x(x: f64) -> f64 {
    if x > 0.0 { x * libm::log(x) } else { 0.0 }
}

/// Logarithm of the p-value of a chi-square statistic with one degree of freedom, `erfc(sqrt(x / 2))`.
fn log_p_value(statistic: f64) -> f64 {
    if statistic < 1000.0 {
        return libm::log(libm::erfc(libm::sqrt(statistic / 2.0)));
    }
    // erfc(y) = exp(-y^2) / (y sqrt(pi)) x (1 - 1 / (2 y^2) + ...), Abramowitz and Stegun 7.1.23.
    let half = statistic / 2.0;
    -half - 0.5 * libm::log(std::f64::consts::PI * half) + libm::log1p(-0.5 / half)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn log_p_values_meet_where_the_formula_changes() {
        // scipy.stats.chi2.logsf(x, 1), scipy 1.16.3
        for (statistic, expected) in [
            (0.5, -0.7350111298370846),
            (3.84, -2.9948622271800254),
            (999.0, -503.1801672502451),
            (1001.0, -504.1811652605032),
        ] {
            let found = log_p_value(statistic);
            assert!((found - expected).abs() < 1e-9, "{statistic}: {found}, reference {expected}");
        }
    }
}
