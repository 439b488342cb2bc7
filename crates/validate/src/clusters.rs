//! How well segments hold together: inertia and silhouette.

use std::thread;

use serde::Serialize;

use crate::{Error, inputs};

/// Above this many rows a silhouette is measured on a sample of this many.
pub const SILHOUETTE_ROWS: usize = 10_000;

/// A dense table of finite numbers, row after row.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Points<'a> {
    values: &'a [f64],
    dims: usize,
}

impl<'a> Points<'a> {
    /// Reads `values` as rows of `dims` numbers each.
    ///
    /// # Errors
    /// `dims` is 0, the values do not fill whole rows, there are none, or one is not finite.
    pub fn new(values: &'a [f64], dims: usize) -> Result<Self, Error> {
        if dims == 0 {
            return Err(Error::Parameter { name: "dims", value: 0.0, expected: "at least 1" });
        }
        inputs::one_a_row("points", values.len() / dims * dims, values)?;
        match values.iter().position(|value| !value.is_finite()) {
            Some(at) => {
                let (row, value) = (at / dims, values[at]);
                Err(Error::Value { what: "points", row, value, expected: "a finite number" })
            }
            None => Ok(Self { values, dims }),
        }
    }

    /// Number of rows; at least 1.
    pub fn rows(&self) -> usize {
        self.values.len() / self.dims
    }

    pub(crate) fn row(&self, row: usize) -> &'a [f64] {
        &self.values[row * self.dims..][..self.dims]
    }
}

/// Inertia: the sum over all rows of the squared Euclidean distance to the centre of the row's own segment.
///
/// `segment[i]` is the row of `centres` that row i belongs to.
///
/// # Errors
/// `points` and `centres` differ in dims, `segment` in length, or a segment has no centre.
pub fn inertia(points: Points, centres: Points, segment: &[usize]) -> Result<f64, Error> {
    if centres.dims != points.dims {
        return Err(Error::Length { what: "a centre", expected: points.dims, found: centres.dims });
    }
    check_segments(points.rows(), segment, centres.rows())?;
    let own = |(row, &segment): (usize, &usize)| -> f64 {
        points.row(row).iter().zip(centres.row(segment)).map(|(x, c)| (x - c) * (x - c)).sum()
    };
    Ok(segment.iter().enumerate().map(own).sum())
}

/// The silhouette of one segment.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct SegmentSilhouette {
    /// The segment, from 0.
    pub segment: usize,
    /// Its rows that were measured.
    pub rows: usize,
    /// Mean silhouette of these rows; `None` if there are none.
    pub mean: Option<f64>,
}

/// How much closer rows are to their own segment than to the next one.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Silhouette {
    /// Mean over all measured rows, from -1 (wrong segment) over 0 (on the border) to 1.
    pub mean: f64,
    /// The same for each segment, in order.
    pub segments: Vec<SegmentSilhouette>,
    /// Rows given.
    pub rows: usize,
    /// Rows measured; fewer than `rows` if sampled.
    pub rows_measured: usize,
}

/// Mean silhouette (P. Rousseeuw, 1987) with Euclidean distance: `(b - a) / max(a, b)` for each row, where `a`
/// is the mean distance to the other rows of its segment and `b` the least mean distance to the rows of
/// another one. A row alone in its segment has 0.
///
/// Up to `limit` rows the result is exact. Above, the `limit` rows with the smallest `splitmix64(seed, row)`
/// hash are taken (ties: the lower row) and measured among themselves; the same seed takes the same rows.
/// O(limit^2 * dims); spread over the processors, with a result that does not depend on their number.
///
/// # Errors
/// `segment` differs in length or names a segment from `segments` on, or fewer than two segments have
/// measured rows.
pub fn silhouette(
    points: Points,
    segment: &[usize],
    segments: usize,
    limit: usize,
    seed: u64,
) -> Result<Silhouette, Error> {
    check_segments(points.rows(), segment, segments)?;
    let sorted = BySegment::new(points, segment, segments, &sample(points.rows(), limit, seed));
    let found = sorted.blocks().filter(|(from, to)| from < to).count();
    if found < 2 {
        return Err(Error::TooFew { what: "segments with measured rows", needed: 2, found });
    }
    let widths = sorted.widths();
    let per_segment = |(segment, (from, to)): (usize, (usize, usize))| {
        let mean = (from < to).then(|| widths[from..to].iter().sum::<f64>() / (to - from) as f64);
        SegmentSilhouette { segment, rows: to - from, mean }
    };
    Ok(Silhouette {
        mean: widths.iter().sum::<f64>() / widths.len() as f64,
        segments: sorted.blocks().enumerate().map(per_segment).collect(),
        rows: points.rows(),
        rows_measured: widths.len(),
    })
}

