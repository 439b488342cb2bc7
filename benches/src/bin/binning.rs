//! `binning TASK FILE PREBINS.json RUNS`: bins every column of FILE with its own pre-bins (timed), and again
//! from the split points in PREBINS.json (`{"prebins": N, "splits": {column: [..]}}`), so that the total IV can
//! be compared on the same pre-bins.

#![allow(clippy::print_stdout, reason = "a program that prints its result")]

use arrears_benches::{Data, Outcome, answer, time};
use arrears_train::TrainError;
use arrears_train::binning::tally::Target;
use arrears_train::binning::{Binned, BinningParams, VariableParams, bin_fields};
use arrears_train::rows::Rows;
use serde_json::{Map, Value, json};

fn main() -> Outcome {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [task, file, prebins, runs] = arguments.as_slice() else {
        return Err("usage: binning TASK FILE PREBINS.json RUNS".into());
    };
    let data = Data::read(file)?;
    let rows = data.rows()?;
    let given: Value = serde_json::from_str(&std::fs::read_to_string(prebins)?)?;
    // Limits as the peers have them by default: pre-bins alone bound size and number of the bins.
    let params = BinningParams {
        prebins: serde_json::from_value(given["prebins"].clone())?,
        max_bins: 100,
        min_share: 0.0,
        ..BinningParams::default()
    };
    let (seconds, own) = time(runs.parse()?, || bin_all(&rows, &params));
    let mut same = params.clone();
    for field in &rows.schema.fields {
        let splits = serde_json::from_value(given["splits"][&field.name].clone())?;
        let variable = VariableParams { splits: Some(splits), merge: true, ..VariableParams::default() };
        same.variables.insert(field.name.clone(), variable);
    }
    let found = json!({ "iv": ivs(&rows, &own?), "same_prebins": ivs(&rows, &bin_all(&rows, &same)?) });
    println!("{}", answer(task, &seconds, &found));
    Ok(())
}

fn bin_all(rows: &Rows<'_>, params: &BinningParams) -> Result<Vec<Binned>, TrainError> {
    let fields: Vec<usize> = (0..rows.schema.fields.len()).collect();
    bin_fields(rows, &fields, Target::Bad(&rows.bad), params).into_iter().collect()
}

fn ivs(rows: &Rows<'_>, binned: &[Binned]) -> Map<String, Value> {
    let named = rows.schema.fields.iter().zip(binned);
    named.map(|(field, binned)| (field.name.clone(), json!(binned.iv()))).collect()
}
