//! The configuration: which files hold a company's events, and which of their columns mean what.

mod clean;
mod column;
mod hint;
mod table;

pub use clean::{CleanSettings, Foreign, Keep, MissingKnown};
pub use column::{ColumnSource, SourceColumn};
pub(crate) use hint::nearest;
pub use table::{Negative, TableMapping};

use crate::{Columns, Declaration, Error, EventKind, MappedColumn, Selection, ValueKind, Zone};
use serde::Deserialize;
use serde::de::IgnoredAny;
use std::path::Path;
use std::sync::Arc;
use table::TableSection;

/// A configuration file. Sections of others (`[agency]`, `[label]`, `[assess]`, `[decisions]`) are let through: each reads its own from
/// [`Config::text`].
#[derive(Clone, Debug)]
pub struct Config {
    /// File as it was named, for messages.
    pub file: String,
    /// The whole file.
    pub text: String,
    /// The currency of all amounts, such as `GBP`.
    pub currency: String,
    /// The zone of local times and of calendar days.
    pub zone: Arc<Zone>,
    /// Section `[clean]`.
    pub clean: CleanSettings,
    /// Section `[features]`, and features of one's own.
    pub features: Selection,
    /// Sections `[[feature]]`.
    pub declared: Vec<Declaration>,
    /// The tables that there are, one a kind at most, in the order of [`EventKind::ALL`].
    pub tables: Vec<TableMapping>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    currency: Option<String>,
    time_zone: Option<String>,
    #[serde(default)]
    clean: CleanSettings,
    customers: Option<TableSection>,
    orders: Option<TableSection>,
    payments: Option<TableSection>,
    returns: Option<TableSection>,
    reports: Option<TableSection>,
    financials: Option<TableSection>,
    #[serde(default)]
    features: Selection,
    #[serde(default)]
    feature: Vec<Declaration>,
    #[serde(rename = "label")]
    _label: Option<IgnoredAny>,
    #[serde(rename = "agency")]
    _agency: Option<IgnoredAny>,
    #[serde(rename = "assess")]
    _assess: Option<IgnoredAny>,
    #[serde(rename = "decisions")]
    _decisions: Option<IgnoredAny>,
}

impl Config {
    /// Reads a configuration file.
    ///
    /// # Errors
    /// When it cannot be read, or as [`Config::from_toml`].
    pub fn read(path: &Path) -> Result<Config, Error> {
        let file = path.display().to_string();
        let text =
            std::fs::read_to_string(path).map_err(|source| Error::Open { file: file.clone(), source })?;
        let folder = path.parent().unwrap_or(Path::new(""));
        Config::from_toml(&text, &file, folder)
    }

    /// Reads a configuration. `file` names it in messages; paths of data are relative to `folder`.
    ///
    /// # Errors
    /// When the text is not TOML, has a key that does not exist, a table lacks a column that it must have, or a pattern
    /// finds no file.
    pub fn from_toml(text: &str, file: &str, folder: &Path) -> Result<Config, Error> {
        let fail = |why: String| Error::Config { file: file.to_owned(), why };
        let own: File = toml::from_str(text).map_err(|e| fail(hint::with_nearest(&e)))?;
        let currency = own.currency.ok_or_else(|| {
            fail(
                "there is no `currency`: say in which one all amounts are, as in currency = \"GBP\""
                    .to_owned(),
            )
        })?;
        let zone = own.time_zone.ok_or_else(|| {
            fail(
                "there is no `time_zone`: say where days begin, as in time_zone = \"Europe/London\""
                    .to_owned(),
            )
        })?;
        let zone = Zone::new(&zone).map_err(|error| fail(error.to_string()))?;
        own.clean.check().map_err(|why| fail(format!("[clean] {why}")))?;
        let sections = [own.customers, own.orders, own.payments, own.returns, own.reports, own.financials];
        let mut tables = Vec::new();
        for (kind, section) in EventKind::ALL.into_iter().zip(sections) {
            let Some(section) = section else { continue };
            let table = section.resolved(kind, &currency, folder);
            tables.push(table.map_err(|why| fail(format!("[{}] {why}", kind.name())))?);
        }
        if tables.is_empty() {
            let why = "it names no table; expected a section such as [orders] with `file` and `columns`";
            return Err(fail(why.to_owned()));
        }
        let (file, text) = (file.to_owned(), text.to_owned());
        let (zone, clean, features, declared) = (Arc::new(zone), own.clean, own.features, own.feature);
        let config = Config { file, text, currency, zone, clean, features, declared, tables };
        config.check_owners()?;
        Ok(config)
    }

    /// The table of a kind.
    pub fn table(&self, kind: EventKind) -> Option<&TableMapping> {
        self.tables.iter().find(|table| table.kind == kind)
    }

    /// The columns that features can use, table by table: those of [`crate::Events::columns`].
    pub fn columns(&self) -> Columns {
        let of = |kind| {
            let own = self.table(kind)?.columns.iter().map(|column| MappedColumn {
                name: column.name.clone(),
                kind: column.kind,
                late: column.late.clone(),
            });
            let joined = MappedColumn { name: ORDERED_AT.to_owned(), kind: ValueKind::Time, late: None };
            Some(own.chain(self.joins_ordered_at(kind).then_some(joined)).collect())
        };
        Columns { tables: EventKind::ALL.map(of) }
    }

    /// Whether the rows of `kind` get `ordered_at` from the order that they name.
    pub(crate) fn joins_ordered_at(&self, kind: EventKind) -> bool {
        let has = |kind, name| self.table(kind).is_some_and(|table| table.column(name).is_some());
        kind == EventKind::Returns
            && self.table(EventKind::Orders).is_some()
            && has(kind, "order")
            && !has(kind, ORDERED_AT)
    }

    /// Customers that are not mapped are found by the order, which then has to be mapped.
    fn check_owners(&self) -> Result<(), Error> {
        let fail = |why: String| Error::Config { file: self.file.clone(), why };
        for table in self.tables.iter().filter(|table| table.customer.is_none()) {
            let found = matches!(table.kind, EventKind::Payments | EventKind::Returns)
                && table.column("order").is_some()
                && self.table(EventKind::Orders).is_some_and(|orders| orders.customer.is_some());
            if !found {
                let name = table.kind.name();
                return Err(fail(format!(
                    "[{name}] maps no `customer`: add it to `columns`; payments and returns can do with `order`, by which \
                     [orders] knows the customer"
                )));
            }
        }
        Ok(())
    }
}

/// The column of returns that is found by `order`.
pub(crate) const ORDERED_AT: &str = "ordered_at";

#[cfg(test)]
mod tests;
