//! Greedy k-means++: centres drawn from the rows far from those drawn before, the best of a few candidates each time.
//!
//! Source: D. Arthur and S. Vassilvitskii, "k-means++: the advantages of careful seeding", SODA 2007; with
//! `2 + floor(ln k)` candidates a step as in scikit-learn.

use super::points::Points;
use super::tile::{BLOCK, Centers, TILE, Tile};
use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::{RngCore, SeedableRng};

/// `k` of the rows, or `None` where fewer are at any distance from each other. `weights`: how many rows each stands for;
/// empty where each stands for itself.
pub(super) fn seeds(points: &dyn Points, weights: &[f64], k: usize, seed: u64) -> Option<Vec<Vec<f64>>> {
    let mut random = Xoshiro256PlusPlus::seed_from_u64(seed);
    let candidates = 2 + libm::log(k as f64) as usize;
    let mut tile = Tile::new(points.columns());
    let mut take = |rows: &[usize]| -> Vec<Vec<f64>> {
        let row = |row: &usize| {
            tile.gather(points, &[*row]);
            tile.row(0).collect()
        };
        rows.iter().map(row).collect()
    };
    let first = match weights.is_empty() {
        true => ((fraction(&mut random) * points.rows() as f64) as usize).min(points.rows() - 1),
        false => draw(weights, &[], &[fraction(&mut random) * weights.iter().sum::<f64>()])[0],
    };
    let mut chosen = take(&[first]);
    // Of each row the squared distance to the nearest centre chosen so far, and their sum.
    let mut closest = vec![f64::INFINITY; points.rows()];
    let mut potential = closer(points, weights, &chosen[0], &mut closest);
    while chosen.len() < k {
        if potential.is_nan() || potential <= 0.0 {
            return None;
        }
        let aims: Vec<f64> = (0..candidates).map(|_| fraction(&mut random) * potential).collect();
        let tried = take(&draw(&closest, weights, &aims));
        let potentials = potentials(points, weights, &tried, &closest);
        let least = potentials.iter().copied().fold(f64::INFINITY, f64::min);
        let best = potentials.iter().position(|potential| *potential == least)?;
        potential = closer(points, weights, &tried[best], &mut closest);
        chosen.push(tried[best].clone());
    }
    Some(chosen)
}

/// A number in [0, 1).
pub(super) fn fraction(random: &mut Xoshiro256PlusPlus) -> f64 {
    (random.next_u64() >> 11) as f64 / (1_u64 << 53) as f64
}

/// For each aim the row at which the running sum of `closest`, times its weight, passes it.
fn draw(closest: &[f64], weights: &[f64], aims: &[f64]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..aims.len()).collect();
    order.sort_by(|a, b| aims[*a].total_cmp(&aims[*b]));
    // Where rounding leaves an aim beyond the last sum: the last row that is not a centre.
    let last = closest.iter().rposition(|d| *d > 0.0).unwrap_or(0);
    let mut drawn = vec![last; aims.len()];
    let (mut sum, mut next) = (0.0, 0);
    for (row, distance) in closest.iter().enumerate() {
        sum += weights.get(row).map_or(*distance, |weight| weight * distance);
        while next < order.len() && aims[order[next]] < sum {
            drawn[order[next]] = row;
            next += 1;
        }
        if next == order.len() {
            break;
        }
    }
    drawn
}

/// The sum of squared distances, times weights, that each candidate would leave.
fn potentials(points: &dyn Points, weights: &[f64], tried: &[Vec<f64>], closest: &[f64]) -> Vec<f64> {
    let mut sums = vec![0.0; tried.len()];
    for (tried, sums) in tried.chunks(BLOCK).zip(sums.chunks_mut(BLOCK)) {
        each_distance(points, &tried.concat(), |first, rows, squared| {
            let closest = &closest[first..first + rows];
            for (sum, squared) in sums.iter_mut().zip(squared) {
                let left = closest.iter().zip(squared).map(|(old, new)| if new < old { *new } else { *old });
                *sum += match weights.get(first..first + rows) {
                    None => left.sum::<f64>(),
                    Some(weights) => left.zip(weights).map(|(left, weight)| left * weight).sum(),
                };
            }
        });
    }
    sums
}

/// Takes a centre in: brings `closest` up to date and gives its sum, times weights.
fn closer(points: &dyn Points, weights: &[f64], center: &[f64], closest: &mut [f64]) -> f64 {
    let mut sum = 0.0;
    each_distance(points, center, |first, rows, squared| {
        let closest = &mut closest[first..first + rows];
        for (old, new) in closest.iter_mut().zip(&squared[0]) {
            *old = if *new < *old { *new } else { *old };
        }
        sum += match weights.get(first..first + rows) {
            None => closest.iter().sum::<f64>(),
            Some(weights) => closest.iter().zip(weights).map(|(closest, weight)| closest * weight).sum(),
        };
    });
    sum
}

/// Squared distance of every row to the mean of all.
pub(super) fn from_mean(points: &dyn Points) -> Vec<f64> {
    let mut values = [0.0; TILE];
    let mut mean = |column: usize| {
        let mut sum = 0.0;
        for first in (0..points.rows()).step_by(TILE) {
            let values = &mut values[..TILE.min(points.rows() - first)];
            points.fill(column, first, values);
            sum += values.iter().sum::<f64>();
        }
        sum / points.rows() as f64
    };
    let mean: Vec<f64> = (0..points.columns()).map(&mut mean).collect();
    let mut squared = vec![f64::INFINITY; points.rows()];
    closer(points, &[], &mean, &mut squared);
    squared
}

/// Squared distances to up to four centres, tile by tile: the first row, how many, and the distances.
fn each_distance(
    points: &dyn Points,
    flat: &[f64],
    mut take: impl FnMut(usize, usize, &[[f64; TILE]; BLOCK]),
) {
    let centers = Centers::new(flat, points.columns());
    let mut tile = Tile::new(points.columns());
    let mut squared = [[0.0; TILE]; BLOCK];
    for first in (0..points.rows()).step_by(TILE) {
        let rows = TILE.min(points.rows() - first);
        tile.fill(points, first, rows);
        tile.squared(&centers, &mut squared);
        take(first, rows, &squared);
    }
}
