//! The command line of arrears: parse, call one library function, print.
//!
//! | module | what it does |
//! |---|---|
//! | `demo`, `train`, `bin`, `inspect`, `validate`, `score`, `grade`, `serve`, `replay`, `features`, `assess`, `labels`, `reports`, `simulate`, `completions` | one subcommand each, its options beside it |
//! | `bin_text`, `train_text`, `segment_text` | tables of `bin`, `train` and of segments for people |
//! | `place`, `inputs`, `database` | the words for files, `-` and formats; files by pattern; queries and tables |
//! | `show` | results to standard output, messages to standard error |
//! | `recipe` | a recipe that names its data, or a data file alone |
//! | `progress` | a spinner, on terminals only |
//! | `exit` | 0 done, 1 a check failed, 2 could not run |

mod amount_text;
mod assess;
mod bin;
mod bin_text;
mod completions;
mod database;
mod demo;
mod demo_shop;
mod exit;
mod expert_text;
mod features;
mod grade;
mod inputs;
mod inspect;
mod labels;
mod leaf_text;
mod place;
mod progress;
mod recipe;
mod replay;
mod reports;
mod score;
mod scores_text;
mod segment_text;
mod segments_text;
mod serve;
mod show;
mod simulate;
mod train;
mod train_expert;
mod train_options;
mod train_text;
mod validate;

use clap::{Parser, Subcommand};
use std::process::ExitCode;

/// Tells which customers will not pay, how sure that is, and why.
#[derive(Debug, Parser)]
#[command(
    name = "arrears",
    version,
    about,
    propagate_version = true,
    arg_required_else_help = true,
    after_help = "\
Examples:
  arrears demo                                        see it work on bundled data
  arrears train customers.csv --target status --positive bad
  arrears bin customers.csv --target status --positive bad
  arrears validate models/customers-scorecard/1.0.0 customers.csv
  arrears score models/customers-scorecard/1.0.0 new.csv -o scored.csv
  arrears grade models/customers-scorecard/1.0.0 customers.csv
  arrears serve models
  arrears features shop.toml --as-of 2026-09-30 -o features.parquet
  arrears assess shop.toml --as-of 2026-09-30
  arrears reports shop.toml --customers customers.csv -o reports.ndjson

DATA is .csv, .csv.gz, .parquet, .ndjson or .ndjson.gz. MODEL is a model.json or its folder.
Results go to standard output or the named file, messages to standard error.
Exit codes: 0 done, 1 a check failed, 2 could not run."
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Demo(demo::Args),
    Train(train::Args),
    Bin(bin::Args),
    Inspect(inspect::Args),
    Validate(validate::Args),
    Score(score::Args),
    Grade(grade::Args),
    Serve(serve::Args),
    Replay(replay::Args),
    Features(features::Args),
    Assess(assess::Args),
    Labels(labels::Args),
    Reports(reports::Args),
    Simulate(simulate::Args),
    Completions(completions::Args),
}

fn main() -> ExitCode {
    arrears_data::hide_caught_panics();
    exit::code(match Cli::parse().command {
        Command::Demo(args) => demo::run(&args),
        Command::Train(args) => train::run(args),
        Command::Bin(args) => bin::run(&args),
        Command::Inspect(args) => inspect::run(&args),
        Command::Validate(args) => validate::run(&args),
        Command::Score(args) => score::run(args),
        Command::Grade(args) => grade::run(&args),
        Command::Serve(args) => serve::run(args),
        Command::Replay(args) => replay::run(args),
        Command::Labels(args) => labels::run(&args),
        Command::Reports(args) => reports::run(&args),
        Command::Simulate(args) => simulate::run(&args),
        Command::Features(args) => features::run(args),
        Command::Assess(args) => assess::run(args),
        Command::Completions(args) => completions::run(&args),
    })
}
