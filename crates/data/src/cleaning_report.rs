//! What cleaning did: rows dropped and why, values changed, columns and their types.

use crate::infer::ColumnType;
use crate::source::{NOT_UTF8, TO_UTF8, Unreadable};
use serde::Serialize;
use std::fmt;

/// Counts of one cleaning. Each row read is counted once:
/// `read = kept + the rows of all dropped + unreadable`.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct CleaningReport {
    /// Rows of the file, without the header.
    pub read: u64,
    /// Rows that could not be read.
    pub unreadable: u64,
    /// The first of them, at most three.
    pub unreadable_examples: Vec<Unreadable>,
    /// Rows that stay.
    pub kept: u64,
    /// Rows dropped, by reason and column.
    pub dropped: Vec<Dropped>,
    /// Values changed in rows that stay, by column.
    pub changed: Vec<Changed>,
    /// Rows that repeat an earlier one in every column and stay, because duplicates are kept.
    pub duplicates_kept: u64,
    /// Rows that repeat an earlier id (of the same date, where rows have one) and stay, because duplicates are kept.
    pub repeated_ids_kept: u64,
    /// The columns, in file order.
    pub types: Vec<ColumnReport>,
}

/// Rows dropped for one reason.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Dropped {
    /// Why.
    pub reason: DropReason,
    /// The column at fault, where it is one.
    pub column: Option<String>,
    /// How many rows.
    pub rows: u64,
    /// The first of them, at most three.
    pub examples: Vec<Example>,
}

/// Why a row is dropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum DropReason {
    /// The outcome is not known.
    MissingTarget,
    /// The row's weight is not known.
    MissingWeight,
    /// The row's weight is below 0.
    NegativeWeight,
    /// Text in a number column.
    NotANumber,
    /// An infinite number.
    NotFinite,
    /// A number outside the declared range.
    OutOfRange,
    /// A category that a model's training rows do not have.
    UnseenCategory,
    /// No value in a column that a model cannot do without.
    MissingValue,
    /// Equal to an earlier row in every column.
    ExactDuplicate,
    /// Has the id of an earlier row.
    RepeatedId,
    /// Has the id of an earlier row of the same date.
    RepeatedIdAndDate,
}

/// A value at fault and where it stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Example {
    /// Line of the file.
    pub line: u64,
    /// The value, cut after 60 characters.
    pub value: String,
}

/// Values of one column that were not taken as they stood.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Changed {
    /// Name of the column.
    pub column: String,
    /// Numbers outside the range, read as missing.
    pub read_as_missing: u64,
    /// Numbers outside the range, moved to the nearest bound.
    pub clipped: u64,
    /// Categories that a model's training rows do not have, taken as the field's policy says.
    #[serde(skip_serializing_if = "is_zero")]
    pub unseen: u64,
}

fn is_zero(count: &u64) -> bool {
    *count == 0
}

/// A column: its type, its part, and what is notable.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ColumnReport {
    /// Name of the column.
    pub column: String,
    /// Its type, told from the rows or declared.
    #[serde(rename = "type")]
    pub kind: ColumnType,
    /// Its part in the model.
    pub role: Role,
    /// Different values.
    pub distinct: usize,
    /// Rows without a value.
    pub missing: usize,
    /// Why it is left out, or what to look at.
    pub note: Option<String>,
    /// Whether it holds text although most of it are numbers, or would be in another writing; the note says more.
    #[serde(skip)]
    pub doubtful: bool,
}

/// The part a column plays.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// The models read it.
    Feature,
    /// Names the customer.
    Id,
    /// The date that the row tells of its customer as of.
    AsOf,
    /// Holds the outcome.
    Target,
    /// Holds the weight of each row.
    Weight,
    /// Says which rows are held out.
    Split,
    /// Says which rows are trained on or held out together.
    Group,
    /// Excluded by the recipe.
    Excluded,
    /// Of no use as a feature; the note says why.
    LeftOut,
}

impl DropReason {
    /// The reason in words.
    pub fn describe(self) -> &'static str {
        match self {
            DropReason::MissingTarget => "outcome missing",
            DropReason::MissingWeight => "weight missing",
            DropReason::NegativeWeight => "weight below 0",
            DropReason::NotANumber => "text in a number column",
            DropReason::NotFinite => "infinite number",
            DropReason::OutOfRange => "number outside its range",
            DropReason::UnseenCategory => "category not seen in training",
            DropReason::MissingValue => "value missing that the model needs",
            DropReason::ExactDuplicate => "repeats an earlier row",
            DropReason::RepeatedId => "repeats an earlier id",
            DropReason::RepeatedIdAndDate => "repeats an earlier id of the same date",
        }
    }
}

impl Role {
    /// The role in words.
    pub fn describe(self) -> &'static str {
        match self {
            Role::Feature => "feature",
            Role::Id => "id",
            Role::AsOf => "as of",
            Role::Target => "target",
            Role::Weight => "weight",
            Role::Split => "split",
            Role::Group => "group",
            Role::Excluded => "excluded",
            Role::LeftOut => "left out",
        }
    }
}

/// The rows; the columns are in [`CleaningReport::types`].
impl fmt::Display for CleaningReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{:>10}  rows read", self.read)?;
        if self.unreadable > 0 {
            let examples = self.unreadable_examples.iter();
            let examples: Vec<String> = examples.map(|u| format!("line {}: {}", u.line, u.why)).collect();
            writeln!(f, "{:>10}  unreadable, left out ({})", self.unreadable, examples.join("; "))?;
            if self.unreadable_examples.iter().any(|u| u.why == NOT_UTF8) {
                writeln!(f, "{:>10}  {TO_UTF8}", "")?;
            }
        }
        for dropped in &self.dropped {
            write!(f, "{:>10}  dropped: {}", dropped.rows, dropped.reason.describe())?;
            if let Some(column) = &dropped.column {
                write!(f, ", column `{column}`")?;
            }
            let examples = dropped.examples.iter();
            let examples: Vec<String> = examples.map(|e| format!("line {}: {:?}", e.line, e.value)).collect();
            writeln!(f, " ({})", examples.join("; "))?;
        }
        writeln!(f, "{:>10}  rows kept", self.kept)?;
        if self.duplicates_kept > 0 {
            writeln!(f, "{:>10}  of them repeat an earlier row (kept)", self.duplicates_kept)?;
        }
        if self.repeated_ids_kept > 0 {
            writeln!(f, "{:>10}  of them repeat an earlier id (kept)", self.repeated_ids_kept)?;
        }
        for changed in &self.changed {
            if changed.unseen > 0 {
                writeln!(
                    f,
                    "{:>10}  categories of `{}` not seen in training",
                    changed.unseen, changed.column
                )?;
                continue;
            }
            let values = changed.read_as_missing + changed.clipped;
            let what = if changed.clipped > 0 { "moved to the bound" } else { "read as missing" };
            writeln!(f, "{values:>10}  values outside the range of `{}` {what}", changed.column)?;
        }
        Ok(())
    }
}
