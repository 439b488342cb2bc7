//! A run over customers: what the cache knows is taken from it, the others are asked for, some at once.

use crate::cache::{Answer, Cache};
use crate::error::ReportsError;
use crate::mapping;
use crate::request::{Client, Reply};
use crate::settings::{Agency, OnFailure};
use crate::summary::Fate;
use crate::wait::{Pace, backoff};
use jiff::Timestamp;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed};
use std::sync::mpsc;
use std::time::{Duration, Instant};

/// Asks one agency.
#[derive(Debug)]
pub struct Fetch<'a> {
    agency: &'a Agency,
    client: Client,
    as_of: Timestamp,
    seed: u64,
}

/// What became of a run.
#[derive(Clone, Debug, PartialEq)]
pub struct Fetched {
    /// Of each customer, in the order given.
    pub fates: Vec<Fate>,
    /// Requests made.
    pub requests: u64,
    /// Those among them that repeated another.
    pub repeated: u64,
}

impl<'a> Fetch<'a> {
    /// Ages are counted up to `as_of`; `seed` draws the waits between repetitions.
    ///
    /// # Errors
    /// A header's variable is not set, or the certificates cannot be read.
    pub fn new(agency: &'a Agency, as_of: Timestamp, seed: u64) -> Result<Self, ReportsError> {
        Ok(Self { agency, client: Client::new(agency)?, as_of, seed })
    }

    /// Brings the cache up to date for these customers, each named once. `progress` is told how many are done.
    ///
    /// # Errors
    /// The cache cannot be written. What goes wrong with a customer is a [`Fate`].
    pub fn run(
        &self,
        customers: &[String],
        cache: &mut Cache,
        mut progress: impl FnMut(usize),
    ) -> Result<Fetched, ReportsError> {
        let mut fates: Vec<Option<Fate>> = customers.iter().map(|c| self.known(cache.of(c))).collect();
        let asked: Vec<usize> = (0..customers.len()).filter(|at| fates[*at].is_none()).collect();
        let mut done = customers.len() - asked.len();
        progress(done);
        let (pace, next, repeated) = (Pace::new(self.agency), AtomicUsize::new(0), AtomicU64::new(0));
        let (sender, receiver) = mpsc::channel();
        let worked = std::thread::scope(|scope| {
            for _ in 0..self.agency.in_flight.min(asked.len()) {
                let (sender, pace, next, repeated, asked) = (sender.clone(), &pace, &next, &repeated, &asked);
                scope.spawn(move || {
                    while let Some(at) = asked.get(next.fetch_add(1, Relaxed)) {
                        let answer = self.ask(&customers[*at], pace, repeated);
                        if sender.send((*at, answer)).is_err() {
                            return;
                        }
                    }
                });
            }
            drop(sender);
            for (at, answer) in receiver {
                let fate = match answer {
                    Ok(answer) => {
                        let fate = if answer.values.is_some() { Fate::Fetched } else { Fate::NoReport };
                        if let Err(error) = cache.add(answer) {
                            pace.halt("not asked: the cache cannot be written".to_owned());
                            return Err(error);
                        }
                        fate
                    }
                    Err(why) => self.without(cache.of(&customers[at]), why),
                };
                fates[at] = Some(fate);
                done += 1;
                progress(done);
            }
            cache.settle()
        });
        worked?;
        let lost = || Fate::Failed("not asked: the run was broken off".to_owned());
        let fates = fates.into_iter().map(|fate| fate.unwrap_or_else(lost)).collect();
        Ok(Fetched { fates, requests: pace.requests(), repeated: repeated.into_inner() })
    }

    /// What the cache says, where that is new enough.
    fn known(&self, answers: &[Answer]) -> Option<Fate> {
        let last = answers.last()?;
        let age = Duration::try_from(self.as_of.duration_since(last.fetched)).unwrap_or(Duration::ZERO);
        match &last.values {
            // A column that was not asked for then is asked for now.
            Some(values) => {
                let whole = self.agency.columns.iter().all(|column| values.contains_key(&column.name));
                (whole && age <= self.agency.stale).then_some(Fate::Cached)
            }
            None => (age <= self.agency.missing_for).then_some(Fate::NoReportCached),
        }
    }

    /// What becomes of a customer whose answer could not be had.
    fn without(&self, answers: &[Answer], why: String) -> Fate {
        let known = answers.iter().any(|answer| answer.values.is_some());
        match (known, self.agency.on_failure) {
            (true, OnFailure::Use) => Fate::StaleUsed(why),
            (true, OnFailure::Missing) | (false, _) => Fate::Failed(why),
        }
    }

    /// Asks for one customer, again where that can help.
    fn ask(&self, customer: &str, pace: &Pace, repeated: &AtomicU64) -> Result<Answer, String> {
        let mut earliest = Instant::now();
        for attempt in 0..=self.agency.retries {
            pace.turn(earliest)?;
            repeated.fetch_add(u64::from(attempt > 0), Relaxed);
            let (why, after) = match self.client.ask(customer) {
                Reply::Report(body) => {
                    let values = mapping::values(&body, &self.agency.columns)?;
                    return Ok(self.answer(customer, Some(values)));
                }
                Reply::NoReport => return Ok(self.answer(customer, None)),
                Reply::Never(why) => return Err(why),
                Reply::Refused(why) => {
                    pace.halt(format!("not asked: {why}"));
                    return Err(why);
                }
                Reply::Again(why, after) => (why, after),
            };
            if after.is_some_and(|after| after > self.agency.max_wait) {
                pace.halt("not asked: the agency wants a longer pause than max_wait".to_owned());
                return Err(format!("{why}, and the agency wants a longer pause than max_wait"));
            }
            if attempt == self.agency.retries {
                return Err(format!("{why}, at the last of {} requests", attempt + 1));
            }
            // What the agency asks of one request holds for all.
            after.into_iter().for_each(|after| pace.pause(after));
            earliest = Instant::now()
                + backoff(self.agency, self.seed, customer, attempt).max(after.unwrap_or_default());
        }
        Err("not asked".to_owned())
    }

    fn answer(&self, customer: &str, values: Option<serde_json::Map<String, serde_json::Value>>) -> Answer {
        Answer { customer: customer.to_owned(), fetched: Timestamp::now(), values }
    }
}
