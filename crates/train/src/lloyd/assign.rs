//! The nearest centre of every row, and how far it is.

use super::pass::{CHUNK, MOST_CLUSTERS};
use super::points::Points;
use super::tile::{Centers, Nearest, TILE, Tile};
use rayon::prelude::*;

/// Where every row belongs.
#[derive(Clone, Debug, PartialEq)]
pub struct Assigned {
    /// Index of the nearest centre, the first of equals.
    pub labels: Vec<u16>,
    /// Squared Euclidean distance to it.
    pub squared: Vec<f64>,
}

/// The nearest centre of every row and the squared distance to it, in ten bytes a row. Distances are summed up
/// coordinate by coordinate, as [`Centroids::place`](arrears_model::centroids::Centroids::place) does.
///
/// # Panics
/// When there are more than 65,534 centres, or a centre has not one value for each column.
pub fn assign(points: &dyn Points, centers: &[Vec<f64>]) -> Assigned {
    assert!(centers.len() <= MOST_CLUSTERS, "{} centres; labels are two bytes", centers.len());
    assert!(centers.iter().all(|center| center.len() == points.columns()), "a value for each column");
    let centers = Centers::new(&centers.concat(), points.columns());
    let (mut labels, mut squared) = (vec![0; points.rows()], vec![0.0; points.rows()]);
    let chunks = labels.par_chunks_mut(CHUNK).zip(squared.par_chunks_mut(CHUNK)).enumerate();
    chunks.for_each(|(chunk, (labels, squared))| {
        each_tile(points, &centers, chunk, |at, rows, _, nearest| {
            let index = nearest.index.iter().map(|index| *index as u16);
            labels[at..at + rows].iter_mut().zip(index).for_each(|(label, index)| *label = index);
            squared[at..at + rows].copy_from_slice(&nearest.first[..rows]);
        });
    });
    Assigned { labels, squared }
}

/// How many rows are different, up to `most`; stops looking once they are found.
pub(crate) fn distinct(points: &dyn Points, most: usize) -> usize {
    let mut found: Vec<Vec<f64>> = Vec::new();
    let mut tile = Tile::new(points.columns());
    for first in (0..points.rows()).step_by(TILE) {
        let rows = TILE.min(points.rows() - first);
        tile.fill(points, first, rows);
        for row in 0..rows {
            if !found.iter().any(|known| tile.row(row).eq(known.iter().copied())) {
                found.push(tile.row(row).collect());
            }
            if found.len() == most {
                return most;
            }
        }
    }
    found.len()
}

/// Sum over the rows of the squared distance to the nearest centre: chunk by chunk in the order of rows.
pub(super) fn inertia(points: &dyn Points, centers: &[Vec<f64>]) -> f64 {
    let centers = Centers::new(&centers.concat(), points.columns());
    let of_chunk = |chunk: usize| {
        let mut sum = 0.0;
        each_tile(points, &centers, chunk, |_, rows, _, nearest| {
            sum += nearest.first[..rows].iter().sum::<f64>();
        });
        sum
    };
    let sums: Vec<f64> = (0..points.rows().div_ceil(CHUNK)).into_par_iter().map(of_chunk).collect();
    sums.iter().sum()
}

/// Goes through the tiles of a chunk: the first row's place in the chunk, how many rows, the tile, and the nearest
/// centres.
pub(super) fn each_tile(
    points: &dyn Points,
    centers: &Centers,
    chunk: usize,
    mut take: impl FnMut(usize, usize, &Tile, &Nearest),
) {
    let mut tile = Tile::new(points.columns());
    let mut nearest = Nearest::new();
    let base = chunk * CHUNK;
    let length = CHUNK.min(points.rows() - base);
    for first in (0..length).step_by(TILE) {
        let rows = TILE.min(length - first);
        tile.fill(points, base + first, rows);
        tile.nearest(centers, &mut nearest);
        take(first, rows, &tile, &nearest);
    }
}
