//! Parts of the program on a block of rows.

use super::{Columns, Table};
use crate::Truth;
use crate::program::{
    Arithmetic, Comparison, Condition, NO_TIME, Number, Operation, Text, TextTable, Time, Typed, size,
};
use crate::row::{days, one_of};
use std::ops::{Deref, DerefMut};

/// Rows from `start`; how many, the places for the results say.
pub(super) struct Block<'b, C> {
    pub(super) columns: &'b C,
    /// What is asked of texts, and what each text says; nothing where texts are looked at anew.
    pub(super) tests: &'b [(usize, TextTable)],
    pub(super) tables: &'b [Table],
    pub(super) start: usize,
}

impl<C: Columns> Block<'_, C> {
    pub(super) fn numbers(&self, number: &Number, out: &mut [f64]) {
        match number {
            Number::Column(column) => self.columns.numbers(*column, self.start, out),
            Number::Constant(number) => out.fill(*number),
            Number::One(operation, inner) => {
                self.numbers(inner, out);
                one(*operation, out);
            }
            Number::Two(arithmetic, a, b) => {
                self.numbers(a, out);
                match &**b {
                    Number::Constant(b) => two(*arithmetic, out, |_| *b),
                    b => {
                        let mut right = Buffer::new(0.0, out.len());
                        self.numbers(b, &mut right);
                        two(*arithmetic, out, |i| right[i]);
                    }
                }
            }
            Number::Choice(condition, yes, no) => {
                let mut other = Buffer::new(0.0, out.len());
                self.numbers(yes, out);
                self.numbers(no, &mut other);
                self.choose(condition, out, &other, f64::NAN);
            }
            Number::Days(later, earlier) => {
                let (later, earlier) = (self.times_of(later, out.len()), self.times_of(earlier, out.len()));
                out.iter_mut().zip(later.iter().zip(&*earlier)).for_each(|(out, (l, e))| *out = days(*l, *e));
            }
            Number::Size(text) => {
                let texts = self.texts(text, out.len());
                out.iter_mut().zip(&texts).for_each(|(out, text)| *out = text.map_or(f64::NAN, size));
            }
            Number::ColumnSize { column, table } => {
                if self.tables.is_empty() {
                    return self.numbers(&Number::Size(Text::Column(*column)), out);
                }
                let codes = self.codes(*column, out.len());
                let Table::Sizes(sizes) = &self.tables[*table] else { unreachable!("made from a size") };
                let size = |code: &u32| sizes.get(*code as usize).copied().unwrap_or(f64::NAN);
                out.iter_mut().zip(&*codes).for_each(|(out, code)| *out = size(code));
            }
        }
    }

    pub(super) fn truths(&self, condition: &Condition, out: &mut [Truth]) {
        match condition {
            Condition::Column(column) => self.columns.truths(*column, self.start, out),
            Condition::Constant(truth) => out.fill(truth.map_or(Truth::Missing, Truth::from)),
            Condition::Not(inner) => {
                self.truths(inner, out);
                out.iter_mut().for_each(|truth| *truth = !*truth);
            }
            Condition::And(parts) => self.fold(parts, Truth::True, Truth::min, out),
            Condition::Or(parts) => self.fold(parts, Truth::False, Truth::max, out),
            Condition::Choice(condition, yes, no) => {
                let mut other = Buffer::new(Truth::Missing, out.len());
                self.truths(yes, out);
                self.truths(no, &mut other);
                self.choose(condition, out, &other, Truth::Missing);
            }
            Condition::Numbers(comparison, a, b) => self.compare_numbers(*comparison, a, b, out),
            Condition::Conditions(comparison, a, b) => {
                let mut right = Buffer::new(Truth::Missing, out.len());
                self.truths(a, out);
                self.truths(b, &mut right);
                out.iter_mut().zip(&*right).for_each(|(a, b)| {
                    let known = *a != Truth::Missing && *b != Truth::Missing;
                    *a = if known { comparison.holds((*a).cmp(b)).into() } else { Truth::Missing };
                });
            }
            Condition::Times(comparison, a, b) => {
                let (a, b) = (self.times_of(a, out.len()), self.times_of(b, out.len()));
                out.iter_mut().zip(a.iter().zip(&*b)).for_each(|(out, (a, b))| {
                    let known = *a != NO_TIME && *b != NO_TIME;
                    *out = if known { comparison.holds(a.cmp(b)).into() } else { Truth::Missing };
                });
            }
            Condition::Texts(comparison, a, b) => {
                let (a, b) = (self.texts(a, out.len()), self.texts(b, out.len()));
                out.iter_mut().zip(a.iter().zip(&*b)).for_each(|(out, pair)| {
                    *out = match pair {
                        (Some(a), Some(b)) => comparison.holds(a.cmp(b)).into(),
                        _ => Truth::Missing,
                    };
                });
            }
            Condition::OneOf(number, list) => {
                let numbers = self.numbers_of(number, out.len());
                out.iter_mut().zip(&*numbers).for_each(|(out, number)| *out = one_of(*number, list));
            }
            Condition::Test(text, test) => {
                let texts = self.texts(text, out.len());
                let truth = |text: &Option<&str>| text.map_or(Truth::Missing, |text| test.holds(text).into());
                out.iter_mut().zip(&texts).for_each(|(out, text)| *out = truth(text));
            }
            Condition::ColumnTest { column, table } => match self.tables.get(*table) {
                Some(table) => self.look_up(*column, table, out),
                None => self.look_at(*column, &self.tests[*table].1, out),
            },
            Condition::Missing(typed) => self.missing(typed, out),
        }
    }

    fn compare_numbers(&self, comparison: Comparison, a: &Number, b: &Number, out: &mut [Truth]) {
        let left = self.numbers_of(a, out.len());
        match b {
            Number::Constant(b) => compare(comparison, &left, |_| *b, out),
            b => {
                let right = self.numbers_of(b, out.len());
                compare(comparison, &left, |i| right[i], out);
            }
        }
    }

    fn look_up(&self, column: usize, table: &Table, out: &mut [Truth]) {
        let codes = self.codes(column, out.len());
        match table {
            Table::Code(wanted) => {
                // no code of a text is u32::MAX, so it cannot pass for a text that is not there
                let wanted = wanted.unwrap_or(u32::MAX);
                let texts = self.columns.texts(column) as u32;
                out.iter_mut().zip(&*codes).for_each(|(out, code)| {
                    *out = if *code >= texts { Truth::Missing } else { (*code == wanted).into() };
                });
            }
            Table::Truths(truths) => out.iter_mut().zip(&*codes).for_each(|(out, code)| {
                *out = truths.get(*code as usize).copied().unwrap_or(Truth::Missing);
            }),
            Table::Sizes(_) => unreachable!("made from a test"),
        }
    }

    fn look_at(&self, column: usize, test: &TextTable, out: &mut [Truth]) {
        let TextTable::Test(test) = test else { unreachable!("made from a test") };
        let (codes, texts) = (self.codes(column, out.len()), self.columns.texts(column));
        out.iter_mut().zip(&*codes).for_each(|(out, code)| {
            let there = (*code as usize) < texts;
            *out = if there { test.holds(self.columns.text(column, *code)).into() } else { Truth::Missing };
        });
    }

    fn missing(&self, typed: &Typed, out: &mut [Truth]) {
        match typed {
            Typed::Number(number) => set(out, &self.numbers_of(number, out.len()), |number| number.is_nan()),
            Typed::Time(time) => set(out, &self.times_of(time, out.len()), |time| *time == NO_TIME),
            Typed::Text(Text::Column(column)) => {
                let texts = self.columns.texts(*column);
                set(out, &self.codes(*column, out.len()), |code| *code as usize >= texts);
            }
            Typed::Text(text) => set(out, &self.texts(text, out.len()), Option::is_none),
            Typed::Condition(condition) => {
                self.truths(condition, out);
                out.iter_mut().for_each(|truth| *truth = (*truth == Truth::Missing).into());
            }
        }
    }

    fn fold(&self, parts: &[Condition], start: Truth, join: fn(Truth, Truth) -> Truth, out: &mut [Truth]) {
        let Some((first, others)) = parts.split_first() else { return out.fill(start) };
        self.truths(first, out);
        let mut part = Buffer::new(start, out.len());
        for other in others {
            self.truths(other, &mut part);
            out.iter_mut().zip(&*part).for_each(|(out, part)| *out = join(*out, *part));
        }
    }

    /// Keeps `out` where the condition holds, takes `other` where it does not.
    fn choose<T: Copy>(&self, condition: &Condition, out: &mut [T], other: &[T], missing: T) {
        let mut truths = Buffer::new(Truth::Missing, out.len());
        self.truths(condition, &mut truths);
        for (i, truth) in truths.iter().enumerate() {
            match truth {
                Truth::True => {}
                Truth::False => out[i] = other[i],
                Truth::Missing => out[i] = missing,
            }
        }
    }

    pub(super) fn times(&self, time: &Time, out: &mut [i64]) {
        match time {
            Time::Column(column) => self.columns.times(*column, self.start, out),
            Time::Constant(time) => out.fill(*time),
            Time::Choice(condition, yes, no) => {
                let other = self.times_of(no, out.len());
                self.times(yes, out);
                self.choose(condition, out, &other, NO_TIME);
            }
        }
    }

    fn texts<'t>(&'t self, text: &'t Text, rows: usize) -> Vec<Option<&'t str>> {
        match text {
            Text::Column(column) => {
                let texts = self.columns.texts(*column);
                let text = |code: u32| ((code as usize) < texts).then(|| self.columns.text(*column, code));
                self.codes(*column, rows).iter().copied().map(text).collect()
            }
            Text::Constant(text) => vec![text.as_deref(); rows],
            Text::Choice(condition, yes, no) => {
                let (mut out, other) = (self.texts(yes, rows), self.texts(no, rows));
                self.choose(condition, &mut out, &other, None);
                out
            }
        }
    }

    fn numbers_of(&self, number: &Number, rows: usize) -> Buffer<f64> {
        let mut numbers = Buffer::new(0.0, rows);
        self.numbers(number, &mut numbers);
        numbers
    }

    fn times_of(&self, time: &Time, rows: usize) -> Buffer<i64> {
        let mut times = Buffer::new(0, rows);
        self.times(time, &mut times);
        times
    }

    fn codes(&self, column: usize, rows: usize) -> Buffer<u32> {
        let mut codes = Buffer::new(0, rows);
        self.columns.codes(column, self.start, &mut codes);
        codes
    }
}

