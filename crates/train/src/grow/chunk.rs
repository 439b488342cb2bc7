//! Rows in chunks that stay in the cache; each keeps its rows in the order of the open nodes.

use super::code::Feature;
use super::stats::{Source, Stats};
use crate::codes::Codes;
use rayon::prelude::*;
use std::ops::Range;

/// Rows of a chunk: their numbers fit 15 bits, and a column of codes the fastest cache.
const ROWS: usize = 1 << 15;
/// Bits of an entry that number the row; the last one is its mark.
const ROW: u16 = (ROWS - 1) as u16;

/// Some rows, those of each open node together.
pub(super) struct Chunk {
    first: usize,
    entries: Vec<u16>,
    /// The entries of each open node.
    nodes: Vec<Range<usize>>,
    /// Entries on their way to the right.
    aside: Vec<u16>,
}

/// Where the rows of a node go.
pub(super) struct Parting {
    pub(super) feature: usize,
    /// By bin.
    pub(super) sides: Vec<Way>,
    /// Numbers below go left, for bins that have to be looked at.
    pub(super) threshold: f64,
}

impl Parting {
    /// Itself, out of a place that is not looked at again.
    pub(super) fn take(&mut self) -> Self {
        Self { feature: self.feature, sides: std::mem::take(&mut self.sides), threshold: self.threshold }
    }
}

/// Where a bin goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    Left,
    Right,
    /// The threshold lies inside.
    Look,
}

/// The rows that are taken, of so many in all, as chunks with one open node.
pub(super) fn chunks<S: Source>(source: &S, rows: usize, taken: impl Fn(usize) -> bool + Sync) -> Vec<Chunk> {
    let chunk = |first: usize| {
        let mine = (first..(first + ROWS).min(rows)).filter(|row| taken(*row));
        let entries: Vec<u16> = mine.map(|row| (row - first) as u16 | source.mark(row) << 15).collect();
        let all = 0..entries.len();
        Chunk { first, entries, nodes: vec![all], aside: Vec::new() }
    };
    (0..rows.div_ceil(ROWS)).into_par_iter().map(|at| chunk(at * ROWS)).collect()
}

/// The codes of a feature in a chunk.
enum Column<'a> {
    Narrow(&'a [u8]),
    Wide(&'a [u16]),
}

impl Column<'_> {
    #[inline(always)]
    fn get(&self, at: usize) -> usize {
        match self {
            Self::Narrow(codes) => usize::from(codes[at]),
            Self::Wide(codes) => usize::from(codes[at]),
        }
    }
}

impl Chunk {
    fn column<'f>(&self, feature: &'f Feature<'_>) -> Column<'f> {
        let end = |len: usize| (self.first + ROWS).min(len);
        match &feature.codes {
            Codes::Narrow(codes) => Column::Narrow(&codes[self.first..end(codes.len())]),
            Codes::Wide(codes) => Column::Wide(&codes[self.first..end(codes.len())]),
        }
    }

    /// What all its rows add up to.
    pub(super) fn sum<S: Source>(&self, source: &S) -> S::Stats {
        let of = |entry: &u16| source.of(entry >> 15, self.first + usize::from(entry & ROW));
        self.entries.iter().map(of).fold(S::Stats::default(), Stats::plus)
    }

