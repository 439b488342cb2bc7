//! Good, bad, indeterminate, or not to be used and why.

use super::bills::{Bills, millionths, stretches, worst};
use super::{LabelKind, LabelSettings, SettingsError};
use crate::{AsOf, EventKind, Events, History, Moment, Values};
use std::ops::Range;

/// What became of a customer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Not bad, and not near it.
    Good,
    /// Bad as the settings say.
    Bad,
    /// Between: not to be trained on, to be counted.
    Indeterminate,
    /// Not to be labelled.
    Excluded(Exclusion),
}

/// Why a customer is not labelled; the first that applies, in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exclusion {
    /// Nothing of the customer was known by the observation date.
    NotYetCustomer,
    /// The performance window is not over by the last complete day.
    Immature,
    /// Past due already.
    AlreadyBad,
    /// A customer for too few days.
    TooYoung,
    /// Nothing happened in the last days.
    NoActivity,
}

impl Outcome {
    /// All, in the order of [`LabelCounts`].
    pub const ALL: [Outcome; 8] = [
        Outcome::Good,
        Outcome::Bad,
        Outcome::Indeterminate,
        Outcome::Excluded(Exclusion::NotYetCustomer),
        Outcome::Excluded(Exclusion::Immature),
        Outcome::Excluded(Exclusion::AlreadyBad),
        Outcome::Excluded(Exclusion::TooYoung),
        Outcome::Excluded(Exclusion::NoActivity),
    ];

    /// The name in tables: `good`, `bad`, `indeterminate`, or why it is excluded.
    pub fn name(self) -> &'static str {
        match self {
            Outcome::Good => "good",
            Outcome::Bad => "bad",
            Outcome::Indeterminate => "indeterminate",
            Outcome::Excluded(Exclusion::NotYetCustomer) => "not yet a customer",
            Outcome::Excluded(Exclusion::Immature) => "immature",
            Outcome::Excluded(Exclusion::AlreadyBad) => "already bad",
            Outcome::Excluded(Exclusion::TooYoung) => "too young",
            Outcome::Excluded(Exclusion::NoActivity) => "no activity",
        }
    }
}

/// The labels of a history's customers, in their order.
#[derive(Clone, Debug, PartialEq)]
pub struct Labels {
    /// What became of each.
    pub outcomes: Vec<Outcome>,
    /// The most days past due in the performance window, or the returns in it; NaN of excluded customers.
    pub worst: Vec<f64>,
}

/// How many customers came to which outcome, in the order of [`Outcome::ALL`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LabelCounts(pub [u64; Outcome::ALL.len()]);

impl LabelCounts {
    /// Counts the customers of more labels.
    pub fn add(&mut self, labels: &Labels) {
        for (outcome, count) in Outcome::ALL.iter().zip(&mut self.0) {
            *count += labels.outcomes.iter().filter(|other| *other == outcome).count() as u64;
        }
    }
}

/// Labels the customers of a history by what became of them in the days after an observation date.
///
/// Who is labelled is decided by what was known at the observation, as features are; the label by what happened in
/// `performance_days` days after its day, as known by the last complete day. A bill that was open at the observation counts with all its
/// days past due; a bill that was paid by then does not.
///
/// # Errors
/// If a setting is out of range, or a column that is needed is not in the history.
pub fn labels(history: &History, settings: &LabelSettings, as_of: &AsOf) -> Result<Labels, SettingsError> {
    settings.check()?;
    let complete = settings.complete_day(as_of.zone())?;
    let complete = AsOf::end_of_day(complete, as_of.zone()).map_or(Moment::NONE, |end| end.moment());
    let past_due = settings.kind == LabelKind::PastDue;
    let bills = if past_due { Some(Bills::of(history)?) } else { None };
    let window = as_of.day() + 1..as_of.day() + 1 + i64::from(settings.performance_days);
    let labeller = Labeller { history, settings, as_of, complete, bills, window };
    let (outcomes, worst) = (0..history.customers.len()).map(|customer| labeller.customer(customer)).unzip();
    Ok(Labels { outcomes, worst })
}

struct Labeller<'l> {
    history: &'l History,
    settings: &'l LabelSettings,
    as_of: &'l AsOf,
    /// The last complete moment.
    complete: Moment,
    bills: Option<Bills<'l>>,
    /// Days in which the customer is watched.
    window: Range<i64>,
}

