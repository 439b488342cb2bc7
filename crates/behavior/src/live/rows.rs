//! The events of one customer, unpacked.

use super::event::{LiveEvent, LiveValue};
use super::pack::MOMENTS;
use crate::features::words;
use crate::{
    Amount, Column, EventKind, Events, FeatureError, History, Moment, Plan, Texts, ValueKind, Values,
};
use std::sync::Arc;

/// The events of one customer that a plan needs, sorted by [`Key`], with the texts of their values.
#[derive(Debug)]
pub(super) struct CustomerRows {
    pub(super) tables: [Table; 6],
    texts: Arc<Texts>,
}

/// The rows of one kind of event.
#[derive(Debug)]
pub(super) struct Table {
    pub(super) kind: EventKind,
    /// Name and kind of each column.
    pub(super) columns: Vec<(String, ValueKind)>,
    pub(super) keys: Vec<Key>,
    /// Row by row: millionths, microseconds or codes of texts; [`NONE`] where missing.
    pub(super) values: Vec<i64>,
    /// Rows that happened at this moment or before are forgotten; [`Moment::NONE`]: none.
    pub(super) forgotten: Moment,
}

/// What sorts rows and tells them apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key {
    pub(super) at: Moment,
    pub(super) known_at: Moment,
    pub(super) id: u64,
}

/// A missing value: smaller than every other.
pub(super) const NONE: i64 = i64::MIN;

impl CustomerRows {
    pub(super) fn new(plan: &Plan) -> CustomerRows {
        let table = |kind| Table {
            kind,
            columns: plan.read_columns(kind).map(|(name, kind, _)| (name.to_owned(), kind)).collect(),
            keys: Vec::new(),
            values: Vec::new(),
            forgotten: Moment::NONE,
        };
        CustomerRows { tables: EventKind::ALL.map(table), texts: Arc::default() }
    }

    pub(super) fn clear(&mut self) {
        Arc::make_mut(&mut self.texts).clear();
        for table in &mut self.tables {
            table.keys.clear();
            table.values.clear();
            table.forgotten = Moment::NONE;
        }
    }

    pub(super) fn texts(&self) -> &Texts {
        &self.texts
    }

    pub(super) fn push_text(&mut self, text: &str) {
        Arc::make_mut(&mut self.texts).push(text);
    }

    fn code(&mut self, text: &str) -> i64 {
        let there = self.texts.iter().position(|there| there == text);
        there.unwrap_or_else(|| {
            self.push_text(text);
            self.texts.len() - 1
        }) as i64
    }

    /// Puts an event to the others. One of the same id is joined with it: the earlier moments, and of each value the one
    /// that is known, of two the greater. So neither the order nor the repetition of deliveries shows.
    pub(super) fn put(&mut self, event: &LiveEvent<'_>) -> Result<(), FeatureError> {
        let table = &self.tables[event.kind as usize];
        table.check(event)?;
        let mut key = Key { at: event.at, known_at: event.known_at, id: event.id };
        if key.at <= table.forgotten {
            return Ok(());
        }
        let (width, there) = (table.columns.len(), table.keys.iter().position(|key| key.id == event.id));
        if let Some(row) = there {
            let old = self.tables[event.kind as usize].keys.remove(row);
            key = Key { at: key.at.min(old.at), known_at: key.known_at.min(old.known_at), ..key };
        }
        // the row is moved to the end, joined, and turned into its place
        let table = &mut self.tables[event.kind as usize];
        match there {
            Some(row) => table.values[row * width..].rotate_left(width),
            None => table.values.resize(table.values.len() + width, NONE),
        }
        for (column, value) in event.values.iter().enumerate() {
            let new = match *value {
                LiveValue::Missing => NONE,
                LiveValue::Number(number) => number.0,
                LiveValue::Time(moment) => moment.0,
                LiveValue::Text(text) => self.code(text),
            };
            let cell = self.tables[event.kind as usize].values.len() - width + column;
            let old = self.tables[event.kind as usize].values[cell];
            let text = |code: i64| usize::try_from(code).ok().map(|code| self.texts.get(code));
            let greater = match value {
                LiveValue::Text(_) => text(old) < text(new),
                _ => old < new,
            };
            if greater {
                self.tables[event.kind as usize].values[cell] = new;
            }
        }
        let table = &mut self.tables[event.kind as usize];
        // the newest events come last, most of the time
        let row = table.keys.iter().rposition(|other| *other < key).map_or(0, |row| row + 1);
        table.keys.insert(row, key);
        table.values[row * width..].rotate_right(width);
        Ok(())
    }

