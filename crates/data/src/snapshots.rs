//! Rows of a customer as of several dates, as `arrears features` makes them.

use crate::preparation::{Preparation, SplitMethod};
use crate::table::Table;

/// The first two columns of a table of features: the customer, and the date that the row tells of it as of.
const CUSTOMER_AND_DATE: [&str; 2] = ["customer", "as_of"];

/// The column of labels that they are given, and what stands there for bad.
const LABEL: &str = "bad";
const BAD: &str = "1";

/// Fills in what rows of customers as of dates leave no doubt about, where the recipe says nothing else.
///
/// A table whose first two columns are `customer` and `as_of` is one of features: these are the id and the date of a
/// row, and `bad` is 1 in its column of that name. Where rows have a date and are held out at random, those of an id go together, so that no customer is both
/// trained on and held out.
pub fn know_snapshots(table: &Table, preparation: &mut Preparation) {
    let Preparation { data, columns, split, .. } = preparation;
    let [customer, as_of] = CUSTOMER_AND_DATE;
    let first_two = table.columns().iter().map(String::as_str).take(2);
    let is_free = |name: &str| {
        let roles = [&data.target, &data.weight].into_iter().flatten();
        roles.chain(&data.exclude).chain(columns.keys()).all(|taken| taken != name)
    };
    if first_two.eq(CUSTOMER_AND_DATE) {
        if data.id.is_none() && is_free(customer) {
            data.id = Some(customer.to_owned());
        }
        if data.as_of.is_none() && data.id.as_deref() == Some(customer) && is_free(as_of) {
            data.as_of = Some(as_of.to_owned());
        }
        if data.positive.is_none() && data.target.as_deref() == Some(LABEL) {
            data.positive = Some(BAD.to_owned());
        }
    }
    if data.as_of.is_some() && split.method == SplitMethod::Random && split.group.is_none() {
        split.group.clone_from(&data.id);
    }
}
