//! Vintages: the cumulative bad rate of the customers who joined in one month, by months on book.

use super::bills::{Bills, first_reaching, millionths, stretches};
use super::months::{last_day, month_of, name};
use super::{LabelSettings, SettingsError};
use crate::{AsOf, EventKind, History, Moment, Zone};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The cohorts of all customers seen so far. Counts are whole, so histories may come in any order and grouping.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Vintages {
    /// By month of joining: customers, and of them how many first became bad in which month on book.
    cohorts: BTreeMap<i64, Cohort>,
    /// The last complete day, where customers were seen.
    complete: Option<i64>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Cohort {
    customers: u64,
    bad: BTreeMap<i64, u64>,
}

/// One cohort at one age.
#[derive(Clone, Debug, PartialEq)]
pub struct VintageCell {
    /// Month of joining: `2024-01`.
    pub cohort: String,
    /// Customers who joined in it.
    pub customers: u64,
    /// Calendar months after the month of joining, from 0.
    pub months_on_book: u32,
    /// Of them bad by the end of that month.
    pub bad: u64,
    /// `bad / customers`.
    pub bad_rate: f64,
}

impl Vintages {
    /// Adds the customers of a history. A customer joins with the first row of `customers`, or without one with the first order or
    /// due date; those of whom there is none, or who join after the last complete day, are not counted. Bad is
    /// who was `bad_days` past due with more than the materiality, counted on the day on which that was reached.
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
        self.complete = Some(complete);
        for customer in 0..history.customers.len() {
            let Some(joined) = joined(history, customer, known) else { continue };
            let joined = month_of(zone.day(joined));
            let cohort = self.cohorts.entry(joined).or_default();
            cohort.customers += 1;
            let past_due = bills.past_due(customer, known, zone);
            let all = stretches(&past_due, millionths(settings.materiality), i64::MIN / 2, complete);
            if let Some(day) = first_reaching(&all, i64::from(settings.bad_days)) {
                *cohort.bad.entry((month_of(day) - joined).max(0)).or_default() += 1;
            }
        }
        Ok(())
    }

    /// Adds the counts of others, made with the same settings.
    pub fn merge(&mut self, other: &Vintages) {
        self.complete = self.complete.max(other.complete);
        for (month, cohort) in &other.cohorts {
            let mine = self.cohorts.entry(*month).or_default();
            mine.customers += cohort.customers;
            for (age, bad) in &cohort.bad {
                *mine.bad.entry(*age).or_default() += bad;
            }
        }
    }

    /// The table, by cohort and age. Only months that were over by the last complete day are told.
    pub fn cells(&self) -> Vec<VintageCell> {
        let Some(complete) = self.complete else { return Vec::new() };
        let mut cells = Vec::new();
        for (month, cohort) in &self.cohorts {
            let mut bad = 0;
            for age in (0..).take_while(|age| last_day(month + age) <= complete) {
                bad += cohort.bad.get(&age).copied().unwrap_or(0);
                cells.push(VintageCell {
                    cohort: name(*month),
                    customers: cohort.customers,
                    months_on_book: age as u32,
                    bad,
                    bad_rate: bad as f64 / cohort.customers as f64,
                });
            }
        }
        cells
    }
}

/// When the customer joined, as known at a moment.
pub(super) fn joined(history: &History, customer: usize, known: Moment) -> Option<Moment> {
    let first = |kind: EventKind| {
        let events = &history.events[kind as usize];
        let rows = events.rows(customer).filter(|row| events.known_at[*row] <= known);
        rows.map(|row| events.at[row]).filter(|at| *at != Moment::NONE && *at <= known).min()
    };
    first(EventKind::Customers)
        .or_else(|| first(EventKind::Orders).into_iter().chain(first(EventKind::Payments)).min())
}
