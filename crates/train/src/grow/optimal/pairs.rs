//! The best tree of depth 1 on either side of every question.

use super::cost::{Cost, Way};
use super::table::{Axis, Sample, Table};
use crate::grow::stats::Stats;
use rayon::prelude::*;

/// By feature and question the least cost of the rows that go left, and of those that go right.
pub(super) type Sides = Vec<Vec<[f64; 2]>>;

/// Both sides of every question as leaves.
pub(super) fn leaves<S: Stats>(sample: &Sample<S>, axes: &[Axis], cost: &Cost) -> Sides {
    let all = sample.sum();
    let of_feature = |(axis, codes): (&Axis, &Vec<u8>)| {
        let mut bins = vec![S::default(); axis.grid.bins];
        codes.iter().zip(&sample.stats).for_each(|(bin, stats)| bins[usize::from(*bin)] += *stats);
        let of = |lefts: &Vec<bool>| {
            let mine = bins.iter().zip(lefts).filter(|(_, left)| **left);
            let left = mine.fold(S::default(), |sum, (stats, _)| sum.plus(*stats));
            [cost.of(left), cost.of(all.minus(left))]
        };
        axis.questions.iter().map(|question| of(&question.lefts)).collect()
    };
    axes.par_iter().zip(&sample.codes).map(of_feature).collect()
}

/// Both sides of every question with one more question or none.
pub(super) fn stumps<S: Stats>(sample: &Sample<S>, axes: &[Axis], cost: &Cost) -> Sides {
    let pairs: Vec<(usize, usize)> = pairs(axes.len());
    let of_pair = |(f, g): &(usize, usize)| {
        let mut table = Table::default();
        table.fill_pair(sample, [&axes[*f], &axes[*g]], &sample.both(axes, *f, *g));
        let asked = [axes[*f].questions.len(), axes[*g].questions.len()];
        match cost.way() {
            Way::Gini => of_table(&table.sums, asked, |stats| cost.gini(stats)),
            Way::Counted => of_table(&table.sums, asked, |stats| cost.counted(stats)),
            Way::Judged => of_table(&table.sums, asked, |stats| cost.judged(stats)),
        }
    };
    let found: Vec<_> = pairs.par_iter().map(of_pair).collect();
    let mut sides = leaves(sample, axes, cost);
    for ((f, g), (of_f, of_g)) in pairs.into_iter().zip(found) {
        lower(&mut sides[f], &of_f);
        lower(&mut sides[g], &of_g);
    }
    sides
}

/// Every two features, and each with itself.
pub(super) fn pairs(features: usize) -> Vec<(usize, usize)> {
    (0..features).flat_map(|f| (f..features).map(move |g| (f, g))).collect()
}

/// Takes the lower of each two costs.
pub(super) fn lower<const N: usize>(least: &mut [[f64; N]], other: &[[f64; N]]) {
    for (least, other) in least.as_flattened_mut().iter_mut().zip(other.as_flattened()) {
        if *other < *least {
            *least = *other;
        }
    }
}

/// The sides of each question of one feature, split by the best question of the other.
fn of_table<S: Stats>(
    sums: &[S],
    [asked_f, asked_g]: [usize; 2],
    cost: impl Fn(S) -> f64,
) -> (Vec<[f64; 2]>, Vec<[f64; 2]>) {
    let (mut of_f, mut of_g) = (vec![[f64::INFINITY; 2]; asked_f], vec![[f64::INFINITY; 2]; asked_g]);
    let line = |i: usize| &sums[i * (asked_g + 1)..(i + 1) * (asked_g + 1)];
    let all = line(asked_f);
    for (i, of_f) in of_f.iter_mut().enumerate() {
        let left = line(i);
        for (j, of_g) in of_g.iter_mut().enumerate() {
            let left_right = left[asked_g].minus(left[j]);
            let right_left = all[j].minus(left[j]);
            let right_right = all[asked_g].minus(all[j]).minus(left_right);
            let [ll, lr, rl, rr] = [left[j], left_right, right_left, right_right].map(&cost);
            lower(std::slice::from_mut(of_f), &[[ll + lr, rl + rr]]);
            lower(std::slice::from_mut(of_g), &[[ll + rl, lr + rr]]);
        }
    }
    (of_f, of_g)
}
