//! A tree as a recipe asks for it: grown within its limits, and pruned.

use super::code::Feature;
use super::criterion::{Criterion, Judge};
use super::level::{Grown, Rows, grow};
use super::optimal::{Size, Top, top};
use super::prune::path;
use super::split::{Direction, Leaf, Limits};
use super::stats::{Source, Stats};
use crate::engine::{ClassWeight, EngineError, TreeParams};
use crate::folds::{Heads, deal};
use rayon::prelude::*;

/// A tree and what has to be known of how it came about.
pub(crate) struct Learned<S> {
    pub(crate) tree: Grown<S>,
    /// How its leaves predict, in the units of the sums.
    pub(crate) leaf: Leaf,
    pub(crate) notes: Vec<String>,
}

/// What is predicted.
#[derive(Clone, Copy)]
pub(crate) enum Outcome<'a> {
    /// Who is bad.
    Bad(&'a [bool]),
    /// A number.
    Number,
}

/// A problem: the rows as `source` has them, in the bins of `features`.
pub(crate) struct Problem<'a, S> {
    pub(crate) features: &'a [Feature<'a>],
    pub(crate) source: &'a S,
    pub(crate) outcome: Outcome<'a>,
    /// Number of each row's group, whose rows go into one fold.
    pub(crate) groups: Option<&'a [usize]>,
    /// By feature.
    pub(crate) directions: Vec<Option<Direction>>,
}

