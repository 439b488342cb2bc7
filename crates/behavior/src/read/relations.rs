//! What rows of one customer say about each other: orders, and the payments and returns that belong to them.

use crate::EventKind;
use crate::config::{CleanSettings, Keep};
use crate::read::cells::{NO_TEXT, NONE};
use crate::read::gather::{Gathered, Pool};
use crate::read::shape::Shape;

/// When each order of a customer was placed.
struct Placed {
    /// By code of the order: the customer it was last met of, from when on it counts, and when it was placed.
    of: Vec<(u32, i64, i64)>,
}

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

/// Looks up the orders of the rows of `tables`, payments and returns; `codes` are the orders of their rows as codes of one pool.
///
/// An order counts from the first moment at which one of its lines had happened and was known, and was placed when that line
/// happened. A row sees an order only if it counted when the row did: so no later event changes what is said of a row.
pub(crate) fn related(
    orders: (&Gathered<'_>, &[u32]),
    rows: (&Gathered<'_>, &[u32]),
    shape: &Shape,
    pool: &Pool,
) -> Related {
    let customers = rows.0.starts.len() - 1;
    let mut placed = Placed { of: vec![(u32::MAX, NONE, NONE); pool.texts.texts().len()] };
    let mut related =
        Related { ordered: vec![NONE; rows.0.rows()], relations: vec![Relation::Fine; rows.0.rows()] };
    for customer in 0..customers {
        if rows.0.of(customer).is_empty() {
            continue;
        }
        for position in orders.0.of(customer) {
            placed.order(
                customer as u32,
                orders.1[position],
                orders.0.visible(position),
                orders.0.at(position),
            );
        }
        for position in rows.0.of(customer) {
            let code = rows.1[position];
            if code == NO_TEXT {
                continue;
            }
            let (at, visible) = (rows.0.at(position), rows.0.visible(position));
            let order = placed.seen(customer as u32, code, visible);
            let paid = shape.paid_at.map_or(NONE, |cell| {
                let (cells, row) = rows.0.cell(cell, position);
                cells.whole(row)
            });
            related.relations[position] = match (order, shape.kind) {
                (None, EventKind::Returns) => Relation::NoOrder,
                (None, _) => Relation::PaymentWithoutOrder,
                (Some(placed), EventKind::Returns) if placed > at => Relation::ReturnedBefore,
                (Some(placed), EventKind::Payments) if placed > at || (paid != NONE && placed > paid) => {
                    Relation::PaidBefore
                }
                (Some(placed), _) => {
                    related.ordered[position] = placed;
                    Relation::Fine
                }
            };
        }
    }
    related
}

impl Placed {
    fn order(&mut self, customer: u32, code: u32, visible: i64, at: i64) {
        let Some(known) = self.of.get_mut(code as usize) else { return };
        if known.0 != customer || (visible, at) < (known.1, known.2) {
            *known = (customer, visible, at);
        }
    }

    /// When an order was placed that counted at a moment.
    fn seen(&self, customer: u32, code: u32, by: i64) -> Option<i64> {
        let (owner, visible, at) = self.of[code as usize];
        (owner == customer && visible <= by).then_some(at)
    }
}
