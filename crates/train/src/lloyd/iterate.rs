//! Lloyd's iterations from given centres until they come to rest.

use super::assign::each_tile;
use super::farthest::Farthest;
use super::pass::{Assignment, CHUNK, MOST_CLUSTERS};
use super::points::Points;
use super::tile::Centers;
use rayon::prelude::*;

/// Where Lloyd's iterations ended.
#[derive(Clone, Debug, PartialEq)]
pub struct Settled {
    /// The centres, in the order of the seeds.
    pub centers: Vec<Vec<f64>>,
    /// Nearest centre of every row, the first of equals.
    pub labels: Vec<u16>,
    /// Rows of each centre.
    pub counts: Vec<u64>,
    /// Steps taken: moves of all centres to the means of their rows.
    pub iterations: u64,
    /// Whether one more step would move all centres together by at most the tolerance.
    pub converged: bool,
}

/// Lloyd's iterations from `seeds`: all rows to their nearest centre, each centre to the mean of its rows, until one
/// more step would move the centres together by at most `tolerance` (Euclidean distance over all of them) or
/// `max_iterations` steps are taken.
///
/// A centre without rows goes to the row farthest from its own centre (the first of equals), as in scikit-learn; a row
/// that is alone in its cluster stays there. Rows that the moves of the centres cannot have taken to another cluster are
/// not read; the result is the same to the last bit as when they were.
///
/// # Panics
/// Without seeds or rows, with more than 65,534 seeds, and when a seed has not one value for each column.
pub fn lloyd(points: &dyn Points, seeds: &[Vec<f64>], max_iterations: u64, tolerance: f64) -> Settled {
    let (k, columns) = (seeds.len(), points.columns());
    assert!(k > 0 && k <= MOST_CLUSTERS && points.rows() > 0 && columns > 0, "{k} seeds");
    assert!(seeds.iter().all(|seed| seed.len() == columns), "a value for each column");
    let mut centers = seeds.concat();
    let mut assignment = Assignment::new(points.rows(), columns, k);
    let mut iterations = 0;
    let converged = loop {
        assignment.assign(points, &centers);
        let last = iterations == max_iterations;
        // Not before the end: the answer has the labels of its own centres.
        let filled = !last && fill_empty(points, &mut assignment, &centers);
        let next = assignment.means(&centers);
        let moves = moves(&centers, &next, columns);
        let length = moves.iter().map(|m| m * m).sum::<f64>().sqrt();
        let rests = length <= tolerance && !filled && !(last && assignment.counts().contains(&0));
        if rests || last {
            break rests;
        }
        assignment.moved(&moves);
        centers = next;
        iterations += 1;
    };
    Settled {
        centers: centers.chunks_exact(columns).map(<[f64]>::to_vec).collect(),
        counts: assignment.counts().iter().map(|rows| *rows as u64).collect(),
        labels: assignment.into_labels(),
        iterations,
        converged,
    }
}

/// How far each centre goes.
pub(super) fn moves(from: &[f64], to: &[f64], columns: usize) -> Vec<f64> {
    let distance = |(from, to): (&[f64], &[f64])| {
        from.iter().zip(to).map(|(a, b)| (b - a) * (b - a)).sum::<f64>().sqrt()
    };
    from.chunks_exact(columns).zip(to.chunks_exact(columns)).map(distance).collect()
}

/// Gives each cluster without rows the row farthest from its centre among the clusters that keep one; whether it did
/// so for any.
fn fill_empty(points: &dyn Points, assignment: &mut Assignment, flat: &[f64]) -> bool {
    if !assignment.counts().contains(&0) {
        return false;
    }
    let centers = Centers::new(flat, points.columns());
    let of_chunk = |chunk: usize| {
        let mut farthest = Farthest::new(assignment.counts().len());
        each_tile(points, &centers, chunk, |at, rows, tile, nearest| {
            farthest.take(tile, nearest, chunk * CHUNK + at, rows);
        });
        farthest
    };
    let chunks = (0..points.rows().div_ceil(CHUNK)).into_par_iter();
    let farthest = chunks.map(of_chunk).reduce(|| Farthest::new(assignment.counts().len()), Farthest::merge);
    let filled = farthest.fill(assignment.counts());
    filled.iter().for_each(|(far, empty)| assignment.move_row(far, *empty));
    !filled.is_empty()
}
