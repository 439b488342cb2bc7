//! Texts behind each other in one piece of memory: many of them cost two allocations, not one each.

use std::ops::{Index, Range};

/// Texts by their place.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Texts {
    ends: Vec<u32>,
    text: String,
}

impl Texts {
    /// Most bytes that are held.
    pub(crate) const MOST: usize = u32::MAX as usize;

    /// Texts that end at `ends` of `text`.
    pub(crate) fn new(ends: Vec<u32>, text: String) -> Texts {
        Texts { ends, text }
    }

    pub(crate) fn with_capacity(texts: usize, bytes: usize) -> Texts {
        Texts { ends: Vec::with_capacity(texts), text: String::with_capacity(bytes) }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// The text of this place.
    ///
    /// # Panics
    /// If there are not so many.
    #[inline]
    pub fn get(&self, at: usize) -> &str {
        let start = if at == 0 { 0 } else { self.ends[at - 1] as usize };
        &self.text[start..self.ends[at] as usize]
    }

    /// Adds a text.
    #[inline]
    pub fn push(&mut self, text: &str) {
        self.text.push_str(text);
        self.ends.push(self.text.len() as u32);
    }

    /// Adds those of the places of others.
    pub(crate) fn extend_from(&mut self, others: &Texts, places: Range<usize>) {
        let before = |place: usize| if place == 0 { 0 } else { others.ends[place - 1] };
        let (start, end, shift) = (before(places.start), before(places.end), self.text.len() as u32);
        self.ends.extend(others.ends[places].iter().map(|end| end - start + shift));
        self.text.push_str(&others.text[start as usize..end as usize]);
    }

    /// Takes all texts away; the memory is kept.
    pub fn clear(&mut self) {
        self.text.clear();
        self.ends.clear();
    }

    /// All of them, in their order.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        (0..self.len()).map(|at| self.get(at))
    }

    pub(crate) fn parts(&self) -> (&[u32], &str) {
        (&self.ends, &self.text)
    }

    /// Bytes in memory.
    pub(crate) fn bytes(&self) -> usize {
        self.text.len() + 4 * self.ends.len()
    }
}

impl Index<usize> for Texts {
    type Output = str;

    #[inline]
    fn index(&self, at: usize) -> &str {
        self.get(at)
    }
}

impl<T: AsRef<str>> FromIterator<T> for Texts {
    fn from_iter<I: IntoIterator<Item = T>>(texts: I) -> Texts {
        let mut all = Texts::default();
        texts.into_iter().for_each(|text| all.push(text.as_ref()));
        all
    }
}
