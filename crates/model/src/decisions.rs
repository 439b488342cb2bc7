//! Decisions: the credit limit and the tier of a customer, from the grade and formulas over the row; and the grade itself, where
//! a second score has a say in it.
//!
//! Formulas are in the Common Expression Language over the fields of the schema and the numbers `pd` and `score`.

use crate::error::{ModelError, invalid};
use crate::formula::{cell_value, columns, number};
use crate::grade_matrix::GradeMatrix;
use crate::model::Parts;
use crate::scale::Grade;
use crate::schema::Schema;
use crate::transform::LARGEST;
use crate::value::{Cell, Flag, FlagKind};
use arrears_expression as cel;
use serde::{Deserialize, Serialize};

/// What a model decides beside the grade by pd.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Decisions {
    /// The grade by pd and an external score.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub matrix: Option<GradeMatrix>,
    /// The credit limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<Limit>,
    /// The tier.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tiers: Option<Tiers>,
}

/// The credit limit: formula of the grade, moved into floor and cap, rounded to whole steps.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limit {
    /// For each grade of the model, in their order.
    pub grades: Vec<GradeLimit>,
    /// Limits are multiples of it; above 0.
    pub step: f64,
    /// Which multiple.
    pub rounding: Rounding,
    /// The limit where the formula has no result, 0 or more; none where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub missing: Option<f64>,
    /// Whether the same row must not have a lower limit in a better grade: a limit is then at most the least of what the better
    /// grades would give it.
    pub monotone: bool,
}

/// The limit of one grade.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GradeLimit {
    /// CEL formula that gives a number.
    pub formula: String,
    /// Least limit, 0 or more, a multiple of the step.
    pub floor: f64,
    /// Largest limit, at least `floor`, a multiple of the step.
    pub cap: f64,
}

/// How an amount becomes a multiple of the step.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rounding {
    /// The largest that is not above it; an amount within 1e-9 of a multiple is that multiple, for sums of floats miss it.
    #[default]
    Down,
    /// The nearest, halves up.
    Nearest,
}

/// The tier: grade by segment of value.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tiers {
    /// CEL formula that gives the customer's value; the name of a column is one.
    pub value: String,
    /// Where segments meet, ascending: segment i holds `cuts[i-1] <= value < cuts[i]`.
    pub cuts: Vec<f64>,
    /// Names of the segments, lowest value first; one more than cuts.
    pub segments: Vec<String>,
    /// Position of the segment of a customer without a value.
    pub missing: usize,
    /// The tiers.
    pub tiers: Vec<Tier>,
    /// For each grade, for each segment, the position of the tier.
    pub cells: Vec<Vec<usize>>,
}

/// A tier and what is done for its customers.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tier {
    /// Name in the output.
    pub name: String,
    /// How they are served.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service: Option<String>,
    /// What they are offered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub marketing: Option<String>,
    /// What happens when they are late.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub collections: Option<String>,
}

impl Tier {
    /// The strategy in one text: `service: ..; marketing: ..; collections: ..`, those that there are.
    pub fn strategy(&self) -> String {
        let parts =
            [("service", &self.service), ("marketing", &self.marketing), ("collections", &self.collections)];
        let said = parts.into_iter().filter_map(|(what, text)| Some(format!("{what}: {}", text.as_ref()?)));
        said.collect::<Vec<_>>().join("; ")
    }
}

/// What was decided for one row.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Decided {
    /// The credit limit; `None` where the model has none, or none for this row.
    pub limit: Option<f64>,
    /// Position in the tiers.
    pub tier: Option<usize>,
}

/// Names of the numbers that formulas of decisions read beside the fields.
const BESIDE: [&str; 2] = ["pd", "score"];

/// The decisions of a model, their formulas compiled.
#[derive(Clone, Debug)]
pub struct Decider {
    decisions: Decisions,
    schema: Schema,
    external: Option<cel::Expression>,
    age: Option<cel::Expression>,
    limits: Vec<cel::Expression>,
    value: Option<cel::Expression>,
}

