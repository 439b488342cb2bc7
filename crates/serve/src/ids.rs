//! Ids that are absent or come again: the rows are scored all the same, and counted.

use crate::columns::IdColumn;
use arrears_data::Table;
use arrears_model::Value;
use std::hash::{DefaultHasher, Hasher};

/// Ids remembered, so that memory stays bounded: 8 bytes each.
const REMEMBERED: usize = 10_000_000;

/// What was seen in the column of ids.
#[derive(Default)]
pub(crate) struct Ids {
    /// A hash of each id. With 10 million ids the chance that two different ones share a hash is 3 in a million.
    seen: Vec<u64>,
    blank: u64,
    beyond: u64,
}

/// Rows without an id, rows that repeat the id of an earlier one, and both in words.
pub(crate) struct Counted {
    pub(crate) blank: u64,
    pub(crate) repeated: u64,
    pub(crate) notes: Vec<String>,
}

impl Ids {
    /// The rows of one chunk. `missing`: texts that are no id, beside blank ones.
    pub(crate) fn see(&mut self, column: &IdColumn, table: &Table, missing: &[String]) {
        let IdColumn::Named(name) = column else { return };
        let Some(column) = table.column(name) else { return };
        for row in 0..table.rows() {
            let mut hasher = DefaultHasher::new();
            match column.value(row) {
                Value::Number(x) if !x.is_nan() => hasher.write_u64((x + 0.0).to_bits()),
                Value::Text(text) if !absent(text.trim(), missing) => hasher.write(text.trim().as_bytes()),
                _ => {
                    self.blank += 1;
                    continue;
                }
            }
            if self.seen.len() < REMEMBERED { self.seen.push(hasher.finish()) } else { self.beyond += 1 }
        }
    }

    /// What came out, once all rows were seen.
    pub(crate) fn finish(mut self, column: &IdColumn) -> Counted {
        let all = self.seen.len();
        self.seen.sort_unstable();
        self.seen.dedup();
        let repeated = (all - self.seen.len()) as u64;
        let rows = |n: u64| if n == 1 { "1 row has".to_owned() } else { format!("{n} rows have") };
        let name = column.name();
        let note = |n: u64, what: &str| (n > 0).then(|| format!("{} {what} (column `{name}`)", rows(n)));
        let capped = self.beyond > 0;
        let capped = capped.then(|| format!("repeated ids are counted among the first {REMEMBERED} only"));
        let notes = [note(self.blank, "no id"), note(repeated, "the id of an earlier row"), capped];
        Counted { blank: self.blank, repeated, notes: notes.into_iter().flatten().collect() }
    }
}

fn absent(text: &str, missing: &[String]) -> bool {
    text.is_empty() || missing.iter().any(|m| m == text)
}