fn check_segments(rows: usize, segment: &[usize], segments: usize) -> Result<(), Error> {
    inputs::one_a_row("segment", rows, segment)?;
    match segment.iter().position(|&s| s >= segments) {
        Some(row) => Err(Error::Segment { row, segment: segment[row], segments }),
        None => Ok(()),
    }
}

/// The rows to measure, in ascending order.
fn sample(rows: usize, limit: usize, seed: u64) -> Vec<usize> {
    if rows <= limit {
        return (0..rows).collect();
    }
    let mut hashed: Vec<(u64, usize)> = (0..rows).map(|row| (splitmix64(seed, row as u64), row)).collect();
    hashed.sort_unstable();
    let mut taken: Vec<usize> = hashed[..limit].iter().map(|&(_, row)| row).collect();
    taken.sort_unstable();
    taken
}

/// Output number `index` (from 0) of the splitmix64 generator started at `seed` (S. Vigna's public domain code).
pub(crate) fn splitmix64(seed: u64, index: u64) -> u64 {
    let mut z = seed.wrapping_add(0x9e37_79b9_7f4a_7c15u64.wrapping_mul(index.wrapping_add(1)));
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// Rows measured against the others at a time: small enough for registers and the first cache.
const LANES: usize = 64;

/// The measured rows, sorted by segment and laid out column by column, so that the distances from one row to
/// a run of neighbours are computed side by side.
struct BySegment {
    columns: Vec<Vec<f64>>,
    /// Segment s holds the rows from `starts[s]` to before `starts[s + 1]`.
    starts: Vec<usize>,
    rows: usize,
}

impl BySegment {
    fn new(points: Points, segment: &[usize], segments: usize, taken: &[usize]) -> Self {
        let mut order = taken.to_vec();
        order.sort_by_key(|&row| segment[row]);
        let column = |dim| order.iter().map(|&row| points.row(row)[dim]).collect();
        let starts = (0..=segments).map(|s| order.partition_point(|&row| segment[row] < s)).collect();
        Self { columns: (0..points.dims).map(column).collect(), starts, rows: order.len() }
    }

    /// First and past-the-last row of each segment.
    fn blocks(&self) -> impl Iterator<Item = (usize, usize)> + '_ {
        self.starts.windows(2).map(|pair| (pair[0], pair[1]))
    }

    /// The silhouette of every row. Each one is computed alone, so the threads cannot change it.
    fn widths(&self) -> Vec<f64> {
        let mut widths = vec![0.0; self.rows];
        let threads = thread::available_parallelism().map_or(1, |n| n.get());
        let share = self.rows.div_ceil(threads).max(LANES);
        thread::scope(|scope| {
            for (index, part) in widths.chunks_mut(share).enumerate() {
                scope.spawn(move || {
                    for (offset, width) in part.iter_mut().enumerate() {
                        *width = self.width(index * share + offset);
                    }
                });
            }
        });
        widths
    }

    fn width(&self, row: usize) -> f64 {
        let (mut own, mut nearest) = (0.0, f64::INFINITY);
        for (from, to) in self.blocks().filter(|(from, to)| from < to) {
            let total = self.total_distance(row, from, to);
            if !(from..to).contains(&row) {
                nearest = nearest.min(total / (to - from) as f64);
            } else if to - from == 1 {
                return 0.0;
            } else {
                own = total / (to - from - 1) as f64;
            }
        }
        let larger = own.max(nearest);
        if larger > 0.0 { (nearest - own) / larger } else { 0.0 }
    }

    /// Sum of the distances from `row` to the rows from `from` to before `to`.
    fn total_distance(&self, row: usize, from: usize, to: usize) -> f64 {
        let mut totals = [0.0; LANES];
        for start in (from..to).step_by(LANES) {
            let end = to.min(start + LANES);
            let mut squares = [0.0; LANES];
            for column in &self.columns {
                let here = column[row];
                for (square, there) in squares.iter_mut().zip(&column[start..end]) {
                    *square += (there - here) * (there - here);
                }
            }
            for (total, square) in totals.iter_mut().zip(&squares) {
                *total += square.sqrt();
            }
        }
        totals.iter().sum()
    }
}
