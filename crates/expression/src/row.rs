//! One row through the program.

use crate::program::{Condition, NO_TIME, Number, Text, TextTable, Time, Typed, size};
use crate::{Truth, Value};

/// Where the values of a row's columns come from, and the texts' tests of the program.
pub(crate) struct Row<'p, F> {
    pub(crate) value: F,
    pub(crate) tables: &'p [(usize, TextTable)],
}

impl<'p, F: Fn(usize) -> Value<'p>> Row<'p, F> {
    pub(crate) fn any(&self, typed: &'p Typed) -> Value<'p> {
        match typed {
            Typed::Number(number) => match self.number(number) {
                number if number.is_nan() => Value::Missing,
                number => Value::Number(number),
            },
            Typed::Condition(condition) => match self.condition(condition) {
                Truth::Missing => Value::Missing,
                truth => Value::Bool(truth == Truth::True),
            },
            Typed::Time(time) => match self.time(time) {
                NO_TIME => Value::Missing,
                time => Value::Time(time),
            },
            Typed::Text(text) => self.text(text).map_or(Value::Missing, Value::Text),
        }
    }

    fn number(&self, number: &'p Number) -> f64 {
        match number {
            Number::Column(column) => match (self.value)(*column) {
                Value::Number(number) => number,
                _ => f64::NAN,
            },
            Number::Constant(number) => *number,
            Number::One(operation, inner) => operation.of(self.number(inner)),
            Number::Two(arithmetic, a, b) => arithmetic.of(self.number(a), self.number(b)),
            Number::Choice(condition, yes, no) => match self.condition(condition) {
                Truth::True => self.number(yes),
                Truth::False => self.number(no),
                Truth::Missing => f64::NAN,
            },
            Number::Days(later, earlier) => days(self.time(later), self.time(earlier)),
            Number::Size(text) => self.text(text).map_or(f64::NAN, size),
            Number::ColumnSize { column, .. } => self.text_of(*column).map_or(f64::NAN, size),
        }
    }

    pub(crate) fn condition(&self, condition: &'p Condition) -> Truth {
        match condition {
            Condition::Column(column) => match (self.value)(*column) {
                Value::Bool(truth) => truth.into(),
                _ => Truth::Missing,
            },
            Condition::Constant(truth) => truth.map_or(Truth::Missing, Truth::from),
            Condition::Not(inner) => !self.condition(inner),
            Condition::And(parts) => self.fold(parts, Truth::True, Truth::False, Truth::min),
            Condition::Or(parts) => self.fold(parts, Truth::False, Truth::True, Truth::max),
            Condition::Choice(condition, yes, no) => match self.condition(condition) {
                Truth::True => self.condition(yes),
                Truth::False => self.condition(no),
                Truth::Missing => Truth::Missing,
            },
            Condition::Numbers(comparison, a, b) => {
                let order = self.number(a).partial_cmp(&self.number(b));
                order.map_or(Truth::Missing, |order| comparison.holds(order).into())
            }
            Condition::Conditions(comparison, a, b) => match (self.condition(a), self.condition(b)) {
                (Truth::Missing, _) | (_, Truth::Missing) => Truth::Missing,
                (a, b) => comparison.holds(a.cmp(&b)).into(),
            },
            Condition::Times(comparison, a, b) => match (self.time(a), self.time(b)) {
                (NO_TIME, _) | (_, NO_TIME) => Truth::Missing,
                (a, b) => comparison.holds(a.cmp(&b)).into(),
            },
            Condition::Texts(comparison, a, b) => match (self.text(a), self.text(b)) {
                (Some(a), Some(b)) => comparison.holds(a.cmp(b)).into(),
                _ => Truth::Missing,
            },
            Condition::OneOf(number, list) => one_of(self.number(number), list),
            Condition::Test(text, test) => {
                self.text(text).map_or(Truth::Missing, |text| test.holds(text).into())
            }
            Condition::ColumnTest { column, table } => {
                match (self.text_of(*column), &self.tables[*table].1) {
                    (Some(text), TextTable::Test(test)) => test.holds(text).into(),
                    _ => Truth::Missing,
                }
            }
            Condition::Missing(typed) => Truth::from(self.any(typed) == Value::Missing),
        }
    }

    /// The parts joined, up to the first that decides.
    fn fold(
        &self,
        parts: &'p [Condition],
        start: Truth,
        decided: Truth,
        join: fn(Truth, Truth) -> Truth,
    ) -> Truth {
        let mut truth = start;
        for part in parts {
            truth = join(truth, self.condition(part));
            if truth == decided {
                break;
            }
        }
        truth
    }

    pub(crate) fn time(&self, time: &'p Time) -> i64 {
        match time {
            Time::Column(column) => match (self.value)(*column) {
                Value::Time(time) => time,
                _ => NO_TIME,
            },
            Time::Constant(time) => *time,
            Time::Choice(condition, yes, no) => match self.condition(condition) {
                Truth::True => self.time(yes),
                Truth::False => self.time(no),
                Truth::Missing => NO_TIME,
            },
        }
    }

    pub(crate) fn text(&self, text: &'p Text) -> Option<&'p str> {
        match text {
            Text::Column(column) => self.text_of(*column),
            Text::Constant(text) => text.as_deref(),
            Text::Choice(condition, yes, no) => match self.condition(condition) {
                Truth::True => self.text(yes),
                Truth::False => self.text(no),
                Truth::Missing => None,
            },
        }
    }

    fn text_of(&self, column: usize) -> Option<&'p str> {
        match (self.value)(column) {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }
}

/// Days of 86,400 seconds between two moments; missing if one is.
#[inline]
pub(crate) fn days(later: i64, earlier: i64) -> f64 {
    if later == NO_TIME || earlier == NO_TIME {
        return f64::NAN;
    }
    // both are within the years 1 to 9999, or whatever a caller gives: the difference must not overflow
    (i128::from(later) - i128::from(earlier)) as f64 / 86_400_000_000.0
}

/// Whether the number is in the ascending list.
#[inline]
pub(crate) fn one_of(number: f64, list: &[f64]) -> Truth {
    if number.is_nan() {
        return Truth::Missing;
    }
    list.binary_search_by(|other| other.partial_cmp(&number).unwrap_or(std::cmp::Ordering::Less))
        .is_ok()
        .into()
}
