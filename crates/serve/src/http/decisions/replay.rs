//! A log read again from its beginning: the chain is followed, every body is scored with the very model that scored it then, and
//! the bits are compared.
//!
//! Lines are taken some megabytes at a time, so that memory does not go by the length of the log, and checked on all cores.

use crate::error::ServeError;
use crate::http::decisions::chain::{Hash, links};
use crate::http::decisions::check_line::{Checked, Decided, check_line};
use crate::http::decisions::kept_models::MODELS;
use crate::http::decisions::known_models::KnownModels;
use crate::http::decisions::segment::{Head, path_of, segments};
use rayon::prelude::*;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};

/// Bytes of lines that are checked at once; one line may be longer.
const AT_ONCE: usize = 8 << 20;

/// Findings that are put in words.
const MOST_FINDINGS: usize = 20;

/// What is replayed.
#[derive(Clone, Debug)]
pub struct ReplayOptions {
    /// The folder of a log, or one of its segments.
    pub log: PathBuf,
    /// More models than those the log has kept: files called `<sha256>.json`, or a folder as [`HttpOptions::models`].
    ///
    /// [`HttpOptions::models`]: crate::http::HttpOptions::models
    pub models: Option<PathBuf>,
}

/// What a replay found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Replayed {
    /// Segments read.
    pub segments: u64,
    /// Decisions in them, each of one request.
    pub requests: u64,
    /// Customers of those.
    pub customers: u64,
    /// Customers whose results are the same to the last bit.
    pub equal: u64,
    /// Customers whose results are not, or of whom the log says nothing.
    pub different: u64,
    /// Requests that cannot be scored again: their model is missing, or their line is not one that this version reads.
    pub unreadable: u64,
    /// Lines that are damaged, or do not follow the line before.
    pub breaks: u64,
    /// Bytes behind the last line that are no whole line: what a service is writing now, or what a crash left. No answer was given
    /// for them.
    pub unfinished_bytes: u64,
    /// Sequence number and time of the first decision.
    pub first: Option<(u64, String)>,
    /// The same of the last.
    pub last: Option<(u64, String)>,
    /// Hash of the last line, 64 hex digits: it stands for the whole log before it.
    pub last_hash: String,
    /// The first 20 things that are not as they should be.
    pub findings: Vec<Finding>,
}

/// Something that is not as it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The segment.
    pub file: String,
    /// Its line, from 1.
    pub line: u64,
    /// The customer's place in the body, from 1, where it is about one.
    pub customer: Option<usize>,
    /// What is wrong.
    pub what: String,
}

impl Replayed {
    /// Whether the chain is whole and every customer's results are the same.
    pub fn passed(&self) -> bool {
        self.different + self.unreadable + self.breaks == 0
    }
}

/// Replays a log. `progress` is told the customers so far, and which share of the log was read.
///
/// # Errors
/// There is no log, or it or the models cannot be read. What is wrong inside a log is in the result.
pub fn replay(options: &ReplayOptions, progress: impl Fn(u64, f64)) -> Result<Replayed, ServeError> {
    let log = &options.log;
    let unreadable =
        |file: &Path, problem: String| ServeError::DecisionLog { file: file.display().to_string(), problem };
    let whole = log.is_dir();
    let files: Vec<PathBuf> = match whole {
        true => segments(log)?.into_iter().map(|number| path_of(log, number)).collect(),
        false => vec![log.clone()],
    };
    if files.is_empty() {
        return Err(unreadable(log, "it holds no decisions-*.ndjson".to_owned()));
    }
    let folder = if whole { log } else { log.parent().unwrap_or(Path::new("")) };
    let models = KnownModels::open(folder.join(MODELS), options.models.as_deref())?;
    let length =
        |path: &PathBuf| path.metadata().map(|m| m.len()).map_err(|e| unreadable(path, e.to_string()));
    let all: u64 = files.iter().map(length).sum::<Result<_, _>>()?;
    let (last, mut read) = (files.len() - 1, 0);
    let mut following = Following::default();
    for (at, path) in files.into_iter().enumerate() {
        following.begin(&path, at == last);
        let file = File::open(&path).map_err(|e| unreadable(&path, e.to_string()))?;
        let mut text = BufReader::with_capacity(1 << 20, file);
        loop {
            let lines = Lines::take(&mut text).map_err(|e| unreadable(&path, e.to_string()))?;
            if lines.ends.is_empty() {
                break;
            }
            following.take(&lines, &models);
            read += lines.text.len() as u64;
            progress(following.found.customers, read as f64 / all as f64);
        }
        following.end();
    }
    Ok(following.found)
}

/// Some lines of a segment.
struct Lines {
    text: Vec<u8>,
    /// Where each ends, behind its newline.
    ends: Vec<usize>,
}

