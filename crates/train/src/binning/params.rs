//! What binning was told: the recipe section `[binning]`.

use crate::error::TrainError;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;

/// Recipe section `[binning]`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct BinningParams {
    /// Where pre-bins come from; default `quantile`.
    pub prebinning: Prebinning,
    /// Pre-bins of a number, out of which bins are made; 2 to 1000. Default 0: 500 for up to 5,000 training rows,
    /// else 50 (50 too for `convex` and `concave`).
    pub prebins: usize,
    /// What the bins of a binary target maximise; default `iv`.
    pub objective: Objective,
    /// How the bad rate may run over a number's bins; default `auto`.
    pub trend: Trend,
    /// Least regular bins of a variable; 1 to `max_bins`, default 1.
    pub min_bins: usize,
    /// Most regular bins of a variable; 2 to 100, default 8.
    pub max_bins: usize,
    /// Least share of the training rows in a regular bin; 0 to 0.5, default 0.05.
    pub min_share: f64,
    /// Largest share of the training rows in a regular bin; above `min_share` to 1, default 1.
    pub max_share: f64,
    /// Least bads in a regular bin; default 1. The default gives way where no two bins could be made
    /// otherwise: a variable that parts good from bad must not end in a single bin.
    pub min_bads: f64,
    /// Least goods in a regular bin; default 1, like `min_bads`.
    pub min_goods: f64,
    /// Least difference of the bad rates of neighbouring bins; 0 to 1, default 0.
    pub min_difference: f64,
    /// Largest p-value of neighbouring bins in the two-proportion z-test; above 0 to 1, default 1.
    pub max_p_value: f64,
    /// What becomes of missing values; default `own`.
    pub missing: Apart,
    /// What becomes of special codes; default `own`.
    pub special: Apart,
    /// A missing or special bin of its own with fewer training rows than this has WoE 0; default 30.
    pub min_special_rows: u64,
    /// Variables with less information value are left out; default 0.02.
    pub min_iv: f64,
    /// Sections `[binning.variables.NAME]`: what holds for one variable only.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub variables: BTreeMap<String, VariableParams>,
}

impl Default for BinningParams {
    fn default() -> Self {
        Self {
            prebinning: Prebinning::Quantile,
            prebins: 0,
            objective: Objective::Iv,
            trend: Trend::Auto,
            min_bins: 1,
            max_bins: 8,
            min_share: 0.05,
            max_share: 1.0,
            min_bads: 1.0,
            min_goods: 1.0,
            min_difference: 0.0,
            max_p_value: 1.0,
            missing: Apart::Own,
            special: Apart::Own,
            min_special_rows: 30,
            min_iv: 0.02,
            variables: BTreeMap::new(),
        }
    }
}

/// Recipe section `[binning.variables.NAME]`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct VariableParams {
    /// Instead of the trend of `[binning]`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trend: Option<Trend>,
    /// Instead of the least bins of `[binning]`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min_bins: Option<usize>,
    /// Instead of the most bins of `[binning]`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_bins: Option<usize>,
    /// Instead of the least share of `[binning]`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min_share: Option<f64>,
    /// Instead of the largest p-value of `[binning]`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_p_value: Option<f64>,
    /// Instead of what `[binning]` says of missing values.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub missing: Option<Apart>,
    /// Instead of what `[binning]` says of special codes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub special: Option<Apart>,
    /// Splits of a number, ascending: the bins themselves, or pre-bins where `merge` is set.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub splits: Option<Vec<f64>>,
    /// Groups of categories: the bins themselves, or pre-bins where `merge` is set. A category of the
    /// training rows that is not named joins the rare ones.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub groups: Option<Vec<Vec<String>>>,
    /// Whether `splits` or `groups` are only suggested: they may be merged, never parted. Default false.
    pub merge: bool,
}

/// Where pre-bins come from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Prebinning {
    /// Groups of about equal size.
    #[default]
    Quantile,
    /// The leaves of a decision tree on the one variable, best split first.
    Tree,
}

/// What bins of a binary target maximise: a distance of the distributions of goods and bads, summed over the
/// bins. With p and q the shares of goods and bads in a bin:
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Objective {
    /// Information value: `(p - q) ln(p / q)`.
    #[default]
    Iv,
    /// Jensen-Shannon divergence: `(p ln(2p / (p + q)) + q ln(2q / (p + q))) / 2`.
    Js,
    /// Squared Hellinger distance: `(sqrt p - sqrt q)^2 / 2`.
    Hellinger,
    /// Triangular discrimination: `(p - q)^2 / (p + q)`.
    Triangular,
}

/// How the bad rate (or the mean of a target that is a number) may run over the bins of a number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Trend {
    /// Ascending or descending, whichever is worth more; a peak or a valley only where it is worth significantly
    /// more than that, or where even its IV stays below `min_iv`.
    #[default]
    Auto,
    /// It rises from bin to bin.
    Ascending,
    /// It falls from bin to bin.
    Descending,
    /// It rises to one bin and falls after it; either side may be empty.
    Peak,
    /// It falls to one bin and rises after it; either side may be empty.
    Valley,
    /// Its rise from bin to bin never shrinks.
    Convex,
    /// Its rise from bin to bin never grows.
    Concave,
    /// Any course.
    None,
}

