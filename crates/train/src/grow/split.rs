//! The best split of one node, from its histogram.

use super::code::{Feature, Order};
use super::criterion::Judge;
use super::optimal::TopSplit;
use super::stats::Stats;
use serde::{Deserialize, Serialize};

/// Which way the bad rate may go as a number rises.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// Higher numbers are never safer.
    Ascending,
    /// Higher numbers are never riskier.
    Descending,
}

/// What a split has to keep.
#[derive(Clone, Debug)]
pub(crate) struct Limits {
    pub(crate) judge: Judge,
    /// Fewest rows on either side.
    pub(crate) min_leaf: u64,
    /// Least worth.
    pub(crate) min_worth: f64,
    /// How a leaf's prediction follows from its sums.
    pub(crate) leaf: Leaf,
    /// By feature.
    pub(crate) directions: Vec<Option<Direction>>,
}

/// Prediction of a leaf: `(sum + prior x rows) / (weight + rows)`, the mean drawn to the prior as if so many rows more
/// had it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Leaf {
    /// Weight of the rows added, in the unit of the sums.
    pub(crate) added: f64,
    /// Their mean.
    pub(crate) prior: f64,
}

impl Leaf {
    pub(crate) fn prediction(&self, stats: impl Stats) -> f64 {
        (stats.sum() + self.prior * self.added) / (stats.weight() + self.added)
    }
}

/// Lowest and highest prediction that directions further up leave to a node.
pub(crate) type Bounds = (f64, f64);

/// A split found.
#[derive(Clone, Debug)]
pub(crate) struct Found<S> {
    pub(crate) feature: usize,
    pub(crate) worth: f64,
    pub(crate) left: S,
    /// Whether each bin of the feature goes left.
    pub(crate) lefts: Vec<bool>,
    /// The interval from which on numbers go right, for a number; 0 where all do.
    pub(crate) from: Option<usize>,
}

/// Sums of a node by feature and bin, and what they say.
pub(crate) struct Choice<'a, S> {
    pub(crate) limits: &'a Limits,
    pub(crate) all: S,
    pub(crate) bounds: Bounds,
}

/// A split of one feature, before its bins are told.
struct Best<S> {
    gain: f64,
    left: S,
    from: usize,
    /// The bins that go to either side and go left, in order of their mean.
    floating: std::ops::Range<usize>,
}

