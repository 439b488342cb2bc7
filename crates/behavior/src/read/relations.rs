//! What rows of one customer say about each other: orders, and the payments and returns that belong to them.

use crate::EventKind;
use crate::config::{CleanSettings, Keep};
use crate::read::by_id::ById;
use crate::read::cells::{NONE, Word};
use crate::read::gather::Gathered;
use crate::read::shape::Shape;

/// What the orders say of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Relation {
    /// Nothing.
    Fine,
    /// A return whose order is not known by then.
    NoOrder,
    /// A return from before its order.
    ReturnedBefore,
    /// A payment that is due, or was paid, before its order was placed.
    PaidBefore,
    /// A payment whose order is not known by then.
    PaymentWithoutOrder,
}

/// The orders of rows, and what they say of them.
pub(crate) struct Related {
    /// `ordered_at` of each row.
    pub(crate) ordered: Vec<i64>,
    pub(crate) relations: Vec<Relation>,
}

impl Relation {
    /// The words for it, and whether such rows stay.
    pub(crate) fn words(self, settings: &CleanSettings) -> Option<(&'static str, Keep)> {
        match self {
            Relation::Fine => None,
            Relation::NoOrder => {
                Some(("the order of the return is not known by then", settings.returns_without_order))
            }
            Relation::ReturnedBefore => {
                Some(("returned before it was ordered", settings.returns_without_order))
            }
            Relation::PaidBefore => {
                Some(("due or paid before the order was placed", settings.payments_before_order))
            }
            Relation::PaymentWithoutOrder => {
                Some(("the order of the payment is not known by then", Keep::Keep))
            }
        }
    }
}

/// Looks up the orders of the rows of `tables`, payments and returns, each with the column that names the order.
///
/// An order counts from the first moment at which one of its lines had happened and was known, and was placed when that line
/// happened. A row sees an order only if it counted when the row did: so no later event changes what is said of a row.
pub(crate) fn related(
    orders: (&Gathered<'_>, usize),
    tables: &[Option<(&Gathered<'_>, usize, &Shape)>],
) -> Vec<Option<Related>> {
    let nothing = |(rows, ..): &(&Gathered<'_>, usize, &Shape)| Related {
        ordered: vec![NONE; rows.rows()],
        relations: vec![Relation::Fine; rows.rows()],
    };
    let mut all: Vec<Option<Related>> = tables.iter().map(|table| table.as_ref().map(nothing)).collect();
    // By order: from when on it counts, and when it was placed.
    let mut placed: ById<'_, (i64, i64)> = ById::default();
    for customer in 0..orders.0.starts.len() - 1 {
        if tables.iter().flatten().all(|(rows, ..)| rows.of(customer).is_empty()) {
            continue;
        }
        placed.clear();
        for position in orders.0.of(customer) {
            let id = orders.0.word(orders.1, position);
            if id != Word::Missing {
                let line = (orders.0.visible(position), orders.0.at(position));
                let (first, _) = placed.entry(id, line);
                *first = line.min(*first);
            }
        }
        for (table, related) in tables.iter().zip(&mut all) {
            let (Some((rows, cell, shape)), Some(related)) = (table, related) else { continue };
            for position in rows.of(customer) {
                let id = rows.word(*cell, position);
                if id != Word::Missing {
                    let order =
                        placed.find(id).copied().filter(|(visible, _)| *visible <= rows.visible(position));
                    related.settle(rows, position, shape, order.map(|(_, at)| at));
                }
            }
        }
    }
    all
}

impl Related {
    /// Of a row that names an order: when that was placed, if the row can see it.
    fn settle(&mut self, rows: &Gathered<'_>, position: usize, shape: &Shape, order: Option<i64>) {
        let at = rows.at(position);
        let paid = || {
            shape.paid_at.map_or(NONE, |cell| {
                let (cells, row) = rows.cell(cell, position);
                cells.whole(row)
            })
        };
        self.relations[position] = match (order, shape.kind) {
            (None, EventKind::Returns) => Relation::NoOrder,
            (None, _) => Relation::PaymentWithoutOrder,
            (Some(placed), EventKind::Returns) if placed > at => Relation::ReturnedBefore,
            (Some(placed), EventKind::Payments) if placed > at || (paid() != NONE && placed > paid()) => {
                Relation::PaidBefore
            }
            (Some(placed), _) => {
                self.ordered[position] = placed;
                Relation::Fine
            }
        };
    }
}
