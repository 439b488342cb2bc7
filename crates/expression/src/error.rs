//! Why an expression is refused, and where.

use crate::Kind;

/// An expression that is refused. `at` is the place in the text, in characters from 1.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum Error {
    /// The text is longer than [`crate::MAX_BYTES`].
    #[error(
        "the expression has {bytes} bytes; {max} are the most: shorten it, or split it into several features"
    )]
    TooLong {
        /// Length of the text.
        bytes: usize,
        /// The limit.
        max: usize,
    },
    /// Brackets, conditions or chains of arithmetic nest deeper than [`crate::MAX_DEPTH`].
    #[error("character {at}: more than {max} levels of nesting: split the expression")]
    TooDeep {
        /// Where.
        at: usize,
        /// The limit.
        max: usize,
    },
    /// The text does not follow the grammar.
    #[error("character {at}: expected {expected}, found {found}")]
    Syntax {
        /// Where.
        at: usize,
        /// What may stand here.
        expected: &'static str,
        /// What stands here.
        found: String,
    },
    /// A literal that cannot be read.
    #[error("character {at}: {literal} {fault}")]
    Literal {
        /// Where.
        at: usize,
        /// The literal as written, shortened.
        literal: String,
        /// What is wrong with it, and how to mend it.
        fault: &'static str,
    },
    /// A part of CEL that arrears does not take.
    #[error("character {at}: {what} is not supported; supported are {SUPPORTED}")]
    Unsupported {
        /// Where.
        at: usize,
        /// Which part.
        what: String,
    },
    /// A name that no column has.
    #[error("character {at}: there is no column `{name}`; {hint}")]
    UnknownName {
        /// Where.
        at: usize,
        /// The name.
        name: String,
        /// The column that was perhaps meant, or the columns that there are.
        hint: String,
    },
    /// A function that there is not.
    #[error("character {at}: there is no function `{name}`{}; supported are {SUPPORTED}", nearest_function(.nearest))]
    UnknownFunction {
        /// Where.
        at: usize,
        /// The name.
        name: String,
        /// The function whose name is nearest, if one is near.
        nearest: Option<&'static str>,
    },
    /// A value of one kind stands where another is needed.
    #[error("character {at}: {of} needs {expected}, and this is {}", .found.words())]
    Kind {
        /// Where.
        at: usize,
        /// The operator or function.
        of: String,
        /// The kinds that it takes.
        expected: &'static str,
        /// The kind that stands here.
        found: Kind,
    },
    /// Something else that the operator or function does not take, and how to mend it.
    #[error("character {at}: {of} {fault}")]
    Operand {
        /// Where.
        at: usize,
        /// The operator or function.
        of: String,
        /// What is wrong, and how to mend it.
        fault: String,
    },
    /// The whole expression gives another kind of value than is needed.
    #[error("the expression gives {}, and {} is needed here", .found.words(), .expected.words())]
    Result {
        /// The kind that is needed.
        expected: Kind,
        /// The kind that the expression gives.
        found: Kind,
    },
}

/// What an expression may hold, as messages say it.
pub const SUPPORTED: &str = "numbers, texts in quotes, true, false, null, columns, == != < <= > >=, && || !, ? :, + - * / %, \
    `in [..]`, has, size, startsWith, endsWith, contains, min, max, abs, floor, ceil, round, ln, timestamp, days";

fn nearest_function(nearest: &Option<&'static str>) -> String {
    nearest.map_or_else(String::new, |name| format!("; did you mean `{name}`?"))
}
