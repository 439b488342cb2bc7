//! What a fitted tree shows that deserves a second look: no split, or splits that know too much.

use crate::fitted::Fitted;
use crate::rows::Rows;
use arrears_model::Predictor;
use arrears_model::amount_tree::AmountTree;
use arrears_model::tree::{Split, Tree};

/// Fewest rows from which the mean of an amount is more than chance.
const ENOUGH_AMOUNTS: usize = 50;
/// A tree that parts so well on the rows it was trained on has most likely seen the outcome.
const TOO_GOOD: f64 = 0.99;

/// Warnings about a fitted tree; none about other models.
pub(crate) fn tree_warnings(rows: &Rows<'_>, fitted: &Fitted) -> Vec<String> {
    let root = match &fitted.predictor {
        Predictor::Tree(tree) => tree.nodes[0].split.as_ref(),
        Predictor::AmountTree(tree) => tree.nodes[0].split.as_ref(),
        Predictor::Additive(_) | Predictor::Centroids(_) | Predictor::Segmented(_) => return Vec::new(),
    };
    let mut warnings: Vec<String> = few_amounts(rows).into_iter().chain(two_amounts(rows)).collect();
    warnings.extend(match (root, &fitted.predictor) {
        (None, _) => Some(
            "no split keeps the limits of [tree], so the model says the same of every customer; lower `min_leaf`, `alpha` \
             or `min_impurity_decrease`, or gather more rows"
                .to_owned(),
        ),
        (Some(root), Predictor::Tree(tree)) => leak(rows, root, "AUC", auc(tree)),
        (Some(root), Predictor::AmountTree(tree)) => leak(rows, root, "R2", explained(tree)),
        (Some(_), _) => None,
    });
    warnings
}

fn leak(rows: &Rows<'_>, root: &Split, figure: &str, found: Option<f64>) -> Option<String> {
    let found = found.filter(|found| *found >= TOO_GOOD)?;
    Some(format!(
        "on the rows it was trained on the tree has an {figure} of {found:.4}: a column was likely known only after the \
         outcome; look at `{}`, which is asked first, and leave it out with --exclude or `exclude` in [data]",
        rows.field(root.field).name
    ))
}

/// AUC of the leaves' pds on the training rows; ties count one half.
fn auc(tree: &Tree) -> Option<f64> {
    let mut leaves: Vec<_> = tree.leaves().map(|leaf| &tree.nodes[leaf]).collect();
    leaves.sort_by(|a, b| a.pd.total_cmp(&b.pd));
    let (mut goods, mut won) = (0.0, 0.0);
    for tie in leaves.chunk_by(|a, b| a.pd == b.pd) {
        let bads: f64 = tie.iter().map(|leaf| leaf.bads as f64).sum();
        let own: f64 = tie.iter().map(|leaf| (leaf.count - leaf.bads) as f64).sum();
        won += bads * (goods + own / 2.0);
        goods += own;
    }
    let bads: f64 = leaves.iter().map(|leaf| leaf.bads as f64).sum();
    (goods > 0.0 && bads > 0.0).then(|| won / (goods * bads))
}

/// Share of the squared deviations that the leaves' means take away.
fn explained(tree: &AmountTree) -> Option<f64> {
    let squares = |node: usize| {
        let node = &tree.nodes[node];
        node.deviation.map_or(0.0, |deviation| deviation * deviation * (node.count as f64 - 1.0))
    };
    let within: f64 = tree.leaves().map(squares).sum();
    (squares(0) > 0.0).then(|| 1.0 - within / squares(0))
}

fn few_amounts(rows: &Rows<'_>) -> Option<String> {
    let count = rows.amounts.len();
    (count > 0 && count < ENOUGH_AMOUNTS).then(|| {
        format!(
            "only {count} rows to train on: with fewer than {ENOUGH_AMOUNTS} of them splits and means are mostly chance; \
             gather more rows"
        )
    })
}

fn two_amounts(rows: &Rows<'_>) -> Option<String> {
    let one = *rows.amounts.first()?;
    let other = *rows.amounts.iter().find(|amount| **amount != one)?;
    let two = rows.amounts.iter().all(|amount| *amount == one || *amount == other);
    two.then(|| {
        format!(
            "all amounts are {one} or {other}: if these say who is bad, --kind tree with --positive gives a pd, a score and \
             grades"
        )
    })
}

#[cfg(test)]
mod tests {
    use super::{auc, explained};
    use arrears_model::amount_tree::{AmountNode, AmountTree};
    use arrears_model::tree::{Node, Tree};

    /// Leaves alone are enough; the root stands for all rows.
    #[test]
    fn figures_are_those_worked_out_by_hand() {
        let leaf = |count, bads, pd| Node { count, bads, pd, split: None };
        // Goods 4 and 6, bads 1 and 3: of 40 pairs the worse leaf wins 3 x 4, and 1 x 4 + 3 x 6 are ties.
        let tree = Tree { nodes: vec![leaf(5, 1, 0.2), leaf(9, 3, 0.3)] };
        assert_eq!(auc(&tree), Some((12.0 + 11.0) / 40.0));
        assert_eq!(auc(&Tree { nodes: vec![leaf(5, 5, 0.9)] }), None);
        let node = |count, deviation| AmountNode { count, mean: 0.0, deviation, value: 0.0, split: None };
        // One node is root and leaf.
        assert_eq!(explained(&AmountTree { nodes: vec![node(5, Some(2.0))] }), Some(0.0));
        assert_eq!(explained(&AmountTree { nodes: vec![node(5, Some(0.0))] }), None);
    }
}
