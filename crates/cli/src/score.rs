//! `arrears score`: new customers through a model.

use crate::database;
use crate::exit::Outcome;
use crate::inputs;
use crate::place::{FormatName, is_dash};
use crate::progress::{Pace, Spinner};
use crate::show;
use anyhow::bail;
use arrears_data::Format;
use arrears_model::Model;
use arrears_postgres::Query;
use arrears_serve::{
    Input, ManyOptions, ManyOutcome, Output, Overrides, ScoreOptions, load_model, score_file, score_files,
};
use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;

/// Score new customers: pd, score, grade and reasons, or a segment, or an amount
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Columns are found by name; others are ignored. Every row is either in the output or in the rejects, with line, column, value and why. Rejects go to OUT.rejects.csv; without a file to write to, to standard error.

The first column is the id, under its own name, or `row`, the line, where there is none.
Output of models that give a pd: id, pd, score, grade, reason_1 ... reason_4, flags, model.
A tree says after the grade which leaf it is, numbered as by `arrears inspect`, which gives its rule.
Output of amount-tree: id, amount, leaf, reason_1 ... reason_4 (what raises the amount most), flags, model.
Output of segments: id, segment, distance, margin (to the next segment; 0 on the border), novel (yes: unlike the customers the model was trained on), flags, model.
Models with decisions add limit, tier and strategy after the grade. With --overrides FILE --as-of DATE the grades and limits that people set take the place of the model's, which then stand in model_grade and model_limit, and `override` says who, until when and why.
With --points a column for each characteristic follows: points_age, and points_age and home for a pair.

Many files go into a folder, -o OUT/, each under its own name (with --format under that extension), rejects beside it. What is finished is noted there in .arrears-score.ndjson; with --resume a file is passed over when its note is of the same model and options, and input and output are as they were then. A file that cannot be scored keeps no other from it: the run names it at the end, with exit code 2. Outputs appear whole or not at all; a run that was killed may leave hidden files .arrears-*.tmp, which the next run into the folder removes.

With --from the rows of a query are scored, in one transaction that only reads; `line` in the rejects is the row of the query. With --to results go into a table, one row for each id, all of them or none. What an address leaves out comes from PGHOST, PGPORT, PGUSER, PGDATABASE, PGPASSWORD, PGSSLMODE, PGSSLROOTCERT, PGOPTIONS and ~/.pgpass, where the password is best kept.

Examples:
  arrears score models/credit-scorecard/1.0.0 new.csv -o scored.csv
  arrears score models/credit-scorecard/1.0.0 new.parquet -o scored.parquet --rejects bad-rows.csv
  arrears score models/credit-scorecard/1.0.0 new.csv --points -o scored.csv
  arrears score models/credit-scorecard/1.0.0 'branches/*.parquet' -o scored/
  arrears score models/credit-scorecard/1.0.0 'branches/*.parquet' -o scored/ --resume
  zcat new.csv.gz | arrears score models/credit-tree/1.0.0 - --reasons 1 | head
  arrears score models/credit-tree/1.0.0 --from postgres://db/bank --query 'table new' -o scored.csv
  arrears score models/credit-tree/1.0.0 new.csv --to postgres://db/bank --table scores")]
pub(crate) struct Args {
    /// A model.json, or the folder that holds it
    model: PathBuf,
    /// Customers to score: files, patterns such as 'new/*.csv', or - for standard input
    #[arg(required_unless_present = "from")]
    data: Vec<PathBuf>,
    /// File to write; its extension tells the format. A folder (OUT/) gets one file for each of DATA [default: standard output]
    #[arg(short, long, value_name = "OUT")]
    output: Option<PathBuf>,
    /// Go on where an earlier run into the same folder ended: files that it finished are passed over
    #[arg(long)]
    resume: bool,
    /// File for the rows that cannot be scored, as CSV
    #[arg(long, value_name = "FILE")]
    rejects: Option<PathBuf>,
    /// Exit with code 1 where more rows are rejected than this: a number, or a share such as 0.5%. Outputs are written all the same
    #[arg(long, value_name = "N|P%")]
    max_rejects: Option<MaxRejects>,
    /// Reasons for each row, 0 to 4
    #[arg(long, value_name = "N", default_value_t = 4, allow_negative_numbers = true, value_parser = clap::value_parser!(u8).range(0..=4))]
    reasons: u8,
    /// Add the points of each characteristic: they add up to the score (scorecard and scorecard-plus)
    #[arg(long)]
    points: bool,
    /// Grades and limits that people set (CSV: customer, field, value, reason, author, expires; docs/decisions.md)
    #[arg(long, value_name = "FILE", requires = "as_of")]
    overrides: Option<PathBuf>,
    /// Day on which overrides have to hold, such as 2026-09-30
    #[arg(long, value_name = "DATE", requires = "overrides")]
    as_of: Option<String>,
    /// Column that names each row, instead of the model's
    #[arg(long, value_name = "COLUMN")]
    id: Option<String>,
    /// Format of the output, where no extension tells it [default: csv]
    #[arg(long, value_enum)]
    format: Option<FormatName>,
    /// Format of DATA, where no extension tells it [default for standard input: csv]
    #[arg(long, value_enum)]
    input_format: Option<FormatName>,
    #[command(flatten)]
    database: database::DatabaseArgs,
}

