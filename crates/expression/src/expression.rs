//! An expression, ready to be evaluated.

use crate::check::Checker;
use crate::program::{TextTable, Typed};
use crate::row::Row;
use crate::{Bound, Columns, Error, Kind, Value, syntax};

/// A compiled expression.
#[derive(Clone, Debug)]
pub struct Expression {
    text: String,
    pub(crate) program: Typed,
    /// Tests of a column's texts: table by table the column and the test.
    pub(crate) tables: Vec<(usize, TextTable)>,
    used: Vec<usize>,
}

impl Expression {
    /// Reads and checks `text` against the columns that it may use, each with its kind. Of two columns with one name the
    /// first counts.
    ///
    /// # Errors
    /// What is wrong, where (characters from 1), and what would be right.
    ///
    /// ```
    /// use arrears_expression::{Expression, Kind, Value};
    /// let columns = [("amount", Kind::Number), ("category", Kind::Text)];
    /// let toys = Expression::compile("amount >= 10 && category == 'toys'", &columns)?;
    /// assert_eq!(toys.row(&[Value::Number(12.5), Value::Text("toys")]), Value::Bool(true));
    /// assert_eq!(toys.row(&[Value::Missing, Value::Text("toys")]), Value::Missing);
    /// assert_eq!(toys.row(&[Value::Missing, Value::Text("books")]), Value::Bool(false));
    /// let wrong = Expression::compile("amuont >= 10", &columns).unwrap_err();
    /// assert_eq!(wrong.to_string(), "character 1: there is no column `amuont`; did you mean `amount`?");
    /// # Ok::<(), arrears_expression::Error>(())
    /// ```
    pub fn compile(text: &str, columns: &[(&str, Kind)]) -> Result<Expression, Error> {
        let tree = syntax::parse(text)?;
        let mut checker = Checker { columns, used: Vec::new(), tables: Vec::new() };
        let program = checker.any(&tree)?;
        let (mut used, tables) = (checker.used, checker.tables);
        used.sort_unstable();
        used.dedup();
        Ok(Expression { text: text.to_owned(), program, tables, used })
    }

    /// As [`Expression::compile`], and the result must be of one kind: [`Kind::Bool`] for a filter, [`Kind::Number`] for
    /// a formula.
    ///
    /// # Errors
    /// As [`Expression::compile`], and [`Error::Result`].
    pub fn compile_as(expected: Kind, text: &str, columns: &[(&str, Kind)]) -> Result<Expression, Error> {
        let expression = Expression::compile(text, columns)?;
        match expression.kind() {
            found if found == expected => Ok(expression),
            found => Err(Error::Result { expected, found }),
        }
    }

    /// The text it was compiled from.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// What it gives.
    pub fn kind(&self) -> Kind {
        self.program.kind()
    }

    /// Positions of the columns that it uses, ascending, among those given to [`Expression::compile`].
    pub fn uses(&self) -> &[usize] {
        &self.used
    }

    /// The result on one row: its values in the order of the columns given to [`Expression::compile`]. A value that the
    /// row does not have, or that is of another kind than its column, is missing.
    pub fn row<'a>(&'a self, row: &[Value<'a>]) -> Value<'a> {
        self.row_with(|column| row.get(column).copied().unwrap_or(Value::Missing))
    }

    /// As [`Expression::row`], with values looked up by the position of the column. Only those of [`Expression::uses`]
    /// are asked for, and only when needed.
    pub fn row_with<'a>(&'a self, value: impl Fn(usize) -> Value<'a>) -> Value<'a> {
        Row { value, tables: &self.tables }.any(&self.program)
    }

    /// Prepares the evaluation of columns: every text that the expression asks for is looked up once among those
    /// of its column, so that a row costs a comparison or a look-up of codes.
    pub fn bind(&self, columns: &impl Columns) -> Bound<'_> {
        Bound::new(self, columns)
    }

    /// For the evaluation of few rows: each text is looked at anew, which takes less time than to go through all texts
    /// of a column before.
    pub fn of_few(&self) -> Bound<'_> {
        Bound::anew(self)
    }
}
