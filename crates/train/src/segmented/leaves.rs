//! Segments that are the leaves of a small decision tree.

use super::params::{Limits, SegmentsParams};
use super::router::{Routed, routing_fields};
use crate::engine::{Engine, TreeParams};
use crate::error::TrainError;
use crate::rows::Rows;
use crate::tree::fit_tree;
use arrears_model::Predictor;
use arrears_model::rules::Rule;
use arrears_model::segmented::Router;
use arrears_model::tree::{Node, Split, Test, Tree};

/// Grows the tree and takes back every split that leaves a leaf below the limits; `None` where no split is left.
pub(super) fn by_tree(
    rows: &Rows<'_>,
    params: &SegmentsParams,
    limits: Limits,
    engine: Engine,
) -> Result<Option<Routed>, TrainError> {
    let fields = routing_fields(rows, params)?;
    let asked =
        TreeParams { max_depth: params.depth.unwrap_or(2), min_leaf: limits.rows, ..TreeParams::default() };
    let fitted = fit_tree(&rows.with_fields(&fields), &asked, engine)?;
    let Predictor::Tree(mut tree) = fitted.predictor else { return Ok(None) };
    tree.nodes.iter_mut().flat_map(|node| &mut node.split).for_each(|s| s.field = fields[s.field]);
    take_back(&mut tree, limits);
    if tree.nodes.len() == 1 {
        return Ok(None);
    }
    let names = names(&tree, rows);
    Ok(Some(Routed { router: Router::Tree(tree), transforms: Vec::new(), names }))
}

/// Makes a leaf of every node one of whose children is a leaf below the limits, from the leaves up, and leaves out
/// what is below it.
pub(super) fn take_back(tree: &mut Tree, limits: Limits) {
    // A child stands after its parent.
    for at in (0..tree.nodes.len()).rev() {
        let Some(split) = &tree.nodes[at].split else { continue };
        let below = |child: usize| {
            let Node { count, bads, split, .. } = &tree.nodes[child];
            split.is_none() && !limits.kept(*count, *bads)
        };
        if below(split.left) || below(split.right) {
            tree.nodes[at].split = None;
        }
    }
    let mut reached = vec![false; tree.nodes.len()];
    reached[0] = true;
    for at in 0..tree.nodes.len() {
        if let Some(split) = tree.nodes[at].split.as_ref().filter(|_| reached[at]) {
            let (left, right) = (split.left, split.right);
            reached[left] = true;
            reached[right] = true;
        }
    }
    let place = |old: usize| reached[..old].iter().filter(|reached| **reached).count();
    for node in &mut tree.nodes {
        if let Some(split) = &mut node.split {
            (split.left, split.right) = (place(split.left), place(split.right));
        }
    }
    let mut keep = reached.iter();
    tree.nodes.retain(|_| keep.next().copied().unwrap_or(false));
}

/// The rule of each leaf in words, numbered: `S1: income < 1200 and home = rent`.
fn names(tree: &Tree, rows: &Rows<'_>) -> Vec<String> {
    let nodes =
        tree.nodes.iter().map(|node| Node { split: node.split.as_ref().map(shortened), ..node.clone() });
    let mut rules = Tree { nodes: nodes.collect() }.rules(&rows.schema);
    // Thresholds may be so near to each other that six digits do not tell them apart.
    if rules.iter().any(|rule| rule.is_impossible(&rows.schema)) {
        rules = tree.rules(&rows.schema);
    }
    rules.sort_by_key(|rule| rule.node);
    let name = |(i, rule): (usize, &Rule)| format!("S{}: {}", i + 1, rule.short_words(&rows.schema));
    rules.iter().enumerate().map(name).collect()
}

/// The split with its threshold as a name has it, in six digits; the report has all of them.
fn shortened(split: &Split) -> Split {
    let mut short = split.clone();
    if let Test::Below { threshold, .. } = &mut short.test
        && *threshold != f64::MIN
    {
        *threshold = format!("{threshold:.5e}").parse().unwrap_or(*threshold);
    }
    short
}

#[cfg(test)]
mod tests {
    use super::{shortened, take_back};
    use crate::segmented::params::Limits;
    use arrears_model::tree::{Node, Side, Split, Test, Tree};

    fn node(count: u64, bads: u64, children: Option<(usize, usize)>) -> Node {
        let test = Test::Below { threshold: 0.0, special: vec![] };
        let split = |(left, right)| Split { field: 0, test, missing: Side::Left, left, right };
        Node { count, bads, pd: 0.5, split: children.map(split) }
    }

    /// Rows of the nodes left, and the children of each.
    fn left(tree: &Tree) -> Vec<(u64, Option<(usize, usize)>)> {
        tree.nodes.iter().map(|n| (n.count, n.split.as_ref().map(|s| (s.left, s.right)))).collect()
    }

    #[test]
    fn splits_that_leave_too_small_a_leaf_are_taken_back_from_the_leaves_up() {
        // The root has a large leaf and a node whose right child splits into two, one of them without enough bads.
        let tree = Tree {
            nodes: vec![
                node(1000, 300, Some((1, 2))),
                node(400, 100, None),
                node(600, 200, Some((3, 4))),
                node(300, 150, None),
                node(300, 50, Some((5, 6))),
                node(200, 45, None),
                node(100, 5, None),
            ],
        };
        let cut = |rows, bads| {
            let mut tree = tree.clone();
            take_back(&mut tree, Limits { rows, bads });
            left(&tree)
        };
        assert_eq!(cut(100, 5), left(&tree));
        let without_last = [(1000, Some((1, 2))), (400, None), (600, Some((3, 4))), (300, None), (300, None)];
        assert_eq!(cut(100, 6), without_last);
        assert_eq!(cut(101, 5), without_last);
        // With 51 bads asked for, node 4 is too small a leaf even when its split is gone.
        assert_eq!(cut(100, 51), [(1000, Some((1, 2))), (400, None), (600, None)]);
        assert_eq!(cut(401, 5), [(1000, None)]);
        // Goods count too: node 3 has as many goods as bads.
        assert_eq!(cut(100, 151), [(1000, None)]);
    }

    #[test]
    fn a_name_has_six_digits_of_a_threshold() {
        let of = |threshold: f64| {
            let test = Test::Below { threshold, special: vec![] };
            match shortened(&Split { field: 0, test, missing: Side::Left, left: 1, right: 2 }).test {
                Test::Below { threshold, .. } => threshold,
                Test::In { .. } => unreachable!("a threshold stays one"),
            }
        };
        assert_eq!(
            [of(1234.567890123), of(-0.1 / 3.0), of(25.5), of(f64::MIN)],
            [1234.57, -0.0333333, 25.5, f64::MIN]
        );
    }
}
