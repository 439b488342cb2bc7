//! Boosted tables on their way to terms: purified, thin bins settled.

use super::axis::Axis;
use super::merge::{Joined, join_alike};
use super::pair_table::PairTable;
use super::purify::purify;
use super::{Grown, PlusParams};
use arrears_model::scale::probability;

/// A field whose table moves no customer by more than this (in log-odds) is left out.
pub(super) const NO_EFFECT: f64 = 1e-9;

/// All tables of one fit.
#[derive(Debug)]
pub(super) struct Tables<'a> {
    pub(super) axes: &'a [&'a Axis],
    pub(super) intercept: f64,
    pub(super) mains: Vec<Vec<f64>>,
    pub(super) pairs: Vec<PairTable>,
}

impl<'a> Tables<'a> {
    /// Of each pair's table alike rows and columns are joined, so that it can be read.
    pub(super) fn of(axes: &'a [&'a Axis], grown: Grown, params: &PlusParams) -> Self {
        let Grown { intercept, mains, coarse, pairs, grids, .. } = grown;
        let mut tables = Self { axes, intercept, mains, pairs: Vec::new() };
        let pds = tables.log_odds().into_iter().map(probability);
        let curvature: Vec<f64> = pds.map(|pd| pd * (1.0 - pd)).collect();
        for (pair, values) in pairs.into_iter().zip(grids) {
            if values.iter().any(|v| v.abs() > NO_EFFECT) {
                let sides = [pair.first, pair.second].map(|field| (axes[field], coarse[field].clone()));
                let mut table = PairTable::of(pair, sides, values, &curvature);
                table.join_alike(params);
                tables.pairs.push(table);
            }
        }
        tables
    }

    /// Moves what pairs say of one field alone into its table, and the mean of every table into the intercept.
    pub(super) fn purify(&mut self) {
        for pair in &mut self.pairs {
            let columns = pair.columns();
            let margins = purify(&mut pair.values, &pair.rows, columns);
            for (side, moved) in pair.sides.iter().zip([margins.rows, margins.columns]) {
                let main = self.mains[side.field].iter_mut().zip(&side.coarse.of_fine);
                main.for_each(|(value, bin)| *value += moved[*bin]);
            }
        }
        for (axis, main) in self.axes.iter().zip(&mut self.mains) {
            let rows: f64 = axis.tallies.iter().map(|t| t.count as f64).sum();
            let mean = main.iter().zip(&axis.tallies).map(|(v, t)| v * t.count as f64).sum::<f64>() / rows;
            main.iter_mut().for_each(|value| *value -= mean);
            self.intercept += mean;
        }
    }

    /// Bins that too few rows, or none, have fallen into: no effect.
    pub(super) fn settle_thin(&mut self, least: u64) {
        for (axis, main) in self.axes.iter().zip(&mut self.mains) {
            let regular = axis.fine.regular_bins();
            let thin = (regular..main.len()).filter(|bin| axis.tallies[*bin].count < least);
            thin.for_each(|bin| main[bin] = 0.0);
        }
        self.pairs.iter_mut().for_each(|pair| pair.settle_thin(self.axes));
    }

    /// Joins bins of the fields with alike values; gives the bins in the end. Unseen categories have the value of
    /// the joined bin that holds the rare ones.
    pub(super) fn join_alike(&mut self, params: &PlusParams) -> Vec<Joined> {
        let pds: Vec<f64> = self.log_odds().into_iter().map(probability).collect();
        let mut joined = Vec::new();
        for (axis, main) in self.axes.iter().zip(&mut self.mains) {
            let mut weights = vec![0.0; main.len()];
            axis.codes.iter().zip(&pds).for_each(|(code, pd)| weights[usize::from(*code)] += pd * (1.0 - pd));
            let mut bins = join_alike(&axis.fine, axis.line(), main, &weights, params);
            if let Some(rare) = axis.rare {
                let other = bins.transform.regular_bins();
                bins.values[other] = bins.values[bins.of_fine[rare]];
            }
            *main = bins.of_fine.iter().map(|bin| bins.values[*bin]).collect();
            joined.push(bins);
        }
        joined
    }

    /// Sets the intercept so that the pds of the training rows add up to their bads.
    pub(super) fn calibrate(&mut self, bad: &[f64]) {
        self.intercept += shift(&self.log_odds(), bad);
    }

    /// The log-odds of every training row.
    pub(super) fn log_odds(&self) -> Vec<f64> {
        let mut sums = vec![self.intercept; self.axes[0].codes.len()];
        for (axis, main) in self.axes.iter().zip(&self.mains) {
            sums.iter_mut().zip(&axis.codes).for_each(|(sum, code)| *sum += main[usize::from(*code)]);
        }
        for pair in &self.pairs {
            let cells = pair.cells(self.axes);
            sums.iter_mut().zip(cells).for_each(|(sum, cell)| *sum += pair.values[cell]);
        }
        sums
    }
}

/// Newton steps after which the intercept has long settled.
const NEWTON_STEPS: usize = 20;

/// What must be added to all log-odds for the pds to add up to the bads.
fn shift(log_odds: &[f64], bad: &[f64]) -> f64 {
    let bads: f64 = bad.iter().sum();
    let mut shift = 0.0;
    for _ in 0..NEWTON_STEPS {
        let pds = log_odds.iter().map(|x| probability(x + shift));
        let (sum, curvature) =
            pds.fold((0.0, 0.0), |(sum, curvature), pd| (sum + pd, curvature + pd * (1.0 - pd)));
        if curvature <= 0.0 {
            break;
        }
        // Half a unit at most: far from the answer a Newton step can overshoot.
        shift += ((bads - sum) / curvature).clamp(-0.5, 0.5);
    }
    shift
}
