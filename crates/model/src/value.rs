//! One raw value at the door, and what it becomes inside.

/// A raw value of one field of one row, before the schema has looked at it.
///
/// CSV and NDJSON give [`Value::Text`]; Parquet and typed callers give [`Value::Number`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Value<'a> {
    /// No value at all (SQL null, absent key).
    Missing,
    /// A number; NaN counts as missing, infinity is refused.
    Number(f64),
    /// Text as it stood in the source; blanks around it do not count.
    Text(&'a str),
}

/// A value that passed its field's schema. The four cases that are not a plain value have names.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Cell {
    /// Missing, or declared to be read as missing.
    Missing,
    /// The special code at this position of the field's `special` list.
    Special(usize),
    /// A finite number inside the declared range.
    Number(f64),
    /// The category at this position of the field's `categories` list.
    Category(usize),
    /// A category that training never saw, where the policy is to give it the `other` bin.
    Unseen,
}

/// Why a value was changed on its way in, for the `flags` of a scored row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FlagKind {
    /// The category was not seen in training; the field's `unseen` policy was applied.
    UnseenCategory,
    /// The number lay outside the declared range and was read as missing.
    OutOfRangeAsMissing,
    /// The number lay outside the declared range and was moved to its nearest bound.
    OutOfRangeClipped,
    /// The formula of the credit limit has no result for the row, for want of this value; the limit's policy was applied.
    LimitByPolicy,
    /// The value of the customer is not known, for want of this value; the policy of the tiers was applied.
    TierByPolicy,
}

impl std::fmt::Display for FlagKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::UnseenCategory => "unseen category",
            Self::OutOfRangeAsMissing => "out of range, read as missing",
            Self::OutOfRangeClipped => "out of range, clipped",
            Self::LimitByPolicy => "the limit cannot be worked out and is that of its policy",
            Self::TierByPolicy => "the customer's value is not known and the tier is that of its policy",
        })
    }
}

/// A value that was not taken as it stood: which field and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Flag {
    /// Position of the field in the schema.
    pub field: usize,
    /// What was done.
    pub kind: FlagKind,
}

/// Why a value cannot be taken; the row it stands in is rejected, never guessed.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum RefusalKind {
    /// Text that is no number in a number field.
    #[error("expected a number such as 12.5, or one of the texts declared as missing")]
    NotANumber,
    /// An infinite number.
    #[error("expected a finite number")]
    NotFinite,
    /// A number outside the declared range, where the policy is to reject.
    #[error("expected a number {}", describe_range(*.min, *.max))]
    OutOfRange {
        /// Lowest possible value, if declared.
        min: Option<f64>,
        /// Highest possible value, if declared.
        max: Option<f64>,
    },
    /// A category that training never saw, where the policy is to reject.
    #[error("expected one of the categories seen in training")]
    UnseenCategory,
    /// No value, where the model has no answer without one.
    #[error("expected a value: the model has no answer without one")]
    Missing,
}

/// A refused value: field, the value as text, and why.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("column `{column}` has {}: {kind}", quoted(.value))]
pub struct Refusal {
    /// Name of the field.
    pub column: String,
    /// The value as it stood, cut after 60 characters.
    pub value: String,
    /// Why it cannot be taken.
    pub kind: RefusalKind,
}

fn quoted(value: &str) -> String {
    format!("{value:?}")
}

fn describe_range(min: Option<f64>, max: Option<f64>) -> String {
    match (min, max) {
        (Some(min), Some(max)) => format!("from {min} to {max}"),
        (Some(min), None) => format!("of at least {min}"),
        (None, Some(max)) => format!("of at most {max}"),
        (None, None) => "inside the declared range".to_owned(),
    }
}
