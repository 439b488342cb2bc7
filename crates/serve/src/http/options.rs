//! What the service is told when it starts.

use crate::http::overriding::OverrideOptions;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

/// How the service is started. The default listens on this machine only, on port 8080.
#[derive(Clone, Debug)]
pub struct HttpOptions {
    /// A `model.json`, a folder with one, or a folder of `name/version/model.json`.
    pub models: PathBuf,
    /// Where to listen; port 0 takes a free one.
    pub listen: SocketAddr,
    /// `name` or `name/version` that `/score` answers with; `None` goes by `serving.toml`.
    pub champion: Option<String>,
    /// `name` or `name/version` that scores the same customers after the answer; `None` goes by `serving.toml`.
    pub challenger: Option<String>,
    /// File of hashed tokens; see [`tokens`](crate::http::tokens).
    pub tokens: Option<PathBuf>,
    /// More lines of such a file, as from the environment.
    pub token_lines: Option<String>,
    /// Certificate chain and private key, both PEM; `None` speaks plain HTTP.
    pub tls: Option<TlsFiles>,
    /// What one caller may take.
    pub limits: Limits,
    /// Threads that answer, at least 1.
    pub threads: usize,
    /// Whether each request is logged.
    pub access_log: bool,
    /// Grades and limits that people set; they go by the id of a customer.
    pub overrides: Option<OverrideOptions>,
    /// Where every decision is written down before its answer leaves; `None` writes none.
    pub decision_log: Option<DecisionLogOptions>,
    /// File whose bytes are the key that ids are hashed with in the access log; without it no id is logged.
    pub log_id_key: Option<PathBuf>,
}

/// The files of a TLS server.
#[derive(Clone, Debug)]
pub struct TlsFiles {
    /// PEM file of the certificate chain, the server's own first.
    pub certificate: PathBuf,
    /// PEM file of its private key.
    pub key: PathBuf,
}

/// Where and how decisions are written down; see [`decisions`](crate::http::decisions).
#[derive(Clone, Debug)]
pub struct DecisionLogOptions {
    /// The folder of the log; made where there is none.
    pub folder: PathBuf,
    /// Bytes after which a segment is ended and the next one begun.
    pub segment_bytes: u64,
}

impl DecisionLogOptions {
    /// A log with segments of 256 MiB.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        DecisionLogOptions { folder: folder.into(), segment_bytes: 256 << 20 }
    }
}

/// Bounds that keep one caller from taking everything.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Most bytes of a body.
    pub body_bytes: usize,
    /// Most customers in a body.
    pub rows: usize,
    /// Time from the head of a request to its answer.
    pub request: Duration,
    /// Time for the head of a request, and for a connection to stay idle.
    pub head: Duration,
    /// Requests that are scored at once; more get 429.
    pub requests: usize,
    /// Of these, requests with a body above 64 KiB.
    pub batches: usize,
    /// Open connections; more wait to be accepted.
    pub connections: usize,
    /// Time that requests under way are given when the service is stopped.
    pub drain: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            body_bytes: 32 << 20,
            rows: 100_000,
            request: Duration::from_secs(30),
            head: Duration::from_secs(15),
            requests: 1_024,
            batches: 8,
            connections: 10_000,
            drain: Duration::from_secs(30),
        }
    }
}

impl HttpOptions {
    /// The usual options for a folder of models.
    pub fn new(models: impl Into<PathBuf>) -> Self {
        HttpOptions {
            models: models.into(),
            listen: SocketAddr::from(([127, 0, 0, 1], 8080)),
            champion: None,
            challenger: None,
            tokens: None,
            token_lines: None,
            tls: None,
            limits: Limits::default(),
            threads: std::thread::available_parallelism().map_or(1, usize::from),
            access_log: false,
            overrides: None,
            decision_log: None,
            log_id_key: None,
        }
    }
}
