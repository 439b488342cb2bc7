//! The events of one customer in few bytes.
//!
//! Nothing if there are no rows. Else version 1, then the [`Plan::fingerprint`] (8 bytes, little-endian); the texts in the order in which rows name them
//! first (number of texts; of each its length and its UTF-8); then for each of the six tables the moment up to which
//! rows are forgotten, the number of rows, and row by row: `at` less that of the row before, `known_at` less `at`, the
//! id (8 bytes, little-endian), and the values: 0 where missing; a number plainly; a time less `at`; a text's place + 1.
//!
//! Whole numbers are LEB128: 7 bits a byte, the lowest first, the highest bit set but in the last byte. Differences and
//! numbers first become `zigzag << 2 | unit`, plus 1 where 0 means missing: in units of 1 (0), of 10,000 (1: cents of
//! millionths, hundredths of a second) or of 1,000,000 (2: ones, seconds), the largest that divides them.
//!
//! The same events of the same plan are the same bytes, in whatever order they came.

use super::rows::{CustomerRows, Key, NONE, Table};
use crate::{FeatureError, Moment, ValueKind};

const VERSION: u8 = 1;

/// Moments lie between years 1 and 9999.
pub(super) const MOMENTS: std::ops::Range<i64> = -62_135_596_800_000_000..253_402_300_800_000_000;

/// Buffers of packing.
#[derive(Debug, Default)]
pub(super) struct Packer {
    /// The place of each text in the packed list, and the texts in that order.
    places: Vec<Option<usize>>,
    order: Vec<usize>,
}

impl Packer {
    /// Packs the rows into `bytes`.
    pub(super) fn pack(&mut self, rows: &CustomerRows, plan: u64, bytes: &mut Vec<u8>) {
        bytes.clear();
        let is_empty = |table: &Table| table.keys.is_empty() && table.forgotten == Moment::NONE;
        if rows.tables.iter().all(is_empty) {
            return;
        }
        bytes.push(VERSION);
        bytes.extend_from_slice(&plan.to_le_bytes());
        self.order(rows);
        number(bytes, self.order.len() as u128);
        for text in &self.order {
            let text = &rows.texts()[*text];
            number(bytes, text.len() as u128);
            bytes.extend_from_slice(text.as_bytes());
        }
        for table in &rows.tables {
            let forgotten = if table.forgotten == Moment::NONE { 0 } else { 1 + packed(table.forgotten.0) };
            number(bytes, forgotten);
            number(bytes, table.keys.len() as u128);
            let mut before = 0;
            for (row, key) in table.keys.iter().enumerate() {
                number(bytes, packed(key.at.0 - before));
                number(bytes, packed(key.known_at.0 - key.at.0));
                bytes.extend_from_slice(&key.id.to_le_bytes());
                before = key.at.0;
                let cells = &table.values[row * table.columns.len()..];
                for (cell, (_, kind)) in cells.iter().zip(&table.columns) {
                    number(
                        bytes,
                        match (*cell, kind) {
                            (NONE, _) => 0,
                            (value, ValueKind::Number) => 1 + packed(value),
                            (value, ValueKind::Time) => 1 + packed(value.saturating_sub(key.at.0)),
                            (code, ValueKind::Text) => 1 + self.places[code as usize].unwrap_or(0) as u128,
                        },
                    );
                }
            }
        }
    }

    /// Puts the texts that rows use into the order in which rows name them.
    fn order(&mut self, rows: &CustomerRows) {
        self.places.clear();
        self.places.resize(rows.texts().len(), None);
        self.order.clear();
        for table in &rows.tables {
            let texts = (0..table.columns.len()).filter(|column| table.columns[*column].1 == ValueKind::Text);
            let texts: Vec<usize> = texts.collect();
            for row in table.values.chunks_exact(table.columns.len().max(1)) {
                for code in texts.iter().filter_map(|column| usize::try_from(row[*column]).ok()) {
                    if self.places[code].is_none() {
                        self.places[code] = Some(self.order.len());
                        self.order.push(code);
                    }
                }
            }
        }
    }
}

/// Unpacks into `rows`, whatever they held.
pub(super) fn unpack(bytes: &[u8], plan: u64, rows: &mut CustomerRows) -> Result<(), FeatureError> {
    rows.clear();
    if bytes.is_empty() {
        return Ok(());
    }
    let mut from = Reader { bytes };
    match from.take(1)? {
        [VERSION] => {}
        other => {
            return Err(wrong(&format!(
                "version {} of its bytes is not known; expected {VERSION}",
                other[0]
            )));
        }
    }
    if from.eight()? != plan {
        return Err(wrong("it was made for a plan that reads other columns: make it anew from the events"));
    }
    let texts = from.count()?;
    for _ in 0..texts {
        let length = from.count()?;
        let text = std::str::from_utf8(from.take(length)?).map_err(|_| wrong("a text is not UTF-8"))?;
        rows.push_text(text);
    }
    for table in &mut rows.tables {
        from.table(table, texts)?;
    }
    if from.bytes.is_empty() { Ok(()) } else { Err(wrong("there are bytes behind its end")) }
}

