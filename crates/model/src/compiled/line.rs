//! A straight line on a standardised number, for linear terms and for coordinates.

use super::block::Block;
use super::slots::{Slot, Slots};
use crate::transform::{LARGEST, Transform, signed_log};
use pulp::{Arch, NullaryFnOnce};

/// Slope times a standardised number; a table where the value is no plain number.
#[derive(Clone, Debug)]
pub(super) struct Line {
    field: usize,
    slope: f64,
    center: f64,
    scale: f64,
    /// Whether the logarithm of the number is standardised.
    log: bool,
    by_slot: Vec<f64>,
    as_is: Vec<bool>,
}

impl Line {
    /// `slope` times the number that a transform gives; `by_slot` says what slots give that are no plain numbers. `None`
    /// where the transform standardises nothing.
    pub(super) fn new(
        transform: &Transform,
        slope: f64,
        slots: &Slots,
        by_slot: impl FnOnce() -> Vec<f64>,
    ) -> Option<Self> {
        let (field, center, scale, log) = match transform {
            Transform::Standardise { field, center, scale } => (*field, *center, *scale, false),
            Transform::LogStandardise { field, center, scale } => (*field, *center, *scale, true),
            Transform::Intervals { .. } | Transform::Groups { .. } | Transform::Indicator { .. } => {
                return None;
            }
        };
        let as_is = slots.parts.iter().map(|part| part.as_is).collect();
        Some(Self { field, slope, center, scale, log, by_slot: by_slot(), as_is })
    }

    pub(super) fn field(&self) -> usize {
        self.field
    }

    /// The value of one row.
    pub(super) fn at(&self, slot: Slot, number: f64) -> f64 {
        let slot = usize::from(slot);
        if !self.as_is[slot] {
            return self.by_slot[slot];
        }
        self.straight(if self.log { signed_log(number) } else { number })
    }

    #[inline(always)]
    fn straight(&self, x: f64) -> f64 {
        self.slope * ((x - self.center) / self.scale).clamp(-LARGEST, LARGEST)
    }

    /// The values of a block.
    pub(super) fn read(&self, arch: Arch, block: &Block, values: &mut [f64]) {
        let numbers = block.numbers(self.field);
        if self.log {
            let rows = values.iter_mut().zip(block.slots(self.field)).zip(numbers);
            rows.for_each(|((value, slot), x)| *value = self.at(*slot, *x));
            return;
        }
        arch.dispatch(Straight { line: self, numbers, values });
        if block.unusual(self.field) {
            for (value, slot) in values.iter_mut().zip(block.slots(self.field)) {
                let slot = usize::from(*slot);
                *value = if self.as_is[slot] { *value } else { self.by_slot[slot] };
            }
        }
    }
}

struct Straight<'a> {
    line: &'a Line,
    numbers: &'a [f64],
    values: &'a mut [f64],
}

impl NullaryFnOnce for Straight<'_> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let rows = self.values.iter_mut().zip(self.numbers);
        rows.for_each(|(value, x)| *value = self.line.straight(*x));
    }
}
