//! Optimal binning: of all ways to join neighbouring pre-bins, the one worth most that keeps every limit.
//!
//! Dynamic programming. A bin is `[start, end)` in pre-bins; `best(k, bin)` is the most that k bins can be
//! worth of which `bin` is the last. It follows from the bins that may stand before it:
//! `best(k + 1, [i, j)) = worth([i, j)) + max over h of best(k, [h, i))`, where the trend and the limits
//! between neighbours hold for `[h, i)` and `[i, j)`. A trend asks only whether the mean of one lies above
//! the other's, so with both sides in order of their means one sweep serves all j at once: with n pre-bins
//! and at most K bins the search takes `n^2 (log n + K)` steps. Every way is thereby considered, so the result is
//! the optimum for the given pre-bins. Ties go to fewer bins.

use super::bins::{Bins, Worth, at};
use super::curved;
use super::infeasible::{Infeasible, explain};
use super::joint::{Joint, Layer};
use super::params::{BinningParams, Objective, Trend};
use super::tally::Moments;

/// The best binning of a row of pre-bins.
#[derive(Clone, Debug, PartialEq)]
pub struct Optimum {
    /// How many pre-bins each bin joins, first to last.
    pub runs: Vec<usize>,
    /// What was maximised: the sum over these bins.
    pub worth: f64,
    /// The trend they follow; never `auto`.
    pub trend: Trend,
}

/// A peak or a valley must be worth so much more than a monotone course that chance makes it rarer than
/// once in a thousand: the chi-square quantile at one degree of freedom.
const TURN_CHI_SQUARE: f64 = 10.83;

/// Worth below this relative gain is rounding, not evidence.
pub(super) const ROUNDING: f64 = 1e-11;

/// Finds the best binning.
///
/// `prebins`: none of them empty. `whole`: all rows, those with missing and special values too; shares of
/// rows, goods and bads are of it. `fixed`: pre-bins (above 0) before which a split must stand. Limits and trend are
/// those of `params`, of which only these and the objective (in `worth`) matter here.
///
/// # Errors
/// [`Infeasible`] when no binning keeps all limits, saying which.
pub fn optimise(
    prebins: &[Moments],
    whole: Moments,
    worth: Worth,
    params: &BinningParams,
    fixed: &[usize],
) -> Result<Optimum, Infeasible> {
    let bins = Bins::new(prebins, whole, worth, params, fixed);
    search(&bins, whole, worth, params).ok_or_else(|| explain(prebins, whole, worth, params, fixed))
}

/// [`optimise`] on bins already judged; `None` where nothing keeps the limits.
pub(super) fn search(bins: &Bins, whole: Moments, worth: Worth, params: &BinningParams) -> Option<Optimum> {
    let joints = Joint::all(bins);
    let one =
        |courses: &[Course], trend| Search::run(bins, &joints, worth, params, courses).optimum(trend, params);
    match params.trend {
        Trend::Ascending => one(&[Course::Up], params.trend),
        Trend::Descending => one(&[Course::Down], params.trend),
        Trend::Peak => one(&[Course::Up, Course::Down], params.trend),
        Trend::Valley => one(&[Course::Down, Course::Up], params.trend),
        Trend::None => one(&[Course::Any], params.trend),
        Trend::Convex => curved::search(bins, worth, params, Course::Up),
        Trend::Concave => curved::search(bins, worth, params, Course::Down),
        Trend::Auto => automatic(bins, &joints, whole, worth, params),
    }
}

/// Monotone unless a turn is worth significantly more, or the variable says too little for either.
///
/// Under no true difference, IV x goods x bads / rows is asymptotically chi-square (it is the symmetric
/// Kullback-Leibler divergence of two samples; Kullback 1959, chapter 6), and so is the share of the
/// variance x rows; that is the yardstick for the gain.
fn automatic(
    bins: &Bins,
    joints: &[Joint],
    whole: Moments,
    worth: Worth,
    params: &BinningParams,
) -> Option<Optimum> {
    let rise = Search::run(bins, joints, worth, params, &[Course::Up, Course::Down]);
    let fall = Search::run(bins, joints, worth, params, &[Course::Down, Course::Up]);
    let better = |a: Option<Optimum>, b: Option<Optimum>| match (a, b) {
        (Some(a), Some(b)) => Some(if b.worth > a.worth { b } else { a }),
        (a, b) => a.or(b),
    };
    let monotone =
        better(rise.best_within(1, Trend::Ascending, params), fall.best_within(1, Trend::Descending, params));
    let turning = better(rise.optimum(Trend::Peak, params), fall.optimum(Trend::Valley, params));
    let (Some(straight), Some(turned)) = (&monotone, &turning) else { return monotone.or(turning) };
    let size = match worth {
        Worth::Distance(_) => whole.sum * (whole.weight - whole.sum) / whole.weight,
        Worth::Variance => whole.weight,
    };
    let significant = (turned.worth - straight.worth) * size > TURN_CHI_SQUARE;
    // What is left out all the same has no trend worth keeping.
    let neither = matches!(worth, Worth::Distance(Objective::Iv)) && turned.worth < params.min_iv;
    if significant || neither { turning } else { monotone }
}

/// Where the mean goes from one bin to the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Course {
    Up,
    Down,
    Any,
}

impl Course {
    /// Whether a bin of mean `after` may follow one of mean `before`, `least` being the least difference.
    pub(super) fn allows(self, before: f64, after: f64, least: f64) -> bool {
        let up = after > before && after - before >= least;
        let down = after < before && before - after >= least;
        match self {
            Self::Up => up,
            Self::Down => down,
            Self::Any => up || down || least == 0.0,
        }
    }
}

