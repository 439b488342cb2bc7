//! A tree of amounts as a policy, for people: its questions, what each leaf holds, highest amount first, and who comes
//! there.

use crate::show;
use arrears_model::amount_leaves::{AmountLeafRow, amount_leaf_table};
use arrears_model::amount_tree::AmountTree;
use arrears_model::{Model, Predictor};
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// The leaf table and the rules; empty of any other model.
pub(crate) fn leaves(model: &Model) -> String {
    let (Predictor::AmountTree(tree), Some(leaves)) = (&model.predictor, amount_leaf_table(model)) else {
        return String::new();
    };
    format!(
        "\n{}{}\n{}{}",
        show::heading("Leaves, highest amount first"),
        table(tree, &leaves),
        show::heading("Rules"),
        rules(tree, &leaves)
    )
}

/// What the training amounts were like: `owed: mean 1,204.50, standard deviation 812.11`.
pub(crate) fn spread(model: &Model, tree: &AmountTree) -> String {
    let root = &tree.nodes[0];
    let name = model.schema.amount.as_deref().unwrap_or("amount");
    let deviation = root.deviation.map(|d| format!(", standard deviation {}", tree.text(d)));
    format!("{name}: mean {}{}", tree.text(root.mean), deviation.unwrap_or_default())
}

/// The tree as indented rules, in reading order.
pub(crate) fn questions(model: &Model, tree: &AmountTree) -> String {
    let leaves: BTreeMap<usize, usize> =
        amount_leaf_table(model).into_iter().flatten().map(|leaf| (leaf.rule.node, leaf.leaf)).collect();
    let mut text = String::new();
    for row in tree.outline(&model.schema) {
        let node = &tree.nodes[row.node];
        let indent = "  ".repeat(row.depth.min(show::DEEPEST_INDENT));
        let mean = if node.count > 0 { tree.text(node.mean) } else { "-".to_owned() };
        let _ = write!(text, "{indent}{}: {} rows, mean {mean}", row.words, show::count(node.count));
        let expected = |leaf: &usize| format!(" -> {} expected, leaf {leaf}", tree.text(node.value));
        let _ = writeln!(text, "{}", leaves.get(&row.node).map(expected).unwrap_or_default());
    }
    text
}

fn table(tree: &AmountTree, leaves: &[AmountLeafRow]) -> String {
    let percent = |share: Option<f64>| share.map_or("-".to_owned(), |share| format!("{:.1}%", 100.0 * share));
    let amount = |amount: Option<f64>| amount.map_or("-".to_owned(), |amount| tree.text(amount));
    let rows = leaves.iter().map(|leaf| {
        let interval = leaf.interval.map(|(low, high)| format!("{} to {}", tree.text(low), tree.text(high)));
        vec![
            leaf.leaf.to_string(),
            show::count(leaf.count),
            percent(leaf.share),
            amount(leaf.mean),
            amount(leaf.deviation),
            interval.unwrap_or("-".to_owned()),
            tree.text(leaf.value),
            percent(leaf.cumulative_share),
            percent(leaf.cumulative_total_share),
        ]
    });
    let header =
        ["leaf", "rows", "share", "mean", "deviation", "95% interval", "expected", "of rows", "of total"];
    show::table(&header, rows.collect(), &[0, 1, 2, 3, 4, 5, 6, 7, 8])
        + "  of rows, of total: the share of all rows, and of the sum of all amounts, in this leaf and the higher ones\n"
}

fn rules(tree: &AmountTree, leaves: &[AmountLeafRow]) -> String {
    let digits = leaves.len().to_string().len();
    let line = |leaf: &AmountLeafRow| {
        let end = if leaf.count == 1 { "" } else { "s" };
        let verdict = format!("-> {} expected, {} row{end}", tree.text(leaf.value), show::count(leaf.count));
        let clauses: Vec<&str> =
            leaf.short.split_inclusive(" and ").map(str::trim_end).chain([&*verdict]).collect();
        show::hanging(&format!(" {:>digits$}  ", leaf.leaf), &clauses)
    };
    leaves.iter().map(line).collect()
}
