//! Tallies: how many rows and bads fell into each bin.

use crate::rows::Rows;
use arrears_model::transform::Transform;

/// Rows and bads of one bin. Integers, so adding is exact in any order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Rows.
    pub count: u64,
    /// Bads among them.
    pub bads: u64,
}

impl Tally {
    /// Adds one row.
    pub fn add(&mut self, bad: bool) {
        self.count += 1;
        self.bads += u64::from(bad);
    }

    /// Both together.
    pub fn merge(self, other: Self) -> Self {
        Self { count: self.count + other.count, bads: self.bads + other.bads }
    }

    /// Goods.
    pub fn goods(self) -> u64 {
        self.count - self.bads
    }

    /// Share of bads; 0 where there are no rows.
    pub fn bad_rate(self) -> f64 {
        if self.count == 0 { 0.0 } else { self.bads as f64 / self.count as f64 }
    }

    /// Compares bad rates exactly, by cross multiplication.
    pub fn cmp_bad_rate(self, other: Self) -> std::cmp::Ordering {
        let (left, right) = (
            u128::from(self.bads) * u128::from(other.count),
            u128::from(other.bads) * u128::from(self.count),
        );
        left.cmp(&right)
    }
}

/// Counts the rows in each bin of a binning transform. Without outcomes all bads are 0.
pub fn tally(rows: &Rows, transform: &Transform) -> Vec<Tally> {
    let field = rows.field(transform.field());
    let mut tallies = vec![Tally::default(); transform.bins(field).unwrap_or(0)];
    for (row, cell) in rows.column(transform.field()).enumerate() {
        tallies[transform.bin(field, cell)].add(rows.bad.get(row).copied().unwrap_or(false));
    }
    tallies
}

/// Counts and bads as two vectors, the shape of the profile, WoE and IV.
pub fn unzip(tallies: &[Tally]) -> (Vec<u64>, Vec<u64>) {
    tallies.iter().map(|t| (t.count, t.bads)).unzip()
}
