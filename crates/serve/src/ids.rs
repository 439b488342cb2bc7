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
    /// First and last id where each is above the one before: most files are in the order of their ids.
    ascending: Option<(Id, Id)>,
}

enum Id {
    Number(f64),
    Text(String),
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
    /// Whether some id is not above the one before it; as long as none is, none is repeated.
    unordered: bool,
    last: Option<Id>,
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
        let mut seen = Seen { hashes: Vec::new(), blank: 0, ascending: None };
        let IdColumn::Named(name) = column else { return seen };
        let Some(column) = table.column(name) else { return seen };
        seen.hashes.reserve(table.rows());
        let (mut ends, mut ascending): (Option<(Value<'_>, Value<'_>)>, bool) = (None, true);
        for row in 0..table.rows() {
            let mut hasher = DefaultHasher::new();
            let id = match column.value(row) {
                Value::Number(x) if !x.is_nan() => {
                    hasher.write_u64((x + 0.0).to_bits());
                    Value::Number(x)
                }
                Value::Text(text) if !absent(text.trim(), missing) => {
                    hasher.write(text.trim().as_bytes());
                    Value::Text(text.trim())
                }
                _ => {
                    seen.blank += 1;
                    continue;
                }
            };
            seen.hashes.push(hasher.finish());
            ascending &= ends.is_none_or(|(_, before)| is_above(id, before));
            ends = Some((ends.map_or(id, |(first, _)| first), id));
        }
        seen.ascending = ends.filter(|_| ascending).map(|(first, last)| (Id::of(first), Id::of(last)));
        seen
    }
}

/// Whether an id comes after another, so that it is another; texts by length first, as numbers written in digits are ordered.
fn is_above(id: Value<'_>, before: Value<'_>) -> bool {
    match (before, id) {
        (Value::Number(before), Value::Number(id)) => before < id,
        (Value::Text(before), Value::Text(id)) => (before.len(), before) < (id.len(), id),
        _ => false,
    }
}

impl Id {
    fn of(value: Value<'_>) -> Id {
        match value {
            Value::Number(x) => Id::Number(x),
            Value::Text(text) => Id::Text(text.to_owned()),
            Value::Missing => Id::Text(String::new()),
        }
    }

    fn value(&self) -> Value<'_> {
        match self {
            Id::Number(x) => Value::Number(*x),
            Id::Text(text) => Value::Text(text),
        }
    }
}

impl Ids {
    /// Adds the ids of a chunk.
    pub(crate) fn add(&mut self, seen: Seen) {
        self.blank += seen.blank;
        match seen.ascending {
            Some((first, last)) => {
                self.unordered |=
                    self.last.as_ref().is_some_and(|before| !is_above(first.value(), before.value()));
                self.last = Some(last);
            }
            None => self.unordered |= !seen.hashes.is_empty(),
        }
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
        let repeated = if self.unordered {
            self.run.sort_unstable();
            (self.known - different(self.run, self.runs)?) as u64
        } else {
            0
        };
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
    use arrears_data::Table;
    use arrears_data::arrow::array::{ArrayRef, Float64Array, StringArray};
    use proptest::prelude::*;
    use std::collections::BTreeSet;
    use std::sync::Arc;

    /// What is counted where `ids` come in chunks of some rows.
    fn repeated(ids: &[ArrayRef]) -> u64 {
        let column = IdColumn::Named("id".to_owned());
        let mut counted = Ids::default();
        for array in ids {
            let lines = (0..array.len() as u64).collect();
            let table = Table::new(vec![("id".to_owned(), array.clone())], lines).unwrap();
            counted.add(Seen::of(&column, &table, &[]));
        }
        counted.finish(&column).unwrap().repeated
    }

    proptest! {
        /// Files in the order of their ids, nearly so, and not at all.
        #[test]
        fn ids_in_any_order_count_as_a_set_does(
            steps in prop::collection::vec(prop_oneof![8 => 1i32..4, 1 => -3i32..=0], 0..400),
            start in 0i32..20,
            rows in 1usize..90,
        ) {
            let numbers: Vec<i32> = steps.iter().scan(start, |at, step| { *at += step; Some(*at) }).collect();
            let expected = (numbers.len() - numbers.iter().collect::<BTreeSet<_>>().len()) as u64;
            let part = |part: &[i32]| -> (ArrayRef, ArrayRef) {
                let texts = StringArray::from_iter_values(part.iter().map(|n| n.to_string()));
                let numbers = Float64Array::from_iter_values(part.iter().map(|n| f64::from(*n)));
                (Arc::new(texts), Arc::new(numbers))
            };
            let (texts, numbers): (Vec<ArrayRef>, Vec<ArrayRef>) = numbers.chunks(rows).map(part).unzip();
            prop_assert_eq!(repeated(&texts), expected);
            prop_assert_eq!(repeated(&numbers), expected);
        }
    }

    #[test]
    fn runs_on_disk_count_as_a_set_does() {
        for (rows, values) in [(0, 1), (99, 50), (100, 1_000), (101, 7), (1_000, 900), (1_234, 100_000)] {
            let hash = |n: u64| n.wrapping_mul(0x9e37_79b9_7f4a_7c15) % values;
            let hashes: Vec<u64> = (0..rows).map(hash).collect();
            let different = hashes.iter().collect::<BTreeSet<_>>().len() as u64;
            let mut ids = Ids::default();
            hashes
                .chunks(37)
                .for_each(|part| ids.add(Seen { hashes: part.to_vec(), blank: 1, ascending: None }));
            let counted = ids.finish(&IdColumn::Named("id".to_owned())).unwrap();
            assert_eq!(counted.repeated, rows - different);
            assert_eq!(counted.blank, rows.div_ceil(37));
        }
    }
}
