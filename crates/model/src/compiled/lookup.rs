//! A term with a value for each bin as a table by slot, and many rows looked up in some of them at once.

use super::block::Block;
use super::reasons::{Key, Ranks};
use super::slots::Slot;

/// Lookups done in one pass over the rows of a block.
pub(super) const BATCH: usize = 4;
/// Rows whose sums are kept in registers meanwhile.
const TILE: usize = 8;
/// Tables have at least so many places: a slot of one byte needs no check.
pub(super) const PLACES: usize = 256;

/// One lookup.
#[derive(Clone, Debug)]
pub(super) struct Lookup {
    pub(super) field: usize,
    /// Number of slots; both tables are filled up to [`PLACES`].
    slots: usize,
    /// Log-odds by slot.
    values: Vec<f64>,
    /// Rank of what the slot loses.
    keys: Vec<Key>,
}

impl Lookup {
    pub(super) fn new(field: usize, mut values: Vec<f64>) -> Self {
        let slots = values.len();
        values.resize(slots.max(PLACES), 0.0);
        Self { field, slots, keys: vec![0; values.len()], values }
    }

    /// Log-odds by slot.
    pub(super) fn values(&self) -> &[f64] {
        &self.values[..self.slots]
    }

    /// Keeps the rank of what each slot loses; `loss` says that of a value.
    pub(super) fn rank(&mut self, ranks: &Ranks, loss: impl Fn(f64) -> f64) {
        let values = self.values.iter().take(self.slots);
        let ranked = self.keys.iter_mut().zip(values);
        ranked.for_each(|(key, value)| *key = ranks.key(loss(*value), self.field));
    }

    /// Log-odds and rank of a slot.
    pub(super) fn at(&self, slot: Slot) -> (f64, Key) {
        (self.values[usize::from(slot)], self.keys[usize::from(slot)])
    }

    /// The log-odds of a block.
    pub(super) fn read(&self, block: &Block, values: &mut [f64]) {
        let rows = values.iter_mut().zip(block.slots(self.field));
        rows.for_each(|(value, slot)| *value = self.values[usize::from(*slot)]);
    }

    /// The tables, where a slot of the field is one byte.
    fn small(&self) -> Option<(&[f64; PLACES], &[Key; PLACES])> {
        let tables = self.values.first_chunk().zip(self.keys.first_chunk());
        tables.filter(|_| self.slots <= PLACES)
    }
}

/// Adds lookups to the sums of a block, in their order, and writes the keys of each.
pub(super) fn look_up<const N: usize>(
    lookups: [&Lookup; N],
    block: &Block,
    sums: &mut [f64],
    keys: [&mut [Key]; N],
) {
    let small = lookups.map(Lookup::small);
    let slots = lookups.map(|lookup| block.slots(lookup.field));
    let mut keys = keys;
    let mut done = 0;
    if small.iter().all(Option::is_some) {
        let tables = small.map(|tables| tables.expect("it was asked for just now"));
        let slots = slots.map(|slots| slots.as_chunks::<TILE>().0);
        let keys = keys.each_mut().map(|keys| keys.as_chunks_mut::<TILE>().0);
        for (tile, sums) in sums.as_chunks_mut::<TILE>().0.iter_mut().enumerate() {
            let mut sum = *sums;
            for at in 0..N {
                let (values, ranks) = tables[at];
                let (slots, keys) = (&slots[at][tile], &mut keys[at][tile]);
                for row in 0..TILE {
                    let slot = usize::from(slots[row] as u8);
                    sum[row] += values[slot];
                    keys[row] = ranks[slot];
                }
            }
            *sums = sum;
            done += TILE;
        }
    }
    for row in done..sums.len() {
        for at in 0..N {
            let (value, key) = lookups[at].at(slots[at][row]);
            sums[row] += value;
            keys[at][row] = key;
        }
    }
}
