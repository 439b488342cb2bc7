//! `arrears replay`: every decision of a log made again.

use crate::exit::Outcome;
use crate::progress::{Pace, Spinner};
use crate::show::{self, count, printable, table};
use arrears_serve::http::{Finding, ReplayOptions, Replayed, replay};
use serde_json::{Value, json};
use std::path::PathBuf;

/// Check a decision log: follow its chain and score every body again
#[derive(Debug, clap::Args)]
#[command(after_help = "\
LOG is the folder of `arrears serve --decision-log`, or one of its segments. Every line must be as it was written and follow the one before; every body, scored again with the model that scored it then, must give the same bits. The service may go on writing meanwhile. The last hash stands for the whole log: kept elsewhere, it shows later that no line behind it was cut off or made anew.

Exit code 1: a result differs, a line is damaged or missing, or a decision cannot be made again.

Examples:
  arrears replay decisions
  arrears replay decisions/decisions-00000007.ndjson --models models
  arrears replay decisions --json | jq .last_hash")]
pub(crate) struct Args {
    /// Folder of a decision log, or one of its segments
    log: PathBuf,
    /// More models than the log has kept: a folder of name/version/model.json, or of SHA256.json
    #[arg(long, value_name = "DIR")]
    models: Option<PathBuf>,
    /// Print the result as JSON
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(args: Args) -> anyhow::Result<Outcome> {
    let options = ReplayOptions { log: args.log, models: args.models };
    let (pace, spinner) = (Pace::start(), Spinner::new("replaying"));
    let replayed = replay(&options, |customers, read| spinner.say(pace.text(customers, Some(read))))?;
    drop(spinner);
    show::print(&if args.json { format!("{:#}\n", as_json(&replayed)) } else { text(&replayed) })?;
    Ok(if replayed.passed() { Outcome::Done } else { Outcome::CheckFailed })
}

fn as_json(replayed: &Replayed) -> Value {
    let place = |place: &Option<(u64, String)>| {
        place.as_ref().map(|(sequence, time)| json!({ "sequence": sequence, "time": time }))
    };
    let finding = |finding: &Finding| json!({ "file": finding.file, "line": finding.line, "customer": finding.customer, "what": finding.what });
    json!({
        "passed": replayed.passed(),
        "segments": replayed.segments,
        "requests": replayed.requests,
        "customers": replayed.customers,
        "equal": replayed.equal,
        "different": replayed.different,
        "unreadable": replayed.unreadable,
        "breaks": replayed.breaks,
        "unfinished_bytes": replayed.unfinished_bytes,
        "first": place(&replayed.first),
        "last": place(&replayed.last),
        "last_hash": replayed.last_hash,
        "findings": replayed.findings.iter().map(finding).collect::<Vec<_>>(),
    })
}

fn text(replayed: &Replayed) -> String {
    let row = |name: &str, value: String, what: &str| vec![name.to_owned(), value, what.to_owned()];
    let place = |name: &str, place: &Option<(u64, String)>| match place {
        Some((sequence, time)) => row(name, count(*sequence), time),
        None => row(name, "-".to_owned(), ""),
    };
    let mut rows = vec![
        row("segments", count(replayed.segments), ""),
        row("requests", count(replayed.requests), ""),
        row("customers", count(replayed.customers), ""),
        row("equal", count(replayed.equal), "customers with the same bits"),
        row("different", count(replayed.different), "customers with others"),
        row("unreadable", count(replayed.unreadable), "requests that cannot be scored again"),
        row("breaks", count(replayed.breaks), "lines that are damaged, or do not follow the one before"),
        place("first sequence", &replayed.first),
        place("last sequence", &replayed.last),
    ];
    if replayed.unfinished_bytes > 0 {
        let what = "bytes of a line that is not finished; unless the log was cut, no answer was given for it";
        rows.push(row("unfinished", count(replayed.unfinished_bytes), what));
    }
    let mut text = table(&[], rows, &[1]);
    text += &format!("last hash {}\n", replayed.last_hash);
    for Finding { file, line, customer, what } in &replayed.findings {
        let customer = customer.map(|place| format!(", customer {place}")).unwrap_or_default();
        text += &printable(&format!("{file}, line {line}{customer}: {what}"));
        text.push('\n');
    }
    let bad = replayed.different + replayed.unreadable + replayed.breaks;
    if bad > replayed.findings.len() as u64 {
        text += "... and more\n";
    }
    text
}
