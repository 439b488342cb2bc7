//! Where a scored request is final, before it is answered.

use crate::http::app::App;
use crate::http::decisions::journal::Record;
use crate::http::fault::Fault;
use crate::http::media::BodyKind;
use crate::http::scoring::{Bounds, ScoredRequest};
use crate::http::served::Served;
use axum::body::Bytes;
use std::sync::Arc;
use std::time::Instant;

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
    /// Where decisions are written down, `record` is on the disk when this returns.
    ///
    /// # Errors
    /// It cannot be written before `deadline`; the decision does not count then, and must not be told.
    pub(crate) async fn settle(
        &self,
        decision: Decision,
        record: Option<Vec<u8>>,
        deadline: Instant,
    ) -> Result<(), Fault> {
        if let (Some(log), Some(text)) = (&self.decisions, record) {
            log.write(Record { served: decision.served.clone(), text }, deadline).await?;
        }
        decision.served.count(&decision.request);
        self.shadow.offer(self.registry.now().chosen.challenger.as_ref(), decision);
        Ok(())
    }
}
