//! Rows of one customer by an id. Most customers have few: ids are compared one by one, and looked up where they are many.

use crate::read::cells::Word;
use hashbrown::HashTable;

/// Up to so many ids are compared one by one.
const FEW: usize = 64;

/// What is known of the ids of one customer.
pub(crate) struct ById<'a, V> {
    ids: Vec<(Word<'a>, V)>,
    /// How each of them ends. Those of a customer often begin alike.
    ends: Vec<u64>,
    /// The place of the last one found: the next one is often there or just behind it.
    last: usize,
    /// The place of the greatest: ids that ascend need no search to be new.
    greatest: usize,
    /// Places by the hash of the id's text, once they are many.
    many: HashTable<u32>,
    state: ahash::RandomState,
}

impl<V> Default for ById<'_, V> {
    fn default() -> Self {
        ById {
            ids: Vec::new(),
            ends: Vec::new(),
            last: 0,
            greatest: 0,
            many: HashTable::new(),
            state: ahash::RandomState::default(),
        }
    }
}

impl<'a, V> ById<'a, V> {
    /// Another customer.
    pub(crate) fn clear(&mut self) {
        self.ids.clear();
        self.ends.clear();
        self.many.clear();
        (self.last, self.greatest) = (0, 0);
    }

    /// What is known of an id.
    #[inline]
    pub(crate) fn find(&mut self, id: Word<'_>) -> Option<&mut V> {
        self.last = self.place(id)?;
        Some(&mut self.ids[self.last].1)
    }

    /// What is known of an id; of a new one `new`, and true.
    #[inline]
    pub(crate) fn entry(&mut self, id: Word<'a>, new: V) -> (&mut V, bool) {
        let ascends = self.ids.get(self.greatest).is_none_or(|(greatest, _)| precedes(*greatest, id));
        let place = if ascends { None } else { self.place(id) };
        if place.is_none() {
            self.push(id, new, ascends);
        }
        self.last = place.unwrap_or(self.ids.len() - 1);
        (&mut self.ids[self.last].1, place.is_none())
    }

    fn push(&mut self, id: Word<'a>, new: V, ascends: bool) {
        let place = self.ids.len();
        self.ids.push((id, new));
        self.ends.push(end(id));
        if ascends {
            self.greatest = place;
        }
        let Self { ids, many, state, .. } = self;
        let added = match place {
            FEW => 0..FEW + 1,
            _ if place > FEW => place..place + 1,
            _ => 0..0,
        };
        for place in added {
            many.insert_unique(hash(state, ids[place].0), place as u32, |other| {
                hash(state, ids[*other as usize].0)
            });
        }
    }

    #[inline]
    fn place(&self, id: Word<'_>) -> Option<usize> {
        if self.ids.len() > FEW {
            let same = |place: &u32| same(self.ids[*place as usize].0, id);
            return self.many.find(hash(&self.state, id), same).map(|place| *place as usize);
        }
        let end = end(id);
        let is = |place: &usize| self.ends.get(*place) == Some(&end) && same(self.ids[*place].0, id);
        [self.last, self.last + 1].into_iter().find(is).or_else(|| (0..self.ids.len()).find(is))
    }
}

/// A number and a text that look the same are the same id.
fn hash(state: &ahash::RandomState, id: Word<'_>) -> u64 {
    match id {
        Word::Missing => 0,
        Word::Text(text) => state.hash_one(text),
        Word::Integer(number) => state.hash_one(itoa::Buffer::new().format(number)),
    }
}

/// The last eight bytes of an id, or what there are; of a number those of its text.
#[inline]
fn end(id: Word<'_>) -> u64 {
    let of = |text: &[u8]| match text.last_chunk() {
        Some(end) => u64::from_le_bytes(*end),
        None => text.iter().fold(1, |end, byte| end << 8 | u64::from(*byte)),
    };
    match id {
        Word::Missing => 0,
        Word::Text(text) => of(text.as_bytes()),
        Word::Integer(number) => of(itoa::Buffer::new().format(number).as_bytes()),
    }
}

/// Whether two ids are the same.
#[inline]
fn same(one: Word<'_>, other: Word<'_>) -> bool {
    match (one, other) {
        (Word::Text(a), Word::Text(b)) => match (ends(a), ends(b)) {
            (Some(own), Some(ends)) => a.len() == b.len() && own == ends,
            _ => a == b,
        },
        _ => one.is(other),
    }
}

/// The first and the last eight bytes, which are all of a text of 8 to 16 bytes: of such of one length they are the same, or the
/// one less than the other, as the texts are. Most ids are of that length, and two numbers are compared faster than texts.
#[inline]
fn ends(text: &str) -> Option<[u64; 2]> {
    let bytes = text.as_bytes();
    let ends = [bytes.first_chunk()?, bytes.last_chunk()?];
    (bytes.len() <= 16).then(|| ends.map(|end: &[u8; 8]| u64::from_be_bytes(*end)))
}

/// Whether the one is known to come first, where shorter texts do: numbers at the end of ids ascend so.
#[inline]
pub(crate) fn precedes(one: Word<'_>, other: Word<'_>) -> bool {
    match (one, other) {
        (Word::Text(a), Word::Text(b)) if a.len() == b.len() => match (ends(a), ends(b)) {
            (Some(own), Some(ends)) => own < ends,
            _ => a < b,
        },
        (Word::Text(a), Word::Text(b)) => a.len() < b.len(),
        (Word::Integer(a), Word::Integer(b)) => a < b,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::HashMap;

    proptest! {
        /// Few and many ids, in any order, as numbers or texts: what a map of texts says.
        #[test]
        fn a_map_of_texts(ids in prop::collection::vec((0i64..300, any::<bool>(), any::<bool>()), 0..400)) {
            let texts: Vec<String> = ids.iter().map(|(id, _, _)| id.to_string()).collect();
            let (mut found, mut expected) = (ById::default(), HashMap::new());
            for customer in 0..2 {
                found.clear();
                expected.clear();
                // one kind of ids is entered, both are asked for
                for (at, ((id, number, ask), text)) in ids.iter().zip(&texts).enumerate() {
                    let word = |number: bool| if number { Word::Integer(*id) } else { Word::Text(text) };
                    if *ask {
                        prop_assert_eq!(found.find(word(*number)).copied(), expected.get(id).copied());
                    } else {
                        let new = !expected.contains_key(id);
                        let value = *expected.entry(*id).or_insert(at);
                        let (known, is_new) = found.entry(word(customer == 0), at);
                        prop_assert_eq!((*known, is_new), (value, new));
                    }
                }
            }
        }
    }
}
