//! Features of some customers, column by column.

use crate::Texts;
use std::sync::Arc;

/// One row a customer, one column a feature, in the order of [`crate::Plan::names`].
#[derive(Clone, Debug)]
pub struct FeatureTable {
    /// Ids of the customers, ascending by their bytes.
    pub customers: Texts,
    /// Whether anything of the customer was known as of the moment, in the tables that the plan reads. Customers of
    /// whom nothing was known do not belong into a snapshot: that they would come was not known either.
    pub known: Vec<bool>,
    pub(crate) outputs: Arc<[usize]>,
    pub(crate) values: Vec<f64>,
}

impl FeatureTable {
    /// How many features there are.
    pub fn width(&self) -> usize {
        self.outputs.len()
    }

    /// The values of a feature, one a customer; NaN where missing.
    ///
    /// # Panics
    /// If there are not so many features.
    pub fn column(&self, feature: usize) -> &[f64] {
        let customers = self.customers.len();
        &self.values[self.outputs[feature] * customers..][..customers]
    }
}
