//! Who a customer is: what decides all that follows, most of which no table shows.

use super::random::{Random, logistic};
use super::{DAY, Settings, YEAR};

/// What a customer is like.
#[derive(Clone, Debug)]
pub(crate) struct Traits {
    /// Ability to pay: standard normal.
    pub(crate) ability: f64,
    /// Will to pay: standard normal, correlated 0.3 with the ability.
    pub(crate) will: f64,
    /// When the customer joined, in seconds since 1970.
    pub(crate) joined: i64,
    /// When the customer stops ordering, in seconds since 1970.
    pub(crate) leaves: i64,
    /// Orders a year.
    pub(crate) rate: f64,
    /// One in twelve sends back most of what comes.
    pub(crate) serial_returner: bool,
    /// The share of orders sent back, before the category's part in it.
    pub(crate) returns: f64,
    /// The share of bills paid late by somebody who can pay.
    pub(crate) late: f64,
    /// Weights of the categories.
    pub(crate) tastes: [f64; CATEGORIES.len()],
    /// Yearly income.
    pub(crate) income: f64,
    pub(crate) region: usize,
    pub(crate) group: usize,
    pub(crate) born: i64,
}

/// Kinds of goods.
pub(crate) const CATEGORIES: [&str; 8] =
    ["books", "clothing", "electronics", "furniture", "garden", "groceries", "shoes", "toys"];

/// Regions.
pub(crate) const REGIONS: [&str; 5] = ["center", "east", "north", "south", "west"];

/// Groups of peers.
pub(crate) const GROUPS: [&str; 3] = ["family", "single", "business"];

impl Traits {
    pub(crate) fn draw(settings: &Settings, random: &mut Random) -> Traits {
        let ability = random.normal();
        let will = 0.3 * ability + 0.91_f64.sqrt() * random.normal();
        // more join early than late; nobody in the last thirty days
        let span = (settings.end - settings.start - 30 * DAY).max(1) as f64;
        let early = random.uniform();
        let joined = settings.start + (span * early * early.sqrt()) as i64;
        let leaves = joined + (random.exponential(4.0) * YEAR as f64) as i64;
        let rate = settings.orders_per_year * random.lognormal(libm::exp(-0.245), 0.7);
        let serial_returner = random.chance(1.0 / 12.0);
        let returns = match serial_returner {
            true => 0.4 + 0.4 * random.uniform(),
            false => 0.16 * random.uniform(),
        };
        let late = logistic(-2.2 - 0.4 * ability - 0.7 * will);
        let mut tastes = [0.0; CATEGORIES.len()];
        tastes.iter_mut().for_each(|taste| *taste = random.exponential(1.0));
        let income = random.lognormal(32_000.0, 0.35) * libm::exp(0.3 * ability);
        let region = random.pick(&[3.0, 2.0, 1.0, 2.0, 2.0]);
        let group = random.pick(&[5.0, 4.0, 1.0]);
        let age = 18.0 + 60.0 * random.uniform() * random.uniform();
        let born = (joined - (age * YEAR as f64) as i64).div_euclid(DAY) * DAY;
        Traits {
            ability,
            will,
            joined,
            leaves,
            rate,
            serial_returner,
            returns,
            late,
            tastes,
            income,
            region,
            group,
            born,
        }
    }
}
