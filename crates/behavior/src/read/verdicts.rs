//! What becomes of the rows of a file: used, refused, in another currency.

use crate::read::batch::Rows;
use crate::read::column::Fault;
use std::collections::BTreeMap;

/// Rows of a file as events, and what became of the others.
#[derive(Debug)]
pub(crate) struct Converted {
    pub(crate) rows: Rows,
    pub(crate) fates: Fates,
}

/// What became of rows of a file.
#[derive(Debug)]
pub(crate) struct Fates {
    /// Rows read, of them those that do not meet the condition, and those that are used.
    pub(crate) read: u64,
    pub(crate) filtered: u64,
    pub(crate) used: u64,
    /// Rows that cannot be used, in file order.
    pub(crate) refused: Vec<Refused>,
    /// What was changed or seems odd in rows that are used.
    pub(crate) noted: BTreeMap<&'static str, u64>,
    /// Rows by currency, other than the declared one; empty text: none is given.
    pub(crate) foreign: BTreeMap<String, u64>,
}

/// A row that cannot be used.
#[derive(Clone, Debug)]
pub(crate) struct Refused {
    pub(crate) line: u64,
    /// The column of events.
    pub(crate) column: String,
    pub(crate) value: String,
    pub(crate) why: String,
}

/// What becomes of one row after the other.
#[derive(Debug, Default)]
pub(crate) struct Verdicts {
    /// The first fault of each row that has one.
    faults: BTreeMap<u32, (String, Fault)>,
    /// Rows in another currency.
    pub(crate) dropped: Vec<u32>,
    noted: BTreeMap<&'static str, u64>,
    /// Their currencies.
    pub(crate) foreign: BTreeMap<String, u64>,
}

impl Verdicts {
    pub(crate) fn fault(&mut self, column: &str, fault: Fault) {
        self.faults.entry(fault.row).or_insert_with(|| (column.to_owned(), fault));
    }

    pub(crate) fn missing(&mut self, row: usize, column: &str, why: &str) {
        self.fault(column, Fault { row: row as u32, value: String::new(), why: why.to_owned() });
    }

    pub(crate) fn note(&mut self, what: &'static str) {
        *self.noted.entry(what).or_default() += 1;
    }

    /// Adds what was found later.
    pub(crate) fn join(&mut self, later: Verdicts) {
        for (row, fault) in later.faults {
            self.faults.entry(row).or_insert(fault);
        }
        self.dropped.extend(later.dropped);
        later.noted.into_iter().for_each(|(what, rows)| *self.noted.entry(what).or_default() += rows);
        later.foreign.into_iter().for_each(|(what, rows)| *self.foreign.entry(what).or_default() += rows);
    }

    /// The rows that stay, and those that do not.
    pub(crate) fn settled(self, rows: Rows, count: usize, line: impl Fn(usize) -> u64) -> Converted {
        let Verdicts { faults, dropped, noted, foreign } = self;
        let read = count as u64;
        let mut fates = Fates { read, filtered: 0, used: read, refused: Vec::new(), noted, foreign };
        if faults.is_empty() && dropped.is_empty() {
            return Converted { rows, fates };
        }
        let mut keep = vec![true; count];
        for row in &dropped {
            keep[*row as usize] = false;
        }
        for (row, (column, fault)) in faults {
            // A row counts once: in another currency, or as refused.
            if !std::mem::replace(&mut keep[row as usize], false) {
                continue;
            }
            let Fault { value, why, .. } = fault;
            fates.refused.push(Refused { line: line(row as usize), column, value, why });
        }
        fates.used = keep.iter().filter(|keep| **keep).count() as u64;
        Converted { rows: rows.kept(&keep), fates }
    }
}
