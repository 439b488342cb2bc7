//! Section `[blend]` of a recipe.

use crate::engine::{Engine, EngineError};
use crate::error::TrainError;
use crate::recipe::Recipe;
use arrears_model::grade_matrix::Better;
use serde::{Deserialize, Serialize};

/// Section `[blend]`: which columns hold the scores.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BlendSection {
    /// The internal score; every customer has one.
    pub internal: Internal,
    /// The external scores; a customer may lack them.
    pub external: Vec<External>,
}

/// The column of the internal score.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Internal {
    /// It holds a probability of bad, of which the log-odds are taken.
    Pd(String),
    /// It holds a score, higher is safer, that is a straight line in the log-odds, as every score of arrears is.
    Score(String),
}

impl Internal {
    /// Name of the column.
    pub fn column(&self) -> &str {
        match self {
            Self::Pd(column) | Self::Score(column) => column,
        }
    }
}

/// An external score.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct External {
    /// Name of the column; missing, and a special code, is no report.
    pub column: String,
    /// Which end of it is safer: `high` (default) or `low`.
    #[serde(default)]
    pub better: Better,
    /// What customers without it have of their own. Default: `slope` where at least ten of them are bad and ten good, else
    /// `intercept`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub missing: Option<Own>,
}

/// What the customers without a report have of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Own {
    /// An intercept; the slope of the internal score is that of all others.
    Intercept,
    /// An intercept and a slope of the internal score.
    Slope,
}

impl BlendSection {
    /// What does not go with the rest of the recipe.
    ///
    /// # Errors
    /// No external score, a column named twice, an engine other than native, rejected applicants, or a penalty.
    pub(crate) fn check(&self, recipe: &Recipe) -> Result<(), TrainError> {
        let wrong = |column: &str, why: &str| {
            Err(TrainError::Blend { column: column.to_owned(), why: why.to_owned() })
        };
        if self.external.is_empty() {
            return wrong("external", "expected at least one column of an external score");
        }
        let columns: Vec<&str> = self.columns().collect();
        if let Some(at) = (1..columns.len()).find(|at| columns[..*at].contains(&columns[*at])) {
            return wrong(columns[at], "named twice; every score is a column of its own");
        }
        let engine = recipe.model.engine();
        if engine != Engine::Native {
            return Err(EngineError::Unsupported { engine, what: "blend of scores" }.into());
        }
        if recipe.reject_inference.is_some() {
            let mend = "leave out [reject_inference]";
            return Err(TrainError::Together { what: "reject inference", with: "[blend]".to_owned(), mend });
        }
        if !recipe.selection.force_out.is_empty() {
            let mend = "leave out the columns in [blend]";
            return Err(TrainError::Together { what: "`force_out`", with: "[blend]".to_owned(), mend });
        }
        let logistic = &recipe.logistic;
        let penalties = [("l2", logistic.l2), ("l1", logistic.l1), ("folds", logistic.folds as f64)];
        match penalties.into_iter().find(|(_, value)| *value != 0.0) {
            Some((key, value)) => Err(TrainError::Parameter {
                section: "logistic",
                key,
                value: value.to_string(),
                expected: "0, or the key left out: a blend is fitted without a penalty",
            }),
            None => Ok(()),
        }
    }

    /// The columns of the scores, the internal one first.
    pub(crate) fn columns(&self) -> impl Iterator<Item = &str> {
        std::iter::once(self.internal.column()).chain(self.external.iter().map(|e| e.column.as_str()))
    }
}
