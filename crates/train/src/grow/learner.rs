//! The tree as a linfa learner, so that it drops into linfa code.

use super::code::{Feature, Order, code_numbers};
use super::learn::{Learned, Outcome, Problem};
use super::stats::{Counts, Labels, Source, Stats, Weighed};
use crate::engine::{EngineError, TreeParams};
use crate::numbers::Numbers;
use linfa::DatasetBase;
use linfa::dataset::AsSingleTargets;
use linfa::traits::{Fit, PredictInplace};
use ndarray::{Array1, ArrayBase, ArrayView1, Data, Ix2};
use rayon::prelude::*;

/// A tree on columns of numbers; the root first, level by level, a child after its parent.
#[derive(Clone, Debug, PartialEq)]
pub struct DecisionTree {
    /// Its nodes.
    pub nodes: Vec<DecisionNode>,
}

/// A node; a leaf where it has no split.
#[derive(Clone, Debug, PartialEq)]
pub struct DecisionNode {
    /// Rows that came here.
    pub rows: u64,
    /// Their mean: the bad rate, or the mean of the numbers.
    pub mean: f64,
    /// What it predicts: the mean, smoothed.
    pub prediction: f64,
    /// The question.
    pub split: Option<DecisionSplit>,
}

/// A question: is the number below the threshold?
#[derive(Clone, Debug, PartialEq)]
pub struct DecisionSplit {
    /// The column, from 0.
    pub column: usize,
    /// Numbers below go left, others right. Halfway between the two neighbouring numbers of the node's rows; the lowest
    /// float where the split parts missing values from all numbers.
    pub threshold: f64,
    /// Whether missing values go left.
    pub missing_left: bool,
    /// Index of the node for numbers below; after this node.
    pub left: usize,
    /// Index of the node for other numbers.
    pub right: usize,
}

/// The parameters of a tree that predicts a number: `criterion` and `class_weight` have no say, splits are by the sum of
/// squares.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RegressionTreeParams(pub TreeParams);

/// Columns of numbers coded to bins once, for as many trees as are wanted.
pub struct CodedColumns<'a> {
    features: Vec<Feature<'a>>,
    bad: &'a [bool],
}

impl<'a> CodedColumns<'a> {
    /// Codes the columns, NaN for missing; `bad`: who is bad.
    ///
    /// # Errors
    /// Slices of different lengths, infinite numbers, no rows or columns, and more than 2^32 - 1 rows.
    pub fn new(columns: &[&'a [f64]], bad: &'a [bool]) -> Result<Self, EngineError> {
        check(columns, bad.len(), None)?;
        Ok(Self { features: features(columns, bad)?, bad })
    }

    /// Grows a tree.
    ///
    /// # Errors
    /// Parameters out of range, one class only, weights that are not above 0.
    pub fn classification_tree(
        &self,
        weights: Option<&[f64]>,
        params: &TreeParams,
    ) -> Result<DecisionTree, EngineError> {
        let (bads, rows) = (self.bad.iter().filter(|bad| **bad).count(), self.bad.len());
        if bads == 0 || bads == rows {
            return Err(EngineError::OneClass { bad: bads, rows });
        }
        check_lengths(weights.map(|weights| ("the weights", weights.len())), rows)?;
        let outcome = Outcome::Bad(self.bad);
        match weights {
            None => learn(&self.features, &Labels(self.bad), outcome, params),
            Some(weights) => learn(&self.features, &Weighed::labels(self.bad, weights)?, outcome, params),
        }
    }
}

/// Columns of numbers, NaN for missing, and who is bad, with weights where rows do not count once.
///
/// # Errors
/// Those of [`CodedColumns`].
pub fn classification_tree(
    columns: &[&[f64]],
    bad: &[bool],
    weights: Option<&[f64]>,
    params: &TreeParams,
) -> Result<DecisionTree, EngineError> {
    CodedColumns::new(columns, bad)?.classification_tree(weights, params)
}

/// Columns of numbers, NaN for missing, and a number to predict for each row.
///
/// # Errors
/// Those of [`classification_tree`] but for classes, and targets that are not finite.
pub fn regression_tree(
    columns: &[&[f64]],
    targets: &[f64],
    weights: Option<&[f64]>,
    params: &RegressionTreeParams,
) -> Result<DecisionTree, EngineError> {
    check(columns, targets.len(), weights)?;
    let features = features(columns, &vec![false; targets.len()])?;
    learn(&features, &Weighed::numbers(targets, weights)?, Outcome::Number, &params.0)
}

fn check(columns: &[&[f64]], rows: usize, weights: Option<&[f64]>) -> Result<(), EngineError> {
    if rows == 0 || columns.is_empty() {
        return Err(EngineError::Empty { rows, columns: columns.len() });
    }
    if rows > Counts::MOST_ROWS {
        return Err(EngineError::TooManyRows { rows, limit: Counts::MOST_ROWS });
    }
    let lengths = columns.iter().map(|column| ("a column", column.len()));
    check_lengths(lengths.chain(weights.map(|weights| ("the weights", weights.len()))), rows)
}

fn check_lengths(
    lengths: impl IntoIterator<Item = (&'static str, usize)>,
    rows: usize,
) -> Result<(), EngineError> {
    match lengths.into_iter().find(|(_, found)| *found != rows) {
        Some((what, found)) => Err(EngineError::Length { what, found, rows }),
        None => Ok(()),
    }
}

fn features<'a>(columns: &[&'a [f64]], bad: &[bool]) -> Result<Vec<Feature<'a>>, EngineError> {
    let feature = |(column, numbers): (usize, &&'a [f64])| {
        let refused = |row: usize| EngineError::NotFinite { row, column, value: numbers[row] };
        code_numbers(Numbers::of(numbers), bad).map_err(refused)
    };
    columns.par_iter().enumerate().map(feature).collect()
}

