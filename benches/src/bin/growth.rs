//! `growth MOST`: 20 columns of generated numbers, of 10,000 rows, ten times as many, and so on to MOST: seconds and the most
//! memory beside the table of a decision tree of depth 6.

#![allow(clippy::print_stdout, reason = "a program that prints its result")]

use arrears_benches::{Outcome, time};
use arrears_train::engine::TreeParams;
use arrears_train::grow::classification_tree;
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
        let (columns, bad) = table(rows);
        let views: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
        let runs = (10_000_000 / rows).clamp(3, 30);
        MEMORY.reset_peak_usage();
        let before = MEMORY.current_usage();
        let params = TreeParams::default();
        let (seconds, tree) = time(runs, || classification_tree(&views, &bad, None, &params));
        let beside = MEMORY.peak_usage().saturating_sub(before);
        let found = json!({
            "task": "growth, tree",
            "rows": rows,
            "best": seconds[0],
            "median": seconds[runs / 2],
            "bytes_beside": beside,
            "bytes_allowed": rows * (2 * COLUMNS + 8),
            "leaves": tree?.nodes.len().div_ceil(2),
        });
        println!("{found}");
    }
    Ok(())
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
