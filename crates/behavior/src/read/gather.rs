//! The rows of some customers, wherever they stand, put to their customers.

use crate::read::batch::{Batch, Key, Keys};
use crate::read::by_id::ById;
use crate::read::cells::{Cells, NO_TEXT, NONE, Word};
use crate::read::queue::Slice;
use crate::{Texts, Values};
use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

/// Rows of one table, customer by customer: a stretch of a batch.
pub(crate) struct Gathered<'a> {
    at: &'a [i64],
    known: &'a [i64],
    cells: &'a [Cells],
    /// The row of the batch that is position 0.
    first: usize,
    /// Positions of customer `c` are `starts[c]..starts[c + 1]`.
    pub(crate) starts: Vec<u32>,
}

/// Where the rows of one table are: in a batch, or put together from several.
pub(crate) struct Place<'a> {
    batch: Cow<'a, Batch>,
    first: usize,
    starts: Vec<u32>,
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

/// The rows of a customer in a slice: the customer, the batch, the rows.
type Stretch<'a> = (u32, &'a Batch, Range<usize>);

impl<'a> Place<'a> {
    /// The rows of one table; `customers` is their number.
    pub(crate) fn new(slices: &'a [Slice], owners: &[Vec<u32>], table: usize, customers: usize) -> Place<'a> {
        let mut stretches: Vec<Stretch<'a>> = Vec::new();
        let (mut parts, mut first) = (0, 0);
        for (slice, owners) in slices.iter().zip(owners).filter(|(slice, _)| slice.table == table) {
            let batch: &Batch = &slice.batch;
            let rows = |at: usize| batch.starts[at] as usize..batch.starts[at + 1] as usize;
            (parts, first) = (parts + 1, rows(slice.customers.start).start);
            stretches
                .extend(slice.customers.clone().zip(owners).map(|(at, owner)| (*owner, batch, rows(at))));
        }
        // In the order of slices where a customer has rows in several.
        stretches.sort_by_key(|(owner, ..)| *owner);
        let mut starts = vec![0_u32; customers + 1];
        for (owner, _, rows) in &stretches {
            starts[*owner as usize + 1] += rows.len() as u32;
        }
        for at in 0..customers {
            starts[at + 1] += starts[at];
        }
        match (parts, stretches.first()) {
            (1, Some((_, batch, _))) => Place { batch: Cow::Borrowed(*batch), first, starts },
            _ => Place { batch: Cow::Owned(joined(&stretches)), first: 0, starts },
        }
    }
}

impl<'a> Gathered<'a> {
    pub(crate) fn new(place: &'a Place<'_>) -> Gathered<'a> {
        let Place { batch, first, starts } = place;
        let rows = *first..first + starts[starts.len() - 1] as usize;
        Gathered {
            at: &batch.at[rows.clone()],
            known: &batch.known[rows],
            cells: &batch.cells,
            first: *first,
            starts: starts.clone(),
        }
    }

    pub(crate) fn rows(&self) -> usize {
        self.at.len()
    }

    /// The positions of a customer's rows.
    #[inline]
    pub(crate) fn of(&self, customer: usize) -> Range<usize> {
        self.starts[customer] as usize..self.starts[customer + 1] as usize
    }

    #[inline]
    pub(crate) fn at(&self, position: usize) -> i64 {
        self.at[position]
    }

    #[inline]
    pub(crate) fn known(&self, position: usize) -> i64 {
        self.known[position]
    }

    /// From when on the row counts: it happened and was known.
    #[inline]
    pub(crate) fn visible(&self, position: usize) -> i64 {
        self.at(position).max(self.known(position))
    }

    /// The values of a column, and the row of a position in them.
    #[inline]
    pub(crate) fn cell(&self, cell: usize, position: usize) -> (&'a Cells, usize) {
        (&self.cells[cell], self.first + position)
    }

