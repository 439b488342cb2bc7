//! What can stop a measurement, with the position and the value that stopped it.

/// Why something could not be measured.
///
/// Rows are counted from 0, in the order of the slices given. An error means that the number does not
/// exist for these inputs; no function of this crate answers with a made-up 0 instead.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Error {
    /// Two columns that belong together differ in length.
    #[error("`{what}` has {found} values, expected {expected}: give exactly one value for each row")]
    Length {
        /// The column that does not fit.
        what: &'static str,
        /// Values expected.
        expected: usize,
        /// Values found.
        found: usize,
    },
    /// There is nothing to measure.
    #[error("`{what}` is empty: at least one value is needed")]
    Empty {
        /// The empty input.
        what: &'static str,
    },
    /// Too few rows of a kind for this number to exist.
    #[error("found {found} {what}, but at least {needed} are needed to measure this")]
    TooFew {
        /// What was counted, for example `bad rows`.
        what: &'static str,
        /// The least count that works.
        needed: usize,
        /// The count found.
        found: usize,
    },
    /// A value is NaN or lies outside the range in which it has a meaning.
    #[error("row {row} of `{what}` is {value}, expected {expected}")]
    Value {
        /// The column.
        what: &'static str,
        /// The row, from 0.
        row: usize,
        /// The value found.
        value: f64,
        /// The values allowed.
        expected: &'static str,
    },
    /// A row names a segment that does not exist.
    #[error("row {row} is in segment {segment}, but there are only {segments} segments, counted from 0")]
    Segment {
        /// The row, from 0.
        row: usize,
        /// The segment it names.
        segment: usize,
        /// The number of segments.
        segments: usize,
    },
    /// The table lacks a column of the model.
    #[error("the table does not suit the model: {message}; give the columns the model was trained on")]
    Table {
        /// Which column, and which ones there are.
        message: String,
    },
    /// A row to measure does not exist.
    #[error("row {row} is not in the table, which has {rows} rows, counted from 0")]
    Row {
        /// The row asked for.
        row: usize,
        /// Rows in the table.
        rows: usize,
    },
    /// A parameter of the measurement itself makes no sense.
    #[error("`{name}` is {value}, expected {expected}")]
    Parameter {
        /// The parameter.
        name: &'static str,
        /// The value given.
        value: f64,
        /// The values allowed.
        expected: &'static str,
    },
    /// The gates file is not TOML, or has an unknown key or a value of the wrong type.
    #[error("the gates file could not be read: {message}")]
    GatesFile {
        /// What the TOML reader found, with line, column and the known keys.
        message: String,
    },
    /// The gates file sets no gate, so that it would let every model pass.
    #[error("the gates file sets no gate; set at least one of: {known}")]
    NoGates {
        /// The known gates, separated by commas.
        known: String,
    },
    /// A test report could not be written as XML.
    #[error("the JUnit report could not be written: {message}")]
    Junit {
        /// What the XML writer said.
        message: String,
    },
}