    /// Puts all rows of another customer state to these.
    pub(super) fn put_all(&mut self, other: &CustomerRows) -> Result<(), FeatureError> {
        let mut values = Vec::new();
        for table in &other.tables {
            let mine = &mut self.tables[table.kind as usize];
            mine.forget(table.forgotten);
            for (row, key) in table.keys.iter().enumerate() {
                values.clear();
                let cells = &table.values[row * table.columns.len()..][..table.columns.len()];
                values.extend(cells.iter().zip(&table.columns).map(|(cell, (_, kind))| {
                    match (*cell, kind) {
                        (NONE, _) => LiveValue::Missing,
                        (number, ValueKind::Number) => LiveValue::Number(Amount(number)),
                        (micros, ValueKind::Time) => LiveValue::Time(Moment(micros)),
                        (code, ValueKind::Text) => LiveValue::Text(other.texts.get(code as usize)),
                    }
                }));
                let (kind, Key { at, known_at, id }) = (table.kind, *key);
                self.put(&LiveEvent { kind, id, at, known_at, values: &values })?;
            }
        }
        Ok(())
    }

    /// Writes the rows into a history of one customer, as the plan reads it.
    pub(super) fn lend(&self, history: &mut History) {
        for (table, events) in self.tables.iter().zip(&mut history.events) {
            events.starts[1] = table.keys.len() as u32;
            events.at.clear();
            events.at.extend(table.keys.iter().map(|key| key.at));
            events.known_at.clear();
            events.known_at.extend(table.keys.iter().map(|key| key.known_at));
            let width = table.columns.len();
            for (column, into) in events.columns.iter_mut().enumerate() {
                let cells = table.values.iter().skip(column).step_by(width);
                match &mut into.values {
                    Values::Number(values) => {
                        values.clear();
                        values.extend(cells.map(|cell| Amount(*cell)));
                    }
                    Values::Time(values) => {
                        values.clear();
                        values.extend(cells.map(|cell| Moment(*cell)));
                    }
                    Values::Text { codes, dictionary } => {
                        codes.clear();
                        codes.extend(cells.map(|cell| u32::try_from(*cell).unwrap_or(Values::NO_TEXT)));
                        *dictionary = Arc::clone(&self.texts);
                    }
                }
            }
        }
    }
}

/// A history of one customer without events, with the columns of a plan.
pub(super) fn empty_history(plan: &Plan) -> History {
    let column = |(name, kind, late): (&str, ValueKind, Option<usize>)| Column {
        name: name.to_owned(),
        late,
        values: match kind {
            ValueKind::Number => Values::Number(Vec::new()),
            ValueKind::Time => Values::Time(Vec::new()),
            ValueKind::Text => Values::Text { codes: Vec::new(), dictionary: Arc::default() },
        },
    };
    let events = |kind: EventKind| Events {
        kind,
        starts: vec![0, 0],
        at: Vec::new(),
        known_at: Vec::new(),
        columns: plan.read_columns(kind).map(column).collect(),
    };
    History { customers: [""].into_iter().collect(), events: EventKind::ALL.map(events) }
}

/// Takes the dictionary back, so that it can be written to without a copy.
pub(super) fn give_back(history: &mut History, nothing: &Arc<Texts>) {
    for column in history.events.iter_mut().flat_map(|events| &mut events.columns) {
        if let Values::Text { dictionary, .. } = &mut column.values {
            *dictionary = Arc::clone(nothing);
        }
    }
}

impl Table {
    /// Forgets rows that happened at the moment or before.
    pub(super) fn forget(&mut self, moment: Moment) {
        if moment > self.forgotten {
            self.forgotten = moment;
            let rows = self.keys.partition_point(|key| key.at <= moment);
            self.keys.drain(..rows);
            self.values.drain(..rows * self.columns.len());
        }
    }

    fn check(&self, event: &LiveEvent<'_>) -> Result<(), FeatureError> {
        let fits = |((_, kind), value): (&(String, ValueKind), &LiveValue<'_>)| {
            matches!(
                (kind, value),
                (_, LiveValue::Missing)
                    | (ValueKind::Number, LiveValue::Number(_))
                    | (ValueKind::Time, LiveValue::Time(_))
                    | (ValueKind::Text, LiveValue::Text(_))
            )
        };
        let wrong = |column: &str, expected| FeatureError::Events {
            kind: self.kind,
            column: column.to_owned(),
            expected,
        };
        let times = event.values.iter().filter_map(|value| match value {
            LiveValue::Time(moment) if *moment != Moment::NONE => Some(*moment),
            _ => None,
        });
        if [event.at, event.known_at].into_iter().chain(times).any(|moment| !MOMENTS.contains(&moment.0)) {
            return Err(wrong("at", "times from year 1 to 9999"));
        }
        if event.values.len() != self.columns.len() {
            let (name, kind) =
                self.columns.get(event.values.len()).map_or(("", ValueKind::Text), |c| (&c.0, c.1));
            return Err(wrong(name, words(kind)));
        }
        match self.columns.iter().zip(event.values).find(|both| !fits(*both)) {
            Some(((name, kind), _)) => Err(wrong(name, words(*kind))),
            None => Ok(()),
        }
    }
}
