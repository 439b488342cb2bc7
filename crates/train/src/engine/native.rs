//! Our own learners behind the door of the engines.

use super::EngineError;
use super::kmeans::{KmeansFit, KmeansParams, largest_first};
use super::logistic::{LogisticFit, LogisticParams};
use super::records::{check_finite, check_labels};
use super::tree::{TreeNode, TreeParams, TreeSplit};
use crate::grow::{DecisionNode, DecisionSplit, classification_tree};
use crate::lloyd::{self, Points};
use crate::regression::{
    Design, Note, Observations, Regression, RegressionParams, RegressionPenalty, cross_validate, regress,
};
use ndarray::Array2;

/// Penalties that cross-validation tries, for each of `l2` and `l1` that is not 0: this many times it.
const GRID: [f64; 9] = [1e-4, 1e-3, 1e-2, 0.1, 1.0, 10.0, 100.0, 1e3, 1e4];

pub(super) fn logistic(
    design: &Design<'_>,
    observations: &Observations<'_>,
    params: &LogisticParams,
) -> Result<LogisticFit, EngineError> {
    params.check()?;
    let mut asked = RegressionParams {
        l2: params.l2,
        l1: params.l1,
        max_iterations: params.max_iterations,
        tolerance: params.tolerance,
        signs: Vec::new(),
    };
    if params.folds > 0 {
        let of = |times: &f64| RegressionPenalty { l2: times * params.l2, l1: times * params.l1 };
        let grid: Vec<RegressionPenalty> = GRID.iter().map(of).collect();
        let tried = cross_validate(design, observations, &asked, &grid, params.folds, params.seed)?;
        let best = tried.scores[tried.chosen].penalty;
        (asked.l2, asked.l1) = (best.l2, best.l1);
    }
    let fit = regress(design, observations, &asked)?;
    LogisticFit::of_regression(fit, (params.folds > 0).then_some((asked.l2, asked.l1)))
}

pub(super) fn tree(
    records: &Array2<f64>,
    bad: &[bool],
    params: &TreeParams,
) -> Result<Vec<TreeNode>, EngineError> {
    params.check()?;
    check_finite(records)?;
    check_labels(records, bad)?;
    let columns: Vec<Vec<f64>> = records.columns().into_iter().map(|column| column.to_vec()).collect();
    let views: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
    let grown = classification_tree(&views, bad, None, params)?;
    let node = |node: DecisionNode| TreeNode {
        split: node.split.map(|DecisionSplit { column, threshold, left, right, .. }| TreeSplit {
            column,
            threshold,
            left,
            right,
        }),
    };
    Ok(grown.nodes.into_iter().map(node).collect())
}

/// The best of the restarts, on points that are finite and on comparable scales.
///
/// # Errors
/// Parameters out of range, no rows or columns, fewer distinct rows than clusters.
pub(super) fn kmeans(points: &dyn Points, params: &KmeansParams) -> Result<KmeansFit, EngineError> {
    params.check()?;
    let (rows, columns) = (points.rows(), points.columns());
    if rows == 0 || columns == 0 {
        return Err(EngineError::Empty { rows, columns });
    }
    let distinct = lloyd::distinct(points, params.k);
    if distinct < params.k {
        return Err(EngineError::TooFewDistinct { k: params.k, distinct });
    }
    let empty = EngineError::EmptyCluster { k: params.k, restarts: params.restarts };
    let Some(best) = lloyd::best(points, params) else { return Err(empty) };
    KmeansFit::of(best.centers, &best.counts, best.inertia, best.converged, best.iterations).ok_or(empty)
}

impl KmeansFit {
    /// Centres in their order; `None` where one of them has no row.
    pub(crate) fn of(
        centers: Vec<Vec<f64>>,
        counts: &[u64],
        inertia: f64,
        converged: bool,
        iterations: u64,
    ) -> Option<Self> {
        let centers = (!counts.contains(&0)).then(|| largest_first(centers, counts))?;
        Some(Self { centers, inertia, converged, iterations: Some(iterations) })
    }
}

impl LogisticFit {
    /// A native fit as that of an engine. `chosen`: the penalties `(l2, l1)` where cross-validation chose them.
    ///
    /// # Errors
    /// [`EngineError::Separated`] where bad and good are told apart without an error and no penalty.
    pub fn of_regression(fit: Regression, chosen: Option<(f64, f64)>) -> Result<Self, EngineError> {
        let complete = |note: &Note| matches!(note, Note::Separation { complete: true, .. });
        if fit.notes.iter().any(complete) {
            return Err(EngineError::Separated);
        }
        Ok(Self {
            intercept: fit.intercept,
            coefficients: fit.coefficients.clone(),
            gradient_norm: fit.gradient_norm,
            converged: fit.converged,
            chosen,
            details: Some(fit),
        })
    }
}
