//! One pass: every row to its nearest centre and into that cluster's sums, in one go; rows that cannot have changed
//! are not read.

use super::bounds::Drift;
use super::farthest::Far;
use super::points::Points;
use super::sums::{Move, Sums};
use super::tile::{Centers, Nearest, TILE, Tile};
use rayon::prelude::*;

/// Rows that one thread takes at once.
pub(super) const CHUNK: usize = 1 << 13;
/// Most clusters: a row remembers its own, or that it has none, in two bytes.
pub const MOST_CLUSTERS: usize = u16::MAX as usize - 1;

/// What is known of the rows between passes: six bytes a row.
pub(super) struct Assignment {
    k: usize,
    /// Cluster of each row; `k` before the first pass.
    labels: Vec<u16>,
    /// [`Drift::limit`] of each row.
    until: Vec<f32>,
    sums: Sums,
    drift: Drift,
}

impl Assignment {
    /// Every row in no cluster.
    pub(super) fn new(rows: usize, columns: usize, k: usize) -> Self {
        Self {
            k,
            labels: vec![k as u16; rows],
            until: vec![f32::NEG_INFINITY; rows],
            sums: Sums::new(k, columns),
            drift: Drift::new(k, columns),
        }
    }

    pub(super) fn into_labels(self) -> Vec<u16> {
        self.labels
    }

    pub(super) fn counts(&self) -> &[i64] {
        self.sums.counts()
    }

    pub(super) fn means(&mut self, instead: &[f64]) -> Vec<f64> {
        self.sums.means(instead)
    }

    /// The centres have moved by these distances since the last pass.
    pub(super) fn moved(&mut self, distances: &[f64]) {
        self.drift.moved(distances);
    }

    /// Puts rows that have to be looked at with their nearest centre, the first of equals.
    pub(super) fn assign(&mut self, points: &dyn Points, flat: &[f64]) {
        let (k, columns) = (self.k, points.columns());
        let centers = Centers::new(flat, columns);
        let drift = &self.drift;
        let chunks = self.labels.par_chunks_mut(CHUNK).zip(self.until.par_chunks_mut(CHUNK)).enumerate();
        let changes = chunks
            .fold(
                || Worker::new(points, &centers, drift, k),
                |mut worker, (chunk, (labels, until))| {
                    worker.run(chunk * CHUNK, labels, until);
                    worker
                },
            )
            .map(|worker| worker.sums)
            .reduce(|| Sums::new(k, columns), Sums::merge);
        let sums = std::mem::replace(&mut self.sums, Sums::new(k, columns));
        self.sums = sums.merge(changes);
    }

    /// Takes a row out of its cluster and into another; it is looked at again in the next pass.
    pub(super) fn move_row(&mut self, far: &Far, to: usize) {
        self.sums.apply_row(&far.values, far.cluster, to);
        self.labels[far.row] = to as u16;
        self.until[far.row] = f32::NEG_INFINITY;
    }
}

/// What one thread works with.
struct Worker<'a> {
    points: &'a dyn Points,
    centers: &'a Centers,
    drift: &'a Drift,
    tile: Tile,
    nearest: Nearest,
    stale: Box<[u16; CHUNK]>,
    moves: Vec<Move>,
    sums: Sums,
}

impl<'a> Worker<'a> {
    fn new(points: &'a dyn Points, centers: &'a Centers, drift: &'a Drift, k: usize) -> Self {
        Self {
            points,
            centers,
            drift,
            tile: Tile::new(points.columns()),
            nearest: Nearest::new(),
            stale: Box::new([0; CHUNK]),
            moves: Vec::with_capacity(TILE),
            sums: Sums::new(k, points.columns()),
        }
    }

    /// `base`: the first row of the chunk.
    fn run(&mut self, base: usize, labels: &mut [u16], until: &mut [f32]) {
        let count = find_stale(labels, until, self.drift.limits(), &mut self.stale);
        // Where most rows are to be looked at, reading all of them one after the other is quicker.
        let all = count * 2 > labels.len();
        let count = if all { labels.len() } else { count };
        for first in (0..count).step_by(TILE) {
            let rows = TILE.min(count - first);
            let mut places: [usize; TILE] = std::array::from_fn(|row| first + row);
            if all {
                self.tile.fill(self.points, base + first, rows);
            } else {
                let stale = &self.stale[first..first + rows];
                places.iter_mut().zip(stale).for_each(|(place, stale)| *place = usize::from(*stale));
                self.tile.gather(self.points, &places.map(|place| base + place)[..rows]);
            }
            self.place(&places[..rows], labels, until);
        }
    }

    /// The rows of the tile, with their places in the chunk.
    fn place(&mut self, places: &[usize], labels: &mut [u16], until: &mut [f32]) {
        self.tile.nearest(self.centers, &mut self.nearest);
        self.moves.clear();
        for (row, &place) in places.iter().enumerate() {
            let to = self.nearest.index[row] as usize;
            until[place] = self.drift.limit(to, self.nearest.lead[row]);
            let from = usize::from(labels[place]);
            if from != to {
                labels[place] = to as u16;
                self.moves.push(Move { row, from, to });
            }
        }
        self.sums.apply(&self.tile, &self.moves);
    }
}

/// Collects the rows of a chunk that have to be looked at, and counts them.
#[inline(never)]
fn find_stale(labels: &[u16], until: &[f32], limits: &[f32], stale: &mut [u16; CHUNK]) -> usize {
    let mut count = 0;
    for (row, (label, until)) in labels.iter().zip(until).enumerate() {
        // Written always and counted where it is meant, so that nothing has to be guessed; there are no more rows than
        // places, which the remainder says to the compiler.
        stale[count % CHUNK] = row as u16;
        count += usize::from(*until <= limits[usize::from(*label)]);
    }
    count
}
