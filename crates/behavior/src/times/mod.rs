//! Times as companies write them, as moments.
//!
//! A time with a zone or offset is that moment. A time without one is local, in the zone of the configuration; a date is the
//! start of its day there. A local time that a change of clocks leaves out is moved on by the gap, and of a time that comes
//! twice the first is meant: the rule called "compatible" by RFC 5545 and Temporal.

mod format;
mod iso;
mod placeholder;
mod suggest;

pub(crate) use format::{TimeFault, TimeFormat, TimeReader};
pub(crate) use placeholder::Placeholders;
pub(crate) use suggest::Suggestions;

/// Microseconds in a day of 24 hours.
pub(crate) const DAY: i64 = 86_400_000_000;

/// The years 1 to 9999 in UTC and a day on both sides, so that they are whole in every zone.
pub(crate) const RANGE: [i64; 2] = [-719_163 * DAY, 2_932_898 * DAY - 1];

/// A time as it was written, in microseconds since 1970-01-01T00:00.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Written {
    /// With a zone: a moment.
    Utc(i64),
    /// Without one: what the clock on the wall said.
    Local(i64),
}

/// The day that `YYYY-MM-DD` says, in days since 1970-01-01.
pub(crate) fn day(text: &str) -> Option<i64> {
    match iso::parse(text.as_bytes())? {
        Written::Local(at) if text.len() == 10 => Some(at.div_euclid(DAY)),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
