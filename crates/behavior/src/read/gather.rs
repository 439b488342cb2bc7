//! The rows of some customers, wherever they stand, put to their customers.

use crate::read::batch::{Batch, Key};
use crate::read::cells::{Cells, NO_TEXT, NONE, Word};
use crate::read::queue::Slice;
use crate::read::texts::Interner;
use hashbrown::HashMap;
use std::ops::Range;

/// Rows of one table, customer by customer.
pub(crate) struct Gathered<'a> {
    batches: Vec<&'a Batch>,
    /// Batch and row of each position.
    places: Vec<(u32, u32)>,
    /// Positions of customer `c` are `starts[c]..starts[c + 1]`.
    pub(crate) starts: Vec<u32>,
}

/// The customers of slices, ascending, none twice; and of each slice and each of its customers the position among them.
pub(crate) fn customers(slices: &[Slice]) -> (Vec<Key<'_>>, Vec<Vec<u32>>) {
    let mut all: Vec<(Key<'_>, u32, u32)> = Vec::new();
    for (at, slice) in slices.iter().enumerate() {
        let place = |k: usize| (slice.batch.keys.get(k), at as u32, (k - slice.customers.start) as u32);
        all.extend(slice.customers.clone().map(place));
    }
    // Slices are sorted: a stable sort merges them.
    all.sort_by(|a, b| a.0.cmp(&b.0));
    let mut keys: Vec<Key<'_>> = Vec::new();
    let mut owners: Vec<Vec<u32>> = slices.iter().map(|slice| vec![0; slice.customers.len()]).collect();
    for (key, slice, place) in all {
        if keys.last() != Some(&key) {
            keys.push(key);
        }
        owners[slice as usize][place as usize] = keys.len() as u32 - 1;
    }
    (keys, owners)
}

impl<'a> Gathered<'a> {
    /// The rows of one table; `customers` is their number.
    pub(crate) fn new(
        slices: &'a [Slice],
        owners: &[Vec<u32>],
        table: usize,
        customers: usize,
    ) -> Gathered<'a> {
        let own = || slices.iter().zip(owners).filter(|(slice, _)| slice.table == table);
        let rows = |slice: &Slice, place: usize| -> Range<u32> {
            let at = slice.customers.start + place;
            slice.batch.starts[at]..slice.batch.starts[at + 1]
        };
        let mut starts = vec![0_u32; customers + 1];
        for (slice, owners) in own() {
            for (place, owner) in owners.iter().enumerate() {
                starts[*owner as usize + 1] += rows(slice, place).len() as u32;
            }
        }
        for at in 0..customers {
            starts[at + 1] += starts[at];
        }
        let mut next = starts.clone();
        let mut places = vec![(0, 0); starts[customers] as usize];
        let mut batches: Vec<&Batch> = Vec::new();
        for (slice, owners) in own() {
            for (place, owner) in owners.iter().enumerate() {
                for row in rows(slice, place) {
                    let to = &mut next[*owner as usize];
                    places[*to as usize] = (batches.len() as u32, row);
                    *to += 1;
                }
            }
            batches.push(&slice.batch);
        }
        Gathered { batches, places, starts }
    }

    pub(crate) fn rows(&self) -> usize {
        self.places.len()
    }

    /// The positions of a customer's rows.
    pub(crate) fn of(&self, customer: usize) -> Range<usize> {
        self.starts[customer] as usize..self.starts[customer + 1] as usize
    }

    #[inline]
    pub(crate) fn at(&self, position: usize) -> i64 {
        let (batch, row) = self.places[position];
        self.batches[batch as usize].at[row as usize]
    }

    #[inline]
    pub(crate) fn known(&self, position: usize) -> i64 {
        let (batch, row) = self.places[position];
        self.batches[batch as usize].known[row as usize]
    }

    /// From when on the row counts: it happened and was known.
    #[inline]
    pub(crate) fn visible(&self, position: usize) -> i64 {
        self.at(position).max(self.known(position))
    }

    /// The values of a column, and the row of a position in them.
    #[inline]
    pub(crate) fn cell(&self, cell: usize, position: usize) -> (&'a Cells, usize) {
        let (batch, row) = self.places[position];
        (&self.batches[batch as usize].cells[cell], row as usize)
    }

    /// The numbers or times of a column at some positions.
    pub(crate) fn whole(&self, cell: usize, positions: &[u32]) -> impl Iterator<Item = i64> {
        positions.iter().map(move |position| {
            let (cells, row) = self.cell(cell, *position as usize);
            cells.whole(row)
        })
    }

    /// The texts of a column at some positions, as codes of `pool`.
    pub(crate) fn codes(
        &self,
        cell: usize,
        positions: impl Iterator<Item = u32>,
        pool: &mut Pool,
    ) -> Vec<u32> {
        // Texts of a batch that has few of them are looked up once.
        let mut known: Vec<Vec<u32>> = self
            .batches
            .iter()
            .map(|batch| match &batch.cells[cell] {
                Cells::Text { codes, texts } if texts.len() <= codes.len() / 4 => vec![NO_TEXT; texts.len()],
                _ => Vec::new(),
            })
            .collect();
        positions
            .map(|position| {
                let (batch, row) = self.places[position as usize];
                let cells = &self.batches[batch as usize].cells[cell];
                let known = &mut known[batch as usize];
                match cells {
                    Cells::Text { codes, texts } if !known.is_empty() && codes[row as usize] != NO_TEXT => {
                        let code = codes[row as usize] as usize;
                        if known[code] == NO_TEXT {
                            known[code] = pool.texts.code(texts.get(code));
                        }
                        known[code]
                    }
                    cells => pool.code(cells.word(row as usize)),
                }
            })
            .collect()
    }
}

/// Different texts, some of which come as whole numbers.
#[derive(Default)]
pub(crate) struct Pool {
    pub(crate) texts: Interner,
    numbers: HashMap<i64, u32, ahash::RandomState>,
    last: Option<(i64, u32)>,
}

impl Pool {
    #[inline]
    fn code(&mut self, word: Word<'_>) -> u32 {
        match word {
            Word::Missing => NO_TEXT,
            Word::Text(text) => self.texts.code(text),
            Word::Integer(number) => {
                if let Some((_, code)) = self.last.filter(|(last, _)| *last == number) {
                    return code;
                }
                let Pool { texts, numbers, .. } = self;
                let text = |number: &i64| texts.code(itoa::Buffer::new().format(*number));
                let code = *numbers.entry(number).or_insert_with_key(text);
                self.last = Some((number, code));
                code
            }
        }
    }

    /// The texts by code.
    pub(crate) fn dictionary(&self) -> Vec<String> {
        self.texts.texts().iter().map(str::to_owned).collect()
    }
}

/// A missing moment as text is empty; others as ISO 8601 in UTC.
pub(crate) fn moment_text(moment: i64) -> String {
    match jiff::Timestamp::from_microsecond(moment) {
        Ok(time) if moment != NONE => time.to_string(),
        _ => String::new(),
    }
}
