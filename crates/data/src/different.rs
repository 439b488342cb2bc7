//! The different values of a column, each found once, so that what they mean is asked once for each.

use crate::table::{ColumnData, ColumnRef};
use arrears_model::value::Value;
use arrow::array::{Array, Int32Array, StringArray};
use arrow::buffer::NullBuffer;
use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasher, Hash};

/// Most different texts of a column that is kept as codes; numbers in text form have more, and codes would not
/// help them.
const MOST_TEXTS: usize = 1 << 12;

/// The different values of a column. A value may stand here that no row has.
pub(crate) struct Different<'a> {
    /// For each row the position of its value; null where it is missing.
    pub(crate) codes: Int32Array,
    pub(crate) values: Vec<Value<'a>>,
}

/// The different values of a column, as they stand in the file.
pub(crate) fn different(column: ColumnRef<'_>) -> Different<'_> {
    let all = usize::MAX;
    let found = match column.data() {
        ColumnData::Category { codes, texts } => {
            let values = texts.iter().flatten().map(Value::Text).collect();
            return Different { codes: codes.clone(), values };
        }
        ColumnData::Text(texts) => {
            let found = numbered(texts.iter(), texts.nulls(), all);
            found.map(|(codes, texts)| (codes, texts.into_iter().map(Value::Text).collect()))
        }
        ColumnData::Number(numbers) => {
            let found = numbered(numbers.iter().map(|x| x.map(f64::to_bits)), numbers.nulls(), all);
            let value = |bits: u64| Value::Number(f64::from_bits(bits));
            found.map(|(codes, bits)| (codes, bits.into_iter().map(value).collect()))
        }
        ColumnData::Integer(numbers) => {
            let found = numbered(numbers.iter(), numbers.nulls(), all);
            let value = |x: i64| Value::Number(x as f64);
            found.map(|(codes, integers)| (codes, integers.into_iter().map(value).collect()))
        }
    };
    let (codes, values) = found.expect("there is no limit");
    Different { codes, values }
}

/// A text column as codes and its different texts; `None` where they are too many for that to help.
pub(crate) fn coded(texts: &StringArray) -> Option<(Int32Array, StringArray)> {
    let (codes, texts) = numbered(texts.iter(), texts.nulls(), MOST_TEXTS)?;
    Some((codes, StringArray::from(texts)))
}

/// Numbers the different values in the order in which they come; `None` with more than `most` of them.
fn numbered<K: Copy + Hash + Eq>(
    values: impl ExactSizeIterator<Item = Option<K>>,
    nulls: Option<&NullBuffer>,
    most: usize,
) -> Option<(Int32Array, Vec<K>)> {
    let mut codes = Vec::with_capacity(values.len());
    let mut found = Vec::new();
    let mut known = HashMap::with_hasher(quick_hash());
    for value in values {
        let Some(value) = value else {
            codes.push(0);
            continue;
        };
        let next = found.len() as i32;
        let code = *known.entry(value).or_insert(next);
        if code == next {
            if found.len() == most {
                return None;
            }
            found.push(value);
        }
        codes.push(code);
    }
    Some((Int32Array::new(codes.into(), nulls.cloned()), found))
}

/// How many different values there are.
///
/// They are dealt into heaps by a hash first: the set of one heap stays in the cache where that of all would not.
pub(crate) fn count_different<T: Copy + Hash + Eq>(values: &[T]) -> usize {
    let Some(first) = values.first() else { return 0 };
    let dealer = quick_hash();
    let heap = |value: &T| (dealer.hash_one(value) >> 56) as usize;
    let mut places = [0_usize; 1 << 8];
    values.iter().for_each(|value| places[heap(value)] += 1);
    let mut start = 0;
    for place in &mut places {
        start += std::mem::replace(place, start);
    }
    let mut dealt = vec![*first; values.len()];
    for value in values {
        let place = &mut places[heap(value)];
        dealt[*place] = *value;
        *place += 1;
    }
    // Each place is now the end of its heap.
    let mut set: HashSet<T, _> = HashSet::with_hasher(quick_hash());
    let (mut start, mut different) = (0_usize, 0);
    for end in places {
        set.clear();
        set.extend(&dealt[start..end]);
        different += set.len();
        start = end;
    }
    different
}

/// A quick hash for what is looked up in memory. No result depends on it; each process has its own seed, so
/// that nobody can make a file whose values collide.
pub(crate) fn quick_hash() -> ahash::RandomState {
    ahash::RandomState::with_seed(std::hash::RandomState::new().hash_one(0) as usize)
}
