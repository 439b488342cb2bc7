//! Exact sums of coordinates by cluster.
//!
//! A coordinate is rounded to a multiple of 2^-52 and from then on only whole numbers are added, so a sum depends on
//! which rows are in it and not on the order in which they came, went or were merged.

use super::tile::{TILE, Tile};

/// A coordinate counts as `high * 2^-16 + low * 2^-52`.
const HIGH: f64 = (1_u64 << 16) as f64;
const LOW_BITS: u32 = 36;
const LOW: f64 = (1_u64 << LOW_BITS) as f64;
const UNIT: f64 = HIGH * LOW;
/// Added to a number below 2^51 it leaves the nearest whole number in the last bits.
const ROUNDER: f64 = 1.5 * (1_u64 << 52) as f64;
/// Rows after which the running sums are added to the wide ones: coordinates up to 2^30 cannot overflow them.
const MOST_ROWS: usize = 1 << 16;

/// Sums and counts by cluster.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Sums {
    k: usize,
    /// `totals[column * k + cluster]`, in units of 2^-52.
    totals: Vec<i128>,
    counts: Vec<i64>,
    /// The same of the latest rows, in two parts.
    running: Vec<[i64; 2]>,
    running_rows: usize,
}

/// A row of a tile that goes to a cluster, and the one it leaves.
#[derive(Clone, Copy, Debug)]
pub(super) struct Move {
    pub(super) row: usize,
    /// `k` where it was in none.
    pub(super) from: usize,
    pub(super) to: usize,
}

impl Sums {
    pub(super) fn new(k: usize, columns: usize) -> Self {
        let cells = k * columns;
        Self { k, totals: vec![0; cells], counts: vec![0; k], running: vec![[0; 2]; cells], running_rows: 0 }
    }

    pub(super) fn counts(&self) -> &[i64] {
        &self.counts
    }

    /// Takes rows of a tile out of their clusters and into others.
    pub(super) fn apply(&mut self, tile: &Tile, moves: &[Move]) {
        debug_assert!(moves.len() <= TILE, "moves of one tile");
        if self.running_rows + moves.len() > MOST_ROWS {
            self.widen();
        }
        self.running_rows += moves.len();
        for (column, running) in tile.columns().iter().zip(self.running.chunks_exact_mut(self.k)) {
            for Move { row, from, to } in moves {
                let [high, low] = parts(column[*row]);
                running[*to][0] += high;
                running[*to][1] += low;
                if let Some(left) = running.get_mut(*from) {
                    left[0] -= high;
                    left[1] -= low;
                }
            }
        }
        for Move { from, to, .. } in moves {
            self.counts[*to] += 1;
            if let Some(left) = self.counts.get_mut(*from) {
                *left -= 1;
            }
        }
    }

    /// Takes a row out of a cluster and into another.
    pub(super) fn apply_row(&mut self, values: &[f64], from: usize, to: usize) {
        for (value, totals) in values.iter().zip(self.totals.chunks_exact_mut(self.k)) {
            let value = wide(parts(*value));
            totals[from] -= value;
            totals[to] += value;
        }
        self.counts[from] -= 1;
        self.counts[to] += 1;
    }

    fn widen(&mut self) {
        if self.running_rows > 0 {
            for (total, running) in self.totals.iter_mut().zip(&mut self.running) {
                *total += wide(std::mem::take(running));
            }
            self.running_rows = 0;
        }
    }

    /// Adds the sums of other rows.
    pub(super) fn merge(mut self, mut other: Self) -> Self {
        self.widen();
        other.widen();
        self.totals.iter_mut().zip(&other.totals).for_each(|(total, more)| *total += more);
        self.counts.iter_mut().zip(&other.counts).for_each(|(count, more)| *count += more);
        self
    }

    /// The mean of each cluster, one after the other; where a cluster has no row, that of `instead`.
    pub(super) fn means(&mut self, instead: &[f64]) -> Vec<f64> {
        self.widen();
        let columns = self.totals.len() / self.k;
        let mean = |at: usize| {
            let (cluster, column) = (at / columns, at % columns);
            match self.counts[cluster] {
                0 => instead[at],
                rows => self.totals[column * self.k + cluster] as f64 / UNIT / rows as f64,
            }
        };
        (0..self.totals.len()).map(mean).collect()
    }
}

/// Both parts in units of 2^-52.
fn wide([high, low]: [i64; 2]) -> i128 {
    (i128::from(high) << LOW_BITS) + i128::from(low)
}

/// A coordinate, up to 2^30 in magnitude, in whole numbers.
#[inline(always)]
fn parts(x: f64) -> [i64; 2] {
    let whole = |x: f64| (x + ROUNDER).to_bits() as i64 - ROUNDER.to_bits() as i64;
    let scaled = x * HIGH;
    let rest = scaled - ((scaled + ROUNDER) - ROUNDER);
    [whole(scaled), whole(rest * LOW)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_the_number_to_the_last_bit_of_one() {
        for x in [0.0, 1.0, -1.0, 0.1, -7.3, 1e9, -1e9, 123_456.789, 2.0_f64.powi(-52), 1e-30, 0.5 / HIGH] {
            let back = wide(parts(x)) as f64 / UNIT;
            assert!((back - x).abs() <= 0.5 / UNIT, "{x} came back as {back}");
        }
    }
}