impl Labeller<'_> {
    fn customer(&self, customer: usize) -> (Outcome, f64) {
        if let Some(excluded) = self.excluded(customer) {
            return (Outcome::Excluded(excluded), f64::NAN);
        }
        match &self.bills {
            Some(bills) => self.past_due(bills, customer),
            None => self.returns(customer),
        }
    }

    fn excluded(&self, customer: usize) -> Option<Exclusion> {
        let moment = self.as_of.moment();
        let Some((first, last)) = self.first_and_last(customer) else {
            return Some(Exclusion::NotYetCustomer);
        };
        if self.window.end - 1 > self.as_of.zone().day(self.complete) {
            return Some(Exclusion::Immature);
        }
        if let Some(bills) = &self.bills {
            let today = self.as_of.day();
            let open = bills.past_due(customer, moment, self.as_of.zone());
            let days = worst(&stretches(&open, millionths(self.settings.materiality), today, today));
            if days >= i64::from(self.settings.already_bad_days.unwrap_or(self.settings.bad_days)) {
                return Some(Exclusion::AlreadyBad);
            }
        }
        // a customer since the day itself is one for no day
        if self.as_of.day() - self.as_of.zone().day(first) < i64::from(self.settings.min_history_days) {
            return Some(Exclusion::TooYoung);
        }
        let active = |days: u32| last.is_some_and(|last| last > self.as_of.before(days));
        self.settings.activity_days.is_some_and(|days| !active(days)).then_some(Exclusion::NoActivity)
    }

    /// When the customer was first heard of, and last ordered, owed or returned, as known at the observation.
    fn first_and_last(&self, customer: usize) -> Option<(Moment, Option<Moment>)> {
        let moment = self.as_of.moment();
        let active = [EventKind::Orders, EventKind::Payments, EventKind::Returns];
        let (mut first, mut last) = (None, None);
        for kind in EventKind::ALL {
            let events = &self.history.events[kind as usize];
            let rows = events.rows(customer).map(|row| (events.at[row], events.known_at[row]));
            for (at, _) in rows.filter(|(at, known)| *at != Moment::NONE && *at <= moment && *known <= moment)
            {
                first = Some(first.map_or(at, |first: Moment| first.min(at)));
                if active.contains(&kind) {
                    last = last.max(Some(at));
                }
            }
        }
        first.map(|first| (first, last))
    }

    fn past_due(&self, bills: &Bills<'_>, customer: usize) -> (Outcome, f64) {
        let known = bills.past_due(customer, self.complete, self.as_of.zone());
        let materiality = millionths(self.settings.materiality);
        let worst = worst(&stretches(&known, materiality, self.window.start, self.window.end - 1));
        let outcome = match worst {
            days if days >= i64::from(self.settings.bad_days) => Outcome::Bad,
            days if days >= i64::from(self.settings.indeterminate_days) => Outcome::Indeterminate,
            _ => Outcome::Good,
        };
        (outcome, worst as f64)
    }

    fn returns(&self, customer: usize) -> (Outcome, f64) {
        let returns = self.distinct(customer, EventKind::Returns, "return");
        let orders = self.distinct(customer, EventKind::Orders, "order");
        let share_reached = returns as f64 >= self.settings.bad_return_share * orders as f64;
        let at_least = |count: u32| returns >= count as usize;
        let outcome = match share_reached && at_least(self.settings.bad_returns) {
            true => Outcome::Bad,
            false if self.settings.indeterminate_returns.is_some_and(at_least) => Outcome::Indeterminate,
            false => Outcome::Good,
        };
        (outcome, returns as f64)
    }

    /// Different ids in the window; rows where there is no such column.
    fn distinct(&self, customer: usize, kind: EventKind, id: &str) -> usize {
        let events: &Events = &self.history.events[kind as usize];
        let zone = self.as_of.zone();
        let counts = |row: &usize| {
            let (at, known) = (events.at[*row], events.known_at[*row]);
            at != Moment::NONE
                && at > self.as_of.moment()
                && self.window.contains(&zone.day(at))
                && known <= self.complete
        };
        let rows = events.rows(customer).filter(counts);
        match events.columns.iter().find(|column| column.name == id).map(|column| &column.values) {
            Some(Values::Text { codes, .. }) => {
                let mut ids: Vec<u32> = rows.map(|row| codes[row]).collect();
                // rows without an id are one each
                let without = ids.iter().filter(|code| **code == Values::NO_TEXT).count();
                ids.sort_unstable();
                ids.dedup();
                ids.retain(|code| *code != Values::NO_TEXT);
                ids.len() + without
            }
            _ => rows.count(),
        }
    }
}
