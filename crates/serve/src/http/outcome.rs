//! What became of each customer of a request.

use crate::http::overriding::Overridden;
use arrears_model::Scored;
use arrears_model::value::{Refusal, RefusalKind};
use std::borrow::Cow;

/// One customer of a request, in the place where the request had it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Customer {
    /// The id as a JSON token, where there is one.
    pub(crate) id: Option<Box<str>>,
    /// Scores, or why there are none.
    pub(crate) outcome: Outcome,
}

/// Scores, or why there are none.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Outcome {
    /// What the model says.
    Scored {
        /// As every other door of arrears gives it.
        scored: Scored,
        /// Positions of fields whose key was not there, read as missing.
        absent: Vec<usize>,
        /// What people changed of it.
        overridden: Option<Box<Overridden>>,
    },
    /// The customer cannot be scored.
    Failed(RowFault),
}

impl Outcome {
    pub(crate) fn scored(&self) -> Option<&Scored> {
        match self {
            Outcome::Scored { scored, .. } => Some(scored),
            Outcome::Failed(_) => None,
        }
    }

    /// What people changed.
    pub(crate) fn overridden(&self) -> Option<&Overridden> {
        match self {
            Outcome::Scored { overridden, .. } => overridden.as_deref(),
            Outcome::Failed(_) => None,
        }
    }

    /// Position of the grade that the model gives, whatever people made of it.
    pub(crate) fn model_grade(&self) -> Option<usize> {
        match self.overridden() {
            Some(overridden) => overridden.grade,
            None => self.scored()?.grade,
        }
    }
}

/// Why a customer cannot be scored. Holds no value.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct RowFault {
    /// The field or column at fault, where it is one.
    pub(crate) field: Option<String>,
    /// What was expected.
    pub(crate) expected: Cow<'static, str>,
    /// The same in a word.
    pub(crate) cause: Cause,
}

/// Why a customer cannot be scored, in a word to count by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Cause {
    NotANumber,
    NotFinite,
    OutOfRange,
    UnseenCategory,
    Missing,
    Nested,
    NotText,
    Twice,
    Unreadable,
}

impl Cause {
    pub(crate) fn word(self) -> &'static str {
        match self {
            Cause::NotANumber => "not_a_number",
            Cause::NotFinite => "not_finite",
            Cause::OutOfRange => "out_of_range",
            Cause::UnseenCategory => "unseen_category",
            Cause::Missing => "missing",
            Cause::Nested => "nested",
            Cause::NotText => "not_text",
            Cause::Twice => "given_twice",
            Cause::Unreadable => "unreadable",
        }
    }

    /// What was expected, of causes that a body has before the model sees it.
    fn expected(self) -> &'static str {
        match self {
            Cause::Nested => "expected a string, number, true, false or null, not a nested value",
            Cause::NotText => "expected a string of Unicode text",
            Cause::Twice => "expected the key once",
            _ => "expected one JSON object with a key for each field",
        }
    }
}

impl RowFault {
    /// A fault of the body.
    pub(crate) fn of(cause: Cause, field: Option<&str>) -> Self {
        RowFault { field: field.map(str::to_owned), expected: cause.expected().into(), cause }
    }

    /// In a sentence, for a request of one customer.
    pub(crate) fn sentence(&self) -> String {
        match &self.field {
            Some(field) => format!("field `{field}`: {}", self.expected),
            None => self.expected.to_string(),
        }
    }
}

impl From<Refusal> for RowFault {
    fn from(refusal: Refusal) -> Self {
        let cause = match refusal.kind {
            RefusalKind::NotANumber => Cause::NotANumber,
            RefusalKind::NotFinite => Cause::NotFinite,
            RefusalKind::OutOfRange { .. } => Cause::OutOfRange,
            RefusalKind::UnseenCategory => Cause::UnseenCategory,
            RefusalKind::Missing => Cause::Missing,
        };
        RowFault { field: Some(refusal.column), expected: refusal.kind.to_string().into(), cause }
    }
}
