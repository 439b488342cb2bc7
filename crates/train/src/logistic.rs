//! Logistic regression on standardised numbers and one-hot categories.

use crate::binning::single_groups;
use crate::engine::{Engine, LogisticFit, LogisticParams};
use crate::error::TrainError;
use crate::fitted::{Fitted, VariableReport, lookup_term, set_baselines};
use crate::rows::Rows;
use crate::scorecard::logistic_report;
use crate::standardise::standardise;
use arrears_model::additive::{Additive, Shape, Term};
use arrears_model::model::Baseline;
use arrears_model::transform::Transform;
use arrears_model::value::Cell;
use arrears_model::{Kind, Predictor};
use ndarray::Array2;

/// One column of the design matrix: what it is 1 (or a number) for.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Column {
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
    columns: Vec<Column>,
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
    let fit = engine.logistic(&design(rows, &blocks), &rows.bad, params)?;
    let (transforms, mut terms) = terms(rows, blocks, &fit);
    set_baselines(&mut terms, rows, &transforms, &[], baseline);
    Ok(Fitted {
        transforms,
        codes: Vec::new(),
        predictor: Predictor::Additive(Additive { intercept: fit.intercept, terms }),
        fit: logistic_report(&fit, Vec::new()),
        variables,
    })
}

fn block(rows: &Rows<'_>, field: usize) -> Option<Block> {
    let occurs = |wanted: Cell| rows.column(field).any(|cell| cell == wanted);
    let (transform, mut columns) = match &rows.field(field).kind {
        Kind::Number { special, .. } => {
            let standardise = standardise(rows, field);
            let mut columns = Vec::new();
            columns.extend(standardise.is_some().then_some(Column::Number));
            let codes = (0..special.len()).filter(|code| occurs(Cell::Special(*code)));
            columns.extend(codes.map(Column::Special));
            let constant = Transform::Standardise { field, center: 0.0, scale: 1.0 };
            (standardise.unwrap_or(constant), columns)
        }
        Kind::Category { categories, .. } => {
            let mut counts = vec![0u64; categories.len()];
            for cell in rows.column(field) {
                if let Cell::Category(c) = cell {
                    counts[c] += 1;
                }
            }
            let reference = (0..counts.len()).rev().max_by_key(|c| counts[*c]);
            let others = (0..counts.len()).filter(|c| Some(*c) != reference && counts[*c] > 0);
            (single_groups(field, categories.len()), others.map(Column::Category).collect())
        }
    };
    let missing = rows.column(field).filter(|cell| *cell == Cell::Missing).count();
    if missing > 0 && missing < rows.len() {
        columns.push(Column::Missing);
    }
    (!columns.is_empty()).then_some(Block { field, transform, columns })
}

impl Column {
    fn value(self, transform: &Transform, cell: Cell) -> f64 {
        let hit = match self {
            Self::Number => return transform.number(cell),
            Self::Missing => cell == Cell::Missing,
            Self::Special(code) => cell == Cell::Special(code),
            Self::Category(category) => cell == Cell::Category(category),
        };
        f64::from(u8::from(hit))
    }
}

fn design(rows: &Rows<'_>, blocks: &[Block]) -> Array2<f64> {
    let width = blocks.iter().map(|b| b.columns.len()).sum();
    let mut matrix = Array2::zeros((rows.len(), width));
    let mut at = 0;
    for block in blocks {
        for column in &block.columns {
            for (row, cell) in rows.column(block.field).enumerate() {
                matrix[[row, at]] = column.value(&block.transform, cell);
            }
            at += 1;
        }
    }
    matrix
}

fn terms(rows: &Rows<'_>, blocks: Vec<Block>, fit: &LogisticFit) -> (Vec<Transform>, Vec<Term>) {
    let mut coefficients = fit.coefficients.iter().copied();
    let mut transforms = Vec::new();
    let mut terms = Vec::new();
    for block in blocks {
        let field = rows.field(block.field);
        let fitted: Vec<(Column, f64)> = block.columns.into_iter().zip(coefficients.by_ref()).collect();
        let of = |wanted: Column| {
            fitted.iter().find(|(column, _)| *column == wanted).map_or(0.0, |(_, value)| *value)
        };
        let transform = transforms.len();
        terms.push(match &field.kind {
            Kind::Number { special, .. } => Term {
                transform,
                coefficient: Some(of(Column::Number)),
                baseline: 0.0,
                shape: Shape::Linear {
                    slope: of(Column::Number),
                    missing: of(Column::Missing),
                    special: (0..special.len()).map(|code| of(Column::Special(code))).collect(),
                },
            },
            Kind::Category { categories, .. } => {
                let mut values: Vec<f64> = (0..categories.len()).map(|c| of(Column::Category(c))).collect();
                values.extend([0.0, of(Column::Missing)]);
                lookup_term(transform, None, values)
            }
        });
        transforms.push(block.transform);
    }
    (transforms, terms)
}
