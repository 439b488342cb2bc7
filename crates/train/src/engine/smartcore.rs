//! Adapters to smartcore. Its fitted trees and centres are private, so they are read through serde.

use super::kmeans::KmeansParams;
use super::logistic::Problem;
use super::tree::{Node, RankSplit};
use super::{Engine, EngineError};
use ndarray::Array2;
use serde::Deserialize;
use smartcore::cluster::kmeans::{KMeans, KMeansParameters};
use smartcore::linalg::basic::arrays::Array;
use smartcore::linalg::basic::matrix::DenseMatrix;
use smartcore::linear::logistic_regression::{LogisticRegression, LogisticRegressionParameters};
use smartcore::tree::decision_tree_regressor::{DecisionTreeRegressor, DecisionTreeRegressorParameters};

type Matrix = DenseMatrix<f64>;

/// Coefficients and, last, the intercept, for the log-odds of bad.
///
/// smartcore minimises the very objective asked for and penalises no intercept. It takes neither a limit
/// of iterations nor a tolerance nor a starting point, and says nothing about convergence.
pub(super) fn logistic(problem: &Problem<'_>) -> Result<Vec<f64>, EngineError> {
    // classes are sorted and the second one is modelled: bad, as 1
    let labels: Vec<u32> = problem.bad.iter().map(|&bad| u32::from(bad)).collect();
    let params = LogisticRegressionParameters::default().with_alpha(problem.params.l2);
    let fit = LogisticRegression::fit(&matrix(problem.records)?, &labels, params).map_err(failed)?;
    let weights: Vec<f64> =
        fit.coefficients().iterator(0).chain(fit.intercept().iterator(0)).copied().collect();
    if weights.iter().all(|weight| weight.is_finite()) {
        Ok(weights)
    } else {
        Err(failed("its coefficients are not finite"))
    }
}

/// The best split of a node: the root of a regression tree of depth one on bad = 1, good = 0. The
/// variance of such a label is half its Gini impurity, so both choose the same splits.
pub(super) fn split(node: &Node) -> Result<Option<RankSplit>, EngineError> {
    let labels: Vec<f64> = node.bad.iter().map(|&bad| f64::from(u8::from(bad))).collect();
    let params = DecisionTreeRegressorParameters {
        max_depth: Some(2), // smartcore counts levels of nodes
        min_samples_leaf: usize::try_from(node.min_leaf).unwrap_or(usize::MAX),
        min_samples_split: 2,
        seed: Some(node.seed),
    };
    let fit = DecisionTreeRegressor::fit(&matrix(&node.ranks)?, &labels, params).map_err(failed)?;
    let read: FittedTree = read(&fit)?;
    let root = read.tree_regressor.nodes.into_iter().next();
    let found = root
        .filter(|root| root.true_child.is_some())
        .and_then(|root| root.split_value.map(|rank| RankSplit { column: root.split_feature, rank }));
    Ok(found)
}

/// One restart of k-means, single-threaded.
pub(super) fn centers(
    records: &Array2<f64>,
    params: &KmeansParams,
    seed: u64,
) -> Result<Vec<Vec<f64>>, EngineError> {
    let params = KMeansParameters {
        k: params.k,
        max_iter: usize::try_from(params.max_iterations).unwrap_or(usize::MAX),
        seed: Some(seed),
    };
    let fit: KMeans<f64, u32, Matrix, Vec<u32>> = KMeans::fit(&matrix(records)?, params).map_err(failed)?;
    let read: FittedKmeans = read(&fit)?;
    Ok(read.centroids)
}

/// The fields read from smartcore's regression tree.
#[derive(Deserialize)]
struct FittedTree {
    tree_regressor: FittedNodes,
}

#[derive(Deserialize)]
struct FittedNodes {
    nodes: Vec<FittedNode>,
}

#[derive(Deserialize)]
struct FittedNode {
    split_feature: usize,
    split_value: Option<f64>,
    true_child: Option<usize>,
}

/// The field read from smartcore's k-means.
#[derive(Deserialize)]
struct FittedKmeans {
    centroids: Vec<Vec<f64>>,
}

fn read<T: serde::de::DeserializeOwned>(fit: &impl serde::Serialize) -> Result<T, EngineError> {
    serde_json::to_value(fit).and_then(serde_json::from_value).map_err(failed)
}

fn matrix(records: &Array2<f64>) -> Result<Matrix, EngineError> {
    let values = records.iter().copied().collect();
    DenseMatrix::new(records.nrows(), records.ncols(), values, false).map_err(failed)
}

fn failed(message: impl ToString) -> EngineError {
    EngineError::Failed { engine: Engine::Smartcore, message: message.to_string() }
}
