//! Schema: the fields a model reads, and what each raw value becomes.
//!
//! This is the one ingestion of arrears. Training, batch scoring and every other caller turn raw
//! values into [`Cell`]s through [`Field::ingest`], so the policy for missing values, special codes,
//! unseen categories and impossible numbers cannot differ between them.

use crate::error::{ModelError, invalid};
use crate::formula;
use crate::special::Special;
use crate::value::{Cell, FlagKind, RefusalKind, Value};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// The columns a model knows: features in a fixed order, id and target by name.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Schema {
    /// Column that names the customer; copied to the output, never a feature.
    pub id: Option<String>,
    /// Column and labels of the outcome, where the model has one.
    pub target: Option<Target>,
    /// Column of the amount that a model of amounts predicts; no other model has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<String>,
    /// Texts read as missing, after blanks around them are cut. One that is a number, such as `-1`, also
    /// stands for that number however it is written or typed: `-1.0` in a number field is missing too.
    pub missing: Vec<String>,
    /// The features, in the order that breaks ties everywhere.
    pub fields: Vec<Field>,
}

/// The outcome column. Bad = 1.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Target {
    /// Name of the column.
    pub column: String,
    /// Label of the bad outcome.
    pub bad: String,
    /// Label of the good outcome.
    pub good: String,
}

/// One feature column.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Field {
    /// Name of the column, as in the header.
    pub name: String,
    /// Number or category, with the policies of each.
    pub kind: Kind,
    /// Text a customer can be told when this field costs the most points.
    pub reason: Option<String>,
    /// Whether a row in which it is missing, or is read as missing, is refused. In the file only where it is true.
    #[serde(default, skip_serializing_if = "is_false")]
    pub required: bool,
    /// CEL formula over the other number and category fields, whose result the field holds: no column has it. It gives a number;
    /// see `formula`. In the file only where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub formula: Option<String>,
}

fn is_false(flag: &bool) -> bool {
    !flag
}

/// What a field holds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum Kind {
    /// A number.
    Number {
        /// Lowest possible value; below it the number is impossible.
        min: Option<f64>,
        /// Highest possible value; above it the number is impossible.
        max: Option<f64>,
        /// What becomes of an impossible number.
        out_of_range: OutOfRange,
        /// Numbers and ranges with a meaning of their own (such as 9999 = never), ascending; each has a bin of its
        /// own.
        special: Vec<Special>,
    },
    /// A category.
    Category {
        /// The categories seen in training, in ascending byte order.
        categories: Vec<String>,
        /// What becomes of any other.
        unseen: Unseen,
    },
}

/// Policy for a number outside the declared range.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OutOfRange {
    /// The row is rejected (default).
    #[default]
    Reject,
    /// The value is read as missing, and the row flagged.
    Missing,
    /// The value is moved to the nearest bound, and the row flagged.
    Clip,
}

/// Policy for a category that training never saw.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unseen {
    /// It falls in the bin (or branch) `other`, and the row is flagged (default).
    #[default]
    Other,
    /// It is read as missing, and the row flagged.
    Missing,
    /// The row is rejected.
    Reject,
}

impl Schema {
    /// Position of the field called `name`.
    pub fn position(&self, name: &str) -> Option<usize> {
        self.fields.iter().position(|f| f.name == name)
    }

    /// The fields that a row has values for, at the positions they have in `fields`: all but those with a formula, which
    /// stand last.
    pub fn inputs(&self) -> impl Iterator<Item = &Field> {
        self.fields.iter().filter(|field| field.formula.is_none())
    }

    /// The texts that are read as missing in a field: none of a formula's results, for they are about what people wrote.
    pub(crate) fn missing_of(&self, field: &Field) -> &[String] {
        if field.formula.is_some() { &[] } else { &self.missing }
    }

    /// # Errors
    /// Names that repeat, ranges, codes, categories or formulas that cannot be.
    pub fn check(&self) -> Result<(), ModelError> {
        formula::check(self)?;
        for (i, field) in self.fields.iter().enumerate() {
            field.check()?;
            if self.fields[..i].iter().any(|f| f.name == field.name) {
                return Err(invalid(format!("two fields are called `{}`", field.name)));
            }
            let target = self.target.as_ref().map(|t| &t.column);
            let taken = [self.id.as_ref(), target, self.amount.as_ref()];
            if taken.contains(&Some(&field.name)) {
                return Err(invalid(format!("field `{}` is also the id or the target", field.name)));
            }
        }
        match &self.target {
            Some(t) if t.bad == t.good => {
                Err(invalid(format!("target `{}` has one label, `{}`, for good and bad", t.column, t.bad)))
            }
            _ => Ok(()),
        }
    }
}

impl Field {
    /// Turns one raw value into a cell, by this field's policies.
    ///
    /// `missing` is [`Schema::missing`]. The flag says when the value was not taken as it stood.
    ///
    /// # Errors
    /// [`RefusalKind`] when the value must not be used; the caller rejects the row.
    pub fn ingest(
        &self,
        missing: &[String],
        value: Value<'_>,
    ) -> Result<(Cell, Option<FlagKind>), RefusalKind> {
        match self.take(missing, value)? {
            (Cell::Missing, _) if self.required => Err(RefusalKind::Missing),
            taken => Ok(taken),
        }
    }

