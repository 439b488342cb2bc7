//! The functions, each with what it takes.

use crate::Error;
use crate::check::{Checker, operand};
use crate::literal;
use crate::nearest::nearest;
use crate::program::{Arithmetic, Condition, Number, Operation, Text, TextTable, TextTest, Time, Typed};
use crate::syntax::{Node, Part};
use crate::token::shortened;

/// Name, least and most arguments, and whether it is also or only called as a method `x.f(y)`.
const FUNCTIONS: [(&str, usize, usize, Style); 15] = [
    ("has", 1, 1, Style::Global),
    ("size", 1, 1, Style::Both),
    ("startsWith", 2, 2, Style::Method),
    ("endsWith", 2, 2, Style::Method),
    ("contains", 2, 2, Style::Method),
    ("min", 2, usize::MAX, Style::Global),
    ("max", 2, usize::MAX, Style::Global),
    ("abs", 1, 1, Style::Global),
    ("floor", 1, 1, Style::Global),
    ("ceil", 1, 1, Style::Global),
    ("round", 1, 1, Style::Global),
    ("ln", 1, 1, Style::Global),
    ("timestamp", 1, 1, Style::Global),
    ("days", 2, 2, Style::Global),
    ("matches", 2, 2, Style::None),
];

#[derive(Clone, Copy, PartialEq, Eq)]
enum Style {
    Global,
    Method,
    Both,
    /// Of CEL, and not taken.
    None,
}

impl Checker<'_> {
    pub(crate) fn call(
        &mut self,
        at: usize,
        name: &str,
        arguments: &[Node],
        method: bool,
    ) -> Result<Typed, Error> {
        let Some((function, least, most, style)) = FUNCTIONS.iter().find(|(function, ..)| *function == name)
        else {
            let names = FUNCTIONS.iter().filter(|(.., style)| *style != Style::None).map(|(name, ..)| *name);
            return Err(Error::UnknownFunction { at, name: shortened(name), nearest: nearest(name, names) });
        };
        match (style, method) {
            (Style::None, _) => return Err(Error::Unsupported { at, what: format!("`{function}`") }),
            (Style::Global, true) => {
                return Err(operand(at, function, &format!("is called as {function}(x)")));
            }
            (Style::Method, false) => {
                return Err(operand(at, function, &format!("is called as x.{function}('text')")));
            }
            _ => {}
        }
        if arguments.len() < *least || arguments.len() > *most {
            let plural = if *least == 1 { "value" } else { "values" };
            let at_least = if *most == usize::MAX { "at least " } else { "" };
            return Err(operand(
                at,
                function,
                &format!("takes {at_least}{least} {plural}, and here are {}", arguments.len()),
            ));
        }
        self.known_call(at, function, arguments)
    }

    /// A call of a known function with as many arguments as it takes.
    fn known_call(&mut self, at: usize, function: &'static str, arguments: &[Node]) -> Result<Typed, Error> {
        let first = &arguments[0];
        let operation = match function {
            "has" => {
                let missing = Condition::Missing(self.any(first)?.into());
                return Ok(Typed::Condition(Condition::Not(missing.into())));
            }
            "size" => return self.size(first).map(Typed::Number),
            "startsWith" | "endsWith" | "contains" => {
                let text = self.text(first, function)?;
                let test = text_test(function, &arguments[1])?;
                return Ok(Typed::Condition(self.test(text, test)));
            }
            "min" => return self.extreme(Arithmetic::Min, function, arguments).map(Typed::Number),
            "max" => return self.extreme(Arithmetic::Max, function, arguments).map(Typed::Number),
            "timestamp" => return moment(at, first).map(Typed::Time),
            "days" => {
                let (later, earlier) = (self.time(first, function)?, self.time(&arguments[1], function)?);
                return Ok(Typed::Number(Number::Days(later.into(), earlier.into())));
            }
            "abs" => Operation::Abs,
            "floor" => Operation::Floor,
            "ceil" => Operation::Ceil,
            "ln" => Operation::Ln,
            _ => Operation::Round,
        };
        Ok(Typed::Number(Number::One(operation, self.number(first, function)?.into())))
    }

    fn size(&mut self, node: &Node) -> Result<Number, Error> {
        Ok(match self.text(node, "size")? {
            Text::Column(column) => {
                self.tables.push((column, TextTable::Size));
                Number::ColumnSize { column, table: self.tables.len() - 1 }
            }
            text => Number::Size(text),
        })
    }

    /// The least or greatest of two or more: a balanced tree, so that long lists stay shallow.
    fn extreme(&mut self, arithmetic: Arithmetic, name: &str, nodes: &[Node]) -> Result<Number, Error> {
        match nodes {
            [node] => self.number(node, name),
            _ => {
                let (left, right) = nodes.split_at(nodes.len() / 2);
                let left = self.extreme(arithmetic, name, left)?;
                let right = self.extreme(arithmetic, name, right)?;
                Ok(Number::Two(arithmetic, left.into(), right.into()))
            }
        }
    }
}

fn text_test(function: &str, node: &Node) -> Result<TextTest, Error> {
    let Part::Text(text) = &node.part else {
        return Err(operand(node.at, function, "needs a text in quotes"));
    };
    Ok(match function {
        "startsWith" => TextTest::StartsWith(text.clone()),
        "endsWith" => TextTest::EndsWith(text.clone()),
        _ => TextTest::Contains(text.clone()),
    })
}

fn moment(at: usize, node: &Node) -> Result<Time, Error> {
    let Part::Text(text) = &node.part else {
        return Err(operand(at, "timestamp", "needs a text in quotes: timestamp('2024-01-31T00:00:00Z')"));
    };
    let Some(moment) = literal::moment(text) else {
        let literal = format!("'{}'", shortened(text));
        let fault = "is not a moment with its zone, of the years 1 to 9999: 2024-01-31T00:00:00Z or 2024-01-31T01:30:00.5+01:30";
        return Err(Error::Literal { at: node.at, literal, fault });
    };
    Ok(Time::Constant(moment))
}
