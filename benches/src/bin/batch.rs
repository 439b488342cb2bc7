//! `batch TASK TRAIN FILE OUT RUNS REASONS`: fits a scorecard on TRAIN and scores FILE into OUT, whole and on the disk (timed): pd,
//! score and grade, with so many reasons. `found` has
//! the seconds that decoding the model's columns takes alone, the rows, and the most memory the process held, in MB.
//! TRAIN may be a model file: then nothing but the batch is in that memory.

#![allow(clippy::print_stdout, reason = "a program that prints its result")]

use arrears_benches::{Outcome, answer_of, load, package, recipe, time};
use arrears_data::{Piece, ReadOptions, open};
use arrears_model::{Model, ModelKind};
use arrears_serve::{Input, Output, ScoreOptions, load_model, score_file};
use arrears_train::train;
use rayon::prelude::*;
use serde_json::json;
use std::error::Error;
use std::path::Path;

fn main() -> Outcome {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [task, train_on, file, out, runs, reasons] = arguments.as_slice() else {
        return Err("usage: batch TASK TRAIN FILE OUT RUNS REASONS; TRAIN may be a model.json".into());
    };
    let threads = std::env::var("BENCH_THREADS").map_or(Ok(2), |n| n.parse())?;
    rayon::ThreadPoolBuilder::new().num_threads(threads).build_global()?;
    let model =
        if train_on.ends_with(".json") { load_model(Path::new(train_on))? } else { fitted(train_on)? };
    let (runs, reasons) = (runs.parse()?, reasons.parse()?);
    let (seconds, summary) = time(runs, || score(&model, file, out, reasons));
    let rows = summary?.scored;
    let (decoding, decoded) = time(runs, || decode(&model, Path::new(file)));
    if decoded? as u64 != rows {
        return Err("rows were lost".into());
    }
    let found = json!({
        "rows": rows,
        "seconds": seconds[seconds.len() / 2],
        "decoding": decoding[decoding.len() / 2],
        "most_memory": most_memory().unwrap_or(f64::NAN),
        "bytes": std::fs::metadata(out)?.len(),
    });
    println!("{}", answer_of(&package(reasons), task, &seconds, &found));
    Ok(())
}

/// A scorecard that reads every column: those that say little too.
fn fitted(file: &str) -> Result<Model, Box<dyn Error>> {
    let loaded = load(file)?;
    let names: Vec<&String> = loaded.table.columns().iter().filter(|name| *name != "bad").collect();
    let mut recipe = recipe(&format!("[selection]\nforce_in = {names:?}\n"))?;
    recipe.model.kind = ModelKind::Scorecard;
    let all = names.len();
    let model = train(&recipe, loaded, "bench")?.model;
    match model.schema.fields.len() {
        fields if fields == all => Ok(model),
        fields => Err(format!("the model reads {fields} of {all} columns").into()),
    }
}

fn score(
    model: &Model,
    file: &str,
    out: &str,
    reasons: usize,
) -> Result<arrears_serve::Summary, arrears_serve::ServeError> {
    let output = Output::file(out);
    let rejects = output.rejects_beside().expect("a file has a place beside it");
    let id = Some("id".to_owned());
    let options = ScoreOptions { output, rejects, reasons, points: false, id, overrides: None };
    score_file(model, Input::file(file), options, |_| {})
}

/// Reads the model's columns and nothing else; the rows there were.
fn decode(model: &Model, file: &Path) -> Result<usize, arrears_data::DataError> {
    let mut source = open(file, &ReadOptions::default())?;
    source.read_for(&model.schema, &["id"]);
    let mut rows = 0;
    let mut next = source.next_pieces();
    while let Some(pieces) = next {
        let pieces = pieces?;
        let count = |piece: Piece| piece.chunks().map(|chunks| chunks.iter().map(|c| c.table.rows()).sum());
        let (counts, read_on) = rayon::join(
            || pieces.into_par_iter().map(count).collect::<Result<Vec<usize>, _>>(),
            || source.next_pieces(),
        );
        rows += counts?.iter().sum::<usize>();
        next = read_on;
    }
    Ok(rows)
}

/// The most memory of this process so far, in MB, where the system tells it.
fn most_memory() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(line.trim().trim_end_matches(" kB").parse::<f64>().ok()? / 1024.0)
}