    /// Adds the rows of an open node to its histogram: `of(feature)` is where that of a feature begins.
    pub(super) fn count<S: Source>(
        &self,
        node: usize,
        source: &S,
        features: &[Feature<'_>],
        offsets: &[usize],
        histogram: &mut [S::Stats],
    ) {
        let entries = &self.entries[self.nodes[node].clone()];
        if entries.is_empty() {
            return;
        }
        for (feature, offset) in features.iter().zip(offsets.windows(2)) {
            let bins = &mut histogram[offset[0]..offset[1]];
            match self.column(feature) {
                // A whole chunk is as long as row numbers reach, so no index has to be checked.
                Column::Narrow(codes) => match <&[u8; ROWS]>::try_from(codes) {
                    Ok(codes) => self.add(entries, source, bins, |row| usize::from(codes[row])),
                    Err(_) => self.add(entries, source, bins, |row| usize::from(codes[row])),
                },
                Column::Wide(codes) => self.add(entries, source, bins, |row| usize::from(codes[row])),
            }
        }
    }

    #[inline(always)]
    fn add<S: Source>(
        &self,
        entries: &[u16],
        source: &S,
        bins: &mut [S::Stats],
        code: impl Fn(usize) -> usize,
    ) {
        for entry in entries {
            let row = usize::from(entry & ROW);
            bins[code(row)] += source.of(entry >> 15, self.first + row);
        }
    }

    /// The numbers, and what their rows add, of the rows of a node whose bin has to be looked at. Runs of rows of one
    /// number come together.
    pub(super) fn look<S: Source>(
        &self,
        node: usize,
        source: &S,
        features: &[Feature<'_>],
        parting: &Parting,
        value: impl Fn(usize) -> f64,
        found: &mut Vec<(f64, S::Stats)>,
    ) {
        let codes = self.column(&features[parting.feature]);
        for entry in &self.entries[self.nodes[node].clone()] {
            let row = usize::from(entry & ROW);
            if parting.sides[codes.get(row)] != Way::Look {
                continue;
            }
            let x = value(self.first + row);
            let stats = source.of(entry >> 15, self.first + row);
            // The last two: one number may fill a bin nearly alone on either side of the threshold.
            let from = found.len().saturating_sub(2);
            match found[from..].iter_mut().find(|(other, _)| *other == x) {
                Some((_, sum)) => *sum += stats,
                None => found.push((x, stats)),
            }
        }
    }

    /// Parts the rows of the open nodes; `partings` has one for each that is split. The open nodes then are the two
    /// children of each that is split, in order.
    pub(super) fn part(
        &mut self,
        features: &[Feature<'_>],
        partings: &[Option<Parting>],
        value: impl Fn(usize, usize) -> f64,
    ) {
        let mut nodes = Vec::with_capacity(2 * partings.len());
        let mut entries = std::mem::take(&mut self.entries);
        let mut aside = std::mem::take(&mut self.aside);
        for (range, parting) in self.nodes.iter().zip(partings) {
            let Some(parting) = parting else { continue };
            let mine = &mut entries[range.clone()];
            aside.resize(mine.len().max(aside.len()), 0);
            let look = |row: usize| value(parting.feature, self.first + row) < parting.threshold;
            let left = match self.column(&features[parting.feature]) {
                Column::Narrow(codes) => {
                    let mut sides = [Way::Left; 256];
                    sides[..parting.sides.len()].copy_from_slice(&parting.sides);
                    part(mine, &mut aside, |row| sides[usize::from(codes[row])], look)
                }
                Column::Wide(codes) => {
                    part(mine, &mut aside, |row| parting.sides[usize::from(codes[row])], look)
                }
            };
            nodes.push(range.start..range.start + left);
            nodes.push(range.start + left..range.end);
        }
        (self.entries, self.aside, self.nodes) = (entries, aside, nodes);
    }

    /// Keeps the open nodes at these positions only, in this order.
    pub(super) fn keep(&mut self, positions: &[usize]) {
        self.nodes = positions.iter().map(|at| self.nodes[*at].clone()).collect();
    }
}

/// Parts entries, each side in the order it had; gives how many are on the left.
#[inline(always)]
fn part(
    entries: &mut [u16],
    aside: &mut [u16],
    side: impl Fn(usize) -> Way,
    look: impl Fn(usize) -> bool,
) -> usize {
    let (mut left, mut right) = (0, 0);
    for at in 0..entries.len() {
        let entry = entries[at];
        let row = usize::from(entry & ROW);
        let goes_left = match side(row) {
            Way::Look => look(row),
            way => way == Way::Left,
        };
        // Both are written, so that nothing hangs on a guess.
        entries[left] = entry;
        aside[right] = entry;
        left += usize::from(goes_left);
        right += usize::from(!goes_left);
    }
    entries[left..].copy_from_slice(&aside[..right]);
    left
}
