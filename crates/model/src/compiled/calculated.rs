//! Fields that are calculated: formulas on slots and numbers, of one row and of a block.

use super::block::Block;
use super::slots::{Slot, Slots};
use crate::formula::{Formulas, cell_value, number};
use crate::schema::Schema;
use crate::value::{Cell, Value};
use arrears_expression as cel;

/// What a field's slot and number stand for.
#[inline]
pub(super) fn cell(slots: &Slots, slot: Slot, number: f64) -> Cell {
    let part = &slots.parts[usize::from(slot)];
    if part.as_is { Cell::Number(number) } else { part.cell }
}

/// The fields of a block as columns of an expression.
struct Fields<'a> {
    schema: &'a Schema,
    slots: &'a [Slots],
    block: &'a Block,
}

impl cel::Columns for Fields<'_> {
    fn numbers(&self, column: usize, start: usize, out: &mut [f64]) {
        let numbers = &self.block.numbers(column)[start..];
        if !self.block.unusual(column) {
            return out.copy_from_slice(&numbers[..out.len()]);
        }
        let rows = self.block.slots(column)[start..].iter().zip(numbers);
        out.iter_mut().zip(rows).for_each(|(out, (slot, x))| {
            *out = match cell(&self.slots[column], *slot, *x) {
                Cell::Number(x) => x,
                _ => f64::NAN,
            };
        });
    }

    /// No field holds moments.
    fn times(&self, _column: usize, _start: usize, out: &mut [i64]) {
        out.fill(i64::MIN);
    }

    fn codes(&self, column: usize, start: usize, out: &mut [u32]) {
        let slots = &self.block.slots(column)[start..];
        out.iter_mut().zip(slots).for_each(|(out, slot)| {
            *out = match self.slots[column].parts[usize::from(*slot)].cell {
                Cell::Category(code) => code as u32,
                _ => u32::MAX,
            };
        });
    }

    fn texts(&self, column: usize) -> usize {
        self.schema.fields[column].categories().len()
    }

    fn text(&self, column: usize, code: u32) -> &str {
        &self.schema.fields[column].categories()[code as usize]
    }
}

/// The result of a formula for each row of a block whose inputs are read; NaN where there is none.
pub(super) fn of_block(
    formula: &cel::Expression,
    schema: &Schema,
    slots: &[Slots],
    block: &Block,
    out: &mut [f64],
) {
    let fields = Fields { schema, slots, block };
    formula.bind(&fields).numbers(&fields, 0..out.len(), out);
}

/// The value of a formula for a row whose inputs are read.
pub(super) fn of_row(
    formula: &cel::Expression,
    schema: &Schema,
    slots: &[Slots],
    row: (&[Slot], &[f64]),
) -> Value<'static> {
    let result =
        formula.row_with(|at| cell_value(&schema.fields[at], cell(&slots[at], row.0[at], row.1[at])));
    number(result).map_or(Value::Missing, Value::Number)
}

/// Marks the fields whose numbers formulas read, and those that hold a formula's.
pub(super) fn keep(formulas: &Formulas, kept: &mut [bool]) {
    for (at, formula) in formulas.programs() {
        kept[at] = true;
        formula.uses().iter().for_each(|field| kept[*field] = true);
    }
}
