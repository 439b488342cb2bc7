//! Segments that are the leaves of a small decision tree.

use super::params::{Limits, SegmentsParams};
use super::router::{Routed, routing_fields};
use crate::engine::{Engine, TreeParams};
use crate::error::TrainError;
use crate::rows::Rows;
use crate::tree::fit_tree;
use arrears_model::Predictor;
use arrears_model::segmented::Router;
use arrears_model::tree::{Node, Side, Tree};

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

/// The way to each leaf in words, numbered: `S1: income < 1200 and home in {rent}`.
fn names(tree: &Tree, rows: &Rows<'_>) -> Vec<String> {
    let mut words = vec![String::new(); tree.nodes.len()];
    for (at, node) in tree.nodes.iter().enumerate() {
        let Some(split) = &node.split else { continue };
        for side in [Side::Left, Side::Right] {
            let own = split.words(rows.field(split.field), side);
            let own = if own.contains(" or ") { format!("({own})") } else { own };
            let before = &words[at];
            words[split.child(side)] = if before.is_empty() { own } else { format!("{before} and {own}") };
        }
    }
    let one = |words: &str| {
        if words.starts_with('(') && !words.contains(" and ") {
            words.trim_start_matches('(').trim_end_matches(')').to_owned()
        } else {
            words.to_owned()
        }
    };
    tree.leaves().enumerate().map(|(i, leaf)| format!("S{}: {}", i + 1, one(&words[leaf]))).collect()
}
