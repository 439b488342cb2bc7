//! The numbers of one field, read from the table a block at a time.

use arrears_data::arrow::buffer::NullBuffer;
use std::ops::Range;

/// Numbers of a block; they stay in the fastest cache.
const BLOCK: usize = 1 << 10;

/// The numbers of the training rows in a field that takes every finite one as it stands; NaN stands for missing.
#[derive(Clone, Debug)]
pub struct Numbers<'t> {
    values: &'t [f64],
    nulls: Option<&'t NullBuffer>,
    rows: Chosen<'t>,
}

/// Which rows of the table are taken.
#[derive(Clone, Debug)]
enum Chosen<'t> {
    Run(Range<usize>),
    List(&'t [usize]),
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
        let rows = if run { Chosen::Run(first..first + rows.len()) } else { Chosen::List(rows) };
        Self { values, nulls, rows }
    }

    /// All of these; NaN stands for missing.
    pub(crate) fn of(values: &'t [f64]) -> Self {
        Self { values, nulls: None, rows: Chosen::Run(0..values.len()) }
    }

    /// Number of rows.
    pub fn len(&self) -> usize {
        match &self.rows {
            Chosen::Run(rows) => rows.len(),
            Chosen::List(rows) => rows.len(),
        }
    }

    /// Whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The number of a row, counted among the training rows.
    ///
    /// # Panics
    /// When `row` is not below [`Numbers::len`].
    pub fn get(&self, row: usize) -> f64 {
        match &self.rows {
            Chosen::Run(rows) => self.at(rows.start + row),
            Chosen::List(rows) => self.at(rows[row]),
        }
    }

    fn at(&self, row: usize) -> f64 {
        if self.nulls.is_some_and(|nulls| nulls.is_null(row)) { f64::NAN } else { self.values[row] }
    }

    /// All numbers, block by block: the first row of each and its numbers.
    pub fn blocks(&self, mut take: impl FnMut(usize, &[f64])) {
        let mut block = [0.0; BLOCK];
        for first in (0..self.len()).step_by(BLOCK) {
            let upto = (first + BLOCK).min(self.len());
            let filled = &mut block[..upto - first];
            match (&self.rows, self.nulls) {
                (Chosen::Run(rows), None) => {
                    take(first, &self.values[rows.start + first..rows.start + upto]);
                    continue;
                }
                (Chosen::Run(rows), _) => {
                    let rows = rows.start + first..rows.start + upto;
                    filled.iter_mut().zip(rows).for_each(|(x, row)| *x = self.at(row));
                }
                (Chosen::List(rows), None) => {
                    filled.iter_mut().zip(&rows[first..upto]).for_each(|(x, row)| *x = self.values[*row]);
                }
                (Chosen::List(rows), _) => {
                    filled.iter_mut().zip(&rows[first..upto]).for_each(|(x, row)| *x = self.at(*row));
                }
            }
            take(first, filled);
        }
    }

    /// The numbers of the rows from `first` on, as many as `out` holds.
    pub(crate) fn copy(&self, first: usize, out: &mut [f64]) {
        match (&self.rows, self.nulls) {
            (Chosen::Run(rows), None) => {
                let first = rows.start + first;
                out.copy_from_slice(&self.values[first..first + out.len()]);
            }
            _ => out.iter_mut().zip(first..).for_each(|(x, row)| *x = self.get(row)),
        }
    }

    /// The numbers of these rows.
    pub(crate) fn pick(&self, rows: &[usize], out: &mut [f64]) {
        match (&self.rows, self.nulls) {
            (Chosen::Run(all), None) => {
                let values = &self.values[all.clone()];
                out.iter_mut().zip(rows).for_each(|(x, row)| *x = values[*row]);
            }
            _ => out.iter_mut().zip(rows).for_each(|(x, row)| *x = self.get(*row)),
        }
    }

    /// The first row whose number is like that.
    pub fn position(&self, like: impl Fn(f64) -> bool) -> Option<usize> {
        // Most often none is in the whole column, which is told sooner than row by row.
        if !self.values.iter().fold(false, |any, x| any | like(*x)) {
            return None;
        }
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
