//! The grades of two runs side by side, matched by name.

use super::assessment::{LimitChange, Movement};
use super::sums::Money;
use crate::{Run, Standing};

/// The grades of this run, best first, then those that only the run before had.
#[derive(Clone, Debug)]
pub(crate) struct Scale {
    pub(crate) names: Vec<String>,
    /// Grades of this run, at the front of `names`.
    pub(crate) current: usize,
    /// For each grade of the run before its place in `names`.
    pub(crate) previous: Vec<usize>,
    /// Whether amounts of both runs are in one currency.
    pub(crate) same_currency: bool,
}

impl Scale {
    pub(crate) fn new(current: &Run, previous: Option<&Run>) -> Scale {
        let mut names = current.grades.clone();
        let earlier = previous.map_or(&[][..], |run| &run.grades);
        let place = |name: &String| {
            names.iter().position(|n| n == name).unwrap_or_else(|| {
                names.push(name.clone());
                names.len() - 1
            })
        };
        let previous_places = earlier.iter().map(place).collect();
        Scale {
            names,
            current: current.grades.len(),
            previous: previous_places,
            same_currency: previous.is_none_or(|run| run.currency == current.currency),
        }
    }

    /// The name of a grade of the run before.
    pub(crate) fn before(&self, grade: usize) -> &str {
        &self.names[self.previous[grade]]
    }

    /// Steps from a grade of the run before to one of this; worse is positive. `None` where this run has no such grade.
    pub(crate) fn notches(&self, before: usize, now: usize) -> Option<i64> {
        let before = self.previous[before];
        (before < self.current).then(|| now as i64 - before as i64)
    }

    pub(crate) fn movement(&self, before: usize, now: usize) -> Movement {
        match self.notches(before, now) {
            None => Movement::Unmatched,
            Some(0) => Movement::Stable,
            Some(steps) if steps > 0 => Movement::Downgrade,
            Some(_) => Movement::Upgrade,
        }
    }

    /// The limit of the run before, where it is in the currency of this.
    pub(crate) fn limit_before(&self, standing: &Standing) -> Option<f64> {
        standing.limit.filter(|_| self.same_currency)
    }

    /// The exposure of the run before, where it is in the currency of this.
    pub(crate) fn exposure_before(&self, standing: &Standing) -> Option<f64> {
        standing.exposure.filter(|_| self.same_currency)
    }
}

/// What happened to the limit of a customer in both runs.
pub(crate) fn limit_change(before: Option<f64>, now: Option<f64>) -> LimitChange {
    let [before, now] = [before, now].map(|limit| limit.map_or(Money::default(), Money::of));
    match (before.is_positive(), now.is_positive(), now.cmp(before)) {
        (_, _, std::cmp::Ordering::Equal) => LimitChange::Unchanged,
        (false, true, _) => LimitChange::Granted,
        (true, false, _) => LimitChange::Withdrawn,
        (_, _, std::cmp::Ordering::Greater) => LimitChange::Raised,
        (_, _, std::cmp::Ordering::Less) => LimitChange::Cut,
    }
}
