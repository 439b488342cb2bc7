//! A block of rows as slots and numbers, field by field: what columns are turned into before anything is scored.

use super::calculated;
use super::columns::{Column, Read, Valid};
use super::slots::{FIRST, MISSING, Note, REFUSED, Slot, Slots};
use crate::formula::Formulas;
use crate::schema::Schema;
use crate::value::{Flag, Value};
use pulp::{Arch, NullaryFnOnce, Simd, WithSimd};
use std::ops::Range;

/// Rows of a block: its slots and sums stay in the nearest cache.
pub(super) const BLOCK: usize = 1024;
/// More bounds than these are searched by halving; fewer are all compared with.
const FEW: usize = 40;
/// Registers of numbers compared with a bound at once.
const WIDE: usize = 4;
/// Most numbers a register has.
pub(super) const MOST_LANES: usize = 8;

/// Slots and numbers of up to [`BLOCK`] rows. What stands beyond the last row is left over.
#[derive(Debug, Default)]
pub(super) struct Block {
    pub(super) rows: usize,
    /// `slots[field * BLOCK + row]`.
    slots: Vec<Slot>,
    /// The same of numbers, for fields whose numbers are calculated with; of a slot that is taken as it stands.
    numbers: Vec<f64>,
    /// By field: whether a row lies outside [`Slots::usual`].
    unusual: Vec<bool>,
    /// What was not taken as it stood: row and flag, by row, then by field. Not those of refused rows.
    pub(super) flags: Vec<(usize, Flag)>,
    /// Rows that are refused and the first field, in schema order, that is why.
    pub(super) refused: Vec<(usize, usize)>,
    /// Numbers of a field that is not calculated with.
    passing: Vec<f64>,
}

impl Block {
    /// Makes room for the fields of a model; `numeric` says whose numbers are kept.
    pub(super) fn fit(&mut self, fields: usize) {
        self.slots.resize(fields * BLOCK, MISSING);
        self.numbers.resize(fields * BLOCK, 0.0);
        self.unusual.resize(fields, false);
        self.passing.resize(BLOCK, 0.0);
    }

    pub(super) fn slots(&self, field: usize) -> &[Slot] {
        &self.slots[field * BLOCK..][..self.rows]
    }

    pub(super) fn numbers(&self, field: usize) -> &[f64] {
        &self.numbers[field * BLOCK..][..self.rows]
    }

    pub(super) fn unusual(&self, field: usize) -> bool {
        self.unusual[field]
    }

    /// All slots: that of a field and row at `field * BLOCK + row`.
    pub(super) fn all_slots(&self) -> &[Slot] {
        &self.slots
    }

    /// Takes the slots of some rows of another block, for some fields.
    pub(super) fn take(&mut self, from: &Block, rows: &[u16], fields: &[usize]) {
        self.slots.resize(from.slots.len(), MISSING);
        self.rows = rows.len();
        for field in fields {
            let source = from.slots(*field);
            let places = self.slots[field * BLOCK..].iter_mut().zip(rows);
            places.for_each(|(slot, row)| *slot = source[usize::from(*row)]);
        }
    }

