//! What the model card of a tree of amounts says that no other does.

use crate::card::{cell, percent};
use arrears_model::Model;
use arrears_model::amount_leaves::amount_leaf_table;
use arrears_model::amount_tree::AmountTree;
use arrears_validate::layout::count;
use std::fmt::Write as _;

/// What has to be known of any amount predicted so.
pub(crate) const LIMITS: &str = "\
    - It knows only customers like those it was trained on; watch the PSI of amount and features.\n\
    - Reasons say what raised this amount, not what caused the behaviour.\n\
    - Which variables may be used for which decision is a question of law, not of this file.\n\
    - A leaf's amount is a mean: single customers lie far around it, and a few large amounts may rule a small leaf.\n";

/// Mean and spread of the training amounts, to stand behind the number of rows.
pub(crate) fn spread(model: &Model, tree: &AmountTree) -> String {
    let root = &tree.nodes[0];
    let amount = model.schema.amount.as_deref().unwrap_or("amount");
    let deviation = root.deviation.map(|d| format!(", standard deviation {}", tree.text(d)));
    format!(" (mean of `{}` {}{})", cell(amount), tree.text(root.mean), deviation.unwrap_or_default())
}

/// The tree as indented questions and its leaves as rules, highest amount first.
pub(crate) fn tree_and_leaves(model: &Model, tree: &AmountTree) -> String {
    questions(model, tree) + &leaves(model, tree)
}

fn questions(model: &Model, tree: &AmountTree) -> String {
    let mut text = "## Tree\n\n```\n".to_owned();
    for row in tree.outline(&model.schema) {
        let (node, indent) = (&tree.nodes[row.node], "  ".repeat(row.depth));
        let (words, expected, customers) = (row.words, tree.text(node.value), count(node.count));
        let _ = writeln!(text, "{indent}{words}: {expected} expected, {customers} customers");
    }
    text + "```\n\n"
}

fn leaves(model: &Model, tree: &AmountTree) -> String {
    let mut text = "## Rules\n\nHighest amount first; the last two columns add up from the top.\n\n\
        | leaf | rule | rows | mean | standard deviation | 95 % interval of the mean | expected | of rows | of the total |\n\
        |---|---|---|---|---|---|---|---|---|\n"
        .to_owned();
    let show = |amount: Option<f64>| amount.map(|amount| tree.text(amount)).unwrap_or_default();
    let share = |share: Option<f64>| share.map_or(String::new(), percent);
    for leaf in amount_leaf_table(model).unwrap_or_default() {
        let interval = leaf.interval.map(|(low, high)| format!("{} to {}", tree.text(low), tree.text(high)));
        let _ = writeln!(
            text,
            "| {} | {} | {} | {} | {} | {} | {} | {} | {} |",
            leaf.leaf,
            cell(&leaf.short),
            count(leaf.count),
            show(leaf.mean),
            show(leaf.deviation),
            interval.unwrap_or_default(),
            tree.text(leaf.value),
            share(leaf.cumulative_share),
            share(leaf.cumulative_total_share),
        );
    }
    text + "\n"
}
