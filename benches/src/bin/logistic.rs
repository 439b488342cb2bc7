//! `logistic TASK FILE RUNS`: fits an unpenalised logistic regression on the numbers of FILE as they stand
//! (timed: the fit alone, on columns in memory).

#![allow(clippy::print_stdout, reason = "a program that prints its result")]

use arrears_benches::{Data, Outcome, answer, time};
use arrears_train::regression::{Column, Design, RegressionParams, regress};
use serde_json::json;

fn main() -> Outcome {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [task, file, runs] = arguments.as_slice() else {
        return Err("usage: logistic TASK FILE RUNS".into());
    };
    let data = Data::read(file)?;
    let rows = data.rows()?;
    let width = rows.schema.fields.len();
    let columns: Vec<Vec<f64>> = (0..width).map(|field| rows.numbers(field)).collect();
    if let Some(field) = columns.iter().position(|numbers| numbers.len() != rows.len()) {
        return Err(format!("column {} has missing values", rows.field(field).name).into());
    }
    let design = Design { columns: columns.iter().map(|c| Column::Numbers(c)).collect(), rows: rows.len() };
    let params = RegressionParams { tolerance: 1e-8, ..RegressionParams::default() };
    let (seconds, fit) = time(runs.parse()?, || regress(&design, &rows.observations(), &params));
    let fit = fit?;
    let mut coefficients = vec![fit.intercept];
    coefficients.extend(&fit.coefficients);
    let found = json!({ "coefficients": coefficients, "gradient_norm": fit.gradient_norm });
    println!("{}", answer(task, &seconds, &found));
    Ok(())
}
