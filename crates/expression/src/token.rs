//! Text -> tokens, as the CEL specification cuts them.

use crate::Error;
use crate::literal;

/// A piece of the text.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Token {
    Number(f64),
    Text(String),
    Name(String),
    /// A name in backquotes, which is always that of a column.
    Column(String),
    /// An operator or bracket, one of [`SIGNS`].
    Sign(&'static str),
    End,
}

/// Longer signs before those that they begin with.
const SIGNS: [&str; 24] = [
    "==", "!=", "<=", ">=", "&&", "||", "<", ">", "!", "?", ":", "+", "-", "*", "/", "%", "(", ")", "[", "]",
    ",", ".", "{", "}",
];

/// Words that CEL keeps for itself.
const RESERVED: [&str; 17] = [
    "as",
    "break",
    "const",
    "continue",
    "else",
    "for",
    "function",
    "if",
    "import",
    "let",
    "loop",
    "package",
    "namespace",
    "return",
    "var",
    "void",
    "while",
];

impl Token {
    /// The token as a message shows it.
    pub(crate) fn shown(&self) -> String {
        match self {
            Token::Number(number) => format!("the number {number}"),
            Token::Text(text) => format!("the text '{}'", shortened(text)),
            Token::Name(name) | Token::Column(name) => format!("`{}`", shortened(name)),
            Token::Sign(sign) => format!("`{sign}`"),
            Token::End => "the end".to_owned(),
        }
    }
}

/// The start of a text, for messages.
pub(crate) fn shortened(text: &str) -> String {
    match text.char_indices().nth(40) {
        Some((end, _)) => format!("{}...", &text[..end]),
        None => text.to_owned(),
    }
}

/// The tokens of a text, each with its place (characters from 1); the last is [`Token::End`].
pub(crate) fn tokens(text: &str) -> Result<Vec<(usize, Token)>, Error> {
    let mut found = Vec::new();
    let mut rest = text;
    let mut at = 1;
    loop {
        let skipped = rest.len() - after_blanks(rest).len();
        at += rest[..skipped].chars().count();
        rest = &rest[skipped..];
        if rest.is_empty() {
            found.push((at, Token::End));
            return Ok(found);
        }
        let (token, length) = first_token(rest, at)?;
        found.push((at, token));
        at += rest[..length].chars().count();
        rest = &rest[length..];
    }
}

/// The text after white space and comments (`// ..` to the end of the line).
fn after_blanks(text: &str) -> &str {
    let mut rest = text.trim_start_matches([' ', '\t', '\n', '\r', '\x0c']);
    while let Some(comment) = rest.strip_prefix("//") {
        let after = comment.find('\n').map_or("", |end| &comment[end..]);
        rest = after.trim_start_matches([' ', '\t', '\n', '\r', '\x0c']);
    }
    rest
}

/// The column whose name ends at the next backquote, with the bytes of both.
fn column(text: &str, at: usize) -> Result<(Token, usize), Error> {
    let name = text.split_once('`').map_or("", |(name, _)| name);
    if name.is_empty() {
        let literal = format!("`{}", shortened(text));
        return Err(Error::Literal {
            at,
            literal,
            fault: "is no name of a column: it stands between two backquotes",
        });
    }
    Ok((Token::Column(name.to_owned()), name.len() + 2))
}

/// The token at the start of a text that is not empty, and its length in bytes.
fn first_token(text: &str, at: usize) -> Result<(Token, usize), Error> {
    let bytes = text.as_bytes();
    let is_digit = |i: usize| bytes.get(i).is_some_and(u8::is_ascii_digit);
    if is_digit(0) || (bytes[0] == b'.' && is_digit(1)) {
        return literal::number(text, at).map(|(number, length)| (Token::Number(number), length));
    }
    if bytes[0] == b'`' {
        return column(&text[1..], at);
    }
    let word = text.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(text.len());
    if let Some(quote) = bytes.get(word)
        && matches!(quote, b'\'' | b'"')
    {
        match &text[..word] {
            "" => return literal::text(text, at, false).map(|(text, length)| (Token::Text(text), length)),
            "r" | "R" => {
                return literal::text(text, at, true).map(|(text, length)| (Token::Text(text), length));
            }
            _ => {}
        }
    }
    if word > 0 && !text.starts_with(char::is_numeric) {
        let name = &text[..word];
        if RESERVED.contains(&name) {
            return Err(Error::Literal {
                at,
                literal: format!("`{name}`"),
                fault: "is a reserved word of CEL",
            });
        }
        return Ok((Token::Name(name.to_owned()), word));
    }
    match SIGNS.iter().find(|sign| text.starts_with(**sign)) {
        Some(sign) => Ok((Token::Sign(sign), sign.len())),
        None => {
            let found = text.chars().next().map_or_else(String::new, |c| format!("`{}`", c.escape_debug()));
            let expected = match bytes[0] {
                b'=' => "`==` to compare",
                b'&' => "`&&`",
                b'|' => "`||`",
                _ => "a number, a text in quotes, a column or an operator",
            };
            Err(Error::Syntax { at, expected, found })
        }
    }
}
