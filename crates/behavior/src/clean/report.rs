//! The cleaning report, for people and programs.

use serde::Serialize;
use std::fmt::Write as _;

/// What became of the rows of all tables.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct CleaningReport {
    /// Customers with at least one row that is used.
    pub customers: u64,
    /// The tables, in the order customers, orders, payments, returns, reports, financials.
    pub tables: Vec<TableReport>,
}

/// What became of the rows of a table: `read = filtered + used + the rows of all of left_out`.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct TableReport {
    /// Its name.
    pub table: String,
    /// Its files.
    pub files: Vec<String>,
    /// Rows of the files.
    pub read: u64,
    /// Rows that do not meet the `where` of the table.
    pub filtered: u64,
    /// Rows that are used.
    pub used: u64,
    /// Rows that are not used, by cause.
    pub left_out: Vec<Cause>,
    /// What was changed or seems odd in rows that are used; a row may count several times.
    pub noted: Vec<Cause>,
    /// What to do about it, and what was not looked at.
    pub notes: Vec<String>,
}

/// A cause and its rows.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Cause {
    /// What is wrong, with the column where it is one.
    pub why: String,
    /// How many rows.
    pub rows: u64,
    /// The first of them, up to three.
    pub examples: Vec<String>,
}

impl CleaningReport {
    /// The report as lines of text.
    pub fn to_text(&self) -> String {
        // Writing to a String does not fail.
        let mut text = String::new();
        for table in &self.tables {
            let _ = write!(text, "{}: {} rows read, {} used", table.table, table.read, table.used);
            if table.filtered > 0 {
                let _ = write!(text, ", {} not of its `where`", table.filtered);
            }
            text.push('\n');
            for (title, causes) in [("left out", &table.left_out), ("noted", &table.noted)] {
                for cause in causes {
                    let _ = write!(text, "  {title} {}: {}", cause.rows, cause.why);
                    let examples = cause.examples.join("; ");
                    let _ =
                        if examples.is_empty() { writeln!(text) } else { writeln!(text, " ({examples})") };
                }
            }
            for note in &table.notes {
                let _ = writeln!(text, "  {note}");
            }
        }
        let _ = writeln!(text, "{} customers", self.customers);
        text
    }
}
