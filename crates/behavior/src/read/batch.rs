//! Rows of a table, those of a customer behind each other.

use crate::read::cells::{Cells, NONE, Word};
use crate::read::texts::Texts;
use std::borrow::Cow;

/// Rows as they come out of a file, with every value read. Each has a customer, `at` and `known_at`.
#[derive(Clone, Debug)]
pub(crate) struct Rows {
    pub(crate) customer: Cells,
    pub(crate) at: Vec<i64>,
    pub(crate) known: Vec<i64>,
    pub(crate) cells: Vec<Cells>,
}

/// Rows sorted by customer.
#[derive(Clone, Debug)]
pub(crate) struct Batch {
    /// The customers, ascending, none twice.
    pub(crate) keys: Keys,
    /// Rows of customer `k` are `starts[k]..starts[k + 1]`.
    pub(crate) starts: Vec<u32>,
    pub(crate) at: Vec<i64>,
    pub(crate) known: Vec<i64>,
    pub(crate) cells: Vec<Cells>,
}

/// Ids of customers.
#[derive(Clone, Debug)]
pub(crate) enum Keys {
    Number(Vec<i64>),
    Text(Texts),
}

/// The id of a customer: a whole number where all tables have such, else a text. Sorts as [`crate::History::customers`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Key<'a> {
    Number(i64),
    Text(&'a str),
}

/// A [`Key`] of its own.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum OwnKey {
    Number(i64),
    Text(Box<str>),
}

impl<'a> Key<'a> {
    pub(crate) fn own(self) -> OwnKey {
        match self {
            Key::Number(id) => OwnKey::Number(id),
            Key::Text(id) => OwnKey::Text(id.into()),
        }
    }

    pub(crate) fn text(self) -> Cow<'a, str> {
        match self {
            Key::Number(id) => Cow::Owned(itoa::Buffer::new().format(id).to_owned()),
            Key::Text(id) => Cow::Borrowed(id),
        }
    }
}

impl OwnKey {
    pub(crate) fn key(&self) -> Key<'_> {
        match self {
            OwnKey::Number(id) => Key::Number(*id),
            OwnKey::Text(id) => Key::Text(id),
        }
    }
}

impl Keys {
    pub(crate) fn len(&self) -> usize {
        match self {
            Keys::Number(ids) => ids.len(),
            Keys::Text(ids) => ids.len(),
        }
    }

    #[inline]
    pub(crate) fn get(&self, at: usize) -> Key<'_> {
        match self {
            Keys::Number(ids) => Key::Number(ids[at]),
            Keys::Text(ids) => Key::Text(ids.get(at)),
        }
    }

    /// How many are below `bound`, from `from` on: the place of the first that is not.
    pub(crate) fn place(&self, from: usize, bound: Key<'_>) -> usize {
        let (mut low, mut high) = (from, self.len());
        while low < high {
            let middle = low + (high - low) / 2;
            if self.get(middle) < bound { low = middle + 1 } else { high = middle }
        }
        low
    }
}

/// The customer of a row of `cells`, which has one.
#[inline]
pub(crate) fn key_of(cells: &Cells, row: usize) -> Key<'_> {
    match cells.word(row) {
        Word::Text(id) => Key::Text(id),
        Word::Integer(id) => Key::Number(id),
        Word::Missing => Key::Number(NONE),
    }
}

/// Whether the customers of `cells`, of which none is missing, ascend.
pub(crate) fn ascend(cells: &Cells) -> bool {
    match cells {
        Cells::Integer(ids) => ids.is_sorted(),
        Cells::Text { codes, texts, .. } => {
            let ascend = |pair: &[u32]| {
                pair[0] == pair[1] || texts.get(pair[0] as usize) <= texts.get(pair[1] as usize)
            };
            codes.windows(2).all(ascend)
        }
        Cells::Number(_) | Cells::Time(_) => false,
    }
}

impl Batch {
    /// Groups rows whose customers ascend; `None` where they do not.
    pub(crate) fn grouped(rows: Rows) -> Option<Batch> {
        let count = rows.at.len();
        let mut starts = vec![0_u32];
        let keys = match &rows.customer {
            Cells::Integer(ids) => {
                let mut keys: Vec<i64> = ids.first().copied().into_iter().collect();
                for (row, pair) in ids.windows(2).enumerate() {
                    if pair[0] != pair[1] {
                        if pair[0] > pair[1] {
                            return None;
                        }
                        starts.push(row as u32 + 1);
                        keys.push(pair[1]);
                    }
                }
                Keys::Number(keys)
            }
            cells => {
                let mut keys = Texts::default();
                let mut last = "";
                let Cells::Text { codes, .. } = cells else { return None };
                for row in 0..count {
                    if row > 0 && codes[row] == codes[row - 1] {
                        continue;
                    }
                    let Key::Text(id) = key_of(cells, row) else { return None };
                    if row > 0 && id == last {
                        continue;
                    }
                    if row > 0 && id < last {
                        return None;
                    }
                    if row > 0 {
                        starts.push(row as u32);
                    }
                    keys.push(id);
                    last = id;
                }
                Keys::Text(keys)
            }
        };
        if count > 0 {
            starts.push(count as u32);
        }
        let Rows { at, known, cells, .. } = rows;
        Some(Batch { keys, starts, at, known, cells })
    }

    pub(crate) fn rows(&self) -> usize {
        self.at.len()
    }

    /// The last customer.
    pub(crate) fn last(&self) -> Option<Key<'_>> {
        self.keys.len().checked_sub(1).map(|last| self.keys.get(last))
    }
}

impl Rows {
    /// The rows that are kept.
    pub(crate) fn kept(self, keep: &[bool]) -> Rows {
        let of = |values: Vec<i64>| match Cells::Time(values).kept(keep) {
            Cells::Time(values) => values,
            _ => Vec::new(),
        };
        Rows {
            customer: self.customer.kept(keep),
            at: of(self.at),
            known: of(self.known),
            cells: self.cells.into_iter().map(|cells| cells.kept(keep)).collect(),
        }
    }
}
