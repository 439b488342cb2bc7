//! Adapters to linfa-logistic, linfa-trees and linfa-clustering.

use super::kmeans::KmeansParams;
use super::logistic::Problem;
use super::tree::{Node, RankSplit};
use super::{Engine, EngineError};
use linfa::DatasetBase;
use linfa::traits::Fit;
use linfa_clustering::KMeans;
use linfa_logistic::LogisticRegression;
use linfa_trees::{DecisionTree, SplitQuality};
use ndarray::{Array1, Array2};
use rand_xoshiro::Xoshiro256Plus;
use rand_xoshiro::rand_core::SeedableRng;

/// Most runs of L-BFGS, each from where the last one stopped.
const LOGISTIC_RUNS: usize = 5;
/// linfa-trees counts rows in `f32`, exact up to 2^24.
const TREE_ROW_LIMIT: usize = 1 << f32::MANTISSA_DIGITS;

/// Coefficients and, last, the intercept, for the log-odds of bad.
///
/// linfa minimises the very objective asked for and penalises no intercept, but on the sum over rows, and
/// it stops silently when its line search fails or the loss no longer changes. A new run from there starts
/// with a fresh memory of curvature, which often gets further; runs end when the gradient is small
/// enough or no longer halves.
pub(super) fn logistic(problem: &Problem<'_>) -> Result<Vec<f64>, EngineError> {
    let params = problem.params;
    let dataset = DatasetBase::new(problem.records.view(), Array1::from(problem.bad.to_vec()));
    let mut learner = LogisticRegression::default()
        .alpha(params.l2)
        .max_iterations(params.max_iterations)
        .gradient_tolerance(params.tolerance * problem.records.nrows() as f64);
    let mut best = None;
    let mut best_norm = f64::INFINITY;
    for _ in 0..LOGISTIC_RUNS {
        let fit = learner.clone().fit(&dataset).map_err(failed)?;
        let found: Array1<f64> = fit.params().iter().copied().chain([fit.intercept()]).collect();
        // linfa models the odds of the larger class
        let sign = if fit.labels().pos.class { 1.0 } else { -1.0 };
        let weights: Vec<f64> = found.iter().map(|weight| sign * weight).collect();
        let norm = problem.gradient_norm(&weights);
        let halved = norm < best_norm / 2.0;
        if norm < best_norm {
            (best, best_norm) = (Some(weights), norm);
        }
        if norm <= params.tolerance || !halved {
            break;
        }
        learner = learner.initial_params(found);
    }
    best.ok_or_else(|| failed("its coefficients are not finite"))
}

/// The best split of a node: the root of a tree of depth one. It is read from the node even where linfa
/// has pruned the two leaves below it.
pub(super) fn split(node: &Node) -> Result<Option<RankSplit>, EngineError> {
    let rows = node.bad.len();
    if rows > TREE_ROW_LIMIT {
        return Err(EngineError::TooManyRows { rows, limit: TREE_ROW_LIMIT });
    }
    let dataset = DatasetBase::new(node.ranks.view(), Array1::from(node.bad.clone()));
    let tree = DecisionTree::params()
        .split_quality(SplitQuality::Gini)
        .max_depth(Some(1))
        .min_weight_leaf(node.min_leaf as f32)
        .min_impurity_decrease(f64::EPSILON)
        .fit(&dataset)
        .map_err(failed)?;
    let (column, rank, decrease) = tree.root_node().split();
    Ok((decrease > 0.0).then_some(RankSplit { column, rank }))
}

/// One restart of k-means. linfa computes distances in parallel but sums in row order, so threads do not
/// matter. It counts the old centre as one more row of its cluster, so centres creep towards the
/// means; the tolerance has to be small for them to arrive.
pub(super) fn centers(
    records: &Array2<f64>,
    params: &KmeansParams,
    seed: u64,
) -> Result<Vec<Vec<f64>>, EngineError> {
    let fit = KMeans::params_with_rng(params.k, Xoshiro256Plus::seed_from_u64(seed))
        .n_runs(1)
        .max_n_iterations(params.max_iterations)
        .tolerance(params.tolerance)
        .fit(&DatasetBase::from(records.view()))
        .map_err(failed)?;
    Ok(fit.centroids().rows().into_iter().map(|center| center.to_vec()).collect())
}

fn failed(message: impl ToString) -> EngineError {
    EngineError::Failed { engine: Engine::Linfa, message: message.to_string() }
}
