//! One pass over the rows: loss, gradient and Gram matrix at given coefficients.
//!
//! Rows are cut into blocks that depend on nothing but the shape of the data; threads take whole blocks, and the
//! sums of the blocks are added in their order. So the result has the same bits on any number of threads.

use super::design::Prepared;
use super::exponential::exp_nonpositive;
use super::tile::{TILE, Tile, largest, padded};
use rayon::prelude::*;

/// Most blocks of rows, and the fewest tiles worth a block of their own.
const MOST_BLOCKS: usize = 64;
const LEAST_TILES: usize = 32;
/// Most numbers that the Gram matrices of all blocks together may take (32 MiB).
const MOST_NUMBERS: usize = 1 << 22;

/// Which tiles a pass takes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Rows {
    All,
    /// Every 16th tile: enough to start from.
    Sample,
}

impl Rows {
    const STRIDE: usize = 16;

    fn stride(self) -> usize {
        if self == Self::All { 1 } else { Self::STRIDE }
    }
}

/// Weight of the rows that [`Rows::Sample`] takes.
pub(super) fn sample_weight(problem: &Prepared<'_>) -> f64 {
    let rows = (0..problem.rows).filter(|row| (row / TILE).is_multiple_of(Rows::STRIDE));
    rows.map(|row| problem.weights.map_or(1.0, |weights| weights[row])).sum()
}

/// Sums over rows. Coefficients and gradient are those of the scaled columns, the intercept first.
#[derive(Clone, Debug)]
pub(super) struct Sums {
    /// Sum of `w * logloss`.
    pub(super) loss: f64,
    /// Sum of `w * (p - bad) * x`.
    pub(super) gradient: Vec<f64>,
    /// Sum of `w * p * (1 - p) * x * x'`, the lower triangle in rows of `n`; empty where it was not asked for.
    pub(super) gram: Vec<f64>,
    /// Largest log-odds (without the offset) on the wrong side; negative when every row is on its own side.
    pub(super) most_wrong: f64,
    /// Largest size of the log-odds, offset included.
    pub(super) largest: f64,
}

impl Sums {
    fn zero(n: usize, with_gram: bool) -> Self {
        let wide = padded(n);
        let gram = if with_gram { wide * wide } else { 0 };
        Self {
            loss: 0.0,
            gradient: vec![0.0; wide],
            gram: vec![0.0; gram],
            most_wrong: f64::NEG_INFINITY,
            largest: 0.0,
        }
    }

    fn add(&mut self, other: &Self) {
        self.loss += other.loss;
        self.gradient.iter_mut().zip(&other.gradient).for_each(|(a, b)| *a += b);
        self.gram.iter_mut().zip(&other.gram).for_each(|(a, b)| *a += b);
        self.most_wrong = self.most_wrong.max(other.most_wrong);
        self.largest = self.largest.max(other.largest);
    }

    /// Without the columns that only filled up the tiles, and without what stands above the diagonal.
    fn finish(mut self, n: usize) -> Self {
        if !self.gram.is_empty() {
            let wide = padded(n);
            let at = |i: usize, j: usize| if j <= i { self.gram[i * wide + j] } else { 0.0 };
            self.gram = (0..n * n).map(|k| at(k / n, k % n)).collect();
        }
        self.gradient.truncate(n);
        self
    }
}

/// The blocks of rows, in tiles.
fn blocks(rows: usize, n: usize) -> Vec<std::ops::Range<usize>> {
    let tiles = rows.div_ceil(TILE);
    let in_memory = (MOST_NUMBERS / (padded(n) * padded(n))).max(2);
    let count = tiles.div_ceil(LEAST_TILES).min(MOST_BLOCKS).min(in_memory);
    let size = tiles.div_ceil(count);
    (0..tiles).step_by(size).map(|first| first..(first + size).min(tiles)).collect()
}

