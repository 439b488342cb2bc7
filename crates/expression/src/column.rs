//! Many rows through the program, a block of rows and a part of the program at a time.

use crate::program::{TextTable, TextTest, Typed};
use crate::{Expression, Kind, Truth};
use std::ops::Range;

mod block;

use block::Block;

/// Columns as the caller keeps them. `column` is a position in the list given to [`Expression::compile`]; the caller
/// writes the values of the rows from `start`, as many as `out` is long, and must have them.
///
/// Only columns of [`Expression::uses`] are asked for, each through the function of its kind.
pub trait Columns {
    /// Numbers; NaN is missing.
    fn numbers(&self, column: usize, start: usize, out: &mut [f64]);

    /// Microseconds since 1970-01-01T00:00:00Z; `i64::MIN` is missing.
    fn times(&self, column: usize, start: usize, out: &mut [i64]);

    /// Codes of texts, below [`Columns::texts`]; another code (`u32::MAX`) is missing.
    fn codes(&self, column: usize, start: usize, out: &mut [u32]);

    /// How many codes of texts there are: as many when the expression is bound as when it is evaluated.
    fn texts(&self, column: usize) -> usize;

    /// The text of a code. Several codes may have the same.
    fn text(&self, column: usize, code: u32) -> &str;

    /// Conditions. Callers that declare no column as [`Kind::Bool`] need not have it.
    fn truths(&self, _column: usize, _start: usize, out: &mut [Truth]) {
        out.fill(Truth::Missing);
    }
}

/// An expression bound to the texts of its columns.
#[derive(Clone, Debug)]
pub struct Bound<'e> {
    expression: &'e Expression,
    /// None where texts are looked at anew.
    tables: Vec<Table>,
}

/// What a text's code says.
#[derive(Clone, Debug)]
enum Table {
    /// Only this code passes; none if no text does.
    Code(Option<u32>),
    /// By code.
    Truths(Vec<Truth>),
    /// By code.
    Sizes(Vec<f64>),
}

/// Rows that are evaluated at a time: their intermediate values stay in the processor's first cache.
const BLOCK: usize = 1024;

impl<'e> Bound<'e> {
    pub(crate) fn new(expression: &'e Expression, columns: &impl Columns) -> Bound<'e> {
        let table = |(column, table): &(usize, TextTable)| {
            let codes = || 0..columns.texts(*column) as u32;
            let text = |code: u32| columns.text(*column, code);
            match table {
                TextTable::Test(test) => {
                    if let TextTest::Equals(wanted) = test {
                        let mut equal = codes().filter(|code| text(*code) == wanted.as_str());
                        if let (first, None) = (equal.next(), equal.next()) {
                            return Table::Code(first);
                        }
                    }
                    Table::Truths(codes().map(|code| test.holds(text(code)).into()).collect())
                }
                TextTable::Size => {
                    Table::Sizes(codes().map(|code| crate::program::size(text(code))).collect())
                }
            }
        };
        Bound { expression, tables: expression.tables.iter().map(table).collect() }
    }

    pub(crate) fn anew(expression: &'e Expression) -> Bound<'e> {
        Bound { expression, tables: Vec::new() }
    }

    /// What the expression gives.
    pub fn kind(&self) -> Kind {
        self.expression.kind()
    }

    /// The conditions of the rows, into as many places.
    ///
    /// # Panics
    /// If `out` is not as long as `rows`, or the expression is not of [`Kind::Bool`].
    pub fn truths<C: Columns>(&self, columns: &C, rows: Range<usize>, out: &mut [Truth]) {
        let Typed::Condition(condition) = &self.expression.program else {
            panic!("the expression is no condition")
        };
        self.blocks(columns, rows, out, |block, out| block.truths(condition, out));
    }

    /// The numbers of the rows, into as many places; NaN is missing.
    ///
    /// # Panics
    /// If `out` is not as long as `rows`, or the expression is not of [`Kind::Number`].
    pub fn numbers<C: Columns>(&self, columns: &C, rows: Range<usize>, out: &mut [f64]) {
        let Typed::Number(number) = &self.expression.program else { panic!("the expression is no number") };
        self.blocks(columns, rows, out, |block, out| {
            block.numbers(number, out);
            // one bit pattern for what is missing
            out.iter_mut().filter(|number| number.is_nan()).for_each(|number| *number = f64::NAN);
        });
    }

    /// The moments of the rows, into as many places; `i64::MIN` is missing.
    ///
    /// # Panics
    /// If `out` is not as long as `rows`, or the expression is not of [`Kind::Time`].
    pub fn times<C: Columns>(&self, columns: &C, rows: Range<usize>, out: &mut [i64]) {
        let Typed::Time(time) = &self.expression.program else { panic!("the expression is no moment") };
        self.blocks(columns, rows, out, |block, out| block.times(time, out));
    }

    fn blocks<C: Columns, T>(
        &self,
        columns: &C,
        rows: Range<usize>,
        out: &mut [T],
        each: impl Fn(&Block<'_, C>, &mut [T]),
    ) {
        assert_eq!(out.len(), rows.len(), "as many places as rows");
        for (n, out) in out.chunks_mut(BLOCK).enumerate() {
            let (tests, tables, start) = (&self.expression.tables, &self.tables, rows.start + n * BLOCK);
            let block = Block { columns, tests, tables, start };
            each(&block, out);
        }
    }
}
