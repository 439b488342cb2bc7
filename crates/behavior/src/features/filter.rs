//! Conditions of features: CEL, compiled by `arrears-expression`, over the lanes of a table.

use super::lane::LaneValues;
use crate::{Amount, FeatureError, Moment, ValueKind, Values};
use arrears_expression::{Columns, Expression, Kind, Truth, Value};

/// Up to so many rows are evaluated one by one: binding the expression to whole dictionaries would cost more.
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
        let view = View { lanes, of: &self.lanes };
        if rows <= FEW_ROWS {
            out.extend((0..rows).map(
                |row| match self.expression.row_with(|column| view.value(column, row)) {
                    Value::Bool(holds) => Truth::from(holds),
                    _ => Truth::Missing,
                },
            ));
        } else {
            out.resize(rows, Truth::Missing);
            self.expression.bind(&view).truths(&view, 0..rows, out);
        }
    }
}

/// Lanes as the columns of an expression.
struct View<'a> {
    lanes: &'a [LaneValues<'a>],
    of: &'a [usize],
}

impl View<'_> {
    fn value(&self, column: usize, row: usize) -> Value<'_> {
        match &self.lanes[self.of[column]] {
            LaneValues::Number(values) if values[row] != Amount::NONE => Value::Number(double(values[row])),
            LaneValues::Time(values) if values[row] != Moment::NONE => Value::Time(values[row].0),
            LaneValues::Text(codes, dictionary) if (codes[row] as usize) < dictionary.len() => {
                Value::Text(dictionary.get(codes[row] as usize))
            }
            _ => Value::Missing,
        }
    }
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
