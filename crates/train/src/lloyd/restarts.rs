//! Where the iterations begin: the best of several starts, tried on a sample where there are many rows.

use super::assign::inertia;
use super::iterate::{Settled, lloyd};
use super::points::Points;
use super::seeding::{fraction, seeds};
use crate::engine::KmeansParams;
use ndarray::Array2;
use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::SeedableRng;
use rayon::prelude::*;

/// Up to this many rows, every start runs on all of them.
const SAMPLE: usize = 1 << 14;
/// Rows of the sample for each cluster, at least.
const SAMPLE_PER_CLUSTER: usize = 64;
/// On a sample the centres come to rest this soon: what is left is small beside what the other rows will move them.
const SAMPLE_TOLERANCE: f64 = 1e-2;

/// Runs k-means: the lowest inertia of `restarts` greedy k-means++ starts, each brought to rest by Lloyd's iterations.
///
/// Of more than 16,384 rows (or 64 for each cluster, if that is more) the starts are tried on a sample of that many, at most a
/// quarter of the rows, and only the best goes on with all rows, from where it came to rest. The sample is one row of
/// each stretch of equal length, drawn with the seed. `None` where fewer than k rows are at any distance from each other.
pub(crate) fn best(points: &dyn Points, params: &KmeansParams) -> Option<Settled> {
    let wanted = sample_size(params.k);
    if points.rows() > wanted
        && let Some(start) = on_sample(points, wanted.min(points.rows() / 4), params)
    {
        return Some(lloyd(points, &start, params.max_iterations, params.tolerance));
    }
    lowest(points, params, params.tolerance)
}

/// Rows of a sample for so many clusters.
pub(super) fn sample_size(k: usize) -> usize {
    SAMPLE.max(SAMPLE_PER_CLUSTER * k)
}

/// Centres from the best start on a sample of `size` rows.
fn on_sample(points: &dyn Points, size: usize, params: &KmeansParams) -> Option<Vec<Vec<f64>>> {
    let mut random = Xoshiro256PlusPlus::seed_from_u64(params.seed);
    let begin = |stretch: usize| (stretch as u128 * points.rows() as u128 / size as u128) as usize;
    let draw = |stretch: usize| {
        let length = begin(stretch + 1) - begin(stretch);
        begin(stretch) + ((fraction(&mut random) * length as f64) as usize).min(length - 1)
    };
    let rows: Vec<usize> = (0..size).map(draw).collect();
    let mut sample = Array2::zeros((points.columns(), size));
    for (column, mut values) in sample.rows_mut().into_iter().enumerate() {
        points.gather(column, &rows, values.as_slice_mut().expect("rows of a new matrix are slices"));
    }
    let tolerance = params.tolerance.max(SAMPLE_TOLERANCE);
    lowest(&sample.t(), params, tolerance).map(|settled| settled.centers)
}

/// The start with the lowest inertia, the first of equals.
pub(super) fn lowest(points: &dyn Points, params: &KmeansParams, tolerance: f64) -> Option<Settled> {
    let run = |restart: usize| {
        let seeds = seeds(points, params.k, params.seed.wrapping_add(restart as u64))?;
        let seeds: Vec<Vec<f64>> = seeds.chunks_exact(points.columns()).map(<[f64]>::to_vec).collect();
        let settled = lloyd(points, &seeds, params.max_iterations, tolerance);
        Some((inertia(points, &settled.centers.concat()), restart, settled))
    };
    let better = |a: (f64, usize, Settled), b: (f64, usize, Settled)| {
        if (b.0, b.1) < (a.0, a.1) { b } else { a }
    };
    let best = (0..params.restarts).into_par_iter().filter_map(run).reduce_with(better);
    best.map(|(_, _, settled)| settled)
}
