//! The names of a field's categories by hash.

use super::slots::Slot;

/// Finds the position of a name with about one comparison.
#[derive(Clone, Debug)]
pub(super) struct Words {
    /// By hash, then by the next free place: position of a name, or [`FREE`]. At least half of the places are free.
    places: Vec<Slot>,
}

const FREE: Slot = Slot::MAX;

impl Words {
    /// `names` are fewer than [`Slot::MAX`] and all different.
    pub(super) fn new(names: &[String]) -> Self {
        let mut words = Self { places: vec![FREE; (2 * names.len()).next_power_of_two().max(2)] };
        for (at, name) in names.iter().enumerate() {
            let mut place = words.first(name);
            while words.places[place] != FREE {
                place = words.next(place);
            }
            words.places[place] = at as Slot;
        }
        words
    }

    /// The position of a text in the names that this was made of.
    pub(super) fn find(&self, names: &[String], text: &str) -> Option<Slot> {
        let mut place = self.first(text);
        loop {
            let at = self.places[place];
            match names.get(usize::from(at)) {
                Some(name) if name == text => return Some(at),
                Some(_) => place = self.next(place),
                None => return None,
            }
        }
    }

    fn next(&self, place: usize) -> usize {
        (place + 1) & (self.places.len() - 1)
    }

    /// The first place to look at: eight bytes of the text after the other, mixed by multiplication.
    fn first(&self, text: &str) -> usize {
        let mut hash = text.len() as u64;
        let (words, rest) = text.as_bytes().as_chunks::<8>();
        let tail = rest.iter().rev().fold(0, |word, byte| word << 8 | u64::from(*byte));
        for word in words.iter().map(|word| u64::from_le_bytes(*word)).chain([tail]) {
            hash = (hash ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15);
            hash ^= hash >> 32;
        }
        hash as usize & (self.places.len() - 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_name_is_found_and_no_other_text() {
        for count in [0, 1, 2, 3, 8, 9, 1000, 40_000] {
            let names: Vec<String> =
                (0..count).map(|i| format!("{:0width$}", i * 7, width = i % 20)).collect();
            let names: Vec<String> = names.into_iter().collect::<BTreeSet<_>>().into_iter().collect();
            let words = Words::new(&names);
            for (at, name) in names.iter().enumerate() {
                assert_eq!(words.find(&names, name), Some(at as Slot));
                assert_eq!(words.find(&names, &format!("{name}x")), None);
                assert_eq!(words.find(&names, &format!("{name} ")), None);
            }
            assert_eq!(words.find(&names, ""), None);
        }
    }
}
