//! The moment at which features are taken, and where their windows begin.

use crate::zone::{DAY, LAST_YEAR};
use crate::{FeatureError, Moment, Zone};
use std::sync::Arc;

/// As of when: what happened and was known by this moment counts, nothing else.
#[derive(Clone, Debug)]
pub struct AsOf {
    moment: Moment,
    /// The wall clock one microsecond after the moment: for the end of a day the midnight after it.
    next: i64,
    day: i64,
    zone: Arc<Zone>,
}

impl AsOf {
    /// Reads a date (`2026-09-30`: the end of that day in the zone, all that happened on it counts), a date with a
    /// time (`2026-09-30T12:00:00`, in the zone) or a moment with an offset (`2026-09-30T12:00:00+02:00`, `...Z`).
    ///
    /// # Errors
    /// If the text is none of these, or is not between the years 1 and 2199.
    pub fn parse(text: &str, zone: &Arc<Zone>) -> Result<AsOf, FeatureError> {
        let wrong = || FeatureError::AsOf { text: text.to_owned() };
        if let Ok(stamp) = text.parse::<jiff::Timestamp>() {
            return AsOf::at(Moment(stamp.as_microsecond()), zone).ok_or_else(wrong);
        }
        let time: jiff::civil::DateTime = text.parse().map_err(|_| wrong())?;
        let stamp = time.to_zoned(jiff::tz::TimeZone::UTC).map_err(|_| wrong())?.timestamp().as_microsecond();
        let whole_day = text.parse::<jiff::civil::Date>().is_ok() && !text.contains([':', 'T', 't', ' ']);
        let as_of = if whole_day {
            AsOf::end_of_day(stamp.div_euclid(DAY), zone)
        } else {
            AsOf::at(zone.moment(stamp), zone)
        };
        as_of.ok_or_else(wrong)
    }

    /// As of this moment; `None` if it is not between the years 1 and 2199.
    pub fn at(moment: Moment, zone: &Arc<Zone>) -> Option<AsOf> {
        let wall = in_range(moment)?.0.checked_add(zone.wall(moment) - moment.0)?;
        Some(AsOf { moment, next: wall + 1, day: wall.div_euclid(DAY), zone: Arc::clone(zone) })
    }

    /// As of the end of a local day, counted from 1970-01-01: its last microsecond. `None` as in [`AsOf::at`].
    pub fn end_of_day(day: i64, zone: &Arc<Zone>) -> Option<AsOf> {
        let next = day.checked_add(1)?.checked_mul(DAY)?;
        let moment = in_range(Moment(zone.moment(next).0 - 1))?;
        Some(AsOf { moment, next, day, zone: Arc::clone(zone) })
    }

    /// The moment.
    pub fn moment(&self) -> Moment {
        self.moment
    }

    /// Its local date, as days since 1970-01-01.
    pub fn day(&self) -> i64 {
        self.day
    }

    /// Its local date as text: `2026-09-30`.
    pub fn date(&self) -> String {
        let epoch = jiff::civil::date(1970, 1, 1);
        // A moment is at most some hundred years away.
        epoch.saturating_add(jiff::Span::new().days(self.day)).to_string()
    }

    /// The zone whose days count.
    pub fn zone(&self) -> &Arc<Zone> {
        &self.zone
    }

    /// Where a window of `days` local days begins: an event lies in it if it happened after this moment and not after
    /// [`AsOf::moment`]. As of the end of day D that is the end of the day D - `days`, with a time of day the same
    /// clock time `days` days before.
    pub fn before(&self, days: u32) -> Moment {
        Moment(self.zone.moment(self.next - i64::from(days) * DAY).0 - 1)
    }
}

