//! CSV bytes cut into pieces at the ends of records.
//!
//! Quotes are followed by the rules of the parser: one opens at the start of a field only, a doubled one inside stands for
//! itself. Where a stretch holds no quote, its last line feed is the end of a record. The pieces depend on the bytes alone.

use crate::error::DataError;
use crate::source::read_error;
use crate::text_fault::{MAX_RECORD, TextFault};
use bytes::Bytes;
use memchr::{memchr_iter, memchr2, memrchr};
use std::io::{self, Read};

/// Bytes that are read at once; few in this crate's own tests and when it is fuzzed, so that all borders are met.
const BLOCK: usize = if cfg!(any(test, fuzzing)) { 64 } else { 4 << 20 };

/// Least bytes of a piece, but for the last of a block.
const PIECE: usize = if cfg!(any(test, fuzzing)) { 16 } else { 1 << 18 };

/// Whole records.
pub(crate) struct RawPiece {
    pub(crate) bytes: Bytes,
    /// Line on which they start, from 1.
    pub(crate) line: u64,
    /// Line feeds in them.
    pub(crate) feeds: u64,
}

/// Reads blocks and cuts them.
pub(crate) struct Cutter {
    name: String,
    stream: Box<dyn Read + Send>,
    delimiter: u8,
    /// Bytes after the last record that was given.
    rest: Vec<u8>,
    /// How many of them were looked at.
    seen: usize,
    state: State,
    /// Line on which `rest` starts.
    line: u64,
    /// Where in `rest` the latest quote was opened.
    opened: usize,
    /// What was met after the pieces given last.
    fault: Option<DataError>,
    ended: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Outside,
    Inside,
    /// After a quote inside a quoted field: the next byte says whether it closed.
    MaybeClosed,
}

impl Cutter {
    /// `head` holds the first bytes.
    pub(crate) fn new(name: &str, head: Vec<u8>, stream: Box<dyn Read + Send>, delimiter: u8) -> Cutter {
        Cutter {
            name: name.to_owned(),
            stream,
            delimiter,
            rest: head,
            seen: 0,
            state: State::Outside,
            line: 1,
            opened: 0,
            fault: None,
            ended: false,
        }
    }

    /// The next pieces in file order, at least one; `None` at the end.
    pub(crate) fn next_block(&mut self) -> Result<Option<Vec<RawPiece>>, DataError> {
        loop {
            if let Some(fault) = self.fault.take() {
                self.ended = true;
                return Err(fault);
            }
            if self.ended {
                return Ok(None);
            }
            let ends = self.read_block();
            let pieces = self.given(&ends);
            if !pieces.is_empty() {
                return Ok(Some(pieces));
            }
        }
    }

    /// Reads on and returns where pieces end in `rest`, ascending.
    fn read_block(&mut self) -> Vec<usize> {
        let wanted = BLOCK.saturating_sub(self.rest.len() - self.seen);
        let read = self.stream.by_ref().take(wanted as u64).read_to_end(&mut self.rest);
        let (last, broken) = match read {
            Ok(count) => (count < wanted, None),
            Err(error) => (false, Some(read_error(&self.name, error))),
        };
        let mut ends = Vec::new();
        let (mut start, mut whole) = (0, 0);
        while self.seen < self.rest.len() && self.fault.is_none() {
            let to = self.rest.len().min(self.seen + PIECE);
            if let Some(end) = self.look_at(to) {
                whole = end;
            }
            if whole - start >= PIECE {
                ends.push(whole);
                start = whole;
            }
        }
        if self.fault.is_none() && last {
            self.ended = true;
            match self.state {
                State::Inside => {
                    self.fault = Some(self.found(self.opened, |line| TextFault::OpenQuote { line }))
                }
                State::Outside | State::MaybeClosed => whole = self.rest.len(),
            }
        } else if self.fault.is_none() && (self.rest.len() - whole) as u64 > MAX_RECORD {
            self.fault = Some(self.found(whole, |line| TextFault::LongRecord { line }));
        }
        if whole > start {
            ends.push(whole);
        }
        self.fault = self.fault.take().or(broken);
        ends
    }

    /// Follows quotes up to the position `to` of `rest`; returns the end of the last whole record on the way.
    fn look_at(&mut self, to: usize) -> Option<usize> {
        let (bytes, mut at) = (&self.rest[..to], self.seen);
        let mut whole = None;
        while at < to {
            // The next quote; a NUL byte before it is the end.
            let found = memchr2(b'"', 0, &bytes[at..]).map(|found| at + found);
            if let Some(nul) = found.filter(|found| bytes[*found] == 0) {
                self.fault = Some(self.found(nul, |line| TextFault::Nul { line }));
                return None;
            }
            match self.state {
                State::Inside => match found {
                    Some(quote) => (self.state, at) = (State::MaybeClosed, quote + 1),
                    None => at = to,
                },
                State::MaybeClosed if bytes[at] == b'"' => (self.state, at) = (State::Inside, at + 1),
                State::MaybeClosed => self.state = State::Outside,
                State::Outside => {
                    let end = found.unwrap_or(to);
                    if let Some(feed) = memrchr(b'\n', &bytes[at..end]) {
                        whole = Some(at + feed + 1);
                    }
                    at = end + usize::from(found.is_some());
                    // What comes before `rest` is the end of a record.
                    let before = if end > 0 { bytes[end - 1] } else { b'\n' };
                    if found.is_some() && (before == self.delimiter || before == b'\n') {
                        (self.state, self.opened) = (State::Inside, end);
                    }
                }
            }
        }
        self.seen = to;
        whole
    }

    /// A fault at a position of `rest`.
    fn found(&self, at: usize, fault: impl Fn(u64) -> TextFault) -> DataError {
        let line = self.line + memchr_iter(b'\n', &self.rest[..at]).count() as u64;
        read_error(&self.name, io::Error::other(fault(line)))
    }

    /// Takes what lies before the last of `ends` out of `rest`, as pieces.
    fn given(&mut self, ends: &[usize]) -> Vec<RawPiece> {
        let Some(&whole) = ends.last() else { return Vec::new() };
        let mut rest = Vec::with_capacity(BLOCK + self.rest.len() - whole);
        rest.extend_from_slice(&self.rest[whole..]);
        self.seen = self.seen.max(whole) - whole;
        self.opened = self.opened.saturating_sub(whole);
        let bytes = Bytes::from(std::mem::replace(&mut self.rest, rest));
        let mut start = 0;
        let piece = |end: &usize| {
            let bytes = bytes.slice(start..*end);
            let feeds = memchr_iter(b'\n', &bytes).count() as u64;
            let piece = RawPiece { bytes, line: self.line, feeds };
            self.line += feeds;
            start = *end;
            piece
        };
        ends.iter().map(piece).collect()
    }
}
