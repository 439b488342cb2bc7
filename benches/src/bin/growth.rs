//! `growth MOST`: 20 columns of generated numbers, of 10,000 rows, ten times as many, and so on to MOST: seconds, and the most
//! memory beside the numbers, of a decision tree of depth 6 and of 8 centres.

#![allow(clippy::print_stdout, reason = "a program that prints its result")]

use arrears_benches::{Outcome, most_beside, time};
use arrears_train::Engine;
use arrears_train::engine::{EngineError, KmeansParams, TreeParams};
use arrears_train::grow::classification_tree;
use ndarray::Array2;
use peak_alloc::PeakAlloc;
use rand_xoshiro::Xoshiro256Plus;
use rand_xoshiro::rand_core::{RngCore, SeedableRng};
use serde_json::json;

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

const COLUMNS: usize = 20;

fn main() -> Outcome {
    let most: usize = std::env::args().nth(1).ok_or("usage: growth MOST")?.parse()?;
    let sizes = std::iter::successors(Some(10_000), |rows| Some(rows * 10)).take_while(|rows| *rows <= most);
    for rows in sizes {
        let runs = (10_000_000 / rows).clamp(3, 30);
        let (columns, bad) = table(rows);
        let views: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
        measure("tree", rows, runs, || classification_tree(&views, &bad, None, &TreeParams::default()))?;
        let points = points(&columns);
        drop(columns);
        let params = KmeansParams { k: 8, ..KmeansParams::default() };
        measure("kmeans", rows, runs, || Engine::Native.kmeans(&points, &params))?;
    }
    Ok(())
}

/// Times a call and prints what it took.
fn measure<T>(
    what: &str,
    rows: usize,
    runs: usize,
    call: impl Fn() -> Result<T, EngineError>,
) -> Result<(), EngineError> {
    let (first, beside) = most_beside(&MEMORY, &call);
    first?;
    let (seconds, last) = time(runs, call);
    last?;
    let allowed = rows * (2 * COLUMNS + 8);
    let (best, median) = (seconds[0], seconds[runs / 2]);
    println!(
        "{}",
        json!({ "growth": what, "rows": rows, "best": best, "median": median, "beside": beside, "allowed": allowed })
    );
    Ok(())
}

/// The same numbers row by row, an eighth of the rows moved to each corner of a cube of width 3.
fn points(columns: &[Vec<f64>]) -> Array2<f64> {
    let corner = |row: usize, column: usize| 3.0 * ((row % 8) >> (column % 3) & 1) as f64;
    let number = |(row, column): (usize, usize)| columns[column][row] + corner(row, column);
    Array2::from_shape_fn((columns[0].len(), COLUMNS), number)
}

/// Sums of four even numbers, nearly normal; a fifth of the rows is bad, by the first three columns.
fn table(rows: usize) -> (Vec<Vec<f64>>, Vec<bool>) {
    let mut random = Xoshiro256Plus::seed_from_u64(1);
    let mut even = || (random.next_u64() >> 11) as f64 / (1u64 << 53) as f64;
    let mut column = || (0..rows).map(|_| even() + even() + even() + even() - 2.0).collect::<Vec<f64>>();
    let columns: Vec<Vec<f64>> = (0..COLUMNS).map(|_| column()).collect();
    let noise = column();
    let risk = |row: usize| columns[0][row] - columns[1][row] + 0.5 * columns[2][row] + noise[row];
    let bad = (0..rows).map(|row| risk(row) > 0.8).collect();
    (columns, bad)
}
