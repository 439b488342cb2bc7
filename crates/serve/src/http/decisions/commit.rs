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

/// The part of the time of an fsync that others are waited for: one eighth.
const PATIENCE: u32 = 8;

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
        let mut writer = Writer {
            journal,
            counts: counts.clone(),
            log,
            retry: Instant::now(),
            records: Vec::new(),
            waiting: Vec::new(),
            bytes: 0,
            last: (0, Duration::ZERO),
            open: true,
        };
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
        if !sent {
            // The log is closed.
            self.counts.failing.store(true, Relaxed);
        }
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
    /// What waits for the next write, and its bytes.
    records: Vec<Record>,
    waiting: Vec<oneshot::Sender<bool>>,
    bytes: usize,
    /// Records of the last write, and how long the disk took.
    last: (usize, Duration),
    /// Whether more will come.
    open: bool,
}

impl Writer {
    fn work(&mut self, tasks: &Receiver<Task>) {
        while self.open {
            if self.journal.is_damaged() && Instant::now() >= self.retry {
                self.mend();
            }
            self.gather(tasks);
            let written = self.write();
            self.last.0 = self.records.len();
            self.records.clear();
            self.bytes = 0;
            self.waiting.drain(..).for_each(|done| {
                // Who does not wait any more has gone away.
                let _ = done.send(written);
            });
        }
        self.log.info("decision_log_closed", told(self.journal.standing(), json!({})));
    }

    /// Takes what came while the disk was busy, or waits for the first. Those who have just got their answers are mostly about to ask
    /// again: for a part of the time that the disk takes they are waited for, lest callers fall into two halves that take turns.
    fn gather(&mut self, tasks: &Receiver<Task>) {
        while self.has_room()
            && let Ok(task) = tasks.try_recv()
        {
            self.take(task);
        }
        let expected = self.last.0 + self.records.len();
        if self.records.is_empty() && self.open {
            self.wait(tasks);
        }
        let until = Instant::now() + self.last.1 / PATIENCE;
        while self.has_room() && self.records.len() < expected {
            match tasks.recv_timeout(until.saturating_duration_since(Instant::now())) {
                Ok(task) => self.take(task),
                Err(_) => break,
            }
        }
    }

    fn has_room(&self) -> bool {
        self.open && self.bytes < MOST
    }

    fn take(&mut self, task: Task) {
        match task {
            Task::Write(record, done) => {
                self.bytes += record.text.len();
                self.records.push(record);
                self.waiting.push(done);
            }
            Task::Close => self.open = false,
        }
    }

    /// Waits for a task; while the journal is damaged not longer than until the next try to mend it.
    fn wait(&mut self, tasks: &Receiver<Task>) {
        let next = match self.journal.is_damaged() {
            true => tasks.recv_timeout(self.retry.saturating_duration_since(Instant::now())),
            false => tasks.recv().map_err(|_| RecvTimeoutError::Disconnected),
        };
        match next {
            Ok(task) => self.take(task),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => self.open = false,
        }
    }

    fn mend(&mut self) {
        match self.journal.mend() {
            Ok(()) => {
                self.counts.failing.store(false, Relaxed);
                self.log.info("decision_log_mended", told(self.journal.standing(), json!({})));
            }
            Err(_) => self.failed(),
        }
    }

    /// Whether the records are on the disk.
    fn write(&mut self) -> bool {
        if self.records.is_empty() || self.journal.is_damaged() {
            return false;
        }
        let segment = self.journal.standing();
        match self.journal.append(&self.records) {
            Ok(written) => {
                if written.rotated {
                    self.log.info("decision_segment_ended", told(segment, json!({})));
                }
                self.counts.written(self.records.len(), written);
                self.last.1 = written.sync;
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
