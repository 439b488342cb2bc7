//! `kmeans TASK FILE K RUNS`: finds K centres in the standardised numbers of FILE (timed: from the table in memory to
//! the centres and their inertia, the numbers standardised anew in each pass).

#![allow(clippy::print_stdout, reason = "a program that prints its result")]

use arrears_benches::{Data, Outcome, answer, most_beside, time};
use arrears_train::Engine;
use arrears_train::engine::KmeansParams;
use arrears_train::lloyd::TablePoints;
use arrears_train::standardise::standardise;
use peak_alloc::PeakAlloc;
use serde_json::json;

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

fn main() -> Outcome {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [task, file, k, runs] = arguments.as_slice() else {
        return Err("usage: kmeans TASK FILE K RUNS".into());
    };
    let data = Data::read(file)?;
    let rows = data.rows()?;
    let width = rows.schema.fields.len();
    let transforms: Vec<_> = (0..width).filter_map(|field| standardise(&rows, field)).collect();
    let params = KmeansParams { k: k.parse()?, ..KmeansParams::default() };
    let fit = || Engine::Native.kmeans_points(&TablePoints::new(&rows, &transforms), &params);
    let (seconds, found) = time(runs.parse()?, fit);
    let (again, bytes) = most_beside(&MEMORY, fit);
    let found = found?;
    if again? != found {
        return Err("two fits of the same rows differ".into());
    }
    let (cells, rows) = ((rows.len() * width) as f64, rows.len() as f64);
    let found = json!({
        "inertia": found.inertia,
        "iterations": found.iterations,
        "converged": found.converged,
        "rows": rows,
        // Above what two bytes a cell take.
        "bytes_a_row": (bytes - 2.0 * cells) / rows,
    });
    println!("{}", answer(task, &seconds, &found));
    Ok(())
}
