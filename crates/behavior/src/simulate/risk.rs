//! The known risk: when a customer stops paying.
//!
//! A spell of non-payment starts at the rate `hazard * economy(t)` a year, where `hazard = 0.05 * exp(-0.7 ability - 0.5 will)`
//! is the customer's own. So the probability that one starts between two moments, if none has before, is exactly
//! `1 - exp(-hazard * (cumulative(to) - cumulative(from)))`.

use super::customer::Traits;
use super::random::Random;
use super::{DAY, YEAR};

/// The economy by quarter of a cycle of four years: 1 on average over the cycle.
const ECONOMY: [f64; 16] =
    [0.8, 0.75, 0.75, 0.8, 0.85, 0.9, 1.0, 1.1, 1.2, 1.3, 1.35, 1.3, 1.15, 1.0, 0.9, 0.85];

/// Seconds of a quarter of the cycle.
const QUARTER: i64 = YEAR / 4;

/// A time in which nothing is paid.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Spell {
    /// From when on, in seconds since 1970.
    pub(crate) from: i64,
    /// When all that is open is paid again; `i64::MAX` if never.
    pub(crate) until: i64,
}

/// Of a customer, a year, in the average economy.
pub(crate) fn hazard(traits: &Traits) -> f64 {
    0.05 * libm::exp(-0.7 * traits.ability - 0.5 * traits.will)
}

/// Years of average economy since 1970: the integral of the economy.
pub(crate) fn cumulative(moment: i64) -> f64 {
    let quarters = moment.div_euclid(QUARTER);
    let cycles = quarters.div_euclid(16) as f64;
    let within = quarters.rem_euclid(16) as usize;
    let whole: f64 = ECONOMY[..within].iter().sum();
    let part = moment.rem_euclid(QUARTER) as f64 / QUARTER as f64;
    (cycles * ECONOMY.iter().sum::<f64>() + whole + part * ECONOMY[within]) / 4.0
}

/// The probability that a spell starts after `from` and not after `to`, if none has started by `from`.
pub(crate) fn pd(hazard: f64, from: i64, to: i64) -> f64 {
    1.0 - libm::exp(-hazard * (cumulative(to) - cumulative(from)))
}

/// The customer's spell, if one starts before `end`: three in ten are cured, after 20 days and 100 more on average.
pub(crate) fn spell(hazard: f64, joined: i64, end: i64, random: &mut Random) -> Option<Spell> {
    let target = cumulative(joined) + random.exponential(1.0) / hazard;
    let (cured, days) = (random.chance(0.3), 20.0 + random.exponential(100.0));
    if target >= cumulative(end) {
        return None;
    }
    let from = when(target, joined, end);
    let until = if cured { from + (days * DAY as f64) as i64 } else { i64::MAX };
    Some(Spell { from, until })
}

/// The second at which the cumulated economy passes the target.
fn when(target: f64, mut low: i64, mut high: i64) -> i64 {
    while high - low > 1 {
        let middle = low + (high - low) / 2;
        if cumulative(middle) < target { low = middle } else { high = middle }
    }
    high
}

impl Spell {
    pub(crate) fn covers(&self, moment: i64) -> bool {
        self.from <= moment && moment < self.until
    }
}
