//! Rows of some customers as a [`History`]: related, sorted, each event once.

use crate::clean::{LeftOut, SAME_ROW, Tally};
use crate::config::{CleanSettings, Keep};
use crate::read::batch::Key;
use crate::read::cells::{NO_TEXT, NONE};
use crate::read::gather::{Gathered, Pool, customers, moment_text};
use crate::read::queue::Slice;
use crate::read::relations::{Related, Relation, related};
use crate::read::shape::{From, Shape};
use crate::{Amount, Column, EventKind, Events, History, Moment, ValueKind, Values};
use std::cmp::Ordering;
use std::sync::Arc;

/// What is made of rows.
#[derive(Debug)]
pub(crate) struct Design {
    /// A shape a table, in the order of the configuration.
    pub(crate) shapes: Vec<Shape>,
    pub(crate) clean: CleanSettings,
}

const SAME_ID: &str = "the same id is there again, with other values known later";
const UNKNOWN: &str = "the customer is not in customers";

/// The rows of one table and what is known of them.
struct Table<'a> {
    place: usize,
    shape: &'a Shape,
    rows: Gathered<'a>,
    orders: Option<Vec<u32>>,
    related: Option<Related>,
}

/// The ids of rows.
struct Ids {
    codes: Vec<u32>,
    /// By code: where a row of this id stands among those that stay.
    last: Vec<u32>,
}

impl Ids {
    fn new(rows: &Gathered<'_>, cell: usize) -> Ids {
        let mut pool = Pool::default();
        let codes = rows.codes(cell, 0..rows.rows() as u32, &mut pool);
        Ids { codes, last: vec![u32::MAX; pool.texts.texts().len()] }
    }
}

impl Design {
    /// The history of the customers of some slices.
    pub(crate) fn history(&self, slices: &[Slice]) -> (History, Tally) {
        let (keys, owners) = customers(slices);
        let mut pool = Pool::default();
        let joins = self.shapes.iter().any(|s| s.kind == EventKind::Orders)
            && self.shapes.iter().any(|s| s.kind != EventKind::Orders && s.order.is_some());
        let table = |(place, shape): (usize, &'_ Shape)| {
            let rows = Gathered::new(slices, &owners, place, keys.len());
            let order = shape.order.filter(|_| joins);
            let orders = order.map(|cell| rows.codes(cell, 0..rows.rows() as u32, &mut pool));
            (place, rows, orders)
        };
        let made: Vec<_> = self.shapes.iter().enumerate().map(table).collect();
        let mut tables: Vec<Table<'_>> = made
            .into_iter()
            .zip(&self.shapes)
            .map(|((place, rows, orders), shape)| Table { place, shape, rows, orders, related: None })
            .collect();
        self.relate(&mut tables, &pool);
        let mut tally = Tally::default();
        let mut kept: Vec<Vec<u32>> =
            tables.iter().map(|table| table.arranged(&keys, self, &mut tally)).collect();
        self.known_customers(&keys, &tables, &mut kept, &mut tally);
        let shared =
            Arc::new(if tables.iter().any(Table::asks_order) { pool.dictionary() } else { Vec::new() });
        history(&keys, &tables, &kept, &shared, tally)
    }

    /// Puts payments and returns to their orders.
    fn relate(&self, tables: &mut [Table<'_>], pool: &Pool) {
        let Some(place) = tables.iter().position(|t| t.shape.kind == EventKind::Orders) else { return };
        for at in 0..tables.len() {
            let (orders, rows) = (&tables[place], &tables[at]);
            if let (true, Some(of_orders), Some(of_rows)) = (at != place, &orders.orders, &rows.orders) {
                let found = related((&orders.rows, of_orders), (&rows.rows, of_rows), rows.shape, pool);
                tables[at].related = Some(found);
            }
        }
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
            let mut customer = 0;
            let mut stays = Vec::with_capacity(positions.len());
            for position in positions.iter().copied() {
                while table.rows.starts[customer + 1] <= position {
                    customer += 1;
                }
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
            }
            *positions = stays;
        }
    }
}

