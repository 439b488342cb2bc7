//! Where a scored request is final, before it is answered.

use crate::http::app::App;
use crate::http::media::BodyKind;
use crate::http::scoring::{Bounds, ScoredRequest};
use crate::http::served::Served;
use axum::body::Bytes;
use std::sync::Arc;

/// A request that was scored: everything that is known of it when its answer is written and not yet sent.
pub(crate) struct Decision {
    /// The model that scored.
    pub(crate) served: Arc<Served>,
    /// How customers stand in the body.
    pub(crate) form: Form,
    /// The body as it came.
    pub(crate) body: Bytes,
    /// How it was read.
    pub(crate) bounds: Bounds,
    /// Each customer in the body's order, and what became of it.
    pub(crate) request: ScoredRequest,
}

/// How customers stand in a body: by which door it came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// `/score`.
    Customers(BodyKind),
    /// Open Inference Protocol; the length of the JSON part, where binary tensors follow it.
    Tensors(Option<usize>),
    /// MLflow's `/invocations`.
    Invocations(BodyKind),
}

impl App {
    /// Every scored request passes here once, after its scores are certain and before a byte of the answer leaves.
    /// It is counted, and handed to the challenger, which does not keep the answer waiting.
    ///
    /// What has to be done before a decision may be told, such as writing it to a log, belongs here.
    pub(crate) fn settle(&self, decision: Decision) {
        decision.served.count(&decision.request);
        self.shadow.offer(self.registry.now().chosen.challenger.as_ref(), decision);
    }
}
