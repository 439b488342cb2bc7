//! Declared formats of times, and reading by them.

use crate::times::{DAY, RANGE, Written, iso};
use crate::{Moment, Zone};
use jiff::fmt::strtime;
use jiff::tz::TimeZone;
use std::fmt;
use std::sync::Arc;

/// How a time is written.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum TimeFormat {
    /// ISO 8601.
    Iso,
    /// A number of seconds, or parts of them, since 1970-01-01T00:00:00Z; so many a second.
    Epoch(i64),
    /// By the conversions of `strptime`, such as `%d/%m/%Y %H:%M`.
    Pattern(String),
}

impl TimeFormat {
    /// `iso`, `epoch_s`, `epoch_ms`, `epoch_us`, `epoch_ns` or a pattern.
    pub(crate) fn new(text: &str) -> Result<TimeFormat, String> {
        match text {
            "iso" => Ok(TimeFormat::Iso),
            "epoch_s" => Ok(TimeFormat::Epoch(1)),
            "epoch_ms" => Ok(TimeFormat::Epoch(1_000)),
            "epoch_us" => Ok(TimeFormat::Epoch(1_000_000)),
            "epoch_ns" => Ok(TimeFormat::Epoch(1_000_000_000)),
            pattern if pattern.contains('%') => {
                let sample = jiff::civil::date(2024, 5, 17).at(13, 14, 15, 0).to_zoned(TimeZone::UTC);
                let whole = sample.ok().and_then(|sample| {
                    let written = strtime::format(pattern, &sample).ok()?;
                    let read = strtime::parse(pattern, &written).ok()?;
                    (read.to_date().ok()? == sample.date()).then_some(())
                });
                whole.map(|()| TimeFormat::Pattern(pattern.to_owned())).ok_or_else(|| {
                    format!("`{pattern}` does not tell a day; expected a pattern such as \"%d/%m/%Y\" or \"%Y-%m-%d %H:%M:%S\"")
                })
            }
            other => Err(format!(
                "`{other}` is no format; expected \"iso\", \"epoch_s\", \"epoch_ms\", \"epoch_us\", \"epoch_ns\", or a pattern such as \
                 \"%d/%m/%Y\" for dd/mm/yyyy"
            )),
        }
    }

    pub(crate) fn parse(&self, text: &str) -> Option<Written> {
        match self {
            TimeFormat::Iso => iso::parse(text.as_bytes()),
            TimeFormat::Epoch(per_second) => match text.parse::<i64>() {
                Ok(count) => epoch(count, *per_second).map(Written::Utc),
                Err(_) => seconds(text.parse().ok()?, *per_second).map(Written::Utc),
            },
            TimeFormat::Pattern(pattern) => {
                let read = strtime::parse(pattern, text).ok()?;
                if let Ok(moment) = read.to_timestamp() {
                    return Some(Written::Utc(moment.as_microsecond()));
                }
                let date = read.to_date().ok()?;
                let time = read.to_time().unwrap_or_default();
                let local = date.to_datetime(time).to_zoned(TimeZone::UTC).ok()?;
                Some(Written::Local(local.timestamp().as_microsecond()))
            }
        }
    }
}

impl fmt::Display for TimeFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            TimeFormat::Iso => "iso",
            TimeFormat::Epoch(1) => "epoch_s",
            TimeFormat::Epoch(1_000) => "epoch_ms",
            TimeFormat::Epoch(1_000_000) => "epoch_us",
            TimeFormat::Epoch(_) => "epoch_ns",
            TimeFormat::Pattern(pattern) => pattern,
        })
    }
}

/// Microseconds since 1970 of a count of parts of a second.
fn epoch(count: i64, per_second: i64) -> Option<i64> {
    match per_second {
        0..=1_000_000 => count.checked_mul(1_000_000 / per_second),
        finer => Some(count.div_euclid(finer / 1_000_000)),
    }
}

fn seconds(count: f64, per_second: i64) -> Option<i64> {
    let micros = (count * (1_000_000.0 / per_second as f64)).floor();
    (micros.abs() < 1e18).then_some(micros as i64)
}

