//! Tree pre-bins: a decision tree on one variable, its best leaf split first.

use std::cmp::Ordering;

/// A leaf holds at least one in so many of the rows that an equal share would give it.
const SMALLEST_LEAF: f64 = 0.25;

/// Rows of one value, or of neighbouring values.
#[derive(Clone, Copy, Default)]
struct Sum {
    weight: f64,
    sum: f64,
}

impl Sum {
    /// Squared sum over weight: what splits make as large as they can. For a target of 0 and 1 this is the
    /// decrease of the Gini impurity, for a number that of the variance.
    fn merit(self) -> f64 {
        if self.weight > 0.0 { self.sum * self.sum / self.weight } else { 0.0 }
    }

    fn minus(self, other: Self) -> Self {
        Self { weight: self.weight - other.weight, sum: self.sum - other.sum }
    }
}

/// A leaf `[start, end)` over the distinct values, with the best place to split it.
struct Leaf {
    start: usize,
    end: usize,
    split: usize,
    gain: f64,
}

/// Split points that make at most `bins` leaves of `points` (value, target, weight).
///
/// The leaf whose split gains most is split next, the leftmost on a tie. A split is a value that occurs: bin i
/// holds `splits[i-1] <= x < splits[i]`.
pub fn tree_splits(mut points: Vec<(f64, f64, f64)>, bins: usize) -> Vec<f64> {
    // The target orders equal values, so that sums do not depend on the order of rows.
    points.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)).then(a.2.total_cmp(&b.2)));
    let mut values: Vec<f64> = Vec::new();
    let mut before: Vec<Sum> = vec![Sum::default()];
    let mut sum = Sum::default();
    for group in points.chunk_by(|a, b| a.0 == b.0) {
        group.iter().for_each(|(_, y, w)| sum = Sum { weight: sum.weight + w, sum: sum.sum + w * y });
        values.push(group[0].0);
        before.push(sum);
    }
    let least = SMALLEST_LEAF * sum.weight / bins as f64;
    let mut leaves: Vec<Leaf> =
        (!values.is_empty()).then(|| leaf(&before, 0, values.len(), least)).into_iter().collect();
    let mut splits = Vec::new();
    while leaves.len() < bins {
        let best = (0..leaves.len()).max_by(|a, b| by_gain(&leaves[*a], &leaves[*b]));
        let Some(best) = best.filter(|best| leaves[*best].gain > 0.0) else { break };
        let Leaf { start, end, split, .. } = leaves.swap_remove(best);
        splits.push(values[split]);
        leaves.push(leaf(&before, start, split, least));
        leaves.push(leaf(&before, split, end, least));
    }
    splits.sort_by(f64::total_cmp);
    splits
}

fn by_gain(a: &Leaf, b: &Leaf) -> Ordering {
    a.gain.total_cmp(&b.gain).then(b.start.cmp(&a.start))
}

fn leaf(before: &[Sum], start: usize, end: usize, least: f64) -> Leaf {
    let whole = before[end].minus(before[start]);
    let mut best = Leaf { start, end, split: start, gain: 0.0 };
    for split in start + 1..end {
        let (left, right) = (before[split].minus(before[start]), before[end].minus(before[split]));
        let gain = left.merit() + right.merit() - whole.merit();
        // Below this a gain is rounding.
        let counts = gain > best.gain && gain > 1e-12 * whole.merit();
        if left.weight >= least && right.weight >= least && counts {
            best = Leaf { split, gain, ..best };
        }
    }
    best
}
