//! The best tree of depth 2 on either side of every question, from the best split of every quarter that two make.

use super::cost::{Cost, Way};
use super::pairs::{Sides, leaves, lower, pairs};
use super::table::{Axis, Sample, Table};
use crate::grow::stats::Stats;
use rayon::prelude::*;
use std::sync::{Mutex, PoisonError};

/// By the questions of two features, row by row, the least cost of the quarters left-left, left-right, right-left and
/// right-right.
type Quarters = Vec<[f64; 4]>;

/// Both sides of every question with a tree of depth 2 or less.
pub(super) fn trees<S: Stats>(sample: &Sample<S>, axes: &[Axis], cost: &Cost) -> Sides {
    let pairs = pairs(axes.len());
    let place = |f: usize, g: usize| f * axes.len() - f * (f + 1) / 2 + g;
    // The least of costs is the same in any order.
    let least: Vec<Mutex<Quarters>> = pairs.iter().map(|_| Mutex::default()).collect();
    let offer = |f: usize, g: usize, found: Quarters| {
        let mut least = least[place(f, g)].lock().unwrap_or_else(PoisonError::into_inner);
        if least.is_empty() { *least = found } else { lower(&mut least, &found) }
    };
    let of_pair = |&(f, g): &(usize, usize)| {
        let both = sample.both(axes, f, g);
        let mut table = Table::default();
        for h in g..axes.len() {
            table.fill_triple(sample, [&axes[f], &axes[g], &axes[h]], &both, &sample.codes[h]);
            let asked = [f, g, h].map(|feature| axes[feature].questions.len());
            let [fg, fh, gh] = match cost.way() {
                Way::Gini => of_table(&table.sums, asked, |stats| cost.gini(stats)),
                Way::Counted => of_table(&table.sums, asked, |stats| cost.counted(stats)),
                Way::Judged => of_table(&table.sums, asked, |stats| cost.judged(stats)),
            };
            offer(f, g, fg);
            offer(f, h, fh);
            offer(g, h, gh);
        }
    };
    pairs.par_iter().for_each(of_pair);
    let mut sides = leaves(sample, axes, cost);
    for ((f, g), least) in pairs.into_iter().zip(least) {
        let least = least.into_inner().unwrap_or_else(PoisonError::into_inner);
        halves(&mut sides, [f, g], &least);
    }
    sides
}

/// The sides of each question of either feature, split by the best question of the other.
fn halves(sides: &mut Sides, [f, g]: [usize; 2], quarters: &[[f64; 4]]) {
    let asked = sides[g].len();
    for (at, [ll, lr, rl, rr]) in quarters.iter().enumerate() {
        lower(&mut sides[f][at / asked..=at / asked], &[[ll + lr, rl + rr]]);
        lower(&mut sides[g][at % asked..=at % asked], &[[ll + rl, lr + rr]]);
    }
}

/// The quarters of each two of three features, split by the best question of the third or not at all.
fn of_table<S: Stats>(
    sums: &[S],
    [asked_f, asked_g, asked_h]: [usize; 3],
    cost: impl Fn(S) -> f64 + Copy,
) -> [Quarters; 3] {
    let none = |quarters: usize| vec![[f64::INFINITY; 4]; quarters];
    let (mut fg, mut fh, mut gh) =
        (none(asked_f * asked_g), none(asked_f * asked_h), none(asked_g * asked_h));
    let line = |i: usize, j: usize| {
        let first = (i * (asked_g + 1) + j) * (asked_h + 1);
        &sums[first..first + asked_h + 1]
    };
    let mut costs = vec![[f64::INFINITY; 8]; asked_h];
    for i in 0..asked_f {
        for j in 0..asked_g {
            let lines = [line(i, j), line(i, asked_g), line(asked_f, j), line(asked_f, asked_g)];
            eighths(lines, cost, &mut costs);
            let mut of_fg = quarters(lines.map(|line| line[asked_h])).map(cost);
            let (of_fh, of_gh) = (&mut fh[i * asked_h..][..asked_h], &mut gh[j * asked_h..][..asked_h]);
            for (([lll, llr, lrl, lrr, rll, rlr, rrl, rrr], of_fh), of_gh) in
                costs.iter().zip(of_fh).zip(of_gh)
            {
                least(&mut of_fg, [lll + llr, lrl + lrr, rll + rlr, rrl + rrr]);
                least(of_fh, [lll + lrl, llr + lrr, rll + rrl, rlr + rrr]);
                least(of_gh, [lll + rll, llr + rlr, lrl + rrl, lrr + rrr]);
            }
            fg[i * asked_g + j] = of_fg;
        }
    }
    [fg, fh, gh]
}

#[inline(always)]
fn least(least: &mut [f64; 4], other: [f64; 4]) {
    for (least, other) in least.iter_mut().zip(other) {
        *least = if other < *least { other } else { *least };
    }
}

/// The quarters of two questions: of those to whom both say left, the first, the second, and of all.
#[inline(always)]
fn quarters<S: Stats>([both, first, second, all]: [S; 4]) -> [S; 4] {
    [both, first.minus(both), second.minus(both), all.plus(both).minus(first).minus(second)]
}

/// What the eighths cost that each question of the third feature makes of the quarters; lines as in [`quarters`].
#[inline(always)]
fn eighths<S: Stats>(lines: [&[S]; 4], cost: impl Fn(S) -> f64, costs: &mut [[f64; 8]]) {
    let asked = costs.len();
    let all = quarters(lines.map(|line| line[asked]));
    let lines = lines.map(|line| &line[..asked]);
    for (k, costs) in costs.iter_mut().enumerate() {
        let left = quarters(lines.map(|line| line[k]));
        for (quarter, pair) in costs.chunks_exact_mut(2).enumerate() {
            pair[0] = cost(left[quarter]);
            pair[1] = cost(all[quarter].minus(left[quarter]));
        }
    }
}
