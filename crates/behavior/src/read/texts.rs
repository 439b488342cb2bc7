//! Numbers for texts that are the same.

pub(crate) use crate::texts::Texts;
use hashbrown::HashTable;
use std::ops::Range;

/// Different texts, numbered in the order in which they came.
#[derive(Debug, Default)]
pub(crate) struct Interner {
    texts: Texts,
    places: HashTable<u32>,
    state: ahash::RandomState,
    last: Option<u32>,
}

impl Interner {
    /// The number of a text.
    #[inline]
    pub(crate) fn code(&mut self, text: &str) -> u32 {
        if let Some(last) = self.last.filter(|last| self.texts.get(*last as usize) == text) {
            return last;
        }
        let Interner { texts, places, state, last } = self;
        let hash = state.hash_one(text);
        let entry = places.entry(
            hash,
            |place| texts.get(*place as usize) == text,
            |place| state.hash_one(texts.get(*place as usize)),
        );
        let code = match entry {
            hashbrown::hash_table::Entry::Occupied(known) => *known.get(),
            hashbrown::hash_table::Entry::Vacant(free) => {
                let code = texts.len() as u32;
                free.insert(code);
                texts.push(text);
                code
            }
        };
        *last = Some(code);
        code
    }

    /// The number of a text that is there.
    pub(crate) fn find(&self, text: &str) -> Option<u32> {
        let hash = self.state.hash_one(text);
        self.places.find(hash, |place| self.texts.get(*place as usize) == text).copied()
    }

    /// Adds a text without looking whether it is there already, beyond the one before.
    pub(crate) fn append(&mut self, text: &str) -> u32 {
        if let Some(last) = self.last.filter(|last| self.texts.get(*last as usize) == text) {
            return last;
        }
        let code = self.texts.len() as u32;
        self.texts.push(text);
        self.last = Some(code);
        code
    }

    /// Adds some of other texts without looking whether they are there already; gives the number of the first.
    pub(crate) fn append_all(&mut self, texts: &Texts, stretch: Range<usize>) -> u32 {
        let first = self.texts.len() as u32;
        self.texts.extend_from(texts, stretch);
        first
    }

    pub(crate) fn texts(&self) -> &Texts {
        &self.texts
    }

    pub(crate) fn into_texts(self) -> Texts {
        self.texts
    }

    /// Bytes in memory.
    pub(crate) fn bytes(&self) -> usize {
        self.texts.bytes() + 5 * self.places.capacity()
    }
}

#[cfg(test)]
mod tests {
    use super::{Interner, Texts};

    #[test]
    fn the_same_text_has_the_same_number() {
        let mut interner = Interner::default();
        let words = ["a", "bc", "a", "", "bc", "bc", "d"];
        let codes: Vec<u32> = words.iter().map(|w| interner.code(w)).collect();
        assert_eq!(codes, [0, 1, 0, 2, 1, 1, 3]);
        assert_eq!((interner.append("d"), interner.append("a"), interner.append("a")), (3, 4, 4));
        let others: Texts = ["x", "", "yz", "w"].into_iter().collect();
        assert_eq!((interner.append_all(&others, 1..3), interner.append_all(&others, 0..0)), (5, 7));
        let texts = interner.into_texts();
        assert_eq!(texts.iter().collect::<Vec<_>>(), ["a", "bc", "", "d", "a", "", "yz"]);
        let (ends, text) = texts.parts();
        assert_eq!(Texts::new(ends.to_vec(), text.to_owned()).get(1), "bc");
    }
}
