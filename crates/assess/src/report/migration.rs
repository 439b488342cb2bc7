//! From which grade to which: the matrix and who decided.

use super::assessment::{Cause, CauseRow, Cell, Migration, Moved, Movement, Moves, Notch};
use super::scale::Scale;
use super::sums::{Money, ratio};
use crate::Standing;
use crate::standing::HYSTERESIS;
use std::collections::BTreeMap;

/// The matrix in the making: rows are the grades before and the new, columns the grades now, the gone and the rejected.
#[derive(Clone, Debug)]
pub(crate) struct Matrix {
    columns: usize,
    cells: Vec<(u64, Money)>,
}

impl Matrix {
    pub(crate) fn new(scale: &Scale) -> Matrix {
        let columns = scale.current + 2;
        Matrix { columns, cells: vec![(0, Money::default()); (scale.previous.len() + 1) * columns] }
    }

    /// Counts a customer; without a grade now it is gone, or `rejected`.
    pub(crate) fn add(
        &mut self,
        scale: &Scale,
        before: Option<&Standing>,
        now: Option<&Standing>,
        rejected: bool,
    ) {
        let row = before.map_or(scale.previous.len(), |standing| standing.grade);
        let column = now.map_or(scale.current + usize::from(rejected), |standing| standing.grade);
        let exposure = match before {
            Some(standing) => scale.exposure_before(standing),
            None => now.and_then(|standing| standing.exposure),
        };
        let (customers, sum) = &mut self.cells[row * self.columns + column];
        *customers += 1;
        sum.add(exposure.map_or(Money::default(), Money::of));
    }

    pub(crate) fn finish(&self, scale: &Scale) -> Migration {
        let rows = self.cells.chunks(self.columns).enumerate().map(|(row, cells)| {
            let mut all = (0, Money::default());
            for (customers, exposure) in cells {
                all.0 += customers;
                all.1.add(*exposure);
            }
            let cell = |(column, (customers, exposure)): (usize, &(u64, Money))| Cell {
                movement: self.movement(scale, row, column),
                customers: *customers,
                share: ratio(*customers as f64, all.0 as f64),
                exposure: scale.same_currency.then(|| exposure.value()),
                exposure_share: ratio(exposure.value(), all.1.value()).filter(|_| scale.same_currency),
            };
            cells.iter().enumerate().map(cell).collect()
        });
        Migration {
            from: (0..scale.previous.len()).map(|grade| scale.before(grade).to_owned()).collect(),
            to: scale.names[..scale.current].to_vec(),
            cells: rows.collect(),
        }
    }

    fn movement(&self, scale: &Scale, row: usize, column: usize) -> Movement {
        if column == scale.current + 1 {
            Movement::Rejected
        } else if column == scale.current {
            Movement::Gone
        } else if row == scale.previous.len() {
            Movement::New
        } else {
            scale.movement(row, column)
        }
    }
}

/// Customers of both runs, by what became of their grade and who decided.
#[derive(Clone, Debug, Default)]
pub(crate) struct MoveTally {
    by_movement: BTreeMap<Movement, (u64, Money)>,
    into_worst: (u64, Money),
    notches: BTreeMap<i64, u64>,
    causes: [CauseCounts; 3],
}

#[derive(Clone, Copy, Debug, Default)]
struct CauseCounts {
    upgraded: u64,
    downgraded: u64,
    held_from_upgrade: u64,
    held_from_downgrade: u64,
}

impl MoveTally {
    /// Counts a customer of both runs.
    pub(crate) fn add(&mut self, scale: &Scale, before: &Standing, now: &Standing) {
        let movement = scale.movement(before.grade, now.grade);
        let exposure = now.exposure.map_or(Money::default(), Money::of);
        let count = |(customers, sum): &mut (u64, Money)| {
            *customers += 1;
            sum.add(exposure);
        };
        count(self.by_movement.entry(movement).or_default());
        if movement == Movement::Downgrade && now.grade + 1 == scale.current {
            count(&mut self.into_worst);
        }
        if let Some(steps) = scale.notches(before.grade, now.grade) {
            *self.notches.entry(steps).or_default() += 1;
        }
        let cause = match now.why.as_deref() {
            _ if now.grade == now.model_grade => Cause::Model,
            Some(why) if why.starts_with(HYSTERESIS) => Cause::Hysteresis,
            _ => Cause::Override,
        };
        let counts = &mut self.causes[cause as usize];
        match movement {
            Movement::Upgrade => counts.upgraded += 1,
            Movement::Downgrade => counts.downgraded += 1,
            Movement::Stable if now.model_grade < now.grade => counts.held_from_upgrade += 1,
            Movement::Stable if now.model_grade > now.grade => counts.held_from_downgrade += 1,
            _ => {}
        }
    }

    pub(crate) fn finish(&self) -> Moves {
        let compared: u64 = self.notches.values().sum();
        let steps: i64 = self.notches.iter().map(|(steps, customers)| steps * *customers as i64).sum();
        let moved = |(customers, exposure): (u64, Money)| Moved {
            customers,
            share: ratio(customers as f64, compared as f64),
            exposure: exposure.value(),
        };
        let of = |movement| moved(self.by_movement.get(&movement).copied().unwrap_or_default());
        let (upgraded, downgraded) = (of(Movement::Upgrade), of(Movement::Downgrade));
        let cause = |cause: Cause| {
            let CauseCounts { upgraded, downgraded, held_from_upgrade, held_from_downgrade } =
                self.causes[cause as usize];
            CauseRow { cause, upgraded, downgraded, held_from_upgrade, held_from_downgrade }
        };
        let notches = self.notches.iter().map(|(&notches, &customers)| Notch { notches, customers });
        Moves {
            compared,
            stable: of(Movement::Stable),
            unmatched: of(Movement::Unmatched),
            into_worst: moved(self.into_worst),
            downgrades_per_upgrade: ratio(downgraded.customers as f64, upgraded.customers as f64),
            mean_notches: ratio(steps as f64, compared as f64),
            notches: notches.collect(),
            causes: [Cause::Model, Cause::Hysteresis, Cause::Override].map(cause).to_vec(),
            upgraded,
            downgraded,
        }
    }
}