impl Table<'_> {
    fn asks_order(&self) -> bool {
        self.orders.is_some()
            && self.shape.asked.iter().any(|asked| Some(asked.from) == self.shape.order.map(From::Cell))
    }

    fn left_out(&self, position: u32, customer: Key<'_>, why: &'static str) -> LeftOut {
        LeftOut {
            table: self.place,
            customer: customer.text(),
            column: "at",
            value: moment_text(self.rows.at(position as usize)),
            why,
        }
    }

    /// The positions that stay, sorted by customer, `at`, `known_at` and values.
    fn arranged(&self, keys: &[Key<'_>], design: &Design, tally: &mut Tally) -> Vec<u32> {
        let mut all = Vec::with_capacity(self.rows.rows());
        let mut ids = self.shape.id.map(|cell| Ids::new(&self.rows, cell));
        for (customer, key) in keys.iter().enumerate() {
            let first = all.len();
            all.extend(self.rows.of(customer).map(|position| position as u32));
            self.drop_related(&mut all, first, *key, design, tally);
            let own = &mut all[first..];
            let ascend =
                own.windows(2).all(|pair| self.rows.at(pair[0] as usize) < self.rows.at(pair[1] as usize));
            if !ascend {
                own.sort_unstable_by(|a, b| self.compare(*a as usize, *b as usize));
                self.drop_same(&mut all, first, *key, tally);
            }
            if let Some(ids) = &mut ids {
                self.drop_same_ids(ids, &mut all, first, *key, tally);
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

    /// Of rows with one id, the one that was known last stays; of those known at once, the last in order.
    fn drop_same_ids(
        &self,
        ids: &mut Ids,
        all: &mut Vec<u32>,
        first: usize,
        key: Key<'_>,
        tally: &mut Tally,
    ) {
        let mut repeated = false;
        for at in first..all.len() {
            let id = ids.codes[all[at] as usize];
            if id == NO_TEXT {
                continue;
            }
            let last = &mut ids.last[id as usize];
            let seen = (first..at).contains(&(*last as usize));
            repeated |= seen;
            let known = |at: usize| self.rows.known(all[at] as usize);
            if !seen || known(at) >= known(*last as usize) {
                *last = at as u32;
            }
        }
        if !repeated || self.shape.duplicates == Keep::Keep {
            return;
        }
        let own = all.split_off(first);
        for (at, position) in own.into_iter().enumerate() {
            let id = ids.codes[position as usize];
            if id == NO_TEXT || ids.last[id as usize] as usize == first + at {
                all.push(position);
            } else {
                tally.left_out.push(self.left_out(position, key, SAME_ID));
            }
        }
        // What comes next stands where rows of this customer stood.
        for position in &all[first..] {
            let id = ids.codes[*position as usize];
            if id != NO_TEXT {
                ids.last[id as usize] = u32::MAX;
            }
        }
    }

    /// The events of the rows that stay.
    fn events(&self, kept: &[u32], customers: usize, shared: &Arc<Vec<String>>) -> Events {
        let columns = self.shape.asked.iter().map(|asked| {
            let values = match (asked.from, asked.kind) {
                (From::Order, _) => Values::Time(
                    kept.iter().map(|position| Moment(self.ordered(*position as usize))).collect(),
                ),
                (From::Cell(cell), ValueKind::Number) => {
                    Values::Number(self.rows.whole(cell, kept).map(Amount).collect())
                }
                (From::Cell(cell), ValueKind::Time) => {
                    Values::Time(self.rows.whole(cell, kept).map(Moment).collect())
                }
                (From::Cell(cell), ValueKind::Text) => self.texts(cell, kept, shared),
            };
            Column { name: asked.name.clone(), late: asked.late, values }
        });
        let mut starts = Vec::with_capacity(customers + 1);
        starts.push(0);
        let mut end = 0;
        for customer in 0..customers {
            end += kept[end..].partition_point(|position| *position < self.rows.starts[customer + 1]);
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

    fn texts(&self, cell: usize, kept: &[u32], shared: &Arc<Vec<String>>) -> Values {
        if let (Some(codes), true) = (&self.orders, self.shape.order == Some(cell)) {
            let codes = kept.iter().map(|position| codes[*position as usize]).collect();
            return Values::Text { codes, dictionary: shared.clone() };
        }
        let mut pool = Pool::default();
        let codes = self.rows.codes(cell, kept.iter().copied(), &mut pool);
        Values::Text { codes, dictionary: Arc::new(pool.dictionary()) }
    }
}

/// The events of the rows that stay; customers without any are left out.
fn history(
    keys: &[Key<'_>],
    tables: &[Table<'_>],
    kept: &[Vec<u32>],
    shared: &Arc<Vec<String>>,
    mut tally: Tally,
) -> (History, Tally) {
    let mut events = EventKind::ALL.map(|kind| Events {
        kind,
        starts: vec![0; keys.len() + 1],
        at: Vec::new(),
        known_at: Vec::new(),
        columns: Vec::new(),
    });
    for (table, kept) in tables.iter().zip(kept) {
        events[table.shape.kind as usize] = table.events(kept, keys.len(), shared);
    }
    let used: Vec<bool> =
        (0..keys.len()).map(|at| events.iter().any(|e| e.starts[at] < e.starts[at + 1])).collect();
    if used.contains(&false) {
        for events in &mut events {
            let ends = events.starts[1..].iter().zip(&used).filter(|(_, used)| **used).map(|(end, _)| *end);
            events.starts = std::iter::once(0).chain(ends).collect();
        }
    }
    let customers = keys.iter().zip(&used).filter(|(_, used)| **used).map(|(key, _)| key.text());
    let customers: Vec<String> = customers.collect();
    tally.customers = customers.len() as u64;
    (History { customers, events }, tally)
}
