//! Tables sorted by customer, side by side: which of their rows belong to the next customers.

use crate::Error;
use crate::clean::Ledger;
use crate::read::batch::{Batch, Key, OwnKey};
use crate::read::collect::Sorted;
use crate::read::layout::Layout;
use crate::read::spill::Spilled;
use crate::read::table::TableFile;
use crate::read::verdicts::Fates;
use rayon::prelude::*;
use std::collections::VecDeque;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;

/// Rows read ahead of all sorted tables together.
const AHEAD: usize = 1 << 19;

/// Rows of a chunk of customers, or more where one customer has more.
pub(crate) const CHUNK: usize = 1 << 15;

/// Rows of one table in the order of customers.
pub(crate) enum Run {
    /// Files that are sorted, one after the other.
    Files { layout: Arc<Layout>, open: Option<Box<TableFile>>, waiting: VecDeque<PathBuf>, batch: usize },
    /// Rows in memory.
    Memory(Box<Sorted>),
    /// Rows on the disk.
    Disk(Spilled),
}

/// A run, and its batches that were read and not yet given.
pub(crate) struct Queue {
    /// Position of the table in the configuration.
    pub(crate) table: usize,
    run: Run,
    waiting: VecDeque<Arc<Batch>>,
    /// Customers of the first batch that were given.
    given: usize,
    ended: bool,
}

/// Some customers of a batch.
#[derive(Clone, Debug)]
pub(crate) struct Slice {
    pub(crate) table: usize,
    pub(crate) batch: Arc<Batch>,
    pub(crate) customers: Range<usize>,
}

impl Slice {
    fn rows(&self) -> usize {
        (self.batch.starts[self.customers.end] - self.batch.starts[self.customers.start]) as usize
    }
}

impl Queue {
    pub(crate) fn new(table: usize, run: Run) -> Queue {
        Queue { table, run, waiting: VecDeque::new(), given: 0, ended: false }
    }

    /// Reads on. Gives what became of the rows, and the file that they are from.
    fn load(&mut self, rows: usize) -> Result<Vec<(String, Fates)>, Error> {
        let (mut loaded, mut told) = (0, Vec::new());
        while loaded < rows.max(1) && !self.ended {
            let batches = match &mut self.run {
                Run::Memory(sorted) => sorted.next(rows).map(|batch| vec![batch]),
                Run::Disk(spilled) => spilled.next()?.map(|batch| vec![batch]),
                files => files.next_of_files(&mut told)?,
            };
            self.ended = batches.is_none();
            for batch in batches.into_iter().flatten().filter(|batch| batch.rows() > 0) {
                loaded += batch.rows();
                self.waiting.push_back(Arc::new(batch));
            }
        }
        Ok(told)
    }

    /// Rows read and not yet given.
    fn rows(&self) -> usize {
        let given = self.waiting.front().map_or(0, |batch| batch.starts[self.given] as usize);
        self.waiting.iter().map(|batch| batch.rows()).sum::<usize>() - given
    }

    /// The last customer read of a run that goes on: of later ones there may be more rows, and of this one.
    fn last(&self) -> Option<Key<'_>> {
        self.waiting.back().and_then(|batch| batch.last())
    }

    /// Gives the customers before `bound`, or all.
    fn take(&mut self, bound: Option<Key<'_>>, out: &mut Vec<Slice>) {
        while let Some(batch) = self.waiting.front() {
            let all = batch.keys.len();
            let end = bound.map_or(all, |bound| batch.keys.place(self.given, bound));
            if end > self.given {
                out.push(Slice { table: self.table, batch: batch.clone(), customers: self.given..end });
            }
            self.given = end;
            if end < all {
                return;
            }
            self.waiting.pop_front();
            self.given = 0;
        }
    }
}

