//! Boosted tables on their way to terms: purified, thin bins settled.

use super::Grown;
use super::axis::{Axis, Coarse};
use super::purify::purify;
use arrears_model::scale::probability;
use arrears_model::transform::Transform;

/// A field whose table moves no customer by more than this (in log-odds) is left out.
pub(super) const NO_EFFECT: f64 = 1e-9;

/// All tables of one fit.
#[derive(Debug)]
pub(super) struct Tables<'a> {
    pub(super) axes: &'a [&'a Axis],
    pub(super) coarse: Vec<Coarse>,
    pub(super) intercept: f64,
    pub(super) mains: Vec<Vec<f64>>,
    pub(super) pairs: Vec<PairTable>,
}

/// A pair's table and the training rows in its cells.
#[derive(Debug)]
pub(super) struct PairTable {
    pub(super) first: usize,
    pub(super) second: usize,
    pub(super) strength: f64,
    pub(super) values: Vec<f64>,
    pub(super) weights: Vec<f64>,
}

impl<'a> Tables<'a> {
    pub(super) fn of(axes: &'a [&'a Axis], grown: Grown) -> Self {
        let Grown { intercept, mains, coarse, pairs, grids, .. } = grown;
        let pairs =
            pairs.into_iter().zip(grids).filter(|(_, values)| values.iter().any(|v| v.abs() > NO_EFFECT));
        let pairs = pairs
            .map(|(pair, values)| {
                let (a, b) = (&coarse[pair.first], &coarse[pair.second]);
                let mut weights = vec![0.0; values.len()];
                for (one, two) in axes[pair.first].codes.iter().zip(&axes[pair.second].codes) {
                    weights[a.of_fine[usize::from(*one)] * b.bins + b.of_fine[usize::from(*two)]] += 1.0;
                }
                PairTable { first: pair.first, second: pair.second, strength: pair.strength, values, weights }
            })
            .collect();
        Self { axes, coarse, intercept, mains, pairs }
    }

    /// Moves what pairs say of one field alone into its table, and the mean of every table into the intercept.
    pub(super) fn purify(&mut self) {
        for pair in &mut self.pairs {
            let (a, b) = (&self.coarse[pair.first], &self.coarse[pair.second]);
            let margins = purify(&mut pair.values, &pair.weights, b.bins);
            for (field, coarse, moved) in [(pair.first, a, margins.rows), (pair.second, b, margins.columns)] {
                let main = self.mains[field].iter_mut().zip(&coarse.of_fine);
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

    /// Bins that too few rows, or none, have fallen into: no effect. Unseen categories are like the rare ones.
    pub(super) fn settle_special(&mut self, least: u64) {
        for (axis, main) in self.axes.iter().zip(&mut self.mains) {
            let regular = axis.fine.regular_bins();
            let thin = (regular..main.len()).filter(|bin| axis.tallies[*bin].count < least);
            thin.for_each(|bin| main[bin] = 0.0);
            if let Some(rare) = axis.rare {
                main[regular] = main[rare];
            }
        }
        for pair in &mut self.pairs {
            let (a, b) = (&self.coarse[pair.first], &self.coarse[pair.second]);
            let bare_row = |i: usize| (0..b.bins).all(|j| pair.weights[i * b.bins + j] == 0.0);
            let bare_column = |j: usize| (0..a.bins).all(|i| pair.weights[i * b.bins + j] == 0.0);
            let bare: Vec<usize> =
                (0..pair.values.len()).filter(|c| bare_row(c / b.bins) || bare_column(c % b.bins)).collect();
            bare.into_iter().for_each(|cell| pair.values[cell] = 0.0);
            let rare =
                |axis: &Axis, coarse: &Coarse| axis.rare.map(|r| coarse.of_fine[r]).zip(other(axis, coarse));
            if let Some((from, to)) = rare(self.axes[pair.first], a) {
                (0..b.bins).for_each(|j| pair.values[to * b.bins + j] = pair.values[from * b.bins + j]);
            }
            if let Some((from, to)) = rare(self.axes[pair.second], b) {
                (0..a.bins).for_each(|i| pair.values[i * b.bins + to] = pair.values[i * b.bins + from]);
            }
        }
    }

    /// The log-odds of every training row.
    pub(super) fn log_odds(&self) -> Vec<f64> {
        let mut sums = log_odds(self.intercept, self.axes, &self.mains);
        for pair in &self.pairs {
            let (a, b) = (&self.coarse[pair.first], &self.coarse[pair.second]);
            let codes = self.axes[pair.first].codes.iter().zip(&self.axes[pair.second].codes);
            for (sum, (one, two)) in sums.iter_mut().zip(codes) {
                *sum += pair.values[a.of_fine[usize::from(*one)] * b.bins + b.of_fine[usize::from(*two)]];
            }
        }
        sums
    }
}

/// The coarse bin of unseen categories.
fn other(axis: &Axis, coarse: &Coarse) -> Option<usize> {
    matches!(axis.fine, Transform::Groups { .. }).then(|| coarse.of_fine[axis.fine.regular_bins()])
}

fn log_odds(intercept: f64, axes: &[&Axis], mains: &[Vec<f64>]) -> Vec<f64> {
    let mut sums = vec![intercept; axes[0].codes.len()];
    for (axis, main) in axes.iter().zip(mains) {
        sums.iter_mut().zip(&axis.codes).for_each(|(sum, code)| *sum += main[usize::from(*code)]);
    }
    sums
}

/// The probability of bad of every training row, without pairs.
pub(super) fn probabilities(intercept: f64, axes: &[&Axis], mains: &[Vec<f64>]) -> Vec<f64> {
    log_odds(intercept, axes, mains).into_iter().map(probability).collect()
}