/// From year 1 to the last year that zones know.
fn in_range(moment: Moment) -> Option<Moment> {
    const FIRST: i64 = -719_162 * DAY;
    const LAST: i64 = ((LAST_YEAR as i64 - 1969) * 365 + 56) * DAY;
    (FIRST..LAST).contains(&moment.0).then_some(moment)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn as_of(text: &str, zone: &str) -> AsOf {
        AsOf::parse(text, &Arc::new(Zone::new(zone).unwrap())).unwrap()
    }

    fn utc(moment: Moment) -> String {
        jiff::Timestamp::from_microsecond(moment.0).unwrap().to_string()
    }

    #[test]
    fn a_date_is_the_end_of_the_local_day() {
        assert_eq!(utc(as_of("2026-09-30", "UTC").moment()), "2026-09-30T23:59:59.999999Z");
        assert_eq!(utc(as_of("2026-09-30", "Europe/London").moment()), "2026-09-30T22:59:59.999999Z");
        assert_eq!(utc(as_of("2026-09-30", "Asia/Shanghai").moment()), "2026-09-30T15:59:59.999999Z");
    }

    #[test]
    fn a_time_of_day_is_that_moment() {
        assert_eq!(utc(as_of("2026-09-30T12:00:00", "Europe/London").moment()), "2026-09-30T11:00:00Z");
        assert_eq!(utc(as_of("2026-09-30 12:00", "Europe/London").moment()), "2026-09-30T11:00:00Z");
        assert_eq!(utc(as_of("2026-09-30T12:00:00Z", "Europe/London").moment()), "2026-09-30T12:00:00Z");
        assert_eq!(utc(as_of("2026-09-30T00:00:00", "UTC").moment()), "2026-09-30T00:00:00Z");
        assert_eq!(as_of("2026-09-30T20:00:00Z", "Asia/Shanghai").date(), "2026-10-01");
        for date in ["0001-01-01", "1969-12-31", "2024-02-29", "2199-12-31"] {
            assert_eq!(as_of(date, "Europe/London").date(), date);
        }
    }

    /// London put its clocks forward on 2026-03-29 and back on 2026-10-25.
    #[test]
    fn windows_are_local_days_whatever_the_clock_does() {
        let spring = as_of("2026-03-29", "Europe/London");
        assert_eq!(utc(spring.moment()), "2026-03-29T22:59:59.999999Z");
        assert_eq!(utc(spring.before(1)), "2026-03-28T23:59:59.999999Z");
        let autumn = as_of("2026-10-25", "Europe/London");
        assert_eq!(utc(autumn.before(1)), "2026-10-24T22:59:59.999999Z");
        assert_eq!(utc(as_of("2026-10-26T09:30:00", "Europe/London").before(2)), "2026-10-24T08:30:00Z");
    }

    /// Midnight of 2018-11-04 did not exist in Sao Paulo: that day began at one o'clock.
    #[test]
    fn a_day_may_begin_at_one_o_clock() {
        let day = as_of("2018-11-04", "America/Sao_Paulo");
        assert_eq!(utc(day.before(1)), "2018-11-04T02:59:59.999999Z");
        assert_eq!(utc(day.moment()), "2018-11-05T01:59:59.999999Z");
    }

    #[test]
    fn leap_days_and_ends_of_months_are_days_like_others() {
        let march = as_of("2024-03-01", "UTC");
        assert_eq!(utc(march.before(1)), "2024-02-29T23:59:59.999999Z");
        assert_eq!(utc(march.before(2)), "2024-02-28T23:59:59.999999Z");
        assert_eq!(utc(as_of("2023-03-31", "UTC").before(30)), "2023-03-01T23:59:59.999999Z");
        assert_eq!(utc(as_of("2024-12-31", "UTC").before(365)), "2024-01-01T23:59:59.999999Z");
    }

    #[test]
    fn what_is_no_date_is_refused() {
        let zone = Arc::new(Zone::new("UTC").unwrap());
        for text in ["", "yesterday", "2026-02-30", "30.09.2026", "2200-01-01", "-0001-01-01"] {
            assert!(AsOf::parse(text, &zone).is_err(), "{text}");
        }
        assert!(AsOf::parse("2199-12-31", &zone).is_ok());
    }
}
