//! The numbers of one field, read from the table a block at a time.

use arrears_data::arrow::buffer::NullBuffer;

/// Numbers of a block; they stay in the fastest cache.
const BLOCK: usize = 1 << 10;

/// The numbers of the training rows in a field that takes every finite one as it stands; NaN stands for missing.
#[derive(Clone, Copy, Debug)]
pub struct Numbers<'t> {
    values: &'t [f64],
    nulls: Option<&'t NullBuffer>,
    rows: &'t [usize],
    /// The first row, where the rows follow each other in the table and none is null.
    run: Option<usize>,
}

impl<'t> Numbers<'t> {
    /// `values[row]` of each of `rows`; NaN for those of `nulls`. `run`: the rows follow each other.
    pub(crate) fn new(
        values: &'t [f64],
        nulls: Option<&'t NullBuffer>,
        rows: &'t [usize],
        run: bool,
    ) -> Self {
        let first = rows.first().copied().unwrap_or(0);
        Self { values, nulls, rows, run: (run && nulls.is_none()).then_some(first) }
    }

    /// Number of rows.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The number of a row, counted among the training rows.
    ///
    /// # Panics
    /// When `row` is not below [`Numbers::len`].
    pub fn get(&self, row: usize) -> f64 {
        let row = self.rows[row];
        if self.nulls.is_some_and(|nulls| nulls.is_null(row)) { f64::NAN } else { self.values[row] }
    }

    /// All numbers, block by block: the first row of each and its numbers.
    pub fn blocks(&self, mut take: impl FnMut(usize, &[f64])) {
        if let Some(first) = self.run {
            return take(0, &self.values[first..first + self.len()]);
        }
        let mut block = [0.0; BLOCK];
        for (at, rows) in self.rows.chunks(BLOCK).enumerate() {
            let filled = &mut block[..rows.len()];
            match self.nulls {
                None => filled.iter_mut().zip(rows).for_each(|(x, row)| *x = self.values[*row]),
                Some(nulls) => filled.iter_mut().zip(rows).for_each(|(x, row)| {
                    *x = if nulls.is_null(*row) { f64::NAN } else { self.values[*row] };
                }),
            }
            take(at * BLOCK, filled);
        }
    }

    /// The first row whose number is like that.
    pub fn position(&self, like: impl Fn(f64) -> bool) -> Option<usize> {
        let mut found = None;
        self.blocks(|first, block| {
            if found.is_none() && block.iter().fold(false, |any, x| any | like(*x)) {
                found = block.iter().position(|x| like(*x)).map(|at| first + at);
            }
        });
        found
    }

    /// All numbers.
    pub fn to_vec(&self) -> Vec<f64> {
        let mut all = Vec::with_capacity(self.len());
        self.blocks(|_, block| all.extend_from_slice(block));
        all
    }
}