/// Values of a block, without an allocation where they are few.
enum Buffer<T> {
    Few([T; FEW], usize),
    Many(Vec<T>),
}

const FEW: usize = 64;

impl<T: Copy> Buffer<T> {
    #[inline]
    fn new(value: T, rows: usize) -> Buffer<T> {
        if rows <= FEW { Buffer::Few([value; FEW], rows) } else { Buffer::Many(vec![value; rows]) }
    }
}

impl<T> Deref for Buffer<T> {
    type Target = [T];

    #[inline]
    fn deref(&self) -> &[T] {
        match self {
            Buffer::Few(values, rows) => &values[..*rows],
            Buffer::Many(values) => values,
        }
    }
}

impl<T> DerefMut for Buffer<T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut [T] {
        match self {
            Buffer::Few(values, rows) => &mut values[..*rows],
            Buffer::Many(values) => values,
        }
    }
}

fn set<T>(out: &mut [Truth], values: &[T], test: impl Fn(&T) -> bool) {
    out.iter_mut().zip(values).for_each(|(out, value)| *out = test(value).into());
}

/// The match stands outside of the loop, so that each loop is a few instructions on many numbers at once.
fn one(operation: Operation, out: &mut [f64]) {
    match operation {
        Operation::Negative => out.iter_mut().for_each(|x| *x = Operation::Negative.of(*x)),
        Operation::Abs => out.iter_mut().for_each(|x| *x = Operation::Abs.of(*x)),
        Operation::Floor => out.iter_mut().for_each(|x| *x = Operation::Floor.of(*x)),
        Operation::Ceil => out.iter_mut().for_each(|x| *x = Operation::Ceil.of(*x)),
        Operation::Round => out.iter_mut().for_each(|x| *x = Operation::Round.of(*x)),
        Operation::Ln => out.iter_mut().for_each(|x| *x = Operation::Ln.of(*x)),
    }
}

