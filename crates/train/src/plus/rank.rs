//! Which pairs of fields say something together that they do not say alone.

use super::PlusParams;
use super::axis::Coarse;
use super::split::{Grid, Sums};
use crate::codes::Codes;
use rayon::prelude::*;

/// A pair of axes and the strength of its interaction.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Ranked {
    pub(super) first: usize,
    pub(super) second: usize,
    /// Score test of the interaction in the best 2 x 2 table, chi-squared with 1 degree of freedom.
    pub(super) strength: f64,
}

/// Chance, about, that data without any interaction give a pair a place.
const FALSE_ALARM: f64 = 0.05;

/// The strongest pairs, strongest first, at most `max_pairs`; none that chance alone would explain.
///
/// `pd` are the probabilities of the additive model. Both fields are cut in two at every place (as in the FAST
/// ranking of Lou et al. 2013); in the four blocks the mean residuals r = G/H with variance 1/H give the
/// interaction `(r11 - r12 - r21 + r22)^2 / sum of 1/H`, in which whatever the additive model has left to
/// learn of one field alone cancels out. The bound is `2 ln(number of tables / 0.05)`, since
/// P(chi-squared > x) <= e^(-x/2).
pub(super) fn strongest(
    coarse: &[Coarse],
    codes: &[Vec<u16>],
    bad: &[f64],
    pd: &[f64],
    params: &PlusParams,
) -> Vec<Ranked> {
    if params.max_pairs == 0 {
        return Vec::new();
    }
    let codable = |(a, b): &(usize, usize)| coarse[*a].bins * coarse[*b].bins <= Codes::MOST_BINS;
    let pairs: Vec<(usize, usize)> =
        (0..coarse.len()).flat_map(|a| (a + 1..coarse.len()).map(move |b| (a, b))).filter(codable).collect();
    let tables: f64 = pairs.iter().map(|(a, b)| ((coarse[*a].bins - 1) * (coarse[*b].bins - 1)) as f64).sum();
    let bound = 2.0 * libm::log(tables.max(1.0) / FALSE_ALARM);
    let strength = |(first, second): &(usize, usize)| {
        let grid = Grid { rows: coarse[*first].bins, columns: coarse[*second].bins };
        let sums = two_way(&codes[*first], &codes[*second], grid, bad, pd);
        Ranked { first: *first, second: *second, strength: best_interaction(grid, &sums, params) }
    };
    let mut ranked: Vec<Ranked> = pairs.par_iter().map(strength).collect();
    ranked.retain(|pair| pair.strength > bound);
    ranked.sort_by(|a, b| b.strength.total_cmp(&a.strength));
    ranked.truncate(params.max_pairs);
    ranked
}

fn two_way(first: &[u16], second: &[u16], grid: Grid, bad: &[f64], pd: &[f64]) -> Vec<Sums> {
    let mut sums = vec![Sums::default(); grid.rows * grid.columns];
    for ((a, b), (bad, pd)) in first.iter().zip(second).zip(bad.iter().zip(pd)) {
        let cell = &mut sums[usize::from(*a) * grid.columns + usize::from(*b)];
        cell.gradient += pd - bad;
        cell.curvature += pd * (1.0 - pd);
        cell.rows += 1.0;
    }
    sums
}

fn best_interaction(grid: Grid, sums: &[Sums], params: &PlusParams) -> f64 {
    let blocks = grid.cumulate(sums);
    let Grid { rows, columns } = grid;
    let at = |i: usize, j: usize| blocks[i * (columns + 1) + j];
    let mut best = 0.0;
    for i in 1..rows {
        for j in 1..columns {
            let upper = at(i, columns);
            let (one, left) = (at(i, j), at(rows, j));
            let (two, three) = (upper.minus(one), left.minus(one));
            let four = at(rows, columns).minus(upper).minus(three);
            let quarters = [one, two, three, four];
            if quarters.iter().any(|q| q.rows < params.min_rows as f64 || q.curvature <= 0.0) {
                continue;
            }
            let [r1, r2, r3, r4] = quarters.map(|q| q.gradient / q.curvature);
            let variance: f64 = quarters.iter().map(|q| 1.0 / q.curvature).sum();
            let contrast = r1 - r2 - r3 + r4;
            best = f64::max(best, contrast * contrast / variance);
        }
    }
    best
}
