//! What a reader must know before comparing two runs.

use super::assessment::{Customers, Holding};
use super::scale::Scale;
use crate::Run;

/// What the notes are about.
pub(crate) struct Found<'a> {
    pub(crate) customers: &'a Customers,
    pub(crate) now: &'a Holding,
    pub(crate) scale: &'a Scale,
}

pub(crate) fn notes(current: &Run, previous: Option<&Run>, found: &Found<'_>) -> Vec<String> {
    let mut notes = Vec::new();
    match previous {
        None => notes.push("There is no earlier run: nothing to compare with.".to_owned()),
        Some(previous) => against(current, previous, found.scale, &mut notes),
    }
    let Customers { rejected, rejected_before, .. } = *found.customers;
    if rejected > 0 {
        let before = match (previous, rejected_before) {
            (None, _) => String::new(),
            (Some(_), n) => format!("; {n} of them had a grade before"),
        };
        notes.push(format!("{} could not be assessed{before}.", customers(rejected)));
    }
    for (known, what) in [(found.now.with_exposure, "exposure"), (found.now.with_limit, "limit")] {
        let without = found.now.customers - known;
        if known > 0 && without > 0 {
            notes.push(format!("{} without a known {what}: not in its sums.", customers(without)));
        }
    }
    notes
}

fn against(current: &Run, previous: &Run, scale: &Scale, notes: &mut Vec<String>) {
    if previous.model != current.model {
        notes.push(format!(
            "The model was `{}` and is `{}`: grades and pds move with it, not with customers alone.",
            previous.model, current.model
        ));
    }
    let lost = &scale.names[scale.current..];
    if !lost.is_empty() {
        let names = lost.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
        notes.push(format!(
            "Grades are matched by name; {names} of the run before: no such grade now, neither up nor down."
        ));
    }
    if !scale.same_currency {
        notes.push(format!(
            "Amounts before are in {}, now in {}: they are not compared.",
            previous.currency, current.currency
        ));
    }
}

fn customers(n: u64) -> String {
    format!("{n} customer{}", if n == 1 { "" } else { "s" })
}
