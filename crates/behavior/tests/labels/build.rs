//! Histories out of a few rows.

use arrears_behavior::{Amount, Column, EventKind, Events, History, Moment, Values};
use std::sync::Arc;

/// A row of any table; what a table does not have is not looked at.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    pub(crate) kind: EventKind,
    pub(crate) customer: String,
    /// Seconds since 1970, as the other times.
    pub(crate) at: i64,
    pub(crate) known_at: i64,
    pub(crate) id: String,
    pub(crate) amount: f64,
    pub(crate) paid_at: Option<i64>,
}

pub(crate) const SECOND: i64 = 1_000_000;

/// The history of the rows. Customers without rows are not in it.
pub(crate) fn history(rows: &[Row]) -> History {
    let mut rows = rows.to_vec();
    rows.sort_by(|a, b| (&a.customer, a.at, a.known_at).cmp(&(&b.customer, b.at, b.known_at)));
    let mut customers: Vec<String> = rows.iter().map(|row| row.customer.clone()).collect();
    customers.dedup();
    let events =
        EventKind::ALL.map(|kind| events(kind, &customers, rows.iter().filter(|row| row.kind == kind)));
    History { customers: customers.into_iter().collect(), events }
}

fn events<'r>(kind: EventKind, customers: &[String], rows: impl Iterator<Item = &'r Row>) -> Events {
    let rows: Vec<&Row> = rows.collect();
    let starts = customers.iter().map(|c| rows.partition_point(|row| row.customer < *c) as u32);
    let starts = starts.chain([rows.len() as u32]).collect();
    let moments = |of: fn(&Row) -> i64| rows.iter().map(|row| Moment(of(row) * SECOND)).collect();
    let ids = |name: &str| {
        let mut dictionary: Vec<String> =
            rows.iter().map(|row| row.id.clone()).filter(|id| !id.is_empty()).collect();
        dictionary.sort();
        dictionary.dedup();
        let code = |row: &&Row| dictionary.binary_search(&row.id).map_or(Values::NO_TEXT, |code| code as u32);
        let codes = rows.iter().map(code).collect();
        Column {
            name: name.to_owned(),
            late: None,
            values: Values::Text { codes, dictionary: Arc::new(dictionary.iter().collect()) },
        }
    };
    let columns = match kind {
        EventKind::Orders => vec![ids("order")],
        EventKind::Returns => vec![ids("return")],
        EventKind::Payments => {
            let amounts = rows.iter().map(|row| Amount((row.amount * Amount::ONE as f64).round() as i64));
            let paid = rows.iter().map(|row| row.paid_at.map_or(Moment::NONE, |paid| Moment(paid * SECOND)));
            let column = |name: &str, late, values| Column { name: name.to_owned(), late, values };
            vec![
                column("amount", None, Values::Number(amounts.collect())),
                column("paid_at", Some(1), Values::Time(paid.collect())),
            ]
        }
        _ => Vec::new(),
    };
    Events { kind, starts, at: moments(|row| row.at), known_at: moments(|row| row.known_at), columns }
}
