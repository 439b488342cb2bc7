//! From the root down: the question whose two sides cost least, then the same for either side.

use super::cost::Cost;
use super::grid::grid;
use super::pairs::{Sides, leaves, stumps};
use super::questions::questions;
use super::table::{Axis, Sample};
use super::triples::trees;
use crate::grow::code::{Feature, Order};
use crate::grow::level::{Grown, GrownSplit};
use crate::grow::split::Limits;
use crate::grow::stats::{Source, Stats};
use rayon::prelude::*;

/// How large a top is looked for.
#[derive(Clone, Copy, Debug)]
pub(in crate::grow) struct Size {
    /// 1 to 3.
    pub(in crate::grow) depth: usize,
    /// Most intervals of a number and groups of categories; at most 100.
    pub(in crate::grow) bins: usize,
}

/// The upper levels of a tree.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::grow) struct Top {
    /// How many levels.
    pub(in crate::grow) depth: usize,
    /// The splits of its nodes, level by level; `None` for a leaf.
    pub(in crate::grow) splits: Vec<Option<TopSplit>>,
    /// Questions among which each node chose.
    pub(in crate::grow) questions: usize,
    /// The sum over the leaves of impurity times weight.
    pub(in crate::grow) impurity: f64,
}

/// A question of a top.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::grow) struct TopSplit {
    pub(in crate::grow) feature: usize,
    /// Whether each bin goes left.
    pub(in crate::grow) lefts: Vec<bool>,
    /// The interval from which on numbers go right, for a number; 0 where all do.
    pub(in crate::grow) from: Option<usize>,
}

/// The best tree of so many levels on the rows taken. Where `greedy` parts numbers or categories, it may do so as well.
pub(in crate::grow) fn top<S: Source>(
    features: &[Feature<'_>],
    source: &S,
    taken: impl Fn(usize) -> bool + Sync,
    limits: &Limits,
    size: Size,
    greedy: &Grown<S::Stats>,
) -> Top {
    let rows = features.first().map_or(0, |feature| feature.codes.len());
    let rows: Vec<usize> = (0..rows).filter(|row| taken(*row)).collect();
    let stats: Vec<S::Stats> = rows.iter().map(|row| source.of(source.mark(*row), *row)).collect();
    let splits: Vec<&GrownSplit> = greedy.nodes.iter().filter_map(|node| node.split.as_ref()).collect();
    let of_feature = |(at, feature): (usize, &Feature<'_>)| {
        let mine: Vec<&GrownSplit> = splits.iter().copied().filter(|split| split.feature == at).collect();
        let axis = axis(feature, &rows, &stats, size.bins, &mine);
        let code = |row: &usize| axis.grid.of_bin[feature.codes.get(*row)].unwrap_or_default();
        let codes: Vec<u8> = rows.iter().map(code).collect();
        (axis, codes)
    };
    let (axes, codes): (Vec<Axis>, Vec<Vec<u8>>) = features.par_iter().enumerate().map(of_feature).unzip();
    let sample = Sample { stats, codes };
    let cost = Cost::new(limits, sample.sum());
    let found = best(&sample, &axes, &cost, size.depth);
    let mut top = Top {
        depth: size.depth,
        splits: Vec::new(),
        questions: axes.iter().map(|axis| axis.questions.len()).sum(),
        impurity: 0.0,
    };
    let mut level = vec![&found];
    while !level.is_empty() {
        let mut next = Vec::new();
        for node in level {
            match &node.split {
                None => top.impurity += limits.judge.impurity(node.stats),
                Some((_, children)) => next.extend(children.iter()),
            }
            top.splits.push(node.split.as_ref().map(|(asked, _)| asked.split(features, &axes)));
        }
        level = next;
    }
    top
}

/// The coarse bins of a feature, and what may be asked.
fn axis<S: Stats>(
    feature: &Feature<'_>,
    rows: &[usize],
    stats: &[S],
    most: usize,
    greedy: &[&GrownSplit],
) -> Axis {
    let mut sums = vec![S::default(); feature.bins];
    rows.iter().zip(stats).for_each(|(row, stats)| sums[feature.codes.get(*row)] += *stats);
    // Bins that no row of the node was in may be on either side, so an end of those on the left is looked for.
    let cut = |split: &&GrownSplit| match &feature.order {
        Order::Number(number) => {
            let ends = |bin: &usize| split.lefts[bin - 1] && !split.lefts[*bin];
            let end = (1..number.intervals).find(ends)?;
            (end..number.intervals).find(|bin| sums[*bin].rows() > 0)
        }
        Order::Category => None,
    };
    let cuts: Vec<usize> = greedy.iter().filter_map(cut).collect();
    let grid = grid(feature, &sums, most, &cuts);
    let deals = greedy.iter().filter(|_| matches!(feature.order, Order::Category));
    let also = deals.filter_map(|split| {
        let mut lefts: Vec<Option<bool>> = vec![None; grid.bins];
        for (bin, left) in split.lefts.iter().enumerate() {
            let Some(coarse) = grid.of_bin[bin] else { continue };
            if *lefts[usize::from(coarse)].get_or_insert(*left) != *left {
                return None;
            }
        }
        lefts.into_iter().collect()
    });
    let questions = questions(&grid, &also.collect::<Vec<Vec<bool>>>());
    Axis { grid, questions }
}

/// A node of the best tree.
struct Best<S> {
    stats: S,
    split: Option<(Asked, Box<[Best<S>; 2]>)>,
}

/// A question of a feature.
#[derive(Clone, Copy)]
struct Asked {
    feature: usize,
    question: usize,
}

fn best<S: Stats>(sample: &Sample<S>, axes: &[Axis], cost: &Cost, depth: usize) -> Best<S> {
    let stats = sample.sum();
    let sides = match depth {
        0 => Sides::new(),
        1 => leaves(sample, axes, cost),
        2 => stumps(sample, axes, cost),
        _ => trees(sample, axes, cost),
    };
    let (mut least, mut asked) = (cost.of(stats), None);
    for (feature, sides) in sides.iter().enumerate() {
        for (question, [left, right]) in sides.iter().enumerate() {
            // Of equal ones the first; two sums for the same impurity may differ by rounding.
            if left + right < least - cost.slack {
                (least, asked) = (left + right, Some(Asked { feature, question }));
            }
        }
    }
    let split = asked.map(|asked| {
        let lefts = &axes[asked.feature].questions[asked.question].lefts;
        let child = |left: bool| best(&sample.part(asked.feature, lefts, left), axes, cost, depth - 1);
        (asked, Box::new([true, false].map(child)))
    });
    Best { stats, split }
}

impl Asked {
    fn split(self, features: &[Feature<'_>], axes: &[Axis]) -> TopSplit {
        let Axis { grid, questions } = &axes[self.feature];
        let lefts = &questions[self.question].lefts;
        let from = matches!(features[self.feature].order, Order::Number(_)).then(|| {
            // The intervals that go left come first; those of bins without rows follow the threshold.
            let lefts = lefts[..grid.intervals].iter().filter(|left| **left).count();
            if lefts == 0 { 0 } else { grid.starts[lefts] }
        });
        let left = |(bin, coarse): (usize, &Option<u8>)| match (from, coarse) {
            (_, Some(coarse)) => lefts[usize::from(*coarse)],
            (Some(from), None) => bin < from,
            (None, None) => false,
        };
        let lefts = grid.of_bin.iter().enumerate().map(left).collect();
        TopSplit { feature: self.feature, lefts, from }
    }
}
