//! Ids that are absent or come again: the rows are scored all the same, and counted.

use crate::columns::IdColumn;
use arrears_data::Table;
use arrears_model::Value;
use std::fs::File;
use std::hash::{DefaultHasher, Hasher};
use std::io::{self, BufReader, BufWriter, Read, Seek, Write};

/// Ids remembered: 8 bytes each, most of them on disk.
const REMEMBERED: usize = 10_000_000;

/// Ids held in memory at once.
const RUN: usize = if cfg!(test) { 100 } else { 1 << 20 };

/// The ids of one chunk.
pub(crate) struct Seen {
    /// A hash of each id. With 10 million ids the chance that two different ones share a hash is 3 in a million.
    hashes: Vec<u64>,
    blank: u64,
}

/// What was seen in the column of ids.
#[derive(Default)]
pub(crate) struct Ids {
    run: Vec<u64>,
    /// Sorted runs of ids, in unnamed temporary files.
    runs: Vec<File>,
    known: usize,
    blank: u64,
    beyond: u64,
    /// Whether no file could be written; then no more ids are remembered.
    full: bool,
}

/// Rows without an id, rows that repeat the id of an earlier one, and both in words.
pub(crate) struct Counted {
    pub(crate) blank: u64,
    pub(crate) repeated: u64,
    pub(crate) notes: Vec<String>,
}

impl Seen {
    /// The rows of one chunk. `missing`: texts that are no id, beside blank ones.
    pub(crate) fn of(column: &IdColumn, table: &Table, missing: &[String]) -> Seen {
        let mut seen = Seen { hashes: Vec::new(), blank: 0 };
        let IdColumn::Named(name) = column else { return seen };
        let Some(column) = table.column(name) else { return seen };
        seen.hashes.reserve(table.rows());
        for row in 0..table.rows() {
            let mut hasher = DefaultHasher::new();
            match column.value(row) {
                Value::Number(x) if !x.is_nan() => hasher.write_u64((x + 0.0).to_bits()),
                Value::Text(text) if !absent(text.trim(), missing) => hasher.write(text.trim().as_bytes()),
                _ => {
                    seen.blank += 1;
                    continue;
                }
            }
            seen.hashes.push(hasher.finish());
        }
        seen
    }
}

impl Ids {
    /// Adds the ids of a chunk.
    pub(crate) fn add(&mut self, seen: Seen) {
        self.blank += seen.blank;
        for hash in seen.hashes {
            if self.run.len() == RUN && !self.full {
                self.full = self.put_aside().is_err();
            }
            if self.known < REMEMBERED && !self.full {
                self.known += 1;
                self.run.push(hash);
            } else {
                self.beyond += 1;
            }
        }
    }

    /// Moves the ids in memory to a file.
    fn put_aside(&mut self) -> io::Result<()> {
        self.run.sort_unstable();
        let mut file = BufWriter::new(tempfile::tempfile()?);
        self.run.iter().try_for_each(|hash| file.write_all(&hash.to_le_bytes()))?;
        let mut file = file.into_inner()?;
        file.rewind()?;
        self.runs.push(file);
        self.run.clear();
        Ok(())
    }

    /// What came out, once all rows were seen.
    ///
    /// # Errors
    /// When the temporary files cannot be read again.
    pub(crate) fn finish(mut self, column: &IdColumn) -> io::Result<Counted> {
        self.run.sort_unstable();
        let repeated = (self.known - different(self.run, self.runs)?) as u64;
        let rows = |n: u64| if n == 1 { "1 row has".to_owned() } else { format!("{n} rows have") };
        let name = column.name();
        let note = |n: u64, what: &str| (n > 0).then(|| format!("{} {what} (column `{name}`)", rows(n)));
        let capped = self.beyond > 0;
        let capped = capped.then(|| format!("repeated ids are counted among the first {} only", self.known));
        let notes = [note(self.blank, "no id"), note(repeated, "the id of an earlier row"), capped];
        Ok(Counted { blank: self.blank, repeated, notes: notes.into_iter().flatten().collect() })
    }
}

/// How many different ids there are in sorted runs.
fn different(run: Vec<u64>, runs: Vec<File>) -> io::Result<usize> {
    let mut files: Vec<BufReader<File>> =
        runs.into_iter().map(|file| BufReader::with_capacity(1 << 16, file)).collect();
    let mut heads = files.iter_mut().map(next).collect::<io::Result<Vec<Option<u64>>>>()?;
    let mut run = run.into_iter().peekable();
    let mut count = 0;
    while let Some(least) = heads.iter().flatten().chain(run.peek()).min().copied() {
        count += 1;
        for (head, file) in heads.iter_mut().zip(&mut files) {
            while *head == Some(least) {
                *head = next(file)?;
            }
        }
        while run.next_if_eq(&least).is_some() {}
    }
    Ok(count)
}

fn next(file: &mut BufReader<File>) -> io::Result<Option<u64>> {
    let mut bytes = [0; 8];
    match file.read_exact(&mut bytes) {
        Ok(()) => Ok(Some(u64::from_le_bytes(bytes))),
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(None),
        Err(error) => Err(error),
    }
}

fn absent(text: &str, missing: &[String]) -> bool {
    text.is_empty() || missing.iter().any(|m| m == text)
}

#[cfg(test)]
mod tests {
    use super::{Ids, Seen};
    use crate::columns::IdColumn;
    use std::collections::BTreeSet;

    #[test]
    fn runs_on_disk_count_as_a_set_does() {
        for (rows, values) in [(0, 1), (99, 50), (100, 1_000), (101, 7), (1_000, 900), (1_234, 100_000)] {
            let hash = |n: u64| n.wrapping_mul(0x9e37_79b9_7f4a_7c15) % values;
            let hashes: Vec<u64> = (0..rows).map(hash).collect();
            let different = hashes.iter().collect::<BTreeSet<_>>().len() as u64;
            let mut ids = Ids::default();
            hashes.chunks(37).for_each(|part| ids.add(Seen { hashes: part.to_vec(), blank: 1 }));
            let counted = ids.finish(&IdColumn::Named("id".to_owned())).unwrap();
            assert_eq!(counted.repeated, rows - different);
            assert_eq!(counted.blank, rows.div_ceil(37));
        }
    }
}
