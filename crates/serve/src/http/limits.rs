//! What one caller may take: bytes, time, and a place among those who are served.

use crate::http::fault::{Code, Fault};
use crate::http::options::Limits;
use axum::body::{Body, Bytes, HttpBody};
use http_body_util::BodyExt;
use std::sync::Arc;
use std::time::Instant;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Bytes above which a body counts as a batch: it waits for no one customer, and no one customer waits for it.
pub(crate) const BATCH_BYTES: usize = 64 << 10;

/// The places, and the bounds beside them.
pub(crate) struct Gate {
    pub(crate) limits: Limits,
    requests: Arc<Semaphore>,
    batches: Arc<Semaphore>,
}

/// A place; it is free again when this is dropped.
pub(crate) struct Place {
    _permit: OwnedSemaphorePermit,
}

/// A body in memory.
pub(crate) struct Received {
    pub(crate) bytes: Bytes,
    /// The place of a batch, where the body is one.
    pub(crate) batch: Option<Place>,
    /// When the answer has to be there.
    pub(crate) deadline: Instant,
}

impl Gate {
    pub(crate) fn new(limits: Limits) -> Self {
        Gate {
            requests: Arc::new(Semaphore::new(limits.requests)),
            batches: Arc::new(Semaphore::new(limits.batches)),
            limits,
        }
    }

    /// Requests that are being scored now.
    pub(crate) fn under_way(&self) -> usize {
        self.limits.requests - self.requests.available_permits()
    }

    /// Of these, requests with a large body.
    pub(crate) fn batches_under_way(&self) -> usize {
        self.limits.batches - self.batches.available_permits()
    }

    /// A place among the requests that are scored at once.
    ///
    /// # Errors
    /// All are taken.
    pub(crate) fn enter(&self) -> Result<Place, Fault> {
        take(&self.requests).ok_or_else(|| Fault::new(Code::Busy, "too many requests at once; try again"))
    }

    /// Reads a body.
    ///
    /// # Errors
    /// It is too large, does not come in time, breaks off, or is a batch while enough of them are under way.
    pub(crate) async fn receive(&self, body: Body) -> Result<Received, Fault> {
        let deadline = Instant::now() + self.limits.request;
        let read = tokio::time::timeout_at(deadline.into(), self.read(body)).await;
        let (bytes, batch) = read.unwrap_or_else(|_| {
            Err(Fault::new(Code::Timeout, "the body did not come in time; send it faster or in parts"))
        })?;
        Ok(Received { bytes, batch, deadline })
    }

    async fn read(&self, mut body: Body) -> Result<(Bytes, Option<Place>), Fault> {
        let most = self.limits.body_bytes;
        // What the caller says of the length is enough to refuse, and not enough to trust.
        if body.size_hint().lower() > most as u64 {
            return Err(too_large(most));
        }
        let mut batch = None;
        let mut first = Bytes::new();
        let mut all = Vec::new();
        while let Some(frame) = body.frame().await {
            let frame = frame.map_err(|_| Fault::body("the body broke off"))?;
            let Ok(data) = frame.into_data() else { continue };
            let so_far = first.len().max(all.len()) + data.len();
            if so_far > most {
                return Err(too_large(most));
            }
            if so_far > BATCH_BYTES && batch.is_none() {
                let busy = || Fault::new(Code::Busy, "too many large bodies at once; try again");
                batch = Some(take(&self.batches).ok_or_else(busy)?);
            }
            if first.is_empty() && all.is_empty() {
                first = data;
            } else {
                if all.is_empty() {
                    all.extend_from_slice(&first);
                }
                all.extend_from_slice(&data);
            }
        }
        Ok((if all.is_empty() { first } else { all.into() }, batch))
    }
}

fn take(places: &Arc<Semaphore>) -> Option<Place> {
    places.clone().try_acquire_owned().ok().map(|permit| Place { _permit: permit })
}

fn too_large(most: usize) -> Fault {
    Fault::new(Code::TooLarge, format!("the body has more than {most} bytes; send it in parts"))
}
