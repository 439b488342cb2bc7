//! Days that stand for no day.

use crate::times::{DAY, day};
use crate::{Moment, Zone};

/// Stretches of moments that stand for a missing time: each placeholder day, as UTC counts it and as the zone does.
#[derive(Clone, Debug, Default)]
pub(crate) struct Placeholders {
    stretches: Vec<[i64; 2]>,
    /// Moments between these two are none.
    clear: [i64; 2],
}

impl Placeholders {
    /// The days as `YYYY-MM-DD`; what is no day is passed over.
    pub(crate) fn new(days: &[String], zone: &Zone) -> Placeholders {
        let mut stretches = Vec::new();
        for day in days.iter().filter_map(|text| day(text)) {
            let (start, end) = (day * DAY, (day + 1) * DAY);
            stretches.push([start, end]);
            let (Moment(local_start), Moment(local_end)) = (zone.moment(start), zone.moment(end));
            stretches.push([local_start, local_end]);
        }
        stretches.sort_unstable();
        let clear = stretches.windows(2).map(|w| [w[0][1], w[1][0]]).max_by_key(|[from, to]| to - from);
        Placeholders { stretches, clear: clear.unwrap_or([i64::MAX, i64::MIN]) }
    }

    /// Whether the moment lies where none of them is, in the widest such stretch.
    #[inline]
    pub(crate) fn is_clear(&self, moment: i64) -> bool {
        let [from, to] = self.clear;
        from <= moment && moment < to
    }

    #[inline]
    pub(crate) fn holds(&self, moment: i64) -> bool {
        !self.is_clear(moment) && self.stretches.iter().any(|[from, to]| *from <= moment && moment < *to)
    }
}
