//! A million malformed requests, and bodies made to fill the memory: an answer below 500 to each, and memory as it was.
//!
//! 20,000 requests are sent; a million where larger data sets are tested too (`DATASETS_DIR`), or as many as
//! `ARREARS_FUZZ_BODIES` says. Alone in its process: it counts what the whole process holds.

#![allow(clippy::unwrap_used, reason = "a helper that fails fails its test")]

#[path = "../http/changed_bodies.rs"]
mod changed_bodies;
#[allow(dead_code, reason = "the other test uses more of it")]
#[path = "../http/client.rs"]
mod client;
mod hostile;
mod million;
#[allow(dead_code, reason = "the other test uses more of it")]
#[path = "../http/running.rs"]
mod running;

use peak_alloc::PeakAlloc;
use std::sync::{Mutex, MutexGuard, PoisonError};

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

/// What one test holds must not be counted by another.
fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}