/// One pass: everything at `beta`. Without the Gram matrix it takes about half the time.
pub(super) fn pass(problem: &Prepared<'_>, beta: &[f64], rows: Rows, with_gram: bool) -> Sums {
    let n = beta.len();
    let parts: Vec<Sums> = blocks(problem.rows, n)
        .into_par_iter()
        .map(|tiles| {
            let mut sums = Sums::zero(n, with_gram);
            let mut tile = Tile::new(n);
            for index in tiles.filter(|index| index % rows.stride() == 0) {
                add_tile(problem, beta, index * TILE, &mut tile, &mut sums);
            }
            sums
        })
        .collect();
    let mut parts = parts.into_iter();
    let mut total = parts.next().expect("at least one row, so at least one block");
    parts.for_each(|part| total.add(&part));
    total.finish(n)
}

/// Sum of `w * x * x'` of the scaled columns, the intercept first: rows of `n`, the lower triangle.
pub(super) fn cross_products(problem: &Prepared<'_>) -> Vec<f64> {
    let n = problem.columns.len() + 1;
    let parts: Vec<Sums> = blocks(problem.rows, n)
        .into_par_iter()
        .map(|tiles| {
            let (mut sums, mut tile) = (Sums::zero(n, true), Tile::new(n));
            for first in tiles.map(|index| index * TILE) {
                let filled = fill(problem, first, &mut tile);
                let mut roots = [0.0; TILE];
                for (row, root) in (first..).zip(&mut roots[..filled]) {
                    *root = problem.weights.map_or(1.0, |weights| weights[row].sqrt());
                }
                tile.scale_rows(&roots);
                tile.add_gram(&mut sums.gram);
            }
            sums
        })
        .collect();
    let mut total = Sums::zero(n, true);
    parts.iter().for_each(|part| total.add(part));
    total.finish(n).gram
}

/// Fills the tile with the scaled rows from `first` on; returns how many there are. Rows after them are zero.
fn fill(problem: &Prepared<'_>, first: usize, tile: &mut Tile) -> usize {
    let filled = TILE.min(problem.rows - first);
    tile.column_mut(0).fill(1.0);
    for column in 0..problem.columns.len() {
        let values = tile.column_mut(column + 1);
        values[filled..].fill(0.0);
        problem.expand(column, first, &mut values[..filled]);
    }
    filled
}

fn add_tile(problem: &Prepared<'_>, beta: &[f64], first: usize, tile: &mut Tile, sums: &mut Sums) {
    let filled = fill(problem, first, tile);
    let rows = first..first + filled;
    // The side on which log-odds count as wrong: up for a good row, down for a bad one.
    let mut side = [0.0; TILE];
    side.iter_mut().zip(&problem.bad[rows.clone()]).for_each(|(s, &bad)| *s = if bad { -1.0 } else { 1.0 });
    let mut wrong = tile.products(beta);
    wrong.iter_mut().zip(&side).for_each(|(odds, side)| *odds *= side);
    let plain = problem.weights.is_none() && filled == TILE;
    let mut weights = [1.0; TILE];
    weights[filled..].fill(0.0);
    if let Some(given) = problem.weights {
        weights[..filled].copy_from_slice(&given[rows.clone()]);
    }
    let mut counted = wrong;
    if !plain {
        let left_out = counted.iter_mut().zip(&weights).filter(|(_, weight)| **weight == 0.0);
        left_out.for_each(|(wrong, _)| *wrong = f64::NEG_INFINITY);
    }
    sums.most_wrong = sums.most_wrong.max(largest(&counted));
    if let Some(offset) = problem.offset {
        for ((odds, side), offset) in wrong.iter_mut().zip(&side).zip(&offset[rows]) {
            *odds += side * offset;
        }
    }
    let mut odds = Odds::new(&wrong);
    sums.loss += if plain { odds.loss(&wrong) } else { odds.weighted_loss(&wrong, &weights) };
    sums.largest = sums.largest.max(odds.largest);
    for row in 0..TILE {
        odds.residual[row] *= side[row] * weights[row];
        odds.curvature[row] = (odds.curvature[row] * weights[row]).sqrt();
    }
    tile.add_gradient(&odds.residual, &mut sums.gradient);
    if !sums.gram.is_empty() {
        tile.scale_rows(&odds.curvature);
        tile.add_gram(&mut sums.gram);
    }
}

