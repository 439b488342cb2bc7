//! Sums that are the same in any order, and what they say of a group of customers.

use super::assessment::Holding;
use crate::Standing;

/// A sum of numbers, each rounded to a whole part of one, `PER_ONE` of them in one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Sum<const PER_ONE: u64>(i128);

/// Money in millionths of the currency.
pub(crate) type Money = Sum<1_000_000>;

/// Probabilities in parts of 1e-12.
pub(crate) type Probability = Sum<1_000_000_000_000>;

impl<const PER_ONE: u64> Sum<PER_ONE> {
    pub(crate) fn of(x: f64) -> Self {
        Sum((x * PER_ONE as f64).round() as i128)
    }

    pub(crate) fn add(&mut self, other: Self) {
        self.0 = self.0.saturating_add(other.0);
    }

    pub(crate) fn minus(self, other: Self) -> Self {
        Sum(self.0.saturating_sub(other.0))
    }

    pub(crate) fn is_positive(self) -> bool {
        self.0 > 0
    }

    pub(crate) fn cmp(self, other: Self) -> std::cmp::Ordering {
        self.0.cmp(&other.0)
    }

    pub(crate) fn value(self) -> f64 {
        self.0 as f64 / PER_ONE as f64
    }
}

/// Counts and sums of a group of customers.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Tally {
    pub(crate) customers: u64,
    pd: Probability,
    with_exposure: u64,
    exposure: Money,
    with_limit: u64,
    limit: Money,
    /// Exposure and limit of the customers who have both.
    drawn: Money,
    drawable: Money,
    over_limit: u64,
    over_limit_amount: Money,
    /// Sum of pd x exposure.
    expected: Money,
}

impl Tally {
    /// Counts a customer; `money` is false where the amounts are of another currency.
    pub(crate) fn add(&mut self, standing: &Standing, money: bool) {
        self.customers += 1;
        self.pd.add(Sum::of(standing.pd));
        let exposure = standing.exposure.filter(|_| money).map(Money::of);
        let limit = standing.limit.filter(|_| money).map(Money::of);
        if let Some(exposure) = exposure {
            self.with_exposure += 1;
            self.exposure.add(exposure);
            self.expected.add(Money::of(standing.pd * exposure.value()));
        }
        if let Some(limit) = limit {
            self.with_limit += 1;
            self.limit.add(limit);
        }
        if let (Some(exposure), Some(limit)) = (exposure, limit) {
            self.drawn.add(exposure);
            self.drawable.add(limit);
            let over = exposure.minus(limit);
            if over.is_positive() {
                self.over_limit += 1;
                self.over_limit_amount.add(over);
            }
        }
    }

    pub(crate) fn merge(&mut self, other: &Tally) {
        self.customers += other.customers;
        self.with_exposure += other.with_exposure;
        self.with_limit += other.with_limit;
        self.over_limit += other.over_limit;
        self.pd.add(other.pd);
        for (sum, more) in [
            (&mut self.exposure, other.exposure),
            (&mut self.limit, other.limit),
            (&mut self.drawn, other.drawn),
            (&mut self.drawable, other.drawable),
            (&mut self.over_limit_amount, other.over_limit_amount),
            (&mut self.expected, other.expected),
        ] {
            sum.add(more);
        }
    }

    /// What the sums say; shares are of the customers and the exposure of `all`.
    pub(crate) fn holding(&self, all: &Tally, lgd: Option<f64>) -> Holding {
        let exposure = (self.with_exposure > 0).then(|| self.exposure.value());
        Holding {
            customers: self.customers,
            share: ratio(self.customers as f64, all.customers as f64),
            mean_pd: ratio(self.pd.value(), self.customers as f64),
            with_exposure: self.with_exposure,
            exposure,
            exposure_share: exposure.and_then(|x| ratio(x, all.exposure.value())),
            with_limit: self.with_limit,
            limit: (self.with_limit > 0).then(|| self.limit.value()),
            utilisation: ratio(self.drawn.value(), self.drawable.value()),
            over_limit: self.over_limit,
            over_limit_amount: self.over_limit_amount.value(),
            expected_loss: lgd.filter(|_| self.with_exposure > 0).map(|lgd| lgd * self.expected.value()),
        }
    }
}

/// A quotient, where there is something to divide by.
pub(crate) fn ratio(part: f64, whole: f64) -> Option<f64> {
    (whole > 0.0).then(|| part / whole)
}
