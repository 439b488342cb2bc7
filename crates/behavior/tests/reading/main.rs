//! Event tables as histories: from files to sorted, clean rows of customers.

mod bad_input;
mod same_histories;
mod shop;
