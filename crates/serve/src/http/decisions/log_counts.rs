//! What the decision log counts.

use crate::http::decisions::journal::Written;
use crate::http::metrics::BUCKETS;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::time::Duration;

/// Counts of a log since the service started.
#[derive(Default)]
pub(crate) struct LogCounts {
    /// Set while nothing can be written.
    pub(crate) failing: AtomicBool,
    /// Decisions written.
    pub(crate) lines: AtomicU64,
    /// Their bytes.
    pub(crate) bytes: AtomicU64,
    /// Requests that got no answer because they could not be written.
    pub(crate) refused: AtomicU64,
    /// Writes that failed, and tries to begin again.
    pub(crate) failures: AtomicU64,
    buckets: [AtomicU64; BUCKETS.len() + 1],
    nanoseconds: AtomicU64,
}

impl LogCounts {
    pub(crate) fn written(&self, lines: usize, written: Written) {
        self.lines.fetch_add(lines as u64, Relaxed);
        self.bytes.fetch_add(written.bytes, Relaxed);
        let bucket = BUCKETS.partition_point(|most| Duration::from_micros(*most) < written.sync);
        self.buckets[bucket].fetch_add(1, Relaxed);
        self.nanoseconds.fetch_add(written.sync.as_nanos() as u64, Relaxed);
    }

    /// Writes by the time of their fsync, and the seconds of all of them.
    pub(crate) fn syncs(&self) -> (Vec<u64>, f64) {
        let buckets = self.buckets.iter().map(|count| count.load(Relaxed)).collect();
        (buckets, self.nanoseconds.load(Relaxed) as f64 / 1e9)
    }
}
