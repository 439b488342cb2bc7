//! Roll rates: how customers move between buckets of arrears from one end of a month to the next.

use super::bills::{Bills, millionths, stretches};
use super::months::{last_day, month_of, name};
use super::vintage::joined;
use super::{LabelSettings, SettingsError};
use crate::{AsOf, History, Moment, Zone};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The buckets of days past due.
pub const BUCKETS: [&str; 5] = ["0", "1-29", "30-59", "60-89", "90+"];

/// Customers by the month at whose end they came to a bucket, by the bucket before and the bucket then. Counts are
/// whole, so histories may come in any order and grouping.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RollRates {
    months: BTreeMap<i64, Moves>,
}

/// Customers by bucket before, then by bucket after.
type Moves = [[u64; BUCKETS.len()]; BUCKETS.len()];

impl RollRates {
    /// Adds the customers of a history: each is counted from the end of the month in which it joined to the last end
    /// of a month that is complete.
    ///
    /// # Errors
    /// If a setting is out of range, or a column that is needed is not in the history.
    pub fn add(
        &mut self,
        history: &History,
        settings: &LabelSettings,
        zone: &Arc<Zone>,
    ) -> Result<(), SettingsError> {
        settings.check()?;
        let complete = settings.complete_day(zone)?;
        let known = AsOf::end_of_day(complete, zone).map_or(Moment::NONE, |end| end.moment());
        let bills = Bills::of(history)?;
        let last = match last_day(month_of(complete)) <= complete {
            true => month_of(complete),
            false => month_of(complete) - 1,
        };
        for customer in 0..history.customers.len() {
            let Some(joined) = joined(history, customer, known) else { continue };
            let first = month_of(zone.day(joined));
            let past_due = bills.past_due(customer, known, zone);
            let buckets = buckets(&past_due, millionths(settings.materiality), first, last);
            for (pair, month) in buckets.windows(2).zip(first + 1..) {
                self.months.entry(month).or_default()[pair[0]][pair[1]] += 1;
            }
        }
        Ok(())
    }

    /// Adds the counts of others, made with the same settings.
    pub fn merge(&mut self, other: &RollRates) {
        for (month, moves) in &other.months {
            let mine = self.months.entry(*month).or_default();
            mine.iter_mut().flatten().zip(moves.iter().flatten()).for_each(|(mine, other)| *mine += other);
        }
    }

    /// The moves of each month, ascending: the month at whose end customers are in the bucket they moved to, and customers by
    /// bucket before and bucket after.
    pub fn by_month(&self) -> Vec<(String, Moves)> {
        self.months.iter().map(|(month, moves)| (name(*month), *moves)).collect()
    }

    /// The moves of all months together.
    pub fn total(&self) -> Moves {
        let mut total = Moves::default();
        for moves in self.months.values() {
            total.iter_mut().flatten().zip(moves.iter().flatten()).for_each(|(total, count)| *total += count);
        }
        total
    }
}

/// The buckets at the ends of the months `first..=last`.
fn buckets(bills: &[super::bills::PastDue], materiality: i64, first: i64, last: i64) -> Vec<usize> {
    let mut found = vec![0; usize::try_from(last - first + 1).unwrap_or(0)];
    if found.is_empty() {
        return found;
    }
    for stretch in stretches(bills, materiality, last_day(first - 1) + 1, last_day(last)) {
        for month in month_of(stretch.first)..=month_of(stretch.last) {
            let day = last_day(month);
            if (stretch.first..=stretch.last).contains(&day) {
                found[(month - first) as usize] = bucket(day - stretch.due);
            }
        }
    }
    found
}

/// The bucket of a number of days past due.
fn bucket(days: i64) -> usize {
    match days {
        ..1 => 0,
        1..30 => 1,
        30..60 => 2,
        60..90 => 3,
        _ => 4,
    }
}
