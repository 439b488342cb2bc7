//! The engines: libraries that find the numbers of a model, behind one door.
//!
//! Records are a matrix of rows (customers) by columns, labels say who was bad. Whatever the engine, the
//! same checks run before it and the same measurements after it, so fits can be compared:
//!
//! | module | does |
//! |---|---|
//! | `records` | refuses what no engine can fit |
//! | `logistic` | parameters and result of logistic regression; the gradient at the result |
//! | `polish` | the last digits of a logistic fit, the same on every machine |
//! | `tree` | parameters and result of a decision tree; grows it split by split |
//! | `kmeans` | parameters and result of k-means; restarts, inertia, order of the centres |
//! | `native` | our own learners, behind the same door |
//! | `linfa`, `smartcore` | the adapters, nothing else |
//!
//! Every fit is the same on any number of threads.

mod kmeans;
mod linfa;
mod logistic;
mod native;
mod polish;
mod records;
mod smartcore;
mod tree;

use crate::lloyd::Points;
use crate::regression::{Column, Design, Observations};
use ndarray::{Array2, ShapeBuilder};
pub(crate) use records::SCALE_LIMIT;
use records::{check_finite, check_labels, check_scaled};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::str::FromStr;

pub use kmeans::{KmeansFit, KmeansParams};
pub use logistic::{LogisticFit, LogisticParams};
pub use tree::{ClassWeight, TreeNode, TreeParams, TreeSplit};

/// What does the fitting.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Engine {
    /// Our own: Newton's method on the Gram matrix, trees on histograms, Lloyd iterations with bounds.
    Native,
    /// linfa: L-BFGS with the line search of Moré and Thuente, Gini splits counted in `f32`, k-means++.
    Linfa,
    /// smartcore: L-BFGS with backtracking, variance splits (Gini, halved) in `f64`, k-means on a tree of boxes.
    Smartcore,
}

impl Engine {
    /// Fits a logistic regression: the coefficients that minimise
    /// `sum over rows of logloss + l2/2 * |coefficients|^2`, the intercept not penalised.
    ///
    /// `records`: rows x columns, on comparable scales (standardised, WoE or 0/1). `bad`: one label a row;
    /// the fit gives the log-odds of `bad`. A fit that stopped short is returned with `converged: false`.
    ///
    /// # Errors
    /// Parameters out of range, no rows or columns, one class only, a value that is not finite, a
    /// column whose root mean square is above 10, and, with `l2 = 0`, classes that the columns separate
    /// without an error (no finite optimum).
    pub fn logistic(
        self,
        records: &Array2<f64>,
        bad: &[bool],
        params: &LogisticParams,
    ) -> Result<LogisticFit, EngineError> {
        let unsupported = |what| EngineError::Unsupported { engine: self, what };
        if self != Self::Native && params.l1 > 0.0 {
            return Err(unsupported("an L1 penalty (`logistic.l1`)"));
        }
        if self != Self::Native && params.folds > 0 {
            return Err(unsupported("a penalty chosen by cross-validation (`logistic.folds`)"));
        }
        match self {
            Self::Native => {
                check_finite(records)?;
                let columns: Vec<Vec<f64>> = records.columns().into_iter().map(|c| c.to_vec()).collect();
                let columns: Vec<Column<'_>> = columns.iter().map(|c| Column::Numbers(c)).collect();
                let design = Design { columns, rows: records.nrows() };
                check_labels(records, bad)?;
                native::logistic(
                    &design,
                    &Observations { bad, weights: None, offset: None, groups: None },
                    params,
                )
            }
            Self::Linfa => {
                logistic::fit(records, bad, params, |problem| self.run(|| linfa::logistic(problem)))
            }
            Self::Smartcore => {
                logistic::fit(records, bad, params, |problem| self.run(|| smartcore::logistic(problem)))
            }
        }
    }

    /// [`Engine::logistic`] on columns that may be bin codes, for rows that may have weights and an offset. The
    /// native engine reads them as they are; the others are given a matrix.
    ///
    /// # Errors
    /// Those of [`Engine::logistic`]; weights or an offset with an engine that knows none.
    pub fn regression(
        self,
        design: &Design<'_>,
        observations: &Observations<'_>,
        params: &LogisticParams,
    ) -> Result<LogisticFit, EngineError> {
        if self == Self::Native {
            return native::logistic(design, observations, params);
        }
        if observations.weights.is_some() || observations.offset.is_some() {
            return Err(EngineError::Unsupported { engine: self, what: "weights or an offset of rows" });
        }
        let value = |(row, column): (usize, usize)| design.columns[column].value(row);
        let records = Array2::from_shape_fn((design.rows, design.columns.len()), value);
        self.logistic(&records, observations.bad, params)
    }

