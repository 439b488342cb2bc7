//! Where the iterations begin: the best of several starts, tried on a sample where there are many rows.

use super::assign::inertia;
use super::coreset::Coreset;
use super::iterate::{Settled, lloyd};
use super::points::Points;
use super::seeding::{fraction, seeds};
use crate::engine::KmeansParams;
use ndarray::{Array2, ArrayView2, Axis, Slice};
use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::SeedableRng;
use rayon::prelude::*;

/// Up to this many rows, every start runs on all of them.
const SAMPLE: usize = 1 << 17;
/// Rows of the sample for each cluster, at least.
const SAMPLE_PER_CLUSTER: usize = 64;
/// Up to this many rows, k-means++ draws from all of them; of more each start draws from a [`Coreset`] of its own, one row
/// in so many.
const SEED_ALL: usize = 1 << 16;
const SEED_EVERY: usize = 16;
/// On a sample the centres come to rest this soon: what is left is small beside what the other rows will move them.
const SAMPLE_TOLERANCE: f64 = 1e-2;

/// Every so many rows of a sample all starts run on, the steps after which they are compared, and how many go on.
const HEAT_EVERY: isize = 4;
const HEAT: u64 = 10;
const FINALISTS: usize = 3;

/// Runs k-means: the lowest inertia of `restarts` greedy k-means++ starts, each brought to rest by Lloyd's iterations.
///
/// Of more than 131,072 rows (or 64 for each cluster, if that is more) the starts are tried on a sample of that many, at most a
/// quarter of the rows: all take ten steps with a quarter of the sample, the best three go on with the whole sample until
/// they rest, and only the best of these goes on with all rows. The sample is one row of each stretch of equal length, drawn
/// with the seed. Of more than 65,536 rows a start draws its first centres from a sixteenth, each from another (see [`Coreset`]). `None`
/// where fewer than k rows are at any distance from each other.
pub(crate) fn best(points: &dyn Points, params: &KmeansParams) -> Option<Rested> {
    let wanted = sample_size(params.k);
    if points.rows() > wanted
        && let Some(start) = on_sample(points, wanted.min(points.rows() / 4), params)
    {
        return Some(rest(points, &start, params.max_iterations, params.tolerance));
    }
    lowest(points, params, params.tolerance)
}

/// Rows of a sample for so many clusters.
pub(super) fn sample_size(k: usize) -> usize {
    SAMPLE.max(SAMPLE_PER_CLUSTER * k)
}

/// Centres from the best start on a sample of `size` rows.
fn on_sample(points: &dyn Points, size: usize, params: &KmeansParams) -> Option<Vec<Vec<f64>>> {
    let sample = drawn(points, size, params.seed);
    let tolerance = params.tolerance.max(SAMPLE_TOLERANCE);
    leading(sample.t(), params, tolerance).map(|best| best.centers)
}

/// One row of each of `size` stretches of equal length, a column of the matrix each.
fn drawn(points: &dyn Points, size: usize, seed: u64) -> Array2<f64> {
    let mut random = Xoshiro256PlusPlus::seed_from_u64(seed);
    let begin = |stretch: usize| (stretch as u128 * points.rows() as u128 / size as u128) as usize;
    let draw = |stretch: usize| {
        let length = begin(stretch + 1) - begin(stretch);
        begin(stretch) + ((fraction(&mut random) * length as f64) as usize).min(length - 1)
    };
    let rows: Vec<usize> = (0..size).map(draw).collect();
    gathered(points, &rows)
}

/// These rows, a column of the matrix each.
pub(super) fn gathered(points: &dyn Points, rows: &[usize]) -> Array2<f64> {
    let mut sample = Array2::zeros((points.columns(), rows.len()));
    for (column, mut values) in sample.rows_mut().into_iter().enumerate() {
        points.gather(column, rows, values.as_slice_mut().expect("rows of a new matrix are slices"));
    }
    sample
}

/// Where a start ended; of the rows nothing is kept.
#[derive(Clone, Debug)]
pub(crate) struct Rested {
    pub(crate) centers: Vec<Vec<f64>>,
    pub(crate) counts: Vec<u64>,
    pub(crate) inertia: f64,
    pub(crate) iterations: u64,
    pub(crate) converged: bool,
}

/// The start with the lowest inertia, the first of equals.
pub(super) fn lowest(points: &dyn Points, params: &KmeansParams, tolerance: f64) -> Option<Rested> {
    best_first(run_all(points, params, params.max_iterations, tolerance)).next()
}

/// The same with less work: all starts take a few steps on some of the rows, and those that are then ahead go on with
/// all until they rest.
fn leading(points: ArrayView2<'_, f64>, params: &KmeansParams, tolerance: f64) -> Option<Rested> {
    let few = points.slice_axis(Axis(0), Slice::new(0, None, HEAT_EVERY));
    let heat = run_all(&few, params, params.max_iterations.min(HEAT), tolerance);
    let ahead: Vec<Rested> = best_first(heat).take(FINALISTS).collect();
    let go_on = |start: &Rested| rest(&points, &start.centers, params.max_iterations, tolerance);
    best_first(ahead.par_iter().map(go_on).collect()).next()
}

/// All starts, in their order, for at most so many steps.
fn run_all(points: &dyn Points, params: &KmeansParams, most: u64, tolerance: f64) -> Vec<Rested> {
    let size = points.rows() / SEED_EVERY;
    let many = points.rows() > SEED_ALL && size >= SAMPLE_PER_CLUSTER * params.k;
    let coreset = many.then(|| Coreset::new(points, size));
    let run = |restart: usize| {
        let (k, seed) = (params.k, params.seed.wrapping_add(restart as u64));
        let few = coreset.as_ref().and_then(|coreset| coreset.seeds(points, k, seed));
        // All rows may hold what a part of them misses.
        let seeds = few.or_else(|| seeds(points, &[], k, seed))?;
        Some(rest(points, &seeds, most, tolerance))
    };
    (0..params.restarts).into_par_iter().filter_map(run).collect()
}

fn rest(points: &dyn Points, start: &[Vec<f64>], most: u64, tolerance: f64) -> Rested {
    let Settled { centers, counts, iterations, converged, .. } = lloyd(points, start, most, tolerance);
    Rested { inertia: inertia(points, &centers), centers, counts, iterations, converged }
}

/// By inertia; equals stay in their order.
fn best_first(mut found: Vec<Rested>) -> impl Iterator<Item = Rested> {
    found.sort_by(|a, b| a.inertia.total_cmp(&b.inertia));
    found.into_iter()
}