    /// The text of a column at a position.
    #[inline]
    pub(crate) fn word(&self, cell: usize, position: usize) -> Word<'a> {
        let (cells, row) = self.cell(cell, position);
        cells.word(row)
    }

    /// The numbers or times of a column at some positions.
    pub(crate) fn whole<T>(&self, cell: usize, positions: &[u32], of: impl Fn(i64) -> T) -> Vec<T> {
        let values = match self.cells.get(cell) {
            Some(Cells::Number(values) | Cells::Time(values)) => &values[self.first..],
            _ => return positions.iter().map(|_| of(NONE)).collect(),
        };
        positions.iter().map(|position| of(values[*position as usize])).collect()
    }

    /// The texts of a column at some positions, which stand customer by customer.
    pub(crate) fn texts(&self, cell: usize, positions: &[u32]) -> Values {
        match self.cells.get(cell) {
            Some(Cells::Text { codes, texts, distinct }) => {
                let codes = positions.iter().map(|position| codes[self.first + *position as usize]);
                let codes: Vec<u32> = codes.collect();
                let codes = if *distinct { codes } else { self.first_codes(texts, codes, positions) };
                Values::Text { codes, dictionary: texts.clone() }
            }
            _ => self.written(cell, positions),
        }
    }

    /// Of codes that may stand for one text, the one that a customer has first.
    fn first_codes(&self, texts: &Texts, mut codes: Vec<u32>, positions: &[u32]) -> Vec<u32> {
        let mut known = ById::default();
        self.by_customer(positions, |rows| {
            known.clear();
            for code in codes[rows].iter_mut().filter(|code| **code != NO_TEXT) {
                *code = *known.entry(Word::Text(texts.get(*code as usize)), *code).0;
            }
        });
        codes
    }

    /// Whole numbers as texts.
    fn written(&self, cell: usize, positions: &[u32]) -> Values {
        let (mut texts, mut space) = (Texts::default(), String::new());
        let mut codes = Vec::with_capacity(positions.len());
        let mut known = ById::default();
        self.by_customer(positions, |rows| {
            known.clear();
            for position in &positions[rows] {
                let word = self.word(cell, *position as usize);
                if word == Word::Missing {
                    codes.push(NO_TEXT);
                    continue;
                }
                let (code, is_new) = known.entry(word, texts.len() as u32);
                if is_new {
                    texts.push(word.text(&mut space));
                }
                codes.push(*code);
            }
        });
        Values::Text { codes, dictionary: Arc::new(texts) }
    }

    /// The places in `positions`, which stand customer by customer, of each customer that has some.
    fn by_customer(&self, positions: &[u32], mut each: impl FnMut(Range<usize>)) {
        let mut from = 0;
        for end in &self.starts[1..] {
            let own = positions[from..].iter().take_while(|position| *position < end).count();
            if own > 0 {
                each(from..from + own);
            }
            from += own;
        }
    }
}

/// Rows of several batches behind each other. Whose they are is known elsewhere.
fn joined(stretches: &[Stretch<'_>]) -> Batch {
    let all = |of: fn(&Batch) -> &[i64]| -> Vec<i64> {
        stretches.iter().flat_map(|(_, batch, rows)| &of(batch)[rows.clone()]).copied().collect()
    };
    let width = stretches.first().map_or(0, |(_, batch, _)| batch.cells.len());
    // Rows that stand behind each other are joined at once.
    let pieces = stretches.chunk_by(|a, b| std::ptr::eq(a.1, b.1) && a.2.end == b.2.start);
    let pieces = pieces.map(|piece| (piece[0].1, piece[0].2.start..piece[piece.len() - 1].2.end));
    let pieces: Vec<(&Batch, Range<usize>)> = pieces.collect();
    let cells = (0..width).map(|cell| {
        let parts = pieces.iter().map(|(batch, rows)| (&batch.cells[cell], rows.clone()));
        Cells::joined(&parts.collect::<Vec<_>>())
    });
    Batch {
        keys: Keys::Number(Vec::new()),
        starts: Vec::new(),
        at: all(|batch| &batch.at),
        known: all(|batch| &batch.known),
        cells: cells.collect(),
    }
}

/// A missing moment as text is empty; others as ISO 8601 in UTC.
pub(crate) fn moment_text(moment: i64) -> String {
    match jiff::Timestamp::from_microsecond(moment) {
        Ok(time) if moment != NONE => time.to_string(),
        _ => String::new(),
    }
}
