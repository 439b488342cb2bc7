//! Growth, level by level: every open node is split once, then all rows are parted in one pass.

use super::chunk::{Chunk, Parting, chunks};
use super::code::{Feature, Order};
use super::optimal::Top;
use super::refine::{edge, refine, rough, settle};
use super::split::{Bounds, Choice, Found, Limits, UNBOUNDED};
use super::stats::{Source, Stats};
use rayon::prelude::*;

/// A grown tree: the root first, level by level, a child after its parent.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Grown<S> {
    pub(crate) nodes: Vec<GrownNode<S>>,
}

/// A node; a leaf where it has no split.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct GrownNode<S> {
    pub(crate) stats: S,
    pub(crate) split: Option<GrownSplit>,
}

/// A split.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct GrownSplit {
    pub(crate) feature: usize,
    /// Whether each bin goes left. For the intervals of a number the threshold decides.
    pub(crate) lefts: Vec<bool>,
    /// Numbers below go left; the lowest float where no number does.
    pub(crate) threshold: f64,
    pub(crate) left: usize,
    pub(crate) right: usize,
}

/// A node that may be split.
struct Open<S> {
    node: usize,
    bounds: Bounds,
    /// Sums by feature and bin, where they follow from those of its parent.
    histogram: Option<Vec<S>>,
}

/// Most bytes of the histograms of a level that are kept for the next one.
const MOST_BYTES: usize = 1 << 25;

/// The rows to grow a tree on.
pub(crate) struct Rows<S> {
    chunks: Vec<Chunk>,
    /// What they add up to.
    pub(crate) all: S,
}

impl<S: Stats> Rows<S> {
    /// Those that are taken, of all.
    pub(crate) fn new(
        features: &[Feature<'_>],
        source: &impl Source<Stats = S>,
        taken: impl Fn(usize) -> bool + Sync,
    ) -> Self {
        let rows = features.first().map_or(0, |feature| feature.codes.len());
        let chunks = chunks(source, rows, taken);
        let all = chunks.par_iter().map(|chunk| chunk.sum(source)).reduce(S::default, S::plus);
        Self { chunks, all }
    }
}

/// Grows a tree, below the leaves of `top` where there is one.
pub(crate) fn grow<S: Source>(
    rows: Rows<S::Stats>,
    features: &[Feature<'_>],
    source: &S,
    limits: &Limits,
    max_depth: usize,
    top: Option<&Top>,
) -> Grown<S::Stats> {
    let Rows { chunks, all } = rows;
    let nodes = vec![GrownNode { stats: all, split: None }];
    let mut level = Level { features, source, limits, top, offsets: offsets(features), chunks, nodes };
    let root = Open { node: 0, bounds: UNBOUNDED, histogram: None };
    let mut open: Vec<_> = level.may_split(all).then_some(root).into_iter().collect();
    for depth in 0..max_depth {
        level.top = top.filter(|top| depth < top.depth);
        if open.is_empty() {
            break;
        }
        open = level.split(open);
    }
    Grown { nodes: level.nodes }
}

fn offsets(features: &[Feature<'_>]) -> Vec<usize> {
    let mut offsets = vec![0];
    for feature in features {
        offsets.push(offsets[offsets.len() - 1] + feature.bins);
    }
    offsets
}

struct Level<'a, S: Source> {
    features: &'a [Feature<'a>],
    source: &'a S,
    limits: &'a Limits,
    /// What the nodes ask; `None` where each finds its own best split.
    top: Option<&'a Top>,
    /// Where the histogram of each feature begins.
    offsets: Vec<usize>,
    chunks: Vec<Chunk>,
    nodes: Vec<GrownNode<S::Stats>>,
}

/// A split with all that its rows need.
struct Chosen<S> {
    found: Found<S>,
    parting: Parting,
    bounds: [Bounds; 2],
}

impl<S: Source> Level<'_, S> {
    fn may_split(&self, stats: S::Stats) -> bool {
        stats.rows() / 2 >= self.limits.min_leaf && self.limits.judge.is_mixed(stats)
    }

    /// Splits the open nodes; gives those of the next level.
    fn split(&mut self, mut open: Vec<Open<S::Stats>>) -> Vec<Open<S::Stats>> {
        let bins = self.offsets.last().copied().unwrap_or(0).max(1);
        let at_once = (MOST_BYTES / (bins * size_of::<S::Stats>())).max(1);
        let keep = open.len() <= at_once;
        let mut chosen = Vec::with_capacity(open.len());
        for first in (0..open.len()).step_by(at_once) {
            let batch = first..(first + at_once).min(open.len());
            self.fill(first, &mut open[batch.clone()]);
            let splits = batch.clone().into_par_iter().map(|at| self.choose(at, &open[at]));
            chosen.extend(splits.collect::<Vec<_>>());
            if !keep {
                open[batch].iter_mut().for_each(|open| open.histogram = None);
            }
        }
        self.part(open, chosen)
    }

    /// Counts the rows of the nodes that have no histogram yet; `first` is the position of the first.
    fn fill(&self, first: usize, open: &mut [Open<S::Stats>]) {
        let missing = open.iter_mut().enumerate().filter(|(_, open)| open.histogram.is_none());
        let (positions, missing): (Vec<usize>, Vec<_>) = missing.map(|(at, open)| (first + at, open)).unzip();
        for (open, histogram) in missing.into_iter().zip(self.count(&positions)) {
            open.histogram = Some(histogram);
        }
    }

