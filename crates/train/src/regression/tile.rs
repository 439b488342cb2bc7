//! The inner loops: a tile of rows, expanded column by column into a buffer that stays in the fastest cache.

use pulp::{Arch, NullaryFnOnce, Simd, WithSimd};

/// Rows of a tile; a multiple of every number of lanes below.
pub(super) const TILE: usize = 128;
/// Columns are taken three by three: nine running sums fit the registers of every 64-bit processor.
const BLOCK: usize = 3;

/// One tile's worth of rows.
pub(super) struct Tile {
    /// The widest arithmetic this processor has. All of them do the same operations in the same order, so the sums
    /// have the same bits.
    arch: Arch,
    /// Columns incl. the intercept, filled up with columns of zeros to whole blocks.
    columns: usize,
    /// `values[column * TILE + row]`; the first column is the intercept.
    values: Vec<f64>,
}

impl Tile {
    pub(super) fn new(columns: usize) -> Self {
        let columns = padded(columns);
        Self { arch: Arch::new(), columns, values: vec![0.0; columns * TILE] }
    }

    #[inline(always)]
    pub(super) fn column(&self, index: usize) -> &[f64; TILE] {
        self.values[index * TILE..(index + 1) * TILE].try_into().expect("a column of a tile")
    }

    pub(super) fn column_mut(&mut self, index: usize) -> &mut [f64; TILE] {
        (&mut self.values[index * TILE..(index + 1) * TILE]).try_into().expect("a column of a tile")
    }

    /// `sum over columns of beta * value` of each row.
    pub(super) fn products(&self, beta: &[f64]) -> [f64; TILE] {
        self.arch.dispatch(Products { tile: self, beta })
    }

    /// Adds `sum over rows of factor * value` of each column.
    pub(super) fn add_gradient(&self, factors: &[f64; TILE], gradient: &mut [f64]) {
        self.arch.dispatch(AddGradient { tile: self, factors, gradient });
    }

    /// Multiplies every row by its factor.
    pub(super) fn scale_rows(&mut self, factors: &[f64; TILE]) {
        for column in self.values.as_chunks_mut::<TILE>().0 {
            column.iter_mut().zip(factors).for_each(|(value, factor)| *value *= factor);
        }
    }

    /// Adds the products of all pairs of columns: the lower triangle (and a little above) of the Gram matrix,
    /// rows of `padded(columns)`.
    pub(super) fn add_gram(&self, gram: &mut [f64]) {
        self.arch.dispatch(AddGram { tile: self, gram });
    }

    #[inline(always)]
    fn block(&self, block: usize) -> [&[f64; TILE]; BLOCK] {
        std::array::from_fn(|i| self.column(block * BLOCK + i))
    }
}

/// The number of columns filled up to whole blocks.
pub(super) fn padded(columns: usize) -> usize {
    columns.next_multiple_of(BLOCK)
}

struct Products<'a> {
    tile: &'a Tile,
    beta: &'a [f64],
}

impl NullaryFnOnce for Products<'_> {
    type Output = [f64; TILE];

    #[inline(always)]
    fn call(self) -> [f64; TILE] {
        let mut sums = [0.0; TILE];
        for (block, beta) in self.beta.chunks(BLOCK).enumerate() {
            let [a, b, c] = self.tile.block(block);
            let factor = |i: usize| beta.get(i).copied().unwrap_or(0.0);
            let factors = [factor(0), factor(1), factor(2)];
            for row in 0..TILE {
                sums[row] += factors[0] * a[row] + factors[1] * b[row] + factors[2] * c[row];
            }
        }
        sums
    }
}

struct AddGradient<'a> {
    tile: &'a Tile,
    factors: &'a [f64; TILE],
    gradient: &'a mut [f64],
}

impl WithSimd for AddGradient<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        for (block, sums) in self.gradient.chunks_mut(BLOCK).enumerate() {
            let [dots] = dots(simd, [self.factors], self.tile.block(block));
            sums.iter_mut().zip(dots).for_each(|(sum, dot)| *sum += dot);
        }
    }
}

