//! How long before the next request: the rate, pauses that the agency asks for, growing waits after failures.

use crate::settings::Agency;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// What all requests of a run share.
#[derive(Debug)]
pub(crate) struct Pace {
    gap: Duration,
    most: Option<u64>,
    end: Option<Instant>,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    /// When the next request may go.
    next: Instant,
    requests: u64,
    /// Why no more may go.
    halted: Option<String>,
}

impl Pace {
    pub(crate) fn new(agency: &Agency) -> Self {
        let now = Instant::now();
        Self {
            gap: Duration::from_secs_f64(1.0 / agency.per_second),
            most: agency.max_requests,
            end: agency.max_time.and_then(|time| now.checked_add(time)),
            state: Mutex::new(State { next: now, requests: 0, halted: None }),
        }
    }

    /// Waits until a request may go, at the earliest at `earliest`.
    ///
    /// # Errors
    /// Why none may go any more.
    pub(crate) fn turn(&self, earliest: Instant) -> Result<(), String> {
        loop {
            let mut state = self.state();
            if let Some(why) = &state.halted {
                return Err(why.clone());
            }
            if self.most.is_some_and(|most| state.requests >= most) {
                return Err("not asked: the requests of this run (max_requests) are used up".to_owned());
            }
            let (now, due) = (Instant::now(), state.next.max(earliest));
            if self.end.is_some_and(|end| due.max(now) >= end) {
                return Err("not asked: the time of this run (max_time) is over".to_owned());
            }
            if due <= now {
                state.next = now + self.gap;
                state.requests += 1;
                return Ok(());
            }
            drop(state);
            // Not longer at once than it takes to notice that the run was halted.
            std::thread::sleep((due - now).min(Duration::from_millis(200)));
        }
    }

    /// Holds all requests back for a time.
    pub(crate) fn pause(&self, time: Duration) {
        let mut state = self.state();
        state.next = state.next.max(Instant::now() + time);
    }

    /// Lets no more requests go.
    pub(crate) fn halt(&self, why: String) {
        self.state().halted.get_or_insert(why);
    }

    /// Requests that went.
    pub(crate) fn requests(&self) -> u64 {
        self.state().requests
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // What it holds is whole at every step.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The wait before repetition `attempt` (from 0) for a customer: half to all of `backoff x 2^attempt`, at most `max_wait`. The part is
/// drawn from seed, customer and attempt alone, so that customers who failed together do not come back together, and a run can be
/// made again.
pub(crate) fn backoff(agency: &Agency, seed: u64, customer: &str, attempt: u32) -> Duration {
    let full =
        agency.backoff.saturating_mul(1u32.checked_shl(attempt).unwrap_or(u32::MAX)).min(agency.max_wait);
    let bytes = customer.bytes().chain(attempt.to_le_bytes()).chain(seed.to_le_bytes());
    // FNV-1a, then the finaliser of SplitMix64.
    let hash = bytes
        .fold(0xcbf2_9ce4_8422_2325u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    let mixed = (hash ^ (hash >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    let part = ((mixed ^ (mixed >> 31)) >> 11) as f64 / (1u64 << 53) as f64;
    full.mul_f64(0.5 + 0.5 * part)
}

#[cfg(test)]
mod tests {
    use super::backoff;
    use crate::settings::agencies;
    use std::path::Path;
    use std::time::Duration;

    #[test]
    fn waits_double_between_half_and_all_and_stop_at_the_longest() {
        let text = "[agency.a]\nurl = \"https://a.example/{customer}\"\nbackoff = \"100ms\"\nmax_wait = \"1s\"\ncolumns.score = \"/s\"";
        let agency = &agencies(text, Path::new("a.toml")).expect("a sound section")[0];
        let mut drawn = std::collections::BTreeSet::new();
        for customer in ["C1", "C2", "C3"] {
            for attempt in 0..40 {
                let wait = backoff(agency, 7, customer, attempt);
                let full = Duration::from_millis((100u64 << attempt.min(10)).min(1000));
                assert!(full / 2 <= wait && wait <= full, "{customer} {attempt}: {wait:?}");
                assert_eq!(wait, backoff(agency, 7, customer, attempt));
                drawn.insert(wait);
            }
        }
        assert!(drawn.len() > 100, "waits are spread: {}", drawn.len());
        assert_ne!(backoff(agency, 7, "C1", 3), backoff(agency, 8, "C1", 3));
    }
}
