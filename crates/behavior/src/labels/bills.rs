//! What a customer owed on each day.

use super::SettingsError;
use crate::{Amount, EventKind, Events, History, Moment, Values, Zone};
use std::collections::BTreeMap;

/// The columns of bills in a history.
pub(super) struct Bills<'h> {
    events: &'h Events,
    amounts: &'h [Amount],
    paid_at: &'h [Moment],
}

/// A bill that was past due: `due` is the day on which it had to be paid, `last` the last day at whose end it was open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct PastDue {
    pub(super) due: i64,
    pub(super) last: i64,
    pub(super) amount: i64,
}

/// The last day of a bill that is not paid.
pub(super) const OPEN: i64 = i64::MAX;

impl<'h> Bills<'h> {
    pub(super) fn of(history: &'h History) -> Result<Bills<'h>, SettingsError> {
        let events = &history.events[EventKind::Payments as usize];
        let column = |column| {
            let found = events.columns.iter().find(|c| c.name == column);
            found.ok_or(SettingsError::NoColumn { table: "payments", column }).map(|c| &c.values)
        };
        match (column("amount")?, column("paid_at")?) {
            (Values::Number(amounts), Values::Time(paid_at)) => Ok(Bills { events, amounts, paid_at }),
            (Values::Number(_), _) => Err(SettingsError::NoColumn { table: "payments", column: "paid_at" }),
            _ => Err(SettingsError::NoColumn { table: "payments", column: "amount" }),
        }
    }

    /// A customer's bills that were past due on some day, as they were known at a moment: what was known and paid later
    /// is not known or open. Bills without a due date or without an amount above zero are none.
    pub(super) fn past_due(&self, customer: usize, known: Moment, zone: &Zone) -> Vec<PastDue> {
        let bill = |row: usize| {
            let (due, paid) = (self.events.at[row], self.paid_at[row]);
            let is_bill =
                due != Moment::NONE && self.events.known_at[row] <= known && self.amounts[row].0 > 0;
            if !is_bill || due > known {
                return None;
            }
            let due = zone.day(due);
            let last = if paid == Moment::NONE || paid > known { OPEN } else { zone.day(paid) - 1 };
            (last > due).then_some(PastDue { due, last, amount: self.amounts[row].0 })
        };
        self.events.rows(customer).filter_map(bill).collect()
    }
}

/// A stretch of days on which the same bills were past due: how late the oldest was on the first and the last day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stretch {
    pub(super) first: i64,
    pub(super) last: i64,
    /// The day on which the oldest of the bills was due.
    pub(super) due: i64,
}

/// The stretches within the days `from..=to` on which more than `materiality` millionths were past due, ascending.
pub(super) fn stretches(bills: &[PastDue], materiality: i64, from: i64, to: i64) -> Vec<Stretch> {
    // what begins (or ends, on the day after the last) on which day
    let mut changes: Vec<(i64, bool, &PastDue)> = Vec::new();
    for bill in bills {
        let (first, last) = ((bill.due + 1).max(from), bill.last.min(to));
        if first <= last {
            changes.extend([(first, true, bill), (last + 1, false, bill)]);
        }
    }
    changes.sort_unstable_by_key(|(day, ..)| *day);
    let mut open: BTreeMap<i64, u32> = BTreeMap::new();
    let mut amount: i128 = 0;
    let mut found = Vec::new();
    let mut next = 0;
    while next < changes.len() {
        let day = changes[next].0;
        while let Some((_, begins, bill)) = changes.get(next).filter(|(other, ..)| *other == day) {
            let count = open.entry(bill.due).or_default();
            *count = if *begins { *count + 1 } else { count.saturating_sub(1) };
            if *count == 0 {
                open.remove(&bill.due);
            }
            amount += if *begins { i128::from(bill.amount) } else { -i128::from(bill.amount) };
            next += 1;
        }
        let (Some((due, _)), Some((end, ..))) = (open.first_key_value(), changes.get(next)) else { continue };
        if amount > i128::from(materiality) {
            found.push(Stretch { first: day, last: end - 1, due: *due });
        }
    }
    found
}

/// The most days past due in the stretches; 0 without one.
pub(super) fn worst(stretches: &[Stretch]) -> i64 {
    stretches.iter().map(|stretch| stretch.last - stretch.due).max().unwrap_or(0)
}

/// The first day on which something was so many days past due.
pub(super) fn first_reaching(stretches: &[Stretch], days: i64) -> Option<i64> {
    let reached = stretches.iter().find(|stretch| stretch.last - stretch.due >= days)?;
    Some(reached.first.max(reached.due + days))
}

/// An amount of the currency in millionths, rounded to the next one.
pub(super) fn millionths(amount: f64) -> i64 {
    (amount * Amount::ONE as f64).round() as i64
}