struct AddGram<'a> {
    tile: &'a Tile,
    gram: &'a mut [f64],
}

impl WithSimd for AddGram<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let columns = self.tile.columns;
        for left in 0..columns / BLOCK {
            for right in 0..=left {
                let sums = dots(simd, self.tile.block(left), self.tile.block(right));
                for (i, sums) in sums.iter().enumerate() {
                    let at = (left * BLOCK + i) * columns + right * BLOCK;
                    self.gram[at..at + BLOCK].iter_mut().zip(sums).for_each(|(sum, dot)| *sum += dot);
                }
            }
        }
    }
}

/// Running sums that a dot product is made of, row by row in turns, whatever the processor.
const LANES: usize = 4;

/// Dot products of all pairs.
#[inline(always)]
fn dots<S: Simd, const A: usize, const B: usize>(
    simd: S,
    a: [&[f64; TILE]; A],
    b: [&[f64; TILE]; B],
) -> [[f64; B]; A] {
    // Registers that hold the running sums of one dot product.
    const { assert!(S::F64_LANES <= LANES, "a register must not hold more than the running sums") };
    let wide = LANES / S::F64_LANES;
    let a = a.map(|column| S::as_simd_f64s(column).0);
    let b = b.map(|column| S::as_simd_f64s(column).0);
    let mut sums = [[[simd.splat_f64s(0.0); LANES]; B]; A];
    for row in (0..TILE / S::F64_LANES).step_by(wide) {
        for i in 0..A {
            for j in 0..B {
                for part in 0..wide {
                    let products = simd.mul_f64s(a[i][row + part], b[j][row + part]);
                    sums[i][j][part] = simd.add_f64s(sums[i][j][part], products);
                }
            }
        }
    }
    sums.map(|sums| {
        sums.map(|sums| {
            let mut lanes = [0.0; LANES];
            S::as_mut_simd_f64s(&mut lanes).0.copy_from_slice(&sums[..wide]);
            (lanes[0] + lanes[1]) + (lanes[2] + lanes[3])
        })
    })
}

/// The largest of a tile's numbers, four side by side so that no comparison waits for the one before; NaN is
/// passed over.
pub(super) fn largest(numbers: &[f64; TILE]) -> f64 {
    const LANES: usize = 4;
    let mut most = [f64::NEG_INFINITY; LANES];
    for numbers in numbers.as_chunks::<LANES>().0 {
        for lane in 0..LANES {
            most[lane] = if numbers[lane] > most[lane] { numbers[lane] } else { most[lane] };
        }
    }
    most.into_iter().fold(f64::NEG_INFINITY, f64::max)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_have_the_same_bits_on_any_processor() {
        let columns = 8;
        let mut tile = Tile::new(columns);
        for column in 0..columns {
            for (row, value) in tile.column_mut(column).iter_mut().enumerate() {
                *value = libm::sin((column * TILE + row) as f64) / 3.0;
            }
        }
        let factors: [f64; TILE] = std::array::from_fn(|row| libm::cos(row as f64));
        let size = padded(columns);
        let (mut wide, mut narrow) = (vec![0.0; size * size], vec![0.0; size * size]);
        tile.add_gram(&mut wide);
        AddGram { tile: &tile, gram: &mut narrow }.with_simd(pulp::Scalar);
        assert_eq!(wide, narrow);
        assert!(wide.iter().any(|sum| *sum != 0.0));
        let (mut wide, mut narrow) = (vec![0.0; size], vec![0.0; size]);
        tile.add_gradient(&factors, &mut wide);
        AddGradient { tile: &tile, factors: &factors, gradient: &mut narrow }.with_simd(pulp::Scalar);
        assert_eq!(wide, narrow);
        let beta: Vec<f64> = (0..columns).map(|column| libm::sin(column as f64)).collect();
        assert_eq!(tile.products(&beta), Products { tile: &tile, beta: &beta }.call());
    }
}
