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

/// What a bin holds where rows have weights or the target is a number: sums over its rows of weight `w` and
/// target `y` (for a binary target 1 = bad, so `sum` is the weight of the bads and `squares` equals it).
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Moments {
    /// Rows, whatever their weight.
    pub rows: u64,
    /// Sum of `w`; the number of rows where rows have no weights.
    pub weight: f64,
    /// Sum of `w y`.
    pub sum: f64,
    /// Sum of `w y^2`.
    pub squares: f64,
}

impl Moments {
    /// Adds one row.
    pub fn add(&mut self, weight: f64, target: f64) {
        self.rows += 1;
        self.weight += weight;
        self.sum += weight * target;
        self.squares += weight * target * target;
    }

    /// Both together.
    pub fn merge(self, other: Self) -> Self {
        Self {
            rows: self.rows + other.rows,
            weight: self.weight + other.weight,
            sum: self.sum + other.sum,
            squares: self.squares + other.squares,
        }
    }

    /// Mean of the target, for a binary one the bad rate; 0 where there is no weight.
    pub fn mean(self) -> f64 {
        if self.weight > 0.0 { self.sum / self.weight } else { 0.0 }
    }
}

impl From<Tally> for Moments {
    fn from(tally: Tally) -> Self {
        let bads = tally.bads as f64;
        Self { rows: tally.count, weight: tally.count as f64, sum: bads, squares: bads }
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
