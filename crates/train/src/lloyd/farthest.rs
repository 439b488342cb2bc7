//! Rows for clusters that have none: those farthest from their centre.

use super::tile::{Nearest, Tile};
use std::cmp::Ordering;

/// A row at a distance from its nearest centre.
#[derive(Clone, Debug)]
pub(super) struct Far {
    /// Squared distance; above 0.
    pub(super) squared: f64,
    /// Row, counted from the first one seen.
    pub(super) row: usize,
    /// Its cluster.
    pub(super) cluster: usize,
    pub(super) values: Vec<f64>,
}

/// The farthest rows so far, the farthest first and of equals the first.
#[derive(Clone, Debug)]
pub(super) struct Farthest {
    most: usize,
    rows: Vec<Far>,
}

impl Farthest {
    /// Enough for any number of the `k` clusters to be empty while each of the others holds one row back.
    pub(super) fn new(k: usize) -> Self {
        Self { most: 2 * k, rows: Vec::new() }
    }

    /// Takes the rows of a tile, the first of which is row `first`.
    pub(super) fn take(&mut self, tile: &Tile, nearest: &Nearest, first: usize, rows: usize) {
        let bar = |rows: &[Far]| rows.get(self.most - 1).map_or(0.0, |far| far.squared);
        let mut least = bar(&self.rows);
        for (row, squared) in nearest.first[..rows].iter().enumerate() {
            if *squared > least {
                let values = tile.row(row).collect();
                let cluster = nearest.index[row] as usize;
                let far = Far { squared: *squared, row: first + row, cluster, values };
                let at = self.rows.partition_point(|other| farther(other, &far).is_lt());
                self.rows.insert(at, far);
                self.rows.truncate(self.most);
                least = bar(&self.rows);
            }
        }
    }

    /// Takes those of other rows.
    pub(super) fn merge(mut self, other: Self) -> Self {
        self.rows.extend(other.rows);
        self.rows.sort_by(farther);
        self.rows.truncate(self.most);
        self
    }

    /// Counts rows from a later one.
    pub(super) fn shift(&mut self, rows: usize) {
        self.rows.iter_mut().for_each(|far| far.row += rows);
    }

    /// For each cluster without rows, as long as they last, the farthest row of a cluster that keeps another one.
    pub(super) fn fill(self, counts: &[i64]) -> Vec<(Far, usize)> {
        let mut counts = counts.to_vec();
        let mut rows = self.rows.into_iter();
        let mut filled = Vec::new();
        for empty in 0..counts.len() {
            if counts[empty] == 0 {
                let Some(far) = rows.by_ref().find(|far| counts[far.cluster] > 1) else { break };
                counts[far.cluster] -= 1;
                counts[empty] = 1;
                filled.push((far, empty));
            }
        }
        filled
    }
}

fn farther(one: &Far, other: &Far) -> Ordering {
    other.squared.total_cmp(&one.squared).then(one.row.cmp(&other.row))
}
