//! `memory FILE`: the most memory at once, beside the table, while every column of FILE is binned, and while a scorecard is
//! fitted (bins, selection, regression); in bytes a cell.

#![allow(clippy::print_stdout, reason = "a program that prints its result")]

use arrears_benches::{Data, Outcome, most_beside, recipe};
use arrears_model::model::Baseline;
use arrears_train::Engine;
use arrears_train::binning::bin_fields;
use arrears_train::binning::tally::Target;
use arrears_train::scorecard::{ScorecardParams, fit_scorecard};
use peak_alloc::PeakAlloc;
use serde_json::json;

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

fn main() -> Outcome {
    let file = std::env::args().nth(1).ok_or("usage: memory FILE")?;
    let data = Data::read(&file)?;
    let rows = data.rows()?;
    let fields: Vec<usize> = (0..rows.schema.fields.len()).collect();
    let cells = (rows.len() * fields.len()) as f64;
    let recipe = recipe("")?;
    let (binned, binning) =
        most_beside(&MEMORY, || bin_fields(&rows, &fields, Target::Bad(&rows.bad), &recipe.binning));
    drop(binned);
    let params = ScorecardParams {
        binning: &recipe.binning,
        selection: &recipe.selection,
        logistic: &recipe.logistic,
        engine: Engine::Native,
        baseline: Baseline::Max,
    };
    let (fitted, fit) = most_beside(&MEMORY, || fit_scorecard(&rows, &params));
    fitted?;
    let found = json!({ "binning": binning / cells, "fit": fit / cells });
    println!("{}", json!({ "task": "memory", "package": "arrears", "bytes_a_cell": found }));
    Ok(())
}
