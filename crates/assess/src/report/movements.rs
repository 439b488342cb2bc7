//! Two runs, customer by customer, added up.

use super::TOP;
use super::assessment::{Assessment, Customers, Downgrade, Earlier, Group, Movement};
use super::limits::LimitTallies;
use super::migration::{Matrix, MoveTally};
use super::notes::{self, Found};
use super::pd_bins::PdBins;
use super::scale::Scale;
use super::sums::{Money, Tally};
use crate::{Run, Standing};
use arrears_validate::Drift;

/// Adds up what a run found and what changed since the run before. It holds counts and sums only, and the [`TOP`] largest
/// downgrades: memory does not grow with the number of customers. Sums are of whole millionths, so they do not depend on the
/// order of customers.
pub struct Movements {
    current: Run,
    previous: Option<Run>,
    lgd: Option<f64>,
    scale: Scale,
    customers: Customers,
    now: Vec<Tally>,
    before: Vec<Tally>,
    matrix: Matrix,
    moves: MoveTally,
    limits: LimitTallies,
    tiers: Vec<TierTally>,
    tier_changes: u64,
    pd_now: PdBins,
    pd_before: PdBins,
    top: Vec<(Money, Downgrade)>,
}

struct TierTally {
    name: Option<String>,
    now: Tally,
    before: Tally,
}

impl Movements {
    /// Starts with nobody. `lgd` is the loss given default, 0 to 1; without one there is no expected loss.
    pub fn new(current: &Run, previous: Option<&Run>, lgd: Option<f64>) -> Movements {
        let scale = Scale::new(current, previous);
        let grades = scale.names.len();
        Movements {
            current: current.clone(),
            previous: previous.cloned(),
            lgd,
            customers: Customers::default(),
            now: vec![Tally::default(); grades],
            before: vec![Tally::default(); grades],
            matrix: Matrix::new(&scale),
            moves: MoveTally::default(),
            limits: LimitTallies::new(&scale),
            tiers: Vec::new(),
            tier_changes: 0,
            pd_now: PdBins::new(),
            pd_before: PdBins::new(),
            top: Vec::new(),
            scale,
        }
    }

    /// Adds a customer: what the run before and this one found. `None` before: new; `None` now: gone.
    ///
    /// # Panics
    /// When a grade is not a position in the grades of its run, or there was no run for `previous` to be of.
    pub fn add(&mut self, previous: Option<&Standing>, current: Option<&Standing>) {
        match (previous, current) {
            (Some(_), Some(_)) => self.customers.kept += 1,
            (None, Some(_)) => self.customers.new += 1,
            (Some(_), None) => self.customers.gone += 1,
            (None, None) => return,
        }
        self.count(previous, current, false);
        let (Some(before), Some(now)) = (previous, current) else { return };
        self.moves.add(&self.scale, before, now);
        self.tier_changes += u64::from(before.tier != now.tier);
        if self.scale.movement(before.grade, now.grade) == Movement::Downgrade {
            self.downgraded(before, now);
        }
    }

    /// Adds a customer who is there but could not be assessed now, with what the run before found.
    ///
    /// # Panics
    /// As [`Movements::add`].
    pub fn reject(&mut self, previous: Option<&Standing>) {
        self.customers.rejected += 1;
        self.customers.rejected_before += u64::from(previous.is_some());
        self.count(previous, None, true);
    }

    fn count(&mut self, previous: Option<&Standing>, current: Option<&Standing>, rejected: bool) {
        if let Some(now) = current {
            self.customers.now += 1;
            self.now[now.grade].add(now, true);
            self.tier(now).now.add(now, true);
            self.pd_now.add(now.pd);
        }
        if let Some(before) = previous {
            let money = self.scale.same_currency;
            self.customers.before += 1;
            self.before[self.scale.previous[before.grade]].add(before, money);
            self.tier(before).before.add(before, money);
            self.pd_before.add(before.pd);
        }
        self.matrix.add(&self.scale, previous, current, rejected);
        self.limits.add(&self.scale, previous, current, rejected);
    }

