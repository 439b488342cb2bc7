//! Rows that stand for all, so that k-means++ need not read all of them again and again.
//!
//! Half of the chance of a row is the same for all, half goes with its squared distance from the mean: an even sample would miss
//! the few rows far out that make clusters of their own. Source: O. Bachem, M. Lucic and A. Krause, "Scalable k-means clustering via
//! lightweight coresets", KDD 2018.

use super::points::Points;
use super::restarts::gathered;
use super::seeding::{fraction, from_mean, seeds};
use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::SeedableRng;

/// The chances of the rows, from which starts draw.
pub(super) struct Coreset {
    size: usize,
    /// Of each row how often it is drawn on average, out of `size` draws.
    expected: Vec<f64>,
}

impl Coreset {
    /// Of `size` rows, 1 or more.
    pub(super) fn new(points: &dyn Points, size: usize) -> Self {
        let mut expected = from_mean(points);
        let (spread, rows, wanted) = (expected.iter().sum::<f64>(), expected.len() as f64, size as f64);
        for chance in &mut expected {
            let far = if spread > 0.0 { *chance / spread } else { 1.0 / rows };
            *chance = wanted * 0.5 * (1.0 / rows + far);
        }
        Self { size, expected }
    }

    /// Greedy k-means++ centres from rows drawn with this seed.
    pub(super) fn seeds(&self, points: &dyn Points, k: usize, seed: u64) -> Option<Vec<Vec<f64>>> {
        let rows = self.draw(seed);
        let weights: Vec<f64> = rows.iter().map(|row| 1.0 / self.expected[*row]).collect();
        seeds(&gathered(points, &rows).t(), &weights, k, seed)
    }

    /// One row for each step of 1 that the sum of expected draws takes, at a random place in it, ascending; a row far out
    /// may come several times.
    fn draw(&self, seed: u64) -> Vec<usize> {
        let mut random = Xoshiro256PlusPlus::seed_from_u64(seed);
        let mut rows = Vec::with_capacity(self.size + 1);
        let (mut sum, mut aim) = (0.0, fraction(&mut random));
        for (row, expected) in self.expected.iter().enumerate() {
            sum += expected;
            while aim < sum && rows.len() < self.size {
                rows.push(row);
                aim = rows.len() as f64 + fraction(&mut random);
            }
        }
        rows
    }
}
