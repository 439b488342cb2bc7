//! Purification: a pair keeps only what neither of its fields can say alone.
//!
//! Lengerich, Tan, Chang, Hooker, Caruana: Purifying Interaction Effects with the Functional ANOVA (AISTATS
//! 2020), with the weights of the training rows. Their mass-moving ends where the two margins are the weighted least
//! squares fit of the table; that is solved at once, and mass-moving only takes what rounding left.

use crate::regression::Cholesky;

/// Rounds of mass-moving at most.
const MOST_ROUNDS: usize = 100;
/// A mean of this size, as a part of the table's largest value, counts as none.
const NEGLIGIBLE: f64 = 1e-15;
/// What is left of a row or column beside others, relative to its weight, below which it counts as their combination.
const COLLINEAR: f64 = 1e-12;

/// What purification took out of a table: a value by row and a value by column.
#[derive(Clone, Debug, PartialEq)]
pub struct Margins {
    /// Moved out of each row.
    pub rows: Vec<f64>,
    /// Moved out of each column.
    pub columns: Vec<f64>,
}

/// Moves what rows and columns of `table` (row-major, `columns` wide) can say alone into the margins: no row or column
/// has a weighted mean after it. In each cell, table + its row's margin + its column's margin stays what
/// the table was. Rows and columns without weight are left alone.
///
/// # Panics
/// When `weights` and `table` differ in length.
pub fn purify(table: &mut [f64], weights: &[f64], columns: usize) -> Margins {
    assert_eq!(table.len(), weights.len(), "each cell needs its weight");
    let largest = table.iter().fold(0.0, |most: f64, v| most.max(v.abs()));
    let rows = table.len() / columns.max(1);
    let mut margins = fit_margins(table, weights, rows, columns);
    for (cell, value) in table.iter_mut().enumerate() {
        *value -= margins.rows[cell / columns] + margins.columns[cell % columns];
    }
    for _ in 0..MOST_ROUNDS {
        let mut moved: f64 = 0.0;
        for (row, margin) in margins.rows.iter_mut().enumerate() {
            moved = moved.max(take_mean(table, weights, margin, |i| row * columns + i, columns));
        }
        for (column, margin) in margins.columns.iter_mut().enumerate() {
            moved = moved.max(take_mean(table, weights, margin, |i| i * columns + column, rows));
        }
        if moved <= NEGLIGIBLE * largest {
            break;
        }
    }
    margins
}

/// The weighted least squares fit of the table by a value for each row and column; 0 for those without weight.
fn fit_margins(table: &[f64], weights: &[f64], rows: usize, columns: usize) -> Margins {
    let n = rows + columns;
    let (mut products, mut sums) = (vec![0.0; n * n], vec![0.0; n]);
    for (cell, (value, weight)) in table.iter().zip(weights).enumerate() {
        let (row, column) = (cell / columns, rows + cell % columns);
        products[row * n + row] += weight;
        products[column * n + column] += weight;
        products[column * n + row] += weight;
        sums[row] += weight * value;
        sums[column] += weight * value;
    }
    let fitted = Cholesky::new(&products, n, &vec![false; n], COLLINEAR).solve(&sums);
    Margins { rows: fitted[..rows].to_vec(), columns: fitted[rows..].to_vec() }
}

/// Moves the weighted mean of one line of cells into its margin; gives its size.
fn take_mean(
    table: &mut [f64],
    weights: &[f64],
    margin: &mut f64,
    cell: impl Fn(usize) -> usize,
    length: usize,
) -> f64 {
    let weight: f64 = (0..length).map(|i| weights[cell(i)]).sum();
    if weight <= 0.0 {
        return 0.0;
    }
    let mean = (0..length).map(|i| weights[cell(i)] * table[cell(i)]).sum::<f64>() / weight;
    (0..length).for_each(|i| table[cell(i)] -= mean);
    *margin += mean;
    mean.abs()
}
