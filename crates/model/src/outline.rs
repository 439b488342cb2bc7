//! A tree from top to bottom: every node with the answer that led to it, for indented lists and pictures.

use crate::amount_tree::AmountTree;
use crate::branch::Branch;
use crate::rules::Rule;
use crate::schema::Schema;
use crate::tree::{Side, Tree};

/// A node as it stands in an outline.
#[derive(Clone, Debug, PartialEq)]
pub struct OutlineRow {
    /// Position of the node in the tree.
    pub node: usize,
    /// Splits above it.
    pub depth: usize,
    /// What the field that was asked last is here, with what was known of it before: `25 <= age < 40`; long lists cut.
    pub words: String,
    /// What went this way at the last split, piece by piece and without the field's name: `["< 40", "missing"]`. Only
    /// what can come here is named. Empty of the root.
    pub pieces: Vec<String>,
}

impl Tree {
    /// Every node in reading order: depth first, left before right.
    pub fn outline(&self, schema: &Schema) -> Vec<OutlineRow> {
        outline(&self.nodes, schema)
    }
}

impl AmountTree {
    /// Every node in reading order: depth first, left before right.
    pub fn outline(&self, schema: &Schema) -> Vec<OutlineRow> {
        outline(&self.nodes, schema)
    }
}

/// A stack, not recursion: a file may hold a very deep tree.
fn outline(nodes: &[impl Branch], schema: &Schema) -> Vec<OutlineRow> {
    let mut rows = Vec::with_capacity(nodes.len());
    let root = OutlineRow { node: 0, depth: 0, words: "all customers".to_owned(), pieces: Vec::new() };
    let mut waiting = vec![(Rule { node: 0, conditions: Vec::new() }, root)];
    while let Some((rule, row)) = waiting.pop() {
        if let Some(split) = nodes[row.node].split() {
            let (field, before) = (&schema.fields[split.field], rule.condition(split.field, schema));
            for side in [Side::Right, Side::Left] {
                let child = rule.answered(split, field, side);
                let words = child.condition(split.field, schema).short_words(field);
                let pieces = split.answers(field, side, &before);
                waiting.push((
                    child,
                    OutlineRow { node: split.child(side), depth: row.depth + 1, words, pieces },
                ));
            }
        }
        rows.push(row);
    }
    rows
}
