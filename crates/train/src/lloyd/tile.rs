//! The inner loops: squared distances of a tile of rows to four centres at once.

use super::bounds::relative_error;
use super::points::Points;
use pulp::{Arch, Simd, WithSimd};

/// Rows of a tile; a multiple of the rows that any processor takes at once.
pub(super) const TILE: usize = 128;
/// Centres taken at once.
pub(super) const BLOCK: usize = 4;
/// Registers of rows taken at once: eight running sums for the four centres.
const WIDE: usize = 2;

/// Centres as the inner loops read them.
#[derive(Clone)]
pub(super) struct Centers {
    columns: usize,
    /// `packed[block * columns + column]`: four centres; the last block is filled up with infinite ones, to which no
    /// row is nearest.
    packed: Vec<[f64; BLOCK]>,
}

impl Centers {
    /// Centres one after the other in `flat`.
    pub(super) fn new(flat: &[f64], columns: usize) -> Self {
        let k = flat.len() / columns;
        let blocks = k.div_ceil(BLOCK);
        let mut packed = vec![[f64::INFINITY; BLOCK]; blocks * columns];
        for (index, center) in flat.chunks_exact(columns).enumerate() {
            for (column, value) in center.iter().enumerate() {
                packed[index / BLOCK * columns + column][index % BLOCK] = *value;
            }
        }
        Self { columns, packed }
    }
}

/// The two nearest centres of each row of a tile.
pub(super) struct Nearest {
    /// Index of the nearest centre, the first of equals.
    pub(super) index: [f64; TILE],
    /// Squared distance to it.
    pub(super) first: [f64; TILE],
    /// How much farther the next centre is, in distance; rounded down by more than distances can be off.
    pub(super) lead: [f64; TILE],
}

impl Nearest {
    pub(super) fn new() -> Self {
        Self { index: [0.0; TILE], first: [0.0; TILE], lead: [0.0; TILE] }
    }
}

/// Up to [`TILE`] rows, column by column.
pub(super) struct Tile {
    /// The widest arithmetic this processor has. All of them do the same operations on a row in the same order, so
    /// distances have the same bits.
    arch: Arch,
    /// `values[column * TILE + row]`; what is beyond the last row is left over and finite.
    values: Vec<f64>,
}

impl Tile {
    pub(super) fn new(columns: usize) -> Self {
        Self { arch: Arch::new(), values: vec![0.0; columns * TILE] }
    }

    /// Takes the rows from `first` on.
    pub(super) fn fill(&mut self, points: &dyn Points, first: usize, rows: usize) {
        for (column, values) in self.values.chunks_exact_mut(TILE).enumerate() {
            points.fill(column, first, &mut values[..rows]);
        }
    }

    /// Takes these rows.
    pub(super) fn gather(&mut self, points: &dyn Points, rows: &[usize]) {
        for (column, values) in self.values.chunks_exact_mut(TILE).enumerate() {
            points.gather(column, rows, &mut values[..rows.len()]);
        }
    }

    pub(super) fn columns(&self) -> &[[f64; TILE]] {
        self.values.as_chunks().0
    }

    /// Coordinates of one row.
    pub(super) fn row(&self, row: usize) -> impl Iterator<Item = f64> + '_ {
        self.columns().iter().map(move |column| column[row])
    }

    /// Finds the two nearest centres of every row.
    pub(super) fn nearest(&self, centers: &Centers, found: &mut Nearest) {
        self.arch.dispatch(FindNearest { tile: self, centers, found });
    }

    /// Squared distances to each of the first four centres.
    pub(super) fn squared(&self, centers: &Centers, found: &mut [[f64; TILE]; BLOCK]) {
        self.arch.dispatch(Squared { tile: self, centers, found });
    }
}

struct FindNearest<'a> {
    tile: &'a Tile,
    centers: &'a Centers,
    found: &'a mut Nearest,
}

