//! What selection was told: the recipe section `[selection]`.

use crate::error::TrainError;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Recipe section `[selection]`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SelectionParams {
    /// Variables that no step drops, unless they have a single value. Default none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub force_in: Vec<String>,
    /// Variables left out from the start. Default none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub force_out: Vec<String>,
    /// Variables with a larger share of missing values are dropped; 0 to 1, default 0.95.
    pub max_missing: f64,
    /// Variables with less information value are dropped; 0 or more, default 0. `min_iv` of `[binning]` holds
    /// beside it.
    pub min_iv: f64,
    /// Variables with more information value are flagged as a likely leak; above `min_iv`, default 0.5.
    pub max_iv: f64,
    /// Whether likely leaks are dropped. Default false: they are only flagged.
    pub drop_leaks: bool,
    /// Of two variables whose WoE correlate more than this (without the sign) the one with the lower IV is
    /// dropped; above 0 to 1, default 0.95. 1 drops none.
    pub max_correlation: f64,
    /// Variables are put into so many clusters, of each the best IV stays; 1 or more. Default: no clusters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub clusters: Option<usize>,
    /// The same with as many clusters as lie farther apart than this mean distance `1 - |r|`; 0 to 1. Default:
    /// no clusters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cluster_height: Option<f64>,
    /// While any variance inflation factor is above this, the variable with the largest is dropped; 1 or more.
    /// 5 and 10 are usual. Default: none is dropped.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_vif: Option<f64>,
    /// Direction of stepwise selection; default `none`.
    pub stepwise: Stepwise,
    /// What a step of stepwise selection has to improve; default `aic`.
    pub criterion: Criterion,
    /// With `criterion = "p_value"` a variable enters at a p-value (score test) up to this; above 0 to
    /// `p_remove`, default 0.05.
    pub p_enter: f64,
    /// With `criterion = "p_value"` a variable goes at a p-value (Wald test) above this; below 1, default 0.05.
    pub p_remove: f64,
    /// What becomes of a WoE coefficient of the wrong sign; default `drop`.
    pub wrong_sign: WrongSign,
    /// While the p-value (Wald test) of any variable in the last fit is above this, the variable with the
    /// largest is dropped; above 0 to 1. Default: none is dropped.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_p_value: Option<f64>,
}

impl Default for SelectionParams {
    fn default() -> Self {
        Self {
            force_in: Vec::new(),
            force_out: Vec::new(),
            max_missing: 0.95,
            min_iv: 0.0,
            max_iv: 0.5,
            drop_leaks: false,
            max_correlation: 0.95,
            clusters: None,
            cluster_height: None,
            max_vif: None,
            stepwise: Stepwise::None,
            criterion: Criterion::Aic,
            p_enter: 0.05,
            p_remove: 0.05,
            wrong_sign: WrongSign::Drop,
            max_p_value: None,
        }
    }
}

/// Direction of stepwise selection.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stepwise {
    /// No stepwise selection.
    #[default]
    None,
    /// From the forced variables alone; variables only enter.
    Forward,
    /// From all variables; variables only leave.
    Backward,
    /// From the forced variables alone; variables enter and leave.
    Both,
}

/// What stepwise selection goes by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Criterion {
    /// Akaike's criterion falls.
    #[default]
    Aic,
    /// Schwarz's criterion falls.
    Bic,
    /// p-values: score test to enter, Wald test to stay.
    PValue,
}

/// What becomes of a WoE coefficient of the wrong sign. WoE is higher where customers are safer, so a sound
/// coefficient of the log-odds of bad is below 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WrongSign {
    /// The variable with the largest wrong coefficient is dropped and the rest fitted again, until none is wrong.
    #[default]
    Drop,
    /// Coefficients are fitted under the constraint; what it holds at 0 is dropped.
    Constrain,
    /// It stays and is flagged.
    Keep,
}

impl fmt::Display for Criterion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Aic => "AIC",
            Self::Bic => "BIC",
            Self::PValue => "p-value",
        })
    }
}

