//! The customers of one request through the model, one after the other. The one place of the service that scores.

use crate::http::customers::id_of;
use crate::http::drift::Seen;
use crate::http::fault::{Code, Fault};
use crate::http::json_object::Slot;
use crate::http::keys::Key;
use crate::http::outcome::{Cause, Customer, Outcome, RowFault};
use crate::http::overriding::{Overridden, Overriding};
use crate::http::served::Served;
use arrears_model::Value;
use arrears_model::compiled::{ScoredRow, Scratch};
use serde_json::value::RawValue;
use std::time::Instant;

/// Rows between two looks at the clock.
const LOOK: usize = 1 << 10;

/// What bounds the scoring of one request.
#[derive(Clone)]
pub(crate) struct Bounds {
    /// Most customers.
    pub(crate) rows: usize,
    /// When the answer has to be there.
    pub(crate) deadline: Instant,
    /// Whether fields that stand in no row count as missing; otherwise they are an error.
    pub(crate) absent_is_missing: bool,
    /// What people set in the place of what the model says.
    pub(crate) overriding: Option<Overriding>,
}

/// Takes the customers of a request in their order.
pub(crate) struct Scoring<'m> {
    served: &'m Served,
    scratch: Scratch,
    bounds: Bounds,
    customers: Vec<Customer>,
    seen: Seen,
    /// Fields that some row or the header has; looked at when there was a row at all.
    present: Vec<bool>,
    rows_read: bool,
}

/// The customers of a request, scored.
pub(crate) struct ScoredRequest {
    /// One for each row, in the request's order.
    pub(crate) customers: Vec<Customer>,
    /// How their values and scores lie in the bins of the model's profile.
    pub(crate) seen: Seen,
    /// Whether the body is one customer, not a list of them.
    pub(crate) single: bool,
}

impl<'m> Scoring<'m> {
    pub(crate) fn new(served: &'m Served, bounds: Bounds) -> Self {
        Scoring {
            served,
            scratch: Scratch::default(),
            bounds,
            customers: Vec::with_capacity(1),
            seen: served.drift.nothing_seen(),
            present: vec![false; served.keys.fields()],
            rows_read: false,
        }
    }

    /// Most customers of the request.
    pub(crate) fn most_rows(&self) -> usize {
        self.bounds.rows
    }

