//! Section `[label]`.

use crate::{AsOf, Config, Error, EventKind, Zone};
use serde::Deserialize;
use std::sync::Arc;

/// Section `[label]` of a configuration: who counts as bad, and who is left out.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub struct LabelSettings {
    /// What bad means.
    pub kind: LabelKind,
    /// The last day of which the tables are complete, as `2025-12-31`. A performance window that ends later is not over:
    /// its customers are excluded as immature, also those who are bad already, since the good ones are not known yet.
    pub complete_until: String,
    /// Days after the observation date in which the customer is watched; 1 to 3,650.
    #[serde(default = "year")]
    pub performance_days: u32,
    /// Past due: bad from so many days on.
    #[serde(default = "ninety")]
    pub bad_days: u32,
    /// Past due: indeterminate from so many days on; as many as `bad_days` for nobody.
    #[serde(default = "thirty")]
    pub indeterminate_days: u32,
    /// Past due: arrears do not count on days on which all that is past due is not more than this, in the currency.
    #[serde(default)]
    pub materiality: f64,
    /// Past due: excluded who is so many days past due at the observation date. Default: `bad_days`.
    pub already_bad_days: Option<u32>,
    /// Serial returner: bad with at least so many returns in the window.
    #[serde(default = "three")]
    pub bad_returns: u32,
    /// Serial returner: and with at least so many returns an order placed in the window.
    #[serde(default = "half")]
    pub bad_return_share: f64,
    /// Serial returner: indeterminate, if not bad, with at least so many returns. Default: nobody.
    pub indeterminate_returns: Option<u32>,
    /// Excluded as too young: who is a customer for fewer days than this at the observation date.
    #[serde(default)]
    pub min_history_days: u32,
    /// Excluded without activity: who in so many days up to the observation date had no order, nothing due and no
    /// return. Default: nobody.
    pub activity_days: Option<u32>,
}

/// What bad means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LabelKind {
    /// Some bill was `bad_days` past due.
    PastDue,
    /// Goods came back often.
    SerialReturner,
}

/// A setting that cannot be.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum SettingsError {
    /// A key with a value that it cannot have.
    #[error("[label] {key} = {value}: expected {expected}")]
    Value {
        /// The key.
        key: &'static str,
        /// Its value.
        value: String,
        /// What it may be.
        expected: &'static str,
    },
    /// A table that the label is made from is not mapped.
    #[error("[label]: table `{table}` is not mapped: add a section [{table}] with its file and columns")]
    NoTable {
        /// Its name.
        table: &'static str,
    },
    /// A column that the label is made from was not read.
    #[error("[label]: column `{column}` of table `{table}` is needed and not mapped: add it to `columns`")]
    NoColumn {
        /// Name of the table.
        table: &'static str,
        /// Name of the column.
        column: &'static str,
    },
}

fn year() -> u32 {
    365
}

fn ninety() -> u32 {
    90
}

fn thirty() -> u32 {
    30
}

fn three() -> u32 {
    3
}

fn half() -> f64 {
    0.5
}

impl LabelSettings {
    /// Bad by the usual rule: 90 days past due within 365 days; 30 to 89 days are indeterminate.
    pub fn past_due(complete_until: &str) -> LabelSettings {
        LabelSettings {
            kind: LabelKind::PastDue,
            complete_until: complete_until.to_owned(),
            performance_days: year(),
            bad_days: ninety(),
            indeterminate_days: thirty(),
            materiality: 0.0,
            already_bad_days: None,
            bad_returns: three(),
            bad_return_share: half(),
            indeterminate_returns: None,
            min_history_days: 0,
            activity_days: None,
        }
    }

    /// Bad with at least three returns, and at least one for two orders, within 365 days.
    pub fn serial_returner(complete_until: &str) -> LabelSettings {
        LabelSettings { kind: LabelKind::SerialReturner, ..LabelSettings::past_due(complete_until) }
    }

