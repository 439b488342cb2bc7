//! What is known of a set of rows: whole numbers, so that sums are exact in any order and on any number of threads.

use crate::engine::EngineError;
use std::ops::{AddAssign, SubAssign};

/// Sums over a set of rows.
pub(crate) trait Stats: Copy + Default + Send + Sync + AddAssign + SubAssign {
    /// Rows, whatever their weight.
    fn rows(self) -> u64;
    /// Sum of the weights, in a unit of its own.
    fn weight(self) -> f64;
    /// Sum of weight x target, in the unit of `weight` times one of its own. For two classes the weight of the bads.
    fn sum(self) -> f64;
    /// `sum of left x weight - sum x weight of left`: how far the mean of some of the rows is from that of all. Exact; 0
    /// where rounding of weights and targets could make it.
    fn apart(self, left: Self) -> f64;

    /// Both together.
    fn plus(mut self, other: Self) -> Self {
        self += other;
        self
    }

    /// What is left without the other.
    fn minus(mut self, other: Self) -> Self {
        self -= other;
        self
    }

    /// Mean of the target; 0 where there are no rows.
    fn mean(self) -> f64 {
        if self.rows() == 0 { 0.0 } else { self.sum() / self.weight() }
    }
}

/// Rows in the upper half, bads in the lower.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts(u64);

impl Counts {
    /// Most rows that can be counted.
    pub(crate) const MOST_ROWS: usize = u32::MAX as usize;

    #[inline(always)]
    pub(crate) fn one(bad: u16) -> Self {
        Self(1 << 32 | u64::from(bad))
    }
}

impl AddAssign for Counts {
    #[inline(always)]
    fn add_assign(&mut self, other: Self) {
        self.0 += other.0;
    }
}

impl SubAssign for Counts {
    fn sub_assign(&mut self, other: Self) {
        self.0 -= other.0;
    }
}

impl Stats for Counts {
    fn rows(self) -> u64 {
        self.0 >> 32
    }

    fn weight(self) -> f64 {
        self.rows() as f64
    }

    fn sum(self) -> f64 {
        (self.0 & u64::from(u32::MAX)) as f64
    }

    fn apart(self, left: Self) -> f64 {
        let (bads, left_bads) = (self.0 & u64::from(u32::MAX), left.0 & u64::from(u32::MAX));
        // Each product is below 2^64, the difference not beyond 2^62.
        (left_bads * self.rows()).wrapping_sub(bads * left.rows()) as i64 as f64
    }
}

/// Rows, and sums of fixed-point numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Sums {
    rows: u64,
    weight: i64,
    sum: i64,
}

impl AddAssign for Sums {
    fn add_assign(&mut self, other: Self) {
        self.rows += other.rows;
        self.weight += other.weight;
        self.sum += other.sum;
    }
}

impl SubAssign for Sums {
    fn sub_assign(&mut self, other: Self) {
        self.rows -= other.rows;
        self.weight -= other.weight;
        self.sum -= other.sum;
    }
}

impl Stats for Sums {
    fn rows(self) -> u64 {
        self.rows
    }

    fn weight(self) -> f64 {
        self.weight as f64
    }

    fn sum(self) -> f64 {
        self.sum as f64
    }

    fn apart(self, left: Self) -> f64 {
        let wide = |s: Self| (i128::from(s.rows), i128::from(s.weight), i128::from(s.sum));
        let ((n, w, s), (nl, wl, sl)) = (wide(self), wide(left));
        let apart = sl * w - s * wl;
        // Each row's weight and sum may be half a unit off.
        let rounding = (nl * w + n * wl + sl.abs() * n + s.abs() * nl) / 2;
        if apart.abs() <= rounding { 0.0 } else { apart as f64 }
    }
}

/// What each row adds.
pub(crate) trait Source: Sync {
    /// Its sums.
    type Stats: Stats;

    /// The mark of a row, kept beside its number: 0 or 1.
    fn mark(&self, row: usize) -> u16;

    /// What a row with this mark adds.
    fn of(&self, mark: u16, row: usize) -> Self::Stats;

    /// The weight that 1 of the sums' stands for.
    fn weight_unit(&self) -> f64 {
        1.0
    }

    /// The target that a mean of 1 stands for.
    fn target_unit(&self) -> f64 {
        1.0
    }
}

