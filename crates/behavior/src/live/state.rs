//! What is kept of a customer, and what is done with it.

use super::event::LiveEvent;
use super::pack::{Packer, unpack};
use super::rows::{CustomerRows, empty_history, give_back};
use crate::features::Scratch;
use crate::{AsOf, EventKind, FeatureError, History, Plan, Texts};
use std::sync::Arc;

/// What is kept of a customer: the events that the plan needs, packed; the bytes are what is stored, too. A customer
/// without events has none.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct CustomerState {
    bytes: Vec<u8>,
}

/// Works on states of customers by one plan. One a thread: it holds buffers, and nothing of any customer.
#[derive(Debug)]
pub struct Live {
    plan: Arc<Plan>,
    fingerprint: u64,
    rows: CustomerRows,
    other: CustomerRows,
    packer: Packer,
    history: History,
    nothing: Arc<Texts>,
    scratch: Scratch,
    features: Vec<f64>,
}

impl CustomerState {
    /// The bytes to store. Of the same events they are the same, in whatever order the events came.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}

impl Live {
    /// To work by this plan.
    pub fn new(plan: Arc<Plan>) -> Live {
        Live {
            fingerprint: plan.fingerprint(),
            rows: CustomerRows::new(&plan),
            other: CustomerRows::new(&plan),
            packer: Packer::default(),
            history: empty_history(&plan),
            nothing: Arc::default(),
            scratch: Scratch::default(),
            features: Vec::new(),
            plan,
        }
    }

    /// Reads stored bytes.
    ///
    /// # Errors
    /// If they are no state, of another version, or of a plan that reads other columns.
    pub fn read(&mut self, bytes: &[u8]) -> Result<CustomerState, FeatureError> {
        unpack(bytes, self.fingerprint, &mut self.rows)?;
        Ok(CustomerState { bytes: bytes.to_vec() })
    }

    /// Adds an event. The same event again changes nothing; with more of its values, it is completed.
    ///
    /// # Errors
    /// If the event's values are not those of the plan's columns, or the state is of another plan. Then the state is
    /// as it was.
    pub fn update(&mut self, state: &mut CustomerState, event: &LiveEvent<'_>) -> Result<(), FeatureError> {
        unpack(&state.bytes, self.fingerprint, &mut self.rows)?;
        self.rows.put(event)?;
        self.packer.pack(&self.rows, self.fingerprint, &mut state.bytes);
        Ok(())
    }

    /// Adds an event and gives the features as of a moment: as [`Live::update`] and [`Live::features`] one after the
    /// other, in less time.
    ///
    /// # Errors
    /// As those.
    pub fn event(
        &mut self,
        state: &mut CustomerState,
        event: &LiveEvent<'_>,
        as_of: &AsOf,
    ) -> Result<&[f64], FeatureError> {
        self.update(state, event)?;
        self.evaluate(as_of)
    }

    /// Adds the events of another state of the same customer. In whatever order states are merged, the result is the
    /// same.
    ///
    /// # Errors
    /// If one of the states is of another plan.
    pub fn merge(&mut self, into: &mut CustomerState, other: &CustomerState) -> Result<(), FeatureError> {
        unpack(&into.bytes, self.fingerprint, &mut self.rows)?;
        unpack(&other.bytes, self.fingerprint, &mut self.other)?;
        self.rows.put_all(&self.other)?;
        self.packer.pack(&self.rows, self.fingerprint, &mut into.bytes);
        Ok(())
    }

    /// Drops what no window as of this moment or a later one needs any more. Features as of an earlier moment that need
    /// what was dropped are refused from now on.
    ///
    /// # Errors
    /// If the state is of another plan.
    pub fn forget(&mut self, state: &mut CustomerState, as_of: &AsOf) -> Result<(), FeatureError> {
        unpack(&state.bytes, self.fingerprint, &mut self.rows)?;
        for (table, kind) in self.rows.tables.iter_mut().zip(EventKind::ALL) {
            if let Some(days) = self.plan.reach(kind) {
                table.forget(as_of.before(days));
            }
        }
        self.packer.pack(&self.rows, self.fingerprint, &mut state.bytes);
        Ok(())
    }

    /// The features as of a moment, in the order of [`Plan::names`]; NaN where missing.
    ///
    /// # Errors
    /// If the state is of another plan or no longer holds what a window needs, or peers are compared and their
    /// statistics were not given.
    pub fn features(&mut self, state: &CustomerState, as_of: &AsOf) -> Result<&[f64], FeatureError> {
        unpack(&state.bytes, self.fingerprint, &mut self.rows)?;
        self.evaluate(as_of)
    }

    fn evaluate(&mut self, as_of: &AsOf) -> Result<&[f64], FeatureError> {
        for (table, kind) in self.rows.tables.iter().zip(EventKind::ALL) {
            let needs = self.plan.reach(kind).map(|days| as_of.before(days));
            if needs.is_some_and(|needs| needs < table.forgotten) {
                let text =
                    format!("of {} what the windows as of this moment need was forgotten", kind.name());
                return Err(FeatureError::State(text));
            }
        }
        self.rows.lend(&mut self.history);
        let done = self.plan.evaluate_in(&self.history, as_of, &mut self.scratch);
        give_back(&mut self.history, &self.nothing);
        done?;
        self.features.clear();
        self.features.extend(self.plan.outputs.iter().map(|slot| self.scratch.values[*slot]));
        Ok(&self.features)
    }
}
