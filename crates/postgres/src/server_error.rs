//! What a server says, as text.

use std::error::Error as _;
use tokio_postgres::Error;
use tokio_postgres::error::{DbError, ErrorPosition};

/// An error with all that the server says of it.
pub(crate) fn text(error: &Error) -> String {
    let Some(said) = error.as_db_error() else { return chain(error) };
    let mut text = said.message().to_owned();
    for (title, more) in [("", said.detail()), ("hint: ", said.hint()), ("in: ", said.where_())] {
        if let Some(more) = more {
            text.push_str("; ");
            text.push_str(title);
            text.push_str(more.trim_end_matches('.'));
        }
    }
    text
}

/// An error of a query, with the place in it.
pub(crate) fn text_of_query(error: &Error, query: &str) -> String {
    let place = error.as_db_error().and_then(DbError::position).and_then(|position| match position {
        ErrorPosition::Original(at) => Some(place(query, *at as usize)),
        ErrorPosition::Internal { .. } => None,
    });
    text(error) + &place.unwrap_or_default()
}

/// The place of a character, from 1.
fn place(query: &str, at: usize) -> String {
    let before: String = query.chars().take(at.saturating_sub(1)).collect();
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    let rest: String = query.chars().skip(at.saturating_sub(1)).take_while(|c| *c != '\n').take(30).collect();
    let line = if query.contains('\n') { format!("line {line}, ") } else { String::new() };
    match rest.is_empty() {
        true => format!(" (at its end, {line}character {column})"),
        false => format!(" (at {line}character {column}: `{rest}`)"),
    }
}

/// An error and its causes, each once.
fn chain(error: &Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(next) = cause {
        let said = next.to_string();
        if !text.contains(&said) {
            text.push_str(": ");
            text.push_str(&said);
        }
        cause = next.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::place;

    #[test]
    fn places() {
        assert_eq!(place("select a", 8), " (at character 8: `a`)");
        assert_eq!(place("select", 7), " (at its end, character 7)");
        assert_eq!(place("select 中,\n  b from t", 13), " (at line 2, character 3: `b from t`)");
        assert_eq!(place("x", 99), " (at its end, character 2)");
    }
}
