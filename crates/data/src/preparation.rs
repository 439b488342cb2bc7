//! The recipe's sections that say how rows are prepared: `[data]`, `[clean]`, `[columns.X]`, `[split]`.

use crate::error::DataError;
use crate::infer::{ColumnType, DEFAULT_MISSING};
use arrears_model::Special;
use arrears_model::schema::{OutOfRange, Unseen};
use serde::{Deserialize, Deserializer, Serialize};
use std::collections::BTreeMap;

/// How a file becomes rows to train and to test on.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Preparation {
    /// Section `[data]`.
    #[serde(default)]
    pub data: DataRecipe,
    /// Section `[clean]`.
    #[serde(default)]
    pub clean: CleanRecipe,
    /// Sections `[columns.X]`, by name of the column.
    #[serde(default)]
    pub columns: BTreeMap<String, ColumnRecipe>,
    /// Section `[split]`.
    #[serde(default)]
    pub split: SplitRecipe,
}

/// Section `[data]`: the file and the columns with a role.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DataRecipe {
    /// The file, relative to the recipe.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// Column of the outcome; k-means needs none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
    /// Label of the bad outcome. A number may stand without quotes.
    #[serde(deserialize_with = "label", skip_serializing_if = "Option::is_none")]
    pub positive: Option<String>,
    /// Column that names the customer; never a feature.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Column of the date that a row tells of its customer as of; never a feature. An id may then have a row a date.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub as_of: Option<String>,
    /// Column of row weights: finite numbers, 0 or more; never a feature. A row of weight 2 counts as two.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub weight: Option<String>,
    /// Columns that are not features.
    pub exclude: Vec<String>,
}

/// Section `[clean]`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CleanRecipe {
    /// Texts read as missing; blank text always is. Default [`DEFAULT_MISSING`].
    pub missing: Vec<String>,
    /// Numbers with a meaning of their own in every number column, beside those of its `[columns.X]`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub special: Vec<f64>,
    /// What becomes of repeated rows; default: dropped when an id is declared, kept and counted otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub duplicates: Option<Duplicates>,
}

impl Default for CleanRecipe {
    fn default() -> Self {
        let missing = DEFAULT_MISSING.map(str::to_owned).to_vec();
        CleanRecipe { missing, special: Vec::new(), duplicates: None }
    }
}

/// Policy for rows that repeat an earlier one in every column, or repeat its id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Duplicates {
    /// The first row stays, later ones are dropped.
    Drop,
    /// All stay; the report counts them.
    Keep,
}

/// Section `[columns.X]`: what is known about column X. A declared column is a feature even when it looks
/// like an id or has very many categories.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ColumnRecipe {
    /// `number`, `category` or `date`; told from the rows where it is not given.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub kind: Option<DeclaredType>,
    /// Lowest possible number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min: Option<f64>,
    /// Highest possible number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max: Option<f64>,
    /// What becomes of a number outside `min` and `max`: `reject` (default), `missing`, `clip`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub out_of_range: Option<OutOfRange>,
    /// Numbers, or ranges `[from, to]`, with a meaning of their own; they may lie outside the range.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub special: Vec<Special>,
    /// What becomes of a category that training never saw: `other` (default), `missing`, `reject`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unseen: Option<Unseen>,
    /// Text for a customer whose score this column lowers most.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// What a high number says of customers, for names of segments: `pays late`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub high: Option<String>,
    /// What a low number says of them: `pays on time`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub low: Option<String>,
}

/// A type that a recipe can declare.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeclaredType {
    /// A number; rows where it is text are dropped.
    Number,
    /// A category, even where all values are numbers.
    Category,
    /// A date; not a feature, but a split may go by it.
    Date,
}

/// Section `[split]`: which rows are held out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SplitRecipe {
    /// How rows are chosen.
    pub method: SplitMethod,
    /// Share held out, between 0 and 1. Default 0.25. For `random`, of each class; for `time`, the latest.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub test: Option<f64>,
    /// Seed of the random choice.
    pub seed: u64,
    /// Column that `time` and `column` go by; not a feature.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub column: Option<String>,
    /// `time`: rows at or after this are held out, instead of the share `test`.
    #[serde(deserialize_with = "label", skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// `column`: rows with this value are held out.
    #[serde(deserialize_with = "label", skip_serializing_if = "Option::is_none")]
    pub test_value: Option<String>,
    /// `random` and `time`: column whose rows of one value, such as one customer, are not both trained on and held
    /// out; not a feature.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
}

