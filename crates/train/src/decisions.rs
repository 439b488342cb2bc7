//! Section `[decisions]` of a recipe: limits and tiers, put onto a model that has grades.

use crate::error::TrainError;
use crate::expert::section::InputSection;
use crate::grade_matrix::MatrixSection;
use crate::recipe::Recipe;
use arrears_model::decisions::{Decisions, GradeLimit, Limit, Rounding, Tier, Tiers};
use arrears_model::grade_matrix::{GradeMatrix, MatrixRow};
use arrears_model::scale::Grade;
use arrears_model::schema::{Field, Kind, OutOfRange};
use arrears_model::transform::Transform;
use arrears_model::{Model, Parts};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Section `[decisions]`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct DecisionSection {
    /// Columns of numbers that formulas read and the prediction does not.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub inputs: Vec<InputSection>,
    /// Section `[decisions.matrix]`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub matrix: Option<MatrixSection>,
    /// Section `[decisions.limit]`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<LimitSection>,
    /// Section `[decisions.tiers]`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tiers: Option<TierSection>,
}

/// Section `[decisions.limit]`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LimitSection {
    /// CEL formula over the columns, `pd` and `score`, for grades without one of their own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub formula: Option<String>,
    /// Least limit, a multiple of `step`; default 0.
    #[serde(default)]
    pub floor: f64,
    /// Largest limit, a multiple of `step`.
    pub cap: f64,
    /// Limits are multiples of it; default 1.
    #[serde(default = "one")]
    pub step: f64,
    /// `down` (default) or `nearest`.
    #[serde(default)]
    pub rounding: Rounding,
    /// The limit of a row whose formula has no result, or `"none"`; there is no default.
    pub missing: MissingLimit,
    /// Whether a better grade never means a lower limit for the same row.
    #[serde(default)]
    pub monotone: bool,
    /// Sections `[decisions.limit.grades.NAME]`: what is different for a grade.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub grades: BTreeMap<String, GradeLimitSection>,
}

fn one() -> f64 {
    1.0
}

/// What a row without a result has.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged, expecting = "a limit, or \"none\"")]
pub enum MissingLimit {
    /// This limit.
    Amount(f64),
    /// No limit.
    Word(NoLimit),
}

/// The word for no limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NoLimit {
    /// No limit.
    None,
}

/// What is different for a grade.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct GradeLimitSection {
    /// Its formula.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub formula: Option<String>,
    /// Its floor.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub floor: Option<f64>,
    /// Its cap.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cap: Option<f64>,
}

/// Section `[decisions.tiers]`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TierSection {
    /// CEL formula that gives a customer's value; the name of a column is one.
    pub value: String,
    /// Where segments of value meet, ascending.
    pub cuts: Vec<f64>,
    /// Names of the segments, lowest value first; one more than cuts.
    pub segments: Vec<String>,
    /// The segment of a customer without a value.
    pub missing: String,
    /// For each grade its tier in each segment.
    pub matrix: BTreeMap<String, Vec<String>>,
    /// The tiers with their strategies.
    pub tiers: Vec<Tier>,
}

/// The model with the decisions of its recipe, where it has some.
///
/// # Errors
/// [`TrainError::Decisions`] for a name that there is not, what the checks of a model find for all else.
pub(crate) fn with_decisions(model: Model, recipe: &Recipe) -> Result<Model, TrainError> {
    let Some(section) = &recipe.decisions else { return Ok(model) };
    let mut parts = model.into_parts();
    add_inputs(&mut parts, &section.inputs);
    let matrix = section.matrix.as_ref().map(|matrix| matrix.of(&parts.grades)).transpose()?;
    let limit = section.limit.as_ref().map(|limit| limit.of(&parts.grades)).transpose()?;
    let tiers = section.tiers.as_ref().map(|tiers| tiers.of(&parts.grades)).transpose()?;
    parts.decisions = Some(Decisions { matrix, limit, tiers });
    Ok(Model::new(parts)?)
}

/// Adds the columns that the schema does not have yet, before the fields with a formula, which move on.
fn add_inputs(parts: &mut Parts, inputs: &[InputSection]) {
    let new: Vec<Field> = inputs
        .iter()
        .filter(|input| parts.schema.position(&input.column).is_none())
        .map(|input| Field {
            name: input.column.clone(),
            kind: Kind::Number {
                min: input.min,
                max: input.max,
                out_of_range: OutOfRange::Reject,
                special: Vec::new(),
            },
            reason: None,
            required: false,
            formula: None,
        })
        .collect();
    let (at, by) = (parts.schema.inputs().count(), new.len());
    parts.schema.fields.splice(at..at, new);
    // Trees and typical values of segments read no formulas.
    for transform in &mut parts.transforms {
        let (Transform::Intervals { field, .. }
        | Transform::Groups { field, .. }
        | Transform::Standardise { field, .. }
        | Transform::LogStandardise { field, .. }
        | Transform::Indicator { field, .. }) = transform;
        *field += if *field >= at { by } else { 0 };
    }
}

