//! Section `[expert]` of a recipe: a scorecard that people wrote down.

use crate::error::TrainError;
use crate::scaling::PointsForm;
use arrears_model::Special;
use arrears_model::schema::{OutOfRange, Target};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Section `[expert]`: characteristics and their points, or coefficients.
///
/// `score = base_points + sum of points`, or with weights and ends
/// `score = min_score + (max_score - min_score) x sum of weight x points / 100 / sum of weights`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExpertSection {
    /// Name of the scorecard that ships with the program and stands below what the recipe says; see
    /// [`PRESETS`](super::presets::PRESETS).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub preset: Option<String>,
    /// Where the weights come from and what they are not; shown by card and `inspect`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
    /// Points of everybody, before the characteristics; default 0. Not beside `min_score`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base_points: Option<f64>,
    /// Score of a customer with 0 in every characteristic, where characteristics have weights.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min_score: Option<f64>,
    /// Score of a customer with 100 in every characteristic, above `min_score`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_score: Option<f64>,
    /// `exact` (default) or `integer`: whole points for every bin. Points that are whole as they stand are integer anyway.
    #[serde(default)]
    pub points: PointsForm,
    /// Column of the outcome and its two labels, for `validate` of a model that was made without data; with data, what
    /// `[data]` names goes before it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome: Option<Target>,
    /// What becomes of a row without a value, where the characteristic does not say: `"reject"` (default), or points.
    #[serde(default)]
    pub missing: Policy,
    /// Other names for columns of the preset: `utilisation = "UTIL_PCT"`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub columns: BTreeMap<String, String>,
    /// Grades by score, best first; the last has no `min_score`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub zones: Vec<Zone>,
    /// Columns of numbers that formulas read.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub inputs: Vec<InputSection>,
    /// What the score is made of.
    #[serde(default)]
    pub characteristics: Vec<CharacteristicSection>,
}

/// What becomes of a value that has no bin of its own.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged, expecting = "points, \"reject\" or (of other categories) \"missing\"")]
pub enum Policy {
    /// It has these points.
    Points(f64),
    /// A word.
    Word(PolicyWord),
}

impl Default for Policy {
    fn default() -> Self {
        Self::Word(PolicyWord::Reject)
    }
}

/// A policy without points.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PolicyWord {
    /// The row is rejected.
    Reject,
    /// It counts as missing.
    Missing,
}

/// `[[expert.zones]]`: a grade by score.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Zone {
    /// Name in the output.
    pub name: String,
    /// Name in another language.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// Lowest score of the zone; absent in the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min_score: Option<f64>,
}

/// `[[expert.inputs]]`: a column of numbers that formulas read.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct InputSection {
    /// Name of the column, and in formulas.
    pub column: String,
    /// Lowest possible number; a row with a lower one is rejected.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min: Option<f64>,
    /// Highest possible number; a row with a higher one is rejected.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max: Option<f64>,
}

/// `[[expert.characteristics]]`: one column and its points: by `bins`, by `groups` of categories, or `slope` for each unit.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CharacteristicSection {
    /// Name of the column.
    pub column: String,
    /// CEL formula over the `inputs` that gives its number, where no column has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub formula: Option<String>,
    /// What it belongs to, such as `payment history`; for the card.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// Its part of the score, above 0; with `min_score` and `max_score`. Points are then from 0 to 100.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub weight: Option<f64>,
    /// Points for each unit of the number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub slope: Option<f64>,
    /// Text for a customer whose score it lowers most.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Lowest possible number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min: Option<f64>,
    /// Highest possible number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max: Option<f64>,
    /// What becomes of a number outside: `reject` (default), `missing`, `clip`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub out_of_range: Option<OutOfRange>,
    /// What becomes of a row without a value; default: what `[expert]` says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub missing: Option<Policy>,
    /// What becomes of a category that stands in no group: `"reject"` (default), `"missing"` or points.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub other: Option<Policy>,
    /// Bins of a number, ascending; the last has no `below`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub bins: Vec<BinPoints>,
    /// Groups of categories.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<GroupPoints>,
    /// Numbers with a meaning of their own.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub special: Vec<SpecialPoints>,
}

/// The points of numbers below a bound and not below that of the bin before.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BinPoints {
    /// The bound; absent in the last bin.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub below: Option<f64>,
    /// Its points.
    pub points: f64,
}

/// The points of some categories.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GroupPoints {
    /// The categories, as they stand in the data.
    pub of: Vec<String>,
    /// Their points.
    pub points: f64,
}

/// The points of a code with a meaning of its own.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SpecialPoints {
    /// The number, or a range `[from, to]`.
    pub code: Special,
    /// Its points.
    pub points: f64,
}