impl Lines {
    fn take(from: &mut impl BufRead) -> std::io::Result<Lines> {
        let (mut text, mut ends) = (Vec::new(), Vec::new());
        while text.len() < AT_ONCE && from.read_until(b'\n', &mut text)? > 0 {
            ends.push(text.len());
        }
        Ok(Lines { text, ends })
    }

    fn line(&self, at: usize) -> &[u8] {
        &self.text[at.checked_sub(1).map_or(0, |before| self.ends[before])..self.ends[at]]
    }
}

/// A chain that is followed.
#[derive(Default)]
struct Following {
    found: Replayed,
    file: String,
    line: u64,
    last_segment: bool,
    /// What the next line has to follow; `None` at the beginning and behind a damaged line.
    prev: Option<Hash>,
    seq: Option<u64>,
    segment: Option<u64>,
}

impl Following {
    fn begin(&mut self, path: &Path, last: bool) {
        self.found.segments += 1;
        (self.file, self.line, self.last_segment) = (path.display().to_string(), 0, last);
    }

    fn end(&mut self) {
        if self.line == 0 {
            self.broken("the segment is empty");
        }
    }

    /// Checks lines on all cores, and follows them in their order.
    fn take(&mut self, lines: &Lines, models: &KnownModels) {
        let whole = |at: usize| lines.line(at).strip_suffix(b"\n");
        let checked: Vec<Option<Checked>> =
            (0..lines.ends.len()).into_par_iter().map(|at| Some(check_line(whole(at)?, models))).collect();
        for (at, checked) in checked.into_iter().enumerate() {
            self.line += 1;
            match checked {
                Some(checked) => self.follow(checked),
                None => self.unfinished(lines.line(at)),
            }
        }
    }

    fn follow(&mut self, Checked { whole, decision }: Checked) {
        let Some((links, head)) = whole else {
            (self.prev, self.seq) = (None, None);
            return self.broken("the line is damaged");
        };
        if self.prev.is_some_and(|prev| prev != links.prev) {
            self.broken("it does not follow the line before it: lines were removed, added or moved");
        }
        self.prev = Some(links.hash);
        self.found.last_hash = links.hash.to_string();
        let place = self.place(head, links.prev);
        if let Err(what) = place {
            self.broken(what);
        }
        if let (Head::Decision { seq, .. }, Some(decision)) = (head, decision) {
            self.count(seq, decision);
        }
    }

    /// Whether a line may stand where it stands.
    fn place(&mut self, head: Head, prev: Hash) -> Result<(), &'static str> {
        let (known, segment) = (self.seq, self.segment);
        match head {
            Head::Segment { number, after } => {
                (self.seq, self.segment) = (Some(after), Some(number));
                let first = number > 1 || (after == 0 && prev == Hash::FIRST);
                match () {
                    () if self.line != 1 => Err("a header stands inside a segment"),
                    () if !first => Err("the first segment does not begin a chain"),
                    () if segment.is_some_and(|before| before + 1 != number) => Err("it is another segment"),
                    () if known.is_some_and(|seq| seq != after) => Err("decisions are missing before it"),
                    () => Ok(()),
                }
            }
            Head::Decision { seq, .. } => {
                self.seq = Some(seq);
                match () {
                    () if self.line == 1 => Err("the segment has no header"),
                    () if known.is_some_and(|known| known + 1 != seq) => {
                        Err("its sequence number is not the next")
                    }
                    () => Ok(()),
                }
            }
        }
    }

    /// What stands behind the last newline. A whole line lost only its newline: that is no crash, for both are written at once and
    /// cut off together.
    fn unfinished(&mut self, rest: &[u8]) {
        let lost_its_end = links(rest).is_some() || links(&rest[..rest.len() - 1]).is_some();
        if self.last_segment && self.line > 1 && !lost_its_end {
            self.found.unfinished_bytes = rest.len() as u64;
        } else {
            self.broken("the line has no end");
        }
    }

    fn count(&mut self, seq: u64, decided: Decided) {
        let Decided { time, customers, equal, different, differences, unreadable } = decided;
        self.found.requests += 1;
        self.found.customers += customers;
        self.found.different += different;
        self.found.first.get_or_insert_with(|| (seq, time.clone()));
        self.found.last = Some((seq, time));
        self.found.equal += equal;
        if let Some(why) = unreadable {
            self.found.unreadable += 1;
            self.find(None, why);
        }
        for (customer, what) in differences {
            self.find(Some(customer), what);
        }
    }

    fn broken(&mut self, what: &str) {
        self.found.breaks += 1;
        self.find(None, what.to_owned());
    }

    fn find(&mut self, customer: Option<usize>, what: String) {
        if self.found.findings.len() < MOST_FINDINGS {
            let (file, line) = (self.file.clone(), self.line);
            self.found.findings.push(Finding { file, line, customer, what });
        }
    }
}
