//! `engines TASK FILE ENGINE K`: the same rows by another engine: a decision tree of depth 6 where TASK is `tree`, else K centres
//! of the standardised numbers from one start (timed: the call, on a matrix in memory).

#![allow(clippy::print_stdout, reason = "a program that prints its result")]

use arrears_benches::{Data, Outcome, time};
use arrears_train::Engine;
use arrears_train::engine::{KmeansParams, TreeNode, TreeParams};
use arrears_train::standardise::standardise;
use arrears_validate::Ranked;
use ndarray::{Array2, ArrayView1};
use serde_json::{Value, json};

fn main() -> Outcome {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [task, file, engine, k] = arguments.as_slice() else {
        return Err("usage: engines TASK FILE ENGINE K".into());
    };
    let engine: Engine = engine.parse()?;
    let data = Data::read(file)?;
    let rows = data.rows()?;
    let width = rows.schema.fields.len();
    let transforms: Vec<_> = (0..width).filter_map(|field| standardise(&rows, field)).collect();
    let number = |(row, column): (usize, usize)| {
        let transform = &transforms[column];
        transform.number(rows.cell(row, transform.field()))
    };
    let records = Array2::from_shape_fn((rows.len(), transforms.len()), number);
    let (seconds, found): (Vec<f64>, Value) = if task == "tree" {
        let (seconds, tree) = time(1, || engine.tree(&records, &rows.bad, &TreeParams::default()));
        let leaves = leaves(&tree?, &records);
        (seconds, json!({ "auc": Ranked::new(&rows.bad, &bad_rates(&leaves, &rows.bad))?.auc() }))
    } else {
        let params = KmeansParams { k: k.parse()?, restarts: 1, ..KmeansParams::default() };
        let (seconds, fit) = time(1, || engine.kmeans(&records, &params));
        (seconds, json!({ "inertia": fit?.inertia, "iterations": Value::Null }))
    };
    let package = engine.to_string();
    let (best, runs) = (seconds[0], seconds.len());
    println!(
        "{}",
        json!({ "task": task, "package": package, "version": "", "best": best, "median": best, "runs": runs, "found": found })
    );
    Ok(())
}

/// The leaf of each row.
fn leaves(nodes: &[TreeNode], records: &Array2<f64>) -> Vec<usize> {
    let leaf = |row: ArrayView1<'_, f64>| {
        let mut here = 0;
        while let Some(split) = &nodes[here].split {
            here = if row[split.column] < split.threshold { split.left } else { split.right };
        }
        here
    };
    records.rows().into_iter().map(leaf).collect()
}

/// The bad rate of each row's leaf.
fn bad_rates(leaves: &[usize], bad: &[bool]) -> Vec<f64> {
    let mut tallies = vec![(0u32, 0u32); leaves.iter().max().map_or(0, |most| most + 1)];
    for (leaf, bad) in leaves.iter().zip(bad) {
        tallies[*leaf].0 += 1;
        tallies[*leaf].1 += u32::from(*bad);
    }
    leaves.iter().map(|leaf| f64::from(tallies[*leaf].1) / f64::from(tallies[*leaf].0)).collect()
}