pub(crate) fn run(args: Args) -> anyhow::Result<Outcome> {
    let files = args.data.iter().chain(&args.output).chain(&args.rejects).chain([&args.model]);
    database::refuse_addresses(files.map(PathBuf::as_path))?;
    args.database.check()?;
    let data = inputs::expanded(&args.data)?;
    let folder = args.output.clone().filter(|path| is_folder(path));
    match (folder, data.as_slice()) {
        (Some(_), []) => bail!("the rows of a query go into one file or table: name a file with -o"),
        (Some(folder), _) => run_many(args, data, folder),
        (None, []) => run_one(&args, None),
        (None, [one]) if !args.resume => run_one(&args, Some(one)),
        (None, _) if args.database.to.is_some() => bail!("a table takes one file at a time with --to"),
        (None, [_]) => bail!("--resume needs a folder of outputs: -o FOLDER/"),
        (None, _) => bail!("{} files need a folder to write to: -o FOLDER/", data.len()),
    }
}

/// Whether outputs go into a folder: it is there, or its name ends as one.
fn is_folder(path: &Path) -> bool {
    path.is_dir() || path.to_string_lossy().ends_with(std::path::is_separator)
}

fn run_many(args: Args, data: Vec<PathBuf>, folder: PathBuf) -> anyhow::Result<Outcome> {
    if data.iter().any(|path| is_dash(path)) {
        bail!("standard input cannot go into a folder: name a file with -o");
    }
    if args.rejects.is_some() {
        bail!("--rejects is for one file; in a folder the rejects of each stand beside its output");
    }
    let model = load_model(&args.model)?;
    let overrides = overrides(&args, &model)?;
    let options = ManyOptions {
        inputs: data,
        input_format: args.input_format.map(Format::from),
        folder,
        format: args.format.map(Format::from),
        reasons: usize::from(args.reasons),
        points: args.points,
        id: args.id,
        overrides,
        resume: args.resume,
    };
    let (spinner, pace) = (Spinner::new("scoring"), Pace::start());
    let outcomes = score_files(&model, &options, |progress| {
        let ((file, files), pace) = (progress.file, pace.text(progress.rows, Some(progress.read)));
        spinner.say(format!("file {file} of {files}: {pace}"));
    });
    drop(spinner);
    let (mut rows, mut rejected, mut kept, mut failed) = (0, 0, 0, Vec::new());
    let mut overridden = BTreeSet::new();
    for outcome in outcomes? {
        match outcome {
            ManyOutcome::Scored(summary) => {
                rows += summary.rows;
                rejected += summary.rejected;
                overridden.extend(&summary.overridden);
                show::say(&summary.to_text());
            }
            ManyOutcome::Kept { output, rows: of_file, rejected: refused, overridden: used } => {
                overridden.extend(used);
                rows += of_file;
                rejected += refused;
                kept += 1;
                show::say(&format!("{output} is there already, of {of_file} rows"));
            }
            ManyOutcome::Failed { input, why, earlier } => {
                let earlier = earlier.map(|output| format!("; `{output}` of an earlier run is still there"));
                failed.push(format!("\n  `{input}`: {why}{}", earlier.unwrap_or_default()));
            }
        }
    }
    let (files, kept) = (
        options.inputs.len() - failed.len(),
        if kept > 0 { format!(", {kept} of them earlier") } else { String::new() },
    );
    show::say(&format!(
        "{files} files{kept}: {} rows, {} rejected",
        show::count(rows),
        show::count(rejected)
    ));
    let notes = options.overrides.iter().flat_map(|overrides| overrides.notes(&overridden));
    notes.for_each(|note| show::say(&format!("note: {note}")));
    if !failed.is_empty() {
        let (some, all) = (failed.len(), options.inputs.len());
        bail!("{some} of {all} files could not be scored; --resume scores those alone:{}", failed.concat());
    }
    Ok(within(args.max_rejects, rows, rejected))
}

