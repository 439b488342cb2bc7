//! Tokens -> tree, by the grammar of CEL. Nothing is known of columns and kinds yet.

use crate::token::{Token, shortened, tokens};
use crate::{Error, MAX_BYTES, MAX_DEPTH};

/// A part of an expression and its place (characters from 1).
#[derive(Clone, Debug)]
pub(crate) struct Node {
    pub(crate) at: usize,
    pub(crate) part: Part,
    /// Levels of parts below, this one included.
    depth: usize,
}

#[derive(Clone, Debug)]
pub(crate) enum Part {
    Number(f64),
    Text(String),
    Truth(bool),
    Null,
    Name(String),
    /// `function(arguments)`; of `x.function(y)` too, with `x` first and `method` set.
    Call {
        function: String,
        arguments: Vec<Node>,
        method: bool,
    },
    Negative(Box<Node>),
    Not(Box<Node>),
    /// Two sides of an operator other than `&&` and `||`.
    Binary {
        sign: &'static str,
        left: Box<Node>,
        right: Box<Node>,
    },
    /// All of them, at least two.
    And(Vec<Node>),
    /// Any of them, at least two.
    Or(Vec<Node>),
    Choice {
        condition: Box<Node>,
        yes: Box<Node>,
        no: Box<Node>,
    },
    List(Vec<Node>),
}

/// Reads a whole text.
///
/// # Errors
/// [`Error::TooLong`], [`Error::TooDeep`], [`Error::Syntax`], [`Error::Literal`], [`Error::Unsupported`].
pub(crate) fn parse(text: &str) -> Result<Node, Error> {
    if text.len() > MAX_BYTES {
        return Err(Error::TooLong { bytes: text.len(), max: MAX_BYTES });
    }
    let tokens = tokens(text)?;
    let mut parser = Parser { tokens: &tokens, next: 0, nested: 0 };
    let node = parser.choice()?;
    match parser.peek() {
        Token::End => Ok(node),
        _ => Err(parser.expected("an operator or the end")),
    }
}

struct Parser<'t> {
    tokens: &'t [(usize, Token)],
    next: usize,
    /// Open calls of [`Parser::choice`].
    nested: usize,
}

/// Operators of two sides, from those that bind least.
const LEVELS: [&[&str]; 3] = [&["==", "!=", "<=", ">=", "<", ">", "in"], &["+", "-"], &["*", "/", "%"]];

