//! What a customer does: orders, what is due and paid, what comes back.

use super::customer::Traits;
use super::random::Random;
use super::risk::Spell;
use super::tables::{AllRows, NONE};
use super::{DAY, Settings, YEAR};

/// Positions in [`super::tables::TABLES`].
pub(crate) const ORDERS: usize = 1;
pub(crate) const PAYMENTS: usize = 2;
pub(crate) const RETURNS: usize = 3;

/// Positions in the methods.
const CARD: usize = 0;
const CASH_ON_DELIVERY: usize = 1;
const INSTALMENT: usize = 2;
const TRANSFER: usize = 3;

/// The median price of a piece by category, and how often goods of it come back.
const PRICES: [f64; 8] = [14.0, 35.0, 160.0, 220.0, 30.0, 22.0, 60.0, 24.0];
const RETURNED: [f64; 8] = [0.4, 1.6, 1.0, 0.8, 0.6, 0.1, 1.8, 0.7];

/// Orders come twice as often before the winter holidays as in late winter: factors by month, at most [`BUSIEST`].
const SEASON: [f64; 12] = [0.8, 0.75, 0.85, 0.9, 0.95, 0.95, 0.9, 0.9, 1.0, 1.1, 1.4, 1.5];
const BUSIEST: f64 = 1.5;

/// A customer and the chance that decides.
pub(crate) struct Life<'l> {
    pub(crate) settings: &'l Settings,
    pub(crate) number: i64,
    pub(crate) traits: &'l Traits,
    pub(crate) spell: Option<Spell>,
    pub(crate) random: Random,
    pub(crate) rows: &'l mut AllRows,
    /// How many orders, payments and returns there were.
    pub(crate) counts: [i64; 3],
}

struct Order {
    id: i64,
    at: i64,
    cents: i64,
    quantity: i64,
    category: usize,
    product: i64,
    method: usize,
}

