//! Overrides in service: which file, which day it is, and what is overridden of a customer.

use crate::error::ServeError;
use crate::overrides::{Holding, Overrides, is_date};
use arrears_model::Model;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The file of overrides, read anew when it changes, and how the service knows which day it is.
///
/// A caller cannot choose the day: it could bring back what has expired.
#[derive(Clone, Debug)]
pub struct OverrideOptions {
    pub(crate) file: PathBuf,
    day: Day,
}

#[derive(Clone, Debug)]
enum Day {
    Always(String),
    Clock(TimeZone),
}

impl OverrideOptions {
    /// Overrides that hold on the day of the clock in a time zone of the IANA database, such as `Europe/London` or `UTC`.
    ///
    /// # Errors
    /// There is no such time zone.
    pub fn today(file: &Path, time_zone: &str) -> Result<Self, ServeError> {
        let zone = TimeZone::get(time_zone).map_err(|_| ServeError::Overrides {
            file: file.display().to_string(),
            line: 0,
            why: format!("time zone {time_zone:?}: expected one such as Europe/London or UTC"),
        })?;
        Ok(Self { file: file.to_owned(), day: Day::Clock(zone) })
    }

    /// Overrides that hold on this day, such as `2026-09-30`, whatever the clock says.
    ///
    /// # Errors
    /// It is no date.
    pub fn as_of(file: &Path, date: &str) -> Result<Self, ServeError> {
        if !is_date(date) {
            let why = format!("--as-of {date:?}: expected a date such as 2026-09-30");
            return Err(ServeError::Overrides { file: file.display().to_string(), line: 0, why });
        }
        Ok(Self { file: file.to_owned(), day: Day::Always(date.to_owned()) })
    }

    /// The day it is now.
    pub(crate) fn day(&self) -> String {
        match &self.day {
            Day::Always(date) => date.clone(),
            Day::Clock(zone) => Timestamp::now().to_zoned(zone.clone()).date().to_string(),
        }
    }

    /// What the file says of a model's customers today.
    ///
    /// # Errors
    /// The file cannot be used for this model.
    pub(crate) fn read(&self, model: &Model) -> Result<Arc<Overrides>, ServeError> {
        Overrides::read(&self.file, &self.day(), model).map(Arc::new)
    }
}

/// Where the overrides of a request come from.
#[derive(Clone)]
pub(crate) enum Overriding {
    /// From the file, as of a day.
    File(Arc<Overrides>, Arc<str>),
    /// From the line of a decision log, by position of the customer.
    Line(Arc<BTreeMap<usize, Holding>>),
}

impl Overriding {
    /// What is overridden of a customer: position in the request, and id as a JSON token.
    pub(crate) fn of(&self, position: usize, id: Option<&str>) -> Option<Holding> {
        match self {
            Overriding::File(overrides, day) => overrides.holding(&id_text(id?), day),
            Overriding::Line(line) => line.get(&position).cloned(),
        }
    }
}

/// An id as text: a JSON string without its quotes.
pub(crate) fn id_text(token: &str) -> String {
    serde_json::from_str::<String>(token).unwrap_or_else(|_| token.to_owned())
}

/// What people changed of a customer's answer, and what the model says.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Overridden {
    /// Position of the model's grade.
    pub(crate) grade: Option<usize>,
    /// The model's limit.
    pub(crate) limit: Option<f64>,
    pub(crate) by: Holding,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_day_is_that_of_the_zone() {
        let file = Path::new("o.csv");
        assert!(OverrideOptions::today(file, "Europe/Nowhere").is_err());
        assert!(OverrideOptions::as_of(file, "2026-02-29").is_err());
        assert_eq!(OverrideOptions::as_of(file, "2024-02-29").unwrap().day(), "2024-02-29");
        // 26 hours lie between these two, so they never have the same day.
        let day = |zone: &str| OverrideOptions::today(file, zone).unwrap().day();
        assert!(is_date(&day("UTC")));
        assert!(day("Etc/GMT+12") < day("Etc/GMT-14"));
    }
}
