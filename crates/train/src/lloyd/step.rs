//! Lloyd's iterations over rows that come in batches: tables larger than memory, or parts on many machines.

use super::assign::each_tile;
use super::farthest::Farthest;
use super::iterate::moves;
use super::pass::{CHUNK, MOST_CLUSTERS};
use super::points::Points;
use super::sums::{Move, Sums};
use super::tile::Centers;
use rayon::prelude::*;

/// One step of Lloyd's iterations, summed up batch by batch. In memory stay sums of the clusters, whatever the rows.
///
/// `update` takes rows, `merge` joins what was summed up of different rows, `finish` moves the centres. The sums are exact: the
/// moved centres have the same bits however the rows were cut into batches, and the same as [`lloyd`](super::lloyd())
/// gives them.
#[derive(Clone)]
pub struct Step {
    centers: Vec<Vec<f64>>,
    packed: Centers,
    summed: Summed,
    rows: usize,
}

/// What is summed up of some rows.
#[derive(Clone)]
struct Summed {
    sums: Sums,
    inertia: f64,
    farthest: Farthest,
}

/// What a [`Step`] found.
#[derive(Clone, Debug, PartialEq)]
pub struct Stepped {
    /// The centres the rows were assigned to.
    pub centers: Vec<Vec<f64>>,
    /// Rows nearest to each of them, the first of equals.
    pub counts: Vec<u64>,
    /// Sum over the rows of the squared distance to the nearest of them.
    pub inertia: f64,
    /// Where they go: each to the mean of its rows, one without rows to the row farthest from its centre.
    pub next: Vec<Vec<f64>>,
    /// Euclidean distance from `centers` to `next`, over all of them.
    pub shift: f64,
}

impl Summed {
    fn new(k: usize, columns: usize) -> Self {
        Self { sums: Sums::new(k, columns), inertia: 0.0, farthest: Farthest::new(k) }
    }

    fn merge(self, other: Self) -> Self {
        Self {
            sums: self.sums.merge(other.sums),
            inertia: self.inertia + other.inertia,
            farthest: self.farthest.merge(other.farthest),
        }
    }
}

impl Step {
    /// A step from these centres.
    ///
    /// # Panics
    /// Without centres, with more than 65,534, or when they have not all the same number of values, 1 or more.
    pub fn new(centers: Vec<Vec<f64>>) -> Self {
        assert!(!centers.is_empty() && centers.len() <= MOST_CLUSTERS, "{} centres", centers.len());
        let columns = centers[0].len();
        assert!(columns > 0 && centers.iter().all(|center| center.len() == columns), "values of centres");
        let packed = Centers::new(&centers.concat(), columns);
        Self { packed, summed: Summed::new(centers.len(), columns), centers, rows: 0 }
    }

    /// Takes more rows in.
    ///
    /// # Panics
    /// When they have another number of columns than the centres.
    pub fn update(&mut self, batch: &dyn Points) {
        let (k, columns) = (self.centers.len(), self.centers[0].len());
        assert_eq!(batch.columns(), columns, "columns of a batch");
        let of_chunk = |chunk: usize| {
            let mut summed = Summed::new(k, columns);
            let mut to_all = Vec::new();
            each_tile(batch, &self.packed, chunk, |at, rows, tile, nearest| {
                to_all.clear();
                let to = nearest.index[..rows].iter().enumerate();
                to_all.extend(to.map(|(row, to)| Move { row, from: k, to: *to as usize }));
                summed.sums.apply(tile, &to_all);
                summed.inertia += nearest.first[..rows].iter().sum::<f64>();
                summed.farthest.take(tile, nearest, self.rows + chunk * CHUNK + at, rows);
            });
            summed
        };
        // Chunks are merged in their order, a few at a time so that they need little memory.
        for first in (0..batch.rows().div_ceil(CHUNK)).step_by(AT_ONCE) {
            let chunks = first..(first + AT_ONCE).min(batch.rows().div_ceil(CHUNK));
            let parts: Vec<Summed> = chunks.into_par_iter().map(of_chunk).collect();
            let all = std::mem::replace(&mut self.summed, Summed::new(k, columns));
            self.summed = parts.into_iter().fold(all, Summed::merge);
        }
        self.rows += batch.rows();
    }

    /// Joins what was summed up of other rows, which count as those that came later.
    ///
    /// # Panics
    /// When they were summed up for other centres.
    pub fn merge(mut self, mut other: Self) -> Self {
        assert_eq!(self.centers, other.centers, "steps from the same centres");
        other.summed.farthest.shift(self.rows);
        self.summed = self.summed.merge(other.summed);
        self.rows += other.rows;
        self
    }

    /// Moves the centres.
    pub fn finish(self) -> Stepped {
        let Summed { mut sums, inertia, farthest } = self.summed;
        let counts: Vec<i64> = sums.counts().to_vec();
        for (far, empty) in farthest.fill(&counts) {
            sums.apply_row(&far.values, far.cluster, empty);
        }
        let flat = self.centers.concat();
        let columns = self.centers[0].len();
        let next = sums.means(&flat);
        Stepped {
            counts: counts.iter().map(|rows| *rows as u64).collect(),
            inertia,
            shift: moves(&flat, &next, columns).iter().map(|m| m * m).sum::<f64>().sqrt(),
            next: next.chunks_exact(columns).map(<[f64]>::to_vec).collect(),
            centers: self.centers,
        }
    }
}

/// Chunks summed up before they are merged.
const AT_ONCE: usize = 64;
