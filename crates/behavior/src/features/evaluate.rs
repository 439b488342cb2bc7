//! From the events of some customers to their features.

use super::plan::{Combination, Combine, Measure, Of, Plan, TablePlan};
use super::rows::{After, Rows};
use super::{back, lane, sums};
use crate::{AsOf, EventKind, Events, FeatureError, FeatureTable, History, Peers};
use arrears_expression::Truth;

/// Buffers of an evaluation. Used again, they spare allocations; they hold nothing that matters.
#[derive(Debug, Default)]
pub(crate) struct Scratch {
    pool: lane::Pool,
    /// The condition of each filter, row by row; missing where the row is not known as of the moment.
    truths: Vec<Vec<Truth>>,
    /// Where windows begin and end: edge by edge, customer by customer, the first row after it.
    pub(crate) edges: Vec<u32>,
    pub(crate) sums: sums::Sums,
    back: back::Back,
    after: After,
    /// Slot by slot, customer by customer.
    pub(crate) values: Vec<f64>,
    /// Whether anything of the customer was known.
    pub(crate) known: Vec<bool>,
}

impl Plan {
    /// Computes the features of all customers of `history`, from what had happened and was known as of the moment.
    ///
    /// # Errors
    /// If `history` lacks a column of the plan, or peers are compared and their statistics were not given.
    pub fn evaluate(&self, history: &History, as_of: &AsOf) -> Result<FeatureTable, FeatureError> {
        let mut scratch = Scratch::default();
        self.evaluate_in(history, as_of, &mut scratch)?;
        Ok(FeatureTable {
            customers: history.customers.clone(),
            known: scratch.known,
            outputs: self.outputs.clone(),
            values: scratch.values,
        })
    }

    /// As [`Plan::evaluate`], into buffers that can be used again.
    ///
    /// # Errors
    /// As [`Plan::evaluate`].
    pub(crate) fn evaluate_in(
        &self,
        history: &History,
        as_of: &AsOf,
        scratch: &mut Scratch,
    ) -> Result<(), FeatureError> {
        self.evaluate_slots(history, as_of, scratch)?;
        let groups = self.groups(history, as_of)?;
        for combination in self.combinations.iter().filter(|combination| combination.is_of_peers()) {
            combination.run(history.customers.len(), groups.as_ref(), &mut scratch.values);
        }
        Ok(())
    }

    /// All but the comparison with peers.
    pub(crate) fn evaluate_slots(
        &self,
        history: &History,
        as_of: &AsOf,
        scratch: &mut Scratch,
    ) -> Result<(), FeatureError> {
        let customers = history.customers.len();
        // every slot is written
        scratch.values.resize(self.slots * customers, 0.0);
        scratch.known.clear();
        scratch.known.resize(customers, false);
        for kind in EventKind::ALL {
            let (plan, events) = (&self.tables[kind as usize], &history.events[kind as usize]);
            if self.reads(kind) {
                plan.evaluate(events, customers, as_of, scratch)?;
            }
        }
        for combination in self.combinations.iter().filter(|combination| !combination.is_of_peers()) {
            combination.run(customers, None, &mut scratch.values);
        }
        Ok(())
    }
}

impl Combination {
    fn is_of_peers(&self) -> bool {
        matches!(self.of, Combine::Peers(..))
    }

    /// `peers`: what is usual, and each customer's group.
    fn run(&self, customers: usize, peers: Option<&(&Peers, Vec<String>)>, values: &mut [f64]) {
        for customer in 0..customers {
            let value = |slot: usize| values[slot * customers + customer];
            let combined = match (self.of, peers) {
                (Combine::Ratio(_, below), _) if value(below) == 0.0 => f64::NAN,
                (Combine::Ratio(above, below), _) => value(above) / value(below),
                (Combine::Difference(now, before), _) => value(now) - value(before),
                (Combine::Peers(slot, feature), Some((peers, groups))) => {
                    peers.standardise(feature, &groups[customer], value(slot))
                }
                (Combine::Peers(..), None) => f64::NAN,
            };
            values[self.slot * customers + customer] = combined;
        }
    }
}

impl TablePlan {
    fn evaluate(
        &self,
        events: &Events,
        customers: usize,
        as_of: &AsOf,
        scratch: &mut Scratch,
    ) -> Result<(), FeatureError> {
        let Scratch { pool, truths, edges, sums, back, after, values, known } = scratch;
        self.find_edges(events, customers, as_of, edges);
        let lanes = lane::make(&self.lanes, &self.columns, events, as_of, pool)?;
        self.run_filters(events, &lanes, as_of, truths);
        let unfiltered = &truths[self.filters.len()];
        for (customer, known) in known.iter_mut().enumerate() {
            let rows = events.starts[customer] as usize..edges[customer] as usize;
            *known |= unfiltered[rows].contains(&Truth::True);
        }
        sums.forget_rows();
        for measure in &self.measures {
            let Measure { filter, of, jobs } = measure;
            let filter = filter.unwrap_or(self.filters.len());
            let truth = &truths[filter];
            let rows = Rows { events, customers, edges, truth, today: as_of.day(), zone: as_of.zone() };
            let of = match *of {
                Of::Rows => None,
                Of::Lane(lane) => Some(&lanes[lane]),
                Of::Gap => Some(after.gaps(&rows)),
                Of::Recent => Some(after.recent(&rows)),
            };
            sums.start(filter);
            for job in jobs {
                if !sums.run(&rows, of, job, values) {
                    back.run(&rows, of, job, values);
                }
            }
        }
        pool.give_back(lanes);
        Ok(())
    }

    /// The first row after each edge, edge by edge, customer by customer.
    fn find_edges(&self, events: &Events, customers: usize, as_of: &AsOf, edges: &mut Vec<u32>) {
        edges.clear();
        for days in &self.edges {
            let Some(days) = days else {
                edges.extend_from_slice(&events.starts[..customers]);
                continue;
            };
            let edge = if *days == 0 { as_of.moment() } else { as_of.before(*days) };
            edges.extend(events.starts[..=customers].windows(2).map(|rows| {
                let at = &events.at[rows[0] as usize..rows[1] as usize];
                // a sum over a few rows is faster than a search, which guesses its way
                let before = match at.len() {
                    0..=64 => at.iter().map(|at| u32::from(*at <= edge)).sum::<u32>(),
                    _ => at.partition_point(|at| *at <= edge) as u32,
                };
                rows[0] + before
            }));
        }
    }

    /// The conditions, and behind them the one of features without a filter.
    fn run_filters(
        &self,
        events: &Events,
        lanes: &[lane::LaneValues<'_>],
        as_of: &AsOf,
        truths: &mut Vec<Vec<Truth>>,
    ) {
        let rows = events.at.len();
        if truths.len() <= self.filters.len() {
            truths.resize_with(self.filters.len() + 1, Vec::new);
        }
        let unfiltered = &mut truths[self.filters.len()];
        unfiltered.clear();
        unfiltered.resize(rows, Truth::True);
        for (filter, truth) in self.filters.iter().zip(&mut *truths) {
            filter.run(lanes, rows, truth);
        }
        if events.known_at.iter().any(|known| *known > as_of.moment()) {
            for truth in &mut truths[..=self.filters.len()] {
                for (truth, known) in truth.iter_mut().zip(&events.known_at) {
                    if *known > as_of.moment() {
                        *truth = Truth::Missing;
                    }
                }
            }
        }
    }
}
