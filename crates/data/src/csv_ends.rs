//! Where fields end, found 64 bytes at a time: the first of two passes over rows without quotes.

use pulp::cast;
use pulp::x86::V3;
use std::arch::x86_64::__m256i;

/// Most bytes that are looked at in one go: they and what is made of them stay in the first two caches.
const MOST: usize = 1 << 14;

/// Least, where rows were met that are not regular: what is looked at again for each of them.
const LEAST: usize = 1 << 10;

/// Ends of fields from some byte on.
pub(crate) struct Ends {
    /// Positions of delimiters and line feeds up to the first quote; before them the position ahead of the first field.
    at: Vec<u32>,
    /// Which of `at` are line feeds.
    feeds: Vec<u32>,
    /// How many of `at` count.
    count: usize,
    stretch: usize,
}

/// Rows that have as many fields as the header and no quote.
pub(crate) struct Rows<'a> {
    pub(crate) bytes: &'a [u8],
    ends: &'a [u32],
    width: usize,
}

impl Ends {
    pub(crate) fn new() -> Ends {
        Ends { at: Vec::new(), feeds: Vec::new(), count: 0, stretch: MOST }
    }

    /// The next rows from `start` on, at most `most`; none where the first is not regular. `bytes` are fewer than 2^32.
    #[inline(always)]
    pub(crate) fn rows<'a>(
        &'a mut self,
        simd: V3,
        bytes: &'a [u8],
        delimiter: u8,
        start: usize,
        (width, most): (usize, usize),
    ) -> Rows<'a> {
        let stop = bytes.len().min(start + self.stretch);
        let ascii = self.find(simd, &bytes[..stop], delimiter, start);
        let regular = |(row, feed): &(usize, &u32)| **feed as usize == (row + 1) * width;
        let mut rows = self.feeds.iter().take(most).enumerate().take_while(regular).count();
        if !ascii && rows > 0 {
            let end = self.at[rows * width] as usize + 1;
            if let Err(fault) = std::str::from_utf8(&bytes[start..end]) {
                let valid = (start + fault.valid_up_to()) as u32;
                rows = (0..rows).take_while(|row| self.at[(row + 1) * width] < valid).count();
            }
        }
        self.stretch = if rows == 0 { LEAST } else { MOST.min(2 * self.stretch) };
        Rows { bytes, ends: &self.at[..=rows * width], width }
    }

    /// Finds delimiters and line feeds from `start` to the end or the first quote; says whether all bytes are ASCII.
    #[inline(always)]
    fn find(&mut self, simd: V3, bytes: &[u8], delimiter: u8, start: usize) -> bool {
        // Eight positions are written at once.
        self.at.resize(MOST + 64 + 8, 0);
        self.at[0] = (start as u32).wrapping_sub(1);
        self.count = 1;
        self.feeds.clear();
        let splat = |byte: u8| simd.avx._mm256_set1_epi8(byte as i8);
        let (delimiters, line_feeds, quotes) = (splat(delimiter), splat(b'\n'), splat(b'"'));
        let (mut ascii, mut from) = (true, start);
        while from < bytes.len() {
            let mut last = [0; 64];
            let block: &[u8; 64] = match bytes.get(from..from + 64) {
                Some(block) => block.try_into().expect("64 bytes"),
                None => {
                    last[..bytes.len() - from].copy_from_slice(&bytes[from..]);
                    &last
                }
            };
            let [low, high]: [__m256i; 2] = cast(*block);
            let bits = |x: __m256i| u64::from(simd.avx2._mm256_movemask_epi8(x) as u32);
            let are = |what: __m256i| {
                let equal = |x| bits(simd.avx2._mm256_cmpeq_epi8(x, what));
                equal(low) | equal(high) << 32
            };
            let quote = are(quotes);
            // All bits below the first quote.
            let before = (quote & quote.wrapping_neg()).wrapping_sub(1);
            let feeds = are(line_feeds) & before;
            ascii &= (bits(low) | bits(high)) == 0;
            self.keep(from, (are(delimiters) & before) | feeds, feeds);
            if quote != 0 {
                break;
            }
            from += 64;
        }
        ascii
    }

    /// Keeps the positions of `ends`, of which some are `feeds`.
    #[inline(always)]
    fn keep(&mut self, from: usize, mut ends: u64, mut feeds: u64) {
        while feeds != 0 {
            let before = ends & (feeds & feeds.wrapping_neg()).wrapping_sub(1);
            self.feeds.push(self.count as u32 + before.count_ones());
            feeds &= feeds - 1;
        }
        let (mut at, count) = (self.count, ends.count_ones() as usize);
        self.count += count;
        while ends != 0 {
            // What is written beyond the last is written over by the next.
            for place in &mut self.at[at..at + 8] {
                *place = from as u32 + ends.trailing_zeros();
                ends &= ends.wrapping_sub(1);
            }
            at += 8;
        }
    }
}

impl Rows<'_> {
    pub(crate) fn count(&self) -> usize {
        self.ends.len() / self.width
    }

    /// Where the last row ends: behind its line feed.
    pub(crate) fn end(&self) -> usize {
        self.ends[self.ends.len() - 1].wrapping_add(1) as usize
    }

    /// Start and end of a field of each row.
    #[inline(always)]
    pub(crate) fn fields(&self, column: usize) -> impl Iterator<Item = (usize, usize)> {
        let last = column + 1 == self.width;
        let ends = self.ends[column..].windows(2).step_by(self.width);
        ends.map(move |ends| {
            let (start, end) = (ends[0].wrapping_add(1) as usize, ends[1] as usize);
            let returned = last && end > start && self.bytes[end - 1] == b'\r';
            (start, end - usize::from(returned))
        })
    }
}