/// Why a time cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum TimeFault {
    /// No format fits.
    Unknown,
    /// Two formats fit and say different times.
    Ambiguous(String),
    /// It is outside the years 1 to 9999.
    OutOfRange,
}

/// Reads the times of a column.
#[derive(Clone, Debug)]
pub(crate) struct TimeReader {
    formats: Vec<TimeFormat>,
    zone: Arc<Zone>,
    last: Option<(String, i64)>,
}

impl TimeReader {
    /// Without formats it is ISO 8601.
    pub(crate) fn new(formats: Vec<TimeFormat>, zone: &Arc<Zone>) -> TimeReader {
        let formats = if formats.is_empty() { vec![TimeFormat::Iso] } else { formats };
        TimeReader { formats, zone: zone.clone(), last: None }
    }

    /// The moment of a local time.
    #[inline]
    pub(crate) fn of_local(&self, local: i64) -> Option<i64> {
        of_local(local, &self.zone)
    }

    /// How many a second, where numbers are times.
    pub(crate) fn epoch(&self) -> Option<i64> {
        self.formats.iter().find_map(|format| match format {
            TimeFormat::Epoch(per_second) => Some(*per_second),
            _ => None,
        })
    }

    /// Whether a format is a pattern, by which whole numbers such as 20240131 may be dates.
    pub(crate) fn has_pattern(&self) -> bool {
        self.formats.iter().any(|format| matches!(format, TimeFormat::Pattern(_)))
    }

    /// The formats as they are declared.
    pub(crate) fn described(&self) -> String {
        self.formats.iter().map(ToString::to_string).collect::<Vec<_>>().join(" or ")
    }

    /// The moment of a text without blanks around it.
    pub(crate) fn moment(&mut self, text: &str) -> Result<i64, TimeFault> {
        if let Some((known, moment)) = &self.last
            && known == text
        {
            return Ok(*moment);
        }
        let mut found: Option<(usize, i64)> = None;
        let mut out_of_range = false;
        for (place, format) in self.formats.iter().enumerate() {
            let Some(written) = format.parse(text) else { continue };
            let Some(moment) = moment_of(written, &self.zone) else {
                out_of_range = true;
                continue;
            };
            match found {
                Some((first, other)) if other != moment => {
                    return Err(TimeFault::Ambiguous(format!(
                        "it is one time by {} and another by {format}",
                        self.formats[first]
                    )));
                }
                _ => found = found.or(Some((place, moment))),
            }
        }
        let (_, moment) =
            found.ok_or(if out_of_range { TimeFault::OutOfRange } else { TimeFault::Unknown })?;
        match &mut self.last {
            Some((known, last)) => {
                known.clear();
                known.push_str(text);
                *last = moment;
            }
            none => *none = Some((text.to_owned(), moment)),
        }
        Ok(moment)
    }

    /// The moment of a number, where numbers are declared to be times.
    pub(crate) fn of_number(&self, count: i64, per_second: i64) -> Option<i64> {
        epoch(count, per_second).and_then(in_range)
    }

    /// The moment of a number with decimals, where numbers are declared to be times.
    pub(crate) fn of_decimal(&self, count: f64, per_second: i64) -> Option<i64> {
        seconds(count, per_second).and_then(in_range)
    }

    /// The start of a day, in days since 1970-01-01.
    pub(crate) fn of_day(&self, day: i64) -> Option<i64> {
        self.of_local(day.checked_mul(DAY)?)
    }
}

fn moment_of(written: Written, zone: &Zone) -> Option<i64> {
    match written {
        Written::Utc(moment) => in_range(moment),
        Written::Local(local) => of_local(local, zone),
    }
}

#[inline]
fn of_local(local: i64, zone: &Zone) -> Option<i64> {
    let Moment(moment) = zone.moment(local);
    in_range(moment)
}

#[inline]
fn in_range(moment: i64) -> Option<i64> {
    (RANGE[0]..=RANGE[1]).contains(&moment).then_some(moment)
}
