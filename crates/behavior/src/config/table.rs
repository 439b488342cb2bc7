//! The section of a table: its files, and what their columns mean.

use crate::config::Keep;
use crate::config::column::{ColumnSection, ColumnSource, SourceColumn, declared_kind};
use crate::config::hint;
use crate::times::TimeFormat;
use crate::{Amount, EventKind, OneOrMany, ValueKind};
use arrears_data::{files_of_pattern, is_pattern};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// A table of events and the columns that it has.
#[derive(Clone, Debug)]
pub struct TableMapping {
    /// What its rows tell.
    pub kind: EventKind,
    /// Its files, in this order.
    pub files: Vec<PathBuf>,
    /// The customer's id; `None` where the order says who the customer is.
    pub customer: Option<ColumnSource>,
    /// When it happened.
    pub at: SourceColumn,
    /// From when on it was known; `None`: since it happened.
    pub known_at: Option<SourceColumn>,
    /// The currency of a row; `None`: that of the configuration.
    pub currency: Option<ColumnSource>,
    /// The other columns: those that arrears knows in their order, then the company's own by name.
    pub columns: Vec<SourceColumn>,
    /// How times are written; the column's own `time_format` goes first.
    pub time_format: Vec<String>,
    /// What 1 stands for in columns of money, in millionths of the currency: 10,000 for cents.
    pub unit: i64,
    /// A condition in CEL over the columns of the file: rows that do not meet it belong to no event.
    pub condition: Option<String>,
    /// What columns of the files are in formulas and conditions, where that is not what the file says: all columns of text files are
    /// texts, unless they are mapped as something else.
    pub kinds: BTreeMap<String, ValueKind>,
    /// What becomes of amounts and quantities below zero.
    pub negative: Negative,
    /// What becomes of rows that repeat another, or its id.
    pub duplicates: Keep,
}

/// What becomes of amounts and quantities below zero in orders, payments and returns.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Negative {
    /// The row is left out, and counted (default).
    #[default]
    Drop,
    /// They stay as they are, and are counted.
    Keep,
    /// They lose their sign, and are counted: for returns that are written as negative orders.
    Absolute,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TableSection {
    file: OneOrMany<String>,
    columns: BTreeMap<String, ColumnSection>,
    time_format: Option<OneOrMany<String>>,
    unit: Option<f64>,
    currency: Option<String>,
    #[serde(rename = "where")]
    condition: Option<String>,
    #[serde(default)]
    kinds: BTreeMap<String, String>,
    #[serde(default)]
    negative: Negative,
    duplicates: Option<Keep>,
}

/// Names that every table may map, before its own.
const COMMON: [&str; 4] = ["customer", "at", "known_at", "currency"];

impl TableMapping {
    /// The column of this name.
    pub fn column(&self, name: &str) -> Option<&SourceColumn> {
        self.columns.iter().find(|column| column.name == name)
    }
}

impl TableSection {
    pub(crate) fn resolved(
        mut self,
        kind: EventKind,
        currency: &str,
        folder: &Path,
    ) -> Result<TableMapping, String> {
        if let Some(other) = self.currency.as_deref().filter(|own| *own != currency) {
            return Err(format!(
                "currency: the table is in {other} and the configuration in {currency}; amounts are compared and added up, so \
                 convert it first, or make a configuration of its own"
            ));
        }
        let files = files(&self.file.0, folder)?;
        let mut take = |name: &str| self.columns.remove(name).map(|section| section.0);
        let customer = take("customer").map(|c| c.columns("customer")).transpose()?;
        let currency = take("currency").map(|c| c.columns("currency")).transpose()?;
        let mut time = |name: &str| -> Result<Option<SourceColumn>, String> {
            take(name).map(|section| mapped(kind, name, section)).transpose()
        };
        let at = time("at")?
            .ok_or_else(|| format!("`columns` has no `at`: when each of the {} happened", kind.name()))?;
        let known_at = time("known_at")?;
        let columns = own_columns(kind, self.columns)?;
        let time_format = self.time_format.map_or_else(Vec::new, |formats| formats.0);
        let formats = columns.iter().chain([&at]).chain(&known_at).filter_map(|c| c.time_format.as_ref());
        for format in formats.flatten().chain(&time_format) {
            TimeFormat::new(format).map_err(|why| format!("time_format: {why}"))?;
        }
        let kinds = self.kinds.iter().map(|(name, kind)| {
            let kind = declared_kind(kind).map_err(|why| format!("kinds.{name}: {why}"))?;
            Ok((name.clone(), kind.0))
        });
        let kinds = kinds.collect::<Result<_, String>>()?;
        Ok(TableMapping {
            kind,
            files,
            customer,
            at,
            known_at,
            currency,
            columns,
            time_format,
            unit: unit(self.unit)?,
            condition: self.condition,
            kinds,
            negative: self.negative,
            duplicates: self.duplicates.unwrap_or(Keep::Drop),
        })
    }
}

