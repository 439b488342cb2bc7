//! The threshold of a split inside the two intervals that it parts.

use super::chunk::{Chunk, Parting, Way};
use super::code::{Feature, Number, Order};
use super::split::{Choice, Found};
use super::stats::{Source, Stats};
use rayon::prelude::*;

/// The intervals next to a threshold that hold rows of the node, and what is below the first.
pub(super) struct Edge<S> {
    /// Rows that go left whatever the threshold between.
    base: S,
    intervals: [usize; 2],
}

/// The edge of a split; `None` where it is not one between numbers.
pub(super) fn edge<S: Stats>(found: &Found<S>, bins: &[S]) -> Option<Edge<S>> {
    let from = found.from.filter(|from| *from > 0)?;
    let low = (0..from).rev().find(|bin| bins[*bin].rows() > 0)?;
    let high = (from..bins.len()).find(|bin| bins[*bin].rows() > 0)?;
    Some(Edge { base: found.left.minus(bins[low]), intervals: [low, high] })
}

/// How the rows of a node part, before its threshold is known to the last digit: the intervals at the edge have to be
/// looked at where they hold more than one number.
pub(super) fn rough<S>(found: &Found<S>, edge: Option<&Edge<S>>, feature: &Feature<'_>) -> Parting {
    let way = |left: &bool| if *left { Way::Left } else { Way::Right };
    let mut sides: Vec<Way> = found.lefts.iter().map(way).collect();
    let mut threshold = f64::MIN;
    if let (Some(edge), Order::Number(number)) = (edge, &feature.order) {
        match number.alone.get(edge.intervals[1]) {
            Some(above) => threshold = between(number.alone[edge.intervals[0]], *above),
            None => edge.intervals.iter().for_each(|interval| sides[*interval] = Way::Look),
        }
    }
    Parting { feature: found.feature, sides, threshold }
}

/// Halfway between the highest number on the left and the lowest on the right, and above the former even where no float
/// lies between them, so that `x < threshold` parts the two.
fn between(below: f64, above: f64) -> f64 {
    let middle = f64::midpoint(below, above);
    if middle > below { middle } else { above }
}

/// Finds the best threshold among the numbers in the two intervals at the edge, and puts it into `found` and `parting`.
pub(super) fn refine<S: Source>(
    chunks: &[Chunk],
    node: usize,
    source: &S,
    features: &[Feature<'_>],
    choice: &Choice<'_, S::Stats>,
    edge: &Edge<S::Stats>,
    (found, parting): (&mut Found<S::Stats>, &mut Parting),
) {
    let Order::Number(number) = &features[found.feature].order else { return };
    if !parting.sides.contains(&Way::Look) {
        return;
    }
    let numbers = numbers(chunks, node, source, features, parting, number);
    let direction = choice.limits.directions[found.feature];
    let mut best: Option<(f64, f64, S::Stats)> = None;
    let mut left = edge.base;
    for pair in numbers.windows(2) {
        left += pair[0].1;
        let gain = choice.gain(left, direction);
        if best.as_ref().is_none_or(|(most, ..)| gain > *most) {
            best = Some((gain, between(pair[0].0, pair[1].0), left));
        }
    }
    // The threshold between the two intervals is among them.
    if let Some((_, threshold, left)) = best {
        found.left = left;
        parting.threshold = threshold;
    }
}

/// Puts the threshold of a split that is as it should be between the two intervals at the edge.
pub(super) fn settle<S: Source>(
    chunks: &[Chunk],
    node: usize,
    source: &S,
    features: &[Feature<'_>],
    edge: &Edge<S::Stats>,
    (found, parting): (&Found<S::Stats>, &mut Parting),
) {
    let Order::Number(number) = &features[found.feature].order else { return };
    if !parting.sides.contains(&Way::Look) {
        return;
    }
    let numbers = numbers(chunks, node, source, features, parting, number);
    let mut left = edge.base;
    for pair in numbers.windows(2) {
        left += pair[0].1;
        if left.rows() == found.left.rows() {
            parting.threshold = between(pair[0].0, pair[1].0);
        }
    }
}

/// The different numbers to be looked at, ascending.
fn numbers<S: Source>(
    chunks: &[Chunk],
    node: usize,
    source: &S,
    features: &[Feature<'_>],
    parting: &Parting,
    number: &Number<'_>,
) -> Vec<(f64, S::Stats)> {
    let of_chunk = |chunk: &Chunk| {
        let mut found = Vec::new();
        chunk.look(node, source, features, parting, |row| number.value(row), &mut found);
        found
    };
    let mut all: Vec<(f64, S::Stats)> = chunks.par_iter().map(of_chunk).collect::<Vec<_>>().concat();
    all.sort_unstable_by(|a, b| (a.0 + 0.0).total_cmp(&(b.0 + 0.0)));
    let mut numbers: Vec<(f64, S::Stats)> = Vec::with_capacity(all.len());
    for (x, stats) in all {
        match numbers.last_mut().filter(|(last, _)| *last == x) {
            Some((_, sum)) => *sum += stats,
            None => numbers.push((x, stats)),
        }
    }
    numbers
}
