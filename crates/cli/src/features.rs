//! `arrears features`: a company's events as features, as of dates.

use crate::exit::Outcome;
use crate::place::{FormatName, is_dash};
use crate::progress::{Pace, Spinner};
use crate::show;
use anyhow::{Context, bail};
use arrears_behavior::clean::RejectsFile;
use arrears_behavior::{Config, ReadSettings, Snapshot};
use arrears_data::{Format, TableWriter, atomic_write};
use std::io;
use std::path::{Path, PathBuf};

/// Make features of customers from their orders, payments, returns and more, as of dates
#[derive(Debug, clap::Args)]
#[command(after_help = "\
CONFIG is a TOML file: which files hold the events, which of their columns mean what, and which features are wanted (docs/features.md).

The output has a row for each customer and date, in the order of customers: customer, as_of, then the features; a missing value is empty. Only what had happened and was known by the date counts. A date means its end in the time zone of CONFIG; a date with a time means that moment. Customers of whom nothing was known by then have no row.

What was read, left out and changed is told on standard error, and with --report in a file. Rows that are left out go to --rejects with file, line, column, value and why. Outputs appear whole or not at all.

Tables whose Parquet files are sorted by customer are read in little memory; others are sorted first, in memory up to --memory and in temporary files beyond it (in the folder of TMPDIR).

Examples:
  arrears features shop.toml --as-of 2026-09-30 -o features.parquet
  arrears features shop.toml --as-of 2026-03-31,2026-06-30,2026-09-30 -o snapshots.csv --rejects left-out.csv
  arrears features shop.toml --as-of 2025-03-31,2025-06-30 --labels -o training.parquet
  arrears features shop.toml --as-of 2026-09-30T12:00:00Z --report cleaning.json | head")]
pub(crate) struct Args {
    /// The configuration, a TOML file
    config: PathBuf,
    /// Dates or moments, such as 2026-09-30 or 2026-09-30T12:00:00Z
    #[arg(long, value_name = "DATE", required = true, value_delimiter = ',')]
    as_of: Vec<String>,
    /// File to write; its extension tells the format [default: standard output]
    #[arg(short, long, value_name = "OUT")]
    output: Option<PathBuf>,
    /// Format of the output, where no extension tells it [default: csv]
    #[arg(long, value_enum)]
    format: Option<FormatName>,
    /// Rows to train on: only customers that section `label` finds good or bad, with a column `bad`
    #[arg(long)]
    labels: bool,
    /// File for the rows that are left out, as CSV
    #[arg(long, value_name = "FILE")]
    rejects: Option<PathBuf>,
    /// File for the report on cleaning: JSON where it is called so, else text
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
    /// Memory for tables that are not sorted by customer, in MiB
    #[arg(long, value_name = "MIB", default_value_t = 1024, value_parser = clap::value_parser!(u32).range(1..))]
    memory: u32,
    /// Write the summary and the report as JSON to standard output; the features go to -o
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(args: Args) -> anyhow::Result<Outcome> {
    let output = args.output.as_deref().filter(|path| !is_dash(path));
    if args.json && output.is_none() {
        bail!("--json writes the report to standard output: name a file for the features with -o");
    }
    check_different(&[Some(&args.config), output, args.rejects.as_deref(), args.report.as_deref()])?;
    let config = Config::read(&args.config)?;
    let mut snapshot = Snapshot::new(&config, &args.as_of)?;
    if args.labels {
        snapshot = snapshot.labelled()?;
    }
    let format = args.format.map(Format::from);
    let (name, writer) = match output {
        Some(path) => (path.display().to_string(), TableWriter::create(path, format, snapshot.schema())?),
        None => {
            let (name, format) = ("standard output", format.unwrap_or(Format::Csv));
            (name.to_owned(), TableWriter::to_stream(name, format, io::stdout(), snapshot.schema())?)
        }
    };
    let rejects = args.rejects.as_deref().map(RejectsFile::create).transpose()?;
    let settings = ReadSettings {
        memory: (args.memory as usize) << 20,
        rejects: rejects.as_ref().map(RejectsFile::sink),
        ..ReadSettings::default()
    };
    let (spinner, pace) = (Spinner::new("reading"), Pace::start());
    let summary = snapshot.write(settings, writer, |rows| spinner.say(pace.text(rows, None)));
    drop(spinner);
    let summary = summary?;
    if let Some(rejects) = rejects {
        rejects.finish()?;
    }
    tell(|| serde_json::to_vec_pretty(&summary), &summary.to_text(&name), args.report.as_deref(), args.json)
}

/// Tells what a run did: as text on standard error, in a file where one is named, as JSON on standard output where that is asked for.
pub(crate) fn tell(
    json: impl Fn() -> serde_json::Result<Vec<u8>>,
    text: &str,
    report: Option<&Path>,
    on_stdout: bool,
) -> anyhow::Result<Outcome> {
    let json = || json().context("the report has no form in JSON");
    if let Some(path) = report {
        let is_json = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("json"));
        let bytes = if is_json { json()? } else { text.as_bytes().to_vec() };
        atomic_write(path, &bytes)?;
    }
    if on_stdout {
        show::print(&String::from_utf8_lossy(&json()?))?;
    }
    show::say(text);
    Ok(Outcome::Done)
}

/// No output is another file of the run.
pub(crate) fn check_different(files: &[Option<&Path>]) -> anyhow::Result<()> {
    let real = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let files: Vec<PathBuf> = files.iter().flatten().map(|path| real(path)).collect();
    for (at, file) in files.iter().enumerate() {
        if files[..at].contains(file) {
            bail!("`{}` is named twice: each output is a file of its own", file.display());
        }
    }
    Ok(())
}
