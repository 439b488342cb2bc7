//! Columns as callers have them, one for each field of the schema.

use super::slots::Slot;
use super::{CompiledScorer, slots::Slots};
use crate::value::Value;

/// One column of raw values; a row's value is read as [`Field::ingest`](crate::Field::ingest) reads it.
#[derive(Clone, Copy)]
pub enum Column<'a> {
    /// No row has a value.
    Missing,
    /// Numbers; NaN counts as missing.
    Numbers {
        /// One a row.
        values: &'a [f64],
        /// Which rows have a value; all where absent.
        valid: Option<Valid<'a>>,
    },
    /// Whole numbers, each of which a double holds exactly (up to 2^53 in magnitude).
    Integers {
        /// One a row.
        values: &'a [i64],
        /// Which rows have a value; all where absent.
        valid: Option<Valid<'a>>,
    },
    /// A dictionary: each entry is ingested once, a row costs a look-up.
    Codes {
        /// For each row the position of its value in `entries`; ignored where the row has none.
        codes: &'a [i32],
        /// Which rows have a value; all where absent.
        valid: Option<Valid<'a>>,
        /// The values, some of which may be in no row.
        entries: &'a [Value<'a>],
    },
    /// Any value by row: each is ingested on its own, slower than the others.
    Each {
        /// How many rows there are.
        rows: usize,
        /// Gives the value of a row.
        values: &'a dyn RowValues,
    },
}

/// Values that are given row by row.
pub trait RowValues: Sync {
    /// The value of a row; the same whenever it is asked for.
    fn value(&self, row: usize) -> Value<'_>;
}

impl RowValues for Vec<Value<'_>> {
    fn value(&self, row: usize) -> Value<'_> {
        self[row]
    }
}

/// Which rows have a value: bit `offset + row` of `bits`, the lowest bit of a byte first, is 1. As arrow has it.
#[derive(Clone, Copy, Debug)]
pub struct Valid<'a> {
    /// The bits.
    pub bits: &'a [u8],
    /// Position of the first row's bit.
    pub offset: usize,
}

impl Valid<'_> {
    pub(super) fn at(&self, row: usize) -> bool {
        let bit = self.offset + row;
        self.bits[bit / 8] >> (bit % 8) & 1 == 1
    }
}

impl<'a> Column<'a> {
    fn rows(&self) -> Option<usize> {
        match self {
            Self::Missing => None,
            Self::Numbers { values, .. } => Some(values.len()),
            Self::Integers { values, .. } => Some(values.len()),
            Self::Codes { codes, .. } => Some(codes.len()),
            Self::Each { rows, .. } => Some(*rows),
        }
    }

    fn valid(&self) -> Option<Valid<'a>> {
        match self {
            Self::Numbers { valid, .. } | Self::Integers { valid, .. } | Self::Codes { valid, .. } => *valid,
            Self::Missing | Self::Each { .. } => None,
        }
    }

    /// The raw value of a row.
    pub(super) fn value(&self, row: usize) -> Value<'a> {
        if self.valid().is_some_and(|valid| !valid.at(row)) {
            return Value::Missing;
        }
        match self {
            Self::Missing => Value::Missing,
            Self::Numbers { values, .. } => Value::Number(values[row]),
            Self::Integers { values, .. } => Value::Number(values[row] as f64),
            Self::Codes { codes, entries, .. } => entries[codes[row] as usize],
            Self::Each { values, .. } => values.value(row),
        }
    }
}

/// Columns that fit a scorer, their dictionaries already looked through. Cheap to make for each batch; threads may share
/// one and score parts of its rows.
pub struct Columns<'a> {
    pub(super) rows: usize,
    pub(super) fields: Vec<Read<'a>>,
}

/// One column and the slots of its dictionary.
pub(super) struct Read<'a> {
    pub(super) column: Column<'a>,
    /// Slot and number of each entry.
    pub(super) entries: Vec<(Slot, f64)>,
}

impl Columns<'_> {
    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.rows
    }
}

impl CompiledScorer {
    /// Makes columns ready to be scored: one for each field of the model's schema, in its order, `rows` long.
    ///
    /// # Panics
    /// When there are fewer or more columns than fields, or one has another length: a caller's mistake, no matter of data.
    pub fn columns<'a>(&self, rows: usize, columns: &[Column<'a>]) -> Columns<'a> {
        assert_eq!(
            columns.len(),
            self.schema.inputs().count(),
            "one column for each input field of the schema"
        );
        let calculated = self.schema.fields.len() - columns.len();
        let columns = columns.iter().chain(std::iter::repeat_n(&Column::Missing, calculated));
        let fields = columns.enumerate().map(|(at, column)| {
            assert!(column.rows().is_none_or(|n| n == rows), "column {at} must have {rows} rows");
            let bits = column.valid().map(|valid| valid.bits.len() * 8 - valid.offset);
            assert!(bits.is_none_or(|bits| bits >= rows), "column {at}: too few bits for {rows} rows");
            Read {
                column: *column,
                entries: self.slots.get(at).map_or(vec![], |slots| entries(slots, column)),
            }
        });
        Columns { rows, fields: fields.collect() }
    }
}

fn entries(slots: &Slots, column: &Column<'_>) -> Vec<(Slot, f64)> {
    match column {
        Column::Codes { entries, .. } => entries.iter().map(|value| slots.of(*value)).collect(),
        _ => Vec::new(),
    }
}
