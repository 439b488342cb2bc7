//! Tree -> typed program: names become columns, every operator gets the kinds that it takes.

use crate::nearest::nearest;
use crate::program::{
    Arithmetic, Comparison, Condition, Number, Operation, Text, TextTable, TextTest, Time, Typed,
};
use crate::syntax::{Node, Part};
use crate::token::shortened;
use crate::{Error, Kind};

/// What is collected while a tree is checked.
pub(crate) struct Checker<'c> {
    pub(crate) columns: &'c [(&'c str, Kind)],
    /// Positions of the columns seen, in the order seen.
    pub(crate) used: Vec<usize>,
    /// The tables of texts that the program looks up, each with its column.
    pub(crate) tables: Vec<(usize, TextTable)>,
}

impl Checker<'_> {
    /// Any part but a bare `null` or list.
    pub(crate) fn any(&mut self, node: &Node) -> Result<Typed, Error> {
        let at = node.at;
        Ok(match &node.part {
            Part::Number(number) => Typed::Number(Number::Constant(*number)),
            Part::Text(text) => Typed::Text(Text::Constant(Some(text.clone()))),
            Part::Truth(truth) => Typed::Condition(Condition::Constant(Some(*truth))),
            Part::Null => {
                return Err(operand(
                    at,
                    "`null`",
                    "has no kind here: compare with it (x == null), or give it as one of two values of ? :",
                ));
            }
            Part::List(_) => return Err(operand(at, "a list", "stands only behind `in`")),
            Part::Name(name) => self.column(at, name)?,
            Part::Call { function, arguments, method } => self.call(at, function, arguments, *method)?,
            Part::Negative(inner) => match self.number(inner, "-")? {
                Number::Constant(number) => Typed::Number(Number::Constant(-number)),
                number => Typed::Number(Number::One(Operation::Negative, number.into())),
            },
            Part::Not(inner) => Typed::Condition(Condition::Not(self.condition(inner, "!")?.into())),
            Part::And(parts) => Typed::Condition(Condition::And(
                parts.iter().map(|p| self.condition(p, "&&")).collect::<Result<_, _>>()?,
            )),
            Part::Or(parts) => Typed::Condition(Condition::Or(
                parts.iter().map(|p| self.condition(p, "||")).collect::<Result<_, _>>()?,
            )),
            Part::Binary { sign, left, right } => self.binary(at, sign, left, right)?,
            Part::Choice { condition, yes, no } => self.choice(at, condition, yes, no)?,
        })
    }

    fn column(&mut self, at: usize, name: &str) -> Result<Typed, Error> {
        let Some(position) = self.columns.iter().position(|(column, _)| *column == name) else {
            let names = || self.columns.iter().map(|(name, _)| *name);
            let hint = match nearest(name, names()) {
                Some(nearest) => format!("did you mean `{nearest}`?"),
                None if self.columns.is_empty() => "there are no columns here".to_owned(),
                None => format!("there are {}", names().collect::<Vec<_>>().join(", ")),
            };
            return Err(Error::UnknownName { at, name: shortened(name), hint });
        };
        self.used.push(position);
        Ok(match self.columns[position].1 {
            Kind::Number => Typed::Number(Number::Column(position)),
            Kind::Bool => Typed::Condition(Condition::Column(position)),
            Kind::Time => Typed::Time(Time::Column(position)),
            Kind::Text => Typed::Text(Text::Column(position)),
        })
    }

    pub(crate) fn number(&mut self, node: &Node, of: &str) -> Result<Number, Error> {
        match self.any(node)? {
            Typed::Number(number) => Ok(number),
            other => Err(kind(node.at, of, "a number", &other)),
        }
    }

    pub(crate) fn condition(&mut self, node: &Node, of: &str) -> Result<Condition, Error> {
        match self.any(node)? {
            Typed::Condition(condition) => Ok(condition),
            other => Err(kind(node.at, of, "a condition", &other)),
        }
    }

    pub(crate) fn text(&mut self, node: &Node, of: &str) -> Result<Text, Error> {
        match self.any(node)? {
            Typed::Text(text) => Ok(text),
            other => Err(kind(node.at, of, "a text", &other)),
        }
    }

    pub(crate) fn time(&mut self, node: &Node, of: &str) -> Result<Time, Error> {
        match self.any(node)? {
            Typed::Time(time) => Ok(time),
            other => Err(kind(node.at, of, "a moment", &other)),
        }
    }

    fn binary(&mut self, at: usize, sign: &'static str, left: &Node, right: &Node) -> Result<Typed, Error> {
        let arithmetic = match sign {
            "+" => Arithmetic::Add,
            "-" => Arithmetic::Subtract,
            "*" => Arithmetic::Multiply,
            "/" => Arithmetic::Divide,
            "%" => Arithmetic::Remainder,
            "in" => return self.one_of(left, right).map(Typed::Condition),
            _ => return self.comparison(at, sign, left, right).map(Typed::Condition),
        };
        let left_side = self.any(left)?;
        if let ("-", Typed::Time(_)) = (sign, &left_side) {
            return Err(operand(
                at,
                "-",
                "does not take moments: the days between two are days(later, earlier)",
            ));
        }
        let Typed::Number(a) = left_side else { return Err(kind(left.at, sign, "a number", &left_side)) };
        Ok(Typed::Number(Number::Two(arithmetic, a.into(), self.number(right, sign)?.into())))
    }

    fn comparison(
        &mut self,
        at: usize,
        sign: &'static str,
        left: &Node,
        right: &Node,
    ) -> Result<Condition, Error> {
        let comparison = match sign {
            "==" => Comparison::Equal,
            "!=" => Comparison::NotEqual,
            "<" => Comparison::Less,
            "<=" => Comparison::LessEqual,
            ">" => Comparison::Greater,
            _ => Comparison::GreaterEqual,
        };
        match (&left.part, &right.part) {
            (Part::Null, _) => return self.missing(at, comparison, sign, right),
            (_, Part::Null) => return self.missing(at, comparison, sign, left),
            _ => {}
        }
        let ordered = !matches!(comparison, Comparison::Equal | Comparison::NotEqual);
        let (a, b) = (self.any(left)?, self.any(right)?);
        Ok(match (a, b) {
            (Typed::Number(a), Typed::Number(b)) => Condition::Numbers(comparison, a, b),
            (Typed::Time(a), Typed::Time(b)) => Condition::Times(comparison, a, b),
            (Typed::Text(a), Typed::Text(b)) => self.texts(comparison, a, b),
            (Typed::Condition(a), Typed::Condition(b)) if !ordered => {
                Condition::Conditions(comparison, a.into(), b.into())
            }
            (a, b) if a.kind() == b.kind() => {
                return Err(operand(at, sign, "does not order conditions: they are equal (==) or not (!=)"));
            }
            (a, b) => {
                let fault = format!(
                    "compares values of one kind, and these are {} and {}",
                    a.kind().words(),
                    b.kind().words()
                );
                return Err(operand(at, sign, &fault));
            }
        })
    }

    fn missing(
        &mut self,
        at: usize,
        comparison: Comparison,
        sign: &str,
        node: &Node,
    ) -> Result<Condition, Error> {
        let missing = Condition::Missing(self.any(node)?.into());
        match comparison {
            Comparison::Equal => Ok(missing),
            Comparison::NotEqual => Ok(Condition::Not(missing.into())),
            _ => Err(operand(at, sign, "does not order `null`: x == null asks whether x is missing")),
        }
    }

    /// Texts compared; a column with a constant through a table by code.
    fn texts(&mut self, comparison: Comparison, a: Text, b: Text) -> Condition {
        let (text, constant) = match (a, b) {
            (text, Text::Constant(Some(constant))) | (Text::Constant(Some(constant)), text)
                if matches!(comparison, Comparison::Equal | Comparison::NotEqual) =>
            {
                (text, constant)
            }
            (a, b) => return Condition::Texts(comparison, a, b),
        };
        let equal = self.test(text, TextTest::Equals(constant));
        if comparison == Comparison::Equal { equal } else { Condition::Not(equal.into()) }
    }

    /// A test of a text; of a column through a table by code.
    pub(crate) fn test(&mut self, text: Text, test: TextTest) -> Condition {
        match text {
            Text::Column(column) => {
                self.tables.push((column, TextTable::Test(test)));
                Condition::ColumnTest { column, table: self.tables.len() - 1 }
            }
            text => Condition::Test(text, test),
        }
    }

    fn one_of(&mut self, left: &Node, right: &Node) -> Result<Condition, Error> {
        let list_needed = "needs a list of numbers or of texts on its right: x in [1, 2]";
        let Part::List(elements) = &right.part else { return Err(operand(right.at, "in", list_needed)) };
        let value = self.any(left)?;
        let constant = |checker: &mut Self, element: &Node| match (&value, checker.any(element)?) {
            (Typed::Number(_), constant @ Typed::Number(Number::Constant(_)))
            | (Typed::Text(_), constant @ Typed::Text(Text::Constant(_))) => Ok(constant),
            (Typed::Number(_) | Typed::Text(_), other) => {
                let fault = format!(
                    "needs a list of constants of the kind of its left, {}; this is {}",
                    value.kind().words(),
                    other.kind().words()
                );
                Err(operand(element.at, "in", &fault))
            }
            (other, _) => Err(kind(left.at, "in", "a number or a text", other)),
        };
        let (mut numbers, mut texts) = (Vec::new(), Vec::new());
        for element in elements {
            match constant(self, element)? {
                Typed::Number(Number::Constant(number)) => numbers.push(number),
                Typed::Text(Text::Constant(text)) => texts.extend(text),
                _ => {}
            }
        }
        numbers.sort_by(f64::total_cmp);
        texts.sort();
        match value {
            Typed::Number(number) => Ok(Condition::OneOf(number, numbers)),
            Typed::Text(text) => Ok(self.test(text, TextTest::OneOf(texts))),
            other => Err(kind(left.at, "in", "a number or a text", &other)),
        }
    }

    fn choice(&mut self, at: usize, condition: &Node, yes: &Node, no: &Node) -> Result<Typed, Error> {
        let condition = Box::new(self.condition(condition, "? :")?);
        let (yes, no) = match (&yes.part, &no.part) {
            (Part::Null, _) => {
                let no = self.any(no)?;
                (null(no.kind()), no)
            }
            (_, Part::Null) => {
                let yes = self.any(yes)?;
                let no = null(yes.kind());
                (yes, no)
            }
            _ => (self.any(yes)?, self.any(no)?),
        };
        Ok(match (yes, no) {
            (Typed::Number(a), Typed::Number(b)) => {
                Typed::Number(Number::Choice(condition, a.into(), b.into()))
            }
            (Typed::Condition(a), Typed::Condition(b)) => {
                Typed::Condition(Condition::Choice(condition, a.into(), b.into()))
            }
            (Typed::Time(a), Typed::Time(b)) => Typed::Time(Time::Choice(condition, a.into(), b.into())),
            (Typed::Text(a), Typed::Text(b)) => Typed::Text(Text::Choice(condition, a.into(), b.into())),
            (a, b) => {
                let fault = format!(
                    "chooses between values of one kind, and these are {} and {}",
                    a.kind().words(),
                    b.kind().words()
                );
                return Err(operand(at, "? :", &fault));
            }
        })
    }
}

/// The missing value of a kind.
fn null(kind: Kind) -> Typed {
    match kind {
        Kind::Number => Typed::Number(Number::Constant(f64::NAN)),
        Kind::Bool => Typed::Condition(Condition::Constant(None)),
        Kind::Time => Typed::Time(Time::Constant(crate::program::NO_TIME)),
        Kind::Text => Typed::Text(Text::Constant(None)),
    }
}

pub(crate) fn operand(at: usize, of: &str, fault: &str) -> Error {
    let of = if of.starts_with(['`', 'a']) { of.to_owned() } else { format!("`{of}`") };
    Error::Operand { at, of, fault: fault.to_owned() }
}

pub(crate) fn kind(at: usize, of: &str, expected: &'static str, found: &Typed) -> Error {
    Error::Kind { at, of: format!("`{of}`"), expected, found: found.kind() }
}