impl Life<'_> {
    /// All orders: a Poisson process whose rate follows the season, a third of it while nothing is paid.
    pub(crate) fn orders(&mut self) {
        let end = self.traits.leaves.min(self.settings.end);
        let pause = YEAR as f64 / (self.traits.rate * BUSIEST);
        let mut at = self.traits.joined + (self.random.exponential(pause) * 0.2) as i64;
        while at < end && self.counts[0] < 8_000 {
            let month = super::tables::date(at.div_euclid(DAY)).1;
            let in_spell = self.spell.is_some_and(|spell| spell.covers(at));
            let kept = SEASON[month as usize - 1] / BUSIEST * if in_spell { 1.0 / 3.0 } else { 1.0 };
            if self.random.chance(kept) {
                self.order(at, in_spell);
            }
            at += self.random.exponential(pause) as i64 + 1;
        }
    }

    fn order(&mut self, at: i64, in_spell: bool) {
        let random = &mut self.random;
        let category = random.pick(&self.traits.tastes);
        let quantity = 1 + random.poisson(0.6);
        let price = random.lognormal(PRICES[category], 0.5) * libm::exp(0.1 * self.traits.ability);
        let full = (price * 100.0) as i64 * quantity + 100;
        let discount = if random.chance(0.2) { full / 20 * (1 + random.below(5) as i64) } else { 0 };
        let product = category as i64 * 1000 + (random.uniform() * random.uniform() * 1000.0) as i64;
        let needy = libm::exp(-0.5 * self.traits.ability);
        let large = (full as f64 / 10_000.0).min(4.0);
        // who cannot pay now buys on instalments, but not any more once bills stay open
        let instalments = if in_spell { 0.0 } else { 0.8 * needy * large };
        let method = random.pick(&[2.0, 0.5 + 0.4 * needy, instalments, 2.5, 1.0]);
        let channel = random.pick(&[4.0, 1.0, 0.3, 4.0]);
        let id = self.number * 100_000 + self.counts[0];
        self.counts[0] += 1;
        let order = Order { id, at, cents: full - discount, quantity, category, product, method };
        self.rows[ORDERS].0.extend([
            self.number,
            id,
            at,
            order.cents,
            quantity,
            discount,
            category as i64,
            product,
            channel as i64,
            method as i64,
        ]);
        let refused = method == CASH_ON_DELIVERY && self.is_refused(at);
        self.payments(&order, refused);
        self.goods_back(&order, refused);
    }

    /// A parcel that is paid at the door is refused at times, more by those without will.
    fn is_refused(&mut self, at: i64) -> bool {
        let in_spell = self.spell.is_some_and(|spell| spell.covers(at));
        let chance = 0.03 * libm::exp(-0.6 * self.traits.will) + if in_spell { 0.3 } else { 0.0 };
        self.random.chance(chance.min(0.9))
    }

    fn payments(&mut self, order: &Order, refused: bool) {
        match order.method {
            _ if refused => {}
            CASH_ON_DELIVERY => {
                let days = 2 + self.random.below(4) as i64;
                let due = order.at + days * DAY;
                self.payment(order, due, order.cents, due);
            }
            INSTALMENT => {
                let parts = [3, 6, 12][self.random.pick(&[4.0, 3.0, 2.0])];
                for part in 1..=parts {
                    let due = midnight(order.at) + part * 30 * DAY;
                    let cents = order.cents * part / parts - order.cents * (part - 1) / parts;
                    let paid = self.paid(due);
                    self.payment(order, due, cents, paid);
                }
            }
            TRANSFER => {
                let due = midnight(order.at) + 14 * DAY;
                let paid = self.paid(due);
                self.payment(order, due, order.cents, paid);
            }
            // card and wallet pay at once
            CARD => self.payment(order, order.at, order.cents, order.at),
            _ => self.payment(order, order.at, order.cents, order.at + 1),
        }
    }

    /// When a bill is paid: on time or some days late, after the spell if that ends, or never.
    fn paid(&mut self, due: i64) -> i64 {
        let late = self.random.chance(self.traits.late);
        let days =
            if late { 1.0 + self.random.exponential(9.0).min(70.0) } else { -3.0 * self.random.uniform() };
        let paid = due + (days * DAY as f64) as i64;
        match self.spell {
            Some(spell) if spell.from <= paid && due < spell.until => match spell.until {
                i64::MAX => NONE,
                until => until.max(paid) + self.random.below(3 * DAY as u64) as i64,
            },
            _ => paid,
        }
    }

    /// What falls due by the end, and what is known of it then.
    fn payment(&mut self, order: &Order, due: i64, cents: i64, paid: i64) {
        if due >= self.settings.end {
            return;
        }
        let is_paid = paid != NONE && paid < self.settings.end;
        let paid = if is_paid { paid } else { NONE };
        let id = self.number * 100_000 + self.counts[1];
        self.counts[1] += 1;
        let paid_cents = if is_paid { cents } else { NONE };
        self.rows[PAYMENTS].0.extend([
            self.number,
            id,
            order.id,
            due,
            cents,
            paid,
            paid_cents,
            order.method as i64,
        ]);
    }

    fn goods_back(&mut self, order: &Order, refused: bool) {
        let share = match self.traits.serial_returner {
            true => self.traits.returns,
            false => (self.traits.returns * RETURNED[order.category]).min(0.9),
        };
        let sent_back = self.random.chance(share);
        if !(sent_back || refused) {
            return;
        }
        let days = if refused { 4.0 } else { (3.0 + self.random.exponential(9.0)).min(90.0) };
        let at = order.at + (days * DAY as f64) as i64;
        let all = refused || self.random.chance(0.7);
        let quantity = if all { order.quantity } else { 1 + self.random.below(order.quantity as u64) as i64 };
        let reason = match (refused, self.traits.serial_returner) {
            (true, _) => 4,
            (_, true) => [0, 1, 2, 3, 5, 6][self.random.pick(&[5.0, 0.5, 0.5, 2.0, 1.0, 1.0])],
            _ => [0, 1, 2, 3, 5, 6][self.random.pick(&[1.5, 2.0, 1.0, 1.5, 1.5, 1.5])],
        };
        if at >= self.settings.end {
            return;
        }
        let id = self.number * 100_000 + self.counts[2];
        self.counts[2] += 1;
        let cents = order.cents * quantity / order.quantity;
        let category = order.category as i64;
        self.rows[RETURNS].0.extend([
            self.number,
            id,
            order.id,
            at,
            cents,
            quantity,
            reason as i64,
            category,
            order.product,
        ]);
    }
}

fn midnight(moment: i64) -> i64 {
    moment.div_euclid(DAY) * DAY
}
