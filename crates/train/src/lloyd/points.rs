//! Where the coordinates of rows come from, a stretch of a column at a time.

use crate::numbers::Numbers;
use crate::rows::Rows;
use arrears_model::transform::{LARGEST, Transform};
use arrears_model::value::Cell;
use ndarray::{ArrayView2, Axis, Slice};

/// Rows of finite coordinates, each at most [`LARGEST`] in magnitude. Every pass reads them anew, so that a table
/// needs no copy of its standardised numbers.
pub trait Points: Sync {
    /// Number of rows.
    fn rows(&self) -> usize;

    /// Number of coordinates of a row.
    fn columns(&self) -> usize;

    /// The coordinate `column` of the rows from `first` on, as many as `out` holds.
    fn fill(&self, column: usize, first: usize, out: &mut [f64]);

    /// The coordinate `column` of these rows.
    fn gather(&self, column: usize, rows: &[usize], out: &mut [f64]);
}

/// A matrix, rows by columns, in any layout.
impl Points for ArrayView2<'_, f64> {
    fn rows(&self) -> usize {
        self.nrows()
    }

    fn columns(&self) -> usize {
        self.ncols()
    }

    fn fill(&self, column: usize, first: usize, out: &mut [f64]) {
        let values = self.column(column);
        let values = values.slice_axis(Axis(0), Slice::from(first..first + out.len()));
        match values.as_slice() {
            Some(values) => out.copy_from_slice(values),
            None => out.iter_mut().zip(values).for_each(|(x, value)| *x = *value),
        }
    }

    fn gather(&self, column: usize, rows: &[usize], out: &mut [f64]) {
        let values = self.column(column);
        out.iter_mut().zip(rows).for_each(|(x, row)| *x = values[*row]);
    }
}

/// The training rows as a model's transforms see them.
pub struct TablePoints<'r> {
    rows: usize,
    columns: Vec<Source<'r>>,
}

/// One coordinate.
struct Source<'r> {
    transform: &'r Transform,
    cells: Cells<'r>,
}

enum Cells<'r> {
    /// Every number stands for itself.
    Numbers(Numbers<'r>),
    /// Codes of categories, special codes, numbers out of range: asked for one by one.
    Any(&'r Rows<'r>),
}

impl<'r> TablePoints<'r> {
    /// One coordinate for each of `transforms`, which must give numbers.
    pub fn new(rows: &'r Rows<'r>, transforms: &'r [Transform]) -> Self {
        let source = |transform: &'r Transform| Source {
            transform,
            cells: match rows.plain_numbers(transform.field()) {
                Some(numbers) => Cells::Numbers(numbers),
                None => Cells::Any(rows),
            },
        };
        Self { rows: rows.len(), columns: transforms.iter().map(source).collect() }
    }
}

impl Points for TablePoints<'_> {
    fn rows(&self) -> usize {
        self.rows
    }

    fn columns(&self) -> usize {
        self.columns.len()
    }

    fn fill(&self, column: usize, first: usize, out: &mut [f64]) {
        let Source { transform, cells } = &self.columns[column];
        match cells {
            Cells::Numbers(numbers) => {
                numbers.copy(first, out);
                transform_all(transform, out);
            }
            Cells::Any(rows) => {
                let cell = |row| transform.number(rows.cell(row, transform.field()));
                out.iter_mut().zip(first..).for_each(|(x, row)| *x = cell(row));
            }
        }
    }

    fn gather(&self, column: usize, rows: &[usize], out: &mut [f64]) {
        let Source { transform, cells } = &self.columns[column];
        match cells {
            Cells::Numbers(numbers) => {
                numbers.pick(rows, out);
                transform_all(transform, out);
            }
            Cells::Any(all) => {
                let cell = |row: &usize| transform.number(all.cell(*row, transform.field()));
                out.iter_mut().zip(rows).for_each(|(x, row)| *x = cell(row));
            }
        }
    }
}

/// Numbers, NaN for missing, to coordinates.
fn transform_all(transform: &Transform, numbers: &mut [f64]) {
    if let Transform::Standardise { center, scale, .. } = transform {
        // What `Transform::number` does, without a branch for each number.
        for x in numbers {
            let z = ((*x - center) / scale).clamp(-LARGEST, LARGEST);
            *x = if z.is_nan() { 0.0 } else { z };
        }
        return;
    }
    for x in numbers {
        *x = transform.number(if x.is_nan() { Cell::Missing } else { Cell::Number(*x) });
    }
}
