//! k-means as a linfa learner, so that it drops into linfa code.

use super::assign::assign;
use crate::engine::{Engine, EngineError, KmeansFit, KmeansParams};
use linfa::DatasetBase;
use linfa::traits::{Fit, PredictInplace};
use ndarray::{Array1, ArrayBase, Data, Ix2};

impl<D: Data<Elem = f64>, T> Fit<ArrayBase<D, Ix2>, T, EngineError> for KmeansParams {
    type Object = KmeansFit;

    /// Records are rows x columns; targets and weights are not looked at.
    fn fit(&self, dataset: &DatasetBase<ArrayBase<D, Ix2>, T>) -> Result<KmeansFit, EngineError> {
        Engine::Native.kmeans(&dataset.records().to_owned(), self)
    }
}

impl<D: Data<Elem = f64>> PredictInplace<ArrayBase<D, Ix2>, Array1<usize>> for KmeansFit {
    /// Index of the nearest centre, the first of equals.
    ///
    /// # Panics
    /// When the records have not one column for each value of a centre.
    fn predict_inplace(&self, records: &ArrayBase<D, Ix2>, nearest: &mut Array1<usize>) {
        let labels = assign(&records.view(), &self.centers).labels;
        *nearest = labels.into_iter().map(usize::from).collect();
    }

    fn default_target(&self, records: &ArrayBase<D, Ix2>) -> Array1<usize> {
        Array1::zeros(records.nrows())
    }
}
