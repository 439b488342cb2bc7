//! `arrears reports`: reports of credit agencies over HTTP, as rows of events.

use crate::exit::Outcome;
use crate::place::{FormatName, is_dash};
use crate::progress::Spinner;
use crate::show;
use anyhow::{Context, bail};
use arrears_data::{DEFAULT_MISSING, Format, ReadOptions, TableWriter, atomic_write, read_all};
use arrears_reports::cache::Cache;
use arrears_reports::settings::moment;
use arrears_reports::{Agency, Fate, Fetch, Summary, agencies, batches, schema};
use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};

/// Fetch reports of credit agencies over HTTP, and write them as rows of the table `reports`
#[derive(Debug, clap::Args)]
#[command(after_help = "\
CONFIG is a TOML file with a section `agency.NAME` for each agency: its address, where each column stands in its JSON, and how often it may be asked (docs/reports.md). It may be the file of `arrears features`.

Answers are kept in a folder beside CONFIG. Customers whose report is younger than `stale` are not asked for again, so an interrupted run goes on where it was. Values of headers come from environment variables.

The output has customer, agency, at, known_at (when it was fetched) and the columns; `arrears features` reads it as a file of `reports`. What became of every customer is told on standard error. Exit code 1 where more customers failed than --max-failures.

Examples:
  arrears reports shop.toml --customers customers.csv -o reports.ndjson
  arrears reports shop.toml --customers c.parquet --id CustomerID -o reports.parquet
  arrears reports shop.toml --customers c.csv --failures failed.csv --max-failures 100 -o r.csv")]
pub(crate) struct Args {
    /// The configuration, a TOML file
    config: PathBuf,
    /// The customers to ask for: a data file
    #[arg(long, value_name = "FILE")]
    customers: PathBuf,
    /// Its column of ids
    #[arg(long, value_name = "COLUMN", default_value = "customer")]
    id: String,
    /// Date (its end, in UTC) or moment up to which ages are counted [default: now]
    #[arg(long, value_name = "DATE")]
    as_of: Option<String>,
    /// File to write; its extension tells the format [default: standard output]
    #[arg(short, long, value_name = "OUT")]
    output: Option<PathBuf>,
    /// Format of the output, where no extension tells it [default: ndjson]
    #[arg(long, value_enum)]
    format: Option<FormatName>,
    /// File for customers whose answer could not be had, as CSV: customer, agency, what stands in, cause
    #[arg(long, value_name = "FILE")]
    failures: Option<PathBuf>,
    /// So many customers, at each agency, may fail without exit code 1
    #[arg(long, value_name = "N", default_value_t = 0)]
    max_failures: u64,
    /// Draws the waits between repeated requests
    #[arg(long, value_name = "N", default_value_t = 0)]
    seed: u64,
    /// Write the summary as JSON to standard output; the reports go to -o
    #[arg(long)]
    json: bool,
}

/// What was found out from one agency.
struct Asked {
    cache: Cache,
    fates: Vec<Fate>,
    summary: Summary,
}

pub(crate) fn run(args: &Args) -> anyhow::Result<Outcome> {
    let output = args.output.as_deref().filter(|path| !is_dash(path));
    if args.json && output.is_none() {
        bail!("--json writes the summary to standard output: name a file for the reports with -o");
    }
    let text = std::fs::read_to_string(&args.config).with_context(|| args.config.display().to_string())?;
    let agencies = agencies(&text, &args.config)?;
    let as_of = moment(args.as_of.as_deref())
        .context("--as-of: expected a date or a moment such as 2026-09-30 or 2026-09-30T12:00:00Z")?;
    let customers = customers(&args.customers, &args.id)?;
    // Before anybody is asked: a wrong place for the result costs no request.
    let schema = schema(&agencies);
    let format = args.format.map(Format::from);
    let mut writer = match output {
        Some(path) => TableWriter::create(path, format, schema.clone())?,
        None => {
            let format = format.unwrap_or(Format::Ndjson);
            TableWriter::to_stream("standard output", format, io::stdout(), schema.clone())?
        }
    };
    let fetches = agencies.iter().map(|agency| Fetch::new(agency, as_of, args.seed));
    let fetches: Vec<Fetch<'_>> = fetches.collect::<Result<_, _>>()?;
    let caches: Vec<Cache> = agencies.iter().map(Cache::open).collect::<Result<_, _>>()?;
    let mut asked = Vec::new();
    for ((agency, fetch), mut cache) in agencies.iter().zip(&fetches).zip(caches) {
        let spinner = Spinner::new(format!("asking {}", agency.name));
        let told =
            |done: usize| spinner.say(format!("asking {}: {done} of {}", agency.name, customers.len()));
        let fetched = fetch.run(&customers, &mut cache, told)?;
        drop(spinner);
        let summary = Summary::of(agency, &fetched, &cache);
        show::say(summary.to_text().trim_end());
        asked.push(Asked { cache, fates: fetched.fates, summary });
    }
    let all: Vec<(&Agency, &Cache, &[Fate])> =
        agencies.iter().zip(&asked).map(|(agency, a)| (agency, &a.cache, a.fates.as_slice())).collect();
    for batch in batches(&schema, &customers, &all) {
        writer.write(&batch?)?;
    }
    writer.finish()?;
    if let Some(path) = &args.failures {
        atomic_write(path, failures(&customers, &asked).as_bytes())?;
    }
    let summaries: Vec<&Summary> = asked.iter().map(|a| &a.summary).collect();
    if args.json {
        show::print(&(serde_json::to_string_pretty(&summaries)? + "\n"))?;
    }
    let failed = summaries.iter().any(|summary| summary.failed > args.max_failures);
    Ok(if failed { Outcome::CheckFailed } else { Outcome::Done })
}

/// The ids, each once, in the order of the file.
fn customers(path: &Path, id: &str) -> anyhow::Result<Vec<String>> {
    let loaded = read_all(path, &ReadOptions::default())?;
    let column = loaded.table.require(id)?;
    let missing: Vec<String> = DEFAULT_MISSING.iter().map(|text| (*text).to_owned()).collect();
    let (mut seen, mut customers) = (BTreeSet::new(), Vec::new());
    let (mut absent, mut repeated) = (0u64, 0u64);
    for row in 0..loaded.table.rows() {
        match column.text(row, &missing) {
            None => absent += 1,
            Some(id) if seen.insert(id.to_string()) => customers.push(id.into_owned()),
            Some(_) => repeated += 1,
        }
    }
    if customers.is_empty() {
        bail!("`{}` has no customer in column `{id}`", path.display());
    }
    if absent + repeated > 0 {
        show::say(&format!(
            "note: {absent} rows have no customer, {repeated} repeat one; each is asked for once"
        ));
    }
    Ok(customers)
}

fn failures(customers: &[String], asked: &[Asked]) -> String {
    let mut text = "customer,agency,instead,cause\n".to_owned();
    for (at, customer) in customers.iter().enumerate() {
        for a in asked {
            let Some(cause) = a.fates[at].cause() else { continue };
            let instead = if matches!(a.fates[at], Fate::StaleUsed(_)) { "stale report" } else { "nothing" };
            let [customer, cause] = [customer.as_str(), cause].map(quoted);
            text += &format!("{customer},{},{instead},{cause}\n", a.summary.agency);
        }
    }
    text
}

/// A field of CSV, in quotes where it needs them.
fn quoted(field: &str) -> String {
    match field.contains([',', '"', '\n', '\r']) {
        true => format!("\"{}\"", field.replace('"', "\"\"")),
        false => field.to_owned(),
    }
}
