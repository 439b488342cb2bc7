//! Where a CSV field ends, and what it says.

/// A field: its text is a stretch of the bytes, or was put together in the scratch space where quotes had to go.
pub(crate) struct Scanned {
    /// `None`: the text is the scratch space.
    pub(crate) plain: Option<(usize, usize)>,
    /// Position of the delimiter or line feed behind the field, or the end of the bytes.
    pub(crate) end: usize,
}

/// The bytes of whole records.
#[derive(Clone, Copy)]
pub(crate) struct Scan<'a> {
    pub(crate) bytes: &'a [u8],
    pub(crate) delimiter: u8,
}

pub(crate) const ONES: u64 = 0x0101_0101_0101_0101;

impl Scan<'_> {
    /// Position of the first delimiter or line feed from `at` on, or the end.
    #[inline]
    pub(crate) fn end_of_plain(self, mut at: usize) -> usize {
        let (delimiters, feeds) = (ONES * u64::from(self.delimiter), ONES * u64::from(b'\n'));
        while let Some(eight) = self.bytes.get(at..at + 8) {
            let eight = u64::from_le_bytes(eight.try_into().expect("eight bytes"));
            let hit = zero_bytes(eight ^ delimiters) | zero_bytes(eight ^ feeds);
            if hit != 0 {
                return at + hit.trailing_zeros() as usize / 8;
            }
            at += 8;
        }
        let rest = self.bytes[at..].iter().position(|b| *b == self.delimiter || *b == b'\n');
        rest.map_or(self.bytes.len(), |more| at + more)
    }

    /// The field that starts at `at`; `scratch` is overwritten where quotes have to go.
    #[inline]
    pub(crate) fn field(self, at: usize, scratch: &mut Vec<u8>) -> Scanned {
        if self.bytes.get(at) == Some(&b'"') {
            return self.quoted(at + 1, scratch);
        }
        let end = self.end_of_plain(at);
        Scanned { plain: Some((at, end)), end }
    }

    /// A field whose opening quote stands before `at`. Text may follow the closing quote: it belongs to the field.
    fn quoted(self, at: usize, scratch: &mut Vec<u8>) -> Scanned {
        let mut start = at;
        scratch.clear();
        while let Some(quote) = memchr::memchr(b'"', &self.bytes[start..]).map(|quote| start + quote) {
            if self.bytes.get(quote + 1) == Some(&b'"') {
                scratch.extend_from_slice(&self.bytes[start..=quote]);
                start = quote + 2;
                continue;
            }
            let end = self.end_of_plain(quote + 1);
            if start == at && end == quote + 1 {
                return Scanned { plain: Some((start, quote)), end };
            }
            scratch.extend_from_slice(&self.bytes[start..quote]);
            scratch.extend_from_slice(&self.bytes[quote + 1..end]);
            return Scanned { plain: None, end };
        }
        // A quote that stays open is found where pieces are cut, so this is never the end of a file.
        scratch.extend_from_slice(&self.bytes[start..]);
        Scanned { plain: None, end: self.bytes.len() }
    }

    /// The record that starts at `at`. Of its fields the first `most` are kept: a short text can have millions.
    pub(crate) fn record(self, mut at: usize, most: usize) -> Found {
        let (mut fields, mut scratch, mut count) = (Vec::new(), Vec::new(), 0);
        loop {
            let field = self.field(at, &mut scratch);
            if count < most {
                fields.push(match field.plain {
                    Some((start, end)) => self.bytes[start..end].to_vec(),
                    None => scratch.clone(),
                });
            }
            count += 1;
            at = field.end + 1;
            match self.bytes.get(field.end) {
                Some(b'\n') => return Found { fields, count, end: at },
                Some(_) => {}
                None => return Found { fields, count, end: field.end },
            }
        }
    }
}

/// A record that may have any fields.
pub(crate) struct Found {
    pub(crate) fields: Vec<Vec<u8>>,
    /// How many there are, also of those that were not kept.
    pub(crate) count: usize,
    /// Where it ends: behind its line feed.
    pub(crate) end: usize,
}

impl Found {
    /// Whether there is nothing but a carriage return.
    pub(crate) fn is_blank(&self) -> bool {
        matches!(&self.fields[..], [only] if only == b"\r")
    }
}

/// The highest bit of each byte that is 0; above the lowest of them there may be false ones.
#[inline]
pub(crate) fn zero_bytes(x: u64) -> u64 {
    x.wrapping_sub(ONES) & !x & (ONES << 7)
}