    /// A customer as a JSON object gave it.
    ///
    /// # Errors
    /// There are too many customers, or it takes too long.
    pub(crate) fn slots(&mut self, id: Option<Box<str>>, slots: &[Slot<'_>]) -> Result<(), Fault> {
        let mut values = Vec::with_capacity(slots.len());
        let mut absent = Vec::new();
        let mut fault = None;
        self.rows_read = true;
        for (at, slot) in slots.iter().enumerate() {
            self.present[at] |= *slot != Slot::Absent;
            values.push(match slot {
                Slot::Text(text) => Value::Text(text),
                Slot::Null => Value::Missing,
                Slot::Absent => {
                    absent.push(at);
                    Value::Missing
                }
                Slot::Bad(cause) => {
                    fault = fault.or(Some((at, *cause)));
                    Value::Missing
                }
            });
        }
        match fault {
            Some((at, cause)) => {
                let field = &self.served.model.schema.fields[at].name;
                self.fails(id, RowFault::of(cause, Some(field)))
            }
            None => self.values(id, &values, absent),
        }
    }

    /// A customer as a table has it, one value for each field.
    ///
    /// # Errors
    /// There are too many customers, or it takes too long.
    pub(crate) fn values(
        &mut self,
        id: Option<Box<str>>,
        values: &[Value<'_>],
        absent: Vec<usize>,
    ) -> Result<(), Fault> {
        let Served { scorer, drift, model, .. } = self.served;
        let outcome = match scorer.score_row(values, &mut self.scratch) {
            Ok(mut scored) => {
                let cell = |field| scorer.cell(field, &self.scratch);
                drift.see(&mut self.seen, model, cell, scored.score.or(scored.amount));
                let overridden = self.overridden(id.as_deref(), &mut scored).map(Box::new);
                Outcome::Scored { scored: scored.with_flags(self.scratch.flags()), absent, overridden }
            }
            Err(refusal) => Outcome::Failed(refusal.into()),
        };
        self.take(Customer { id, outcome })
    }

    /// Puts what people set for a customer in the place of what the model says; a grade brings its own limit and tier.
    fn overridden(&self, id: Option<&str>, scored: &mut ScoredRow) -> Option<Overridden> {
        let by = self.bounds.overriding.as_ref()?.of(self.customers.len(), id)?;
        let (grade, limit) = (scored.grade?, scored.decided.limit);
        if let Some(grade) = by.grade {
            scored.decided = self.served.scorer.decide(scored, grade as usize, &self.scratch);
            scored.grade = Some(grade as usize);
        }
        if by.limit.is_some() {
            scored.decided.limit = by.limit;
        }
        Some(Overridden { grade: Some(grade), limit, by })
    }

    /// A customer that cannot be read.
    ///
    /// # Errors
    /// There are too many customers, or it takes too long.
    pub(crate) fn fails(&mut self, id: Option<Box<str>>, fault: RowFault) -> Result<(), Fault> {
        self.take(Customer { id, outcome: Outcome::Failed(fault) })
    }

    /// A row that is no JSON object at all.
    ///
    /// # Errors
    /// There are too many customers, or it takes too long.
    pub(crate) fn unreadable(&mut self) -> Result<(), Fault> {
        self.fails(None, RowFault::of(Cause::Unreadable, None))
    }

    /// Notes which fields a table has as columns.
    pub(crate) fn columns(&mut self, present: impl Iterator<Item = bool>) {
        self.rows_read = true;
        self.present.iter_mut().zip(present).for_each(|(known, here)| *known |= here);
    }

    /// Customers as columns, each a list of JSON values of one length; of fields and of the id.
    ///
    /// # Errors
    /// The lists differ in length, there are too many customers, or it takes too long.
    pub(crate) fn keyed_columns(&mut self, lists: &[(Key, Vec<&RawValue>)]) -> Result<(), Fault> {
        let rows = lists.first().map_or(0, |(_, list)| list.len());
        if lists.iter().any(|(_, list)| list.len() != rows) {
            return Err(Fault::body("the columns differ in length"));
        }
        let fields = self.present.len();
        self.columns((0..fields).map(|field| lists.iter().any(|(key, _)| *key == Key::Field(field))));
        let mut slots: Vec<Slot<'_>> = vec![Slot::Absent; fields];
        for row in 0..rows {
            let mut id = None;
            for (key, list) in lists {
                match key {
                    Key::Field(at) => slots[*at] = Slot::of(list[row]),
                    Key::Id => id = id_of(Some(list[row])),
                    Key::Rows | Key::Unknown => {}
                }
            }
            self.slots(id, &slots)?;
        }
        Ok(())
    }

    fn take(&mut self, customer: Customer) -> Result<(), Fault> {
        let rows = self.customers.len();
        if rows == self.bounds.rows {
            let most = self.bounds.rows;
            return Err(Fault::new(
                Code::TooManyRows,
                format!("the body has more than {most} customers; send them in several requests"),
            ));
        }
        if rows % LOOK == LOOK - 1 && Instant::now() > self.bounds.deadline {
            return Err(Fault::new(Code::Timeout, "scoring took too long; send fewer customers at once"));
        }
        self.customers.push(customer);
        Ok(())
    }

    /// All customers, once the body was read to its end.
    ///
    /// # Errors
    /// Fields of the model stand in no row, and the request did not say that they are missing.
    pub(crate) fn finish(self, single: bool) -> Result<ScoredRequest, Fault> {
        let absent = |field: &usize| !self.present[*field];
        let fields = &self.served.model.schema.fields;
        if self.rows_read && !self.bounds.absent_is_missing && (0..self.present.len()).any(|at| absent(&at)) {
            let names: Vec<&str> =
                (0..self.present.len()).filter(absent).map(|at| fields[at].name.as_str()).collect();
            let message = format!(
                "no customer has {}, which the model reads; send null where a value is not known, or declare with \
                 ?absent=missing that it counts as missing",
                names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
            );
            let field = Some(names[0].to_owned());
            return Err(Fault { field, ..Fault::new(Code::AbsentFields, message) });
        }
        Ok(ScoredRequest { customers: self.customers, seen: self.seen, single })
    }
}
