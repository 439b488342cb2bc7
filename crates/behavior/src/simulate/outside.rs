//! What others report of a customer: credit agencies, and the yearly statement.

use super::events::Life;
use super::{DAY, YEAR};

const REPORTS: usize = 4;
const FINANCIALS: usize = 5;

impl Life<'_> {
    /// A report at joining and then about every nine months; it arrives 1 to 45 days after its date.
    pub(crate) fn reports(&mut self) {
        let agency = self.random.below(2) as i64;
        let history = (1.0 + self.random.exponential(8.0)) * YEAR as f64;
        let oldest =
            (self.traits.joined - history as i64).max(self.traits.born + 18 * YEAR).div_euclid(DAY) * DAY;
        let mut at = (self.traits.joined - 5 * DAY).div_euclid(DAY) * DAY;
        while at < self.settings.end {
            let arrived = at + (1 + self.random.below(45) as i64) * DAY;
            // the agency hears of a spell a month after it began
            let in_spell = self.spell.is_some_and(|spell| spell.covers(at - 30 * DAY));
            let traits = self.traits;
            let random = &mut self.random;
            let score = 620.0 + 55.0 * traits.ability + 45.0 * traits.will + 35.0 * random.normal()
                - if in_spell { 90.0 } else { 0.0 };
            let accounts = 1 + random.poisson(2.5);
            let inquiries = random.poisson(1.0 + libm::exp(-0.4 * traits.ability));
            let late = random.poisson(0.4 * libm::exp(-0.6 * traits.will))
                + if in_spell { 1 + random.poisson(1.0) } else { 0 };
            let limit = (traits.income / 8.0 * random.lognormal(1.0, 0.4)) as i64 * 100;
            let used = super::random::logistic(
                -0.6 - 0.6 * traits.ability + 0.7 * random.normal() + if in_spell { 1.0 } else { 0.0 },
            );
            let balance = (limit as f64 * used) as i64;
            let next = at + (200 + self.random.below(140) as i64) * DAY;
            if arrived < self.settings.end {
                let score = score.clamp(300.0, 850.0) as i64;
                let row = [
                    self.number,
                    at,
                    arrived,
                    agency,
                    score,
                    inquiries,
                    accounts,
                    late.min(accounts),
                    balance,
                    limit,
                    oldest,
                ];
                self.rows[REPORTS].0.extend(row);
            }
            at = next;
        }
    }

    /// The statement of each calendar year; it arrives two to eight months after the year's end.
    pub(crate) fn financials(&mut self) {
        let first = super::tables::date(self.traits.joined.div_euclid(DAY)).0 - 1;
        for year in first.. {
            let period_end = super::midnight_after(year) - DAY;
            let arrived = period_end + (60 + self.random.below(180) as i64) * DAY;
            if period_end >= self.settings.end {
                break;
            }
            let row = self.statement(period_end);
            if arrived < self.settings.end {
                self.rows[FINANCIALS].0.extend([self.number, period_end, arrived].into_iter().chain(row));
            }
        }
    }

    /// Income to sales in cents; of somebody whose spell began by then income falls and debts grow.
    fn statement(&mut self, period_end: i64) -> [i64; 12] {
        let in_spell = self.spell.is_some_and(|spell| spell.covers(period_end));
        let (traits, random) = (self.traits, &mut self.random);
        let income = traits.income * random.lognormal(1.0, 0.08) * if in_spell { 0.7 } else { 1.0 };
        let strain = libm::exp(-0.35 * traits.ability);
        let expenses = income * (0.75 * random.lognormal(1.0, 0.1) * (0.7 + 0.3 * strain)).min(1.3);
        let debt = income * random.lognormal(0.5, 0.5) * strain * if in_spell { 1.3 } else { 1.0 };
        let service = debt * (0.08 + 0.06 * random.uniform());
        let assets = debt * 0.6 + income * random.lognormal(1.2, 0.6);
        let liquid = assets * (0.1 + 0.3 * random.uniform());
        let short_term = debt * (0.15 + 0.3 * random.uniform());
        let equity = assets - debt;
        let retained = equity * (0.2 + 0.5 * random.uniform());
        let sales = income * random.lognormal(1.4, 0.3);
        let ebit = income - expenses;
        let market = equity.max(0.0) * random.lognormal(1.1, 0.3);
        [income, expenses, service, debt, assets, liquid, short_term, retained, ebit, equity, market, sales]
            .map(|amount| (amount * 100.0) as i64)
    }
}
