//! What a leaf costs: whole multiples of one small power of two, so that sums of costs are exact in any order.

use crate::grow::criterion::{Criterion, Judge};
use crate::grow::split::Limits;
use crate::grow::stats::Stats;

/// Share of the impurity of all rows that a leaf costs beside its own, so that of equal trees the smallest is found.
const LEAF: f64 = 1e-12;

/// The cost of a set of rows as a leaf.
pub(super) struct Cost {
    judge: Judge,
    min_leaf: u64,
    /// Added and taken away again it rounds to a multiple of the power of two.
    rounder: f64,
    /// Of being a leaf.
    leaf: f64,
    /// Trees whose costs differ by no more are equal: each of their leaves may be rounded by one and a half of the power of
    /// two, and a leaf more or less counts four times as much.
    pub(super) slack: f64,
    /// `n log2 n`, rounded, for every number of rows; empty where rows do not count once.
    logarithms: Vec<f64>,
}

impl Cost {
    /// For subsets of rows that add up to `all`.
    pub(super) fn new<S: Stats>(limits: &Limits, all: S) -> Self {
        let judge = limits.judge;
        let (weight, total) = (all.weight() * judge.bad_weight.max(1.0), judge.impurity(all));
        let largest = weight * libm::log2(weight).max(1.0);
        let (_, power) = libm::frexp(largest.max(total));
        // Sums of costs stay below 2^52 of the power of two, where every whole number is a float.
        let one = libm::ldexp(1.0, power - 50);
        let rounder = one * 1.5 * libm::ldexp(1.0, 52);
        let slack = 32.0 * one;
        let mut cost =
            Self { judge, min_leaf: limits.min_leaf, rounder, leaf: 0.0, slack, logarithms: Vec::new() };
        cost.leaf = cost.round((total * LEAF).max(4.0 * slack));
        // The weights are whole numbers above 0 times a unit: where they add up to the rows each is 1.
        let counted = all.weight() == all.rows() as f64 && judge.bad_weight == 1.0;
        if counted && judge.criterion == Some(Criterion::Entropy) {
            let of = |n: u64| if n == 0 { 0.0 } else { cost.round(n as f64 * libm::log2(n as f64)) };
            cost.logarithms = (0..=all.rows()).map(of).collect();
        }
        cost
    }

    fn round(&self, x: f64) -> f64 {
        (x + self.rounder) - self.rounder
    }

    /// What all trees with no more than these costs share: the way a leaf's cost is found.
    pub(super) fn way(&self) -> Way {
        match self.judge.criterion {
            Some(Criterion::Gini) if self.judge.bad_weight == 1.0 => Way::Gini,
            _ if !self.logarithms.is_empty() => Way::Counted,
            _ => Way::Judged,
        }
    }

    /// Infinite for too few rows.
    pub(super) fn of(&self, stats: impl Stats) -> f64 {
        match self.way() {
            Way::Gini => self.gini(stats),
            Way::Counted => self.counted(stats),
            Way::Judged => self.judged(stats),
        }
    }

    /// [`Cost::of`] for Gini impurity and no class weights.
    #[inline(always)]
    pub(super) fn gini(&self, stats: impl Stats) -> f64 {
        let (weight, bads) = (stats.weight(), stats.sum());
        let impurity = 2.0 * bads * (weight - bads) / weight;
        if stats.rows() < self.min_leaf { f64::INFINITY } else { self.round(impurity) + self.leaf }
    }

    /// [`Cost::of`] for entropy where every row counts once.
    #[inline(always)]
    pub(super) fn counted(&self, stats: impl Stats) -> f64 {
        let (rows, bads) = (stats.rows() as usize, stats.sum() as usize);
        let of = &self.logarithms;
        let impurity = of[rows] - of[bads] - of[rows - bads];
        if stats.rows() < self.min_leaf { f64::INFINITY } else { impurity + self.leaf }
    }

    /// [`Cost::of`] for all others.
    #[inline(always)]
    pub(super) fn judged(&self, stats: impl Stats) -> f64 {
        if stats.rows() < self.min_leaf {
            return f64::INFINITY;
        }
        self.round(self.judge.impurity(stats)) + self.leaf
    }
}

/// How a leaf's cost is found.
pub(super) enum Way {
    Gini,
    Counted,
    Judged,
}