impl fmt::Display for Stepwise {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::None => "none",
            Self::Forward => "forward",
            Self::Backward => "backward",
            Self::Both => "both",
        })
    }
}

impl SelectionParams {
    /// # Errors
    /// When a parameter is out of its range, or two contradict each other.
    pub fn check(&self) -> Result<(), TrainError> {
        let check = |fine: bool, key, value: String, expected| {
            let wrong = TrainError::Parameter { section: "selection", key, value, expected };
            if fine { Ok(()) } else { Err(wrong) }
        };
        let text = |x: f64| x.to_string();
        let some = |x: Option<f64>| x.unwrap_or_default().to_string();
        check((0.0..=1.0).contains(&self.max_missing), "max_missing", text(self.max_missing), "0 to 1")?;
        let finite = self.min_iv.is_finite() && self.min_iv >= 0.0;
        check(finite, "min_iv", text(self.min_iv), "0 or more")?;
        check(self.max_iv > self.min_iv, "max_iv", text(self.max_iv), "above min_iv; inf flags none")?;
        let correlation = self.max_correlation > 0.0 && self.max_correlation <= 1.0;
        check(correlation, "max_correlation", text(self.max_correlation), "above 0, at most 1")?;
        check(self.clusters != Some(0), "clusters", "0".to_owned(), "1 or more; leave it out for none")?;
        let height = self.cluster_height.is_none_or(|h| (0.0..=1.0).contains(&h));
        check(height, "cluster_height", some(self.cluster_height), "0 to 1")?;
        let one = self.clusters.is_none() || self.cluster_height.is_none();
        check(one, "cluster_height", some(self.cluster_height), "only one of clusters and cluster_height")?;
        let vif = self.max_vif.is_none_or(|v| v >= 1.0);
        check(vif, "max_vif", some(self.max_vif), "1 or more; leave it out for none")?;
        let remove = self.p_remove > 0.0 && self.p_remove < 1.0;
        check(remove, "p_remove", text(self.p_remove), "above 0, below 1")?;
        let enter = self.p_enter > 0.0 && self.p_enter <= self.p_remove;
        check(enter, "p_enter", text(self.p_enter), "above 0, at most p_remove")?;
        let p_value = self.max_p_value.is_none_or(|p| p > 0.0 && p <= 1.0);
        check(p_value, "max_p_value", some(self.max_p_value), "above 0, at most 1")?;
        match self.force_in.iter().find(|name| self.force_out.contains(name)) {
            Some(both) => check(false, "force_in", both.clone(), "no name that is in force_out too"),
            None => Ok(()),
        }
    }

    /// Checks the names of `force_in` and `force_out` against the columns there are.
    ///
    /// # Errors
    /// [`TrainError::UnknownVariable`] for a name that is not among them; it tells the closest one.
    pub fn check_names(&self, names: &[&str]) -> Result<(), TrainError> {
        for (key, wanted) in [("force_in", &self.force_in), ("force_out", &self.force_out)] {
            if let Some(name) = wanted.iter().find(|name| !names.contains(&name.as_str())) {
                return Err(unknown(key, name, names));
            }
        }
        Ok(())
    }
}

/// The error about a name that is not among those of the variables.
pub(super) fn unknown(key: &'static str, name: &str, variables: &[&str]) -> TrainError {
    let closest = variables.iter().min_by_key(|known| edits(name, known)).unwrap_or(&"");
    let (name, closest) = (name.to_owned(), (*closest).to_owned());
    TrainError::UnknownVariable { section: "selection", key, name, closest }
}

/// Letters to insert, drop or change between two names, capitals aside (Levenshtein distance).
pub(crate) fn edits(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.to_lowercase().chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, letter) in a.to_lowercase().chars().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], i + 1);
        for (j, other) in b.iter().enumerate() {
            let changed = diagonal + usize::from(letter != *other);
            diagonal = row[j + 1];
            row[j + 1] = changed.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::edits;

    #[test]
    fn edits_are_counted() {
        assert_eq!(edits("kitten", "sitting"), 3);
        assert_eq!(edits("Income", "income"), 0);
        assert_eq!(edits("", "abc"), 3);
    }
}
