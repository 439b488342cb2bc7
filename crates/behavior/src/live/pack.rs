//! The events of one customer in few bytes.
//!
//! Nothing if there are no rows. Else version 1, then the [`Plan::fingerprint`] (8 bytes, little-endian); the texts in the order in which rows name them
//! first (number of texts; of each its length and its UTF-8); then for each of the six tables the moment up to which
//! rows are forgotten, the number of rows, and row by row: `at` less that of the row before, `known_at` less `at`, the
//! id (8 bytes, little-endian), and the values: a number plainly; a time less `at`; a text's place + 1, 0 where missing.
//!
//! Counts and places are LEB128: 7 bits a byte, the lowest first, the highest bit set but in the last byte. So are
//! differences and numbers, as 2 + (`zigzag << 2 | unit`), in units of 1 (0), of 10,000 (1: cents in millionths,
//! hundredths of a second) or of 1,000,000 (2: ones, seconds), the largest that divides them; from 2^59 units on they are
//! 1 and then 8 bytes, little-endian. 0 is missing.
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
        count(bytes, self.order.len());
        for text in &self.order {
            let text = &rows.texts()[*text];
            count(bytes, text.len());
            bytes.extend_from_slice(text.as_bytes());
        }
        for table in &rows.tables {
            number(bytes, table.forgotten.0);
            count(bytes, table.keys.len());
            let mut before = 0;
            for (row, key) in table.keys.iter().enumerate() {
                number(bytes, key.at.0 - before);
                number(bytes, key.known_at.0 - key.at.0);
                bytes.extend_from_slice(&key.id.to_le_bytes());
                before = key.at.0;
                let cells = &table.values[row * table.columns.len()..];
                for (cell, (_, kind)) in cells.iter().zip(&table.columns) {
                    match (*cell, kind) {
                        (NONE, _) => bytes.push(0),
                        (value, ValueKind::Number) => number(bytes, value),
                        (value, ValueKind::Time) => number(bytes, value - key.at.0),
                        (code, ValueKind::Text) => {
                            count(bytes, self.places[code as usize].map_or(0, |place| place + 1))
                        }
                    }
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
            if table.columns.iter().all(|(_, kind)| *kind != ValueKind::Text) {
                continue;
            }
            let kinds = table.columns.iter().map(|(_, kind)| *kind).cycle();
            for (code, _) in table
                .values
                .iter()
                .zip(kinds)
                .filter(|(code, kind)| *kind == ValueKind::Text && **code != NONE)
            {
                let place = &mut self.places[*code as usize];
                if place.is_none() {
                    *place = Some(self.order.len());
                    self.order.push(*code as usize);
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
            None => Moment::NONE,
            moment => self.moment(0, moment)?,
        };
        let mut before = Key { at: Moment::NONE, known_at: Moment::NONE, id: 0 };
        for _ in 0..self.count()? {
            let at = self.number()?;
            let at = self.moment(if before.at == Moment::NONE { 0 } else { before.at.0 }, at)?;
            let known_at = self.number()?;
            let known_at = self.moment(at.0, known_at)?;
            let key = Key { at, known_at, id: self.eight()? };
            if key <= before || at <= table.forgotten {
                return Err(wrong("its rows are not in order"));
            }
            before = key;
            table.keys.push(key);
            for (_, kind) in &table.columns {
                let cell = match kind {
                    ValueKind::Number => self.number()?.unwrap_or(NONE),
                    ValueKind::Time => match self.number()? {
                        None => NONE,
                        difference => self.moment(at.0, difference)?.0,
                    },
                    ValueKind::Text => match self.leb()? {
                        0 => NONE,
                        place if place <= texts as u64 => place as i64 - 1,
                        _ => return Err(wrong("a text is not there")),
                    },
                };
                table.values.push(cell);
            }
        }
        Ok(())
    }

    fn moment(&self, base: i64, difference: Option<i64>) -> Result<Moment, FeatureError> {
        let moment = difference.and_then(|difference| base.checked_add(difference));
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
        let count = self.leb()?;
        match usize::try_from(count) {
            Ok(count) if count <= self.bytes.len() => Ok(count),
            _ => Err(wrong("it ends too early")),
        }
    }

    fn number(&mut self) -> Result<Option<i64>, FeatureError> {
        Ok(match self.leb()? {
            0 => None,
            1 => Some(self.eight()? as i64).filter(|value| *value != NONE),
            packed => {
                let (packed, unit) = ((packed - 2) >> 2, (packed - 2) & 3);
                let small = (packed >> 1) as i64 ^ -((packed & 1) as i64);
                let unit = UNITS.get(unit as usize).ok_or_else(|| wrong("a number has no unit"))?;
                Some(small.checked_mul(*unit).ok_or_else(|| wrong("a number is out of range"))?)
            }
        })
    }

    #[inline]
    fn leb(&mut self) -> Result<u64, FeatureError> {
        match self.bytes {
            [byte, rest @ ..] if byte & 0x80 == 0 => {
                self.bytes = rest;
                Ok(u64::from(*byte))
            }
            [low, high, rest @ ..] if high & 0x80 == 0 => {
                self.bytes = rest;
                Ok(u64::from(low & 0x7f) | u64::from(*high) << 7)
            }
            _ => self.long_leb(),
        }
    }

    fn long_leb(&mut self) -> Result<u64, FeatureError> {
        let mut number = 0;
        for (place, byte) in self.bytes.iter().enumerate().take(9) {
            number |= u64::from(byte & 0x7f) << (7 * place);
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

fn count(bytes: &mut Vec<u8>, count: usize) {
    leb(bytes, count as u64);
}

fn leb(bytes: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
}

/// The units of numbers, by their two bits.
const UNITS: [i64; 3] = [1, 10_000, 1_000_000];

/// From this many units on, numbers are 8 bytes.
const LARGE: u64 = 1 << 59;

/// A number, [`NONE`] if it is missing.
fn number(bytes: &mut Vec<u8>, value: i64) {
    let (small, unit) = match value {
        NONE => return bytes.push(0),
        value if value % UNITS[1] != 0 => (value, 0),
        value if value % UNITS[2] != 0 => (value / UNITS[1], 1),
        value => (value / UNITS[2], 2),
    };
    if small.unsigned_abs() >= LARGE {
        bytes.push(1);
        return bytes.extend_from_slice(&value.to_le_bytes());
    }
    let zigzag = ((small << 1) ^ (small >> 63)) as u64;
    leb(bytes, 2 + (zigzag << 2 | unit));
}
