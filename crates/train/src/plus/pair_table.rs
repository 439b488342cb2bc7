//! One pair's table: its two sides in coarse bins, and the training rows in its cells.

use super::PlusParams;
use super::axis::{Axis, Coarse};
use super::merge::{Strip, join_lines};
use super::rank::Ranked;
use arrears_model::transform::Transform;

/// One side of a pair.
#[derive(Debug)]
pub(super) struct Side {
    /// Position of the field among the axes.
    pub(super) field: usize,
    pub(super) coarse: Coarse,
}

/// A pair's table, row-major: bins of the first side x bins of the second.
#[derive(Debug)]
pub(super) struct PairTable {
    pub(super) sides: [Side; 2],
    /// Chi-squared of its interaction when it was chosen.
    pub(super) strength: f64,
    /// Log-odds of bad by cell.
    pub(super) values: Vec<f64>,
    /// Training rows by cell.
    pub(super) rows: Vec<f64>,
    /// Curvature p (1 - p) of the training rows by cell.
    curvature: Vec<f64>,
}

impl PairTable {
    pub(super) fn of(pair: Ranked, sides: [(&Axis, Coarse); 2], values: Vec<f64>, curvature: &[f64]) -> Self {
        let [(one, a), (two, b)] = sides;
        let mut table = Self {
            rows: vec![0.0; values.len()],
            curvature: vec![0.0; values.len()],
            sides: [Side { field: pair.first, coarse: a }, Side { field: pair.second, coarse: b }],
            strength: pair.strength,
            values,
        };
        for ((one, two), weight) in one.codes.iter().zip(&two.codes).zip(curvature) {
            let cell = table.cell(*one, *two);
            table.rows[cell] += 1.0;
            table.curvature[cell] += weight;
        }
        table
    }

    pub(super) fn columns(&self) -> usize {
        self.sides[1].coarse.bins
    }

    /// The cell of two fine bins.
    fn cell(&self, one: u16, two: u16) -> usize {
        let [a, b] = &self.sides;
        a.coarse.of_fine[usize::from(one)] * b.coarse.bins + b.coarse.of_fine[usize::from(two)]
    }

    /// The cell of every training row.
    pub(super) fn cells(&self, axes: &[&Axis]) -> impl Iterator<Item = usize> {
        let [one, two] = [0, 1].map(|side| &axes[self.sides[side].field].codes);
        one.iter().zip(two).map(|(one, two)| self.cell(*one, *two))
    }

    /// Joins alike neighbours among the regular bins of either side.
    pub(super) fn join_alike(&mut self, params: &PlusParams) {
        for side in [0, 1] {
            let (rows, columns) = (self.sides[0].coarse.bins, self.columns());
            let at = |line: usize, i: usize| if side == 0 { line * columns + i } else { i * columns + line };
            let (lines, length) = if side == 0 { (rows, columns) } else { (columns, rows) };
            let line = |l: usize| Strip {
                lines: vec![l],
                weights: (0..length).map(|i| self.curvature[at(l, i)]).collect(),
                values: (0..length).map(|i| self.values[at(l, i)]).collect(),
                rows: (0..length).map(|i| self.rows[at(l, i)]).collect(),
            };
            let regular = self.sides[side].coarse.transform.regular_bins();
            let mut joined = join_lines((0..regular).map(line).collect(), params.max_pair_bins);
            joined.extend((regular..lines).map(line));
            let old: Vec<Vec<usize>> = joined.iter().map(|l| l.lines.clone()).collect();
            self.sides[side].coarse.join(&old);
            let columns = self.columns();
            let at = |line: usize, i: usize| if side == 0 { line * columns + i } else { i * columns + line };
            let cells = joined.len() * length;
            let mut fresh = [vec![0.0; cells], vec![0.0; cells], vec![0.0; cells]];
            for (l, line) in joined.into_iter().enumerate() {
                for i in 0..length {
                    fresh[0][at(l, i)] = line.values[i];
                    fresh[1][at(l, i)] = line.rows[i];
                    fresh[2][at(l, i)] = line.weights[i];
                }
            }
            [self.values, self.rows, self.curvature] = fresh;
        }
    }

    /// Lines that no row has fallen into have no effect; unseen categories are like the rare ones.
    pub(super) fn settle_thin(&mut self, axes: &[&Axis]) {
        let (rows, columns) = (self.sides[0].coarse.bins, self.columns());
        let bare_row = |i: usize| (0..columns).all(|j| self.rows[i * columns + j] == 0.0);
        let bare_column = |j: usize| (0..rows).all(|i| self.rows[i * columns + j] == 0.0);
        let bare: Vec<usize> =
            (0..self.values.len()).filter(|c| bare_row(c / columns) || bare_column(c % columns)).collect();
        bare.into_iter().for_each(|cell| self.values[cell] = 0.0);
        let rare = |side: &Side| {
            let axis = axes[side.field];
            let other = matches!(axis.fine, Transform::Groups { .. })
                .then(|| side.coarse.of_fine[axis.fine.regular_bins()]);
            axis.rare.map(|rare| side.coarse.of_fine[rare]).zip(other)
        };
        if let Some((from, to)) = rare(&self.sides[0]) {
            (0..columns).for_each(|j| self.values[to * columns + j] = self.values[from * columns + j]);
        }
        if let Some((from, to)) = rare(&self.sides[1]) {
            (0..rows).for_each(|i| self.values[i * columns + to] = self.values[i * columns + from]);
        }
    }
}
