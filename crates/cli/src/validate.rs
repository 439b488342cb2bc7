//! `arrears validate`: is a model good enough to ship?

use crate::exit::Outcome;
use crate::place::{FormatName, file_name, is_dash};
use crate::show;
use anyhow::Context;
use arrears_data::{ReadOptions, atomic_write, read_all};
use arrears_serve::load_model;
use arrears_validate::{Cutoffs, Gates, MeasureOptions, Part, StrategyParams, measure, select_rows};
use clap::ValueEnum;
use std::fs;
use std::path::{Path, PathBuf};

/// Measure a model on customers whose outcome is known, and check gates
#[derive(Debug, clap::Args)]
#[command(after_help = "\
When DATA is the file the model was trained on (known by its SHA-256), only the rows held out of training are measured; --part says otherwise. A gate that cannot be computed fails. Exit code 1: a gate failed.

Examples:
  arrears validate models/credit-scorecard/1.0.0 datasets/credit/data.csv
  arrears validate models/credit-scorecard/1.0.0 data.csv --gates gates.toml --junit report.xml
  arrears validate models/credit-scorecard/1.0.0 later.parquet --json - | jq .discrimination.auc
  arrears validate model.json later.csv --profit-good 100 --loss-bad 1000 --cutoffs 480,500,520

A gates file:
  min_auc = 0.75
  max_score_psi = 0.25
  min_rows = 500")]
pub(crate) struct Args {
    /// A model.json, or the folder that holds it
    model: PathBuf,
    /// Customers with their outcomes
    data: PathBuf,
    /// TOML file with the limits the model must keep
    #[arg(long, value_name = "FILE")]
    gates: Option<PathBuf>,
    /// Write the report as JSON to a file, or - for standard output instead of the text
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Write the gates as a JUnit report to a file, or - for standard output instead of the text
    #[arg(long, value_name = "FILE", requires = "gates")]
    junit: Option<PathBuf>,
    /// Pd above which a customer counts as bad in the confusion table
    #[arg(long, value_name = "P", allow_negative_numbers = true)]
    cutoff: Option<f64>,
    /// Profit of a good customer who is approved: prints approvals and profit by cut-off
    #[arg(long, value_name = "AMOUNT", requires = "loss_bad", allow_negative_numbers = true)]
    profit_good: Option<f64>,
    /// Loss of a bad customer who is approved
    #[arg(long, value_name = "AMOUNT", requires = "profit_good", allow_negative_numbers = true)]
    loss_bad: Option<f64>,
    /// Scores to cut at [default: the lowest score and the deciles]
    #[arg(
        long,
        value_name = "SCORE,..",
        value_delimiter = ',',
        requires = "profit_good",
        allow_hyphen_values = true
    )]
    cutoffs: Option<Vec<f64>>,
    /// Cut at every multiple of so many points
    #[arg(
        long,
        value_name = "POINTS",
        requires = "profit_good",
        conflicts_with = "cutoffs",
        allow_negative_numbers = true
    )]
    cutoff_step: Option<f64>,
    /// Which rows of DATA to measure
    #[arg(long, value_enum, default_value_t = PartName::Auto)]
    part: PartName,
    /// Format of DATA, where its extension does not tell it
    #[arg(long, value_enum)]
    input_format: Option<FormatName>,
}

/// A part of the data, as it is named on the command line.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum PartName {
    /// The held-out rows of the training file, all rows of another file.
    Auto,
    /// All rows as they stand.
    All,
    /// The rows the model was trained on.
    Train,
    /// The rows held out of training.
    Holdout,
}

impl From<PartName> for Part {
    fn from(name: PartName) -> Part {
        match name {
            PartName::Auto => Part::Auto,
            PartName::All => Part::All,
            PartName::Train => Part::Train,
            PartName::Holdout => Part::Holdout,
        }
    }
}

pub(crate) fn run(args: &Args) -> anyhow::Result<Outcome> {
    let model = load_model(&args.model)?;
    let gates = args.gates.as_deref().map(|path| {
        let name = || format!("gates file `{}`", path.display());
        let text = fs::read_to_string(path).with_context(name)?;
        Gates::from_toml(&text).with_context(name)
    });
    let gates = gates.transpose()?;
    let format = args.input_format.map(Into::into);
    let loaded = read_all(&args.data, &ReadOptions { format, ..ReadOptions::default() })?;
    let selected = select_rows(&model, loaded, args.part.into())?;
    selected.notes.iter().for_each(|note| show::say(&format!("note: {note}")));
    if let Some(cleaning) = &selected.cleaning {
        show::say(&format!("cleaning of the file:\n{cleaning}"));
    }
    let options =
        MeasureOptions { cutoff: args.cutoff, strategy: strategy(args), ..MeasureOptions::default() };
    let (part, name) = (selected.part.to_string(), file_name(&args.data));
    let mut report = measure(&model, &selected.table, &selected.rows, &part, &name, &options)?;
    if let Some(gates) = &gates {
        report.check(gates);
    }
    let mut as_text = true;
    if let Some(path) = args.junit.as_deref() {
        as_text &= put(path, &report.to_junit()?)?;
    }
    if let Some(path) = args.json.as_deref() {
        as_text &= put(path, &report.to_json())?;
    }
    if as_text {
        show::print(&show::verdicts(&report.to_text()))?;
    }
    let scored = report.data.measured + report.data.unlabelled;
    anyhow::ensure!(
        scored > 0 || args.gates.is_some(),
        "no row of `{name}` could be scored: nothing was measured"
    );
    Ok(if report.passed() { Outcome::Done } else { Outcome::CheckFailed })
}

/// The strategy table that was asked for.
fn strategy(args: &Args) -> Option<StrategyParams> {
    let cutoffs = match (&args.cutoffs, args.cutoff_step) {
        (Some(cutoffs), _) => Cutoffs::Given(cutoffs.clone()),
        (None, Some(step)) => Cutoffs::Step(step),
        (None, None) => Cutoffs::Deciles,
    };
    let (profit_per_good, loss_per_bad) = args.profit_good.zip(args.loss_bad)?;
    Some(StrategyParams { profit_per_good, loss_per_bad, cutoffs })
}

/// Writes to the file, or to standard output for `-`; whether standard output is still free.
fn put(path: &Path, text: &str) -> anyhow::Result<bool> {
    if is_dash(path) {
        show::print(text)?;
        return Ok(false);
    }
    atomic_write(path, text.as_bytes())?;
    Ok(true)
}
