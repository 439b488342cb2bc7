//! `logistic TASK FILE RUNS`: fits an unpenalised logistic regression on the numbers of FILE as they stand
//! (timed: the fit alone, on a matrix in memory).

#![allow(clippy::print_stdout, reason = "a program that prints its result")]

use arrears_benches::{Data, Outcome, answer, time};
use arrears_train::Engine;
use arrears_train::engine::LogisticParams;
use ndarray::Array2;
use serde_json::json;

fn main() -> Outcome {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [task, file, runs] = arguments.as_slice() else {
        return Err("usage: logistic TASK FILE RUNS".into());
    };
    let data = Data::read(file)?;
    let rows = data.rows()?;
    let width = rows.schema.fields.len();
    let mut records = Array2::zeros((rows.len(), width));
    for field in 0..width {
        let numbers = rows.numbers(field);
        if numbers.len() != rows.len() {
            return Err(format!("column {} has missing values", rows.field(field).name).into());
        }
        records.column_mut(field).iter_mut().zip(numbers).for_each(|(cell, number)| *cell = number);
    }
    let params = LogisticParams { l2: 0.0, tolerance: 1e-8, ..LogisticParams::default() };
    let (seconds, fit) = time(runs.parse()?, || Engine::Linfa.logistic(&records, &rows.bad, &params));
    let fit = fit?;
    let mut coefficients = vec![fit.intercept];
    coefficients.extend(&fit.coefficients);
    let found = json!({ "coefficients": coefficients, "gradient_norm": fit.gradient_norm });
    println!("{}", answer(task, &seconds, &found));
    Ok(())
}