impl<S: Stats> Choice<'_, S> {
    /// The best split: the highest worth, of equals the first feature, then the lowest number.
    pub(crate) fn best<'h>(
        &self,
        features: &[Feature<'_>],
        histogram: impl Fn(usize) -> &'h [S],
    ) -> Option<Found<S>>
    where
        S: 'h,
    {
        let mut best: Option<Found<S>> = None;
        for (at, feature) in features.iter().enumerate() {
            let found = self.of_feature(at, feature, histogram(at));
            if let Some(found) = found.filter(|f| best.as_ref().is_none_or(|best| f.worth > best.worth)) {
                best = Some(found);
            }
        }
        best.filter(|found| found.worth >= self.limits.min_worth)
    }

    /// A split that is given; `bins` are those of its feature.
    pub(crate) fn asked(split: &TopSplit, bins: &[S]) -> Found<S> {
        let mine = bins.iter().zip(&split.lefts).filter(|(_, left)| **left);
        let left = mine.fold(S::default(), |sum, (bin, _)| sum.plus(*bin));
        Found { feature: split.feature, worth: 0.0, left, lefts: split.lefts.clone(), from: split.from }
    }

    fn of_feature(&self, at: usize, feature: &Feature<'_>, bins: &[S]) -> Option<Found<S>> {
        let intervals = match &feature.order {
            Order::Number(number) => number.intervals,
            Order::Category => 0,
        };
        let mut floating: Vec<usize> = (intervals..bins.len()).filter(|bin| bins[*bin].rows() > 0).collect();
        floating.sort_by(|a, b| bins[*a].mean().total_cmp(&bins[*b].mean()).then(a.cmp(b)));
        let (best, tried) = match &feature.order {
            Order::Number(_) if bins[..intervals].iter().any(|bin| bin.rows() > 0) => {
                self.number(&bins[..intervals], &floating, bins, self.limits.directions[at])
            }
            // Categories, or special codes and missing values alone.
            _ => self.category(&floating, bins),
        };
        let best = best?;
        let mut lefts: Vec<bool> = (0..bins.len()).map(|bin| bin < best.from).collect();
        floating.iter().enumerate().for_each(|(i, bin)| lefts[*bin] = best.floating.contains(&i));
        let from = matches!(feature.order, Order::Number(_)).then_some(best.from);
        let worth = self.limits.judge.worth(best.gain, tried);
        Some(Found { feature: at, worth, left: best.left, lefts, from })
    }

    /// Every threshold between two intervals with rows, with every way of sending the floating bins left and right that
    /// can be best: those with the lowest means to one side, the others to the other. (The gain is convex in the sums
    /// of the left side, so it is largest at a corner of all that can be reached.)
    fn number(
        &self,
        intervals: &[S],
        floating: &[usize],
        bins: &[S],
        direction: Option<Direction>,
    ) -> (Option<Best<S>>, usize) {
        let mut sums = vec![S::default()];
        for bin in floating {
            sums.push(sums[sums.len() - 1].plus(bins[*bin]));
        }
        let count = floating.len();
        let lowest_left = (0..=count).map(|k| (0..k, sums[k]));
        let highest_left = (1..count).map(|k| (k..count, sums[count].minus(sums[k])));
        let ways: Vec<_> = lowest_left.chain(highest_left).collect();
        let mut below = S::default();
        let numbers = intervals.iter().fold(S::default(), |sum, bin| sum.plus(*bin));
        let (mut best, mut tried) = (None, 0);
        for (from, bin) in intervals.iter().enumerate() {
            if bin.rows() == 0 {
                continue;
            }
            for (floating, sum) in &ways {
                // Without a number on the left the numbers are parted from the floating bins.
                if below.rows() > 0 || sum.rows() > 0 {
                    let direction = direction.filter(|_| below.rows() > 0);
                    tried += 1;
                    self.offer(&mut best, below.plus(*sum), from, floating.clone(), direction);
                }
            }
            below += *bin;
        }
        debug_assert!(below.rows() == numbers.rows());
        (best, tried)
    }

    /// Every cut in order of the mean: the best way to deal categories into two for a convex criterion (Breiman et al.,
    /// Classification and Regression Trees, 1984).
    fn category(&self, floating: &[usize], bins: &[S]) -> (Option<Best<S>>, usize) {
        let (mut best, mut left) = (None, S::default());
        for (at, bin) in floating.iter().enumerate() {
            if at > 0 {
                self.offer(&mut best, left, 0, 0..at, None);
            }
            left += bins[*bin];
        }
        (best, floating.len().saturating_sub(1))
    }

    fn offer(
        &self,
        best: &mut Option<Best<S>>,
        left: S,
        from: usize,
        floating: std::ops::Range<usize>,
        direction: Option<Direction>,
    ) {
        let gain = self.gain(left, direction);
        if gain > best.as_ref().map_or(0.0, |best| best.gain) {
            *best = Some(Best { gain, left, from, floating });
        }
    }

    /// What a split is worth; 0 where it is not allowed.
    pub(crate) fn gain(&self, left: S, direction: Option<Direction>) -> f64 {
        let right = self.all.minus(left);
        let allowed = left.rows().min(right.rows()) >= self.limits.min_leaf
            && self.keeps_bounds(left, right)
            && direction.is_none_or(|direction| self.keeps(direction, left, right));
        if allowed { self.limits.judge.gain(self.all, left) } else { 0.0 }
    }

    fn keeps_bounds(&self, left: S, right: S) -> bool {
        if self.bounds == UNBOUNDED {
            return true;
        }
        let within = |stats| (self.bounds.0..=self.bounds.1).contains(&self.limits.leaf.prediction(stats));
        within(left) && within(right)
    }

    fn keeps(&self, direction: Direction, left: S, right: S) -> bool {
        let (left, right) = (self.limits.leaf.prediction(left), self.limits.leaf.prediction(right));
        match direction {
            Direction::Ascending => left <= right,
            Direction::Descending => left >= right,
        }
    }

    /// What the node's rows do not decide goes where more rows go, to the right if as many go there; `bins` are those of
    /// the feature, the first `intervals` of which the threshold decides.
    pub(crate) fn send_undecided(&self, found: &mut Found<S>, bins: &[S], intervals: usize) {
        let larger = 2 * found.left.rows() > self.all.rows();
        let floating = found.lefts.iter_mut().zip(bins).skip(intervals);
        let undecided = floating.filter(|(_, bin)| bin.rows() == 0);
        undecided.for_each(|(left, _)| *left = larger);
    }

    /// The bounds of the two children: where the feature has a direction, their predictions must not cross the middle.
    pub(crate) fn bounds_of_children(&self, found: &Found<S>) -> [Bounds; 2] {
        let direction =
            self.limits.directions[found.feature].filter(|_| found.from.is_some_and(|from| from > 0));
        let predictions = [found.left, self.all.minus(found.left)].map(|s| self.limits.leaf.prediction(s));
        let middle = f64::midpoint(predictions[0], predictions[1]);
        let (low, high) = self.bounds;
        match direction {
            None => [self.bounds; 2],
            Some(Direction::Ascending) => [(low, middle), (middle, high)],
            Some(Direction::Descending) => [(middle, high), (low, middle)],
        }
    }
}

pub(crate) const UNBOUNDED: Bounds = (f64::NEG_INFINITY, f64::INFINITY);
