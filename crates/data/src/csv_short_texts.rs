//! Texts of up to 15 bytes looked up as two words, which a field is cut into where its end is looked for.

use crate::csv_scan::{ONES, zero_bytes};

/// Places at first; a power of two.
const PLACES: usize = 64;

/// Most texts: a column of more is no category, and texts that were chosen to fall on one place cost little.
const MOST: usize = 1 << 10;

/// The short texts of a column and their codes.
pub(crate) struct ShortTexts {
    /// At most half of them are taken.
    places: Vec<Place>,
    taken: usize,
}

#[derive(Clone, Copy)]
struct Place {
    text: ShortText,
    /// Negative where the place is free.
    code: i32,
}

/// A text without NUL bytes, which stand behind its end.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct ShortText(u64, u64);

const FREE: Place = Place { text: ShortText(0, 0), code: -1 };

impl Default for ShortTexts {
    fn default() -> Self {
        ShortTexts { places: vec![FREE; PLACES], taken: 0 }
    }
}

/// The field at the start of `bytes` and its length; `None` of a field that is long, in quotes, not ASCII, or ends otherwise than
/// with a delimiter or, if it is the `last` of its record, a line feed.
#[inline]
pub(crate) fn short_text(bytes: &[u8], delimiter: u8, last: bool) -> Option<(ShortText, usize)> {
    let words = bytes.get(..16)?;
    let word = |at: usize| u64::from_le_bytes(words[at..at + 8].try_into().expect("eight bytes"));
    let (low, high) = (word(0), word(8));
    let (delimiters, feeds) = (ONES * u64::from(delimiter), ONES * u64::from(b'\n'));
    let ends = |word: u64| zero_bytes(word ^ delimiters) | zero_bytes(word ^ feeds);
    let (in_low, in_high) = (ends(low), ends(high));
    if in_low | in_high == 0 {
        return None;
    }
    let (text, length) = match in_low {
        0 => {
            let length = in_high.trailing_zeros() / 8;
            (ShortText(low, high & below(length)), 8 + length as usize)
        }
        _ => {
            let length = in_low.trailing_zeros() / 8;
            (ShortText(low & below(length), 0), length as usize)
        }
    };
    let end = if last { b'\n' } else { delimiter };
    let returned = last && length > 0 && words[length - 1] == b'\r';
    let plain = words[0] != b'"' && (text.0 | text.1) & (ONES << 7) == 0;
    (plain && words[length] == end && !returned).then_some((text, length))
}

/// The text of a field without quotes that stands from `start` to `end`; `None` where it is long, not ASCII, or near the end.
#[inline(always)]
pub(crate) fn short_text_of(bytes: &[u8], start: usize, end: usize) -> Option<ShortText> {
    let words: &[u8; 16] = bytes.get(start..start + 16)?.try_into().expect("16 bytes");
    let word = |at: usize| u64::from_le_bytes(words[at..at + 8].try_into().expect("eight bytes"));
    let text = match (end - start) as u32 {
        length @ 0..8 => ShortText(word(0) & below(length), 0),
        length @ 8..16 => ShortText(word(0), word(8) & below(length - 8)),
        _ => return None,
    };
    ((text.0 | text.1) & (ONES << 7) == 0).then_some(text)
}

/// All bits of the lowest 0 to 7 bytes.
#[inline]
fn below(bytes: u32) -> u64 {
    (1 << (8 * bytes)) - 1
}

impl ShortTexts {
    /// The code of a text that was added.
    #[inline]
    pub(crate) fn code(&self, text: ShortText) -> Option<i32> {
        let mut at = self.first(text);
        loop {
            let place = &self.places[at];
            if place.code < 0 {
                return None;
            }
            if place.text == text {
                return Some(place.code);
            }
            at = (at + 1) & (self.places.len() - 1);
        }
    }

    /// Adds a text that is not there, as long as there are few.
    pub(crate) fn add(&mut self, text: ShortText, code: i32) {
        if self.taken == MOST {
            return;
        }
        if 2 * (self.taken + 1) > self.places.len() {
            let more = vec![FREE; 2 * self.places.len()];
            let before = std::mem::replace(&mut self.places, more);
            before.into_iter().filter(|place| place.code >= 0).for_each(|place| self.put(place));
        }
        self.taken += 1;
        self.put(Place { text, code });
    }

    fn put(&mut self, place: Place) {
        let mut at = self.first(place.text);
        while self.places[at].code >= 0 {
            at = (at + 1) & (self.places.len() - 1);
        }
        self.places[at] = place;
    }

    /// Where a text is looked for first: the highest bits of a product, which all bytes have a part in.
    #[inline]
    fn first(&self, text: ShortText) -> usize {
        let mixed = (text.0 ^ text.1.rotate_left(29)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        (mixed >> 32) as usize & (self.places.len() - 1)
    }
}

#[cfg(test)]
mod tests {
    use super::{ShortTexts, short_text};
    use proptest::prelude::*;
    use std::collections::HashMap;

    /// The field by looking at one byte after the other.
    fn plain(bytes: &[u8], delimiter: u8, last: bool) -> Option<&[u8]> {
        let end = bytes.iter().position(|b| *b == delimiter || *b == b'\n')?;
        let (text, end_byte) = (&bytes[..end], bytes[end]);
        let ends = end_byte == if last { b'\n' } else { delimiter };
        let taken =
            bytes.len() >= 16 && end < 16 && ends && text.is_ascii() && !(last && text.ends_with(b"\r"));
        (taken && bytes[0] != b'"').then_some(text)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(20_000))]

        #[test]
        fn fields_end_where_they_do(
            bytes in prop::collection::vec(prop::sample::select(b"abz,;\n\r\"\t \xc3\x01\x7f\x80".to_vec()), 0..24),
            delimiter in prop::sample::select(b",;\t".to_vec()),
            last: bool,
        ) {
            let found = short_text(&bytes, delimiter, last).map(|(_, length)| &bytes[..length]);
            prop_assert_eq!(found, plain(&bytes, delimiter, last));
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(200))]

        #[test]
        fn texts_are_told_apart(texts in prop::collection::vec("[a-c0-1]{0,15}", 0..300)) {
            let (mut short, mut known) = (ShortTexts::default(), HashMap::new());
            for text in &texts {
                let field = format!("{text},{}", " ".repeat(16));
                let (cut, length) = short_text(field.as_bytes(), b',', false).unwrap();
                prop_assert_eq!(length, text.len());
                prop_assert_eq!(short.code(cut), known.get(text).copied());
                if !known.contains_key(text) {
                    let code = known.len() as i32;
                    known.insert(text.clone(), code);
                    short.add(cut, code);
                }
            }
        }
    }

    #[test]
    fn a_column_of_many_texts_is_no_category() {
        let mut short = ShortTexts::default();
        let cut = |n: usize| short_text(format!("{n},{}", " ".repeat(16)).as_bytes(), b',', false).unwrap().0;
        (0..5_000).for_each(|n| short.add(cut(n), n as i32));
        assert!((0..5_000).all(|n| short.code(cut(n)) == (n < super::MOST).then_some(n as i32)));
    }
}
