//! The model's fields by name.

use arrears_model::Schema;
use std::collections::HashMap;

/// What a key of a customer stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Key {
    /// The field at this position of the schema.
    Field(usize),
    /// The id of the customer.
    Id,
    /// Many customers; only where the model has no field of that name.
    Rows,
    /// Nothing the model reads.
    Unknown,
}

/// Looks names up.
pub(crate) struct Keys {
    names: Vec<String>,
    known: HashMap<String, Key>,
}

impl Keys {
    pub(crate) fn of(schema: &Schema) -> Self {
        let names: Vec<String> = schema.inputs().map(|field| field.name.clone()).collect();
        let mut known = HashMap::from([("rows".to_owned(), Key::Rows)]);
        known.extend(schema.id.iter().map(|id| (id.clone(), Key::Id)));
        known.extend(names.iter().enumerate().map(|(at, name)| (name.clone(), Key::Field(at))));
        Keys { names, known }
    }

    /// Number of fields that a row has.
    pub(crate) fn fields(&self) -> usize {
        self.names.len()
    }

    /// What `name` stands for; `guess` is the field that comes next when customers are written in the order of
    /// the schema, and is compared first.
    pub(crate) fn find(&self, name: &str, guess: usize) -> Key {
        if self.names.get(guess).is_some_and(|field| field == name) {
            return Key::Field(guess);
        }
        self.known.get(name).copied().unwrap_or(Key::Unknown)
    }
}
