//! Tallies: how many rows and bads fell into each bin.

use crate::codes::Codes;

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

/// Integer counts by bin, from chunks of rows in any order: `update` adds a chunk, `merge` adds another
/// collection, `finish` gives the tallies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counts {
    cells: Vec<Tally>,
}

/// Rows of one pass: both counts then fit in one 64-bit cell, 32 bits each.
const PASS: usize = 1 << 31;

impl Counts {
    /// No rows yet.
    pub fn new(bins: usize) -> Self {
        Self { cells: vec![Tally::default(); bins] }
    }

    /// Adds the rows of a chunk. Without outcomes (`bad` is empty) all bads are 0.
    ///
    /// # Panics
    /// When a code is not below the number of bins, or `bad` is neither empty nor of the rows' length.
    pub fn update(&mut self, codes: &Codes, bad: &[bool]) {
        assert!(bad.is_empty() || bad.len() == codes.len(), "one outcome a row");
        match codes {
            Codes::Narrow(codes) => self.add(codes, bad),
            Codes::Wide(codes) => self.add(codes, bad),
        }
    }

    fn add<C: Copy + Into<usize>>(&mut self, codes: &[C], bad: &[bool]) {
        for (pass, codes) in codes.chunks(PASS).enumerate() {
            let bad = if bad.is_empty() { bad } else { &bad[pass * PASS..pass * PASS + codes.len()] };
            // Two sets of cells take turns: rows of one bin that follow each other need not wait.
            let mut cells = [vec![0u64; self.cells.len()], vec![0u64; self.cells.len()]];
            let one = |bad: bool| 1 << 32 | u64::from(bad);
            for (i, code) in codes.iter().enumerate() {
                cells[i % 2][(*code).into()] += one(!bad.is_empty() && bad[i]);
            }
            for cells in cells {
                for (tally, cell) in self.cells.iter_mut().zip(cells) {
                    *tally = tally.merge(Tally { count: cell >> 32, bads: cell & 0xffff_ffff });
                }
            }
        }
    }

    /// Adds the rows of another collection over the same bins.
    pub fn merge(&mut self, other: &Self) {
        for (mine, other) in self.cells.iter_mut().zip(&other.cells) {
            *mine = mine.merge(*other);
        }
    }

    /// The tallies, by bin.
    pub fn finish(self) -> Vec<Tally> {
        self.cells
    }
}

/// Rows and bads by bin.
pub fn tally(codes: &Codes, bins: usize, bad: &[bool]) -> Vec<Tally> {
    let mut counts = Counts::new(bins);
    counts.update(codes, bad);
    counts.finish()
}

/// What each bin holds: integer counts where rows have no weights, else sums in row order.
pub fn moments(codes: &Codes, bins: usize, target: Target<'_>, weights: Option<&[f64]>) -> Vec<Moments> {
    if let (Target::Bad(bad), None) = (target, weights) {
        return tally(codes, bins, bad).into_iter().map(Moments::from).collect();
    }
    let mut cells = vec![Moments::default(); bins];
    for row in 0..codes.len() {
        cells[codes.get(row)].add(weights.map_or(1.0, |w| w[row]), target.value(row));
    }
    cells
}

/// What rows are binned by, one value a row.
#[derive(Clone, Copy, Debug)]
pub enum Target<'a> {
    /// Good or bad; empty where the outcome is not known.
    Bad(&'a [bool]),
    /// A number.
    Number(&'a [f64]),
}

impl Target<'_> {
    /// 1 for bad, 0 for good, or the number.
    pub fn value(self, row: usize) -> f64 {
        match self {
            Self::Bad(bad) => f64::from(u8::from(bad.get(row).copied().unwrap_or(false))),
            Self::Number(numbers) => numbers[row],
        }
    }
}

/// Counts and bads as two vectors, the shape of the profile, WoE and IV.
pub fn unzip(tallies: &[Tally]) -> (Vec<u64>, Vec<u64>) {
    tallies.iter().map(|t| (t.count, t.bads)).unzip()
}
