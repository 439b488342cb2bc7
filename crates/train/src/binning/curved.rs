//! Convex and concave trends: the rise of the mean from bin to bin never shrinks, or never grows.
//!
//! The condition ties three neighbouring bins together, so the search of [`super::optimal`] is made on pairs of
//! bins: `best(k, [h, i), [i, j))`. From one pair to the next the condition bounds the mean of the first bin
//! from one side, so one sweep again serves all ends at once: `n^3 (log n + K)` steps.

use super::bins::{Bins, Worth};
use super::optimal::{Course, Optimum, ROUNDING, p_value};
use super::params::{BinningParams, Trend};

/// Where a pair of bins came from: the start of the bin before it.
type Before = u16;

/// The best binning whose differences of means ascend (`Up`: convex) or descend (`Down`: concave).
pub(super) fn search(bins: &Bins, worth: Worth, params: &BinningParams, course: Course) -> Option<Optimum> {
    let n = bins.n;
    let trend = if course == Course::Up { Trend::Convex } else { Trend::Concave };
    let mut best: Option<(f64, Vec<usize>)> = None;
    let mut offer = |worth: f64, runs: &dyn Fn() -> Vec<usize>| {
        if best.as_ref().is_none_or(|(least, _)| worth > least + ROUNDING * least.abs()) {
            best = Some((worth, runs()));
        }
    };
    if params.min_bins <= 1 && bins.may_be(0, n) {
        offer(bins.worth(0, n), &|| vec![n]);
    }
    let pairs = Pairs::new(bins, worth, params);
    let mut worths = pairs.first(bins);
    let mut layers: Vec<Vec<Before>> = Vec::new();
    for k in 2..=params.max_bins.min(n) {
        if k >= params.min_bins {
            for (split, start, at) in pairs.last() {
                if worths[at] > f64::NEG_INFINITY {
                    offer(worths[at], &|| pairs.runs(&layers, start, split));
                }
            }
        }
        let (next, before) = pairs.extend(bins, &worths, course);
        if next.iter().all(|worth| *worth == f64::NEG_INFINITY) {
            break;
        }
        worths = next;
        layers.push(before);
    }
    best.map(|(worth, runs)| Optimum { runs, worth, trend })
}

/// All pairs of neighbouring bins `[h, i) [i, j)`, numbered.
struct Pairs {
    n: usize,
    /// Whether both bins and the limits between them hold.
    may_be: Vec<bool>,
}

impl Pairs {
    fn new(bins: &Bins, worth: Worth, params: &BinningParams) -> Self {
        let n = bins.n;
        let mut pairs = Self { n, may_be: vec![false; (n + 1).pow(3)] };
        for (h, i, j) in triples(n) {
            if !bins.may_be(h, i) || !bins.may_be(i, j) {
                continue;
            }
            let apart = Course::Any.allows(bins.mean(h, i), bins.mean(i, j), params.min_difference);
            let tested = || p_value(bins.moments(h, i), bins.moments(i, j), worth) <= params.max_p_value;
            let at = pairs.at(h, i, j);
            pairs.may_be[at] = apart && (params.max_p_value >= 1.0 || tested());
        }
        pairs
    }

    fn at(&self, h: usize, i: usize, j: usize) -> usize {
        (h * (self.n + 1) + i) * (self.n + 1) + j
    }

    /// Worth of the pairs that begin with the first pre-bin.
    fn first(&self, bins: &Bins) -> Vec<f64> {
        let mut worths = vec![f64::NEG_INFINITY; self.may_be.len()];
        for (h, i, j) in triples(self.n).filter(|(h, ..)| *h == 0) {
            if self.may_be[self.at(h, i, j)] {
                worths[self.at(h, i, j)] = bins.worth(h, i) + bins.worth(i, j);
            }
        }
        worths
    }

    /// The pairs that end with the last pre-bin: split, start, number.
    fn last(&self) -> impl Iterator<Item = (usize, usize, usize)> + '_ {
        let n = self.n;
        (1..n).flat_map(move |split| (0..split).map(move |start| (split, start, self.at(start, split, n))))
    }

    /// One more bin: `best([i, j), [j, l))` from `best([h, i), [i, j))`.
    fn extend(&self, bins: &Bins, worths: &[f64], course: Course) -> (Vec<f64>, Vec<Before>) {
        let mut next = vec![f64::NEG_INFINITY; worths.len()];
        let mut before = vec![0; worths.len()];
        for (i, j) in (1..self.n).flat_map(|i| (i + 1..self.n).map(move |j| (i, j))) {
            // A mean of the first bin as large (convex) or as small (concave) as `2 mean - mean after` allows.
            let towards = |mean: f64| if course == Course::Up { -mean } else { mean };
            let mut firsts: Vec<(f64, usize)> = (0..i)
                .filter(|h| worths[self.at(*h, i, j)] > f64::NEG_INFINITY)
                .map(|h| (towards(bins.mean(h, i)), h))
                .collect();
            let mut lasts: Vec<(f64, usize)> = (j + 1..=self.n)
                .filter(|l| self.may_be[self.at(i, j, *l)])
                .map(|l| (towards(2.0 * bins.mean(i, j) - bins.mean(j, l)), l))
                .collect();
            firsts.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
            lasts.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
            let mut firsts = firsts.into_iter().peekable();
            let mut best: Option<(f64, usize)> = None;
            for (bound, l) in lasts {
                while let Some((_, h)) = firsts.next_if(|(mean, _)| *mean <= bound) {
                    let worth = worths[self.at(h, i, j)];
                    if best.is_none_or(|(most, _)| worth > most) {
                        best = Some((worth, h));
                    }
                }
                if let Some((worth, h)) = best {
                    next[self.at(i, j, l)] = worth + bins.worth(j, l);
                    before[self.at(i, j, l)] = h as Before;
                }
            }
        }
        (next, before)
    }

    /// Follows a way back from its last two bins, `[start, split)` and `[split, n)`.
    fn runs(&self, layers: &[Vec<Before>], mut start: usize, mut split: usize) -> Vec<usize> {
        let mut end = self.n;
        let mut runs = vec![end - split];
        for layer in layers.iter().rev() {
            runs.push(split - start);
            let earlier = usize::from(layer[self.at(start, split, end)]);
            (end, split, start) = (split, start, earlier);
        }
        runs.push(split - start);
        runs.reverse();
        runs
    }
}

fn triples(n: usize) -> impl Iterator<Item = (usize, usize, usize)> {
    (0..n).flat_map(move |h| (h + 1..n).flat_map(move |i| (i + 1..=n).map(move |j| (h, i, j))))
}
