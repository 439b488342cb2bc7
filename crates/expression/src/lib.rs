//! Conditions and formulas in the Common Expression Language (CEL), checked against named columns and compiled.
//!
//! `amount > 100 && category in ['toys', 'books']` is text in a configuration or a model file. [`Expression::compile`]
//! reads it, finds its columns, checks that every operator gets values of the kinds it takes, and makes a small typed
//! program. The program runs on one row ([`Expression::row`]) or on whole columns ([`Bound`]), with the same results.
//!
//! | step | module | what it does |
//! |---|---|---|
//! | 1 | `token`, `literal` | text -> numbers, texts, names, signs |
//! | 2 | `syntax` | -> a tree, by CEL's grammar; depth and length are limited |
//! | 3 | `check`, `function` | -> a typed program over columns |
//! | 4 | `row` | one row |
//! | 5 | [`column`](mod@column) | many rows, texts as codes of a dictionary |
//!
//! # What is missing
//! An operator or function with a missing operand gives a missing result, also in a comparison; so do a division by zero
//! and any other result that is not a finite number. `&&`, `||` and `!` follow Kleene: false && missing is false, true ||
//! missing is true, else missing stays. `x == null` and `has(x)` are never missing. A filter takes the rows where its
//! condition is true: not those where it is missing. It is the rule of SQL's `WHERE`, and that of CEL for errors.

mod check;
pub mod column;
mod error;
mod expression;
mod function;
mod literal;
mod nearest;
mod program;
mod row;
mod syntax;
mod token;
mod truth;
mod value;

pub use column::{Bound, Columns};
pub use error::{Error, SUPPORTED};
pub use expression::Expression;
pub use nearest::nearest;
pub use truth::Truth;
pub use value::{Kind, Value};

/// The longest expression, in bytes.
pub const MAX_BYTES: usize = 65_536;

/// The most levels of brackets, conditions, chains of arithmetic and calls within each other. `&&`, `||`, lists and
/// arguments may be any number long: they are one level.
pub const MAX_DEPTH: usize = 64;
