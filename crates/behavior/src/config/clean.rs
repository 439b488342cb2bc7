//! Section `[clean]`: what becomes of rows that cannot be right.

use arrears_data::DEFAULT_MISSING;
use serde::{Deserialize, Serialize};

/// Section `[clean]`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CleanSettings {
    /// Texts that stand for a missing value, after blanks around them are cut.
    pub missing: Vec<String>,
    /// Days, as `YYYY-MM-DD`, that stand for a missing time. Default: 0001-01-01, 1900-01-01, 1970-01-01, 9999-12-31.
    pub placeholder_dates: Vec<String>,
    /// Customers with events and without a row in `customers`, where that table is given. Default: keep.
    pub unknown_customers: Keep,
    /// Returns that name an order which is not known by then. Default: keep.
    pub returns_without_order: Keep,
    /// Payments that are due or paid before their order was placed. Default: keep.
    pub payments_before_order: Keep,
    /// Rows whose `known_at` is mapped and missing. Default: drop.
    pub missing_known_at: MissingKnown,
    /// Amounts in another currency than the declared one, or in none, where `currency` is mapped. Default: refuse.
    pub foreign_currency: Foreign,
}

/// What becomes of rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Keep {
    /// They stay, and are counted.
    #[default]
    Keep,
    /// They are left out, and counted.
    Drop,
}

/// What becomes of amounts in other currencies.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Foreign {
    /// The run ends with an error.
    #[default]
    Refuse,
    /// The rows are left out, and counted.
    Drop,
}

/// What becomes of rows of which nobody says when they were known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MissingKnown {
    /// They are left out, and counted.
    #[default]
    Drop,
    /// They count as known when they happened.
    At,
}

impl Default for CleanSettings {
    fn default() -> Self {
        CleanSettings {
            missing: DEFAULT_MISSING.map(str::to_owned).to_vec(),
            placeholder_dates: PLACEHOLDER_DATES.map(str::to_owned).to_vec(),
            unknown_customers: Keep::Keep,
            returns_without_order: Keep::Keep,
            payments_before_order: Keep::Keep,
            missing_known_at: MissingKnown::Drop,
            foreign_currency: Foreign::Refuse,
        }
    }
}

/// The days that stand for a missing one where the configuration names none.
const PLACEHOLDER_DATES: [&str; 4] = ["0001-01-01", "1900-01-01", EPOCH, "9999-12-31"];

/// What a zero becomes; but people were born on that day.
const EPOCH: &str = "1970-01-01";

impl CleanSettings {
    /// The days that stand for a missing day of birth: without the first of January 1970 if nobody named it.
    pub(crate) fn placeholder_births(&self) -> Vec<String> {
        let usual = self.placeholder_dates == PLACEHOLDER_DATES;
        self.placeholder_dates.iter().filter(|day| !usual || *day != EPOCH).cloned().collect()
    }

    pub(crate) fn check(&self) -> Result<(), String> {
        for day in &self.placeholder_dates {
            if crate::times::day(day).is_none() {
                return Err(format!("placeholder_dates: `{day}` is no day; expected YYYY-MM-DD"));
            }
        }
        Ok(())
    }
}
