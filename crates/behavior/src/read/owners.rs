//! Who placed an order: for tables that know the order and not the customer.

use crate::read::cells::{Cells, NO_TEXT, NONE, Word};
use crate::read::texts::Interner;
use std::sync::Arc;

/// The customer of each order.
#[derive(Debug, Default)]
pub(crate) struct Owners {
    orders: Interner,
    /// Of each order; [`NO_TEXT`] where two customers have an order of this id.
    customer: Vec<u32>,
    customers: Interner,
    numeric: bool,
}

impl Owners {
    pub(crate) fn new(numeric: bool) -> Owners {
        Owners { numeric, ..Owners::default() }
    }

    /// Adds orders with their customers.
    pub(crate) fn add(&mut self, orders: &Cells, customers: &Cells) {
        let (mut space, mut other) = (String::new(), String::new());
        for row in 0..orders.len() {
            let (order, customer) = (orders.word(row), customers.word(row));
            if order == Word::Missing || customer == Word::Missing {
                continue;
            }
            let place = self.orders.code(order.text(&mut space)) as usize;
            let customer = self.customers.code(customer.text(&mut other));
            match self.customer.get_mut(place) {
                Some(known) if *known != customer => *known = NO_TEXT,
                Some(_) => {}
                None => self.customer.push(customer),
            }
        }
    }

    /// The customers of orders; missing where the order is not known, or of several customers.
    pub(crate) fn customers(&self, orders: &Cells) -> Cells {
        let mut space = String::new();
        let codes: Vec<u32> = (0..orders.len())
            .map(|row| match orders.word(row) {
                Word::Missing => NO_TEXT,
                order => {
                    let place = self.orders.find(order.text(&mut space));
                    place.map_or(NO_TEXT, |place| self.customer[place as usize])
                }
            })
            .collect();
        if self.numeric {
            let id = |code: &u32| match *code {
                NO_TEXT => NONE,
                code => self.customers.texts().get(code as usize).parse().unwrap_or(NONE),
            };
            return Cells::Integer(codes.iter().map(id).collect());
        }
        let mut texts = Interner::default();
        let recoded = codes.iter().map(|code| match *code {
            NO_TEXT => NO_TEXT,
            code => texts.code(self.customers.texts().get(code as usize)),
        });
        let codes = recoded.collect();
        Cells::Text { codes, texts: Arc::new(texts.into_texts()), distinct: true }
    }

    /// Bytes in memory.
    pub(crate) fn bytes(&self) -> usize {
        self.orders.bytes() + self.customers.bytes() + 4 * self.customer.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_order_of_two_customers_is_nobodys() {
        for numeric in [true, false] {
            let mut owners = Owners::new(numeric);
            owners.add(&Cells::Integer(vec![10, 11, 12, 11, NONE]), &Cells::Integer(vec![1, 1, 2, 2, 3]));
            let found = owners.customers(&Cells::Integer(vec![12, 11, 10, 9, NONE]));
            let texts: Vec<String> =
                (0..5).map(|row| found.word(row).text(&mut String::new()).to_owned()).collect();
            assert_eq!(texts, ["2", "", "1", "", ""]);
        }
    }
}