impl WithSimd for FindNearest<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let far = simd.splat_f64s(f64::INFINITY);
        let error = simd.splat_f64s(relative_error(self.centers.columns));
        for at in (0..TILE / S::F64_LANES).step_by(WIDE) {
            let mut index = [simd.splat_f64s(0.0); WIDE];
            let (mut first, mut second) = ([far; WIDE], [far; WIDE]);
            for (block, centers) in self.centers.packed.chunks_exact(self.centers.columns).enumerate() {
                let squared = distances(simd, self.tile.columns(), centers, at);
                for (center, squared) in squared.iter().enumerate() {
                    let this = simd.splat_f64s((block * BLOCK + center) as f64);
                    for part in 0..WIDE {
                        let d = squared[part];
                        let nearer = simd.less_than_f64s(d, first[part]);
                        let nearer_than_second = simd.less_than_f64s(d, second[part]);
                        let other = simd.select_f64s(nearer_than_second, d, second[part]);
                        second[part] = simd.select_f64s(nearer, first[part], other);
                        first[part] = simd.select_f64s(nearer, d, first[part]);
                        index[part] = simd.select_f64s(nearer, this, index[part]);
                    }
                }
            }
            S::as_mut_simd_f64s(&mut self.found.index).0[at..at + WIDE].copy_from_slice(&index);
            S::as_mut_simd_f64s(&mut self.found.first).0[at..at + WIDE].copy_from_slice(&first);
            for part in 0..WIDE {
                let (own, next) = (simd.sqrt_f64s(first[part]), simd.sqrt_f64s(second[part]));
                let off = simd.mul_f64s(error, simd.add_f64s(own, next));
                S::as_mut_simd_f64s(&mut self.found.lead).0[at + part] =
                    simd.sub_f64s(simd.sub_f64s(next, own), off);
            }
        }
    }
}

struct Squared<'a> {
    tile: &'a Tile,
    centers: &'a Centers,
    found: &'a mut [[f64; TILE]; BLOCK],
}

impl WithSimd for Squared<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        for at in (0..TILE / S::F64_LANES).step_by(WIDE) {
            let centers = &self.centers.packed[..self.centers.columns];
            let squared = distances(simd, self.tile.columns(), centers, at);
            for (found, squared) in self.found.iter_mut().zip(&squared) {
                S::as_mut_simd_f64s(found).0[at..at + WIDE].copy_from_slice(squared);
            }
        }
    }
}

/// Squared distances of `WIDE` registers of rows to four centres, coordinate by coordinate in their order, as a
/// model sums them up when it scores.
#[inline(always)]
fn distances<S: Simd>(
    simd: S,
    columns: &[[f64; TILE]],
    centers: &[[f64; BLOCK]],
    at: usize,
) -> [[S::f64s; WIDE]; BLOCK] {
    const { assert!(TILE.is_multiple_of(S::F64_LANES * WIDE), "a tile must be whole registers") };
    let mut sums = [[simd.splat_f64s(0.0); WIDE]; BLOCK];
    for (column, centers) in columns.iter().zip(centers) {
        let values = &S::as_simd_f64s(column).0[at..at + WIDE];
        for (sums, center) in sums.iter_mut().zip(centers) {
            let center = simd.splat_f64s(*center);
            for part in 0..WIDE {
                let off = simd.sub_f64s(values[part], center);
                sums[part] = simd.add_f64s(sums[part], simd.mul_f64s(off, off));
            }
        }
    }
    sums
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances_have_the_same_bits_on_any_processor() {
        let columns = 5;
        let mut tile = Tile::new(columns);
        for (at, value) in tile.values.iter_mut().enumerate() {
            *value = libm::sin(at as f64) / 3.0;
        }
        let flat: Vec<f64> = (0..7 * columns).map(|at| libm::cos(at as f64) / 7.0).collect();
        let centers = Centers::new(&flat, columns);
        let (mut wide, mut narrow) = (Nearest::new(), Nearest::new());
        tile.nearest(&centers, &mut wide);
        FindNearest { tile: &tile, centers: &centers, found: &mut narrow }.with_simd(pulp::Scalar);
        assert_eq!((wide.index, wide.first, wide.lead), (narrow.index, narrow.first, narrow.lead));
        assert!((0..7).all(|k| wide.index.contains(&f64::from(k))));
    }
}