fn learn<S: Source>(
    features: &[Feature<'_>],
    source: &S,
    outcome: Outcome<'_>,
    params: &TreeParams,
) -> Result<DecisionTree, EngineError> {
    if let Some(name) = params.monotone.keys().next() {
        let (name, value, expected) = ("tree.monotone", name.clone(), "nothing, for columns without names");
        return Err(EngineError::Parameter { name, value, expected });
    }
    let directions = vec![None; features.len()];
    let problem = Problem { features, source, outcome, groups: None, directions };
    let Learned { tree, leaf, .. } = problem.learn(params)?;
    let unit = source.target_unit();
    let nodes = tree.nodes.into_iter().map(|node| DecisionNode {
        rows: node.stats.rows(),
        mean: node.stats.mean() * unit,
        prediction: leaf.prediction(node.stats) * unit,
        split: node.split.map(|split| DecisionSplit {
            column: split.feature,
            threshold: split.threshold,
            missing_left: match &features[split.feature].order {
                Order::Number(number) => split.lefts[number.intervals],
                Order::Category => false,
            },
            left: split.left,
            right: split.right,
        }),
    });
    Ok(DecisionTree { nodes: nodes.collect() })
}

impl DecisionTree {
    /// The prediction for a row.
    ///
    /// # Panics
    /// When the row has no number for a column that is asked for.
    pub fn predict_row(&self, row: ArrayView1<'_, f64>) -> f64 {
        let mut here = &self.nodes[0];
        while let Some(split) = &here.split {
            let x = row[split.column];
            let left = if x.is_nan() { split.missing_left } else { x < split.threshold };
            here = &self.nodes[if left { split.left } else { split.right }];
        }
        here.prediction
    }
}

fn columns<D: Data<Elem = f64>>(records: &ArrayBase<D, Ix2>) -> Vec<Vec<f64>> {
    records.columns().into_iter().map(|column| column.to_vec()).collect()
}

fn weights<R, T>(dataset: &DatasetBase<R, T>) -> Option<Vec<f64>>
where
    R: linfa::dataset::Records,
{
    dataset.weights().map(|weights| weights.iter().map(|&weight| f64::from(weight)).collect())
}

impl<D: Data<Elem = f64>, T: AsSingleTargets<Elem = bool>> Fit<ArrayBase<D, Ix2>, T, EngineError>
    for TreeParams
{
    type Object = DecisionTree;

    /// Records are rows x columns, NaN for missing; targets say who was bad, weights are those of the dataset.
    fn fit(&self, dataset: &DatasetBase<ArrayBase<D, Ix2>, T>) -> Result<DecisionTree, EngineError> {
        let columns = columns(dataset.records());
        let views: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
        let bad = dataset.targets().as_single_targets().to_vec();
        classification_tree(&views, &bad, weights(dataset).as_deref(), self)
    }
}

impl<D: Data<Elem = f64>, T: AsSingleTargets<Elem = f64>> Fit<ArrayBase<D, Ix2>, T, EngineError>
    for RegressionTreeParams
{
    type Object = DecisionTree;

    /// Records are rows x columns, NaN for missing; weights are those of the dataset.
    fn fit(&self, dataset: &DatasetBase<ArrayBase<D, Ix2>, T>) -> Result<DecisionTree, EngineError> {
        let columns = columns(dataset.records());
        let views: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
        let targets = dataset.targets().as_single_targets().to_vec();
        regression_tree(&views, &targets, weights(dataset).as_deref(), self)
    }
}

impl<D: Data<Elem = f64>> PredictInplace<ArrayBase<D, Ix2>, Array1<f64>> for DecisionTree {
    /// The smoothed probability of bad, or mean, of each row's leaf.
    fn predict_inplace(&self, records: &ArrayBase<D, Ix2>, predictions: &mut Array1<f64>) {
        *predictions = records.rows().into_iter().map(|row| self.predict_row(row)).collect();
    }

    fn default_target(&self, records: &ArrayBase<D, Ix2>) -> Array1<f64> {
        Array1::zeros(records.nrows())
    }
}
