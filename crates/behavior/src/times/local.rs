//! Local times as moments.

use crate::times::{DAY, RANGE};
use jiff::Timestamp;
use jiff::tz::TimeZone;

/// Farther than this from a change of clocks a local time is one moment only, and both sides see the same change.
const FAR: i64 = 2 * DAY;

/// 9999-12-29, up to which the calendar's library goes in every zone: the clocks stay as they are then.
const LAST: i64 = 2_932_894 * DAY;

/// A zone, and the stretch between two changes of its clocks that was met last: what lies well inside needs no look at the
/// zone's rules.
#[derive(Clone, Debug)]
pub(crate) struct LocalClock {
    zone: TimeZone,
    /// Local times from the first to before the second are that much later than UTC, all in microseconds.
    stretch: [i64; 2],
    offset: i64,
}

impl LocalClock {
    pub(crate) fn new(zone: TimeZone) -> LocalClock {
        LocalClock { zone, stretch: [0; 2], offset: 0 }
    }

    /// The moment of a local time, by the rule called "compatible"; `None` outside the years 1 to 9999.
    #[inline]
    pub(crate) fn moment(&mut self, local: i64) -> Option<i64> {
        let [from, to] = self.stretch;
        let moment = if from <= local && local < to { local - self.offset } else { self.looked_up(local)? };
        (RANGE[0] <= moment && moment <= RANGE[1]).then_some(moment)
    }

    #[cold]
    fn looked_up(&mut self, local: i64) -> Option<i64> {
        if local > LAST {
            return Some(self.looked_up(LAST)? + (local - LAST));
        }
        let as_utc = Timestamp::from_microsecond(local).ok()?;
        let wall = TimeZone::UTC.to_datetime(as_utc);
        let moment = self.zone.to_ambiguous_timestamp(wall).compatible().ok()?;
        let offset = i64::from(self.zone.to_offset(moment).seconds()) * 1_000_000;
        let before = self.zone.preceding(moment).next().map(|change| change.timestamp().as_microsecond());
        let after = self.zone.following(moment).next().map(|change| change.timestamp().as_microsecond());
        let from = before.map_or(RANGE[0], |at| at + offset + FAR);
        let to = after.map_or(RANGE[1], |at| at + offset - FAR);
        if from <= local && local < to {
            (self.stretch, self.offset) = ([from, to], offset);
        }
        Some(moment.as_microsecond())
    }
}
