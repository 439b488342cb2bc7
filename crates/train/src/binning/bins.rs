//! Every bin that could be made of neighbouring pre-bins: what it is worth and whether it may be.

use super::params::{BinningParams, Objective};
use super::tally::Moments;

/// What bins are judged by.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Worth {
    /// A binary target: a distance between the distributions of goods and bads.
    Distance(Objective),
    /// A target that is a number: the share of its variance that lies between bins.
    Variance,
}

/// Mean and worth of all bins `[start, end)` of pre-bins, `0 <= start < end <= n`.
pub(super) struct Bins {
    /// Number of pre-bins.
    pub(super) n: usize,
    means: Vec<f64>,
    /// Negative infinity where the bin breaks a limit.
    worths: Vec<f64>,
    /// Sums from the first pre-bin to before each one.
    sums: Vec<Moments>,
}

/// Position of the bin `[start, end)`: bins with one end lie side by side.
pub(super) fn at(start: usize, end: usize) -> usize {
    end * (end - 1) / 2 + start
}

impl Bins {
    /// `whole` is all rows, those with missing and special values too: shares are of it. A split must stand
    /// before each pre-bin of `fixed`.
    pub(super) fn new(
        prebins: &[Moments],
        whole: Moments,
        worth: Worth,
        limits: &BinningParams,
        fixed: &[usize],
    ) -> Self {
        let n = prebins.len();
        let mut sums = vec![Moments::default()];
        for prebin in prebins {
            sums.push(sums[sums.len() - 1].merge(*prebin));
        }
        let mut bins = Self { n, means: Vec::new(), worths: Vec::new(), sums };
        for end in 1..=n {
            // Bins must not begin before the last fixed split below their end.
            let first = fixed.iter().copied().filter(|f| *f < end).max().unwrap_or(0);
            bins.means.resize(at(0, end + 1), 0.0);
            bins.worths.resize(at(0, end + 1), f64::NEG_INFINITY);
            // Added up from the end, not taken as a difference of sums: weights must not cancel to dust.
            let mut bin = Moments::default();
            for start in (0..end).rev() {
                bin = prebins[start].merge(bin);
                bins.means[at(start, end)] = bin.mean();
                if start >= first && within(bin, whole, worth, limits) {
                    bins.worths[at(start, end)] = worth.of(bin, whole);
                }
            }
        }
        bins
    }

    pub(super) fn mean(&self, start: usize, end: usize) -> f64 {
        self.means[at(start, end)]
    }

    /// Negative infinity where the bin may not be.
    pub(super) fn worth(&self, start: usize, end: usize) -> f64 {
        self.worths[at(start, end)]
    }

    pub(super) fn may_be(&self, start: usize, end: usize) -> bool {
        self.worth(start, end) > f64::NEG_INFINITY
    }

    /// What the bin holds, to within rounding where rows have weights.
    pub(super) fn moments(&self, start: usize, end: usize) -> Moments {
        let (before, upto) = (self.sums[start], self.sums[end]);
        Moments {
            rows: upto.rows - before.rows,
            weight: upto.weight - before.weight,
            sum: upto.sum - before.sum,
            squares: upto.squares - before.squares,
        }
    }
}

/// Whether a bin keeps the limits on its size and, for a binary target, on its bads and goods.
fn within(bin: Moments, whole: Moments, worth: Worth, limits: &BinningParams) -> bool {
    // A share is held to within rounding: 7 of 100 rows are 7 %, although 0.07 x 100 is above 7.
    let slack = 1e-9 * whole.weight;
    let large = bin.weight >= limits.min_share * whole.weight - slack && bin.weight > 0.0;
    let small = bin.weight <= limits.max_share * whole.weight + slack;
    let both = worth == Worth::Variance
        || (bin.sum >= limits.min_bads - slack && bin.weight - bin.sum >= limits.min_goods - slack);
    large && small && both
}

impl Worth {
    /// What a bin adds to the sum that is maximised.
    pub fn of(self, bin: Moments, whole: Moments) -> f64 {
        match self {
            Self::Variance => {
                let spread = whole.squares - whole.sum * whole.mean();
                let between = bin.weight * (bin.mean() - whole.mean()).powi(2);
                if spread > 0.0 { between / spread } else { 0.0 }
            }
            Self::Distance(objective) => {
                let (bads, goods) = (bin.sum, bin.weight - bin.sum);
                let (all_bads, all_goods) = (whole.sum, whole.weight - whole.sum);
                if all_bads <= 0.0 || all_goods <= 0.0 || bin.weight <= 0.0 {
                    return 0.0;
                }
                let (p, q) = (goods / all_goods, bads / all_bads);
                match objective {
                    Objective::Iv => (p - q) * evidence(goods, bads, all_goods, all_bads),
                    Objective::Js => (half_divergence(p, q) + half_divergence(q, p)) / 2.0,
                    Objective::Hellinger => (p.sqrt() - q.sqrt()).powi(2) / 2.0,
                    Objective::Triangular => (p - q).powi(2) / (p + q),
                }
            }
        }
    }
}

/// Weight of evidence of one bin: `ln(share of goods / share of bads)`. Where it has no goods or no bads, 0.5
/// is added to both. All four are weights of rows; totals above 0, and the bin not empty.
pub(super) fn evidence(goods: f64, bads: f64, all_goods: f64, all_bads: f64) -> f64 {
    let add = if goods <= 0.0 || bads <= 0.0 { 0.5 } else { 0.0 };
    libm::log(((goods + add) / all_goods) / ((bads + add) / all_bads))
}

/// `p ln(2p / (p + q))`, 0 at p = 0.
fn half_divergence(p: f64, q: f64) -> f64 {
    if p > 0.0 { p * libm::log(2.0 * p / (p + q)) } else { 0.0 }
}