impl Parser<'_> {
    fn peek(&self) -> &Token {
        &self.tokens[self.next].1
    }

    fn at(&self) -> usize {
        self.tokens[self.next].0
    }

    fn advance(&mut self) {
        self.next = (self.next + 1).min(self.tokens.len() - 1);
    }

    fn expected(&self, expected: &'static str) -> Error {
        Error::Syntax { at: self.at(), expected, found: self.peek().shown() }
    }

    /// Whether one of the signs comes next; if so it is taken.
    fn take(&mut self, signs: &[&'static str]) -> Option<&'static str> {
        let found = match self.peek() {
            Token::Sign(sign) => signs.iter().find(|s| *s == sign),
            Token::Name(name) => signs.iter().find(|s| **s == "in" && name == "in"),
            _ => None,
        };
        found.map(|sign| {
            self.advance();
            *sign
        })
    }

    fn close(&mut self, sign: &'static str, expected: &'static str) -> Result<(), Error> {
        self.take(&[sign]).map(|_| ()).ok_or_else(|| self.expected(expected))
    }

    fn choice(&mut self) -> Result<Node, Error> {
        self.nested += 1;
        if self.nested > MAX_DEPTH {
            return Err(Error::TooDeep { at: self.at(), max: MAX_DEPTH });
        }
        let condition = self.any_of("||")?;
        let at = self.at();
        let node = if self.take(&["?"]).is_some() {
            let yes = self.any_of("||")?;
            self.close(":", "an operator or `:` and the other value")?;
            let no = self.choice()?;
            node(at, Part::Choice { condition: condition.into(), yes: yes.into(), no: no.into() })?
        } else {
            condition
        };
        self.nested -= 1;
        Ok(node)
    }

    /// Parts that `||` or, one level deeper, `&&` joins.
    fn any_of(&mut self, sign: &'static str) -> Result<Node, Error> {
        let next = |parser: &mut Self| match sign {
            "||" => parser.any_of("&&"),
            _ => parser.binary(0),
        };
        let first = next(self)?;
        let at = self.at();
        let mut parts = vec![first];
        while self.take(&[sign]).is_some() {
            parts.push(next(self)?);
        }
        match parts.len() {
            1 => Ok(parts.remove(0)),
            _ if sign == "||" => node(at, Part::Or(parts)),
            _ => node(at, Part::And(parts)),
        }
    }

    fn binary(&mut self, level: usize) -> Result<Node, Error> {
        let Some(signs) = LEVELS.get(level) else { return self.unary() };
        let mut left = self.binary(level + 1)?;
        loop {
            let at = self.at();
            let Some(sign) = self.take(signs) else { return Ok(left) };
            let right = self.binary(level + 1)?;
            left = node(at, Part::Binary { sign, left: left.into(), right: right.into() })?;
        }
    }

    fn unary(&mut self) -> Result<Node, Error> {
        let at = self.at();
        let Some(sign) = self.take(&["!", "-"]) else { return self.member() };
        let mut odd = true;
        while self.take(&[sign]).is_some() {
            odd = !odd;
        }
        let operand = self.member()?;
        let wrapped = |operand: Node| match sign {
            "!" => node(at, Part::Not(operand.into())),
            _ => node(at, Part::Negative(operand.into())),
        };
        // an even number of signs still asks for an operand of its kind
        let once = wrapped(operand)?;
        if odd { Ok(once) } else { wrapped(once) }
    }

    /// A value and the methods called on it.
    fn member(&mut self) -> Result<Node, Error> {
        let mut value = self.primary()?;
        loop {
            let at = self.at();
            match self.take(&[".", "[", "{"]) {
                None => return Ok(value),
                Some(".") => {}
                Some("[") => return Err(Error::Unsupported { at, what: "an index `[..]`".to_owned() }),
                Some(_) => return Err(Error::Unsupported { at, what: "a message `{..}`".to_owned() }),
            }
            let at = self.at();
            let Token::Name(function) = self.peek().clone() else {
                return Err(self.expected("the name of a function"));
            };
            self.advance();
            if self.take(&["("]).is_none() {
                return Err(Error::Unsupported { at, what: format!("a field `.{}`", shortened(&function)) });
            }
            let mut arguments = vec![value];
            arguments.extend(self.list(")", "`,` or `)`")?);
            value = node(at, Part::Call { function, arguments, method: true })?;
        }
    }

    fn primary(&mut self) -> Result<Node, Error> {
        let at = self.at();
        let token = self.peek().clone();
        self.advance();
        let part = match token {
            Token::Number(number) => Part::Number(number),
            Token::Text(text) => Part::Text(text),
            Token::Column(name) => Part::Name(name),
            Token::Name(name) if name == "true" => Part::Truth(true),
            Token::Name(name) if name == "false" => Part::Truth(false),
            Token::Name(name) if name == "null" => Part::Null,
            Token::Name(name) if name != "in" => match self.take(&["("]) {
                Some(_) => {
                    Part::Call { function: name, arguments: self.list(")", "`,` or `)`")?, method: false }
                }
                None => Part::Name(name),
            },
            Token::Sign("(") => {
                let inner = self.choice()?;
                self.close(")", "an operator or `)`")?;
                return Ok(inner);
            }
            Token::Sign("[") => Part::List(self.list("]", "`,` or `]`")?),
            Token::Sign("{") => return Err(Error::Unsupported { at, what: "a map `{..}`".to_owned() }),
            other => {
                let expected = "a number, a text in quotes, a column, a function or `(`";
                return Err(Error::Syntax { at, expected, found: other.shown() });
            }
        };
        node(at, part)
    }

    /// Parts with commas between them, until the closing sign; `[a, b,]` may end with a comma.
    fn list(&mut self, closing: &'static str, expected: &'static str) -> Result<Vec<Node>, Error> {
        let mut parts = Vec::new();
        loop {
            let may_end = parts.is_empty() || closing == "]";
            if may_end && self.take(&[closing]).is_some() {
                return Ok(parts);
            }
            parts.push(self.choice()?);
            if self.take(&[","]).is_none() {
                self.close(closing, expected)?;
                return Ok(parts);
            }
        }
    }
}

/// A node, unless the tree becomes too deep to be walked safely.
fn node(at: usize, part: Part) -> Result<Node, Error> {
    let deepest = |nodes: &[Node]| nodes.iter().map(|n| n.depth).max().unwrap_or(0);
    let below = match &part {
        Part::Number(_) | Part::Text(_) | Part::Truth(_) | Part::Null | Part::Name(_) => 0,
        Part::Call { arguments: nodes, .. } | Part::And(nodes) | Part::Or(nodes) | Part::List(nodes) => {
            deepest(nodes)
        }
        Part::Negative(inner) | Part::Not(inner) => inner.depth,
        Part::Binary { left, right, .. } => left.depth.max(right.depth),
        Part::Choice { condition, yes, no } => condition.depth.max(yes.depth).max(no.depth),
    };
    if below >= MAX_DEPTH {
        return Err(Error::TooDeep { at, max: MAX_DEPTH });
    }
    Ok(Node { at, part, depth: below + 1 })
}
