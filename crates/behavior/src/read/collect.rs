//! Rows in any order, collected and sorted by customer.

use crate::read::batch::{Batch, Keys, Rows};
use crate::read::cells::{Cells, NO_TEXT, REPEATED};
use crate::read::texts::{Interner, Texts};
use hashbrown::HashMap;
use rayon::prelude::*;
use std::sync::Arc;

/// Rows of a table as they came.
pub(crate) struct Collected {
    ids: Ids,
    /// The customer of each row, by place in `ids`.
    owner: Vec<u32>,
    at: Vec<i64>,
    known: Vec<i64>,
    columns: Vec<Column>,
}

enum Ids {
    Number(Vec<i64>, HashMap<i64, u32, ahash::RandomState>),
    Text(Interner),
}

enum Column {
    Number(Vec<i64>),
    Time(Vec<i64>),
    Integer(Vec<i64>),
    Text { codes: Vec<u32>, texts: Interner },
}

/// Rows of a table, sorted by customer and otherwise as they came; given batch by batch.
pub(crate) struct Sorted {
    keys: Keys,
    starts: Vec<u32>,
    rows: Vec<u32>,
    at: Vec<i64>,
    known: Vec<i64>,
    columns: Vec<Cells>,
    /// Customers that were given.
    given: usize,
}

impl Collected {
    pub(crate) fn new(numeric: bool) -> Collected {
        let ids = if numeric {
            Ids::Number(Vec::new(), HashMap::default())
        } else {
            Ids::Text(Interner::default())
        };
        Collected { ids, owner: Vec::new(), at: Vec::new(), known: Vec::new(), columns: Vec::new() }
    }

    pub(crate) fn rows(&self) -> usize {
        self.owner.len()
    }

    /// Bytes in memory, with the order that sorting adds.
    pub(crate) fn bytes(&self) -> usize {
        let ids = match &self.ids {
            Ids::Number(ids, _) => 24 * ids.len(),
            Ids::Text(ids) => ids.bytes(),
        };
        let columns = self.columns.iter().map(|column| match column {
            Column::Number(values) | Column::Time(values) | Column::Integer(values) => 8 * values.len(),
            Column::Text { codes, texts } => 4 * codes.len() + texts.bytes(),
        });
        ids + 24 * self.rows() + columns.sum::<usize>()
    }

    /// Whether one more batch might not be addressed.
    pub(crate) fn is_full(&self) -> bool {
        let long = |column: &Column| matches!(column, Column::Text { texts, .. } if texts.texts().bytes() > Texts::MOST / 2);
        self.rows() > (u32::MAX / 2) as usize || self.columns.iter().any(long)
    }

    pub(crate) fn add(&mut self, rows: &Rows) {
        if self.columns.is_empty() {
            self.columns = rows.cells.iter().map(Column::like).collect();
        }
        let Collected { ids, owner, at, known, columns } = self;
        at.extend_from_slice(&rows.at);
        known.extend_from_slice(&rows.known);
        rayon::join(
            || ids.add(&rows.customer, owner),
            || columns.par_iter_mut().zip(&rows.cells).for_each(|(column, cells)| column.add(cells)),
        );
    }

    pub(crate) fn sorted(self) -> Sorted {
        let Collected { ids, owner, at, known, columns } = self;
        let (keys, rank) = ids.ranked();
        let mut starts = vec![0_u32; rank.len() + 1];
        for owner in &owner {
            starts[rank[*owner as usize] as usize + 1] += 1;
        }
        for at in 1..starts.len() {
            starts[at] += starts[at - 1];
        }
        let mut next = starts.clone();
        let mut rows = vec![0_u32; owner.len()];
        for (row, owner) in owner.iter().enumerate() {
            let place = &mut next[rank[*owner as usize] as usize];
            rows[*place as usize] = row as u32;
            *place += 1;
        }
        let columns = columns.into_iter().map(Column::cells).collect();
        Sorted { keys, starts, rows, at, known, columns, given: 0 }
    }
}

impl Ids {
    fn add(&mut self, customers: &Cells, owner: &mut Vec<u32>) {
        match (self, customers) {
            (Ids::Number(ids, places), Cells::Integer(values)) => owner.extend(values.iter().map(|id| {
                *places.entry(*id).or_insert_with(|| {
                    ids.push(*id);
                    ids.len() as u32 - 1
                })
            })),
            (Ids::Text(ids), Cells::Text { codes, texts, .. }) => {
                // A text of the batch is looked up once.
                let mut known = vec![NO_TEXT; texts.len()];
                owner.extend(codes.iter().map(|code| {
                    let place = &mut known[*code as usize];
                    if *place == NO_TEXT {
                        *place = ids.code(texts.get(*code as usize));
                    }
                    *place
                }));
            }
            _ => {}
        }
    }