/// The finished search: what each last bin can be worth, and how it came to that.
///
/// Without regard to the number of bins one layer is enough, in which a way may be of any length. Only where the best
/// of those has too many or too few bins are the numbers of bins told apart, a layer each.
struct Search {
    /// For each layer and course, the best way that ends in the last pre-bin: its worth and where its last bin
    /// starts.
    ends: Vec<Vec<Option<(f64, usize)>>>,
    /// For each layer, course and bin: where the bin before it starts, and its course. Where layers are numbers of
    /// bins, these begin with those of two.
    before: Vec<Vec<Vec<(u16, u8)>>>,
    n: usize,
    /// One layer for all lengths.
    free: bool,
}

impl Search {
    /// The courses follow each other: a way takes the first, later perhaps the second.
    fn run(bins: &Bins, joints: &[Joint], worth: Worth, params: &BinningParams, courses: &[Course]) -> Self {
        let n = bins.n;
        let states = at(0, n + 1);
        let mut first = Layer::new(states, courses.len());
        for end in 1..=n {
            first.worths[0][at(0, end)] = bins.worth(0, end);
        }
        let mut best = first.worths.clone();
        let mut free = Self { ends: Vec::new(), before: Vec::new(), n, free: true };
        for joint in joints {
            joint.extend(bins, worth, params, courses, None, &mut first);
        }
        free.note_ends(&first.worths);
        free.before.push(first.before);
        if free.keeps_number(params, courses.len()) {
            return free;
        }
        let mut found = Self { ends: Vec::new(), before: Vec::new(), n, free: false };
        found.note_ends(&best);
        for _ in 1..params.max_bins.min(n) {
            let mut next = Layer::new(states, courses.len());
            for joint in joints {
                joint.extend(bins, worth, params, courses, Some(&best), &mut next);
            }
            if next.worths.iter().flatten().all(|worth| *worth == f64::NEG_INFINITY) {
                break;
            }
            found.note_ends(&next.worths);
            found.before.push(next.before);
            best = next.worths;
        }
        found
    }

    /// Whether the best ways, over the first course and over all, have a number of bins that is allowed.
    fn keeps_number(&self, params: &BinningParams, courses: usize) -> bool {
        let fine = |within: usize| {
            let best = self.best_within(within, Trend::None, params);
            best.is_none_or(|best| (params.min_bins..=params.max_bins).contains(&best.runs.len()))
        };
        (1..=courses).all(fine)
    }

    fn note_ends(&mut self, best: &[Vec<f64>]) {
        let n = self.n;
        let of_course = |worths: &Vec<f64>| {
            let ends = (0..n).map(|start| (worths[at(start, n)], start));
            let ends = ends.filter(|(worth, _)| *worth > f64::NEG_INFINITY);
            ends.reduce(|a, b| if b.0 > a.0 { b } else { a })
        };
        self.ends.push(best.iter().map(of_course).collect());
    }

    fn optimum(&self, trend: Trend, params: &BinningParams) -> Option<Optimum> {
        self.best_within(usize::MAX, trend, params)
    }

    /// The best of the ways that end in one of the first `courses`.
    fn best_within(&self, courses: usize, trend: Trend, params: &BinningParams) -> Option<Optimum> {
        let fewest = if self.free { 0 } else { params.min_bins - 1 };
        let mut best: Option<(f64, usize, usize, usize)> = None;
        for (layer, ends) in self.ends.iter().enumerate().skip(fewest) {
            for (course, end) in ends.iter().enumerate().take(courses) {
                let Some((worth, start)) = *end else { continue };
                if best.is_none_or(|(least, ..)| worth > least + ROUNDING * least.abs()) {
                    best = Some((worth, layer, course, start));
                }
            }
        }
        let (worth, layer, course, start) = best?;
        Some(Optimum { runs: self.runs(layer, course, start), worth, trend })
    }

    /// Follows a way back from its last bin.
    fn runs(&self, mut layer: usize, mut course: usize, mut start: usize) -> Vec<usize> {
        let mut runs = Vec::new();
        let mut end = self.n;
        while start > 0 {
            runs.push(end - start);
            layer = if self.free { 0 } else { layer - 1 };
            let (earlier, earlier_course) = self.before[layer][course][at(start, end)];
            (end, start, course) = (start, usize::from(earlier), usize::from(earlier_course));
        }
        runs.push(end);
        runs.reverse();
        runs
    }
}

/// Two-sided p-value of the difference of two bins' means, by the normal distribution: the two-proportion
/// z-test with pooled variance, or for a target that is a number Welch's statistic.
pub fn p_value(a: Moments, b: Moments, worth: Worth) -> f64 {
    let variance = match worth {
        Worth::Distance(_) => {
            let pooled = (a.sum + b.sum) / (a.weight + b.weight);
            pooled * (1.0 - pooled) * (1.0 / a.weight + 1.0 / b.weight)
        }
        Worth::Variance => {
            let of_mean = |m: Moments| ((m.squares - m.sum * m.mean()).max(0.0) / m.weight) / m.weight;
            of_mean(a) + of_mean(b)
        }
    };
    let difference = (a.mean() - b.mean()).abs();
    if variance > 0.0 {
        libm::erfc(difference / (2.0 * variance).sqrt())
    } else {
        f64::from(u8::from(difference == 0.0))
    }
}
