//! Where the values of a column come from.

use crate::config::hint;
use crate::{OneOrMany, ValueKind};
use serde::de::value::MapAccessDeserializer;
use serde::de::{Error, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use std::fmt;

/// A column of events and where its values come from.
#[derive(Clone, Debug)]
pub struct SourceColumn {
    /// Its name for features and filters.
    pub name: String,
    /// What its values are.
    pub kind: ValueKind,
    /// Its numbers are amounts of money.
    pub money: bool,
    /// The time column that says from when on a value is known.
    pub late: Option<String>,
    /// Where the values come from.
    pub source: ColumnSource,
    /// How its times are written, instead of the table's formats.
    pub time_format: Option<Vec<String>>,
}

/// Where values come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ColumnSource {
    /// Columns of the file; the texts of several are joined by `|` and make an id.
    Columns(Vec<String>),
    /// A formula in CEL over the columns of the file.
    Formula(String),
}

/// A value of `columns`: the name of a column, or all about it.
#[derive(Clone, Debug)]
pub(crate) struct ColumnSection(pub(crate) Full);

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Full {
    pub(crate) from: Option<OneOrMany<String>>,
    pub(crate) formula: Option<String>,
    pub(crate) kind: Option<String>,
    pub(crate) late: Option<String>,
    pub(crate) time_format: Option<OneOrMany<String>>,
}

impl<'de> Deserialize<'de> for ColumnSection {
    fn deserialize<D: Deserializer<'de>>(given: D) -> Result<Self, D::Error> {
        struct Section;
        impl<'de> Visitor<'de> for Section {
            type Value = ColumnSection;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the name of a column, or a table such as { from = \"VIP\", kind = \"text\" }")
            }
            fn visit_str<E: Error>(self, text: &str) -> Result<ColumnSection, E> {
                let from = Some(OneOrMany(vec![text.to_owned()]));
                Ok(ColumnSection(Full { from, ..Full::default() }))
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<ColumnSection, A::Error> {
                Full::deserialize(MapAccessDeserializer::new(map)).map(ColumnSection)
            }
        }
        given.deserialize_any(Section)
    }
}

impl Full {
    pub(crate) fn source(&self, name: &str) -> Result<ColumnSource, String> {
        match (&self.from, &self.formula) {
            (Some(from), None) if !from.0.is_empty() => Ok(ColumnSource::Columns(from.0.clone())),
            (None, Some(formula)) => Ok(ColumnSource::Formula(formula.clone())),
            _ => Err(format!("columns.{name}: expected either `from`, a column of the file, or `formula`")),
        }
    }
}

impl Full {
    /// The source of what is always a text of the file.
    pub(crate) fn columns(&self, name: &str) -> Result<ColumnSource, String> {
        match self.source(name)? {
            ColumnSource::Formula(_) => {
                Err(format!("columns.{name}: expected a column of the file, or several, and no formula"))
            }
            columns => Ok(columns),
        }
    }
}

/// What a company says of the kind of its own column: what it is, and whether it is money.
pub(crate) fn declared_kind(kind: &str) -> Result<(ValueKind, bool), String> {
    match kind {
        "number" => Ok((ValueKind::Number, false)),
        "money" => Ok((ValueKind::Number, true)),
        "text" => Ok((ValueKind::Text, false)),
        "time" => Ok((ValueKind::Time, false)),
        other => {
            let near = hint::nearest(other, ["number", "money", "text", "time"].into_iter());
            let near = near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
            Err(format!("`{other}` is none of number, money, text and time{near}"))
        }
    }
}
