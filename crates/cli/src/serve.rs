//! `arrears serve`: models over HTTP.

use crate::exit::Outcome;
use crate::show;
use anyhow::Context;
use arrears_serve::http::{
    DecisionLogOptions, HttpOptions, Limits, Log, OverrideOptions, Role, Service, TlsFiles, new_token,
};
use serde_json::json;
use std::io;
use std::net::SocketAddr;
use std::panic;
use std::path::PathBuf;
use std::time::Duration;

/// Environment variable with lines of a file of tokens.
const TOKENS: &str = "ARREARS_TOKENS";

/// Score customers over HTTP
#[derive(Debug, clap::Args)]
#[command(after_help = "\
MODEL_DIR is a model.json, its folder, or a folder of name/version/model.json. Changed files are loaded within a second, or at once on SIGHUP; a file that cannot be loaded leaves the model before it in service. /score answers with the champion: the only model's newest version, unless serving.toml in MODEL_DIR or --champion names another. SIGTERM and SIGINT let requests under way finish.

docs/serve.md describes paths, bodies and answers; so does /openapi.json of the running service. Log lines go to standard error, as JSON.

Examples:
  arrears serve models/credit-scorecard
  curl -d @customer.json localhost:8080/score
  arrears serve models --champion credit-scorecard --challenger credit-tree --listen 0.0.0.0:8080 --tokens tokens.txt
  arrears serve models --decision-log decisions
  arrears serve --new-token shop >> tokens.txt")]
pub(crate) struct Args {
    /// A model.json, its folder, or a folder of name/version/model.json
    #[arg(required_unless_present = "new_token")]
    model_dir: Option<PathBuf>,
    /// Address and port; port 0 takes a free one
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
    /// Model that /score answers with: NAME or NAME/VERSION
    #[arg(long, value_name = "MODEL")]
    champion: Option<String>,
    /// Model that scores the same customers behind the answers, to be compared in /metrics
    #[arg(long, value_name = "MODEL")]
    challenger: Option<String>,
    /// File of hashed tokens; without one, or the variable ARREARS_TOKENS, everybody may call
    #[arg(long, value_name = "FILE")]
    tokens: Option<PathBuf>,
    /// Make a token: it goes to standard error, the line for the file of tokens to standard output
    #[arg(long, value_name = "NAME")]
    new_token: Option<String>,
    /// What the new token may do
    #[arg(long, value_enum, requires = "new_token", default_value_t = RoleName::Score)]
    role: RoleName,
    /// PEM file of the certificate chain; speaks HTTPS
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    tls_cert: Option<PathBuf>,
    /// PEM file of its private key
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    tls_key: Option<PathBuf>,
    /// Threads that answer [default: one for each processor]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    threads: Option<u16>,
    /// Largest body, in MiB
    #[arg(long, value_name = "MIB", default_value_t = 32, value_parser = clap::value_parser!(u16).range(1..=1024))]
    max_body: u16,
    /// Most customers in a body
    #[arg(long, value_name = "N", default_value_t = 100_000, value_parser = clap::value_parser!(u32).range(1..=10_000_000))]
    max_rows: u32,
    /// Most requests scored at once; more get 429
    #[arg(long, value_name = "N", default_value_t = 1_024, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    max_requests: u32,
    /// Of these, most with a body above 64 KiB
    #[arg(long, value_name = "N", default_value_t = 8, value_parser = clap::value_parser!(u16).range(1..=1024))]
    max_batches: u16,
    /// Most open connections; more wait
    #[arg(long, value_name = "N", default_value_t = 10_000, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    max_connections: u32,
    /// Seconds for a request, from its head to its answer
    #[arg(long, value_name = "SECONDS", default_value_t = 30, value_parser = clap::value_parser!(u16).range(1..=3600))]
    timeout: u16,
    /// Seconds for the head of a request, and for a connection to stay idle
    #[arg(long, value_name = "SECONDS", default_value_t = 15, value_parser = clap::value_parser!(u16).range(1..=3600))]
    head_timeout: u16,
    /// Seconds that requests under way are given when the service is stopped
    #[arg(long, value_name = "SECONDS", default_value_t = 30, value_parser = clap::value_parser!(u16).range(0..=3600))]
    drain: u16,
    /// Log each request: path, status, time, caller, model, rows; no value of a customer
    #[arg(long)]
    access_log: bool,
    /// Grades and limits that people set (CSV: customer, field, value, reason, author, expires; docs/decisions.md)
    #[arg(long, value_name = "FILE")]
    overrides: Option<PathBuf>,
    /// Time zone whose day overrides have to hold on, such as Europe/London
    #[arg(
        long,
        value_name = "ZONE",
        requires = "overrides",
        conflicts_with = "as_of",
        default_value = "UTC"
    )]
    time_zone: String,
    /// Day on which overrides have to hold, whatever the clock says
    #[arg(long, value_name = "DATE", requires = "overrides")]
    as_of: Option<String>,
    /// Folder where each decision is written before its answer leaves, for `arrears replay`: bodies as they came, and scores
    #[arg(long, value_name = "DIR")]
    decision_log: Option<PathBuf>,
    /// Size after which the decision log begins a new file, in MiB
    #[arg(long, value_name = "MIB", requires = "decision_log", default_value_t = 256, value_parser = clap::value_parser!(u32).range(1..=1_048_576))]
    decision_segment: u32,
    /// File with a secret key: the access log then names ids, hashed with it
    #[arg(long, value_name = "FILE", requires = "access_log")]
    log_id_key: Option<PathBuf>,
}

