//! Boosting in rounds on bin codes: every table is moved a little, in turn, until held-out rows gain no more.
//!
//! The training rows are dealt into folds. Each bag leaves one fold out and boosts on the rest; all bags stop
//! after the same number of rounds, the one at which the left-out rows together have the least log loss. The
//! tables of the bags are then averaged: a mean of tables is a table again.

use super::PlusParams;
use super::split::{Grid, Line, Sums, grid_step, line_step};
use rayon::prelude::*;
use std::borrow::Cow;

/// One table that is boosted: the bin of every row, and how its bins lie.
#[derive(Debug)]
pub(super) struct Unit<'a> {
    pub(super) codes: Cow<'a, [u16]>,
    pub(super) bins: usize,
    pub(super) form: Form,
}

/// How the bins of a table lie.
#[derive(Clone, Copy, Debug)]
pub(super) enum Form {
    Line(Line),
    Grid(Grid),
}

/// Rounds between two looks at the held-out rows.
const LOOK: usize = 5;

/// A fall of the log loss per held-out row by less than this is no gain.
const LEAST_GAIN: f64 = 1e-6;

/// One bag: a model that does not see the rows of its fold.
#[derive(Clone, Debug)]
pub(super) struct Bag {
    /// Log-odds of bad before any table.
    pub(super) intercept: f64,
    /// 1 for a row it learns from, 0 for one of its fold.
    weight: Vec<f64>,
    /// Odds of bad by row. Kept as odds so that a step costs a product and not an exponential.
    odds: Vec<f64>,
    /// Log-odds by bin, a list for each unit.
    pub(super) values: Vec<Vec<f64>>,
}

impl Bag {
    /// A bag of the rows outside `fold`, with the log-odds of `start` by row, or its own bad rate.
    pub(super) fn new(fold_of: &[usize], fold: usize, bad: &[f64]) -> Self {
        let weight: Vec<f64> = fold_of.iter().map(|f| f64::from(u8::from(*f != fold))).collect();
        let bads: f64 = weight.iter().zip(bad).map(|(w, y)| w * y).sum();
        let goods = weight.iter().sum::<f64>() - bads;
        let odds = (bads + 0.5) / (goods + 0.5);
        Self { intercept: libm::log(odds), odds: vec![odds; weight.len()], weight, values: Vec::new() }
    }

    fn rounds(&mut self, units: &[Unit<'_>], from: usize, bad: &[f64], params: &PlusParams) {
        for _ in 0..LOOK {
            for (at, unit) in units.iter().enumerate().skip(from) {
                let sums = self.sums(unit, bad);
                let steps = match &unit.form {
                    Form::Line(line) => line_step(*line, &sums, params),
                    Form::Grid(grid) => grid_step(*grid, &sums, params),
                };
                self.values[at].iter_mut().zip(&steps).for_each(|(value, step)| *value += step);
                self.multiply(unit, &steps);
            }
        }
    }

    fn sums(&self, unit: &Unit<'_>, bad: &[f64]) -> Vec<Sums> {
        let mut sums = vec![Sums::default(); unit.bins];
        let rows = unit.codes.iter().zip(&self.odds).zip(bad.iter().zip(&self.weight));
        for ((code, odds), (bad, weight)) in rows {
            let good = 1.0 / (1.0 + odds);
            let pd = odds * good;
            let cell = &mut sums[usize::from(*code)];
            cell.gradient += weight * (pd - bad);
            cell.curvature += weight * pd * good;
            cell.rows += weight;
        }
        sums
    }

    fn multiply(&mut self, unit: &Unit<'_>, steps: &[f64]) {
        let factors: Vec<f64> = steps.iter().map(|step| libm::exp(*step)).collect();
        for (odds, code) in self.odds.iter_mut().zip(unit.codes.iter()) {
            *odds *= factors[usize::from(*code)];
        }
    }

    /// Log loss of the rows of its fold.
    fn held_out_loss(&self, bad: &[f64]) -> f64 {
        let rows = self.odds.iter().zip(&self.weight).zip(bad).filter(|((_, weight), _)| **weight == 0.0);
        rows.map(|((odds, _), bad)| libm::log1p(*odds) - bad * libm::log(*odds)).sum()
    }
}

/// How boosting went.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Curve {
    /// Rounds that were kept.
    pub(super) rounds: usize,
    /// Whether the held-out loss had stopped falling before the rounds ran out.
    pub(super) settled: bool,
    /// Log loss per held-out row before the first round.
    pub(super) before: f64,
    /// Log loss per held-out row after the rounds that were kept.
    pub(super) after: f64,
}

/// Boosts all bags on `units` from where they stand, and leaves them at the best common number of rounds.
///
/// Units that a bag has no table for yet start at 0; those before `from` stay as they are.
pub(super) fn boost(
    bags: &mut [Bag],
    units: &[Unit<'_>],
    from: usize,
    bad: &[f64],
    params: &PlusParams,
) -> Curve {
    for bag in bags.iter_mut() {
        let fresh = units[bag.values.len()..].iter().map(|u| vec![0.0; u.bins]);
        bag.values.extend(fresh);
    }
    let loss = |bags: &[Bag]| bags.iter().map(|b| b.held_out_loss(bad)).sum::<f64>() / bad.len() as f64;
    let before = loss(bags);
    let mut best = (before, 0, bags.to_vec());
    let mut rounds = 0;
    while rounds < params.rounds && rounds - best.1 < params.patience {
        bags.par_iter_mut().for_each(|bag| bag.rounds(units, from, bad, params));
        rounds += LOOK;
        let now = loss(bags);
        if now < best.0 - LEAST_GAIN {
            best = (now, rounds, bags.to_vec());
        }
    }
    let settled = rounds - best.1 >= params.patience;
    bags.clone_from_slice(&best.2);
    Curve { rounds: best.1, settled, before, after: best.0 }
}

/// The mean of the bags' tables, a list for each unit.
pub(super) fn mean_tables(bags: &[Bag]) -> Vec<Vec<f64>> {
    let mut mean: Vec<Vec<f64>> = bags[0].values.iter().map(|t| vec![0.0; t.len()]).collect();
    for bag in bags {
        for (sum, table) in mean.iter_mut().zip(&bag.values) {
            sum.iter_mut().zip(table).for_each(|(s, v)| *s += v / bags.len() as f64);
        }
    }
    mean
}
