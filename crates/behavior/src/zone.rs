//! Local days: between moments and the clock on the wall of a time zone.

use crate::{FeatureError, Moment};

/// Microseconds of a day of 24 hours, as the clock on the wall shows it.
pub const DAY: i64 = 86_400_000_000;

const MONTH: u32 = 41;

/// The last year whose changes of the clock are known to a [`Zone`]. Moments after it use its last offset.
pub const LAST_YEAR: i16 = 2199;

/// A time zone as a sorted table of its changes, because a search in a short table is much faster than asking the
/// time zone database for every event.
///
/// A wall clock is counted in microseconds since 1970-01-01T00:00:00 as that clock shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Zone {
    name: String,
    /// Moments of the changes, ascending.
    changes: Vec<i64>,
    /// Offsets from UTC in microseconds; `offsets[k]` holds before `changes[k]`, the last one after all of them.
    offsets: Vec<i64>,
    /// By moments of 2^41 microseconds (25 days) from the first change on: how many changes lie before them. A look-up
    /// and mostly no step more find an offset; a search guesses its way.
    months: Vec<u32>,
    /// From this wall clock on the offset after `changes[k]` is used: a clock that is shown twice means the earlier
    /// moment, one that is skipped means as long after the change as it is skipped.
    walls: Vec<i64>,
}

impl Zone {
    /// The zone of an IANA name (`Europe/London`, `UTC`).
    ///
    /// # Errors
    /// If the time zone database does not know the name.
    pub fn new(name: &str) -> Result<Zone, FeatureError> {
        let unknown = |_| FeatureError::Zone { name: name.to_owned() };
        let zone = jiff::tz::TimeZone::get(name).map_err(unknown)?;
        let end = jiff::civil::date(LAST_YEAR, 12, 31).to_zoned(jiff::tz::TimeZone::UTC).map_err(unknown)?;
        let (mut changes, mut offsets, mut walls) = (Vec::new(), Vec::new(), Vec::new());
        let mut offset = micros(zone.to_offset(jiff::Timestamp::MIN));
        offsets.push(offset);
        for change in
            zone.following(jiff::Timestamp::MIN).take_while(|change| change.timestamp() <= end.timestamp())
        {
            let (at, next) = (change.timestamp().as_microsecond(), micros(change.offset()));
            if next != offset {
                changes.push(at);
                walls.push(at + offset.max(next));
                offsets.push(next);
                offset = next;
            }
        }
        let first = changes.first().copied().unwrap_or(0);
        let last = changes.last().map_or(0, |last| (last - first) >> MONTH);
        let before =
            |month: i64| changes.partition_point(|change| *change <= first + (month << MONTH)) as u32;
        // the first one holds what lies before all changes, too
        let months = std::iter::once(0).chain((1..=last + 1).map(before)).collect();
        Ok(Zone { name: name.to_owned(), changes, offsets, months, walls })
    }

    /// Its IANA name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What the clock on the wall shows at a moment.
    #[inline]
    pub fn wall(&self, moment: Moment) -> i64 {
        let first = self.changes.first().copied().unwrap_or(0);
        let month = (moment.0.saturating_sub(first) >> MONTH).clamp(0, self.months.len() as i64 - 1);
        let mut before = self.months[month as usize] as usize;
        while self.changes.get(before).is_some_and(|change| *change <= moment.0) {
            before += 1;
        }
        moment.0.saturating_add(self.offsets[before])
    }

    /// The moment at which the clock on the wall shows `wall`. Of two such moments the earlier one; a clock that is
    /// skipped in spring means the moment as long after the change as it lies after the start of what is skipped.
    #[inline]
    pub fn moment(&self, wall: i64) -> Moment {
        Moment(wall.saturating_sub(self.offsets[self.walls.partition_point(|change| *change <= wall)]))
    }

    /// The local date of a moment, as days since 1970-01-01.
    #[inline]
    pub fn day(&self, moment: Moment) -> i64 {
        self.wall(moment).div_euclid(DAY)
    }
}

fn micros(offset: jiff::tz::Offset) -> i64 {
    i64::from(offset.seconds()) * 1_000_000
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const NAMES: [&str; 9] = [
        "UTC",
        "Europe/London",
        "America/New_York",
        "America/Sao_Paulo",
        "Asia/Shanghai",
        "Asia/Kolkata",
        "Australia/Lord_Howe",
        "Africa/Cairo",
        "Pacific/Apia",
    ];

    proptest! {
        #[test]
        fn agrees_with_the_time_zone_database(which in 0..NAMES.len(), seconds in -2_500_000_000_i64..7_000_000_000) {
            let zone = Zone::new(NAMES[which]).unwrap();
            let reference = jiff::tz::TimeZone::get(NAMES[which]).unwrap();
            let stamp = jiff::Timestamp::from_second(seconds).unwrap();
            let shown = reference.to_datetime(stamp);
            let shown = shown.to_zoned(jiff::tz::TimeZone::UTC).unwrap().timestamp().as_microsecond();
            prop_assert_eq!(zone.wall(Moment(seconds * 1_000_000)), shown);

            let clock = jiff::tz::TimeZone::UTC.to_datetime(stamp);
            let meant = reference.to_zoned(clock).unwrap().timestamp().as_microsecond();
            prop_assert_eq!(zone.moment(seconds * 1_000_000), Moment(meant));
        }
    }

    #[test]
    fn agrees_around_every_change() {
        for name in NAMES {
            let zone = Zone::new(name).unwrap();
            let reference = jiff::tz::TimeZone::get(name).unwrap();
            for (change, offsets) in zone.changes.iter().zip(zone.offsets.windows(2)) {
                for minutes in (-180..=180).step_by(15) {
                    let wall = change + offsets[0] + minutes * 60_000_000;
                    let stamp = jiff::Timestamp::from_microsecond(wall).unwrap();
                    let meant = reference.to_zoned(jiff::tz::TimeZone::UTC.to_datetime(stamp)).unwrap();
                    assert_eq!(zone.moment(wall).0, meant.timestamp().as_microsecond(), "{name} {meant}");
                }
            }
        }
    }

    #[test]
    fn a_wrong_name_is_refused() {
        assert!(Zone::new("Europe/Londn").unwrap_err().to_string().contains("Europe/Londn"));
    }
}
