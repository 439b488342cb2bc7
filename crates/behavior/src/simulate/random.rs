//! Chance, a stream of its own for each customer, so that no thread and no order of work changes a draw.

use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::{RngCore, SeedableRng};

/// Draws of one customer: xoshiro256++ started from the seed and the customer's number.
pub(crate) struct Random(Xoshiro256PlusPlus);

impl Random {
    pub(crate) fn new(seed: u64, customer: u64) -> Random {
        // Steps of the golden ratio keep the starts apart; the generator's own seeding mixes them.
        Random(Xoshiro256PlusPlus::seed_from_u64(
            seed.rotate_left(32) ^ customer.wrapping_mul(0x9e37_79b9_7f4a_7c15),
        ))
    }

    /// Above 0 and below 1, of 2^52 values.
    pub(crate) fn uniform(&mut self) -> f64 {
        ((self.0.next_u64() >> 12) as f64 + 0.5) / (1_u64 << 52) as f64
    }

    /// True with this probability.
    pub(crate) fn chance(&mut self, probability: f64) -> bool {
        self.uniform() < probability
    }

    /// A whole number from 0 to below `count`.
    pub(crate) fn below(&mut self, count: u64) -> u64 {
        ((u128::from(self.0.next_u64()) * u128::from(count)) >> 64) as u64
    }

    /// Standard normal, by Box and Muller.
    pub(crate) fn normal(&mut self) -> f64 {
        let radius = (-2.0 * libm::log(self.uniform())).sqrt();
        radius * libm::cos(2.0 * std::f64::consts::PI * self.uniform())
    }

    /// Exponential with this mean.
    pub(crate) fn exponential(&mut self, mean: f64) -> f64 {
        -mean * libm::log(self.uniform())
    }

    /// Poisson with a small mean: events of rate one before `mean`.
    pub(crate) fn poisson(&mut self, mean: f64) -> i64 {
        let mut time = self.exponential(1.0);
        let mut count = 0;
        while time < mean {
            count += 1;
            time += self.exponential(1.0);
        }
        count
    }

    /// `median * exp(spread * normal)`.
    pub(crate) fn lognormal(&mut self, median: f64, spread: f64) -> f64 {
        median * libm::exp(spread * self.normal())
    }

    /// A position, each with its weight.
    pub(crate) fn pick(&mut self, weights: &[f64]) -> usize {
        let mut left = self.uniform() * weights.iter().sum::<f64>();
        for (position, weight) in weights.iter().enumerate() {
            left -= weight;
            if left < 0.0 {
                return position;
            }
        }
        weights.len() - 1
    }
}

/// `1 / (1 + exp(-x))`.
pub(crate) fn logistic(x: f64) -> f64 {
    1.0 / (1.0 + libm::exp(-x))
}
