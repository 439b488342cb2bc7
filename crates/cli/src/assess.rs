//! `arrears assess`: the periodic run.

use crate::exit::Outcome;
use crate::features::{check_different, tell};
use crate::progress::{Pace, Spinner};
use arrears_assess::settings::Place;
use arrears_assess::{RunOptions, Settings, assess};
use arrears_behavior::clean::RejectsFile;
use arrears_behavior::{Config, ReadSettings};
use std::path::{Path, PathBuf};

/// Grade all customers as of a date, beside what they were in the last run
#[derive(Debug, clap::Args)]
#[command(after_help = "\
CONFIG is the file that `arrears features` reads, with a section [assess] that names the model (docs/assess.md). Features as of the date go through the model; grades hold until the pd says clearly, or often enough, that they changed (hysteresis); overrides go before that; limit and tier follow the grade that holds.

The run is kept in the history: a SQLite file, or PostgreSQL where `history` or --history is postgres://USER@HOST/DATABASE, or $NAME, an environment variable that holds one of them. It is there whole or not at all. Runs follow each other in time; --replace makes a run again, and removes those after it, which went by it.

The folder gets standings.parquet and standings.csv (every customer with pd, score, grade, limit, tier, exposure, what they were before, and why), and rejected.csv (customers whom the model refuses, and why). It appears whole or not at all. What happened is told on standard error.

Examples:
  arrears assess shop.toml --as-of 2026-09-30
  arrears assess shop.toml --as-of 2026-09-30 --model models/shop/2.0.0 --dry-run -o what-if
  arrears assess shop.toml --as-of 2026-09-30 --replace
  arrears assess shop.toml --as-of 2026-09-30 --history postgres://db/risk --json")]
pub(crate) struct Args {
    /// The configuration, a TOML file
    config: PathBuf,
    /// Date or moment up to which everything counts, such as 2026-09-30
    #[arg(long, value_name = "DATE")]
    as_of: String,
    /// Folder for the outputs [default: assess-DATE]
    #[arg(short, long, value_name = "DIR")]
    output: Option<PathBuf>,
    /// A model.json or its folder, instead of that of CONFIG
    #[arg(long)]
    model: Option<PathBuf>,
    /// A SQLite file, postgres://USER@HOST/DATABASE, or $NAME, instead of that of CONFIG [default: assess.sqlite beside CONFIG]
    #[arg(long, value_name = "PLACE")]
    history: Option<String>,
    /// Grades and limits that people set, instead of those of CONFIG (CSV: customer, field, value, reason, author, expires; docs/decisions.md)
    #[arg(long, value_name = "FILE")]
    overrides: Option<PathBuf>,
    /// Take the place of the run as of this date, and remove those after it
    #[arg(long)]
    replace: bool,
    /// Write the outputs and leave the history as it is
    #[arg(long)]
    dry_run: bool,
    /// File for the rows of tables that are left out, as CSV
    #[arg(long, value_name = "FILE")]
    rejects: Option<PathBuf>,
    /// File for the report on the run and on cleaning: JSON where it is called so, else text
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
    /// Memory for tables that are not sorted by customer, in MiB
    #[arg(long, value_name = "MIB", default_value_t = 1024, value_parser = clap::value_parser!(u32).range(1..))]
    memory: u32,
    /// Write the report as JSON to standard output
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(args: Args) -> anyhow::Result<Outcome> {
    check_different(&[Some(&args.config), args.rejects.as_deref(), args.report.as_deref()])?;
    let config = Config::read(&args.config)?;
    let mut settings = Settings::of(&config)?;
    settings.model = args.model.or(settings.model);
    settings.overrides = args.overrides.or(settings.overrides);
    if let Some(place) = &args.history {
        settings.history = Place::parse(place, Path::new(""))?;
    }
    let rejects = args.rejects.as_deref().map(RejectsFile::create).transpose()?;
    let options = RunOptions {
        // Not all systems have colons in names.
        output: args.output.unwrap_or_else(|| format!("assess-{}", args.as_of.replace(':', "")).into()),
        as_of: args.as_of,
        read: ReadSettings {
            memory: (args.memory as usize) << 20,
            rejects: rejects.as_ref().map(RejectsFile::sink),
            ..ReadSettings::default()
        },
        replace: args.replace,
        dry_run: args.dry_run,
    };
    let (spinner, pace) = (Spinner::new("assessing"), Pace::start());
    let summary = assess(&config, &settings, options, |customers| spinner.say(pace.text(customers, None)));
    drop(spinner);
    let summary = summary?;
    rejects.map_or(Ok(()), RejectsFile::finish)?;
    tell(|| serde_json::to_vec_pretty(&summary), &summary.to_text(), args.report.as_deref(), args.json)
}
