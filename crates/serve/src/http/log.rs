//! What happened, a JSON object a line: never a value of a customer.

use serde_json::{Map, Value};
use std::io::Write;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Where log lines go.
pub struct Log {
    out: Mutex<Box<dyn Write + Send>>,
}

impl Log {
    /// Lines to a stream, such as standard error.
    pub fn to(out: impl Write + Send + 'static) -> Self {
        Log { out: Mutex::new(Box::new(out)) }
    }

    pub(crate) fn info(&self, event: &str, details: Value) {
        self.line("info", event, details);
    }

    pub(crate) fn warn(&self, event: &str, details: Value) {
        self.line("warn", event, details);
    }

    fn line(&self, level: &str, event: &str, details: Value) {
        let mut line = Map::new();
        line.insert("time".to_owned(), now().into());
        line.insert("level".to_owned(), level.into());
        line.insert("event".to_owned(), event.into());
        if let Value::Object(details) = details {
            line.extend(details);
        }
        let mut text = Value::Object(line).to_string();
        text.push('\n');
        let mut out = self.out.lock().unwrap_or_else(PoisonError::into_inner);
        // A log that cannot be written must not stop the service.
        let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
    }
}

/// The time in UTC as RFC 3339 with milliseconds.
pub(crate) fn now() -> String {
    utc(SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default())
}

/// A time since 1970 in UTC as RFC 3339 with milliseconds.
fn utc(since: Duration) -> String {
    let seconds = since.as_secs();
    let (year, month, day) = date(seconds / 86_400);
    let (hour, minute, second) = (seconds / 3_600 % 24, seconds / 60 % 60, seconds % 60);
    let milliseconds = since.subsec_millis();
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{milliseconds:03}Z")
}

/// Year, month and day of a day since 1970 (H. Hinnant, "chrono-compatible low-level date algorithms",
/// `civil_from_days`): years begin in March, so that leap days come last.
fn date(days: u64) -> (u64, u64, u64) {
    let days = days + 719_468;
    let (era, of_era) = (days / 146_097, days % 146_097);
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let from_march = (5 * of_year + 2) / 153;
    let day = of_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
    (year + era * 400 + u64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::utc;
    use std::time::Duration;

    #[test]
    fn times_as_date_prints_them() {
        // `date -u -d @N --iso-8601=seconds`
        let known = [
            (0, "1970-01-01T00:00:00.000Z"),
            (951_782_400, "2000-02-29T00:00:00.000Z"),
            (951_868_799, "2000-02-29T23:59:59.000Z"),
            (1_709_251_199, "2024-02-29T23:59:59.000Z"),
            (1_735_689_599, "2024-12-31T23:59:59.000Z"),
            (4_107_542_400, "2100-03-01T00:00:00.000Z"),
        ];
        for (seconds, text) in known {
            assert_eq!(utc(Duration::from_secs(seconds)), text);
        }
        assert_eq!(utc(Duration::from_millis(1_234)), "1970-01-01T00:00:01.234Z");
    }
}
