//! Values of a column while tables are read.

use crate::read::texts::{Interner, Texts};
use std::cmp::Ordering;
use std::fmt::Write as _;
use std::ops::Range;
use std::sync::Arc;

/// A missing number, time or whole number.
pub(crate) const NONE: i64 = i64::MIN;

/// The code of a missing text.
pub(crate) const NO_TEXT: u32 = u32::MAX;

/// Values of a column, one a row.
#[derive(Clone, Debug)]
pub(crate) enum Cells {
    /// Amounts.
    Number(Vec<i64>),
    /// Moments.
    Time(Vec<i64>),
    /// Texts that are whole numbers, as files have them.
    Integer(Vec<i64>),
    /// Texts by their place in `texts`, where one may stand twice unless they are known to be `distinct`.
    Text { codes: Vec<u32>, texts: Arc<Texts>, distinct: bool },
}

/// Texts that repeat at least so often are looked up once.
pub(crate) const REPEATED: usize = 4;

/// A text of a row: a text proper, or a whole number that is one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Word<'a> {
    Missing,
    Integer(i64),
    Text(&'a str),
}

impl Cells {
    pub(crate) fn len(&self) -> usize {
        match self {
            Cells::Number(values) | Cells::Time(values) | Cells::Integer(values) => values.len(),
            Cells::Text { codes, .. } => codes.len(),
        }
    }

    /// Bytes in memory.
    pub(crate) fn bytes(&self) -> usize {
        match self {
            Cells::Number(values) | Cells::Time(values) | Cells::Integer(values) => 8 * values.len(),
            Cells::Text { codes, texts, .. } => 4 * codes.len() + texts.bytes(),
        }
    }

    /// The rows that are kept.
    pub(crate) fn kept(self, keep: &[bool]) -> Cells {
        fn of<T: Copy>(values: &[T], keep: &[bool]) -> Vec<T> {
            values.iter().zip(keep).filter(|(_, keep)| **keep).map(|(value, _)| *value).collect()
        }
        match self {
            Cells::Number(values) => Cells::Number(of(&values, keep)),
            Cells::Time(values) => Cells::Time(of(&values, keep)),
            Cells::Integer(values) => Cells::Integer(of(&values, keep)),
            Cells::Text { codes, texts, distinct } => {
                Cells::Text { codes: of(&codes, keep), texts, distinct }
            }
        }
    }

    /// The number or time of a row; [`NONE`] of texts.
    #[inline]
    pub(crate) fn whole(&self, row: usize) -> i64 {
        match self {
            Cells::Number(values) | Cells::Time(values) => values[row],
            Cells::Integer(_) | Cells::Text { .. } => NONE,
        }
    }

    /// The rows without a value.
    pub(crate) fn missing(&self) -> Vec<usize> {
        fn of<T: Copy + PartialEq>(values: &[T], none: T) -> Vec<usize> {
            // mostly there is none, and that is seen faster than which
            if !values.contains(&none) {
                return Vec::new();
            }
            (0..values.len()).filter(|row| values[*row] == none).collect()
        }
        match self {
            Cells::Number(values) | Cells::Time(values) | Cells::Integer(values) => of(values, NONE),
            Cells::Text { codes, .. } => of(codes, NO_TEXT),
        }
    }

    /// Rows of columns of one name, behind each other.
    pub(crate) fn joined(parts: &[(&Cells, Range<usize>)]) -> Cells {
        let wholes = || {
            let mut all = Vec::with_capacity(parts.iter().map(|(_, rows)| rows.len()).sum());
            for (cells, rows) in parts {
                if let Cells::Number(values) | Cells::Time(values) | Cells::Integer(values) = cells {
                    all.extend_from_slice(&values[rows.clone()]);
                }
            }
            all
        };
        match parts.first() {
            Some((Cells::Number(_), _)) | None => Cells::Number(wholes()),
            Some((Cells::Time(_), _)) => Cells::Time(wholes()),
            _ if parts.iter().all(|(cells, _)| matches!(cells, Cells::Integer(_))) => {
                Cells::Integer(wholes())
            }
            _ => joined_texts(parts),
        }
    }