    /// Grows a binary decision tree, by default on entropy (native) or the Gini impurity (the others). The nodes are flat, level by level, the root
    /// first; a node without a split is a leaf. A tree may be a single leaf.
    ///
    /// `records`: rows x columns, any finite values; only their order counts. `bad`: one label a row.
    ///
    /// # Errors
    /// Parameters out of range, no rows or columns, one class only, a value that is not finite; with
    /// linfa more than 2^24 rows.
    pub fn tree(
        self,
        records: &Array2<f64>,
        bad: &[bool],
        params: &TreeParams,
    ) -> Result<Vec<TreeNode>, EngineError> {
        match self {
            Self::Native => native::tree(records, bad, params),
            Self::Linfa => tree::grow(records, bad, params, self, |node| self.run(|| linfa::split(node))),
            Self::Smartcore => {
                tree::grow(records, bad, params, self, |node| self.run(|| smartcore::split(node)))
            }
        }
    }

    /// Finds `k` centres that make the squared distances of the rows to their nearest centre small:
    /// k-means++ and Lloyd iterations, several times, the lowest inertia kept. The native engine tries the starts on a
    /// sample where there are more than 16,384 rows (see [`lloyd`](crate::lloyd)).
    ///
    /// `records`: rows x columns, on comparable scales (standardised).
    ///
    /// # Errors
    /// Parameters out of range, no rows or columns, a value that is not finite, a column whose root
    /// mean square is above 10, fewer distinct rows than `k`, and a fit in which every restart lost a cluster.
    pub fn kmeans(self, records: &Array2<f64>, params: &KmeansParams) -> Result<KmeansFit, EngineError> {
        match self {
            Self::Native => {
                params.check()?;
                check_scaled(records)?;
                native::kmeans(&records.view(), params)
            }
            Self::Linfa => {
                kmeans::fit(records, params, |seed| self.run(|| linfa::centers(records, params, seed)))
            }
            Self::Smartcore => {
                kmeans::fit(records, params, |seed| self.run(|| smartcore::centers(records, params, seed)))
            }
        }
    }

    /// [`Engine::kmeans`] on points that are finite and on comparable scales, such as those of a table seen through a
    /// model's transforms. The native engine reads them as they are; the others are given a matrix.
    ///
    /// # Errors
    /// Those of [`Engine::kmeans`].
    pub fn kmeans_points(self, points: &dyn Points, params: &KmeansParams) -> Result<KmeansFit, EngineError> {
        if self == Self::Native {
            return native::kmeans(points, params);
        }
        let mut records = Array2::zeros((points.rows(), points.columns()).f());
        for (column, mut values) in records.columns_mut().into_iter().enumerate() {
            points.fill(column, 0, values.as_slice_mut().expect("columns of a matrix by columns are slices"));
        }
        self.kmeans(&records, params)
    }

    /// Runs the library and turns a panic inside it into an error. None is known on records that pass the
    /// checks; on columns of another scale the line search of smartcore panics. Nothing is shared with
    /// the library, so nothing can be left half done.
    fn run<T>(self, library: impl FnOnce() -> Result<T, EngineError>) -> Result<T, EngineError> {
        catch_unwind(AssertUnwindSafe(library)).unwrap_or_else(|panic| {
            let text = panic.downcast_ref::<String>().map(String::as_str);
            let text = text.or_else(|| panic.downcast_ref::<&str>().copied());
            Err(EngineError::Failed { engine: self, message: text.unwrap_or("it panicked").to_owned() })
        })
    }
}

impl fmt::Display for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Native => "native",
            Self::Linfa => "linfa",
            Self::Smartcore => "smartcore",
        })
    }
}

impl FromStr for Engine {
    type Err = EngineError;

    fn from_str(name: &str) -> Result<Self, EngineError> {
        match name {
            "native" => Ok(Self::Native),
            "linfa" => Ok(Self::Linfa),
            "smartcore" => Ok(Self::Smartcore),
            _ => Err(EngineError::UnknownEngine(name.to_owned())),
        }
    }
}

