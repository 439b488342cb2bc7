//! Rows by their answers to the questions of some features.

use super::grid::Grid;
use super::questions::Question;
use crate::grow::stats::Stats;

/// What may be asked of a feature.
pub(super) struct Axis {
    pub(super) grid: Grid,
    pub(super) questions: Vec<Question>,
}

/// Some rows.
pub(super) struct Sample<S> {
    pub(super) stats: Vec<S>,
    /// By feature the coarse bin of each row.
    pub(super) codes: Vec<Vec<u8>>,
}

impl<S: Stats> Sample<S> {
    pub(super) fn sum(&self) -> S {
        self.stats.iter().fold(S::default(), |sum, stats| sum.plus(*stats))
    }

    /// The rows that answer like `left`.
    pub(super) fn part(&self, feature: usize, lefts: &[bool], left: bool) -> Self {
        let mine: Vec<bool> =
            self.codes[feature].iter().map(|bin| lefts[usize::from(*bin)] == left).collect();
        fn kept<T: Copy>(all: &[T], mine: &[bool]) -> Vec<T> {
            all.iter().zip(mine).filter(|(_, mine)| **mine).map(|(one, _)| *one).collect()
        }
        let codes = self.codes.iter().map(|codes| kept(codes, &mine)).collect();
        Self { stats: kept(&self.stats, &mine), codes }
    }

    /// Both features' bins of each row in one number.
    pub(super) fn both(&self, axes: &[Axis], f: usize, g: usize) -> Vec<u16> {
        let bins = axes[g].grid.bins as u16;
        self.codes[f].iter().zip(&self.codes[g]).map(|(f, g)| u16::from(*f) * bins + u16::from(*g)).collect()
    }
}

/// Sums by the answers to the questions of two or three features, of which two may be the same one. Along each axis stand
/// its questions (rows that go left), then all rows.
#[derive(Default)]
pub(super) struct Table<S> {
    pub(super) sums: Vec<S>,
    aside: Vec<S>,
}

impl<S: Stats> Table<S> {
    /// Counts the rows by two features.
    pub(super) fn fill_pair(&mut self, sample: &Sample<S>, axes: [&Axis; 2], both: &[u16]) {
        self.clear(axes[0].grid.bins * axes[1].grid.bins);
        for (place, stats) in both.iter().zip(&sample.stats) {
            self.sums[usize::from(*place)] += *stats;
        }
        self.answer(axes[0].grid.bins, axes[1], 1);
        self.answer(1, axes[0], axes[1].questions.len() + 1);
    }

    /// Counts the rows by three features, given the first two of each row in one number.
    pub(super) fn fill_triple(&mut self, sample: &Sample<S>, axes: [&Axis; 3], both: &[u16], third: &[u8]) {
        let bins = axes.map(|axis| axis.grid.bins);
        self.clear(bins[0] * bins[1] * bins[2]);
        for ((both, third), stats) in both.iter().zip(third).zip(&sample.stats) {
            self.sums[usize::from(*both) * bins[2] + usize::from(*third)] += *stats;
        }
        let asked = axes.map(|axis| axis.questions.len() + 1);
        self.answer(bins[0] * bins[1], axes[2], 1);
        self.answer(bins[0], axes[1], asked[2]);
        self.answer(1, axes[0], asked[1] * asked[2]);
    }

    fn clear(&mut self, cells: usize) {
        self.sums.clear();
        self.sums.resize(cells, S::default());
    }

    /// From bins to questions along one axis; `outer` steps of the axes before it, `inner` cells behind each of its own.
    fn answer(&mut self, outer: usize, axis: &Axis, inner: usize) {
        let (bins, asked) = (axis.grid.bins * inner, (axis.questions.len() + 1) * inner);
        self.aside.clear();
        self.aside.resize(outer * asked, S::default());
        for (from, to) in self.sums.chunks_exact(bins).zip(self.aside.chunks_exact_mut(asked)) {
            let add = |line: &mut [S], bin: usize| {
                let more = &from[bin * inner..(bin + 1) * inner];
                line.iter_mut().zip(more).for_each(|(sum, more)| *sum += *more);
            };
            for (at, question) in axis.questions.iter().enumerate() {
                let (before, line) = to.split_at_mut(at * inner);
                let line = &mut line[..inner];
                if let Some(earlier) = question.from {
                    line.copy_from_slice(&before[earlier * inner..(earlier + 1) * inner]);
                }
                question.more.iter().for_each(|bin| add(line, *bin));
            }
            let all = &mut to[asked - inner..];
            (0..axis.grid.bins).for_each(|bin| add(all, bin));
        }
        std::mem::swap(&mut self.sums, &mut self.aside);
    }
}