/// Scores one file, or the rows of a query.
fn run_one(args: &Args, data: Option<&Path>) -> anyhow::Result<Outcome> {
    let model = load_model(&args.model)?;
    let (table, query) = (args.database.table()?, args.database.query()?);
    let output = match &table {
        Some(table) => table.output(query.as_ref().map(Query::id_types).unwrap_or_default()),
        None => output(args),
    };
    let input = query.map(database::input).or_else(|| data.map(|data| input(args, data)));
    let Some(input) = input else { bail!("there is nothing to score: name a file, or a query with --from") };
    let rejects = match args.rejects.clone() {
        Some(path) => Output::file(path),
        None => output.rejects_beside().unwrap_or_else(|| Output::Stream {
            name: "standard error".to_owned(),
            format: Format::Csv,
            stream: Box::new(io::stderr()),
        }),
    };
    let (reasons, points) = (usize::from(args.reasons), args.points);
    let overrides = overrides(args, &model)?;
    let options = ScoreOptions { output, rejects, reasons, points, id: args.id.clone(), overrides };
    let (spinner, pace) = (Spinner::new("scoring"), Pace::start());
    let summary = score_file(&model, input, options, |progress| {
        spinner.say(pace.text(progress.rows, progress.read));
    });
    drop(spinner);
    let summary = summary?;
    show::say(&summary.to_text());
    table.and_then(|table| table.report()).iter().for_each(|report| show::say(report));
    Ok(within(args.max_rejects, summary.rows, summary.rejected))
}

/// What people set, as of the day that was named.
fn overrides(args: &Args, model: &Model) -> anyhow::Result<Option<Arc<Overrides>>> {
    let named = args.overrides.as_deref().zip(args.as_of.as_deref());
    Ok(named.map(|(file, as_of)| Overrides::read(file, as_of, model).map(Arc::new)).transpose()?)
}

/// So many rejects, or so large a share of the rows.
#[derive(Clone, Copy, Debug, PartialEq)]
enum MaxRejects {
    Rows(u64),
    Percent(f64),
}

impl FromStr for MaxRejects {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let expected = || "expected a number of rows such as 100, or a share such as 0.5%".to_owned();
        match text.strip_suffix('%') {
            Some(share) => {
                let share = share.trim().parse().ok().filter(|share| (0.0..=100.0).contains(share));
                share.map(MaxRejects::Percent).ok_or_else(expected)
            }
            None => text.parse().map(MaxRejects::Rows).map_err(|_| expected()),
        }
    }
}

/// Whether there are no more rejects than may be.
fn within(most: Option<MaxRejects>, rows: u64, rejected: u64) -> Outcome {
    let (passed, said) = match most {
        None => return Outcome::Done,
        Some(MaxRejects::Rows(most)) => (rejected <= most, show::count(most)),
        Some(MaxRejects::Percent(most)) => {
            (rejected as f64 * 100.0 <= most * rows as f64, format!("{most}%"))
        }
    };
    if passed {
        return Outcome::Done;
    }
    show::say(&format!(
        "{} of {} rows were rejected, more than --max-rejects {said}",
        show::count(rejected),
        show::count(rows)
    ));
    Outcome::CheckFailed
}

fn input(args: &Args, data: &Path) -> Input {
    let input_format = args.input_format.map(Format::from);
    if is_dash(data) {
        let (name, format) = ("standard input".to_owned(), input_format.unwrap_or(Format::Csv));
        Input::Stream { name, format, stream: Box::new(io::stdin()) }
    } else {
        Input::File { path: data.to_owned(), format: input_format }
    }
}

fn output(args: &Args) -> Output {
    let format = args.format.map(Format::from);
    match args.output.clone().filter(|path| !is_dash(path)) {
        Some(path) => Output::File { path, format },
        None => Output::Stream {
            name: "standard output".to_owned(),
            format: format.unwrap_or(Format::Csv),
            stream: Box::new(io::stdout()),
        },
    }
}
