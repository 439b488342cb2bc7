//! Peers: the customers of the same group, and what is usual among them, frozen by a first pass.

use super::plan::Plan;
use crate::features::evaluate::Scratch;
use crate::snapshot::known;
use crate::{Amount, AsOf, EventKind, FeatureError, History, Values};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;

/// What is usual among peers, by group and feature. Text as JSON or TOML; it belongs to the plan that made it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Peers {
    /// The features that are compared.
    pub features: Vec<String>,
    /// By `group` of the table customers ("" where it is not known): one entry a feature.
    pub groups: BTreeMap<String, Vec<PeerStatistics>>,
}

/// Mean and standard deviation of a feature within a group.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PeerStatistics {
    /// Customers who have a value.
    pub n: u64,
    /// Their mean.
    pub mean: f64,
    /// Their standard deviation, with n - 1.
    pub deviation: f64,
}

/// Sums of whole millionths, so that no order of adding changes them.
#[derive(Clone, Copy, Debug, Default)]
struct Totals {
    n: i128,
    sum: i128,
    /// Of squares: in two parts, since it may need more than 127 bits.
    squares: [u128; 2],
}

/// The first pass: gathers what is usual among peers, chunk by chunk.
#[derive(Clone, Debug)]
pub struct PeerPass<'a> {
    plan: &'a Plan,
    totals: BTreeMap<String, Vec<Totals>>,
}

impl Plan {
    /// Begins the first pass; `None` if no feature is compared with peers.
    pub fn peer_pass(&self) -> Option<PeerPass<'_>> {
        (!self.compared.is_empty()).then(|| PeerPass { plan: self, totals: BTreeMap::new() })
    }

    /// The plan with what is usual among peers.
    ///
    /// # Errors
    /// If `peers` are of other features than the plan compares.
    pub fn with_peers(mut self, peers: Peers) -> Result<Plan, FeatureError> {
        let missing =
            self.compared.iter().zip(peers.features.iter().map(Some).chain(std::iter::repeat(None)));
        for ((feature, _), given) in missing {
            if given != Some(feature) {
                return Err(FeatureError::NoPeers { feature: feature.clone() });
            }
        }
        let short = peers.groups.values().any(|group| group.len() != peers.features.len());
        match self.compared.first() {
            Some((feature, _)) if short => Err(FeatureError::NoPeers { feature: feature.clone() }),
            _ => {
                self.peers = Some(Arc::new(peers));
                Ok(self)
            }
        }
    }

    /// What is usual, and each customer's group.
    pub(crate) fn groups(
        &self,
        history: &History,
        as_of: &AsOf,
    ) -> Result<Option<(&Peers, Vec<String>)>, FeatureError> {
        match (&self.peers, self.compared.first()) {
            (_, None) => Ok(None),
            (Some(peers), _) => Ok(Some((peers, group_names(history, as_of)))),
            (None, Some((feature, _))) => Err(FeatureError::NoPeers { feature: feature.clone() }),
        }
    }
}

impl PeerPass<'_> {
    /// Adds the customers of a chunk; those of whom nothing was known yet do not count. Each customer must be added once.
    ///
    /// # Errors
    /// As [`Plan::evaluate`].
    pub fn add(&mut self, history: &History, as_of: &AsOf) -> Result<(), FeatureError> {
        let mut scratch = Scratch::default();
        self.plan.evaluate_slots(history, as_of, &mut scratch)?;
        let customers = history.customers.len();
        let known = known(history, as_of);
        let groups = group_names(history, as_of).into_iter().enumerate();
        for (customer, group) in groups.filter(|(customer, _)| known[*customer]) {
            let features = self.plan.compared.len();
            let totals = self.totals.entry(group).or_insert_with(|| vec![Totals::default(); features]);
            for (totals, (_, slot)) in totals.iter_mut().zip(&self.plan.compared) {
                totals.add(scratch.values[slot * customers + customer]);
            }
        }
        Ok(())
    }

    /// Adds what another pass has gathered of other customers.
    pub fn merge(&mut self, other: &PeerPass<'_>) {
        for (group, others) in &other.totals {
            let totals =
                self.totals.entry(group.clone()).or_insert_with(|| vec![Totals::default(); others.len()]);
            totals.iter_mut().zip(others).for_each(|(totals, other)| totals.merge(other));
        }
    }

    /// What is usual.
    pub fn finish(self) -> Peers {
        let groups = self.totals.into_iter();
        Peers {
            features: self.plan.compared.iter().map(|(name, _)| name.clone()).collect(),
            groups: groups
                .map(|(group, totals)| (group, totals.iter().map(Totals::statistics).collect()))
                .collect(),
        }
    }
}

impl Peers {
    /// (value - mean) / deviation; missing with fewer than two peers or equal ones.
    pub(crate) fn standardise(&self, feature: usize, group: &str, value: f64) -> f64 {
        match self.groups.get(group).and_then(|features| features.get(feature)) {
            Some(peers) if peers.n > 1 && peers.deviation > 0.0 => (value - peers.mean) / peers.deviation,
            _ => f64::NAN,
        }
    }
}

impl Totals {
    /// A value of more than 9.2e12 counts as that; a missing one does not count.
    fn add(&mut self, value: f64) {
        if !value.is_nan() {
            let millionths = (value * Amount::ONE as f64).round() as i64;
            let square = u128::from(millionths.unsigned_abs()).pow(2);
            self.merge(&Totals {
                n: 1,
                sum: i128::from(millionths),
                squares: [square >> 64, square & u128::from(u64::MAX)],
            });
        }
    }

    fn merge(&mut self, other: &Totals) {
        self.n += other.n;
        self.sum += other.sum;
        self.squares[0] += other.squares[0];
        self.squares[1] += other.squares[1];
    }

    fn statistics(&self) -> PeerStatistics {
        let (one, n) = (Amount::ONE as f64, self.n as f64);
        let mean = self.sum as f64 / n;
        // squares about the mean: sum of squares - n mean²
        let squares = self.squares[0] as f64 * 2.0_f64.powi(64) + self.squares[1] as f64;
        let variance = (squares - n * mean * mean).max(0.0) / (n - 1.0);
        match self.n {
            0 => PeerStatistics::default(),
            1 => PeerStatistics { n: 1, mean: mean / one, deviation: 0.0 },
            _ => PeerStatistics { n: self.n as u64, mean: mean / one, deviation: variance.sqrt() / one },
        }
    }
}

/// Each customer's group as last known; "" where it is not known. Of rows of the same moments the last by bytes.
fn group_names(history: &History, as_of: &AsOf) -> Vec<String> {
    let events = &history.events[EventKind::Customers as usize];
    let group = events.columns.iter().find(|column| column.name == "group").map(|column| &column.values);
    let Some(Values::Text { codes, dictionary }) = group else {
        return vec![String::new(); history.customers.len()];
    };
    let latest = |customer: usize| {
        let known = |row: &usize| {
            events.at[*row] <= as_of.moment()
                && events.known_at[*row] <= as_of.moment()
                && codes[*row] != Values::NO_TEXT
        };
        let text = |row: usize| &dictionary[codes[row] as usize];
        events
            .rows(customer)
            .filter(known)
            .max_by_key(|row| (events.at[*row], events.known_at[*row], text(*row)))
            .map(text)
    };
    (0..history.customers.len()).map(|customer| latest(customer).unwrap_or_default().to_owned()).collect()
}