impl Decider {
    /// Of a checked model; `None` where it decides nothing.
    ///
    /// # Panics
    /// When a formula is none, which the check of a model finds.
    pub fn of(parts: &Parts) -> Option<Self> {
        let decisions = parts.decisions.clone()?;
        let compiled =
            |text: &str| compile(&parts.schema, text).expect("the formulas of a checked model compile");
        let matrix = decisions.matrix.as_ref();
        let external = matrix.map(|matrix| compiled(&matrix.external));
        let age = matrix.and_then(|matrix| matrix.stale.as_ref()).map(|stale| compiled(&stale.age));
        let limits = decisions.limit.iter().flat_map(|l| &l.grades).map(|g| compiled(&g.formula)).collect();
        let value = decisions.tiers.as_ref().map(|tiers| compiled(&tiers.value));
        Some(Self { schema: parts.schema.clone(), decisions, external, age, limits, value })
    }

    /// The fields that formulas read; one may be there several times.
    pub(crate) fn fields(&self) -> impl Iterator<Item = usize> + '_ {
        let fields = self.schema.fields.len();
        let programs = self.external.iter().chain(&self.age).chain(&self.limits).chain(&self.value);
        programs.flat_map(|program| program.uses()).copied().filter(move |at| *at < fields)
    }

    /// What a formula gives for a row of these cells.
    fn result(
        &self,
        program: &cel::Expression,
        cell: &impl Fn(usize) -> Cell,
        pd: f64,
        score: f64,
    ) -> Option<f64> {
        let fields = self.schema.fields.len();
        number(program.row_with(|at| match at.checked_sub(fields) {
            None => cell_value(&self.schema.fields[at], cell(at)),
            Some(0) => cel::Value::Number(pd),
            Some(_) => cel::Value::Number(score),
        }))
    }

    /// The column of the matrix that a row of these cells stands in; `None` of a model without one.
    pub fn column(&self, cell: impl Fn(usize) -> Cell, pd: f64, score: f64) -> Option<usize> {
        let matrix = self.decisions.matrix.as_ref()?;
        let result = |program: &cel::Expression| self.result(program, &cell, pd, score);
        Some(matrix.column(self.external.as_ref().and_then(result), self.age.as_ref().and_then(result)))
    }

    /// The grade of a row of these cells that has `grade` by its pd: that one, where no matrix says another.
    pub fn grade(&self, cell: impl Fn(usize) -> Cell, pd: f64, score: f64, grade: usize) -> usize {
        match (&self.decisions.matrix, self.column(cell, pd, score)) {
            (Some(matrix), Some(column)) => matrix.grade(grade, column),
            _ => grade,
        }
    }

    /// Decides for a row of these cells in this grade; `told` is given a flag for what was decided by a policy, for want of a value.
    pub fn decide(
        &self,
        cell: impl Fn(usize) -> Cell,
        pd: f64,
        score: f64,
        grade: usize,
        mut told: impl FnMut(Flag),
    ) -> Decided {
        let fields = self.schema.fields.len();
        let result = |program: &cel::Expression| self.result(program, &cell, pd, score);
        let mut flag = |program: &cel::Expression, kind: FlagKind| {
            let used = || program.uses().iter().copied().filter(|at| *at < fields);
            let missing = used().find(|at| !matches!(cell(*at), Cell::Number(_) | Cell::Category(_)));
            missing.or_else(|| used().next()).into_iter().for_each(|field| told(Flag { field, kind }));
        };
        let limit = self.decisions.limit.as_ref().and_then(|limit| {
            let of = |grade: usize| result(&self.limits[grade]).map(|x| limit.settle(grade, x));
            let own = of(grade);
            if own.is_none() {
                flag(&self.limits[grade], FlagKind::LimitByPolicy);
            }
            let own = own.or(limit.missing)?;
            let better = if limit.monotone { 0..grade } else { 0..0 };
            Some(better.filter_map(|grade| of(grade).or(limit.missing)).fold(own, f64::min))
        });
        let tier = self.decisions.tiers.as_ref().zip(self.value.as_ref()).map(|(tiers, program)| {
            let segment = match result(program) {
                Some(value) => tiers.cuts.partition_point(|cut| *cut <= value),
                None => {
                    flag(program, FlagKind::TierByPolicy);
                    tiers.missing
                }
            };
            tiers.cells[grade][segment]
        });
        Decided { limit, tier }
    }
}