    /// The histograms of the nodes at these positions.
    fn count(&self, positions: &[usize]) -> Vec<Vec<S::Stats>> {
        let bins = self.offsets.last().copied().unwrap_or(0);
        let empty = || vec![vec![S::Stats::default(); bins]; positions.len()];
        // Whole numbers: any grouping gives the same sums.
        let group = self.chunks.len().div_ceil(2 * rayon::current_num_threads()).max(1);
        let of_group = |chunks: &[Chunk]| {
            let mut histograms = empty();
            for chunk in chunks {
                for (position, histogram) in positions.iter().zip(&mut histograms) {
                    chunk.count(*position, self.source, self.features, &self.offsets, histogram);
                }
            }
            histograms
        };
        let merge = |mut one: Vec<Vec<S::Stats>>, other: Vec<Vec<S::Stats>>| {
            for (one, other) in one.iter_mut().flatten().zip(other.into_iter().flatten()) {
                *one += other;
            }
            one
        };
        self.chunks.par_chunks(group).map(of_group).reduce_with(merge).unwrap_or_else(empty)
    }

    fn choose(&self, at: usize, open: &Open<S::Stats>) -> Option<Chosen<S::Stats>> {
        let histogram = open.histogram.as_ref()?;
        let choice = Choice { limits: self.limits, all: self.nodes[open.node].stats, bounds: open.bounds };
        let bins = |feature: usize| &histogram[self.offsets[feature]..self.offsets[feature + 1]];
        let mut found = match self.top {
            Some(top) => {
                let split = top.splits[open.node].as_ref()?;
                Choice::asked(split, bins(split.feature))
            }
            None => choice.best(self.features, bins)?,
        };
        let feature = &self.features[found.feature];
        let intervals = match &feature.order {
            Order::Number(number) => number.intervals,
            Order::Category => 0,
        };
        let edge = edge(&found, &bins(found.feature)[..intervals]);
        let mut parting = rough(&found, edge.as_ref(), feature);
        if let Some(edge) = &edge {
            let (chunks, source) = (&self.chunks, self.source);
            match self.top {
                Some(_) => settle(chunks, at, source, self.features, edge, (&found, &mut parting)),
                None => {
                    let split = (&mut found, &mut parting);
                    refine(chunks, at, source, self.features, &choice, edge, split);
                }
            }
        }
        let bins = bins(found.feature);
        choice.send_undecided(&mut found, bins, intervals);
        let bounds = choice.bounds_of_children(&found);
        Some(Chosen { found, parting, bounds })
    }

    /// Parts the rows, and opens the children that may be split.
    fn part(
        &mut self,
        open: Vec<Open<S::Stats>>,
        mut chosen: Vec<Option<Chosen<S::Stats>>>,
    ) -> Vec<Open<S::Stats>> {
        let partings: Vec<Option<Parting>> =
            chosen.iter_mut().map(|chosen| chosen.as_mut().map(|c| c.parting.take())).collect();
        let features = self.features;
        let value = |feature: usize, row: usize| match &features[feature].order {
            Order::Number(number) => number.value(row),
            Order::Category => f64::NAN,
        };
        self.chunks.par_iter_mut().for_each(|chunk| chunk.part(features, &partings, value));
        let splits = open.into_iter().zip(chosen).filter_map(|(open, chosen)| Some((open, chosen?)));
        let partings = partings.into_iter().flatten();
        let mut next = Vec::new();
        // Positions among the children, and the histograms that follow from one of the two.
        let (mut small, mut inherits, mut positions) = (Vec::new(), Vec::new(), Vec::new());
        for (pair, ((open, chosen), parting)) in splits.zip(partings).enumerate() {
            let all = self.nodes[open.node].stats;
            let children = [chosen.found.left, all.minus(chosen.found.left)];
            let first = self.nodes.len();
            self.nodes[open.node].split = Some(GrownSplit {
                feature: parting.feature,
                lefts: chosen.found.lefts,
                threshold: parting.threshold,
                left: first,
                right: first + 1,
            });
            let smaller = usize::from(children[1].rows() < children[0].rows());
            let mut opened = [None; 2];
            for (side, stats) in children.into_iter().enumerate() {
                self.nodes.push(GrownNode { stats, split: None });
                if self.may_split(stats) {
                    opened[side] = Some(next.len());
                    positions.push(2 * pair + side);
                    next.push(Open { node: first + side, bounds: chosen.bounds[side], histogram: None });
                }
            }
            if let (Some(histogram), true) = (open.histogram, opened.iter().any(Option::is_some)) {
                small.push(2 * pair + smaller);
                inherits.push((histogram, opened[smaller], opened[1 - smaller]));
            }
        }
        for (counted, (mut histogram, smaller, larger)) in self.count(&small).into_iter().zip(inherits) {
            if let Some(larger) = larger {
                histogram.iter_mut().zip(&counted).for_each(|(all, part)| *all -= *part);
                next[larger].histogram = Some(histogram);
            }
            if let Some(smaller) = smaller {
                next[smaller].histogram = Some(counted);
            }
        }
        self.chunks.par_iter_mut().for_each(|chunk| chunk.keep(&positions));
        next
    }
}

impl GrownSplit {
    /// Whether a row of this bin goes left; `value` gives its number where the bin does not tell.
    pub(crate) fn goes_left(&self, feature: &Feature<'_>, bin: usize, row: usize) -> bool {
        match &feature.order {
            Order::Number(number) if bin < number.intervals => number.value(row) < self.threshold,
            _ => self.lefts[bin],
        }
    }
}

impl<S> Grown<S> {
    /// The nodes that a row comes through, from the root to its leaf.
    pub(crate) fn way(&self, features: &[Feature<'_>], row: usize) -> impl Iterator<Item = usize> {
        std::iter::successors(Some(0), move |here| {
            let split = self.nodes[*here].split.as_ref()?;
            let feature = &features[split.feature];
            let left = split.goes_left(feature, feature.codes.get(row), row);
            Some(if left { split.left } else { split.right })
        })
    }
}