/// Rows that are bad or good, each counting once; the mark says all.
pub(crate) struct Labels<'a>(pub(crate) &'a [bool]);

impl Source for Labels<'_> {
    type Stats = Counts;

    fn mark(&self, row: usize) -> u16 {
        u16::from(self.0[row])
    }

    #[inline(always)]
    fn of(&self, mark: u16, _: usize) -> Counts {
        Counts::one(mark)
    }
}

/// Rows with a weight or with a number as target.
pub(crate) struct Weighed {
    rows: Vec<Sums>,
    weight_unit: f64,
    target_unit: f64,
}

impl Weighed {
    /// Bad or good rows with weights.
    ///
    /// # Errors
    /// [`EngineError::Observation`] for a weight that is not above 0.
    pub(crate) fn labels(bad: &[bool], weights: &[f64]) -> Result<Self, EngineError> {
        let unit = unit(check_weights(weights)?, bad.len());
        let rows = bad.iter().zip(weights).map(|(bad, weight)| {
            let weight = fixed(*weight, unit).max(1);
            Sums { rows: 1, weight, sum: if *bad { weight } else { 0 } }
        });
        Ok(Self { rows: rows.collect(), weight_unit: unit, target_unit: 1.0 })
    }

    /// Numbers as targets, each row counting once or by its weight.
    ///
    /// # Errors
    /// [`EngineError::Observation`] for a weight that is not above 0, or a target that is not finite, also times its
    /// weight.
    pub(crate) fn numbers(targets: &[f64], weights: Option<&[f64]>) -> Result<Self, EngineError> {
        let most_weight = weights.map_or(Ok(1.0), check_weights)?;
        let product = |(row, target): (usize, &f64)| weights.map_or(1.0, |weights| weights[row]) * target;
        let products: Vec<f64> = targets.iter().enumerate().map(product).collect();
        if let Some(row) = products.iter().position(|product| !product.is_finite()) {
            let (what, expected) = ("the target", "a finite number, also times the weight of its row");
            return Err(EngineError::Observation { what, row, value: targets[row], expected });
        }
        let most = products.iter().fold(0.0f64, |most, product| most.max(product.abs()));
        let (weight_unit, sum_unit) = (unit(most_weight, targets.len()), unit(most, targets.len()));
        let sums = products.iter().enumerate().map(|(row, product)| {
            let weight = weights.map_or(1.0, |weights| weights[row]);
            // What the product was rounded by counts too: equal targets gain nothing.
            let lost = weight.mul_add(targets[row], -product);
            let sum = fixed(*product, sum_unit) + fixed(lost, sum_unit);
            Sums { rows: 1, weight: fixed(weight, weight_unit).max(1), sum }
        });
        Ok(Self { rows: sums.collect(), weight_unit, target_unit: sum_unit / weight_unit })
    }
}

/// The largest weight.
fn check_weights(weights: &[f64]) -> Result<f64, EngineError> {
    let wrong = weights.iter().position(|weight| !(weight.is_finite() && *weight > 0.0));
    if let Some(row) = wrong {
        let (what, expected) = ("the weight", "a finite number above 0");
        return Err(EngineError::Observation { what, row, value: weights[row], expected });
    }
    Ok(weights.iter().copied().fold(0.0, f64::max))
}

fn fixed(number: f64, unit: f64) -> i64 {
    (number / unit).round() as i64
}

impl Source for Weighed {
    type Stats = Sums;

    fn mark(&self, _: usize) -> u16 {
        0
    }

    #[inline(always)]
    fn of(&self, _: u16, row: usize) -> Sums {
        self.rows[row]
    }

    fn weight_unit(&self) -> f64 {
        self.weight_unit
    }

    fn target_unit(&self) -> f64 {
        self.target_unit
    }
}

/// The power of two that stands for one, so that whole numbers up to 2^61 of it hold so many rows of the `largest`. Whole
/// numbers, halves, quarters ... therefore stay exact; others are rounded by less than 2^-59 of that sum.
fn unit(largest: f64, rows: usize) -> f64 {
    let power = |x: f64| libm::frexp(x).1;
    libm::ldexp(1.0, power(largest) + power(rows as f64) - 61).max(f64::from_bits(1))
}
