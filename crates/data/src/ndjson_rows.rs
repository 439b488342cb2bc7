//! NDJSON as chunks of text columns: one object a line, each value a string, number, true, false or null.

use crate::columns::{MAX_COLUMNS, shorten};
use crate::error::DataError;
use crate::source::{CHUNK_BYTES, CHUNK_VALUES, Chunk, NOT_UTF8, ReadOptions, Unreadable, read_error};
use crate::table::Table;
use crate::text_fault::MAX_RECORD;
use arrow::array::{ArrayBuilder, ArrayRef, StringBuilder};
use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, Visitor};
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;
use std::io::{BufRead, BufReader, Read};
use std::sync::Arc;

/// Reads lines. The first chunk is read at once, because the columns are the keys of its rows.
pub(crate) struct NdjsonRows {
    name: String,
    reader: BufReader<Box<dyn Read + Send>>,
    columns: Vec<String>,
    positions: HashMap<String, usize>,
    line: u64,
    buffer: Vec<u8>,
    chunk_rows: usize,
    first: Option<Chunk>,
    notes: Vec<String>,
}

/// A row's values in the order of the keys: position of the column, and the text (`None` for null).
type Row = Vec<(usize, Option<String>)>;

/// What is wrong with a line: the key at fault, what stood there, what was expected.
type Fault = (Option<String>, String, String);

impl NdjsonRows {
    pub(crate) fn new(
        name: &str,
        stream: Box<dyn Read + Send>,
        options: &ReadOptions,
    ) -> Result<NdjsonRows, DataError> {
        let mut rows = NdjsonRows {
            name: name.to_owned(),
            reader: BufReader::with_capacity(1 << 16, stream),
            columns: Vec::new(),
            positions: HashMap::new(),
            line: 0,
            buffer: Vec::new(),
            chunk_rows: options.chunk_rows.max(1),
            first: None,
            notes: Vec::new(),
        };
        rows.first = rows.read_chunk()?;
        if rows.first.is_none() {
            return Err(DataError::Empty { name: name.to_owned(), expected: "one JSON object a line" });
        }
        Ok(rows)
    }

    pub(crate) fn columns(&self) -> &[String] {
        &self.columns
    }

    pub(crate) fn notes(&self) -> &[String] {
        &self.notes
    }

    pub(crate) fn next_chunk(&mut self) -> Result<Option<Chunk>, DataError> {
        if let Some(first) = self.first.take() {
            return Ok(Some(first));
        }
        let known = self.columns.len();
        let chunk = self.read_chunk()?;
        for column in &self.columns[known..] {
            self.notes.push(format!("key `{column}` first appears in a later part of the file"));
        }
        Ok(chunk)
    }

    fn read_chunk(&mut self) -> Result<Option<Chunk>, DataError> {
        let mut builders: Vec<StringBuilder> = Vec::new();
        let (mut lines, mut unreadable, mut bytes) = (Vec::new(), Vec::new(), 0);
        let mut values = 0;
        while lines.len() + unreadable.len() < self.chunk_rows && bytes < CHUNK_BYTES && values < CHUNK_VALUES
        {
            if !self.read_line()? {
                break;
            }
            let text = self.buffer.trim_ascii();
            if text.is_empty() {
                continue;
            }
            bytes += text.len();
            match parse(text, &mut self.columns, &mut self.positions) {
                Ok(row) => {
                    append(&mut builders, row, lines.len());
                    lines.push(self.line);
                    values += self.columns.len();
                }
                Err((column, value, why)) => {
                    unreadable.push(Unreadable { line: self.line, column, value, why });
                }
            }
            if self.columns.len() > MAX_COLUMNS {
                let problem = format!("more than {MAX_COLUMNS} different keys up to line {}", self.line);
                return Err(DataError::TooLarge { name: self.name.clone(), problem });
            }
        }
        if lines.is_empty() && unreadable.is_empty() {
            return Ok(None);
        }
        builders.resize_with(self.columns.len(), StringBuilder::new);
        let arrays = builders.into_iter().map(|mut builder| {
            fill(&mut builder, lines.len());
            Arc::new(builder.finish()) as ArrayRef
        });
        let table = Table::new(self.columns.iter().cloned().zip(arrays).collect(), lines)?;
        Ok(Some(Chunk { table, unreadable }))
    }