    /// Checks the ranges.
    ///
    /// # Errors
    /// The first key whose value cannot be.
    pub fn check(&self) -> Result<(), SettingsError> {
        let within =
            |key, value: u32, range: std::ops::RangeInclusive<u32>, expected| match range.contains(&value) {
                true => Ok(()),
                false => Err(SettingsError::Value { key, value: value.to_string(), expected }),
            };
        let days = "a number of days from 1 to 3650";
        within("performance_days", self.performance_days, 1..=3650, days)?;
        within("bad_days", self.bad_days, 1..=3650, days)?;
        within(
            "indeterminate_days",
            self.indeterminate_days,
            1..=self.bad_days,
            "a number of days from 1 to that of bad_days",
        )?;
        within("already-bad_days", self.already_bad_days.unwrap_or(1), 1..=3650, days)?;
        within("min_history_days", self.min_history_days, 0..=36_500, "a number of days from 0 to 36500")?;
        within("activity_days", self.activity_days.unwrap_or(1), 1..=3650, days)?;
        within("bad_returns", self.bad_returns, 1..=1_000_000, "a number of returns from 1")?;
        within(
            "indeterminate_returns",
            self.indeterminate_returns.unwrap_or(1),
            1..=1_000_000,
            "a number of returns from 1",
        )?;
        let amount = |key, value: f64, expected| match (0.0..=1e12).contains(&value) {
            true => Ok(()),
            false => Err(SettingsError::Value { key, value: value.to_string(), expected }),
        };
        amount("materiality", self.materiality, "an amount from 0 to 1e12")?;
        amount("bad_return_share", self.bad_return_share, "returns an order, from 0")
    }

    /// The last complete day, counted from 1970-01-01.
    ///
    /// # Errors
    /// If `complete_until` is not a date.
    pub fn complete_day(&self, zone: &Arc<Zone>) -> Result<i64, SettingsError> {
        let is_date = self.complete_until.len() == 10;
        let day = AsOf::parse(&self.complete_until, zone).ok().filter(|_| is_date);
        day.map(|as_of| as_of.day()).ok_or_else(|| SettingsError::Value {
            key: "complete_until",
            value: format!("{:?}", self.complete_until),
            expected: "a date such as \"2025-12-31\"",
        })
    }

    /// Section `[label]` of a configuration.
    ///
    /// # Errors
    /// If there is none, or it has a key or value that it cannot have.
    pub fn of(config: &Config) -> Result<LabelSettings, Error> {
        #[derive(Deserialize)]
        struct File {
            label: Option<LabelSettings>,
        }
        let failed = |why: String| Error::Config { file: config.file.clone(), why };
        let file: File = toml::from_str(&config.text).map_err(|error| failed(error.to_string()))?;
        let label = file.label.ok_or_else(|| {
            failed("there is no section [label]: add one with kind = \"past_due\" and complete_until = \"2025-12-31\"".to_owned())
        })?;
        label.check()?;
        label.complete_day(&config.zone)?;
        Ok(label)
    }

    /// The columns of a table that the label is made from, to be read with those of the features.
    ///
    /// # Errors
    /// If the table or a column that is needed is not mapped.
    pub fn columns(&self, config: &Config, kind: EventKind) -> Result<Vec<String>, SettingsError> {
        let (needed, if_mapped): (&[&'static str], &[&str]) = match (self.kind, kind) {
            (LabelKind::PastDue, EventKind::Payments) => (&["amount", "paid_at"], &[]),
            (LabelKind::SerialReturner, EventKind::Orders) => (&[], &["order"]),
            (LabelKind::SerialReturner, EventKind::Returns) => (&[], &["return"]),
            _ => return Ok(Vec::new()),
        };
        let mapping = config.table(kind).ok_or(SettingsError::NoTable { table: kind.name() })?;
        let is_mapped = |column: &str| mapping.columns.iter().any(|mapped| mapped.name == column);
        if let Some(column) = needed.iter().find(|column| !is_mapped(column)) {
            return Err(SettingsError::NoColumn { table: kind.name(), column });
        }
        Ok(needed
            .iter()
            .chain(if_mapped.iter().filter(|column| is_mapped(column)))
            .map(|c| (*c).to_owned())
            .collect())
    }
}
