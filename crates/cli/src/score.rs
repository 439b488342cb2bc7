//! `arrears score`: new customers through a model.

use crate::exit::Outcome;
use crate::place::{FormatName, is_dash};
use crate::progress::Spinner;
use crate::show;
use arrears_data::Format;
use arrears_serve::{Input, Output, ScoreOptions, load_model, score_file};
use std::io;
use std::path::PathBuf;

/// Score new customers: pd, score, grade and reasons, or a segment
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Columns are found by name; others are ignored. Every row is either in the output or in the rejects, with line, column, value and why. Rejects go to OUT.rejects.csv; without a file to write to, to standard error.

Output of models that give a pd: id, pd, score, grade, reason_1 ... reason_4, flags, model.
A tree says after the grade which leaf it is, numbered as by `arrears inspect`, which gives its rule.
Output of segments: id, segment, distance, margin (to the next segment; 0 on the border), novel (yes: unlike the customers the model was trained on), flags, model.
With --points a column for each characteristic follows: points_age, and points_age and home for a pair.

Examples:
  arrears score models/credit-scorecard/1.0.0 new.csv -o scored.csv
  arrears score models/credit-scorecard/1.0.0 new.parquet -o scored.parquet --rejects bad-rows.csv
  arrears score models/credit-scorecard/1.0.0 new.csv --points -o scored.csv
  zcat new.csv.gz | arrears score models/credit-tree/1.0.0 - --reasons 1 | head")]
pub(crate) struct Args {
    /// A model.json, or the folder that holds it
    model: PathBuf,
    /// Customers to score: a file, or - for standard input
    data: PathBuf,
    /// File to write; its extension tells the format [default: standard output]
    #[arg(short, long, value_name = "OUT")]
    output: Option<PathBuf>,
    /// File for the rows that cannot be scored, as CSV
    #[arg(long, value_name = "FILE")]
    rejects: Option<PathBuf>,
    /// Reasons for each row, 0 to 4
    #[arg(long, value_name = "N", default_value_t = 4, allow_negative_numbers = true, value_parser = clap::value_parser!(u8).range(0..=4))]
    reasons: u8,
    /// Add the points of each characteristic: they add up to the score (scorecard and scorecard-plus)
    #[arg(long)]
    points: bool,
    /// Column that names each row, instead of the model's
    #[arg(long, value_name = "COLUMN")]
    id: Option<String>,
    /// Format of the output, where no extension tells it [default: csv]
    #[arg(long, value_enum)]
    format: Option<FormatName>,
    /// Format of DATA, where no extension tells it [default for standard input: csv]
    #[arg(long, value_enum)]
    input_format: Option<FormatName>,
}

pub(crate) fn run(args: Args) -> anyhow::Result<Outcome> {
    let model = load_model(&args.model)?;
    let input_format = args.input_format.map(Format::from);
    let input = if is_dash(&args.data) {
        let (name, format) = ("standard input".to_owned(), input_format.unwrap_or(Format::Csv));
        Input::Stream { name, format, stream: Box::new(io::stdin()) }
    } else {
        Input::File { path: args.data, format: input_format }
    };
    let format = args.format.map(Format::from);
    let output = match args.output.filter(|path| !is_dash(path)) {
        Some(path) => Output::File { path, format },
        None => Output::Stream {
            name: "standard output".to_owned(),
            format: format.unwrap_or(Format::Csv),
            stream: Box::new(io::stdout()),
        },
    };
    let rejects = match args.rejects {
        Some(path) => Output::file(path),
        None => output.rejects_beside().unwrap_or_else(|| Output::Stream {
            name: "standard error".to_owned(),
            format: Format::Csv,
            stream: Box::new(io::stderr()),
        }),
    };
    let (reasons, points) = (usize::from(args.reasons), args.points);
    let options = ScoreOptions { output, rejects, reasons, points, id: args.id };
    let spinner = Spinner::new("scoring");
    let summary = score_file(&model, input, options, |progress| {
        spinner.say(format!("{} rows", show::count(progress.rows)));
    });
    drop(spinner);
    show::say(&summary?.to_text());
    Ok(Outcome::Done)
}
