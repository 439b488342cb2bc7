//! `tree TASK FILE RUNS [CRITERION]`: grows a decision tree of depth 6 on the numbers of FILE (timed: coding them, and all
//! after it, on columns in memory), and says how well it ranks the same rows.

#![allow(clippy::print_stdout, reason = "a program that prints its result")]

use arrears_benches::{Data, Outcome, answer, time};
use arrears_train::engine::TreeParams;
use arrears_train::grow::{CodedColumns, DecisionNode, DecisionTree, classification_tree};
use arrears_validate::Ranked;
use serde_json::json;

fn main() -> Outcome {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (task, file, runs, criterion) = match arguments.as_slice() {
        [task, file, runs] => (task, file, runs, "entropy"),
        [task, file, runs, criterion] => (task, file, runs, criterion.as_str()),
        _ => return Err("usage: tree TASK FILE RUNS [CRITERION]".into()),
    };
    let data = Data::read(file)?;
    let rows = data.rows()?;
    let columns: Vec<Vec<f64>> = (0..rows.schema.fields.len())
        .map(|field| rows.plain_numbers(field).map(|numbers| numbers.to_vec()))
        .collect::<Option<_>>()
        .ok_or("a column has no plain numbers")?;
    let views: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
    let criterion = serde_json::from_value(json!(criterion))?;
    let params = TreeParams { criterion: Some(criterion), ..TreeParams::default() };
    let (seconds, tree) = time(runs.parse()?, || classification_tree(&views, &rows.bad, None, &params));
    let tree = tree?;
    let coded = CodedColumns::new(&views, &rows.bad)?;
    let (further, _) = time(runs.parse()?, || coded.classification_tree(None, &params));
    let leaves = tree.nodes.iter().filter(|node| node.split.is_none()).count();
    let gini = |node: &DecisionNode| node.rows as f64 * 2.0 * node.mean * (1.0 - node.mean);
    let gini: f64 = tree.nodes.iter().filter(|node| node.split.is_none()).map(gini).sum();
    let auc = Ranked::new(&rows.bad, &predict(&tree, &views))?.auc();
    println!(
        "{}",
        answer(
            task,
            &seconds,
            &json!({ "auc": auc, "gini": gini / rows.len() as f64, "leaves": leaves, "further_tree": further[further.len() / 2] })
        )
    );
    Ok(())
}

fn predict(tree: &DecisionTree, columns: &[&[f64]]) -> Vec<f64> {
    let mut row = ndarray::Array1::zeros(columns.len());
    let predict = |at: usize| {
        row.iter_mut().zip(columns).for_each(|(x, column)| *x = column[at]);
        tree.predict_row(row.view())
    };
    (0..columns[0].len()).map(predict).collect()
}
