//! The table `changes`: a row for each customer whose grade, limit or tier changed.

use super::assessment::{LimitChange, Movement};
use super::scale::{Scale, limit_change};
use super::sums::Money;
use super::tidy::{Datum, Kind, TidyTable};
use crate::{Run, Standing};
use arrears_data::DataError;
use std::path::Path;

const COLUMNS: [(&str, Kind); 22] = [
    ("as_of", Kind::Text),
    ("previous_as_of", Kind::Text),
    ("customer", Kind::Text),
    ("movement", Kind::Text),
    ("notches", Kind::Count),
    ("previous_grade", Kind::Text),
    ("grade", Kind::Text),
    ("model_grade", Kind::Text),
    ("why", Kind::Text),
    ("previous_pd", Kind::Number),
    ("pd", Kind::Number),
    ("previous_score", Kind::Number),
    ("score", Kind::Number),
    ("limit_change", Kind::Text),
    ("previous_limit", Kind::Number),
    ("limit", Kind::Number),
    ("limit_difference", Kind::Number),
    ("previous_tier", Kind::Text),
    ("tier", Kind::Text),
    ("previous_exposure", Kind::Number),
    ("exposure", Kind::Number),
    ("currency", Kind::Text),
];

/// The table in the making, written as customers come.
pub(crate) struct Changes {
    table: TidyTable,
    scale: Scale,
    current: Run,
    /// Date of the run before; without one nothing has changed.
    previous: Option<String>,
}

impl Changes {
    pub(crate) fn create(folder: &Path, current: &Run, previous: Option<&Run>) -> Result<Changes, DataError> {
        let table = TidyTable::create(folder, "changes", &COLUMNS)?;
        let scale = Scale::new(current, previous);
        Ok(Changes {
            table,
            scale,
            current: current.clone(),
            previous: previous.map(|run| run.as_of.clone()),
        })
    }

    /// Adds a customer if anything changed.
    pub(crate) fn add(
        &mut self,
        before: Option<&Standing>,
        now: Option<&Standing>,
        rejected: bool,
    ) -> Result<(), DataError> {
        let Some(previous) = self.previous.as_deref() else { return Ok(()) };
        let scale = &self.scale;
        let limit_before = before.and_then(|standing| scale.limit_before(standing));
        let limit = now.and_then(|standing| standing.limit);
        let (movement, change) = match (before, now) {
            (Some(before), Some(now)) => {
                (scale.movement(before.grade, now.grade), limit_change(limit_before, limit))
            }
            (None, Some(_)) => (Movement::New, LimitChange::New),
            (Some(_), None) if rejected => (Movement::Rejected, LimitChange::Rejected),
            (Some(_), None) => (Movement::Gone, LimitChange::Gone),
            (None, None) => return Ok(()),
        };
        let change = scale.same_currency.then_some(change);
        let as_before = movement == Movement::Stable
            && change.is_none_or(|change| change == LimitChange::Unchanged)
            && before.map(|s| &s.tier) == now.map(|s| &s.tier);
        if as_before {
            return Ok(());
        }
        let both = before.zip(now);
        let notches = both.and_then(|(before, now)| scale.notches(before.grade, now.grade));
        let name_now = |grade: usize| scale.names[grade].as_str();
        let customer = now.or(before).map(|s| s.customer.as_str());
        let [millionths, before_millionths] =
            [limit, limit_before].map(|limit| limit.map_or(Money::default(), Money::of));
        self.table.row(&[
            Datum::text(&self.current.as_of),
            Datum::text(previous),
            Datum::Text(customer),
            Datum::text(movement.name()),
            Datum::Count(notches),
            Datum::Text(before.map(|s| scale.before(s.grade))),
            Datum::Text(now.map(|s| name_now(s.grade))),
            Datum::Text(now.map(|s| name_now(s.model_grade))),
            Datum::Text(now.and_then(|s| s.why.as_deref())),
            Datum::Number(before.map(|s| s.pd)),
            Datum::Number(now.map(|s| s.pd)),
            Datum::Number(before.and_then(|s| s.score)),
            Datum::Number(now.and_then(|s| s.score)),
            Datum::Text(change.map(LimitChange::name)),
            Datum::Number(limit_before),
            Datum::Number(limit),
            Datum::Number(change.map(|_| millionths.minus(before_millionths).value())),
            Datum::Text(before.and_then(|s| s.tier.as_deref())),
            Datum::Text(now.and_then(|s| s.tier.as_deref())),
            Datum::Number(before.and_then(|s| scale.exposure_before(s))),
            Datum::Number(now.and_then(|s| s.exposure)),
            Datum::text(&self.current.currency),
        ])
    }

    pub(crate) fn finish(self) -> Result<(), DataError> {
        self.table.finish()
    }
}
