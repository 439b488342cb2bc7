//! The gap statistic: are the segments tighter than those of rows without any.
//!
//! R. Tibshirani, G. Walther and T. Hastie, J. R. Statist. Soc. B 63 (2001), 411-423.

use crate::clusters::splitmix64;
use crate::{Error, Points};
use serde::Serialize;

/// How much tighter the segments are than those of reference rows.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Gap {
    /// Mean of ln(inertia of the reference rows) - ln(inertia). Larger: tighter than chance.
    pub gap: f64,
    /// Standard deviation (population) of the reference logarithms, times sqrt(1 + 1 / number of references).
    pub error: f64,
}

/// The gap of an inertia against those of reference rows, segmented in the same way.
///
/// # Errors
/// An inertia that is not a finite number above 0 (every row on its centre has no logarithm), or no reference.
pub fn gap(inertia: f64, references: &[f64]) -> Result<Gap, Error> {
    if references.is_empty() {
        return Err(Error::Empty { what: "reference inertias" });
    }
    let sound = |x: &f64| x.is_finite() && *x > 0.0;
    if let Some((row, &value)) = references.iter().chain([&inertia]).enumerate().find(|(_, x)| !sound(x)) {
        return Err(Error::Value { what: "inertia", row, value, expected: "a finite number above 0" });
    }
    let logs: Vec<f64> = references.iter().map(|x| libm::log(*x)).collect();
    let n = logs.len() as f64;
    let mean = logs.iter().sum::<f64>() / n;
    let variance = logs.iter().map(|log| (log - mean) * (log - mean)).sum::<f64>() / n;
    Ok(Gap { gap: mean - libm::log(inertia), error: variance.sqrt() * (1.0 + 1.0 / n).sqrt() })
}

/// The number of segments that the gaps speak for: the position of the first gap that is at least the next one less its
/// error. `None` where each is exceeded by the next. `gaps`: for 1, 2, 3 ... segments.
pub fn first_gap(gaps: &[Gap]) -> Option<usize> {
    gaps.windows(2).position(|pair| pair[0].gap >= pair[1].gap - pair[1].error)
}

/// A box around rows, its sides along their principal axes: reference rows are drawn evenly from it, so that they have the
/// shape of the rows, but no segments (way b of the paper).
#[derive(Debug, Clone, PartialEq)]
pub struct ReferenceBox {
    centre: Vec<f64>,
    /// Direction of length 1, lowest and highest place along it.
    axes: Vec<(Vec<f64>, f64, f64)>,
}

impl ReferenceBox {
    /// The box around `points`.
    ///
    /// The axes are the eigenvectors of the covariance matrix by Jacobi's rotations; O(rows * dims^2 + dims^3).
    pub fn new(points: Points) -> Self {
        let n = points.rows() as f64;
        let dims = points.row(0).len();
        let rows = || (0..points.rows()).map(|row| points.row(row));
        let mut centre = vec![0.0; dims];
        rows().for_each(|row| centre.iter_mut().zip(row).for_each(|(sum, x)| *sum += x / n));
        let mut covariance = vec![vec![0.0; dims]; dims];
        for row in rows() {
            let away: Vec<f64> = row.iter().zip(&centre).map(|(x, c)| x - c).collect();
            for (line, a) in covariance.iter_mut().zip(&away) {
                line.iter_mut().zip(&away).for_each(|(sum, b)| *sum += a * b / n);
            }
        }
        let along = |axis: &[f64], row: &[f64]| -> f64 {
            axis.iter().zip(row).zip(&centre).map(|((a, x), c)| a * (x - c)).sum()
        };
        let ranged = |axis: Vec<f64>| {
            let places = rows().map(|row| along(&axis, row));
            let (low, high) =
                places.fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), x| (l.min(x), h.max(x)));
            (axis, low, high)
        };
        let axes = eigenvectors(covariance).into_iter().map(ranged).collect();
        Self { centre, axes }
    }

    /// So many rows drawn evenly from the box, row after row. The same seed gives the same rows.
    pub fn draw(&self, rows: usize, seed: u64) -> Vec<f64> {
        let mut values = Vec::with_capacity(rows * self.centre.len());
        for row in 0..rows {
            let start = values.len();
            values.extend_from_slice(&self.centre);
            for (at, (axis, low, high)) in self.axes.iter().enumerate() {
                let index = (row * self.axes.len() + at) as u64;
                // 53 bits make an even number in [0, 1).
                let even = (splitmix64(seed, index) >> 11) as f64 / (1u64 << 53) as f64;
                let place = low + even * (high - low);
                values[start..].iter_mut().zip(axis).for_each(|(x, a)| *x += place * a);
            }
        }
        values
    }
}

/// Sweeps of Jacobi's rotations; a handful is enough, each makes what is left much smaller.
const SWEEPS: usize = 50;

/// The eigenvectors of a symmetric matrix, each of length 1, by cyclic Jacobi rotations (G. H. Golub and C. F. Van Loan,
/// Matrix Computations, 8.5).
fn eigenvectors(mut matrix: Vec<Vec<f64>>) -> Vec<Vec<f64>> {
    let dims = matrix.len();
    // Row i holds eigenvector i.
    let mut vectors: Vec<Vec<f64>> =
        (0..dims).map(|i| (0..dims).map(|j| f64::from(i == j)).collect()).collect();
    let total: f64 = matrix.iter().flatten().map(|x| x * x).sum();
    for _ in 0..SWEEPS {
        let off: f64 = (0..dims)
            .flat_map(|i| (0..i).map(move |j| (i, j)))
            .map(|(i, j)| matrix[i][j] * matrix[i][j])
            .sum();
        if off <= total * 1e-30 {
            break;
        }
        for p in 0..dims {
            for q in p + 1..dims {
                rotate(&mut matrix, &mut vectors, p, q);
            }
        }
    }
    vectors
}

/// Turns axes p and q so that their covariance becomes 0.
fn rotate(matrix: &mut [Vec<f64>], vectors: &mut [Vec<f64>], p: usize, q: usize) {
    if matrix[p][q] == 0.0 {
        return;
    }
    let tau = (matrix[q][q] - matrix[p][p]) / (2.0 * matrix[p][q]);
    let t = if tau >= 0.0 {
        1.0 / (tau + (tau * tau + 1.0).sqrt())
    } else {
        1.0 / (tau - (tau * tau + 1.0).sqrt())
    };
    let c = 1.0 / (t * t + 1.0).sqrt();
    let s = t * c;
    let turn = |a: f64, b: f64| (c * a - s * b, s * a + c * b);
    for line in matrix.iter_mut() {
        (line[p], line[q]) = turn(line[p], line[q]);
    }
    for rows in [matrix, vectors] {
        let (head, tail) = rows.split_at_mut(q);
        for (a, b) in head[p].iter_mut().zip(&mut tail[0]) {
            (*a, *b) = turn(*a, *b);
        }
    }
}