impl Run {
    fn next_of_files(&mut self, told: &mut Vec<(String, Fates)>) -> Result<Option<Vec<Batch>>, Error> {
        let Run::Files { layout, open, waiting, batch } = self else { return Ok(None) };
        loop {
            if open.is_none() {
                let Some(path) = waiting.pop_front() else { return Ok(None) };
                *open = Some(Box::new(TableFile::open(layout, &path, *batch)?));
            }
            let Some(file) = open else { return Ok(None) };
            let Some(converted) = file.next()? else {
                *open = None;
                continue;
            };
            let mut batches = Vec::with_capacity(converted.len());
            for converted in converted {
                told.push((file.name().to_owned(), converted.fates));
                let grouped = Batch::grouped(converted.rows);
                batches.push(grouped.ok_or_else(|| Error::Table {
                    table: layout.table.kind.name(),
                    file: file.name().to_owned(),
                    why: "its customers ascended when it was opened and no longer do; run again when nobody writes it".to_owned(),
                })?);
            }
            return Ok(Some(batches));
        }
    }
}

/// The rows of the next customers of all tables: chunk by chunk, each with all rows of its customers; `None` at the end.
pub(crate) fn next_chunks(
    queues: &mut [Queue],
    ledger: &mut Ledger,
) -> Result<Option<Vec<Vec<Slice>>>, Error> {
    let ahead = (AHEAD / queues.len().max(1)).max(1);
    loop {
        load(queues, ahead, ledger, |queue| queue.waiting.is_empty())?;
        let bound = queues.iter().filter(|q| !q.ended).filter_map(Queue::last).min().map(Key::own);
        let mut slices = Vec::new();
        let key = bound.as_ref().map(OwnKey::key);
        queues.iter_mut().for_each(|queue| queue.take(key, &mut slices));
        if !slices.is_empty() {
            return Ok(Some(cut(slices)));
        }
        let Some(bound) = bound else { return Ok(None) };
        // A customer goes beyond what was read. Tables of which little is left are read on at the same time.
        load(queues, ahead, ledger, |queue| {
            queue.last().is_none_or(|last| last <= bound.key()) || queue.rows() < ahead / 2
        })?;
    }
}

/// Reads some of the tables on, side by side.
fn load(
    queues: &mut [Queue],
    rows: usize,
    ledger: &mut Ledger,
    which: impl Fn(&Queue) -> bool + Sync,
) -> Result<(), Error> {
    let load = |queue: &mut Queue| {
        let reads_on = !queue.ended && which(queue);
        reads_on.then(|| Ok((queue.table, queue.load(rows)?))).transpose()
    };
    let loaded: Vec<Result<Option<_>, Error>> = queues.par_iter_mut().map(load).collect();
    for loaded in loaded {
        let Some((table, told)) = loaded? else { continue };
        for (file, fates) in told {
            ledger.converted(table, &file, &fates)?;
        }
    }
    Ok(())
}

/// Cuts slices into chunks of customers, at customers of the slice with the most rows.
fn cut(slices: Vec<Slice>) -> Vec<Vec<Slice>> {
    let total: usize = slices.iter().map(Slice::rows).sum();
    let Some(largest) = slices.iter().max_by_key(|slice| slice.rows()) else { return Vec::new() };
    let parts = (total / CHUNK).max(1);
    let (first, rows) = (largest.batch.starts[largest.customers.start], largest.rows());
    let mut cuts: Vec<OwnKey> = (1..parts)
        .map(|part| {
            let row = first + (rows * part / parts) as u32;
            let place = largest.batch.starts.partition_point(|start| *start <= row) - 1;
            largest.batch.keys.get(place).own()
        })
        .collect();
    cuts.dedup();
    let chunk = |part: usize| -> Vec<Slice> {
        let (from, to) = (part.checked_sub(1).map(|at| cuts[at].key()), cuts.get(part).map(OwnKey::key));
        let of = |slice: &Slice| {
            let place = |bound: Option<Key<'_>>, or: usize| {
                bound.map_or(or, |bound| {
                    slice.batch.keys.place(slice.customers.start, bound).min(slice.customers.end)
                })
            };
            let customers = place(from, slice.customers.start)..place(to, slice.customers.end);
            (!customers.is_empty()).then(|| Slice { customers, ..slice.clone() })
        };
        slices.iter().filter_map(of).collect()
    };
    let chunks: Vec<Vec<Slice>> = (0..=cuts.len()).into_par_iter().map(chunk).collect();
    chunks.into_iter().filter(|chunk| !chunk.is_empty()).collect()
}
