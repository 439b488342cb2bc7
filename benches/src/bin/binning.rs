//! `binning TASK FILE PREBINS.json RUNS`: bins every column of FILE with its own pre-bins (timed), and again
//! from the split points in PREBINS.json (`{"prebins": N, "splits": {column: [..]}}`), so that the total IV can
//! be compared on the same pre-bins.

#![allow(clippy::print_stdout, reason = "a program that prints its result")]

use arrears_benches::{Outcome, answer, rows, time};
use arrears_model::points::iv;
use arrears_model::transform::Transform;
use arrears_train::binning::monotone::{join, merge};
use arrears_train::binning::tally::{tally, unzip};
use arrears_train::binning::{BinningParams, bin_field};
use arrears_train::rows::Rows;
use serde_json::{Map, Value, json};

fn main() -> Outcome {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [task, file, prebins, runs] = arguments.as_slice() else {
        return Err("usage: binning TASK FILE PREBINS.json RUNS".into());
    };
    let rows = rows(file)?;
    let given: Value = serde_json::from_str(&std::fs::read_to_string(prebins)?)?;
    let most = given["prebins"].as_u64().ok_or("`prebins` must be a whole number")? as usize;
    // The peers bin without a least bin size or a largest number of bins beyond those of the pre-bins.
    let params = BinningParams { prebins: most, max_bins: 100, min_share: 0.0, ..BinningParams::default() };
    let fields = 0..rows.schema.fields.len();
    let (seconds, binned) = time(runs.parse()?, || {
        fields.clone().map(|field| bin_field(&rows, field, &params)).collect::<Vec<_>>()
    });
    let mut own = Map::new();
    let mut same = Map::new();
    for (field, binned) in binned.iter().enumerate() {
        let (counts, bads) = unzip(&binned.tallies);
        own.insert(rows.field(field).name.clone(), json!(iv(&counts, &bads)));
        let splits = splits(&given["splits"][&rows.field(field).name])?;
        same.insert(rows.field(field).name.clone(), json!(iv_on(&rows, field, splits, &params)));
    }
    println!("{}", answer(task, &seconds, &json!({ "iv": own, "same_prebins": same })));
    Ok(())
}

fn splits(list: &Value) -> Result<Vec<f64>, String> {
    let number = |value: &Value| value.as_f64().ok_or_else(|| format!("a split is {value}, not a number"));
    list.as_array().ok_or("a column has no splits")?.iter().map(number).collect()
}

/// IV of the best bins made of the given pre-bins; missing values are a bin of their own.
fn iv_on(rows: &Rows, field: usize, splits: Vec<f64>, params: &BinningParams) -> f64 {
    let fine = Transform::Intervals { field, splits };
    let tallies = tally(rows, &fine);
    let (regular, special) = tallies.split_at(fine.regular_bins());
    let mut bins = join(regular, &merge(regular, rows.len() as u64, params));
    bins.extend_from_slice(special);
    let (counts, bads) = unzip(&bins);
    iv(&counts, &bads)
}