    /// The text of a row.
    #[inline]
    pub(crate) fn word(&self, row: usize) -> Word<'_> {
        match self {
            Cells::Integer(values) if values[row] != NONE => Word::Integer(values[row]),
            Cells::Text { codes, texts, .. } if codes[row] != NO_TEXT => {
                Word::Text(texts.get(codes[row] as usize))
            }
            _ => Word::Missing,
        }
    }

    /// Orders rows of two columns of the same name: numbers and times by size, texts by their bytes, missing first.
    #[inline]
    pub(crate) fn compare(&self, row: usize, other: &Cells, other_row: usize) -> Ordering {
        match (self, other) {
            (Cells::Number(a) | Cells::Time(a), Cells::Number(b) | Cells::Time(b)) => {
                a[row].cmp(&b[other_row])
            }
            _ => self.word(row).compare(other.word(other_row)),
        }
    }
}

/// Texts, some of which may be whole numbers, behind each other.
fn joined_texts(parts: &[(&Cells, Range<usize>)]) -> Cells {
    let (mut all, mut held, mut space) = (Vec::new(), Interner::default(), String::new());
    let mut distinct = true;
    for (cells, rows) in parts {
        let few = match cells {
            Cells::Text { codes, texts, .. } => texts.len() * REPEATED <= codes.len(),
            _ => false,
        };
        distinct &= few;
        if let Cells::Text { codes, texts, .. } = cells
            && !few
            && append_stretch(&codes[rows.clone()], texts, &mut held, &mut all)
        {
            continue;
        }
        let mut known = match cells {
            Cells::Text { texts, .. } if few => vec![NO_TEXT; texts.len()],
            _ => Vec::new(),
        };
        all.extend(rows.clone().map(|row| match cells {
            Cells::Text { codes, texts, .. } if few && codes[row] != NO_TEXT => {
                let code = codes[row] as usize;
                if known[code] == NO_TEXT {
                    known[code] = held.code(texts.get(code));
                }
                known[code]
            }
            cells => match cells.word(row) {
                Word::Missing => NO_TEXT,
                word => held.append(word.text(&mut space)),
            },
        }));
    }
    Cells::Text { codes: all, texts: Arc::new(held.into_texts()), distinct }
}

/// Adds rows whose texts stand nearly side by side, as those of a file do, all at once; false where they do not.
fn append_stretch(codes: &[u32], texts: &Texts, held: &mut Interner, all: &mut Vec<u32>) -> bool {
    let there = || codes.iter().copied().filter(|code| *code != NO_TEXT);
    let (Some(first), Some(last)) = (there().min(), there().max()) else { return false };
    let stretch = first as usize..last as usize + 1;
    if stretch.len() > 2 * codes.len() {
        return false;
    }
    let start = held.append_all(texts, stretch);
    all.extend(codes.iter().map(|code| if *code == NO_TEXT { NO_TEXT } else { code - first + start }));
    true
}

impl Word<'_> {
    /// Whether two words are the same text.
    #[inline]
    pub(crate) fn is(self, other: Word<'_>) -> bool {
        match (self, other) {
            (Word::Text(a), Word::Text(b)) => a == b,
            (Word::Integer(a), Word::Integer(b)) => a == b,
            (a, b) => a.compare(b) == Ordering::Equal,
        }
    }

    fn compare(self, other: Word<'_>) -> Ordering {
        match (self, other) {
            (Word::Text(a), Word::Text(b)) => a.cmp(b),
            (Word::Missing, Word::Missing) => Ordering::Equal,
            (Word::Missing, _) => Ordering::Less,
            (_, Word::Missing) => Ordering::Greater,
            (Word::Integer(a), Word::Integer(b)) if a == b => Ordering::Equal,
            // As texts, so that the same table has the same order from a file that has them as such.
            (a, b) => a.text(&mut String::new()).cmp(b.text(&mut String::new())),
        }
    }

    /// The word as text; a number is written into `space`.
    pub(crate) fn text<'s>(&'s self, space: &'s mut String) -> &'s str {
        match self {
            Word::Missing => "",
            Word::Text(text) => text,
            Word::Integer(value) => {
                space.clear();
                // Writing to a String does not fail.
                let _ = write!(space, "{value}");
                space
            }
        }
    }
}