/// The roles of tokens.
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum RoleName {
    Score,
    Admin,
}

pub(crate) fn run(args: Args) -> anyhow::Result<Outcome> {
    if let Some(name) = &args.new_token {
        let role = match args.role {
            RoleName::Score => Role::Score,
            RoleName::Admin => Role::Admin,
        };
        let (token, line) = new_token(name, role)?;
        show::say(&format!("token of {name}, shown this once: {token}\n"));
        show::print(&format!("{line}\n"))?;
        return Ok(Outcome::Done);
    }
    panic::set_hook(Box::new(|info| {
        // The place only: what a panic says may hold a value.
        let place = info.location().map(ToString::to_string).unwrap_or_default();
        // Arrow's decoder panics over headers that it does not know; that is caught, answered with 400 and counted.
        if place.contains("arrow-ipc") {
            return;
        }
        show::say(&json!({ "level": "error", "event": "panic", "place": place }).to_string());
    }));
    Service::start(&options(args)?, Log::to(io::stderr()))?.run()?;
    Ok(Outcome::Done)
}

fn options(args: Args) -> anyhow::Result<HttpOptions> {
    let models = args.model_dir.context("MODEL_DIR is missing")?;
    let usual = HttpOptions::new(models);
    let overrides = args.overrides.map(|file| match &args.as_of {
        Some(date) => OverrideOptions::as_of(&file, date),
        None => OverrideOptions::today(&file, &args.time_zone),
    });
    let seconds = |seconds: u16| Duration::from_secs(u64::from(seconds));
    Ok(HttpOptions {
        listen: args.listen,
        champion: args.champion,
        challenger: args.challenger,
        tokens: args.tokens,
        token_lines: std::env::var(TOKENS).ok(),
        tls: args.tls_cert.zip(args.tls_key).map(|(certificate, key)| TlsFiles { certificate, key }),
        limits: Limits {
            body_bytes: usize::from(args.max_body) << 20,
            rows: args.max_rows as usize,
            request: seconds(args.timeout),
            head: seconds(args.head_timeout),
            requests: args.max_requests as usize,
            batches: usize::from(args.max_batches),
            connections: args.max_connections as usize,
            drain: seconds(args.drain),
        },
        threads: args.threads.map_or(usual.threads, usize::from),
        access_log: args.access_log,
        overrides: overrides.transpose()?,
        decision_log: args.decision_log.map(|folder| DecisionLogOptions {
            folder,
            segment_bytes: u64::from(args.decision_segment) << 20,
        }),
        log_id_key: args.log_id_key,
        ..usual
    })
}
