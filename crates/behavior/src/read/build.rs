//! Rows of some customers as a [`History`]: related, sorted, each event once.

use crate::clean::{LeftOut, SAME_ROW, Tally};
use crate::config::{CleanSettings, Keep};
use crate::read::batch::Key;
use crate::read::by_id::{ById, precedes};
use crate::read::cells::{NONE, Word};
use crate::read::gather::{Gathered, Place, customers, moment_text};
use crate::read::queue::Slice;
use crate::read::relations::{Related, Relation, related};
use crate::read::shape::{From, Shape};
use crate::{Amount, Column, EventKind, Events, History, Moment, Texts, ValueKind, Values};
use std::cmp::Ordering;

/// What is made of rows.
#[derive(Clone, Debug)]
pub(crate) struct Design {
    /// A shape a table, in the order of the configuration.
    pub(crate) shapes: Vec<Shape>,
    pub(crate) clean: CleanSettings,
    /// By kind: rows that happened after the one moment and not after the other are in histories; `None`: all.
    pub(crate) within: [Option<(Moment, Moment)>; 6],
}

const SAME_ID: &str = "the same id is there again, with other values known later";
const UNKNOWN: &str = "the customer is not in customers";

/// The rows of one table and what is known of them.
struct Table<'a> {
    place: usize,
    shape: &'a Shape,
    rows: Gathered<'a>,
    related: Option<Related>,
}

impl Design {
    /// The history of the customers of some slices.
    pub(crate) fn history(&self, slices: &[Slice]) -> (History, Tally) {
        let (keys, owners) = customers(slices);
        let tables = 0..self.shapes.len();
        let places: Vec<Place<'_>> =
            tables.map(|table| Place::new(slices, &owners, table, keys.len())).collect();
        let table = |((place, shape), rows)| Table { place, shape, rows: Gathered::new(rows), related: None };
        let mut tables: Vec<Table<'_>> = self.shapes.iter().enumerate().zip(&places).map(table).collect();
        relate(&mut tables);
        let mut tally = Tally::default();
        let mut kept: Vec<Vec<u32>> =
            tables.iter().map(|table| table.arranged(&keys, self, &mut tally)).collect();
        self.known_customers(&keys, &tables, &mut kept, &mut tally);
        if self.within.iter().any(Option::is_some) {
            self.narrow(&tables, &mut kept, keys.len());
        }
        history(&keys, &tables, &kept, tally)
    }