    /// The cell of a value, whether or not it may be missing.
    fn take(&self, missing: &[String], value: Value<'_>) -> Result<(Cell, Option<FlagKind>), RefusalKind> {
        let value = match value {
            Value::Text(text) => {
                let text = text.trim();
                if text.is_empty() || missing.iter().any(|m| m == text) {
                    Value::Missing
                } else {
                    Value::Text(text)
                }
            }
            Value::Number(x) if x.is_nan() || stands_for_missing(missing, x) => Value::Missing,
            other => other,
        };
        match (&self.kind, value) {
            (_, Value::Missing) => Ok((Cell::Missing, None)),
            (Kind::Number { .. }, Value::Number(x)) => self.ingest_number(x),
            (Kind::Number { .. }, Value::Text(text)) => {
                let x = text.parse().map_err(|_| RefusalKind::NotANumber)?;
                if stands_for_missing(missing, x) { Ok((Cell::Missing, None)) } else { self.ingest_number(x) }
            }
            (Kind::Category { .. }, Value::Text(text)) => self.ingest_category(text),
            (Kind::Category { .. }, Value::Number(x)) if !x.is_finite() => Err(RefusalKind::NotFinite),
            (Kind::Category { .. }, Value::Number(x)) => self.ingest_category(&number_as_category(x)),
        }
    }

    fn ingest_number(&self, x: f64) -> Result<(Cell, Option<FlagKind>), RefusalKind> {
        let Kind::Number { min, max, out_of_range, special } = &self.kind else {
            return Err(RefusalKind::NotANumber);
        };
        if let Some(code) = special.iter().position(|s| s.holds(x)) {
            return Ok((Cell::Special(code), None));
        }
        if !x.is_finite() {
            return Err(RefusalKind::NotFinite);
        }
        let low = min.is_some_and(|m| x < m);
        let high = max.is_some_and(|m| x > m);
        if !low && !high {
            return Ok((Cell::Number(x), None));
        }
        match (out_of_range, if low { min } else { max }) {
            (OutOfRange::Missing, _) => Ok((Cell::Missing, Some(FlagKind::OutOfRangeAsMissing))),
            (OutOfRange::Clip, Some(bound)) => Ok((Cell::Number(*bound), Some(FlagKind::OutOfRangeClipped))),
            _ => Err(RefusalKind::OutOfRange { min: *min, max: *max }),
        }
    }

    fn ingest_category(&self, text: &str) -> Result<(Cell, Option<FlagKind>), RefusalKind> {
        let Kind::Category { categories, unseen } = &self.kind else {
            return Err(RefusalKind::NotANumber);
        };
        match (categories.binary_search_by(|c| c.as_str().cmp(text)), unseen) {
            (Ok(code), _) => Ok((Cell::Category(code), None)),
            (Err(_), Unseen::Other) => Ok((Cell::Unseen, Some(FlagKind::UnseenCategory))),
            (Err(_), Unseen::Missing) => Ok((Cell::Missing, Some(FlagKind::UnseenCategory))),
            (Err(_), Unseen::Reject) => Err(RefusalKind::UnseenCategory),
        }
    }

    /// Whether every finite number is taken as it stands, so that a reader of many numbers need not ask
    /// [`Field::ingest`] for each: no range, no special codes, and no number among the texts of `missing`.
    pub fn takes_numbers_as_they_are(&self, missing: &[String]) -> bool {
        let plain = !self.required
            && matches!(&self.kind, Kind::Number { min: None, max: None, special, .. } if special.is_empty());
        plain && !missing.iter().any(|m| m.parse::<f64>().is_ok_and(f64::is_finite))
    }

    /// The declared special codes; empty for a category.
    pub fn special(&self) -> &[Special] {
        match &self.kind {
            Kind::Number { special, .. } => special,
            Kind::Category { .. } => &[],
        }
    }

    /// The categories; empty for a number.
    pub fn categories(&self) -> &[String] {
        match &self.kind {
            Kind::Number { .. } => &[],
            Kind::Category { categories, .. } => categories,
        }
    }

    /// The sentence for a customer, or the column's name where none was written.
    pub fn reason_text(&self) -> &str {
        self.reason.as_deref().unwrap_or(&self.name)
    }

    fn check(&self) -> Result<(), ModelError> {
        let fail = |what: &str| Err(invalid(format!("field `{}`: {what}", self.name)));
        if self.name.trim().is_empty() {
            return Err(invalid("a field has no name"));
        }
        match &self.kind {
            Kind::Number { min, max, special, .. } => {
                if [min, max].into_iter().flatten().any(|x| !x.is_finite()) {
                    return fail("range and special codes must be finite numbers");
                }
                if matches!((min, max), (Some(min), Some(max)) if min > max) {
                    return fail("the range's min lies above its max");
                }
                if let Some(fault) = Special::fault(special) {
                    return fail(fault);
                }
            }
            Kind::Category { categories, .. } => {
                if !categories.is_sorted_by(|a, b| a < b) {
                    return fail("categories must ascend and differ");
                }
            }
        }
        Ok(())
    }
}

/// Whether one of the missing texts is this number: the same code must be missing in CSV and in Parquet.
/// NaN and infinity are not looked up.
pub fn stands_for_missing(missing: &[String], x: f64) -> bool {
    let numeric = |m: &str| m.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '+' | '-' | '.'));
    x.is_finite() && missing.iter().any(|m| numeric(m) && m.parse() == Ok(x))
}

/// The texts of `missing` that are such numbers: all that a number has to be compared with.
pub fn missing_numbers(missing: &[String]) -> Vec<String> {
    let numeric = |m: &&String| m.parse().is_ok_and(|x| stands_for_missing(missing, x));
    missing.iter().filter(numeric).cloned().collect()
}

/// A number's name as a category: `1` for 1.0, `2.5` for 2.5; zero has one name.
pub fn number_as_category(x: f64) -> Cow<'static, str> {
    if x == 0.0 { Cow::Borrowed("0") } else { Cow::Owned(format!("{x}")) }
}
