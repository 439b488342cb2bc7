//! What reading a column gives: values, and the rows whose value cannot be read.

/// Values of a column, with what was wrong or changed.
#[derive(Debug)]
pub(crate) struct Read<T> {
    /// One value a row; missing where there is a fault.
    pub(crate) values: T,
    /// The rows that cannot be read, ascending.
    pub(crate) faults: Vec<Fault>,
    /// Rows whose day stands for a missing one.
    pub(crate) placeholders: Vec<u32>,
}

/// A value that cannot be read.
#[derive(Clone, Debug)]
pub(crate) struct Fault {
    pub(crate) row: u32,
    /// What stood there, cut after 60 characters.
    pub(crate) value: String,
    /// What was expected.
    pub(crate) why: String,
}

impl<T> Read<T> {
    pub(crate) fn new(values: T) -> Read<T> {
        Read { values, faults: Vec::new(), placeholders: Vec::new() }
    }

    pub(crate) fn fault(&mut self, row: usize, value: &str, why: impl Into<String>) {
        let value = value.trim().chars().take(60).collect();
        self.faults.push(Fault { row: row as u32, value, why: why.into() });
    }

    pub(crate) fn map<U>(self, of: impl FnOnce(T) -> U) -> Read<U> {
        Read { values: of(self.values), faults: self.faults, placeholders: self.placeholders }
    }
}