impl Default for SplitRecipe {
    fn default() -> Self {
        let method = SplitMethod::Random;
        SplitRecipe { method, test: None, seed: 7, column: None, from: None, test_value: None, group: None }
    }
}

/// How held-out rows are chosen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SplitMethod {
    /// At random, the same share of each class (default).
    #[default]
    Random,
    /// The latest rows by a column of dates or numbers.
    Time,
    /// The rows with a given value in a given column.
    Column,
}

/// A label written as text, number, true or false.
fn label<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged, expecting = "a text, a number, true or false")]
    enum Label {
        Text(String),
        Integer(i64),
        Number(f64),
        Flag(bool),
    }
    Ok(Some(match Label::deserialize(deserializer)? {
        Label::Text(text) => text,
        Label::Integer(n) => n.to_string(),
        Label::Number(x) => x.to_string(),
        Label::Flag(b) => b.to_string(),
    }))
}

impl Preparation {
    /// Reads the four sections out of a whole recipe; other sections are left to their owners.
    ///
    /// # Errors
    /// [`DataError::RecipeSyntax`] with line and key for TOML faults, unknown keys and unknown choices;
    /// [`DataError::Recipe`] for values that contradict each other.
    pub fn from_toml(text: &str) -> Result<Preparation, DataError> {
        let preparation: Preparation = toml::from_str(text)?;
        preparation.check()?;
        Ok(preparation)
    }

    /// Checks what types alone cannot: ranges, shares, keys that belong to another choice.
    ///
    /// # Errors
    /// [`DataError::Recipe`] naming the key.
    pub fn check(&self) -> Result<(), DataError> {
        self.columns.iter().try_for_each(|(name, column)| column.check(name))?;
        if self.clean.special.iter().any(|code| !code.is_finite()) {
            return Err(DataError::recipe("clean.special", "expected finite numbers"));
        }
        if self.data.positive.is_some() && self.data.target.is_none() {
            return Err(DataError::recipe("data.positive", "needs data.target, the column it is a label of"));
        }
        if self.data.as_of.is_some() && self.data.id.is_none() {
            return Err(DataError::recipe("data.as_of", "needs data.id, the column that names the customer"));
        }
        self.split.check()
    }

    /// The texts read as missing, blanks around them cut.
    pub fn missing(&self) -> Vec<String> {
        self.clean.missing.iter().map(|m| m.trim().to_owned()).collect()
    }

    /// The column by whose values training rows are dealt into folds together: that of the split, else the id where
    /// rows are as of dates.
    pub fn kept_together(&self) -> Option<&str> {
        let id = self.data.id.as_deref().filter(|_| self.data.as_of.is_some());
        self.split.group.as_deref().or(id)
    }

    /// What becomes of repeated rows, with the default resolved.
    pub fn duplicates(&self) -> Duplicates {
        let default = if self.data.id.is_some() { Duplicates::Drop } else { Duplicates::Keep };
        self.clean.duplicates.unwrap_or(default)
    }
}

