//! A tree as flat arrays: every row of a block goes down one question at a time, without a branch.

use super::block::{BLOCK, Block};
use super::probability::Verdict;
use super::reasons::Top;
use super::scores::NONE;
use super::slots::{Slot, Slots};
use crate::amount_tree::{AmountNode, AmountTree};
use crate::branch::Branch;
use crate::scale::log_odds;
use crate::score::MAX_REASONS;
use crate::tree::{Node, Side, Split, Tree};

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

/// What all rows of a leaf are told: of a tree of amounts the amount, of one of pds what is beside it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Leaf {
    pub(super) pd: f64,
    pub(super) score: f64,
    pub(super) grade: u32,
    pub(super) amount: f64,
    pub(super) best: [(f64, u32); MAX_REASONS],
}

impl Leaf {
    const EMPTY: Self =
        Self { pd: f64::NAN, score: f64::NAN, grade: NONE, amount: f64::NAN, best: Top::NONE.best };
}

impl Walk {
    pub(super) fn new(nodes: &[impl Branch], slots: &[Slots]) -> Self {
        // A leaf asks the first field and goes nowhere, whatever the answer is.
        let mut sides = vec![0; words(slots.first())];
        let step = |(here, split): (usize, Option<&Split>)| match split {
            None => Step { field: 0, sides: 0, children: [here as u32; 2] },
            Some(split) => {
                let first = sides.len() as u32;
                sides.extend(bits(split, &slots[split.field]));
                let children = [split.left as u32, split.right as u32];
                Step { field: split.field as u32, sides: first, children }
            }
        };
        let nodes = nodes.iter().map(Branch::split).enumerate().map(step).collect();
        Self { nodes, sides }
    }

    /// Words that the answers of a tree would take.
    pub(super) fn size(nodes: &[impl Branch], slots: &[Slots]) -> usize {
        let splits = nodes.iter().filter_map(Branch::split);
        nodes.len() + splits.map(|split| words(slots.get(split.field))).sum::<usize>()
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

/// What the leaves of a tree of pds say, by position in its nodes.
pub(super) fn leaves_of_pds(tree: &Tree, fields: usize, verdict: &Verdict) -> Vec<Leaf> {
    let answer = |node: &Node, log_odds: f64| {
        let (pd, score) = (node.pd, verdict.score(log_odds));
        Leaf { pd, score, grade: verdict.grade(pd), ..Leaf::EMPTY }
    };
    leaf_answers(&tree.nodes, fields, verdict.factor(), |node| log_odds(node.pd), answer)
}

/// What the leaves of a tree of amounts say, by position in its nodes.
pub(super) fn leaves_of_amounts(tree: &AmountTree, fields: usize) -> Vec<Leaf> {
    let answer = |_: &AmountNode, amount: f64| Leaf { amount, ..Leaf::EMPTY };
    leaf_answers(&tree.nodes, fields, 1.0, |node| node.value, answer)
}

/// What each leaf says of its rows; nothing for the other nodes. `value` of a node is what its losses are made of, `factor`
/// the unit of reasons.
///
/// The losses of fields are summed on the way down as the plain scorer does it.
fn leaf_answers<N: Branch>(
    nodes: &[N],
    fields: usize,
    factor: f64,
    value: impl Fn(&N) -> f64,
    answer: impl Fn(&N, f64) -> Leaf,
) -> Vec<Leaf> {
    let values: Vec<f64> = nodes.iter().map(value).collect();
    let mut answers = vec![Leaf::EMPTY; nodes.len()];
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
        let Some(split) = nodes[node].split() else {
            let mut top = Top::NONE;
            top.choose(losses.iter().map(|loss| loss * factor).enumerate());
            answers[node] = Leaf { best: top.best, ..answer(&nodes[node], values[node]) };
            continue;
        };
        for child in [split.left, split.right] {
            let rise = values[child] - values[node];
            open.push(Way::Down { node: child, rise: Some((split.field, rise)) });
        }
    }
    answers
}
