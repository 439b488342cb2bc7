//! Times as agencies write them, as ISO 8601.

use jiff::civil::{Date, DateTime};
use jiff::{Timestamp, fmt::strtime};
use serde_json::Value;

/// How an agency writes times.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TimeFormat {
    /// ISO 8601.
    Iso,
    /// Seconds since 1970.
    EpochSeconds,
    /// Milliseconds since 1970.
    EpochMilliseconds,
    /// A pattern of `strptime`.
    Pattern(String),
}

impl TimeFormat {
    /// By its name in a configuration; `None` where there is no such format.
    pub(crate) fn of(name: &str) -> Option<Self> {
        Some(match name {
            "iso" => Self::Iso,
            "epoch_s" => Self::EpochSeconds,
            "epoch_ms" => Self::EpochMilliseconds,
            pattern if pattern.contains('%') => Self::Pattern(pattern.to_owned()),
            _ => return None,
        })
    }

    /// The time as ISO 8601: a moment in UTC where the zone is known, else the date or the local time as it stands.
    pub(crate) fn read(&self, value: &Value) -> Option<String> {
        match (self, value) {
            (Self::Iso, Value::String(text)) => iso(text.trim()),
            (Self::EpochSeconds, Value::Number(number)) => {
                Some(Timestamp::from_second(number.as_i64()?).ok()?.to_string())
            }
            (Self::EpochMilliseconds, Value::Number(number)) => {
                Some(Timestamp::from_millisecond(number.as_i64()?).ok()?.to_string())
            }
            (Self::Pattern(pattern), Value::String(text)) => {
                let time = strtime::parse(pattern, text.trim()).ok()?;
                let moment = time.offset().and_then(|_| time.to_timestamp().ok()).map(|at| at.to_string());
                moment
                    .or_else(|| Some(time.to_datetime().ok()?.to_string()))
                    .or_else(|| Some(time.to_date().ok()?.to_string()))
            }
            _ => None,
        }
    }
}

fn iso(text: &str) -> Option<String> {
    if let Ok(moment) = text.parse::<Timestamp>() {
        return Some(moment.to_string());
    }
    if text.len() == 10 {
        return Some(text.parse::<Date>().ok()?.to_string());
    }
    Some(text.parse::<DateTime>().ok()?.to_string())
}
