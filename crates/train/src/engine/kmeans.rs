//! k-means: parameters, result, restarts, and what is measured on the centres an engine found.

use super::EngineError;
use super::records::{check_parameter, check_scaled};
use crate::lloyd::MOST_CLUSTERS;
use ndarray::{Array2, ArrayView1};
use serde::{Deserialize, Serialize};
use std::cmp::Ordering;

/// How to segment with k-means: the section `[kmeans]` of a recipe.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct KmeansParams {
    /// Number of segments. 2 or more, at most as many as there are different rows.
    pub k: usize,
    /// Most Lloyd iterations of one restart; with the native engine also of the last run over all rows. 1 or more.
    pub max_iterations: u64,
    /// Starts from different k-means++ centres; the lowest inertia wins. 1 or more.
    pub restarts: usize,
    /// Seed of the first restart; the next ones count up from it.
    pub seed: u64,
    /// The fit has converged when one more Lloyd step would move all centres together by at most this
    /// Euclidean distance. Above 0.
    pub tolerance: f64,
}

impl Default for KmeansParams {
    fn default() -> Self {
        Self { k: 4, max_iterations: 300, restarts: 10, seed: 0, tolerance: 1e-4 }
    }
}

/// Fitted segments.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct KmeansFit {
    /// k centres of one value a column; the one with most training rows first, then by coordinates.
    pub centers: Vec<Vec<f64>>,
    /// Sum over the rows of the squared distance to the nearest centre.
    pub inertia: f64,
    /// Whether one more Lloyd step would move the centres by at most the tolerance asked for.
    pub converged: bool,
    /// Lloyd steps over all rows; `None` where the engine does not tell.
    pub iterations: Option<u64>,
}

/// Centres with what was measured on them.
struct Measured {
    centers: Vec<Vec<f64>>,
    sizes: Vec<u64>,
    inertia: f64,
    /// Euclidean distance, over all centres and columns, from the centres to the means of their rows.
    shift: f64,
}

/// Checks, runs the engine once a restart with its own seed, and keeps the restart with the lowest inertia.
pub(super) fn fit(
    records: &Array2<f64>,
    params: &KmeansParams,
    engine: impl Fn(u64) -> Result<Vec<Vec<f64>>, EngineError>,
) -> Result<KmeansFit, EngineError> {
    params.check()?;
    check_scaled(records)?;
    check_distinct(records, params.k)?;
    let mut best: Option<Measured> = None;
    for restart in 0..params.restarts {
        let centers = engine(params.seed.wrapping_add(restart as u64))?;
        let found = measure(records, centers);
        let usable = found.inertia.is_finite() && !found.sizes.contains(&0);
        if usable && best.as_ref().is_none_or(|best| found.inertia < best.inertia) {
            best = Some(found);
        }
    }
    let empty = EngineError::EmptyCluster { k: params.k, restarts: params.restarts };
    let best = best.ok_or(empty)?;
    Ok(KmeansFit {
        inertia: best.inertia,
        converged: best.shift <= params.tolerance,
        iterations: None,
        centers: largest_first(best.centers, &best.sizes),
    })
}

impl KmeansParams {
    pub(crate) fn check(&self) -> Result<(), EngineError> {
        check_parameter("kmeans.k", self.k, self.k > 1, "2 or more")?;
        check_parameter("kmeans.k", self.k, self.k <= MOST_CLUSTERS, "at most 65,534")?;
        let iterations = self.max_iterations;
        check_parameter("kmeans.max_iterations", iterations, iterations > 0, "1 or more")?;
        check_parameter("kmeans.restarts", self.restarts, self.restarts > 0, "1 or more")?;
        let tolerance = self.tolerance.is_finite() && self.tolerance > 0.0;
        check_parameter("kmeans.tolerance", self.tolerance, tolerance, "a finite number above 0")
    }
}

/// At least k different rows; stops looking once they are found.
fn check_distinct(records: &Array2<f64>, k: usize) -> Result<(), EngineError> {
    let mut distinct: Vec<ArrayView1<'_, f64>> = Vec::new();
    for row in records.rows() {
        if !distinct.contains(&row) {
            distinct.push(row);
            if distinct.len() == k {
                return Ok(());
            }
        }
    }
    Err(EngineError::TooFewDistinct { k, distinct: distinct.len() })
}

/// Assigns every row to its nearest centre (the first of equals) and sums up, in row order.
fn measure(records: &Array2<f64>, centers: Vec<Vec<f64>>) -> Measured {
    let mut sizes = vec![0_u64; centers.len()];
    let mut sums = vec![vec![0.0; records.ncols()]; centers.len()];
    let mut inertia = 0.0;
    for row in records.rows() {
        let (nearest, distance) = nearest(row, &centers);
        inertia += distance;
        sizes[nearest] += 1;
        for (sum, value) in sums[nearest].iter_mut().zip(row) {
            *sum += value;
        }
    }
    let mut moved = 0.0;
    for ((center, sums), &size) in centers.iter().zip(&sums).zip(&sizes) {
        if size > 0 {
            moved += center.iter().zip(sums).map(|(c, sum)| (sum / size as f64 - c).powi(2)).sum::<f64>();
        }
    }
    Measured { centers, sizes, inertia, shift: moved.sqrt() }
}

/// Index of the nearest centre and the squared distance to it.
fn nearest(row: ArrayView1<'_, f64>, centers: &[Vec<f64>]) -> (usize, f64) {
    let mut best = (0, f64::INFINITY);
    for (index, center) in centers.iter().enumerate() {
        let distance = row.iter().zip(center).map(|(value, c)| (value - c).powi(2)).sum::<f64>();
        if distance < best.1 {
            best = (index, distance);
        }
    }
    best
}

pub(super) fn largest_first(centers: Vec<Vec<f64>>, sizes: &[u64]) -> Vec<Vec<f64>> {
    let mut sized: Vec<(u64, Vec<f64>)> = sizes.iter().copied().zip(centers).collect();
    sized.sort_by(|(size, center), (other_size, other)| {
        other_size.cmp(size).then_with(|| by_coordinates(center, other))
    });
    sized.into_iter().map(|(_, center)| center).collect()
}

fn by_coordinates(one: &[f64], other: &[f64]) -> Ordering {
    one.iter().zip(other).map(|(a, b)| a.total_cmp(b)).find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
}
