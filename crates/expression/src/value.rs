//! Values and their kinds.

/// What a column or an expression gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Doubles.
    Number,
    /// Texts.
    Text,
    /// True or false.
    Bool,
    /// Microseconds since 1970-01-01T00:00:00Z.
    Time,
}

/// A value of a row.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Value<'a> {
    /// No value.
    Missing,
    /// A double; NaN is read as missing and never given.
    Number(f64),
    /// A text.
    Text(&'a str),
    /// True or false.
    Bool(bool),
    /// Microseconds since 1970-01-01T00:00:00Z; `i64::MIN` is read as missing and never given.
    Time(i64),
}

impl Kind {
    /// The kind as messages call it: `a number`.
    pub fn words(self) -> &'static str {
        match self {
            Kind::Number => "a number",
            Kind::Text => "a text",
            Kind::Bool => "a condition",
            Kind::Time => "a moment",
        }
    }
}
