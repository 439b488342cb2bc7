//! Group commit: one thread writes the lines of all requests that wait, asks the disk once, and lets them all go.
//!
//! While the disk is busy the next requests gather, so that the more there are, the more share one fsync.

use crate::error::ServeError;
use crate::http::decisions::journal::{Journal, Record, Standing};
use crate::http::decisions::log_counts::LogCounts;
use crate::http::fault::{Code, Fault};
use crate::http::log::Log;
use crate::http::options::DecisionLogOptions;
use serde_json::{Value, json};
use std::path::Path;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};
use tokio::sync::oneshot;

/// Bytes of lines that are written at once; one line may be longer.
const MOST: usize = 16 << 20;

/// Time between two tries to begin again after a write failed.
const RETRY: Duration = Duration::from_secs(1);

/// A record, and who waits for it; or the end.
enum Task {
    Write(Record, oneshot::Sender<bool>),
    Close,
}

/// The way to the thread that writes.
pub(crate) struct DecisionLog {
    tasks: Sender<Task>,
    pub(crate) counts: Arc<LogCounts>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl DecisionLog {
    /// Opens a log and starts its thread.
    ///
    /// # Errors
    /// The log cannot be opened, or the system gives no thread.
    pub(crate) fn open(options: &DecisionLogOptions, log: Arc<Log>) -> Result<Self, ServeError> {
        let journal = Journal::open(options)?;
        let (tasks, received) = channel();
        let counts = Arc::new(LogCounts::default());
        let standing = journal.standing();
        let folder = options.folder.display().to_string();
        log.info("decision_log", told(standing, json!({ "folder": folder, "torn_bytes": standing.torn })));
        if open_to_others(&options.folder) {
            let why = "it holds customers' data, and others than its owner can read it: chmod 700";
            log.warn(
                "decision_log_open",
                json!({ "folder": options.folder.display().to_string(), "why": why }),
            );
        }
        let mut writer = Writer { journal, counts: counts.clone(), log, retry: Instant::now() };
        let started =
            thread::Builder::new().name("decisions".to_owned()).spawn(move || writer.work(&received));
        let thread = started.map_err(|source| ServeError::Start { what: "a thread", source })?;
        Ok(DecisionLog { tasks, counts, thread: Mutex::new(Some(thread)) })
    }

    /// Returns when a decision is on the disk.
    ///
    /// # Errors
    /// It cannot be written, or not before `deadline`: its answer must not leave.
    pub(crate) async fn write(&self, record: Record, deadline: Instant) -> Result<(), Fault> {
        let (done, waiting) = oneshot::channel();
        let sent = self.tasks.send(Task::Write(record, done)).is_ok();
        if sent && matches!(tokio::time::timeout_at(deadline.into(), waiting).await, Ok(Ok(true))) {
            return Ok(());
        }
        self.counts.refused.fetch_add(1, Relaxed);
        Err(not_recorded())
    }

    /// Whether decisions can be written, as far as is known.
    ///
    /// # Errors
    /// They cannot.
    pub(crate) fn ready(&self) -> Result<(), Fault> {
        if self.counts.failing.load(Relaxed) { Err(not_recorded()) } else { Ok(()) }
    }

    /// Writes what waits, closes the log and lets others open it.
    pub(crate) fn close(&self) {
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(thread) = thread {
            let _ = self.tasks.send(Task::Close);
            // The thread does not panic; were it to, the log would be closed as well.
            let _ = thread.join();
        }
    }
}

fn not_recorded() -> Fault {
    Fault::new(Code::NotRecorded, "the decision cannot be written down, so it is not given; try again later")
}

/// Whether others than its owner may read a folder.
fn open_to_others(folder: &Path) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        folder.metadata().is_ok_and(|found| found.permissions().mode() & 0o077 != 0)
    }
    #[cfg(not(unix))]
    {
        let _ = folder;
        false
    }
}

fn told(standing: Standing, mut details: Value) -> Value {
    details["segment"] = standing.segment.into();
    details["sequence"] = standing.seq.into();
    details["hash"] = standing.hash.to_string().into();
    details
}

/// The thread's side.
struct Writer {
    journal: Journal,
    counts: Arc<LogCounts>,
    log: Arc<Log>,
    /// When to try again, while the journal is damaged.
    retry: Instant,
}

impl Writer {
    fn work(&mut self, tasks: &Receiver<Task>) {
        let (mut records, mut waiting) = (Vec::new(), Vec::new());
        let mut open = true;
        while open {
            let mut bytes = 0;
            let mut next = match self.wait(tasks) {
                Ok(task) => Some(task),
                Err(RecvTimeoutError::Timeout) => None,
                Err(RecvTimeoutError::Disconnected) => Some(Task::Close),
            };
            while let Some(task) = next {
                match task {
                    Task::Close => open = false,
                    Task::Write(record, done) => {
                        bytes += record.text.len();
                        records.push(record);
                        waiting.push(done);
                    }
                }
                next = if open && bytes < MOST { tasks.try_recv().ok() } else { None };
            }
            let written = self.write(&records);
            records.clear();
            waiting.drain(..).for_each(|done: oneshot::Sender<bool>| {
                // Who does not wait any more has gone away.
                let _ = done.send(written);
            });
        }
        self.log.info("decision_log_closed", told(self.journal.standing(), json!({})));
    }

    /// The next task; mends the journal while it waits.
    fn wait(&mut self, tasks: &Receiver<Task>) -> Result<Task, RecvTimeoutError> {
        if !self.journal.is_damaged() {
            return tasks.recv().map_err(|_| RecvTimeoutError::Disconnected);
        }
        let next = tasks.recv_timeout(self.retry.saturating_duration_since(Instant::now()));
        if Instant::now() >= self.retry {
            match self.journal.mend() {
                Ok(()) => {
                    self.counts.failing.store(false, Relaxed);
                    self.log.info("decision_log_mended", told(self.journal.standing(), json!({})));
                }
                Err(_) => self.failed(),
            }
        }
        next
    }

    /// Whether the records are on the disk.
    fn write(&mut self, records: &[Record]) -> bool {
        if records.is_empty() || self.journal.is_damaged() {
            return false;
        }
        let segment = self.journal.standing();
        match self.journal.append(records) {
            Ok(written) => {
                if written.rotated {
                    self.log.info("decision_segment_ended", told(segment, json!({})));
                }
                self.counts.written(records.len(), written);
                true
            }
            Err(error) => {
                self.failed();
                self.log.warn(
                    "decision_log_failed",
                    told(self.journal.standing(), json!({ "why": error.to_string() })),
                );
                false
            }
        }
    }

    fn failed(&mut self) {
        self.counts.failing.store(true, Relaxed);
        self.counts.failures.fetch_add(1, Relaxed);
        self.retry = Instant::now() + RETRY;
    }
}
