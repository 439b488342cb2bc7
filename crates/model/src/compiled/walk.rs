//! A tree as flat arrays: every row of a block goes down one question at a time, without a branch.

use super::block::{BLOCK, Block};
use super::probability::Verdict;
use super::reasons::Top;
use super::slots::{Slot, Slots};
use crate::scale::log_odds;
use crate::score::MAX_REASONS;
use crate::tree::{Side, Split, Tree};

/// A tree by slots.
#[derive(Clone, Debug)]
pub(super) struct Walk {
    nodes: Vec<Step>,
    /// By question and slot: bit 1 goes right. The words of a question stand together.
    sides: Vec<u64>,
}

/// One node; a leaf leads to itself.
#[derive(Clone, Copy, Debug)]
struct Step {
    field: u32,
    /// Where its words of [`Walk::sides`] begin.
    sides: u32,
    children: [u32; 2],
}

/// What all rows of a leaf are told.
#[derive(Clone, Copy, Debug)]
pub(super) struct Leaf {
    pub(super) pd: f64,
    pub(super) score: f64,
    pub(super) grade: u32,
    pub(super) best: [(f64, u32); MAX_REASONS],
}

impl Walk {
    pub(super) fn new(tree: &Tree, slots: &[Slots]) -> Self {
        // A leaf asks the first field and goes nowhere, whatever the answer is.
        let mut sides = vec![0; words(slots.first())];
        let step = |(here, node): (usize, &crate::tree::Node)| match &node.split {
            None => Step { field: 0, sides: 0, children: [here as u32; 2] },
            Some(split) => {
                let first = sides.len() as u32;
                sides.extend(bits(split, &slots[split.field]));
                let children = [split.left as u32, split.right as u32];
                Step { field: split.field as u32, sides: first, children }
            }
        };
        let nodes = tree.nodes.iter().enumerate().map(step).collect();
        Self { nodes, sides }
    }

    /// Words that the answers of a tree would take.
    pub(super) fn size(tree: &Tree, slots: &[Slots]) -> usize {
        let splits = tree.nodes.iter().flat_map(|node| &node.split);
        tree.nodes.len() + splits.map(|split| words(slots.get(split.field))).sum::<usize>()
    }

    /// The leaves of a block's rows, as positions in the tree's nodes.
    pub(super) fn read(&self, block: &Block, leaves: &mut [u32]) {
        leaves.fill(0);
        let slots = block.all_slots();
        let mut moving = !slots.is_empty();
        while moving {
            let mut moved = 0;
            for (row, place) in leaves.iter_mut().enumerate() {
                let step = self.nodes[*place as usize];
                let next = self.next(step, slots[step.field as usize * BLOCK + row]);
                moved |= next ^ *place;
                *place = next;
            }
            moving = moved != 0;
        }
    }

    #[inline(always)]
    fn next(&self, step: Step, slot: Slot) -> u32 {
        let word = self.sides[step.sides as usize + usize::from(slot / 64)];
        step.children[(word >> (slot % 64) & 1) as usize]
    }

    /// The leaf of one row.
    pub(super) fn at(&self, slots: &[Slot]) -> usize {
        let mut here = 0;
        loop {
            let step = self.nodes[here];
            if step.children[0] == step.children[1] {
                return here;
            }
            here = self.next(step, slots[step.field as usize]) as usize;
        }
    }
}

fn words(slots: Option<&Slots>) -> usize {
    slots.map_or(0, |slots| slots.parts.len()).div_ceil(64)
}

/// For each slot of its field, whether a question sends it right.
fn bits(split: &Split, slots: &Slots) -> Vec<u64> {
    let mut bits = vec![0; words(Some(slots))];
    for (slot, part) in slots.parts.iter().enumerate() {
        if split.side(part.cell) == Side::Right {
            bits[slot / 64] |= 1 << (slot % 64);
        }
    }
    bits
}

/// A step of the way through all leaves.
enum Way {
    /// To a node, with the rise of log-odds that its parent's question causes to a field.
    Down { node: usize, rise: Option<(usize, f64)> },
    /// Back from it: the field's loss is what it was.
    Back { field: usize, loss: f64 },
}

/// What each leaf says of its rows, by position in the tree's nodes; nothing for the other nodes.
///
/// The losses of fields are summed on the way down as the plain scorer does it.
pub(super) fn leaf_answers(tree: &Tree, fields: usize, verdict: &Verdict) -> Vec<Leaf> {
    let of_node: Vec<f64> = tree.nodes.iter().map(|node| log_odds(node.pd)).collect();
    let mut answers = vec![Leaf { pd: 0.0, score: 0.0, grade: 0, best: Top::NONE.best }; tree.nodes.len()];
    let mut losses = vec![0.0; fields];
    let mut open = vec![Way::Down { node: 0, rise: None }];
    while let Some(way) = open.pop() {
        let (node, rise) = match way {
            Way::Down { node, rise } => (node, rise),
            Way::Back { field, loss } => {
                losses[field] = loss;
                continue;
            }
        };
        if let Some((field, rise)) = rise {
            open.push(Way::Back { field, loss: losses[field] });
            losses[field] += rise;
        }
        let Some(split) = &tree.nodes[node].split else {
            answers[node] = answer(tree.nodes[node].pd, of_node[node], &losses, verdict);
            continue;
        };
        for child in [split.left, split.right] {
            let rise = of_node[child] - of_node[node];
            open.push(Way::Down { node: child, rise: Some((split.field, rise)) });
        }
    }
    answers
}

fn answer(pd: f64, log_odds: f64, losses: &[f64], verdict: &Verdict) -> Leaf {
    let mut top = Top::NONE;
    top.choose(losses.iter().map(|loss| loss * verdict.factor()).enumerate());
    Leaf { pd, score: verdict.score(log_odds), grade: verdict.grade(pd), best: top.best }
}