    /// The ids ascending, and the place of each among them.
    fn ranked(self) -> (Keys, Vec<u32>) {
        fn rank(order: &[u32]) -> Vec<u32> {
            let mut rank = vec![0; order.len()];
            order.iter().enumerate().for_each(|(place, id)| rank[*id as usize] = place as u32);
            rank
        }
        match self {
            Ids::Number(ids, _) => {
                let mut order: Vec<u32> = (0..ids.len() as u32).collect();
                order.par_sort_unstable_by_key(|id| ids[*id as usize]);
                (Keys::Number(order.iter().map(|id| ids[*id as usize]).collect()), rank(&order))
            }
            Ids::Text(ids) => {
                let ids = ids.into_texts();
                let mut order: Vec<u32> = (0..ids.len() as u32).collect();
                order.par_sort_unstable_by(|a, b| ids.get(*a as usize).cmp(ids.get(*b as usize)));
                let mut keys = Texts::with_capacity(ids.len(), ids.parts().1.len());
                order.iter().for_each(|id| keys.push(ids.get(*id as usize)));
                (Keys::Text(keys), rank(&order))
            }
        }
    }
}

impl Column {
    fn like(cells: &Cells) -> Column {
        match cells {
            Cells::Number(_) => Column::Number(Vec::new()),
            Cells::Time(_) => Column::Time(Vec::new()),
            Cells::Integer(_) => Column::Integer(Vec::new()),
            Cells::Text { .. } => Column::Text { codes: Vec::new(), texts: Interner::default() },
        }
    }

    fn add(&mut self, cells: &Cells) {
        match (self, cells) {
            (Column::Number(all), Cells::Number(values))
            | (Column::Time(all), Cells::Time(values))
            | (Column::Integer(all), Cells::Integer(values)) => all.extend_from_slice(values),
            (Column::Text { codes: all, texts: held }, Cells::Text { codes, texts, .. }) => {
                let few = texts.len() * REPEATED <= codes.len();
                let mut known = vec![NO_TEXT; texts.len()];
                all.extend(codes.iter().map(|code| {
                    if *code == NO_TEXT {
                        return NO_TEXT;
                    }
                    let place = &mut known[*code as usize];
                    if *place == NO_TEXT {
                        let text = texts.get(*code as usize);
                        *place = if few { held.code(text) } else { held.append(text) };
                    }
                    *place
                }));
            }
            // A file whose ids are whole numbers follows one whose ids are texts, or the other way round.
            (column, cells) => {
                let mut all = Column::Text { codes: Vec::new(), texts: Interner::default() };
                let before = std::mem::replace(column, Column::Number(Vec::new())).cells();
                for part in [before, cells.clone()] {
                    all.add(&crate::read::words::as_texts(part));
                }
                *column = all;
            }
        }
    }

    fn cells(self) -> Cells {
        match self {
            Column::Number(values) => Cells::Number(values),
            Column::Time(values) => Cells::Time(values),
            Column::Integer(values) => Cells::Integer(values),
            Column::Text { codes, texts } => {
                Cells::Text { codes, texts: Arc::new(texts.into_texts()), distinct: false }
            }
        }
    }
}

impl Sorted {
    /// Bytes in memory.
    pub(crate) fn bytes(&self) -> usize {
        20 * self.rows.len() + self.columns.iter().map(Cells::bytes).sum::<usize>()
    }

    /// The next customers, of about `most` rows or more where a customer has more.
    pub(crate) fn next(&mut self, most: usize) -> Option<Batch> {
        let first = self.given;
        let from = *self.starts.get(first)?;
        let rest = &self.starts[first + 1..];
        let last = first + rest.partition_point(|end| (*end - from) as usize <= most).max(1).min(rest.len());
        if last == first {
            return None;
        }
        self.given = last;
        let to = self.starts[last];
        let rows = &self.rows[from as usize..to as usize];
        let take = |values: &[i64]| rows.iter().map(|row| values[*row as usize]).collect::<Vec<_>>();
        let (at, known) = rayon::join(|| take(&self.at), || take(&self.known));
        let cells = self.columns.par_iter().map(|column| match column {
            Cells::Number(values) => Cells::Number(take(values)),
            Cells::Time(values) => Cells::Time(take(values)),
            Cells::Integer(values) => Cells::Integer(take(values)),
            Cells::Text { codes, texts, .. } => taken(rows, codes, texts),
        });
        let keys = match &self.keys {
            Keys::Number(ids) => Keys::Number(ids[first..last].to_vec()),
            Keys::Text(ids) => {
                let mut keys = Texts::default();
                (first..last).for_each(|at| keys.push(ids.get(at)));
                Keys::Text(keys)
            }
        };
        let starts = self.starts[first..=last].iter().map(|start| start - from).collect();
        Some(Batch { keys, starts, at, known, cells: cells.collect() })
    }
}

/// The texts of some rows: all texts where they are few, else those of these rows.
fn taken(rows: &[u32], codes: &[u32], texts: &Arc<Texts>) -> Cells {
    if texts.len() <= rows.len() {
        return Cells::Text {
            codes: rows.iter().map(|row| codes[*row as usize]).collect(),
            texts: texts.clone(),
            distinct: false,
        };
    }
    let (mut held, mut last) = (Texts::default(), NO_TEXT);
    let codes = rows.iter().map(|row| match codes[*row as usize] {
        NO_TEXT => NO_TEXT,
        code => {
            if last != code {
                held.push(texts.get(code as usize));
                last = code;
            }
            held.len() as u32 - 1
        }
    });
    let codes = codes.collect();
    Cells::Text { codes, texts: Arc::new(held), distinct: false }
}
