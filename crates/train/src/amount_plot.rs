//! What the picture of a tree of amounts shows.

use crate::tree_plot::{Picture, TreeBox, Words, leaves_text, tint};
use arrears_model::Model;
use arrears_model::amount_leaves::{AmountLeafRow, amount_leaf_table};
use arrears_model::amount_tree::{AmountNode, AmountTree};
use arrears_validate::layout::count;

/// Bars reach from 0, or the lowest mean where that is below, to the highest mean. Tints compare with the mean of all,
/// where no mean is below 0.
pub(crate) fn amount_picture<'a>(model: &Model, tree: &'a AmountTree) -> Picture<'a> {
    let leaves = amount_leaf_table(model).unwrap_or_default();
    let mut leaf_of = vec![None; tree.nodes.len()];
    leaves.iter().for_each(|leaf| leaf_of[leaf.rule.node] = Some(leaf));
    let means = || tree.nodes.iter().filter_map(mean);
    let (low, high) = (means().fold(0.0, f64::min), means().fold(0.0, f64::max));
    let bar = |mean: f64| if high > low { (mean - low) / (high - low) } else { 0.0 };
    let all = mean(&tree.nodes[0]).filter(|_| low == 0.0);
    let one = |(node, leaf): (&'a AmountNode, Option<&AmountLeafRow>)| TreeBox {
        split: node.split.as_ref(),
        count: node.count,
        words: leaf.map_or_else(|| of_question(tree, node, model), |leaf| of_leaf(tree, leaf, node)),
        bar: mean(node).map(bar),
        tint: tint(mean(node), all),
    };
    let root = &tree.nodes[0];
    let amount = model.schema.amount.as_deref().unwrap_or("amount");
    Picture {
        boxes: tree.nodes.iter().zip(leaf_of).map(one).collect(),
        leaves: tree.rules(&model.schema).iter().map(|rule| rule.node).collect(),
        outline: tree.outline(&model.schema),
        facts: format!(
            "{amount}: {} customers, mean {}, {}",
            count(root.count),
            mean_text(tree, root),
            leaves_text(leaves.len())
        ),
        legend: ["over twice the mean of all", "mean; mark: all"],
        mark: mean(root).map(bar),
    }
}

/// `None` where no training row came.
fn mean(node: &AmountNode) -> Option<f64> {
    (node.count > 0).then_some(node.mean)
}

fn mean_text(tree: &AmountTree, node: &AmountNode) -> String {
    mean(node).map_or("-".to_owned(), |mean| tree.text(mean))
}

fn of_leaf(tree: &AmountTree, leaf: &AmountLeafRow, node: &AmountNode) -> Words {
    let interval = leaf.interval.map_or(String::new(), |(low, high)| {
        format!(", 95 % interval {} to {}", tree.text(low), tree.text(high))
    });
    Words {
        name: format!("leaf {}", leaf.leaf),
        figure: mean_text(tree, node),
        remark: format!("expected {}", tree.text(leaf.value)),
        tooltip: format!(
            "leaf {}: {} -> {} expected; {} customers, mean {}{interval}",
            leaf.leaf,
            leaf.words,
            tree.text(leaf.value),
            count(leaf.count),
            mean_text(tree, node)
        ),
    }
}

fn of_question(tree: &AmountTree, node: &AmountNode, model: &Model) -> Words {
    let name = node.split.as_ref().map_or("", |split| &model.schema.fields[split.field].name);
    let figure = mean_text(tree, node);
    let tooltip = format!("{name}? {} customers, mean {figure}", count(node.count));
    Words { name: format!("{name}?"), figure, remark: String::new(), tooltip }
}