/// The decisions of a model whose grades become others: those of a grade go with its name.
///
/// # Errors
/// There are none for one of the new grades.
pub(crate) fn regraded(of: Decisions, old: &[Grade], new: &[Grade]) -> Result<Decisions, TrainError> {
    let place = |grade: &Grade| {
        let at = old.iter().position(|known| known.name == grade.name);
        at.ok_or_else(|| TrainError::Regraded { grade: grade.name.clone(), known: names(old).join(", ") })
    };
    let places = new.iter().map(place).collect::<Result<Vec<usize>, TrainError>>()?;
    let matrix = of.matrix.map(|matrix| {
        let moved = |at: usize| {
            let there = new.iter().position(|grade| grade.name == old[at].name);
            there.ok_or_else(|| TrainError::Regraded {
                grade: old[at].name.clone(),
                known: names(new).join(", "),
            })
        };
        let row = |at: &usize| {
            let MatrixRow { bands, stale, none } = &matrix.rows[*at];
            let bands = bands.iter().map(|at| moved(*at)).collect::<Result<_, _>>()?;
            Ok(MatrixRow { bands, stale: stale.map(moved).transpose()?, none: moved(*none)? })
        };
        let rows = places.iter().map(row).collect::<Result<_, TrainError>>()?;
        Ok::<_, TrainError>(GradeMatrix { rows, ..matrix.clone() })
    });
    let matrix = matrix.transpose()?;
    let limit = of.limit.map(|limit| {
        let grades = places.iter().map(|at| limit.grades[*at].clone()).collect();
        Limit { grades, ..limit }
    });
    let tiers = of.tiers.map(|tiers| {
        let cells = places.iter().map(|at| tiers.cells[*at].clone()).collect();
        Tiers { cells, ..tiers }
    });
    Ok(Decisions { matrix, limit, tiers })
}

impl DecisionSection {
    /// Leaves out what is said of grades that there are not any more.
    pub(crate) fn keep_grades(&mut self, grades: &[Grade]) {
        let there = |name: &String| grades.iter().any(|grade| grade.name == *name);
        self.limit.iter_mut().for_each(|limit| limit.grades.retain(|name, _| there(name)));
        self.tiers.iter_mut().for_each(|tiers| tiers.matrix.retain(|name, _| there(name)));
        self.matrix.iter_mut().for_each(|matrix| matrix.grades.retain(|name, _| there(name)));
    }
}

fn wrong(key: &'static str, name: &str, expected: Vec<&str>) -> TrainError {
    TrainError::Decisions { key, name: name.to_owned(), expected: expected.join(", ") }
}

fn names(grades: &[Grade]) -> Vec<&str> {
    grades.iter().map(|grade| grade.name.as_str()).collect()
}

impl LimitSection {
    fn of(&self, grades: &[Grade]) -> Result<Limit, TrainError> {
        let unknown = self.grades.keys().find(|name| !grades.iter().any(|g| g.name == **name));
        if let Some(name) = unknown {
            return Err(wrong("limit.grades", name, names(grades)));
        }
        let of_grade = |grade: &Grade| {
            let own = self.grades.get(&grade.name).cloned().unwrap_or_default();
            let formula = own.formula.or_else(|| self.formula.clone());
            Ok(GradeLimit {
                formula: formula.ok_or_else(|| {
                    wrong("limit.formula", &grade.name, vec!["a formula for this grade, or for all"])
                })?,
                floor: own.floor.unwrap_or(self.floor),
                cap: own.cap.unwrap_or(self.cap),
            })
        };
        Ok(Limit {
            grades: grades.iter().map(of_grade).collect::<Result<_, TrainError>>()?,
            step: self.step,
            rounding: self.rounding,
            missing: match self.missing {
                MissingLimit::Amount(amount) => Some(amount),
                MissingLimit::Word(NoLimit::None) => None,
            },
            monotone: self.monotone,
        })
    }
}

impl TierSection {
    fn of(&self, grades: &[Grade]) -> Result<Tiers, TrainError> {
        let segments: Vec<&str> = self.segments.iter().map(String::as_str).collect();
        let tiers: Vec<&str> = self.tiers.iter().map(|tier| tier.name.as_str()).collect();
        let missing = segments.iter().position(|name| *name == self.missing);
        let missing = missing.ok_or_else(|| wrong("tiers.missing", &self.missing, segments))?;
        if let Some(name) = self.matrix.keys().find(|name| !grades.iter().any(|g| g.name == **name)) {
            return Err(wrong("tiers.matrix", name, names(grades)));
        }
        let tier = |name: &String| {
            let at = tiers.iter().position(|known| known == name);
            at.ok_or_else(|| wrong("tiers.matrix", name, tiers.clone()))
        };
        let row = |grade: &Grade| {
            let row = self.matrix.get(&grade.name);
            let row = row.ok_or_else(|| wrong("tiers.matrix", &grade.name, vec!["a row for this grade"]))?;
            row.iter().map(tier).collect::<Result<Vec<usize>, TrainError>>()
        };
        Ok(Tiers {
            value: self.value.clone(),
            cuts: self.cuts.clone(),
            segments: self.segments.clone(),
            missing,
            cells: grades.iter().map(row).collect::<Result<_, TrainError>>()?,
            tiers: self.tiers.clone(),
        })
    }
}
