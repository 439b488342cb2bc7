//! One step of the search: which bins may meet at a split, and what the best way through it is.

use super::bins::{Bins, Worth, at};
use super::optimal::{Course, p_value};
use super::params::BinningParams;
use std::cmp::Ordering;

/// What ways to each bin are worth, and where they came from.
pub(super) struct Layer {
    /// By course, then bin: the most that a way is worth of which it is the last; negative infinity without one.
    pub(super) worths: Vec<Vec<f64>>,
    /// By course, then bin: where the bin before it starts, and the course of that.
    pub(super) before: Vec<Vec<(u16, u8)>>,
}

impl Layer {
    pub(super) fn new(states: usize, courses: usize) -> Self {
        Self {
            worths: vec![vec![f64::NEG_INFINITY; states]; courses],
            before: vec![vec![(0, 0); states]; courses],
        }
    }
}

/// A split, and the bins that may meet there.
pub(super) struct Joint {
    split: usize,
    /// Starts of the bins that end here and may be, with their means; means ascend.
    left: Vec<(usize, f64)>,
    /// Ends of the bins that start here and may be, with their means; means ascend.
    right: Vec<(usize, f64)>,
}

/// A way that leads to a split.
#[derive(Clone, Copy)]
struct Way {
    worth: f64,
    start: usize,
    course: u8,
    mean: f64,
}

impl Joint {
    /// All splits, first to last.
    pub(super) fn all(bins: &Bins) -> Vec<Self> {
        (1..bins.n).map(|split| Self::new(bins, split)).collect()
    }

    fn new(bins: &Bins, split: usize) -> Self {
        let by_mean = |a: &(usize, f64), b: &(usize, f64)| a.1.total_cmp(&b.1).then(a.0.cmp(&b.0));
        let left = (0..split).filter(|start| bins.may_be(*start, split));
        let mut left: Vec<_> = left.map(|start| (start, bins.mean(start, split))).collect();
        let right = (split + 1..=bins.n).filter(|end| bins.may_be(split, *end));
        let mut right: Vec<_> = right.map(|end| (end, bins.mean(split, end))).collect();
        left.sort_by(by_mean);
        right.sort_by(by_mean);
        Self { split, left, right }
    }

    /// Gives the bins that start here the best ways that lead here. Those are read from `from`, the worths of the layer
    /// before, or, where ways of all lengths stand together, from `to`.
    pub(super) fn extend(
        &self,
        bins: &Bins,
        worth: Worth,
        params: &BinningParams,
        courses: &[Course],
        from: Option<&[Vec<f64>]>,
        to: &mut Layer,
    ) {
        for (course, step) in courses.iter().enumerate() {
            let ways = self.ways(&from.unwrap_or(&to.worths)[..=course]);
            let mut reach = |end: usize, way: Way| {
                to.worths[course][at(self.split, end)] = way.worth + bins.worth(self.split, end);
                to.before[course][at(self.split, end)] = (way.start as u16, way.course);
            };
            if params.max_p_value < 1.0 {
                self.test(bins, worth, params, *step, ways, &mut reach);
            } else {
                self.sweep(params.min_difference, *step, &ways, &mut reach);
            }
        }
    }

    /// The ways that lead here, in order of the mean of their last bin. `best`: by course, then bin; the earlier
    /// course wins a tie.
    fn ways(&self, best: &[Vec<f64>]) -> Vec<Way> {
        let way = |(start, mean): &(usize, f64)| {
            let worths = best.iter().map(|worths| worths[at(*start, self.split)]).enumerate();
            let (course, worth) = worths.reduce(|a, b| if b.1 > a.1 { b } else { a })?;
            let way = Way { worth, start: *start, course: course as u8, mean: *mean };
            (worth > f64::NEG_INFINITY).then_some(way)
        };
        self.left.iter().filter_map(way).collect()
    }

    /// Gives each end the best way that its course and the least difference allow.
    fn sweep(&self, least: f64, step: Course, ways: &[Way], reach: &mut impl FnMut(usize, Way)) {
        if step == Course::Any && least == 0.0 {
            if let Some(best) = ways.iter().copied().reduce(better) {
                self.right.iter().for_each(|(end, _)| reach(*end, best));
            }
            return;
        }
        let from_below = |course: Course| running_best(ways.iter(), self.right.iter(), course, least);
        let from_above = |course: Course| {
            let mut found = running_best(ways.iter().rev(), self.right.iter().rev(), course, least);
            found.reverse();
            found
        };
        let found = match step {
            Course::Up => from_below(Course::Up),
            Course::Down => from_above(Course::Down),
            Course::Any => {
                let both = from_below(Course::Up).into_iter().zip(from_above(Course::Down));
                both.map(|(a, b)| a.into_iter().chain(b).reduce(better)).collect()
            }
        };
        for ((end, _), way) in self.right.iter().zip(found) {
            way.into_iter().for_each(|way| reach(*end, way));
        }
    }

    /// Like [`Joint::sweep`], with the test between neighbours: ways are tried from the best on.
    fn test(
        &self,
        bins: &Bins,
        worth: Worth,
        params: &BinningParams,
        step: Course,
        mut ways: Vec<Way>,
        reach: &mut impl FnMut(usize, Way),
    ) {
        ways.sort_by(|a, b| b.worth.total_cmp(&a.worth));
        for (end, mean) in &self.right {
            let after = bins.moments(self.split, *end);
            let fits = |way: &&Way| {
                step.allows(way.mean, *mean, params.min_difference)
                    && p_value(bins.moments(way.start, self.split), after, worth) <= params.max_p_value
            };
            ways.iter().find(fits).into_iter().for_each(|way| reach(*end, *way));
        }
    }
}

/// For each of `ends`, the best of the ways its course allows. Both come in the order in which ever more ways
/// are allowed.
fn running_best<'a>(
    ways: impl Iterator<Item = &'a Way>,
    ends: impl Iterator<Item = &'a (usize, f64)>,
    course: Course,
    least: f64,
) -> Vec<Option<Way>> {
    let mut ways = ways.peekable();
    let mut best: Option<Way> = None;
    let allowed = |(_, mean): &(usize, f64)| {
        while let Some(way) = ways.next_if(|way| course.allows(way.mean, *mean, least)) {
            best = Some(best.map_or(*way, |best| better(best, *way)));
        }
        best
    };
    ends.map(allowed).collect()
}

/// The way worth more; on a tie the one whose last bin starts earlier, so that the order of trial does not matter.
fn better(a: Way, b: Way) -> Way {
    match a.worth.total_cmp(&b.worth).then(b.start.cmp(&a.start)) {
        Ordering::Less => b,
        _ => a,
    }
}
