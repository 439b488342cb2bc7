//! Columns of a CSV chunk in the making.

use crate::csv_short_texts::{ShortText, ShortTexts};
use crate::different::quick_hash;
use crate::wanted::{NumberField, Wanted};
use arrow::array::{ArrayRef, DictionaryArray, Float64Array, Int32Array, StringArray};
use arrow::buffer::{Buffer, OffsetBuffer, ScalarBuffer};
use arrow::error::ArrowError;
use hashbrown::HashTable;
use std::sync::{Arc, LazyLock};

/// One column: its values so far.
pub(crate) enum Column {
    Nothing,
    Text(Texts),
    Number(Numbers),
    Category(Categories),
}

/// Texts: bytes one after the other, and where each ends.
#[derive(Default)]
pub(crate) struct Texts {
    bytes: Vec<u8>,
    ends: Vec<i32>,
}

pub(crate) struct Numbers {
    pub(crate) field: Arc<NumberField>,
    pub(crate) values: Vec<f64>,
    /// Whether a value cannot be said as a number; the column is then read again as text.
    pub(crate) odd: bool,
}

#[derive(Default)]
pub(crate) struct Categories {
    codes: Vec<i32>,
    texts: Texts,
    known: HashTable<i32>,
    /// Those that were met as short ones.
    short: ShortTexts,
}

static HASH: LazyLock<ahash::RandomState> = LazyLock::new(quick_hash);

impl Column {
    /// `rows` and `bytes` are about what will come.
    pub(crate) fn new(wanted: &Wanted, rows: usize, bytes: usize) -> Column {
        match wanted {
            Wanted::Nothing => Column::Nothing,
            Wanted::AsItStands => Column::Text(Texts::with_room(rows, bytes)),
            Wanted::Numbers(field) => {
                Column::Number(Numbers { field: field.clone(), values: Vec::with_capacity(rows), odd: false })
            }
            Wanted::Category => {
                Column::Category(Categories { codes: Vec::with_capacity(rows), ..Categories::default() })
            }
        }
    }

    /// Adds the text of a field.
    #[inline]
    pub(crate) fn push(&mut self, text: &[u8]) {
        match self {
            Column::Nothing => {}
            Column::Text(texts) => texts.push(text),
            Column::Number(numbers) => numbers.push(text),
            Column::Category(categories) => categories.push(text),
        }
    }

    /// Forgets all but the first `rows` values.
    pub(crate) fn truncate(&mut self, rows: usize) {
        match self {
            Column::Nothing => {}
            Column::Text(texts) => texts.truncate(rows),
            Column::Number(numbers) => numbers.values.truncate(rows),
            Column::Category(categories) => categories.codes.truncate(rows),
        }
    }

    pub(crate) fn is_odd(&self) -> bool {
        matches!(self, Column::Number(Numbers { odd: true, .. }))
    }

    /// The arrow array; `None` of a column that was not asked for. Checks that all texts are UTF-8.
    pub(crate) fn finish(self) -> Result<Option<ArrayRef>, ArrowError> {
        Ok(match self {
            Column::Nothing => None,
            Column::Text(texts) => Some(Arc::new(texts.finish()?)),
            Column::Number(numbers) => Some(Arc::new(Float64Array::from(numbers.values))),
            Column::Category(Categories { codes, texts, .. }) => {
                let texts = Arc::new(texts.finish()?);
                Some(Arc::new(DictionaryArray::try_new(Int32Array::from(codes), texts)?))
            }
        })
    }
}

impl Texts {
    fn with_room(rows: usize, bytes: usize) -> Texts {
        Texts { bytes: Vec::with_capacity(bytes), ends: Vec::with_capacity(rows) }
    }

    #[inline]
    pub(crate) fn push(&mut self, text: &[u8]) {
        self.bytes.extend_from_slice(text);
        // A piece is shorter than 2 GiB: it is one block and one record at most.
        self.ends.push(self.bytes.len() as i32);
    }

    fn get(&self, at: usize) -> &[u8] {
        let start = if at == 0 { 0 } else { self.ends[at - 1] };
        &self.bytes[start as usize..self.ends[at] as usize]
    }

    fn truncate(&mut self, rows: usize) {
        self.ends.truncate(rows);
        self.bytes.truncate(self.ends.last().map_or(0, |end| *end as usize));
    }

    fn finish(self) -> Result<StringArray, ArrowError> {
        let mut offsets = Vec::with_capacity(self.ends.len() + 1);
        offsets.push(0);
        offsets.extend_from_slice(&self.ends);
        let offsets = OffsetBuffer::new(ScalarBuffer::from(offsets));
        StringArray::try_new(offsets, Buffer::from_vec(self.bytes), None)
    }
}

impl Numbers {
    /// A text that was not read as a plain number on the way.
    #[cold]
    pub(crate) fn push(&mut self, text: &[u8]) {
        let number = std::str::from_utf8(text).ok().and_then(|text| self.field.number(text));
        self.odd |= number.is_none();
        self.values.push(number.unwrap_or(f64::NAN));
    }
}

impl Categories {
    /// Adds a short text, which is also `text`.
    #[inline]
    pub(crate) fn push_short(&mut self, short: ShortText, text: &[u8]) {
        let code = match self.short.code(short) {
            Some(code) => code,
            None => {
                let code = self.code(text);
                self.short.add(short, code);
                code
            }
        };
        self.codes.push(code);
    }

    pub(crate) fn push(&mut self, text: &[u8]) {
        let code = self.code(text);
        self.codes.push(code);
    }

    fn code(&mut self, text: &[u8]) -> i32 {
        let Categories { texts, known, .. } = self;
        let hash = |text: &[u8]| HASH.hash_one(text);
        let found = known.entry(
            hash(text),
            |code| texts.get(*code as usize) == text,
            |code| hash(texts.get(*code as usize)),
        );
        match found {
            hashbrown::hash_table::Entry::Occupied(code) => *code.get(),
            hashbrown::hash_table::Entry::Vacant(place) => {
                let code = texts.ends.len() as i32;
                place.insert(code);
                texts.push(text);
                code
            }
        }
    }
}
