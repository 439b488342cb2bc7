//! Events of some customers, sorted, as columns: what readers make and what features are computed from.

use crate::{Amount, EventKind, Moment, Texts, ValueKind};
use std::sync::Arc;

/// Events of some customers. Features of a customer need nothing but this customer's rows.
#[derive(Clone, Debug)]
pub struct History {
    /// Ids of the customers, no id twice, ascending: as numbers where every table holds whole numbers, else by their bytes.
    pub customers: Texts,
    /// One table a kind, in the order of [`EventKind::ALL`].
    pub events: [Events; 6],
}

/// The events of one kind, of the customers of a [`History`].
///
/// Rows are sorted by customer, then `at`, then `known_at`, then by the values of the columns in their order (numbers,
/// times, texts by their bytes), so that the order in which events came does not show.
#[derive(Clone, Debug)]
pub struct Events {
    /// Of which kind.
    pub kind: EventKind,
    /// Rows of customer `c` are `starts[c]..starts[c + 1]`; one entry more than there are customers.
    pub starts: Vec<u32>,
    /// When each event happened.
    pub at: Vec<Moment>,
    /// From when on each event was known. Never [`Moment::NONE`].
    pub known_at: Vec<Moment>,
    /// The columns that were asked for.
    pub columns: Vec<Column>,
}

/// A column of an event table.
#[derive(Clone, Debug)]
pub struct Column {
    /// Its name: of a [`crate::StandardColumn`] or one that the company declared.
    pub name: String,
    /// Position among the columns of the time column that says from when on the value is known; before, it is missing.
    pub late: Option<usize>,
    /// One value a row.
    pub values: Values,
}

/// The values of a column, one a row.
#[derive(Clone, Debug)]
pub enum Values {
    /// Numbers; [`Amount::NONE`] where missing.
    Number(Vec<Amount>),
    /// Moments; [`Moment::NONE`] where missing.
    Time(Vec<Moment>),
    /// Texts as codes: `dictionary[code]`; [`Values::NO_TEXT`] where missing.
    Text {
        /// One code a row.
        codes: Vec<u32>,
        /// The texts, in no special order. Rows of a customer that bear the same text have the same code; those of
        /// different customers need not.
        dictionary: Arc<Texts>,
    },
}

impl Values {
    /// The code of a missing text.
    pub const NO_TEXT: u32 = u32::MAX;

    /// What the values are.
    pub fn kind(&self) -> ValueKind {
        match self {
            Values::Number(_) => ValueKind::Number,
            Values::Time(_) => ValueKind::Time,
            Values::Text { .. } => ValueKind::Text,
        }
    }
}

impl Events {
    /// The rows of a customer, by position in [`History::customers`].
    ///
    /// # Panics
    /// If `customer` is not below the number of customers.
    pub fn rows(&self, customer: usize) -> std::ops::Range<usize> {
        self.starts[customer] as usize..self.starts[customer + 1] as usize
    }
}