    fn read_line(&mut self) -> Result<bool, DataError> {
        self.buffer.clear();
        let mut limited = self.reader.by_ref().take(MAX_RECORD + 1);
        let count = limited.read_until(b'\n', &mut self.buffer).map_err(|e| read_error(&self.name, e))?;
        self.line += 1;
        if count as u64 > MAX_RECORD {
            let problem = format!("line {} is longer than 64 MiB", self.line);
            return Err(DataError::TooLarge { name: self.name.clone(), problem });
        }
        Ok(count > 0)
    }
}

/// Adds the values of a row. A column is filled up with null only when its next value comes, so that the
/// cost of a row does not grow with the keys that it lacks.
fn append(builders: &mut Vec<StringBuilder>, row: Row, rows_before: usize) {
    for (at, text) in row {
        if at >= builders.len() {
            builders.resize_with(at + 1, StringBuilder::new);
        }
        fill(&mut builders[at], rows_before);
        builders[at].append_option(text);
    }
}

fn fill(builder: &mut StringBuilder, rows: usize) {
    builder.append_nulls(rows - builder.len());
}

/// Reads one line; new keys are added to `columns` only when the whole line is good.
fn parse(
    line: &[u8],
    columns: &mut Vec<String>,
    positions: &mut HashMap<String, usize>,
) -> Result<Row, Fault> {
    let text = std::str::from_utf8(line)
        .map_err(|_| (None, shorten(&String::from_utf8_lossy(line)), NOT_UTF8.to_owned()))?;
    let object: Object<'_> = serde_json::from_str(text)
        .map_err(|e| (None, shorten(text), format!("expected one JSON object ({e})")))?;
    let mut values: Vec<(String, Option<String>)> = Vec::with_capacity(object.0.len());
    let mut seen = std::collections::HashSet::new();
    for (key, raw) in object.0 {
        let key = key.trim().to_owned();
        if key.is_empty() {
            return Err((None, shorten(raw.get()), "expected a key that is not empty".to_owned()));
        }
        if !seen.insert(key.clone()) {
            return Err((Some(key), shorten(raw.get()), "the key is given twice".to_owned()));
        }
        match scalar(raw) {
            Ok(value) => values.push((key, value)),
            Err(why) => return Err((Some(key), shorten(raw.get()), why)),
        }
    }
    let placed = values.into_iter().map(|(key, value)| {
        let at = positions.get(&key).copied().unwrap_or_else(|| {
            columns.push(key.clone());
            positions.insert(key, columns.len() - 1);
            columns.len() - 1
        });
        (at, value)
    });
    Ok(placed.collect())
}

/// The text of a scalar: strings unescaped, numbers as they were written.
fn scalar(raw: &RawValue) -> Result<Option<String>, String> {
    let text = raw.get();
    match text.as_bytes().first() {
        Some(b'n') => Ok(None),
        Some(b'"') => serde_json::from_str(text).map(Some).map_err(|e| format!("expected a string ({e})")),
        Some(b'{' | b'[') => Err("expected a string, number, true, false or null, not a nested value".into()),
        _ => Ok(Some(text.to_owned())),
    }
}

/// The pairs of a JSON object in file order, repeated keys included.
struct Object<'a>(Vec<(Cow<'a, str>, &'a RawValue)>);

impl<'de> Deserialize<'de> for Object<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Pairs;
        impl<'de> Visitor<'de> for Pairs {
            type Value = Object<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a JSON object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut pairs = Vec::new();
                while let Some((Key(key), value)) = map.next_entry()? {
                    // A line of some megabytes can have millions.
                    if pairs.len() == MAX_COLUMNS {
                        return Err(A::Error::custom(format!("it has more than {MAX_COLUMNS} keys")));
                    }
                    pairs.push((key, value));
                }
                Ok(Object(pairs))
            }
        }
        deserializer.deserialize_map(Pairs)
    }
}

#[derive(serde::Deserialize)]
struct Key<'a>(#[serde(borrow)] Cow<'a, str>);