    fn tier(&mut self, standing: &Standing) -> &mut TierTally {
        let place = self.tiers.iter().position(|tier| tier.name == standing.tier).unwrap_or_else(|| {
            let name = standing.tier.clone();
            self.tiers.push(TierTally { name, now: Tally::default(), before: Tally::default() });
            self.tiers.len() - 1
        });
        &mut self.tiers[place]
    }

    /// Keeps a downgraded customer if it is among the largest so far.
    fn downgraded(&mut self, before: &Standing, now: &Standing) {
        let Some(notches) = self.scale.notches(before.grade, now.grade) else { return };
        let exposure = now.exposure.map_or(Money::default(), Money::of);
        let place = self.top.partition_point(|(other, kept)| {
            other.cmp(exposure).reverse().then_with(|| kept.customer.cmp(&now.customer)).is_lt()
        });
        if place == TOP {
            return;
        }
        self.top.truncate(TOP - 1);
        let downgrade = Downgrade {
            customer: now.customer.clone(),
            from: self.scale.before(before.grade).to_owned(),
            to: self.scale.names[now.grade].clone(),
            notches,
            pd_before: before.pd,
            pd: now.pd,
            exposure: now.exposure,
            limit_before: self.scale.limit_before(before),
            limit: now.limit,
            why: now.why.clone(),
        };
        self.top.insert(place, (exposure, downgrade));
    }

    /// All figures.
    pub fn finish(self) -> Assessment {
        let (all_now, all_before) = (sum(&self.now), sum(&self.before));
        let had = self.previous.is_some();
        let holding = |tally: &Tally, all: &Tally| tally.holding(all, self.lgd);
        let grades = self.scale.names.iter().enumerate().map(|(at, name)| Group {
            name: Some(name.clone()),
            now: (at < self.scale.current).then(|| holding(&self.now[at], &all_now)),
            before: self.scale.previous.contains(&at).then(|| holding(&self.before[at], &all_before)),
        });
        let grades = grades.collect();
        let mut tiers = self.tiers;
        tiers.sort_by(|a, b| a.name.cmp(&b.name));
        let tiers = tiers.into_iter().map(|tier| Group {
            now: Some(holding(&tier.now, &all_now)),
            before: had.then(|| holding(&tier.before, &all_before)),
            name: tier.name,
        });
        let counts = |tallies: &[Tally]| tallies.iter().map(|t| t.customers).collect::<Vec<_>>();
        // Without customers in both runs there is none.
        let grade_psi =
            Drift::new("grade", self.scale.names.clone(), &counts(&self.before), &counts(&self.now));
        let now = holding(&all_now, &all_now);
        let found = Found { customers: &self.customers, now: &now, scale: &self.scale };
        Assessment {
            tiers: tiers.collect(),
            notes: notes::notes(&self.current, self.previous.as_ref(), &found),
            grades,
            tier_changes: self.tier_changes,
            before: had.then(|| holding(&all_before, &all_before)),
            migration: had.then(|| self.matrix.finish(&self.scale)),
            moves: had.then(|| self.moves.finish()),
            limits: (had && self.scale.same_currency).then(|| self.limits.finish(&self.scale)),
            grade_psi: grade_psi.ok(),
            pd_psi: PdBins::psi(&self.pd_before, &self.pd_now),
            top_downgrades: self.top.into_iter().map(|(_, downgrade)| downgrade).collect(),
            customers: self.customers,
            now,
            as_of: self.current.as_of,
            model: self.current.model,
            currency: self.current.currency,
            lgd: self.lgd,
            previous: self.previous.map(|run| Earlier { as_of: run.as_of, model: run.model }),
        }
    }
}

fn sum(tallies: &[Tally]) -> Tally {
    let mut all = Tally::default();
    tallies.iter().for_each(|tally| all.merge(tally));
    all
}