impl fmt::Display for Trend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Auto => "auto",
            Self::Ascending => "ascending",
            Self::Descending => "descending",
            Self::Peak => "peak",
            Self::Valley => "valley",
            Self::Convex => "convex",
            Self::Concave => "concave",
            Self::None => "none",
        })
    }
}

/// What becomes of a bin that stands apart from the regular ones: missing, or a special code.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Apart {
    /// It has evidence of its own.
    #[default]
    Own,
    /// It is pooled with the regular bin whose bad rate is nearest: both have the WoE of the rows of both. Where that
    /// would change the course of the WoE over the regular bins, it takes the WoE of that bin alone.
    MostAlike,
    /// It takes the WoE of the riskiest regular bin, which stays as it is; also where no training row had it.
    Riskiest,
}

/// Most pre-bins for `convex` and `concave`, whose search looks at three bins at a time.
pub const MOST_PREBINS_CURVED: usize = 100;

/// Up to so many training rows pre-bins are as fine as can be.
const FEW_ROWS: usize = 5_000;

impl BinningParams {
    /// # Errors
    /// When a parameter is out of its range.
    pub fn check(&self) -> Result<(), TrainError> {
        self.check_limits()?;
        self.variables.iter().try_for_each(|(column, own)| {
            let fail = |why: String| Err(TrainError::VariableBins { column: column.clone(), why });
            match self.of_variable(column).0.check_limits() {
                Err(TrainError::Parameter { key, value, expected, .. }) => {
                    return fail(format!("{key} = {value}: expected {expected}"));
                }
                other => other?,
            }
            let splits = own.splits.as_deref().unwrap_or_default();
            let ascend = splits.is_sorted_by(|a, b| a < b) && splits.iter().all(|s| s.is_finite());
            if ascend {
                Ok(())
            } else {
                fail(format!("splits = {splits:?}: expected finite numbers that ascend"))
            }
        })
    }

    /// The limits that hold where no variable has its own.
    fn check_limits(&self) -> Result<(), TrainError> {
        let check = |fine: bool, key, value: String, expected| {
            let wrong = TrainError::Parameter { section: "binning", key, value, expected };
            if fine { Ok(()) } else { Err(wrong) }
        };
        let text = |x: f64| x.to_string();
        let not_negative = |x: f64| x >= 0.0 && x.is_finite();
        let prebins = self.prebins == 0 || (2..=1000).contains(&self.prebins);
        check(prebins, "prebins", self.prebins.to_string(), "0, or 2 to 1000")?;
        check((2..=100).contains(&self.max_bins), "max_bins", self.max_bins.to_string(), "2 to 100")?;
        let least = (1..=self.max_bins).contains(&self.min_bins);
        check(least, "min_bins", self.min_bins.to_string(), "1 to max_bins")?;
        check((0.0..=0.5).contains(&self.min_share), "min_share", text(self.min_share), "0 to 0.5")?;
        let largest = self.max_share > self.min_share && self.max_share <= 1.0;
        check(largest, "max_share", text(self.max_share), "above min_share, at most 1")?;
        check(not_negative(self.min_bads), "min_bads", text(self.min_bads), "0 or more")?;
        check(not_negative(self.min_goods), "min_goods", text(self.min_goods), "0 or more")?;
        let difference = (0.0..1.0).contains(&self.min_difference);
        check(difference, "min_difference", text(self.min_difference), "0 to 1")?;
        let p_value = self.max_p_value > 0.0 && self.max_p_value <= 1.0;
        check(p_value, "max_p_value", text(self.max_p_value), "above 0, at most 1")?;
        check(not_negative(self.min_iv), "min_iv", text(self.min_iv), "0 or more")?;
        let curved = matches!(self.trend, Trend::Convex | Trend::Concave);
        let few = !curved || self.prebins <= MOST_PREBINS_CURVED;
        check(few, "prebins", self.prebins.to_string(), "at most 100 with trend convex or concave")
    }

    /// Pre-bins for so many training rows. With few rows every value counts, and a search among many pre-bins is
    /// quick; with many rows a fiftieth of them is fine enough.
    pub fn prebins_for(&self, rows: usize) -> usize {
        match self.prebins {
            0 if rows <= FEW_ROWS && !matches!(self.trend, Trend::Convex | Trend::Concave) => 500,
            0 => 50,
            given => given,
        }
    }

    /// These parameters with what holds for one variable only put over them.
    pub fn of_variable(&self, name: &str) -> (Self, VariableParams) {
        let own = self.variables.get(name).cloned().unwrap_or_default();
        let params = Self {
            trend: own.trend.unwrap_or(self.trend),
            min_bins: own.min_bins.unwrap_or(self.min_bins),
            max_bins: own.max_bins.unwrap_or(self.max_bins),
            min_share: own.min_share.unwrap_or(self.min_share),
            max_p_value: own.max_p_value.unwrap_or(self.max_p_value),
            missing: own.missing.unwrap_or(self.missing),
            special: own.special.unwrap_or(self.special),
            variables: BTreeMap::new(),
            ..self.clone()
        };
        (params, own)
    }
}