impl ColumnRecipe {
    fn check(&self, name: &str) -> Result<(), DataError> {
        let key = |key: &str| format!("columns.{name}.{key}");
        if self.min.iter().chain(&self.max).any(|x| !x.is_finite()) {
            return Err(DataError::recipe(key("min, max, special"), "expected finite numbers"));
        }
        if let Some(fault) = Special::fault(&self.special_codes(&[])) {
            return Err(DataError::recipe(key("special"), fault));
        }
        if let (Some(min), Some(max)) = (self.min, self.max)
            && min > max
        {
            return Err(DataError::recipe(key("min"), format!("{min} lies above max = {max}")));
        }
        let bounded = self.min.is_some() || self.max.is_some();
        if self.out_of_range.is_some() && !bounded {
            return Err(DataError::recipe(key("out_of_range"), "needs min or max"));
        }
        let words = self.high.is_some() || self.low.is_some();
        if words && self.declared().is_some_and(|declared| declared != ColumnType::Number) {
            return Err(DataError::recipe(key("high, low"), "belong to type = \"number\""));
        }
        if self.high.iter().chain(&self.low).any(|word| word.trim().is_empty()) {
            return Err(DataError::recipe(key("high, low"), "expected words, such as \"pays late\""));
        }
        let number = bounded || !self.special.is_empty() || words;
        match self.kind {
            Some(DeclaredType::Number) if self.unseen.is_some() => {
                Err(DataError::recipe(key("unseen"), "belongs to type = \"category\""))
            }
            Some(DeclaredType::Category | DeclaredType::Date) if number => {
                Err(DataError::recipe(key("min, max, special"), "belong to type = \"number\""))
            }
            None if number && self.unseen.is_some() => Err(DataError::recipe(
                key("unseen"),
                "belongs to a category; min, max and special to a number",
            )),
            _ => Ok(()),
        }
    }

    /// The special codes in ascending order, each once; zero has one sign. Those of every number column
    /// (`everywhere`) give way where the column's own already hold them.
    pub(crate) fn special_codes(&self, everywhere: &[f64]) -> Vec<Special> {
        let plain = |code: &Special| match code {
            Special::Value(x) => Special::Value(x + 0.0),
            Special::Range(bounds) => Special::Range(bounds.map(|x| x + 0.0)),
        };
        let mut codes: Vec<Special> = self.special.iter().map(plain).collect();
        let new = everywhere.iter().filter(|x| !self.special.iter().any(|own| own.holds(**x)));
        codes.extend(new.map(|x| plain(&Special::Value(*x))));
        codes.sort_by(|a, b| a.bounds()[0].total_cmp(&b.bounds()[0]));
        codes.dedup();
        codes
    }

    /// The declared type, also where only keys of a number or of a category are given.
    pub(crate) fn declared(&self) -> Option<ColumnType> {
        match self.kind {
            Some(DeclaredType::Number) => Some(ColumnType::Number),
            Some(DeclaredType::Category) => Some(ColumnType::Category),
            Some(DeclaredType::Date) => Some(ColumnType::Date),
            None if self.min.is_some() || self.max.is_some() || !self.special.is_empty() => {
                Some(ColumnType::Number)
            }
            None => self.unseen.map(|_| ColumnType::Category),
        }
    }
}

impl SplitRecipe {
    /// The share held out where `test` is not given.
    pub const DEFAULT_TEST: f64 = 0.25;

    /// Checks the share, and that each key belongs to the method.
    ///
    /// # Errors
    /// [`DataError::Recipe`] naming the key.
    pub fn check(&self) -> Result<(), DataError> {
        let fail = |key: &str, problem: &str| Err(DataError::recipe(format!("split.{key}"), problem));
        if self.test.is_some_and(|share| !(share > 0.0 && share < 1.0)) {
            return fail("test", "expected a share between 0 and 1, such as 0.25");
        }
        if self.method != SplitMethod::Random && self.column.is_none() {
            return fail("column", "method = \"time\" and method = \"column\" need the column to go by");
        }
        if self.method == SplitMethod::Random && self.column.is_some() {
            return fail(
                "column",
                "method = \"random\" goes by no column; set method = \"time\" or \"column\"",
            );
        }
        if self.method != SplitMethod::Time && self.from.is_some() {
            return fail("from", "belongs to method = \"time\"");
        }
        let two_sides = self.method == SplitMethod::Time && self.group.is_none();
        if two_sides && self.from.is_some() && self.test.is_some() {
            return fail("from", "give `from` or `test`, not both");
        }
        if self.method == SplitMethod::Column && self.group.is_some() {
            return fail("group", "method = \"column\" says of each row where it goes");
        }
        match (self.method, &self.test_value) {
            (SplitMethod::Column, None) => fail("test_value", "method = \"column\" needs the value held out"),
            (SplitMethod::Random | SplitMethod::Time, Some(_)) => {
                fail("test_value", "belongs to method = \"column\"")
            }
            (SplitMethod::Column, _) if self.test.is_some() => {
                fail("test", "method = \"column\" holds out the rows of test_value")
            }
            _ => Ok(()),
        }
    }
}
