//! `scoring TASK KIND FILE RUNS REASONS`: trains a model of KIND on FILE, then scores its numbers (timed: from columns in memory
//! to pd, score, grade and the positions of so many reasons of every row, in memory that was used before, with `BENCH_THREADS`
//! threads; k-means: segment and distances). With `row` for REASONS 1,000 rows one after the other instead, with four reasons, by
//! one thread; seconds are of one.

#![allow(clippy::print_stdout, reason = "a program that prints its result")]

use arrears_benches::{Outcome, answer_of, load, package, recipe, time};
use arrears_data::Table;
use arrears_model::compiled::{Ask, Column, Columns, CompiledScorer, Scores, Scratch};
use arrears_model::{Model, ModelKind, Scorer, Value};
use arrears_train::train;
use rayon::prelude::*;
use serde_json::json;
use std::error::Error;

/// Rows that a thread takes at once.
const PART: usize = 16_384;
/// Every so many rows one is scored by the plain scorer too.
const CHECKED: usize = 1_000;

fn main() -> Outcome {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [task, kind, file, runs, reasons] = arguments.as_slice() else {
        return Err("usage: scoring TASK KIND FILE RUNS REASONS|row".into());
    };
    let alone = reasons == "row";
    let ask = if alone { Ask::default() } else { Ask { reasons: reasons.parse()?, ..Ask::default() } };
    let threads = std::env::var("BENCH_THREADS").map_or(Ok(2), |n| n.parse())?;
    rayon::ThreadPoolBuilder::new().num_threads(threads).build_global()?;
    let loaded = load(file)?;
    let mut recipe = recipe("")?;
    recipe.model.kind = serde_json::from_value::<ModelKind>(json!(kind))?;
    // A scorecard reads every column.
    if recipe.model.kind == ModelKind::Scorecard {
        let columns = loaded.table.columns().iter().filter(|name| *name != "bad");
        recipe.selection.force_in = columns.cloned().collect();
    }
    let trained = train(&recipe, loaded, "bench")?;
    let (model, table) = (&trained.model, &trained.cleaned.table);
    let values = numbers(model, table)?;
    let scorer = CompiledScorer::new(model);
    let given: Vec<Column<'_>> =
        values.iter().map(|values| Column::Numbers { values, valid: None }).collect();
    let columns = scorer.columns(table.rows(), &given);
    let mut parts: Vec<Scores> = (0..table.rows().div_ceil(PART)).map(|_| Scores::default()).collect();
    score(&scorer, &columns, ask, &mut parts);
    let different = compare(model, &values, ask.reasons, &parts)?;
    let (seconds, rows) = if alone {
        (one_by_one(&scorer, &values, runs.parse()?)?, 1)
    } else {
        (time(runs.parse()?, || score(&scorer, &columns, ask, &mut parts)).0, table.rows())
    };
    let bins: Vec<usize> = model.transforms.iter().map(|t| t.regular_bins()).collect();
    let nanoseconds = seconds[0] / rows as f64 * 1e9;
    let found = json!({ "rows": rows, "fields": values.len(), "ns_a_row": nanoseconds, "different": different, "bins": bins });
    let name = if alone { package(0) } else { package(ask.reasons) };
    println!("{}", answer_of(&name, task, &seconds, &found));
    Ok(())
}

fn numbers(model: &Model, table: &Table) -> Result<Vec<Vec<f64>>, Box<dyn Error>> {
    let of = |name: &str| -> Result<Vec<f64>, Box<dyn Error>> {
        let column = table.require(name)?;
        let number = |row| match column.value(row) {
            Value::Number(x) => Ok(x),
            Value::Missing => Ok(f64::NAN),
            Value::Text(_) => Err("a column is not of numbers".into()),
        };
        (0..table.rows()).map(number).collect()
    };
    model.schema.fields.iter().map(|field| of(&field.name)).collect()
}

fn score(scorer: &CompiledScorer, columns: &Columns<'_>, ask: Ask, parts: &mut [Scores]) {
    parts.par_iter_mut().enumerate().for_each(|(at, part)| {
        let rows = at * PART..columns.rows().min((at + 1) * PART);
        scorer.score(columns, rows, ask, part);
    });
}

/// How many of the rows that are looked at are scored otherwise by the plain scorer.
fn compare(
    model: &Model,
    values: &[Vec<f64>],
    reasons: usize,
    parts: &[Scores],
) -> Result<usize, Box<dyn Error>> {
    let mut scorer = Scorer::new(model);
    let mut different = 0;
    for row in (0..values[0].len()).step_by(CHECKED) {
        let of_row: Vec<Value<'_>> = values.iter().map(|column| Value::Number(column[row])).collect();
        let (plain, own) = (scorer.score(&of_row)?, parts[row / PART].row(row % PART)?);
        let same = plain.pd.map(f64::to_bits) == own.pd.map(f64::to_bits)
            && (plain.score, plain.grade, plain.segment) == (own.score, own.grade, own.segment)
            && plain.distance == own.distance
            && plain.reasons.iter().take(reasons).map(|r| r.field).eq(own.reasons.iter().map(|r| r.field));
        different += usize::from(!same);
    }
    Ok(different)
}

/// Seconds of one row, each run over 1,000 different ones.
fn one_by_one(scorer: &CompiledScorer, values: &[Vec<f64>], runs: usize) -> Result<Vec<f64>, Box<dyn Error>> {
    let count = values[0].len().min(1_000);
    let row = |row: usize| values.iter().map(|column| Value::Number(column[row])).collect();
    let rows: Vec<Vec<Value<'_>>> = (0..count).map(row).collect();
    let mut scratch = Scratch::default();
    let (mut seconds, sum) = time(runs, || {
        let scored = rows.iter().map(|row| scorer.score_row(row, &mut scratch));
        scored
            .map(|scored| scored.map(|s| s.pd.unwrap_or(0.0) + s.reasons().count() as f64))
            .sum::<Result<f64, _>>()
    });
    if sum? <= 0.0 {
        return Err("no row has a pd".into());
    }
    seconds.iter_mut().for_each(|s| *s /= count as f64);
    Ok(seconds)
}
