//! `scorecard TASK KIND RUNS FILE...`: trains a model of KIND on the rows of each FILE whose `part` is `train` (timed:
//! binning, selection, fit, model; and apart from it, with cleaning) and measures the AUC on those whose `part` is `test`.

#![allow(clippy::print_stdout, reason = "a program that prints its result")]

use arrears_benches::{Outcome, answer, load, recipe, time};
use arrears_data::clean;
use arrears_model::{ModelKind, Scorer, Value as Cell};
use arrears_train::{Recipe, Trained, train, train_cleaned};
use arrears_validate::Ranked;
use serde_json::{Value, json};
use std::error::Error;

fn main() -> Outcome {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [task, kind, runs, files @ ..] = arguments.as_slice() else {
        return Err("usage: scorecard TASK KIND RUNS FILE...".into());
    };
    let split = "[split]\nmethod = \"column\"\ncolumn = \"part\"\ntest_value = \"test\"\n";
    let mut recipe = recipe(split)?;
    recipe.model.kind = serde_json::from_value::<ModelKind>(json!(kind))?;
    let (mut seconds, mut found, mut aucs) = (Vec::new(), Vec::new(), Vec::new());
    for file in files {
        let (of_file, measured, auc) = measure(&recipe, file, runs.parse()?)?;
        seconds.extend(of_file);
        found.push(measured);
        aucs.push(auc);
    }
    seconds.sort_by(f64::total_cmp);
    let mut found = found.into_iter().next().ok_or("no file")?;
    found["aucs"] = json!(aucs);
    println!("{}", answer(task, &seconds, &found));
    Ok(())
}

/// Seconds of each run without cleaning, what was found, and the AUC on the rows held out.
fn measure(recipe: &Recipe, file: &str, runs: usize) -> Result<(Vec<f64>, Value, f64), Box<dyn Error>> {
    let loaded = load(file)?;
    // Each run has its own copy of the table, which shares the columns.
    let (with_cleaning, trained) = time(runs, || train(recipe, loaded.clone(), "bench"));
    let cleaned = clean(loaded, &recipe.preparation)?;
    let (seconds, again) = time(runs, || train_cleaned(recipe, cleaned.clone(), "bench"));
    let trained = trained?;
    if again?.model.sha256() != trained.model.sha256() {
        return Err("two runs gave two models".into());
    }
    let kept = trained.variables.iter().filter(|v| v.kept).count();
    let total_iv: f64 = trained.variables.iter().filter_map(|v| v.iv).sum();
    let auc = holdout_auc(&trained)?;
    let found = json!({ "auc": auc, "kept": kept, "with_cleaning": with_cleaning[0], "total_iv": total_iv });
    Ok((seconds, found, auc))
}

/// AUC of the model on the rows held out.
fn holdout_auc(trained: &Trained) -> Result<f64, Box<dyn Error>> {
    let table = &trained.cleaned.table;
    let fields = &trained.model.schema.fields;
    let columns = fields.iter().map(|f| table.require(&f.name)).collect::<Result<Vec<_>, _>>()?;
    let outcome = trained.cleaned.bad.as_ref().ok_or("the outcome is not known")?;
    let mut scorer = Scorer::new(&trained.model);
    let (mut bad, mut risk) = (Vec::new(), Vec::new());
    for &row in &trained.split.test {
        let values: Vec<Cell<'_>> = columns.iter().map(|column| column.value(row)).collect();
        risk.push(scorer.score(&values)?.pd.ok_or("the model gives no pd")?);
        bad.push(outcome[row]);
    }
    Ok(Ranked::new(&bad, &risk)?.auc())
}
