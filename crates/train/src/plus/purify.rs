//! Purification: a pair keeps only what neither of its fields can say alone.
//!
//! Lengerich, Tan, Chang, Hooker, Caruana: Purifying Interaction Effects with the Functional ANOVA (AISTATS
//! 2020), mass-moving with the weights of the training rows.

/// Rounds of mass-moving at most; tables of real data need some tens.
const MOST_ROUNDS: usize = 10_000;
/// A mean of this size, as a part of the table's largest value, counts as none.
const NEGLIGIBLE: f64 = 1e-15;

/// What purification took out of a table: a value by row and a value by column.
#[derive(Clone, Debug, PartialEq)]
pub struct Margins {
    /// Moved out of each row.
    pub rows: Vec<f64>,
    /// Moved out of each column.
    pub columns: Vec<f64>,
}

/// Moves the weighted mean of every row and column of `table` (row-major, `columns` wide) into the margins,
/// again and again until none is left. In each cell, table + its row's margin + its column's margin stays what
/// the table was. Rows and columns without weight are left alone.
///
/// # Panics
/// When `weights` and `table` differ in length.
pub fn purify(table: &mut [f64], weights: &[f64], columns: usize) -> Margins {
    assert_eq!(table.len(), weights.len(), "each cell needs its weight");
    let rows = table.len() / columns.max(1);
    let mut margins = Margins { rows: vec![0.0; rows], columns: vec![0.0; columns] };
    let largest = table.iter().fold(0.0, |most: f64, v| most.max(v.abs()));
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