impl Limit {
    /// An amount of this grade as a limit: into floor and cap, then to a multiple of the step.
    fn settle(&self, grade: usize, amount: f64) -> f64 {
        let GradeLimit { floor, cap, .. } = self.grades[grade];
        let steps = amount.clamp(floor, cap) / self.step;
        let whole = match self.rounding {
            Rounding::Down => (steps + 1e-9 * steps.max(1.0)).floor(),
            Rounding::Nearest => (steps + 0.5).floor(),
        };
        // Floor and cap are multiples up to a hair.
        (whole * self.step).clamp(floor, cap)
    }

    fn check(&self, schema: &Schema, grades: usize) -> Result<(), ModelError> {
        let fail = |what: &str| Err(invalid(format!("decisions: limit: {what}")));
        if self.grades.len() != grades {
            return fail("it needs an entry for each grade");
        }
        if !(self.step > 0.0 && self.step <= LARGEST) {
            return fail("`step` must be above 0, at most 1e9");
        }
        if self.missing.is_some_and(|x| !(0.0..=LARGEST).contains(&x)) {
            return fail("`missing` must be 0 to 1e9");
        }
        for of in &self.grades {
            compile(schema, &of.formula)?;
            if !(0.0 <= of.floor && of.floor <= of.cap && of.cap <= LARGEST) {
                return fail("`floor` and `cap` must be 0 to 1e9, the floor at most the cap");
            }
            let off = |x: f64| (x / self.step - (x / self.step).round()).abs();
            if off(of.floor) > 1e-9 || off(of.cap) > 1e-9 {
                return fail("`floor` and `cap` must be multiples of `step`");
            }
        }
        Ok(())
    }
}

impl Tiers {
    fn check(&self, schema: &Schema, grades: usize) -> Result<(), ModelError> {
        let fail = |what: &str| Err(invalid(format!("decisions: tiers: {what}")));
        compile(schema, &self.value)?;
        if self.cuts.iter().any(|cut| !cut.is_finite()) || !self.cuts.is_sorted_by(|a, b| a < b) {
            return fail("`cuts` must be finite numbers that ascend");
        }
        if self.segments.len() != self.cuts.len() + 1 || self.missing >= self.segments.len() {
            return fail("there must be one more segment than cuts, and `missing` one of them");
        }
        let fits = |row: &Vec<usize>| {
            row.len() == self.segments.len() && row.iter().all(|tier| *tier < self.tiers.len())
        };
        if self.cells.len() != grades || !self.cells.iter().all(fits) {
            return fail("`cells` must name a tier for each grade and segment");
        }
        Ok(())
    }
}

impl Decisions {
    pub(crate) fn check(&self, schema: &Schema, grades: &[Grade]) -> Result<(), ModelError> {
        if grades.is_empty() {
            return Err(invalid("decisions go by grades, and there are none"));
        }
        if let Some(name) = BESIDE.iter().find(|name| schema.position(name).is_some()) {
            return Err(invalid(format!(
                "decisions: field `{name}` has the name of a number that formulas read"
            )));
        }
        if let Some(matrix) = &self.matrix {
            let age = matrix.stale.as_ref().map(|stale| &stale.age);
            age.into_iter()
                .chain([&matrix.external])
                .try_for_each(|text| compile(schema, text).map(|_| ()))?;
            matrix.check(grades)?;
        }
        self.limit.iter().try_for_each(|limit| limit.check(schema, grades.len()))?;
        self.tiers.iter().try_for_each(|tiers| tiers.check(schema, grades.len()))
    }

    /// The fields, by position in the schema, that the grade depends on beside those of the prediction. Of a checked model.
    pub(crate) fn fields_of_grade(&self, schema: &Schema) -> Vec<usize> {
        let Some(matrix) = &self.matrix else { return Vec::new() };
        let formulas = matrix.stale.iter().map(|stale| &stale.age).chain([&matrix.external]);
        let programs = formulas.filter_map(|formula| compile(schema, formula).ok());
        programs.flat_map(|p| p.uses().to_vec()).filter(|at| *at < schema.fields.len()).collect()
    }
}

fn compile(schema: &Schema, formula: &str) -> Result<cel::Expression, ModelError> {
    let beside = BESIDE.map(|name| (name, cel::Kind::Number));
    let columns: Vec<(&str, cel::Kind)> = columns(schema).into_iter().chain(beside).collect();
    cel::Expression::compile_as(cel::Kind::Number, formula, &columns)
        .map_err(|error| invalid(format!("decisions: formula `{formula}`: {error}")))
}
