//! `arrears labels`: what became of customers after observation dates.

use crate::exit::Outcome as Exit;
use crate::progress::Spinner;
use crate::show;
use arrears_behavior::labels::{BUCKETS, LabelRun, LabelSummary, Outcome};
use arrears_behavior::{Config, ReadSettings};
use arrears_data::TableWriter;
use arrears_data::arrow::array::RecordBatch;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// Label customers good or bad by what became of them after dates; vintages and roll rates
#[derive(Debug, clap::Args)]
#[command(after_help = "\
CONFIG is the file that `arrears features` reads, with a section [label] that says what bad means (docs/labels.md).

The labels have a row for each customer and date: customer, as_of, label (good, bad, indeterminate, or why the customer is excluded), bad (1, 0 or nothing), worst (most days past due in the performance window, or returns). Counts, and the roll rates of all months together, go to standard output.

Examples:
  arrears labels shop.toml --as-of 2024-12-31
  arrears labels shop.toml --as-of 2024-06-30,2024-09-30 -o labels.parquet
  arrears labels shop.toml --as-of 2024-12-31 --vintages vintages.csv --roll-rates rolls.csv")]
pub(crate) struct Args {
    /// The configuration, a TOML file
    config: PathBuf,
    /// Observation dates, such as 2024-12-31
    #[arg(long, value_name = "DATE", required = true, value_delimiter = ',')]
    as_of: Vec<String>,
    /// File for the labels; its extension tells the format
    #[arg(short, long, value_name = "OUT")]
    output: Option<PathBuf>,
    /// File for the vintages: cumulative bad rate by month of joining and months on book
    #[arg(long, value_name = "FILE")]
    vintages: Option<PathBuf>,
    /// File for the roll rates: customers by bucket of arrears at one end of a month and at the next
    #[arg(long, value_name = "FILE")]
    roll_rates: Option<PathBuf>,
}

pub(crate) fn run(args: &Args) -> anyhow::Result<Exit> {
    let config = Config::read(&args.config)?;
    let run = LabelRun::new(&config, &args.as_of)?;
    if !run.has_bills() && (args.vintages.is_some() || args.roll_rates.is_some()) {
        anyhow::bail!("vintages and roll rates are of arrears: they need kind = \"past_due\" in [label]");
    }
    let writer =
        args.output.as_deref().map(|path| TableWriter::create(path, None, LabelRun::schema())).transpose()?;
    let spinner = Spinner::new("reading");
    let summary = run.write(ReadSettings::default(), writer);
    drop(spinner);
    let summary = summary?;
    if let Some(path) = &args.vintages {
        write(path, &summary.vintages.batch()?)?;
    }
    if let Some(path) = &args.roll_rates {
        write(path, &summary.roll_rates.batch()?)?;
    }
    show::say(&summary.cleaning.to_text());
    show::print(&counts(&summary))?;
    if run.has_bills() {
        show::print(&roll_rates(&summary))?;
    }
    Ok(Exit::Done)
}

fn write(path: &Path, batch: &RecordBatch) -> anyhow::Result<()> {
    let mut writer = TableWriter::create(path, None, batch.schema())?;
    writer.write(batch)?;
    Ok(writer.finish()?)
}

/// Customers by date and outcome, and the bad rate among the good and the bad.
fn counts(summary: &LabelSummary) -> String {
    let mut header = vec!["as of"];
    header.extend(Outcome::ALL.iter().map(|outcome| outcome.name()));
    header.push("bad rate");
    let row = |(date, counts): &(String, arrears_behavior::labels::LabelCounts)| {
        let [good, bad, ..] = counts.0;
        let counts = counts.0.iter().map(|count| show::count(*count));
        [date.clone()].into_iter().chain(counts).chain([show::share(bad, good + bad)]).collect()
    };
    let numbers: Vec<usize> = (1..header.len()).collect();
    show::table(&header, summary.as_of.iter().map(row).collect(), &numbers)
}

/// The moves of all months together, as shares of the bucket before.
fn roll_rates(summary: &LabelSummary) -> String {
    let mut header = vec!["days past due", "customers"];
    header.extend(BUCKETS);
    let row = |(bucket, moves): (&&str, &[u64; BUCKETS.len()])| {
        let all = moves.iter().sum();
        let shares = moves.iter().map(|count| show::share(*count, all));
        [(*bucket).to_owned(), show::count(all)].into_iter().chain(shares).collect()
    };
    let total = summary.roll_rates.total();
    let rows = BUCKETS.iter().zip(&total).map(row).collect();
    let mut text = String::new();
    // writing to a text cannot fail
    let _ = write!(text, "\n{}", show::heading("From one end of a month to the next, all months"));
    text + &show::table(&header, rows, &[1, 2, 3, 4, 5, 6])
}
