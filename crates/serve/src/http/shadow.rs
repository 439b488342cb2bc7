//! The challenger scores what the champion scored, behind the answer, and the two are compared.

use crate::http::outcome::Customer;
use crate::http::score_form::score_form;
use crate::http::scoring::Bounds;
use crate::http::served::Served;
use crate::http::settle::Decision;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use std::{io, thread};

/// Requests that may wait for the challenger; more are passed over and counted.
const WAITING: usize = 1_024;

/// Bytes of bodies that may wait for the challenger.
const WAITING_BYTES: u64 = 64 << 20;

/// Time the challenger has for one request.
const PATIENCE: Duration = Duration::from_secs(60);

/// A request for the challenger.
struct Task {
    challenger: Arc<Served>,
    decision: Decision,
}

/// How a champion and a challenger agree.
#[derive(Clone, Debug, Default)]
pub(crate) struct Agreement {
    /// Customers that both scored.
    pub(crate) both: u64,
    /// Customers that one scored and the other did not.
    pub(crate) one_only: u64,
    /// Sum of the absolute differences of the two pds; of customers for whom both models give one.
    pub(crate) pd_difference: f64,
    /// Customers for whom both models give a pd.
    pub(crate) pds: u64,
    /// Customers whose grades have the same name.
    pub(crate) same_grade: u64,
    /// Requests that the challenger could not read at all.
    pub(crate) unreadable: u64,
}

/// Names of champion and challenger, each `name/version`.
pub(crate) type Pair = (String, String);

/// The way to the challenger's thread.
pub(crate) struct Shadow {
    tasks: SyncSender<Task>,
    state: Arc<State>,
}

#[derive(Default)]
struct State {
    passed_over: AtomicU64,
    waiting_bytes: AtomicU64,
    agreement: Mutex<BTreeMap<Pair, Agreement>>,
}

impl Shadow {
    /// Starts the thread; it ends with the service.
    ///
    /// # Errors
    /// The system gives no thread.
    pub(crate) fn start() -> io::Result<Self> {
        let (tasks, received) = sync_channel(WAITING);
        let state = Arc::new(State::default());
        let of_thread = state.clone();
        thread::Builder::new().name("shadow".to_owned()).spawn(move || work(&received, &of_thread))?;
        Ok(Shadow { tasks, state })
    }

    /// Hands a decision to the challenger, where there is one that did not score it itself.
    pub(crate) fn offer(&self, challenger: Option<&Arc<Served>>, decision: Decision) {
        let Some(challenger) = challenger.filter(|other| !Arc::ptr_eq(other, &decision.served)) else {
            return;
        };
        let bytes = decision.body.len() as u64;
        let waiting = self.state.waiting_bytes.fetch_add(bytes, Relaxed);
        let task = Task { challenger: challenger.clone(), decision };
        if waiting + bytes > WAITING_BYTES || self.tasks.try_send(task).is_err() {
            self.state.waiting_bytes.fetch_sub(bytes, Relaxed);
            self.state.passed_over.fetch_add(1, Relaxed);
        }
    }

    /// Requests that the challenger had no time for.
    pub(crate) fn passed_over(&self) -> u64 {
        self.state.passed_over.load(Relaxed)
    }

    /// How each pair of models agrees so far.
    pub(crate) fn agreement(&self) -> BTreeMap<Pair, Agreement> {
        self.state.agreement.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

fn work(received: &Receiver<Task>, state: &State) {
    for Task { challenger, decision } in received {
        // A field that the body lacks is missing for the challenger only where it would be for the champion.
        // What people set is not compared: a model with a model.
        let deadline = Instant::now() + PATIENCE;
        let bounds = Bounds { deadline, overriding: None, ..decision.bounds };
        let scored = score_form(&challenger, decision.form, &decision.body, bounds);
        state.waiting_bytes.fetch_sub(decision.body.len() as u64, Relaxed);
        let pair = (decision.served.full_name(), challenger.full_name());
        let mut agreement = state.agreement.lock().unwrap_or_else(PoisonError::into_inner);
        let agreement = agreement.entry(pair).or_default();
        match scored {
            Ok(scored) if scored.customers.len() == decision.request.customers.len() => {
                let pairs = decision.request.customers.iter().zip(&scored.customers);
                pairs.for_each(|(a, b)| agreement.add((&decision.served, a), (&challenger, b)));
            }
            _ => agreement.unreadable += 1,
        }
    }
}

impl Agreement {
    fn add(&mut self, champion: (&Served, &Customer), challenger: (&Served, &Customer)) {
        let (a, b) = match (champion.1.outcome.scored(), challenger.1.outcome.scored()) {
            (Some(a), Some(b)) => (a, b),
            (None, None) => return,
            _ => {
                self.one_only += 1;
                return;
            }
        };
        self.both += 1;
        if let (Some(one), Some(other)) = (a.pd, b.pd) {
            self.pds += 1;
            self.pd_difference += (one - other).abs();
        }
        let grade = |served: &Served, at: Option<usize>| at.map(|at| served.model.grades[at].name.clone());
        let (one, other) =
            (grade(champion.0, champion.1.outcome.model_grade()), grade(challenger.0, b.grade));
        self.same_grade += u64::from(one.is_some() && one == other);
    }
}