    /// Takes the rows of a range of the columns, which are those of the first fields; `kept` says of which the numbers are
    /// needed. [`Block::calculate`] has to follow.
    pub(super) fn read(
        &mut self,
        arch: Arch,
        fields: &[Slots],
        kept: &[bool],
        columns: &[Read<'_>],
        range: Range<usize>,
    ) {
        self.rows = range.len();
        self.flags.clear();
        self.refused.clear();
        for (at, (field, read)) in fields.iter().zip(columns).enumerate() {
            let slots = &mut self.slots[at * BLOCK..][..range.len()];
            let numbers = match kept[at] {
                true => &mut self.numbers[at * BLOCK..][..range.len()],
                false => &mut self.passing[..range.len()],
            };
            ingest(arch, field, read, range.clone(), slots, numbers, kept[at]);
            self.survey(arch, field, at);
        }
    }

    /// Works out the fields that are a formula, which stand behind all others.
    pub(super) fn calculate(&mut self, arch: Arch, fields: &[Slots], formulas: &Formulas, schema: &Schema) {
        for (at, formula) in formulas.programs() {
            let mut results = std::mem::take(&mut self.passing);
            calculated::of_block(formula, schema, fields, self, &mut results[..self.rows]);
            let here = at * BLOCK..at * BLOCK + self.rows;
            search(arch, &fields[at], &results[..self.rows], &mut self.slots[here.clone()]);
            self.numbers[here].copy_from_slice(&results[..self.rows]);
            self.passing = results;
            self.survey(arch, &fields[at], at);
        }
        self.settle();
    }

    /// Looks whether a field has unusual slots in some rows, and what is told of these.
    fn survey(&mut self, arch: Arch, field: &Slots, at: usize) {
        let slots = &self.slots[at * BLOCK..][..self.rows];
        let (unusual, noted) = arch.dispatch(Survey { slots, usual: field.usual });
        self.unusual[at] = unusual;
        if noted {
            note(field, at, slots, &mut self.flags, &mut self.refused);
        }
    }

    /// Brings flags and refusals into the order of rows; a refused row has one refusal and no flags.
    fn settle(&mut self) {
        let Self { flags, refused, .. } = self;
        // Stable: fields were read in schema order.
        refused.sort_by_key(|(row, _)| *row);
        refused.dedup_by_key(|(row, _)| *row);
        flags.retain(|(row, _)| refused.binary_search_by_key(row, |(row, _)| *row).is_err());
        flags.sort_by_key(|(row, _)| *row);
    }
}

/// Flags and refusals of one field.
fn note(
    field: &Slots,
    at: usize,
    slots: &[Slot],
    flags: &mut Vec<(usize, Flag)>,
    refused: &mut Vec<(usize, usize)>,
) {
    for (row, slot) in slots.iter().enumerate() {
        match field.parts[usize::from(*slot)].note {
            Note::None => {}
            Note::Flag(kind) => flags.push((row, Flag { field: at, kind })),
            Note::Refused => refused.push((row, at)),
        }
    }
}

/// Slots and, where they are `kept`, numbers of some rows of a column.
fn ingest(
    arch: Arch,
    field: &Slots,
    read: &Read<'_>,
    range: Range<usize>,
    slots: &mut [Slot],
    numbers: &mut [f64],
    kept: bool,
) {
    match read.column {
        Column::Missing => slots.fill(field.missing_slot()),
        Column::Numbers { values, valid } if field.numeric() => {
            let values = &values[range.clone()];
            if kept {
                numbers.copy_from_slice(values);
            }
            search(arch, field, values, slots);
            mask(field, valid, range.start, slots);
        }
        Column::Integers { values, valid } if field.numeric() => {
            numbers.iter_mut().zip(&values[range.clone()]).for_each(|(x, value)| *x = *value as f64);
            search(arch, field, numbers, slots);
            mask(field, valid, range.start, slots);
        }
        Column::Codes { codes, valid, .. } => {
            for (i, row) in range.enumerate() {
                let there = valid.is_none_or(|valid| valid.at(row));
                (slots[i], numbers[i]) =
                    if there { read.entries[codes[row] as usize] } else { (field.missing_slot(), f64::NAN) };
            }
        }
        Column::Numbers { .. } | Column::Integers { .. } | Column::Each { .. } => {
            for (i, row) in range.enumerate() {
                (slots[i], numbers[i]) = field.of(read.column.value(row));
            }
        }
    }
}

fn mask(field: &Slots, valid: Option<Valid<'_>>, from: usize, slots: &mut [Slot]) {
    if let Some(valid) = valid {
        for (i, slot) in slots.iter_mut().enumerate() {
            *slot = if valid.at(from + i) { *slot } else { field.missing_slot() };
        }
    }
}

/// The slots of numbers in a number field.
fn search(arch: Arch, field: &Slots, values: &[f64], slots: &mut [Slot]) {
    if field.bounds.len() > FEW {
        for (slot, x) in slots.iter_mut().zip(values) {
            *slot = field.of(Value::Number(*x)).0;
        }
    } else if !arch.dispatch(Count { bounds: &field.bounds, values, slots }) {
        for (slot, x) in slots.iter_mut().zip(values) {
            let odd = if x.is_nan() { field.missing_slot() } else { REFUSED };
            *slot = if x.is_finite() { *slot } else { odd };
        }
    }
}

/// The slots of finite numbers: how many bounds are not above each. Gives whether all numbers are finite.
struct Count<'a> {
    bounds: &'a [f64],
    values: &'a [f64],
    slots: &'a mut [Slot],
}

impl WithSimd for Count<'_> {
    type Output = bool;

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) -> bool {
        let Self { bounds, values, slots } = self;
        let mut counted = [0_u64; WIDE * MOST_LANES];
        let far = simd.splat_f64s(f64::INFINITY);
        let mut odd = simd.splat_f64s(0.0);
        let registers = S::as_simd_f64s(values).0;
        let (tiles, _) = registers.as_chunks::<WIDE>();
        for (tile, slots) in tiles.iter().zip(slots.chunks_exact_mut(WIDE * S::F64_LANES)) {
            let mut counts = [simd.splat_u64s(u64::from(FIRST)); WIDE];
            for bound in bounds {
                let bound = simd.splat_f64s(*bound);
                for (count, x) in counts.iter_mut().zip(tile) {
                    let reached = simd.less_than_or_equal_f64s(bound, *x);
                    *count = simd.sub_u64s(*count, minus_one_where(simd, reached));
                }
            }
            for x in tile {
                odd = simd.select_f64s(simd.less_than_f64s(simd.abs_f64s(*x), far), odd, far);
            }
            S::as_mut_simd_u64s(&mut counted).0[..WIDE].copy_from_slice(&counts);
            slots.iter_mut().zip(&counted).for_each(|(slot, count)| *slot = *count as Slot);
        }
        let done = tiles.len() * WIDE * S::F64_LANES;
        let mut finite = true;
        for (slot, x) in slots[done..].iter_mut().zip(&values[done..]) {
            *slot = FIRST + bounds.iter().map(|bound| Slot::from(bound <= x)).sum::<Slot>();
            finite &= x.is_finite();
        }
        finite && simd.reduce_max_f64s(odd) == 0.0
    }
}

/// -1 where a comparison holds, else 0: where the processor keeps a comparison so, as it stands.
#[inline(always)]
fn minus_one_where<S: Simd>(simd: S, holds: S::m64s) -> S::u64s {
    if size_of::<S::m64s>() == size_of::<S::u64s>() {
        pulp::bytemuck::cast(holds)
    } else {
        simd.select_u64s(holds, simd.splat_u64s(u64::MAX), simd.splat_u64s(0))
    }
}

/// Whether a row lies outside the usual slots, and whether one does that is not just missing.
struct Survey<'a> {
    slots: &'a [Slot],
    usual: (Slot, Slot),
}

impl NullaryFnOnce for Survey<'_> {
    type Output = (bool, bool);

    #[inline(always)]
    fn call(self) -> (bool, bool) {
        let (first, last) = self.usual;
        let (mut unusual, mut noted) = (0, 0);
        for slot in self.slots {
            let outside = Slot::from(slot.wrapping_sub(first) > last - first);
            unusual |= outside;
            noted |= outside & Slot::from(*slot != MISSING);
        }
        (unusual != 0, noted != 0)
    }
}