/// What 1 stands for, in millionths.
fn unit(unit: Option<f64>) -> Result<i64, String> {
    let unit = unit.unwrap_or(1.0);
    let millionths = (unit * Amount::ONE as f64).round();
    if (1.0..=1e15).contains(&millionths) {
        return Ok(millionths as i64);
    }
    Err(format!("unit: {unit} is not between 0.000001 and 1,000,000,000; for amounts in cents it is 0.01"))
}

/// The files that are named, those of a pattern by name.
fn files(named: &[String], folder: &Path) -> Result<Vec<PathBuf>, String> {
    let mut files = Vec::new();
    for name in named {
        let path = folder.join(name);
        if !is_pattern(&path) || path.exists() {
            files.push(path);
            continue;
        }
        let found = files_of_pattern(&path).map_err(|e| format!("file: cannot look for `{name}`: {e}"))?;
        if found.is_empty() {
            return Err(format!("file: no file is called as `{name}` in `{}`", folder.display()));
        }
        files.extend(found);
    }
    Ok(files)
}

/// The columns beside the common ones: those that arrears knows, then the company's own.
fn own_columns(
    kind: EventKind,
    mut sections: BTreeMap<String, ColumnSection>,
) -> Result<Vec<SourceColumn>, String> {
    let mut columns = Vec::new();
    for standard in kind.columns() {
        match sections.remove(standard.name) {
            Some(section) => columns.push(mapped(kind, standard.name, section.0)?),
            None if standard.required => {
                return Err(format!("`columns` has no `{}`: {}", standard.name, standard.meaning));
            }
            None => {}
        }
    }
    for (name, section) in sections {
        columns.push(mapped(kind, &name, section.0)?);
    }
    for column in &columns {
        let known = |late: &String| columns.iter().any(|c| c.name == *late && c.kind == ValueKind::Time);
        if let Some(late) = column.late.as_ref().filter(|late| !known(late)) {
            return Err(format!(
                "columns.{}: it is known from the time in `{late}` on, and `columns` has no such time",
                column.name
            ));
        }
    }
    Ok(columns)
}

fn mapped(kind: EventKind, name: &str, section: crate::config::column::Full) -> Result<SourceColumn, String> {
    let source = section.source(name)?;
    let time_format = section.time_format.clone().map(|formats| formats.0);
    let (name, late) = (name.to_owned(), section.late);
    let time = (ValueKind::Time, false);
    let standard = kind.columns().iter().find(|c| c.name == name);
    let ((kind, money), late) = match (standard, section.kind) {
        (Some(c), None) => ((c.kind, c.money), late.or(c.late.map(str::to_owned))),
        (None, _) if COMMON.contains(&name.as_str()) => (time, late),
        (None, Some(kind)) => {
            (declared_kind(&kind).map_err(|why| format!("columns.{name}.kind: {why}"))?, late)
        }
        (Some(c), Some(_)) => {
            return Err(format!("columns.{name}: its kind is known ({}); leave `kind` out", c.meaning));
        }
        (None, None) => return Err(unknown_column(kind, &name)),
    };
    if name.is_empty() || !name.chars().all(|c| c.is_alphanumeric() || c == '_') {
        return Err(format!("columns: `{name}` is no name; expected letters, digits and _"));
    }
    Ok(SourceColumn { name, kind, money, late, source, time_format })
}

fn unknown_column(kind: EventKind, name: &str) -> String {
    let known: Vec<&str> = COMMON.into_iter().chain(kind.columns().iter().map(|c| c.name)).collect();
    let near = hint::nearest(name, known.iter().copied());
    let near = near.map(|near| format!("did you mean `{near}`? ")).unwrap_or_default();
    format!(
        "columns.{name}: arrears knows no such column of {}: {near}They are {}; for a column of your own say its kind, as in {name} \
         = {{ from = \"...\", kind = \"number\" }}",
        kind.name(),
        known.join(", ")
    )
}
