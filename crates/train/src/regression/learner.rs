//! The regression as a linfa learner, so that it drops into linfa code.

use super::exponential::logistic;
use super::{Column, Design, Observations, Regression, RegressionParams, regress};
use crate::engine::{Engine, EngineError};
use linfa::DatasetBase;
use linfa::dataset::AsSingleTargets;
use linfa::traits::{Fit, PredictInplace};
use ndarray::{Array1, ArrayBase, Data, Ix2};

impl<D: Data<Elem = f64>, T: AsSingleTargets<Elem = bool>> Fit<ArrayBase<D, Ix2>, T, EngineError>
    for RegressionParams
{
    type Object = Regression;

    /// Records are rows x columns, targets say who was bad, weights are those of the dataset.
    fn fit(&self, dataset: &DatasetBase<ArrayBase<D, Ix2>, T>) -> Result<Regression, EngineError> {
        let records = dataset.records();
        let columns: Vec<Vec<f64>> = records.columns().into_iter().map(|column| column.to_vec()).collect();
        let bad: Vec<bool> = dataset.targets().as_single_targets().to_vec();
        let weights: Option<Vec<f64>> =
            dataset.weights().map(|weights| weights.iter().map(|&weight| f64::from(weight)).collect());
        let design =
            Design { columns: columns.iter().map(|c| Column::Numbers(c)).collect(), rows: records.nrows() };
        regress(
            &design,
            &Observations { bad: &bad, weights: weights.as_deref(), offset: None, groups: None },
            self,
        )
    }
}

impl From<linfa::Error> for EngineError {
    fn from(error: linfa::Error) -> Self {
        Self::Failed { engine: Engine::Linfa, message: error.to_string() }
    }
}

impl Regression {
    /// Probability of bad for each row of `records` (rows x columns).
    ///
    /// # Panics
    /// When `records` has not one column a coefficient.
    pub fn predict_probabilities<D: Data<Elem = f64>>(&self, records: &ArrayBase<D, Ix2>) -> Array1<f64> {
        assert_eq!(records.ncols(), self.coefficients.len(), "columns of the records");
        records
            .rows()
            .into_iter()
            .map(|row| {
                let terms = row.iter().zip(&self.coefficients).map(|(value, slope)| value * slope);
                logistic(self.intercept + terms.sum::<f64>())
            })
            .collect()
    }
}

impl<D: Data<Elem = f64>> PredictInplace<ArrayBase<D, Ix2>, Array1<bool>> for Regression {
    /// Bad where the probability of bad is one half or more.
    fn predict_inplace(&self, records: &ArrayBase<D, Ix2>, bad: &mut Array1<bool>) {
        *bad = self.predict_probabilities(records).mapv(|probability| probability >= 0.5);
    }

    fn default_target(&self, records: &ArrayBase<D, Ix2>) -> Array1<bool> {
        Array1::from_elem(records.nrows(), false)
    }
}
