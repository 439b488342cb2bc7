//! Logistic regression on standardised numbers and one-hot categories.

use crate::binning::single_groups;
use crate::codes::Codes;
use crate::engine::{Engine, LogisticFit, LogisticParams};
use crate::error::TrainError;
use crate::fitted::{Coefficient, Fitted, Goodness, VariableReport, lookup_term, set_baselines};
use crate::regression::{Column, Design};
use crate::rows::Rows;
use crate::scorecard::logistic_report;
use crate::standardise::standardise;
use arrears_model::additive::{Additive, Shape, Term};
use arrears_model::model::Baseline;
use arrears_model::transform::Transform;
use arrears_model::value::Cell;
use arrears_model::{Kind, Predictor};

/// What one column of the design stands for: what it is 1 (or a number) for.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Effect {
    /// The standardised number; 0 where there is none.
    Number,
    /// 1 where the value is missing.
    Missing,
    /// 1 for this special code.
    Special(usize),
    /// 1 for this category.
    Category(usize),
}

/// The columns one field gives.
struct Block {
    field: usize,
    transform: Transform,
    effects: Vec<Effect>,
}

/// Fits a logistic regression.
///
/// A number gives its standardised value (mean of the training rows where missing) and one indicator
/// each for missing and for every special code that occurs. A category gives one indicator for each
/// category but the most frequent, the reference, and one for missing where it occurs. Unseen
/// categories get the reference's value.
///
/// # Errors
/// When no column is left, or the engine cannot fit.
pub fn fit_logistic(
    rows: &Rows<'_>,
    params: &LogisticParams,
    engine: Engine,
    baseline: Baseline,
) -> Result<Fitted, TrainError> {
    let mut blocks = Vec::new();
    let mut variables = Vec::new();
    for field in 0..rows.schema.fields.len() {
        let block = block(rows, field);
        let kept = block.is_some();
        let reason = if kept { "used" } else { "a single value: it says nothing" };
        let variable = rows.field(field).name.clone();
        variables.push(VariableReport { variable, kept, iv: None, reason: reason.to_owned() });
        blocks.extend(block);
    }
    if blocks.is_empty() {
        return Err(TrainError::NoFeatures("every column holds a single value".to_owned()));
    }
    let columns: Vec<Filled> = blocks.iter().map(|block| block.fill(rows)).collect::<Result<_, _>>()?;
    let columns: Vec<Column<'_>> = columns.iter().flat_map(Filled::columns).collect();
    let names: Vec<String> = blocks.iter().flat_map(|block| block.names(rows)).collect();
    let design = Design { columns, rows: rows.len() };
    let fit = engine.regression(&design, &rows.observations(), params)?;
    let (transforms, mut terms) = terms(rows, blocks, &fit);
    set_baselines(&mut terms, rows, &transforms, &[], baseline);
    Ok(Fitted {
        transforms,
        codes: Vec::new(),
        predictor: Predictor::Additive(Additive { intercept: fit.intercept, terms }),
        fit: logistic_report(&fit, &names, Vec::new()),
        coefficients: Coefficient::list(&fit, &names),
        goodness: Goodness::of(&fit),
        variables,
        stepwise: Vec::new(),
    })
}

fn block(rows: &Rows<'_>, field: usize) -> Option<Block> {
    let occurs = |wanted: Cell| rows.column(field).any(|cell| cell == wanted);
    let (transform, mut effects) = match &rows.field(field).kind {
        Kind::Number { special, .. } => {
            let standardise = standardise(rows, field);
            let mut effects = Vec::new();
            effects.extend(standardise.is_some().then_some(Effect::Number));
            let codes = (0..special.len()).filter(|code| occurs(Cell::Special(*code)));
            effects.extend(codes.map(Effect::Special));
            let constant = Transform::Standardise { field, center: 0.0, scale: 1.0 };
            (standardise.unwrap_or(constant), effects)
        }
        Kind::Category { categories, .. } => {
            let mut counts = vec![0.0; categories.len()];
            for (row, cell) in rows.column(field).enumerate() {
                if let Cell::Category(c) = cell {
                    counts[c] += rows.weight(row);
                }
            }
            let reference = (0..counts.len()).rev().max_by(|a, b| counts[*a].total_cmp(&counts[*b]));
            let others = (0..counts.len()).filter(|c| Some(*c) != reference && counts[*c] > 0.0);
            (single_groups(field, categories.len()), others.map(Effect::Category).collect())
        }
    };
    let missing = rows.column(field).filter(|cell| *cell == Cell::Missing).count();
    if missing > 0 && missing < rows.len() {
        effects.push(Effect::Missing);
    }
    (!effects.is_empty()).then_some(Block { field, transform, effects })
}

