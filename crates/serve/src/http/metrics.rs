//! What the service counts beside its models: requests, times, reloads.

use crate::http::fault::Code;
use crate::http::routes::ROUTES;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

/// Statuses that are counted apart; any other counts under the last.
pub(crate) const STATUSES: [u16; 14] = [200, 400, 401, 403, 404, 405, 408, 413, 415, 422, 429, 500, 503, 0];

/// Upper bounds of the latency buckets, in microseconds.
pub(crate) const BUCKETS: [u64; 16] = [
    25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 1_000_000,
    5_000_000, 30_000_000,
];

/// Position of the counts of paths that are none.
pub(crate) const NO_ROUTE: usize = ROUTES.len();

/// Counts of one route.
#[derive(Default)]
pub(crate) struct RouteCounts {
    statuses: [AtomicU64; STATUSES.len()],
    /// Requests by the first bucket they fit, the last of those that fit none.
    buckets: [AtomicU64; BUCKETS.len() + 1],
    nanoseconds: AtomicU64,
}

/// All counts. Adding to them takes no lock.
pub(crate) struct Metrics {
    routes: Vec<RouteCounts>,
    faults: [AtomicU64; Code::ALL.len()],
    pub(crate) reloads: AtomicU64,
    pub(crate) failed_reloads: AtomicU64,
}

impl Metrics {
    pub(crate) fn new() -> Self {
        Metrics {
            routes: (0..=NO_ROUTE).map(|_| RouteCounts::default()).collect(),
            faults: Default::default(),
            reloads: AtomicU64::new(0),
            failed_reloads: AtomicU64::new(0),
        }
    }

    /// One answered request.
    pub(crate) fn answered(&self, route: usize, status: u16, fault: Option<Code>, took: Duration) {
        let counts = &self.routes[route.min(NO_ROUTE)];
        let at = STATUSES.iter().position(|known| *known == status).unwrap_or(STATUSES.len() - 1);
        counts.statuses[at].fetch_add(1, Relaxed);
        let bucket = BUCKETS.partition_point(|most| Duration::from_micros(*most) < took);
        counts.buckets[bucket].fetch_add(1, Relaxed);
        counts.nanoseconds.fetch_add(took.as_nanos() as u64, Relaxed);
        if let Some(code) = fault {
            self.faults[code as usize].fetch_add(1, Relaxed);
        }
    }

    /// Counts by route, in the order of [`ROUTES`], then of paths that are none.
    pub(crate) fn routes(&self) -> impl Iterator<Item = (&'static str, &RouteCounts)> {
        ROUTES.iter().map(|route| route.path).chain(["other"]).zip(&self.routes)
    }

    /// Refused requests by cause.
    pub(crate) fn faults(&self) -> impl Iterator<Item = (Code, u64)> {
        Code::ALL.into_iter().zip(self.faults.iter().map(|count| count.load(Relaxed)))
    }
}

impl RouteCounts {
    /// Requests by status; 0 stands for any other.
    pub(crate) fn statuses(&self) -> impl Iterator<Item = (u16, u64)> {
        STATUSES.into_iter().zip(self.statuses.iter().map(|count| count.load(Relaxed)))
    }

    /// Requests by bucket, and the seconds of all of them.
    pub(crate) fn latency(&self) -> (Vec<u64>, f64) {
        let buckets = self.buckets.iter().map(|count| count.load(Relaxed)).collect();
        (buckets, self.nanoseconds.load(Relaxed) as f64 / 1e9)
    }
}
