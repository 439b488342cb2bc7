//! Files as histories: mapped, cleaned, grouped by customer.
//!
//! | step | module | what it does |
//! |---|---|---|
//! | 1 | `inputs`, `layout` | which columns of a file are needed, and what they become |
//! | 2 | `numbers`, `moments`, `words` | values of files as amounts, moments and texts; what cannot be read is told |
//! | 3 | `table` | an open file, some rows at a time |
//! | 4 | `collect`, `spill` | rows in any order are sorted by customer, in memory or on the disk |
//! | 5 | `queue` | sorted tables side by side, cut into chunks of customers |
//! | 6 | `gather`, `by_id`, `relations`, `build` | a chunk as a [`History`]: orders looked up, rows sorted, each event once |
//!
//! Parquet files whose customers ascend are read as they are, in memory that does not grow with them. Other tables are collected
//! up to the memory that was given, and go to temporary files beyond it. What comes out is the same either way.

mod batch;
mod build;
mod by_id;
mod cells;
mod collect;
mod column;
mod gather;
mod inputs;
mod layout;
mod moments;
mod numbers;
mod open;
mod owners;
mod queue;
mod relations;
mod shape;
mod spill;
mod table;
mod texts;
pub(crate) mod verdicts;
mod words;

use crate::clean::{Ledger, Sink, Tally};
use crate::{CleaningReport, Config, Error, EventKind, History, Moment};
use build::Design;
use queue::{Queue, Slice, next_chunks};
use rayon::prelude::*;
use std::sync::Arc;

/// How to read.
pub struct ReadSettings {
    /// Memory for rows that are not sorted by customer, in bytes; beyond it they go to temporary files. Default: 1 GiB.
    pub memory: usize,
    /// Rows of Parquet decoded at a time. Default: 131,072.
    pub batch: usize,
    /// Takes each row that is left out; in the same order on any number of threads.
    pub rejects: Option<Sink>,
}

impl Default for ReadSettings {
    fn default() -> Self {
        ReadSettings { memory: 1 << 30, batch: 1 << 17, rejects: None }
    }
}

/// Reads the tables of a configuration as histories of some customers after the other, customers ascending: as numbers where
/// every table holds ids of a whole-number type, by the bytes of the ids otherwise.
pub struct EventReader {
    queues: Vec<Queue>,
    ledger: Ledger,
    design: Arc<Design>,
}

/// The rows of some customers, to be made into a history on any thread.
pub struct Piece {
    slices: Vec<Slice>,
    design: Arc<Design>,
}

impl Piece {
    /// The history, and what became of the rows; to be given to [`EventReader::add`] in the order of the pieces.
    pub fn history(&self) -> (History, Tally) {
        self.design.history(&self.slices)
    }
}

impl EventReader {
    /// Opens the tables. `asked` names the columns that histories shall have, in their order; time columns from which on others are
    /// known come with these.
    ///
    /// # Errors
    /// When a file cannot be opened or lacks a mapped column, or a table or column that is asked for is not mapped. Tables that are
    /// not sorted by customer are read here.
    pub fn open(
        config: &Config,
        asked: impl Fn(EventKind) -> Vec<String>,
        settings: ReadSettings,
    ) -> Result<EventReader, Error> {
        open::open(config, &asked, settings)
    }

    /// Keeps rows out of histories that did not happen after the first and not after the second moment given for their kind, but for
    /// the one by which a customer was known first, so that a history still tells from when on that was. All rows are read, cleaned
    /// and counted as ever.
    pub fn within(mut self, stretch: impl Fn(EventKind) -> Option<(Moment, Moment)>) -> EventReader {
        Arc::make_mut(&mut self.design).within = EventKind::ALL.map(stretch);
        self
    }

    /// The next customers; `None` at the end.
    ///
    /// # Errors
    /// When a file cannot be read to its end.
    pub fn next_pieces(&mut self) -> Result<Option<Vec<Piece>>, Error> {
        let chunks = next_chunks(&mut self.queues, &mut self.ledger)?;
        let piece = |slices| Piece { slices, design: self.design.clone() };
        Ok(chunks.map(|chunks| chunks.into_iter().map(piece).collect()))
    }

    /// Counts what became of the rows of a piece.
    ///
    /// # Errors
    /// Those of [`ReadSettings::rejects`].
    pub fn add(&mut self, tally: Tally) -> Result<(), Error> {
        self.ledger.tallied(tally)
    }

    /// The report, after the last piece.
    ///
    /// # Errors
    /// [`Error::Currencies`] and [`Error::NoRows`]: what was made of the rows is then not to be used.
    pub fn finish(self) -> Result<CleaningReport, Error> {
        self.ledger.finish()
    }

    /// Works on the histories on all threads, and gives what comes out to `take` in the order of customers. Some pieces are taken
    /// and others read while others are worked on.
    ///
    /// # Errors
    /// As [`EventReader::next_pieces`] and [`EventReader::finish`], and what `work` and `take` give.
    pub fn for_each<R: Send, E: From<Error> + Send>(
        mut self,
        work: impl Fn(&History) -> Result<R, E> + Sync,
        mut take: impl FnMut(R) -> Result<(), E> + Send,
    ) -> Result<CleaningReport, E> {
        let done = |piece: &Piece| {
            let (history, tally) = piece.history();
            (tally, work(&history))
        };
        let (mut next, mut before) = (self.next_pieces()?, Vec::new());
        while let Some(pieces) = next {
            // reading has parts that one thread does alone: it comes first, what can be divided fills the gaps
            let ((read, taken), worked) = rayon::join(
                || rayon::join(|| self.next_pieces(), || before.drain(..).try_for_each(&mut take)),
                || pieces.par_iter().map(done).collect::<Vec<_>>(),
            );
            taken?;
            for (tally, result) in worked {
                self.add(tally)?;
                before.push(result?);
            }
            next = read?;
        }
        before.into_iter().try_for_each(take)?;
        Ok(self.finish()?)
    }
}