impl<S: Source> Problem<'_, S> {
    /// Learns from all rows.
    ///
    /// # Errors
    /// A parameter out of its range, or more folds than rows of a class.
    pub(crate) fn learn(&self, params: &TreeParams) -> Result<Learned<S::Stats>, EngineError> {
        match self.outcome {
            Outcome::Bad(_) => params.check()?,
            Outcome::Number => params.check_for_amounts()?,
        }
        if let (Outcome::Number, 1..) = (self.outcome, params.optimal) {
            let (name, value) = ("tree.optimal", params.optimal.to_string());
            return Err(EngineError::Parameter { name, value, expected: "0 for a number as target" });
        }
        let (tree, limits, notes) = self.grow(params, |_| true);
        let mut notes = Vec::from_iter(notes);
        let mut alpha = params.alpha;
        if params.folds > 0 {
            alpha = self.choose_alpha(params, &tree, &limits)?;
            notes.push(format!("cross-validation over {} folds chose alpha = {alpha:.3e}", params.folds));
        }
        if alpha == 0.0 {
            return Ok(Learned { tree, leaf: limits.leaf, notes });
        }
        let path = path(&tree, |stats| limits.judge.impurity(stats));
        let pruned = path.pruned(&tree, alpha * self.one(&limits.judge, tree.nodes[0].stats));
        let leaves = |tree: &Grown<S::Stats>| tree.nodes.len().div_ceil(2);
        notes.push(format!("pruning left {} of {} leaves", leaves(&pruned), leaves(&tree)));
        Ok(Learned { tree: pruned, leaf: limits.leaf, notes })
    }

    fn rows(&self) -> usize {
        self.features.first().map_or(0, |feature| feature.codes.len())
    }

    /// A tree on the rows taken, before pruning, and what has to be said of its top.
    fn grow(
        &self,
        params: &TreeParams,
        taken: impl Fn(usize) -> bool + Sync + Copy,
    ) -> (Grown<S::Stats>, Limits, Option<String>) {
        let rows = Rows::new(self.features, self.source, taken);
        let all = rows.all;
        let limits = self.limits(params, all);
        let grow = |rows, depth, top| grow(rows, self.features, self.source, &limits, depth, top);
        if params.optimal == 0 {
            return (grow(rows, params.max_depth, None), limits, None);
        }
        let greedy = grow(rows, params.optimal, None);
        let size = Size { depth: params.optimal, bins: params.bins_of_optimal(self.features.len()) };
        let top = top(self.features, self.source, taken, &limits, size, &greedy);
        let leaves = greedy.nodes.iter().filter(|node| node.split.is_none());
        let impurity: f64 = leaves.map(|node| limits.judge.impurity(node.stats)).sum();
        let root = limits.judge.impurity(all);
        // Thresholds inside intervals and joined categories are for growth alone to see.
        let better = impurity < top.impurity - 1e-9 * root;
        let note = note(size, &top, impurity, root, better);
        let rows = Rows::new(self.features, self.source, taken);
        (grow(rows, params.max_depth, (!better).then_some(&top)), limits, Some(note))
    }

    /// What an impurity of 1 of all rows is in sums: their weight, in the unit of the targets squared.
    fn one(&self, judge: &Judge, all: S::Stats) -> f64 {
        judge.weight(all) / self.source.target_unit() / self.source.target_unit()
    }

    fn limits(&self, params: &TreeParams, all: S::Stats) -> Limits {
        let unit = self.source.weight_unit();
        let criterion = match self.outcome {
            Outcome::Bad(_) => Some(params.criterion.unwrap_or(Criterion::Entropy)),
            Outcome::Number => None,
        };
        let bad_weight = match (params.class_weight, self.outcome) {
            (ClassWeight::Balanced, Outcome::Bad(_)) => (all.weight() - all.sum()) / all.sum(),
            _ => 1.0,
        };
        let judge = Judge { criterion, bad_weight, unit, mean: all.mean() };
        let min_worth = match criterion {
            Some(Criterion::ChiSquare) => -libm::log(params.max_p_value),
            _ if params.min_impurity_decrease == 0.0 => 0.0,
            _ => params.min_impurity_decrease * self.one(&judge, all),
        };
        Limits {
            judge,
            min_leaf: params.min_leaf,
            min_worth,
            leaf: Leaf { added: (params.smoothing / unit).min(1e300), prior: all.mean() },
            directions: self.directions.clone(),
        }
    }

    /// The penalty of a leaf, a share of all rows: the largest whose loss on rows left out is within one standard error
    /// of the least (Breiman et al., 1984, section 3.4.3).
    fn choose_alpha(
        &self,
        params: &TreeParams,
        tree: &Grown<S::Stats>,
        limits: &Limits,
    ) -> Result<f64, EngineError> {
        let folds = self.folds(params)?;
        let alphas: Vec<f64> = {
            let path = path(tree, |stats| limits.judge.impurity(stats));
            let one = self.one(&limits.judge, tree.nodes[0].stats);
            path.between().into_iter().map(|penalty| penalty / one).collect()
        };
        let losses: Vec<Vec<f64>> =
            (0..params.folds).map(|fold| self.losses(params, &folds, fold, &alphas)).collect();
        let count = params.folds as f64;
        let scored = (0..alphas.len()).map(|at| {
            let of_folds = losses.iter().map(|losses| losses[at]);
            let mean = of_folds.clone().sum::<f64>() / count;
            let spread = of_folds.map(|loss| (loss - mean) * (loss - mean)).sum::<f64>() / (count - 1.0);
            (mean, libm::sqrt(spread / count))
        });
        let scored: Vec<(f64, f64)> = scored.collect();
        let least = scored.iter().copied().min_by(|a, b| a.0.total_cmp(&b.0)).unwrap_or_default();
        // One standard error to the last digit, as two folds of equal size have it, is within.
        let limit = (least.0 + least.1) * (1.0 + 1e-12);
        let within = scored.iter().rposition(|(mean, _)| *mean <= limit);
        Ok(within.map_or(0.0, |at| alphas[at]))
    }

    fn folds(&self, params: &TreeParams) -> Result<Vec<usize>, EngineError> {
        let all_alike = vec![false; self.rows()];
        let bad = match self.outcome {
            Outcome::Bad(bad) => bad,
            Outcome::Number => &all_alike,
        };
        let (goods, bads) = Heads::of(bad, self.groups).goods_and_bads();
        let fewest = if matches!(self.outcome, Outcome::Number) { goods } else { goods.min(bads) };
        if params.folds > fewest {
            let expected = "at most the bad rows and at most the good rows (of rows kept together, groups)";
            return Err(EngineError::Parameter {
                name: "tree.folds",
                value: params.folds.to_string(),
                expected,
            });
        }
        Ok(deal(bad, self.groups, params.folds, params.seed))
    }

    /// Mean loss of the rows of a fold by the tree on the others, pruned by each penalty: log loss, or the squared
    /// error.
    fn losses(&self, params: &TreeParams, folds: &[usize], fold: usize, alphas: &[f64]) -> Vec<f64> {
        let (tree, limits, _) = self.grow(params, |row| folds[row] != fold);
        let path = path(&tree, |stats| limits.judge.impurity(stats));
        let one = self.one(&limits.judge, tree.nodes[0].stats);
        // What the rows of the fold would cost at each node they come through.
        let (mut cost, mut all) = (vec![0.0; tree.nodes.len()], 0.0);
        for row in (0..folds.len()).filter(|row| folds[*row] == fold) {
            let stats = self.source.of(self.source.mark(row), row);
            let (weight, target) = (stats.weight(), stats.mean());
            all += weight;
            for node in tree.way(self.features, row) {
                let found = limits.leaf.prediction(tree.nodes[node].stats);
                cost[node] += weight
                    * match self.outcome {
                        Outcome::Bad(_) => -libm::log(if target > 0.5 { found } else { 1.0 - found }),
                        Outcome::Number => (found - target) * (found - target),
                    };
            }
        }
        let loss = |alpha: &f64| {
            path.leaves(&tree, alpha * one).into_iter().map(|leaf| cost[leaf]).sum::<f64>() / all
        };
        alphas.par_iter().map(loss).collect()
    }
}

/// What a top gained over greedy growth of the same depth; impurities are times weight. `better`: whether the latter
/// is.
fn note(size: Size, top: &Top, greedy: f64, root: f64, better: bool) -> String {
    let fall = |impurity: f64| format!("{:.2} %", 100.0 * (1.0 - impurity / root));
    let Size { depth, bins } = size;
    let (best, grown) = (fall(top.impurity), fall(greedy));
    let over = format!("over at most {bins} intervals of a column (questions: {})", top.questions);
    if better {
        return format!(
            "the first {depth} levels are chosen split by split, which lowers the impurity by {grown}; the best of all trees \
             {over} lowers it by {best} only, so raise `optimal_bins`"
        );
    }
    format!(
        "the first {depth} levels are the best of all trees {over}: they lower the impurity by {best}, split by split chosen \
         ones by {grown}"
    )
}
