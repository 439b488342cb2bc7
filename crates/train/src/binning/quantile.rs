//! Quantile pre-bins: where a number may be split at all.

use super::tally::Tally;

/// Split points that cut `values` into about `bins` groups of equal size.
///
/// With n values in order, groups begin where 1/bins, 2/bins ... of them are passed: at each value that more than
/// `i n / bins` of them do not exceed and the one before it does not. Equal values are never parted, so groups may be
/// fewer. A value so frequent that it fills a group alone gets one of its own.
/// A split is a value that occurs, not the lowest: bin i holds `splits[i-1] <= x < splits[i]`.
pub fn quantile_splits(values: &mut [f64], bins: usize) -> Vec<f64> {
    values.sort_unstable_by_key(|x| ascending_bits(*x));
    let mut walk = Walk::new(values.len() as u64, bins);
    for group in values.chunk_by(|a, b| a == b) {
        walk.value(group[0] + 0.0, Tally { count: group.len() as u64, bads: 0 });
    }
    walk.finish().0
}

/// Bits that compare as unsigned whole numbers like the floats; -0 has those of 0, which it equals.
pub(super) fn ascending_bits(x: f64) -> u64 {
    let bits = (x + 0.0).to_bits();
    bits ^ (((bits as i64 >> 63) as u64) | 1 << 63)
}

/// The number of [`ascending_bits`].
pub(super) fn number_of(bits: u64) -> f64 {
    f64::from_bits(bits ^ ((!(bits as i64) >> 63) as u64 | 1 << 63))
}

/// Goes through the values in order, notes where groups begin and what they hold.
pub(super) struct Walk {
    values: u64,
    bins: u64,
    /// How many groups should have begun.
    begun: u64,
    passed: u64,
    /// Whether the last value fills a group alone.
    frequent: bool,
    open: Tally,
    splits: Vec<f64>,
    closed: Vec<Tally>,
}

impl Walk {
    pub(super) fn new(values: u64, bins: usize) -> Self {
        Self {
            values,
            bins: bins.max(1) as u64,
            begun: 1,
            passed: 0,
            frequent: false,
            open: Tally::default(),
            splits: Vec::new(),
            closed: Vec::new(),
        }
    }

    /// Whether a group may begin among the next `rows` values.
    pub(super) fn may_begin_within(&self, rows: u64) -> bool {
        self.frequent || self.begun < self.bins && self.reaches(rows)
    }

    fn reaches(&self, rows: u64) -> bool {
        let (passed, begun) = (u128::from(self.passed + rows), u128::from(self.begun));
        passed * u128::from(self.bins) > begun * u128::from(self.values)
    }

    /// All rows of the next value.
    pub(super) fn value(&mut self, value: f64, rows: Tally) {
        let begins = self.may_begin_within(rows.count);
        if begins && self.passed > 0 {
            self.splits.push(value);
            self.closed.push(std::mem::take(&mut self.open));
        }
        self.inside(rows);
    }

    /// The next rows, of values at which no group begins, or of one value.
    pub(super) fn inside(&mut self, rows: Tally) {
        self.frequent = u128::from(rows.count) * u128::from(self.bins) >= u128::from(self.values);
        while self.begun < self.bins && self.reaches(rows.count) {
            self.begun += 1;
        }
        self.passed += rows.count;
        self.open = self.open.merge(rows);
    }

    /// The splits, and what the groups between them hold.
    pub(super) fn finish(mut self) -> (Vec<f64>, Vec<Tally>) {
        self.closed.push(self.open);
        (self.splits, self.closed)
    }
}

/// [`quantile_splits`] of `points` (value, weight above 0): a point of weight 2 counts as two.
pub fn weighted_quantile_splits(points: &mut [(f64, f64)], bins: usize) -> Vec<f64> {
    // Weights order equal values, so that their sum does not depend on the order of rows.
    points.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
    let total: f64 = points.iter().map(|(_, weight)| weight).sum();
    // To within rounding: ten rows of weight 0.1 are one.
    let (slack, size) = (1e-9 * total, total / bins.max(1) as f64);
    let mut splits = Vec::new();
    let (mut passed, mut begun, mut frequent) = (0.0, 1, false);
    for group in points.chunk_by(|a, b| a.0 == b.0) {
        let weight: f64 = group.iter().map(|(_, weight)| weight).sum();
        let mut begins = frequent;
        while begun < bins && passed + weight > begun as f64 * size + slack {
            begun += 1;
            begins = true;
        }
        if begins && passed > 0.0 {
            splits.push(group[0].0 + 0.0);
        }
        frequent = weight >= size - slack;
        passed += weight;
    }
    splits
}