impl CharacteristicSection {
    /// Every number of points it names, its slope left out.
    pub(super) fn all_points(&self) -> impl Iterator<Item = f64> + '_ {
        let policy = |policy: &Option<Policy>| match policy {
            Some(Policy::Points(points)) => Some(*points),
            _ => None,
        };
        let bins = self.bins.iter().map(|bin| bin.points);
        let groups = self.groups.iter().map(|group| group.points);
        let special = self.special.iter().map(|code| code.points);
        bins.chain(groups).chain(special).chain(policy(&self.missing)).chain(policy(&self.other))
    }

    fn fault(&self, weighted: bool) -> Option<&'static str> {
        let numeric = self.slope.is_some() || !self.bins.is_empty();
        let shapes = [self.slope.is_some(), !self.bins.is_empty(), !self.groups.is_empty()];
        let bounds: Vec<Option<f64>> = self.bins.iter().map(|bin| bin.below).collect();
        let (last, inner) = bounds.split_last().map_or((None, &[][..]), |(last, inner)| (*last, inner));
        let inner: Option<Vec<f64>> = inner.iter().copied().collect();
        let ascending = inner.is_some_and(|all| all.is_sorted_by(|a, b| a < b));
        let mut seen = BTreeSet::new();
        if self.column.trim().is_empty() {
            Some("needs `column`, the name of a column")
        } else if shapes.iter().filter(|there| **there).count() != 1 {
            Some("needs one of `bins`, `groups` and `slope`")
        } else if last.is_some() || !ascending {
            Some("bins: `below` must ascend, and only the last bin goes without")
        } else if self.groups.iter().any(|g| g.of.is_empty() || !g.of.iter().all(|c| seen.insert(c))) {
            Some("groups: each needs categories, and a category belongs to one group")
        } else if !numeric && (self.min.is_some() || self.max.is_some() || !self.special.is_empty()) {
            Some("`min`, `max` and `special` belong to numbers")
        } else if self.groups.is_empty() && self.other.is_some() {
            Some("`other` belongs to `groups`")
        } else if !numeric && self.formula.is_some() {
            Some("`formula` gives a number: it goes with `bins` or `slope`")
        } else if self.missing == Some(Policy::Word(PolicyWord::Missing)) {
            Some("`missing` is \"reject\" or points")
        } else if weighted
            && (self.slope.is_some() || self.weight.is_none_or(|w| !(w > 0.0 && w.is_finite())))
        {
            Some(
                "needs `weight`, a number above 0, and no `slope`: all characteristics have weights, or none",
            )
        } else if weighted && !self.all_points().all(|points| (0.0..=100.0).contains(&points)) {
            Some("with weights, points go from 0 (worst) to 100 (best)")
        } else if !self.all_points().chain(self.slope).all(|x| x.abs() <= 1e6) {
            Some("points and slopes are numbers from -1e6 to 1e6")
        } else {
            None
        }
    }
}

impl ExpertSection {
    /// Whether characteristics have weights.
    pub fn weighted(&self) -> bool {
        self.min_score.is_some() || self.characteristics.iter().any(|c| c.weight.is_some())
    }

    /// The column of a characteristic, by the name it has in the data.
    pub fn column<'a>(&'a self, of: &'a CharacteristicSection) -> &'a str {
        self.columns.get(&of.column).unwrap_or(&of.column)
    }

    /// # Errors
    /// [`TrainError::Parameter`] or [`TrainError::Characteristic`], naming what is wrong and what is possible.
    pub fn check(&self) -> Result<(), TrainError> {
        let wrong = |key, value: String, expected| {
            Err(TrainError::Parameter { section: "expert", key, value, expected })
        };
        if self.characteristics.is_empty() {
            return wrong("characteristics", "[]".to_owned(), "at least one, or a `preset`");
        }
        let unknown =
            self.columns.keys().find(|name| !self.characteristics.iter().any(|c| c.column == **name));
        if let Some(name) = unknown {
            return wrong("columns", name.clone(), "names of columns of the characteristics");
        }
        if self.missing == Policy::Word(PolicyWord::Missing) {
            return wrong("missing", "\"missing\"".to_owned(), "\"reject\" or points");
        }
        let ends = match (self.min_score, self.max_score) {
            (None, None) => !self.weighted(),
            (Some(min), Some(max)) => min.is_finite() && max.is_finite() && min < max,
            _ => false,
        };
        if !ends {
            let text = |x: Option<f64>| x.map_or("absent".to_owned(), |x| x.to_string());
            let value = format!("{} to {}", text(self.min_score), text(self.max_score));
            return wrong("min_score, max_score", value, "both where there are weights, min below max");
        }
        if self.base_points.is_some_and(|x| self.weighted() || x.is_nan() || x.abs() > 1e6) {
            let value = self.base_points.unwrap_or_default().to_string();
            return wrong(
                "base_points",
                value,
                "a number up to 1e6, or min_score in its place where there are weights",
            );
        }
        for (at, characteristic) in self.characteristics.iter().enumerate() {
            let column = self.column(characteristic);
            let input = self.inputs.iter().any(|input| input.column == column);
            let earlier = input || self.characteristics[..at].iter().any(|c| self.column(c) == column);
            let fault = characteristic.fault(self.weighted());
            if let Some(why) = fault.or(earlier.then_some("stands there twice")) {
                return Err(TrainError::Characteristic { column: column.to_owned(), why });
            }
        }
        self.check_zones()
    }

    fn check_zones(&self) -> Result<(), TrainError> {
        let Some((last, others)) = self.zones.split_last() else { return Ok(()) };
        let bounds: Option<Vec<f64>> = others.iter().map(|zone| zone.min_score).collect();
        let fine = last.min_score.is_none() && bounds.is_some_and(|b| b.is_sorted_by(|x, y| x > y));
        if fine {
            return Ok(());
        }
        Err(TrainError::Parameter {
            section: "expert",
            key: "zones",
            value: format!("{} zones", self.zones.len()),
            expected: "`min_score` that descends; only the last zone goes without",
        })
    }
}
