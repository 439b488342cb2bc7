//! What trees of pds and trees of amounts share: nodes, some of which ask a question and send a row on.

use crate::error::{ModelError, invalid};
use crate::profile::countable;
use crate::rules::Rule;
use crate::schema::Schema;
use crate::tree::{Side, Split};
use crate::value::Cell;

/// A node of a tree. Node 0 is the root; a child stands after its parent.
pub(crate) trait Branch {
    /// Training rows that came here.
    fn count(&self) -> u64;
    /// Where rows go from here; a leaf has none.
    fn split(&self) -> Option<&Split>;
}

/// The nodes from the root to the leaf of a row, written to `path` (cleared first); gives the leaf.
pub(crate) fn descend(nodes: &[impl Branch], cells: &[Cell], path: &mut Vec<usize>) -> usize {
    path.clear();
    let mut here = 0;
    path.push(here);
    while let Some(split) = nodes[here].split() {
        here = split.child(split.side(cells[split.field]));
        path.push(here);
    }
    here
}

/// Adds to the loss of each field what its answers on the way raised `value` by, from node to node.
pub(crate) fn add_losses<N: Branch>(
    nodes: &[N],
    path: &[usize],
    value: impl Fn(&N) -> f64,
    losses: &mut [f64],
) {
    for step in path.windows(2) {
        if let Some(split) = nodes[step[0]].split() {
            losses[split.field] += value(&nodes[step[1]]) - value(&nodes[step[0]]);
        }
    }
}

/// The leaves' positions, in file order.
pub(crate) fn leaves(nodes: &[impl Branch]) -> impl Iterator<Item = usize> + '_ {
    (0..nodes.len()).filter(|i| nodes[*i].split().is_none())
}

/// The rule of every leaf, in reading order: depth first, left before right.
pub(crate) fn rules(nodes: &[impl Branch], schema: &Schema) -> Vec<Rule> {
    let mut rules = Vec::new();
    let mut waiting = vec![Rule { node: 0, conditions: Vec::new() }];
    while let Some(rule) = waiting.pop() {
        match nodes[rule.node].split() {
            None => rules.push(rule),
            Some(split) => {
                let field = &schema.fields[split.field];
                let right = rule.answered(split, field, Side::Right);
                let left = rule.answered(split, field, Side::Left);
                waiting.extend([right, left]);
            }
        }
    }
    rules
}

/// Checks that the nodes are a tree whose questions suit the schema, and asks `node` about each of them.
pub(crate) fn check<N: Branch>(
    nodes: &[N],
    schema: &Schema,
    node: impl Fn(&N) -> Result<(), &'static str>,
) -> Result<(), ModelError> {
    if nodes.is_empty() {
        return Err(invalid("the tree has no nodes"));
    }
    if !countable(nodes.iter().map(Branch::count)) {
        return Err(invalid("tree: the nodes' counts must add up to at most 2^53"));
    }
    let mut parents = vec![0u32; nodes.len()];
    for (i, one) in nodes.iter().enumerate() {
        node(one).map_err(|fault| invalid(format!("tree node {i}: {fault}")))?;
        if let Some(split) = one.split() {
            split.check(i, nodes.len(), schema)?;
            parents[split.left] += 1;
            parents[split.right] += 1;
        }
    }
    match parents.iter().skip(1).position(|p| *p != 1) {
        Some(i) => Err(invalid(format!("tree node {}: it needs exactly one parent", i + 1))),
        None => Ok(()),
    }
}
