//! How limits changed, by grade.

use super::assessment::{LimitChange, LimitChanges, LimitRow};
use super::scale::{Scale, limit_change};
use super::sums::Money;
use crate::Standing;

const KINDS: usize = LimitChange::ALL.len();

#[derive(Clone, Copy, Debug, Default)]
struct LimitTally {
    customers: u64,
    before: Money,
    now: Money,
}

impl LimitTally {
    fn merge(&mut self, other: &LimitTally) {
        self.customers += other.customers;
        self.before.add(other.before);
        self.now.add(other.now);
    }

    fn row(&self, change: LimitChange) -> LimitRow {
        LimitRow {
            change,
            customers: self.customers,
            before: self.before.value(),
            now: self.now.value(),
            difference: self.now.minus(self.before).value(),
        }
    }
}

/// Customers by grade and by what became of their limit.
#[derive(Clone, Debug)]
pub(crate) struct LimitTallies(Vec<[LimitTally; KINDS]>);

impl LimitTallies {
    pub(crate) fn new(scale: &Scale) -> LimitTallies {
        LimitTallies(vec![Default::default(); scale.names.len()])
    }

    /// Counts a customer who is in at least one of the runs.
    pub(crate) fn add(
        &mut self,
        scale: &Scale,
        before: Option<&Standing>,
        now: Option<&Standing>,
        rejected: bool,
    ) {
        let limits = [before, now].map(|standing| standing.and_then(|s| s.limit));
        let (grade, change) = match (before, now) {
            (Some(_), Some(now)) => (now.grade, limit_change(limits[0], limits[1])),
            (None, Some(now)) => (now.grade, LimitChange::New),
            (Some(before), None) if rejected => (scale.previous[before.grade], LimitChange::Rejected),
            (Some(before), None) => (scale.previous[before.grade], LimitChange::Gone),
            (None, None) => return,
        };
        let [before, now] = limits.map(|limit| limit.map_or(Money::default(), Money::of));
        self.0[grade][change as usize].merge(&LimitTally { customers: 1, before, now });
    }

    pub(crate) fn finish(&self, scale: &Scale) -> LimitChanges {
        let mut sums = [LimitTally::default(); KINDS];
        let mut all = LimitTally::default();
        for tallies in &self.0 {
            for (sum, tally) in sums.iter_mut().zip(tallies) {
                sum.merge(tally);
                all.merge(tally);
            }
        }
        let rows = |tallies: &[LimitTally; KINDS]| -> Vec<LimitRow> {
            tallies.iter().zip(LimitChange::ALL).map(|(tally, change)| tally.row(change)).collect()
        };
        let of_grade = |(name, tallies): (&String, &[LimitTally; KINDS])| {
            let filled = rows(tallies).into_iter().filter(|row| row.customers > 0).collect::<Vec<_>>();
            (name.clone(), filled)
        };
        LimitChanges {
            net: all.now.minus(all.before).value(),
            all: rows(&sums),
            by_grade: scale.names.iter().zip(&self.0).map(of_grade).collect(),
        }
    }
}
