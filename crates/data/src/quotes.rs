//! Part of the plain CSV reader that the fast one is tested against: a byte filter in front of the CSV parser that sees what the parser accepts in silence.
//!
//! The parser takes a file that ends inside an open quote as if the quote had been closed, so a
//! truncated file, or one stray quote, would swallow rows. The filter follows quotes by the parser's own
//! rules: a quote opens at the start of a field only, a doubled quote inside stands for itself.

use crate::text_fault::{MAX_RECORD, TextFault};
use std::io::{self, Read};

/// Passes bytes through and fails on what [`TextFault`] lists.
pub(crate) struct QuoteFilter<R> {
    inner: R,
    delimiter: u8,
    state: State,
    previous: u8,
    /// Line of the next byte, from 1.
    line: u64,
    /// Line of the latest opening quote.
    opened: u64,
    /// Line on which the current record starts, and its bytes so far.
    record_line: u64,
    record_bytes: u64,
    total: u64,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Outside,
    Inside,
    /// After a quote inside a quoted field: the next byte says whether it closed.
    MaybeClosed,
}

impl<R: Read> QuoteFilter<R> {
    pub(crate) fn new(inner: R, delimiter: u8) -> Self {
        QuoteFilter {
            inner,
            delimiter,
            state: State::Outside,
            previous: b'\n',
            line: 1,
            opened: 1,
            record_line: 1,
            record_bytes: 0,
            total: 0,
        }
    }

    /// Bytes passed so far.
    pub(crate) fn total(&self) -> u64 {
        self.total
    }

    /// The last byte passed; a line feed before the first.
    pub(crate) fn last(&self) -> u8 {
        self.previous
    }

    fn inspect(&mut self, bytes: &[u8]) -> Result<(), TextFault> {
        if let Some(at) = find(bytes, 0) {
            return Err(TextFault::Nul { line: self.line + newlines(&bytes[..at]) });
        }
        let mut rest = bytes;
        while !rest.is_empty() {
            if self.state == State::MaybeClosed {
                if rest[0] == b'"' {
                    self.state = State::Inside;
                    rest = self.pass(rest, 1);
                    continue;
                }
                self.state = State::Outside;
            }
            let Some(at) = find(rest, b'"') else {
                rest = self.pass(rest, rest.len());
                continue;
            };
            let before = if at > 0 { rest[at - 1] } else { self.previous };
            let inside = self.state == State::Inside;
            let opens = !inside && (before == self.delimiter || before == b'\n');
            rest = self.pass(rest, at + 1);
            if inside {
                self.state = State::MaybeClosed;
            } else if opens {
                self.state = State::Inside;
                self.opened = self.line;
            }
        }
        match self.record_bytes > MAX_RECORD {
            true => Err(TextFault::LongRecord { line: self.record_line }),
            false => Ok(()),
        }
    }

    /// Counts the first `length` bytes of `bytes`, which all lie in the current state, and returns the rest.
    fn pass<'a>(&mut self, bytes: &'a [u8], length: usize) -> &'a [u8] {
        let (passed, rest) = bytes.split_at(length);
        self.line += newlines(passed);
        self.record_bytes += passed.len() as u64;
        if self.state == State::Outside
            && let Some(at) = passed.iter().rposition(|b| *b == b'\n')
        {
            self.record_line = self.line;
            self.record_bytes = (passed.len() - at - 1) as u64;
        }
        self.previous = passed.last().copied().unwrap_or(self.previous);
        rest
    }
}

impl<R: Read> Read for QuoteFilter<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        if count == 0 && !buffer.is_empty() && self.state == State::Inside {
            return Err(io::Error::other(TextFault::OpenQuote { line: self.opened }));
        }
        self.inspect(&buffer[..count]).map_err(io::Error::other)?;
        self.total += count as u64;
        Ok(count)
    }
}

fn find(bytes: &[u8], wanted: u8) -> Option<usize> {
    // `contains` is vectorised, `position` is not; most buffers hold none.
    if bytes.contains(&wanted) { bytes.iter().position(|b| *b == wanted) } else { None }
}

fn newlines(bytes: &[u8]) -> u64 {
    // Sums of bytes over short runs are vectorised; 255 ones are the most that a byte holds.
    let run = |run: &[u8]| u64::from(run.iter().map(|b| u8::from(*b == b'\n')).sum::<u8>());
    bytes.chunks(192).map(run).sum()
}
