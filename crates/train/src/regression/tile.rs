//! The inner loops: a tile of rows, expanded column by column into a buffer that stays in the fastest cache.

/// Rows of a tile; a multiple of every number of lanes below.
pub(super) const TILE: usize = 128;
/// Columns are taken three by three: nine running sums fit the registers of every 64-bit processor.
const BLOCK: usize = 3;

/// One tile's worth of rows.
pub(super) struct Tile {
    /// Columns incl. the intercept, filled up with columns of zeros to whole blocks.
    columns: usize,
    /// `values[column * TILE + row]`; the first column is the intercept.
    values: Vec<f64>,
}

impl Tile {
    pub(super) fn new(columns: usize) -> Self {
        let columns = padded(columns);
        Self { columns, values: vec![0.0; columns * TILE] }
    }

    pub(super) fn column(&self, index: usize) -> &[f64; TILE] {
        self.values[index * TILE..(index + 1) * TILE].try_into().expect("a column of a tile")
    }

    pub(super) fn column_mut(&mut self, index: usize) -> &mut [f64; TILE] {
        (&mut self.values[index * TILE..(index + 1) * TILE]).try_into().expect("a column of a tile")
    }

    /// `sum over columns of beta * value` of each row.
    pub(super) fn products(&self, beta: &[f64]) -> [f64; TILE] {
        let mut sums = [0.0; TILE];
        for (block, beta) in beta.chunks(BLOCK).enumerate() {
            let [a, b, c] = self.block(block);
            let factor = |i: usize| beta.get(i).copied().unwrap_or(0.0);
            let factors = [factor(0), factor(1), factor(2)];
            for row in 0..TILE {
                sums[row] += factors[0] * a[row] + factors[1] * b[row] + factors[2] * c[row];
            }
        }
        sums
    }

    /// Adds `sum over rows of factor * value` of each column.
    pub(super) fn add_gradient(&self, factors: &[f64; TILE], gradient: &mut [f64]) {
        for (block, sums) in gradient.chunks_mut(BLOCK).enumerate() {
            let [dots] = dots([factors], self.block(block));
            sums.iter_mut().zip(dots).for_each(|(sum, dot)| *sum += dot);
        }
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
        for left in 0..self.columns / BLOCK {
            for right in 0..=left {
                let sums = dots(self.block(left), self.block(right));
                for (i, sums) in sums.iter().enumerate() {
                    let at = (left * BLOCK + i) * self.columns + right * BLOCK;
                    gram[at..at + BLOCK].iter_mut().zip(sums).for_each(|(sum, dot)| *sum += dot);
                }
            }
        }
    }

    fn block(&self, block: usize) -> [&[f64; TILE]; BLOCK] {
        std::array::from_fn(|i| self.column(block * BLOCK + i))
    }
}

/// The number of columns filled up to whole blocks.
pub(super) fn padded(columns: usize) -> usize {
    columns.next_multiple_of(BLOCK)
}

/// Dot products of all pairs, two rows side by side: written so that the compiler keeps the sums in registers
/// and uses the two-lane arithmetic that every 64-bit processor has.
#[inline(never)]
fn dots<const A: usize, const B: usize>(a: [&[f64; TILE]; A], b: [&[f64; TILE]; B]) -> [[f64; B]; A] {
    const LANES: usize = 2;
    let a = a.map(|column| &column.as_chunks::<LANES>().0[..TILE / LANES]);
    let b = b.map(|column| &column.as_chunks::<LANES>().0[..TILE / LANES]);
    let mut sums = [[[0.0; LANES]; B]; A];
    for row in 0..TILE / LANES {
        for i in 0..A {
            for j in 0..B {
                for lane in 0..LANES {
                    sums[i][j][lane] += a[i][row][lane] * b[j][row][lane];
                }
            }
        }
    }
    let mut totals = [[0.0; B]; A];
    for i in 0..A {
        for j in 0..B {
            totals[i][j] = sums[i][j][0] + sums[i][j][1];
        }
    }
    totals
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