    /// Customers that the table of customers does not have.
    fn known_customers(
        &self,
        keys: &[Key<'_>],
        tables: &[Table<'_>],
        kept: &mut [Vec<u32>],
        tally: &mut Tally,
    ) {
        let Some(place) = tables.iter().position(|t| t.shape.kind == EventKind::Customers) else { return };
        let known: Vec<bool> =
            (0..keys.len()).map(|customer| !tables[place].rows.of(customer).is_empty()).collect();
        if known.iter().all(|known| *known) {
            return;
        }
        for (table, positions) in tables.iter().zip(kept) {
            let mut stays = Vec::with_capacity(positions.len());
            table.by_customer(positions, |customer, position| {
                match (known[customer], self.clean.unknown_customers) {
                    (true, _) => stays.push(position),
                    (false, Keep::Keep) => {
                        *tally.noted.entry((table.place, UNKNOWN)).or_default() += 1;
                        stays.push(position);
                    }
                    (false, Keep::Drop) => {
                        tally.left_out.push(table.left_out(position, keys[customer], UNKNOWN))
                    }
                }
            });
            *positions = stays;
        }
    }

    /// Leaves rows out that did not happen within what is asked for, but for the one by which a customer was known first.
    fn narrow(&self, tables: &[Table<'_>], kept: &mut [Vec<u32>], customers: usize) {
        let mut first = vec![(i64::MAX, 0, 0); customers];
        for (place, (table, positions)) in tables.iter().zip(&*kept).enumerate() {
            table.by_customer(positions, |customer, position| {
                let seen = (table.rows.visible(position as usize), place, position);
                first[customer] = first[customer].min(seen);
            });
        }
        for (place, (table, positions)) in tables.iter().zip(kept).enumerate() {
            let Some((after, until)) = self.within[table.shape.kind as usize] else { continue };
            let mut stay = Vec::with_capacity(positions.len());
            table.by_customer(positions, |customer, position| {
                let at = table.rows.at(position as usize);
                let (_, known_by, known_from) = first[customer];
                if (after.0 < at && at <= until.0) || (known_by, known_from) == (place, position) {
                    stay.push(position);
                }
            });
            *positions = stay;
        }
    }
}

/// Puts payments and returns to their orders.
fn relate(tables: &mut [Table<'_>]) {
    let orders = tables.iter().find(|table| table.shape.kind == EventKind::Orders);
    let Some((orders, cell)) = orders.and_then(|orders| Some((orders, orders.shape.order?))) else { return };
    let of = |table: &'_ Table<'_>| table.shape.kind != EventKind::Orders;
    let others: Vec<_> = tables
        .iter()
        .map(|table| table.shape.order.filter(|_| of(table)).map(|cell| (&table.rows, cell, table.shape)))
        .collect();
    let found = related((&orders.rows, cell), &others);
    tables.iter_mut().zip(found).for_each(|(table, related)| table.related = related);
}

impl Table<'_> {
    /// Goes through positions that stand customer by customer.
    fn by_customer(&self, positions: &[u32], mut each: impl FnMut(usize, u32)) {
        let mut customer = 0;
        for position in positions {
            while self.rows.starts[customer + 1] <= *position {
                customer += 1;
            }
            each(customer, *position);
        }
    }

    fn left_out(&self, position: u32, customer: Key<'_>, why: &'static str) -> LeftOut {
        LeftOut {
            table: self.place,
            customer: customer.text().into_owned(),
            column: "at",
            value: moment_text(self.rows.at(position as usize)),
            why,
        }
    }

    /// The positions that stay, sorted by customer, `at`, `known_at` and values.
    fn arranged(&self, keys: &[Key<'_>], design: &Design, tally: &mut Tally) -> Vec<u32> {
        let mut all = Vec::with_capacity(self.rows.rows());
        let mut ids = ById::default();
        for (customer, key) in keys.iter().enumerate() {
            let first = all.len();
            all.extend(self.rows.of(customer).map(|position| position as u32));
            self.drop_related(&mut all, first, *key, design, tally);
            let own = &mut all[first..];
            let ascend = |pair: &[u32]| {
                let (a, b) = (pair[0] as usize, pair[1] as usize);
                self.rows.at(a) < self.rows.at(b) || self.compare(a, b) == Ordering::Less
            };
            if !own.windows(2).all(ascend) {
                own.sort_unstable_by(|a, b| self.compare(*a as usize, *b as usize));
                self.drop_same(&mut all, first, *key, tally);
            }
            if let Some(cell) = self.shape.id.filter(|cell| !self.ids_ascend(*cell, customer)) {
                self.drop_same_ids(cell, &mut ids, &mut all, first, *key, tally);
            }
        }
        all
    }

    /// Leaves out or notes rows for what their order says.
    fn drop_related(
        &self,
        all: &mut Vec<u32>,
        first: usize,
        key: Key<'_>,
        design: &Design,
        tally: &mut Tally,
    ) {
        let Some(related) = &self.related else { return };
        if all[first..].iter().all(|position| related.relations[*position as usize] == Relation::Fine) {
            return;
        }
        let mut end = first;
        for at in first..all.len() {
            let position = all[at];
            let relation: Relation = related.relations[position as usize];
            match relation.words(&design.clean) {
                Some((why, Keep::Drop)) => {
                    tally.left_out.push(self.left_out(position, key, why));
                    continue;
                }
                Some((why, Keep::Keep)) => *tally.noted.entry((self.place, why)).or_default() += 1,
                None => {}
            }
            all[end] = position;
            end += 1;
        }
        all.truncate(end);
    }

    fn compare(&self, a: usize, b: usize) -> Ordering {
        let times =
            self.rows.at(a).cmp(&self.rows.at(b)).then_with(|| self.rows.known(a).cmp(&self.rows.known(b)));
        if times != Ordering::Equal {
            return times;
        }
        self.shape.sorting.iter().fold(times, |order, from| {
            order.then_with(|| match from {
                From::Cell(cell) => {
                    let (cells, row) = self.rows.cell(*cell, a);
                    let (others, other) = self.rows.cell(*cell, b);
                    cells.compare(row, others, other)
                }
                From::Order => self.ordered(a).cmp(&self.ordered(b)),
            })
        })
    }

    fn ordered(&self, position: usize) -> i64 {
        self.related.as_ref().map_or(NONE, |related| related.ordered[position])
    }

    /// Of rows that are the same in every column, the first stays.
    fn drop_same(&self, all: &mut Vec<u32>, first: usize, key: Key<'_>, tally: &mut Tally) {
        let mut end = first;
        for at in first..all.len() {
            let same =
                end > first && self.compare(all[end - 1] as usize, all[at] as usize) == Ordering::Equal;
            match (same, self.shape.duplicates) {
                (true, Keep::Drop) => {
                    tally.left_out.push(self.left_out(all[at], key, SAME_ROW));
                    continue;
                }
                (true, Keep::Keep) => *tally.noted.entry((self.place, SAME_ROW)).or_default() += 1,
                (false, _) => {}
            }
            all[end] = all[at];
            end += 1;
        }
        all.truncate(end);
    }

    /// Whether each row of a customer has an id, and none the same as another for that they ascend as they stand in the file.
    fn ids_ascend(&self, cell: usize, customer: usize) -> bool {
        let mut last = Word::Missing;
        self.rows.of(customer).all(|position| {
            let before = std::mem::replace(&mut last, self.rows.word(cell, position));
            last != Word::Missing && (before == Word::Missing || precedes(before, last))
        })
    }

    /// Of rows with one id, the one that was known last stays; of those known at once, the last in order.
    fn drop_same_ids<'s>(
        &'s self,
        cell: usize,
        ids: &mut ById<'s, usize>,
        all: &mut Vec<u32>,
        first: usize,
        key: Key<'_>,
        tally: &mut Tally,
    ) {
        let id = |position: u32| self.rows.word(cell, position as usize);
        let known = |position: u32| self.rows.known(position as usize);
        // By id: the place of the row that stays.
        ids.clear();
        let mut repeated = false;
        for at in first..all.len() {
            let id = id(all[at]);
            if id != Word::Missing {
                let (last, is_new) = ids.entry(id, at);
                repeated |= !is_new;
                if known(all[at]) >= known(all[*last]) {
                    *last = at;
                }
            }
        }
        if !repeated || self.shape.duplicates == Keep::Keep {
            return;
        }
        let own = all.split_off(first);
        for (at, position) in own.into_iter().enumerate() {
            if ids.find(id(position)).is_none_or(|last| *last == first + at) {
                all.push(position);
            } else {
                tally.left_out.push(self.left_out(position, key, SAME_ID));
            }
        }
    }

    /// The events of the rows that stay.
    fn events(&self, kept: &[u32], customers: usize) -> Events {
        let columns = self.shape.asked.iter().map(|asked| {
            let values = match (asked.from, asked.kind) {
                (From::Order, _) => Values::Time(
                    kept.iter().map(|position| Moment(self.ordered(*position as usize))).collect(),
                ),
                (From::Cell(cell), ValueKind::Number) => Values::Number(self.rows.whole(cell, kept, Amount)),
                (From::Cell(cell), ValueKind::Time) => Values::Time(self.rows.whole(cell, kept, Moment)),
                (From::Cell(cell), ValueKind::Text) => self.rows.texts(cell, kept),
            };
            Column { name: asked.name.clone(), late: asked.late, values }
        });
        let mut starts = Vec::with_capacity(customers + 1);
        starts.push(0);
        let mut end = 0;
        for behind in &self.rows.starts[1..=customers] {
            // most customers have few rows
            end += kept[end..].iter().take_while(|position| *position < behind).count();
            starts.push(end as u32);
        }
        Events {
            kind: self.shape.kind,
            starts,
            at: kept.iter().map(|position| Moment(self.rows.at(*position as usize))).collect(),
            known_at: kept.iter().map(|position| Moment(self.rows.known(*position as usize))).collect(),
            columns: columns.collect(),
        }
    }
}

/// The events of the rows that stay; customers without any are left out.
fn history(keys: &[Key<'_>], tables: &[Table<'_>], kept: &[Vec<u32>], mut tally: Tally) -> (History, Tally) {
    let mut events = EventKind::ALL.map(|kind| Events {
        kind,
        starts: vec![0; keys.len() + 1],
        at: Vec::new(),
        known_at: Vec::new(),
        columns: Vec::new(),
    });
    for (table, kept) in tables.iter().zip(kept) {
        events[table.shape.kind as usize] = table.events(kept, keys.len());
    }
    let used: Vec<bool> =
        (0..keys.len()).map(|at| events.iter().any(|e| e.starts[at] < e.starts[at + 1])).collect();
    if used.contains(&false) {
        for events in &mut events {
            let ends = events.starts[1..].iter().zip(&used).filter(|(_, used)| **used).map(|(end, _)| *end);
            events.starts = std::iter::once(0).chain(ends).collect();
        }
    }
    let customers: Texts =
        keys.iter().zip(&used).filter(|(_, used)| **used).map(|(key, _)| key.text()).collect();
    tally.customers = customers.len() as u64;
    (History { customers, events }, tally)
}