/// What is left to read.
struct Reader<'a> {
    bytes: &'a [u8],
}

impl<'a> Reader<'a> {
    fn table(&mut self, table: &mut Table, texts: usize) -> Result<(), FeatureError> {
        table.forgotten = match self.number()? {
            0 => Moment::NONE,
            packed => self.moment(0, packed - 1)?,
        };
        let mut before = Key { at: Moment::NONE, known_at: Moment::NONE, id: 0 };
        for _ in 0..self.count()? {
            let packed = self.number()?;
            let at = self.moment(if before.at == Moment::NONE { 0 } else { before.at.0 }, packed)?;
            let packed = self.number()?;
            let known_at = self.moment(at.0, packed)?;
            let key = Key { at, known_at, id: self.eight()? };
            if key <= before || at <= table.forgotten {
                return Err(wrong("its rows are not in order"));
            }
            before = key;
            table.keys.push(key);
            for (_, kind) in &table.columns {
                let cell = match (self.number()?, kind) {
                    (0, _) => NONE,
                    (packed, ValueKind::Number) => {
                        value(packed - 1).ok_or_else(|| wrong("a number is out of range"))?
                    }
                    (packed, ValueKind::Time) => self.moment(at.0, packed - 1)?.0,
                    (place, ValueKind::Text) if place <= texts as u128 => place as i64 - 1,
                    (_, ValueKind::Text) => return Err(wrong("a text is not there")),
                };
                table.values.push(cell);
            }
        }
        Ok(())
    }

    fn moment(&self, base: i64, packed: u128) -> Result<Moment, FeatureError> {
        let moment = value(packed).and_then(|difference| base.checked_add(difference));
        let moment = moment.filter(|moment| MOMENTS.contains(moment));
        moment.map(Moment).ok_or_else(|| wrong("a moment is out of range"))
    }

    fn take(&mut self, count: usize) -> Result<&'a [u8], FeatureError> {
        let (taken, rest) = self.bytes.split_at_checked(count).ok_or_else(|| wrong("it ends too early"))?;
        self.bytes = rest;
        Ok(taken)
    }

    fn eight(&mut self) -> Result<u64, FeatureError> {
        let taken = self.take(8)?;
        Ok(u64::from_le_bytes(taken.try_into().expect("eight bytes were taken")))
    }

    /// A number of things of at least one byte each.
    fn count(&mut self) -> Result<usize, FeatureError> {
        let count = self.number()?;
        match usize::try_from(count) {
            Ok(count) if count <= self.bytes.len() => Ok(count),
            _ => Err(wrong("it ends too early")),
        }
    }

    fn number(&mut self) -> Result<u128, FeatureError> {
        let mut number = 0;
        for (place, byte) in self.bytes.iter().enumerate().take(10) {
            number |= u128::from(byte & 0x7f) << (7 * place);
            if byte & 0x80 == 0 {
                self.bytes = &self.bytes[place + 1..];
                return Ok(number);
            }
        }
        Err(wrong("a number has no end"))
    }
}

fn wrong(what: &str) -> FeatureError {
    FeatureError::State(what.to_owned())
}

fn number(bytes: &mut Vec<u8>, mut number: u128) {
    while number >= 0x80 {
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
}

/// The units of numbers, by their two bits.
const UNITS: [i64; 3] = [1, 10_000, 1_000_000];

/// A whole number with its unit in the lowest two bits.
fn packed(value: i64) -> u128 {
    let unit = if value % UNITS[1] != 0 { 0 } else { 1 + usize::from(value % UNITS[2] == 0) };
    let small = value / UNITS[unit];
    let zigzag = ((small << 1) ^ (small >> 63)) as u64;
    u128::from(zigzag) << 2 | unit as u128
}

fn value(packed: u128) -> Option<i64> {
    let unit = *UNITS.get((packed & 3) as usize)?;
    let zigzag = u64::try_from(packed >> 2).ok()?;
    let small = (zigzag >> 1) as i64 ^ -((zigzag & 1) as i64);
    small.checked_mul(unit).filter(|value| *value != NONE)
}