/// Why nothing could be fitted. Rows and columns count from 0, in the records handed over.
#[derive(Debug, thiserror::Error, PartialEq)]
#[non_exhaustive]
pub enum EngineError {
    /// No engine of that name.
    #[error("unknown engine `{0}`; expected `native`, `linfa` or `smartcore`")]
    UnknownEngine(String),
    /// The engine cannot do this.
    #[error("the engine `{engine}` knows no {what}; choose another engine")]
    Unsupported {
        /// The engine.
        engine: Engine,
        /// What it was asked for.
        what: &'static str,
    },
    /// A parameter outside its range.
    #[error("parameter `{name}` is {value}; expected {expected}")]
    Parameter {
        /// Section and key, as in the recipe.
        name: &'static str,
        /// The value given.
        value: String,
        /// The range.
        expected: &'static str,
    },
    /// Nothing to learn from.
    #[error("{rows} rows and {columns} columns; at least one row and one usable column are needed")]
    Empty {
        /// Rows given.
        rows: usize,
        /// Columns given.
        columns: usize,
    },
    /// Records and labels do not belong together.
    #[error("{rows} rows but {labels} labels; each row needs its label")]
    Labels {
        /// Rows given.
        rows: usize,
        /// Labels given.
        labels: usize,
    },
    /// All bad or all good.
    #[error("{bad} of {rows} rows are bad; both classes are needed, check the target and its positive value")]
    OneClass {
        /// Bad rows.
        bad: usize,
        /// All rows.
        rows: usize,
    },
    /// A slice that has not one value a row.
    #[error("{what} has {found} values for {rows} rows; expected one a row")]
    Length {
        /// The slice.
        what: &'static str,
        /// Its values.
        found: usize,
        /// Rows of the design.
        rows: usize,
    },
    /// A weight or offset that no fit can use.
    #[error("{what} of row {row} is {value}; expected {expected}")]
    Observation {
        /// Weight or offset.
        what: &'static str,
        /// Row.
        row: usize,
        /// The value.
        value: f64,
        /// What is taken.
        expected: &'static str,
    },
    /// A bin without a value.
    #[error("column {column} has code {code} but values for {values} bins only; give each bin its value")]
    Code {
        /// Column.
        column: usize,
        /// The largest code.
        code: usize,
        /// Values given.
        values: usize,
    },
    /// Missing, infinite or overflowed.
    #[error("row {row}, column {column} is {value}; expected a finite number, fill missing values first")]
    NotFinite {
        /// Row.
        row: usize,
        /// Column.
        column: usize,
        /// The value.
        value: f64,
    },
    /// A column far from the scale on which distances and gradients mean something.
    #[error("column {column} has a root mean square of {size}, above {limit}; standardise the columns first")]
    Unscaled {
        /// Column.
        column: usize,
        /// Its root mean square; infinite where the squares overflow.
        size: f64,
        /// The largest taken.
        limit: f64,
    },
    /// More rows than the engine counts exactly.
    #[error("{rows} rows; the tree of linfa counts at most {limit} exactly, use the engine `smartcore`")]
    TooManyRows {
        /// Rows given.
        rows: usize,
        /// The most it can count.
        limit: usize,
    },
    /// Complete separation without a penalty.
    #[error(
        "the columns tell bad from good without an error, so unpenalised coefficients have no finite optimum; \
         set `logistic.l2` above 0, or look for a column that gives the answer away"
    )]
    Separated,
    /// More clusters than different customers.
    #[error("`kmeans.k` is {k} but only {distinct} rows are different; lower k")]
    TooFewDistinct {
        /// Clusters asked for.
        k: usize,
        /// Distinct rows.
        distinct: usize,
    },
    /// Every restart of k-means ended with a cluster that holds no row.
    #[error("all {restarts} restarts of k-means left one of {k} clusters empty; lower `kmeans.k`")]
    EmptyCluster {
        /// Clusters asked for.
        k: usize,
        /// Restarts made.
        restarts: usize,
    },
    /// The engine gave up or gave something that is no fit.
    #[error(
        "{engine} could not fit: {message}; try the other engine, or for logistic regression a higher `l2`"
    )]
    Failed {
        /// The engine.
        engine: Engine,
        /// What it said, or what was wrong with its answer.
        message: String,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_in_a_library_becomes_an_error() {
        let failed =
            |message: &str| EngineError::Failed { engine: Engine::Linfa, message: message.to_owned() };
        let rows = 3;
        assert_eq!(Engine::Linfa.run::<()>(|| panic!("stuck")), Err(failed("stuck")));
        assert_eq!(Engine::Linfa.run::<()>(|| panic!("stuck at {rows}")), Err(failed("stuck at 3")));
        assert_eq!(Engine::Linfa.run(|| Ok(rows)), Ok(3));
    }
}
