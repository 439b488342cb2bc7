//! Conditions of features: CEL, compiled by `arrears-expression`, over the lanes of a table.

use super::lane::LaneValues;
use crate::{Amount, FeatureError, ValueKind, Values};
use arrears_expression::{Columns, Expression, Kind, Truth};

/// Of up to so many rows, or fewer than texts, each text is looked at: to look at whole dictionaries before would cost more.
const FEW_ROWS: usize = 64;

/// A compiled condition.
#[derive(Clone, Debug)]
pub(crate) struct Filter {
    expression: Expression,
    /// The lane of each column that was offered to the expression; only those of its columns are used.
    lanes: Vec<usize>,
}

impl Filter {
    /// Compiles a condition over the columns offered. Gives the positions of those that it uses, too.
    pub(crate) fn compile(
        feature: &str,
        text: &str,
        offered: &[(&str, ValueKind)],
    ) -> Result<(Expression, Vec<usize>), FeatureError> {
        let kind = |kind| match kind {
            ValueKind::Number => Kind::Number,
            ValueKind::Text => Kind::Text,
            ValueKind::Time => Kind::Time,
        };
        let columns: Vec<(&str, Kind)> =
            offered.iter().map(|(name, values)| (*name, kind(*values))).collect();
        let expression =
            Expression::compile_as(Kind::Bool, text, &columns).map_err(|source| FeatureError::Filter {
                feature: feature.to_owned(),
                text: text.to_owned(),
                source: Box::new(source),
            })?;
        let uses = expression.uses().to_vec();
        Ok((expression, uses))
    }

    /// With the lane of each column offered (of those not used, any).
    pub(crate) fn new(expression: Expression, lanes: Vec<usize>) -> Filter {
        Filter { expression, lanes }
    }

    pub(crate) fn text(&self) -> &str {
        self.expression.text()
    }

    /// Its value for each row.
    pub(crate) fn run(&self, lanes: &[LaneValues<'_>], rows: usize, out: &mut Vec<Truth>) {
        out.clear();
        out.resize(rows, Truth::Missing);
        let view = View { lanes, of: &self.lanes };
        let most = self.expression.uses().iter().map(|column| view.texts(*column)).max();
        let few = rows <= FEW_ROWS || most.is_some_and(|texts| texts > rows);
        let bound = if few { self.expression.of_few() } else { self.expression.bind(&view) };
        bound.truths(&view, 0..rows, out);
    }
}

/// Lanes as the columns of an expression.
struct View<'a> {
    lanes: &'a [LaneValues<'a>],
    of: &'a [usize],
}

/// An amount as the nearest double; NaN where missing.
pub(crate) fn double(amount: Amount) -> f64 {
    if amount == Amount::NONE { f64::NAN } else { amount.0 as f64 / Amount::ONE as f64 }
}

impl Columns for View<'_> {
    fn numbers(&self, column: usize, start: usize, out: &mut [f64]) {
        let values = &self.lanes[self.of[column]].numbers()[start..];
        for (out, value) in out.iter_mut().zip(values) {
            *out = double(*value);
        }
    }

    fn times(&self, column: usize, start: usize, out: &mut [i64]) {
        let values = &self.lanes[self.of[column]].times()[start..];
        for (out, value) in out.iter_mut().zip(values) {
            *out = value.0;
        }
    }

    fn codes(&self, column: usize, start: usize, out: &mut [u32]) {
        match &self.lanes[self.of[column]] {
            LaneValues::Text(codes, _) => out.copy_from_slice(&codes[start..start + out.len()]),
            _ => out.fill(Values::NO_TEXT),
        }
    }

    fn texts(&self, column: usize) -> usize {
        match &self.lanes[self.of[column]] {
            LaneValues::Text(_, dictionary) => dictionary.len(),
            _ => 0,
        }
    }

    fn text(&self, column: usize, code: u32) -> &str {
        match &self.lanes[self.of[column]] {
            LaneValues::Text(_, dictionary) => dictionary.get(code as usize),
            _ => "",
        }
    }
}