impl Block {
    /// One number a row for the standardised numbers, one bin a row for all indicators together.
    fn fill(&self, rows: &Rows<'_>) -> Result<Filled, TrainError> {
        let field = rows.field(self.field);
        let number = |cell| self.transform.number(cell);
        let numbers = self.effects.contains(&Effect::Number);
        let numbers = numbers.then(|| rows.column(self.field).map(number).collect());
        let bins = match &field.kind {
            // One bin for all numbers: only missing and special codes have indicators.
            Kind::Number { .. } => Transform::Intervals { field: self.field, splits: Vec::new() },
            Kind::Category { .. } => self.transform.clone(),
        };
        let of = |effect: &Effect| {
            let cell = match effect {
                Effect::Number => return None,
                Effect::Missing => Cell::Missing,
                Effect::Special(code) => Cell::Special(*code),
                Effect::Category(category) => Cell::Category(*category),
            };
            let mut values = vec![0.0; bins.bins(field).unwrap_or(0)];
            values[bins.bin(field, cell)] = 1.0;
            Some(values)
        };
        let indicators: Vec<Option<Vec<f64>>> = self.effects.iter().map(of).collect();
        Ok(Filled { numbers, codes: rows.codes(&bins)?, indicators })
    }

    fn names(&self, rows: &Rows<'_>) -> Vec<String> {
        let field = rows.field(self.field);
        let name = |effect: &Effect| match effect {
            Effect::Number => field.name.clone(),
            Effect::Missing => format!("{} missing", field.name),
            Effect::Special(code) => format!("{} = {}", field.name, field.special()[*code]),
            Effect::Category(category) => format!("{} = {}", field.name, field.categories()[*category]),
        };
        self.effects.iter().map(name).collect()
    }
}

/// The values of one block's columns.
struct Filled {
    numbers: Option<Vec<f64>>,
    codes: Codes,
    /// For each effect the value of each bin; `None` for the number.
    indicators: Vec<Option<Vec<f64>>>,
}

impl Filled {
    fn columns(&self) -> impl Iterator<Item = Column<'_>> {
        self.indicators.iter().map(|values| match values {
            Some(values) => Column::Codes(&self.codes, values),
            None => Column::Numbers(self.numbers.as_deref().unwrap_or_default()),
        })
    }
}

fn terms(rows: &Rows<'_>, blocks: Vec<Block>, fit: &LogisticFit) -> (Vec<Transform>, Vec<Term>) {
    let mut coefficients = fit.coefficients.iter().copied();
    let mut transforms = Vec::new();
    let mut terms = Vec::new();
    for block in blocks {
        let field = rows.field(block.field);
        let fitted: Vec<(Effect, f64)> = block.effects.into_iter().zip(coefficients.by_ref()).collect();
        let of = |wanted: Effect| {
            fitted.iter().find(|(column, _)| *column == wanted).map_or(0.0, |(_, value)| *value)
        };
        let transform = transforms.len();
        terms.push(match &field.kind {
            Kind::Number { special, .. } => Term {
                transform,
                coefficient: Some(of(Effect::Number)),
                baseline: 0.0,
                shape: Shape::Linear {
                    slope: of(Effect::Number),
                    missing: of(Effect::Missing),
                    special: (0..special.len()).map(|code| of(Effect::Special(code))).collect(),
                },
            },
            Kind::Category { categories, .. } => {
                let mut values: Vec<f64> = (0..categories.len()).map(|c| of(Effect::Category(c))).collect();
                values.extend([0.0, of(Effect::Missing)]);
                lookup_term(transform, None, values)
            }
        });
        transforms.push(block.transform);
    }
    (transforms, terms)
}