fn two(arithmetic: Arithmetic, out: &mut [f64], right: impl Fn(usize) -> f64) {
    #[inline(always)]
    fn each(out: &mut [f64], right: impl Fn(usize) -> f64, of: impl Fn(f64, f64) -> f64) {
        out.iter_mut().enumerate().for_each(|(i, a)| *a = of(*a, right(i)));
    }
    match arithmetic {
        Arithmetic::Add => each(out, right, |a, b| Arithmetic::Add.of(a, b)),
        Arithmetic::Subtract => each(out, right, |a, b| Arithmetic::Subtract.of(a, b)),
        Arithmetic::Multiply => each(out, right, |a, b| Arithmetic::Multiply.of(a, b)),
        Arithmetic::Divide => each(out, right, |a, b| Arithmetic::Divide.of(a, b)),
        Arithmetic::Remainder => each(out, right, |a, b| Arithmetic::Remainder.of(a, b)),
        Arithmetic::Min => each(out, right, |a, b| Arithmetic::Min.of(a, b)),
        Arithmetic::Max => each(out, right, |a, b| Arithmetic::Max.of(a, b)),
    }
}

fn compare(comparison: Comparison, left: &[f64], right: impl Fn(usize) -> f64, out: &mut [Truth]) {
    #[inline(always)]
    fn each(left: &[f64], right: impl Fn(usize) -> f64, out: &mut [Truth], holds: impl Fn(f64, f64) -> bool) {
        out.iter_mut().zip(left).enumerate().for_each(|(i, (out, a))| {
            let b = right(i);
            *out = if a.is_nan() || b.is_nan() { Truth::Missing } else { holds(*a, b).into() };
        });
    }
    match comparison {
        Comparison::Equal => each(left, right, out, |a, b| a == b),
        Comparison::NotEqual => each(left, right, out, |a, b| a != b),
        Comparison::Less => each(left, right, out, |a, b| a < b),
        Comparison::LessEqual => each(left, right, out, |a, b| a <= b),
        Comparison::Greater => each(left, right, out, |a, b| a > b),
        Comparison::GreaterEqual => each(left, right, out, |a, b| a >= b),
    }
}