/// What follows from the log-odds of a tile, each row's taken towards its wrong side.
struct Odds {
    /// `e^-|odds|`.
    small: [f64; TILE],
    /// Probability of the wrong class; its size is that of `p - bad`, without cancellation.
    residual: [f64; TILE],
    /// `p * (1 - p)`.
    curvature: [f64; TILE],
    largest: f64,
}

impl Odds {
    fn new(wrong: &[f64; TILE]) -> Self {
        let mut odds =
            Self { small: [0.0; TILE], residual: [0.0; TILE], curvature: [0.0; TILE], largest: 0.0 };
        for (row, wrong) in wrong.iter().enumerate() {
            let small = exp_nonpositive(-wrong.abs());
            let likely = 1.0 / (1.0 + small);
            let unlikely = small * likely;
            odds.small[row] = small;
            odds.residual[row] = if *wrong >= 0.0 { likely } else { unlikely };
            odds.curvature[row] = likely * unlikely;
        }
        odds.largest = largest(&wrong.map(f64::abs));
        odds
    }

    /// Sum of `ln(1 + e^wrong) = max(wrong, 0) + ln(1 + small)`. The factors `1 + small` are between 1 and 2,
    /// so the product of a tile's cannot overflow and one logarithm serves them all.
    fn loss(&self, wrong: &[f64; TILE]) -> f64 {
        const LANES: usize = 4;
        let (mut sums, mut products) = ([0.0; LANES], [1.0; LANES]);
        let rows = wrong.as_chunks::<LANES>().0.iter().zip(self.small.as_chunks::<LANES>().0);
        for (wrong, small) in rows {
            for lane in 0..LANES {
                sums[lane] += if wrong[lane] > 0.0 { wrong[lane] } else { 0.0 };
                products[lane] *= 1.0 + small[lane];
            }
        }
        sums.iter().sum::<f64>() + libm::log(products.iter().product())
    }

    fn weighted_loss(&self, wrong: &[f64; TILE], weights: &[f64; TILE]) -> f64 {
        let rows = wrong.iter().zip(&self.small).zip(weights).filter(|(_, weight)| **weight > 0.0);
        rows.map(|((wrong, small), weight)| weight * (wrong.max(0.0) + libm::log1p(*small))).sum()
    }
}

/// Smallest and largest `direction . x` over the rows that count, each taken towards the row's own side: how
/// much better (above 0) or worse a step in this direction makes the log-odds of any row.
pub(super) fn gains(problem: &Prepared<'_>, direction: &[f64]) -> (f64, f64) {
    let parts: Vec<(f64, f64)> = blocks(problem.rows, direction.len())
        .into_par_iter()
        .map(|tiles| {
            let mut tile = Tile::new(direction.len());
            let mut found = (f64::INFINITY, f64::NEG_INFINITY);
            for first in tiles.map(|index| index * TILE) {
                let filled = fill(problem, first, &mut tile);
                let products = tile.products(direction);
                for (row, product) in (first..first + filled).zip(products) {
                    if problem.weights.is_none_or(|weights| weights[row] > 0.0) {
                        let gain = if problem.bad[row] { product } else { -product };
                        found = (found.0.min(gain), found.1.max(gain));
                    }
                }
            }
            found
        })
        .collect();
    parts.into_iter().fold((f64::INFINITY, f64::NEG_INFINITY), |a, b| (a.0.min(b.0), a.1.max(b.1)))
}
