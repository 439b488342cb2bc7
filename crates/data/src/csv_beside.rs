//! The fast CSV reader beside the plain one, row by row.

use crate::csv_file::{CsvFile, CsvPiece};
use crate::csv_rows::CsvRows;
use crate::error::DataError;
use crate::source::{Chunk, ReadOptions, Unreadable};
use crate::table::Table;
use crate::wanted::Asked;
use arrears_model::value::Value;
use std::io::Cursor;

/// All that a reader says: columns, notes, rows as text with their lines, rows that cannot be read, and how it ended.
#[derive(Debug, PartialEq)]
struct Said {
    columns: Vec<String>,
    notes: Vec<String>,
    rows: Vec<(u64, Vec<Option<String>>)>,
    unreadable: Vec<Unreadable>,
}

fn text(value: Value<'_>) -> Option<String> {
    match value {
        Value::Text(text) => Some(text.to_owned()),
        Value::Number(x) => panic!("{x} where text was asked for"),
        Value::Missing => None,
    }
}

fn rows(table: &Table) -> Vec<(u64, Vec<Option<String>>)> {
    let width = table.columns().len();
    let cells = |row| (0..width).map(|at| text(table.column_at(at).value(row))).collect();
    (0..table.rows()).map(|row| (table.line(row), cells(row))).collect()
}

fn said(columns: Vec<String>, notes: Vec<String>, chunks: Vec<Chunk>) -> Said {
    let mut said = Said { columns, notes, rows: Vec::new(), unreadable: Vec::new() };
    for chunk in chunks {
        said.rows.extend(rows(&chunk.table));
        said.unreadable.extend(chunk.unreadable);
    }
    said
}

/// Columns, notes and chunks.
pub(crate) type Read = (Vec<String>, Vec<String>, Vec<Chunk>);

pub(crate) fn plainly(bytes: &[u8], options: &ReadOptions) -> Result<Read, DataError> {
    let mut plain = CsvRows::new("t", bytes.to_vec(), Box::new(Cursor::new(Vec::new())), options)?;
    let mut chunks = Vec::new();
    while let Some(chunk) = plain.next_chunk()? {
        chunks.push(chunk);
    }
    Ok((plain.columns().to_vec(), plain.notes().to_vec(), chunks))
}

pub(crate) fn fast(bytes: &[u8], options: &ReadOptions, asked: Option<&Asked>) -> Result<Read, DataError> {
    let mut file = CsvFile::new("t", bytes.to_vec(), Box::new(Cursor::new(Vec::new())), options)?;
    asked.into_iter().for_each(|asked| file.ask(asked));
    let mut chunks = Vec::new();
    while let Some(pieces) = file.next_pieces()? {
        for piece in pieces {
            chunks.extend(piece.chunks()?);
        }
    }
    Ok((file.columns().to_vec(), file.notes().to_vec(), chunks))
}

/// All rows as one piece, so that many rows in a row are regular; where the bytes can be read to their end.
pub(crate) fn fast_in_one(bytes: &[u8], options: &ReadOptions, asked: Option<&Asked>) -> Option<Read> {
    let mut file = CsvFile::new("t", bytes.to_vec(), Box::new(Cursor::new(Vec::new())), options).ok()?;
    asked.into_iter().for_each(|asked| file.ask(asked));
    let mut pieces = Vec::new();
    while let Some(more) = file.next_pieces().ok()? {
        pieces.extend(more);
    }
    let chunks = CsvPiece::joined(pieces).map_or(Ok(Vec::new()), |piece| piece.chunks()).ok()?;
    Some((file.columns().to_vec(), file.notes().to_vec(), chunks))
}

/// Panics where the two readers differ over bytes without a byte order mark.
pub(crate) fn check(bytes: &[u8], options: &ReadOptions) {
    let plain = plainly(bytes, options).map(|(columns, notes, chunks)| said(columns, notes, chunks));
    let sized = |(columns, notes, chunks): Read| {
        let sizes = chunks.iter().map(|chunk| chunk.table.rows() + chunk.unreadable.len());
        sizes.for_each(|size| assert!((1..=options.chunk_rows).contains(&size)));
        said(columns, notes, chunks)
    };
    if let (Ok(plain), Some(fast)) = (&plain, fast_in_one(bytes, options, None)) {
        assert_eq!(*plain, sized(fast));
    }
    let fast = fast(bytes, options, None).map(sized);
    match (plain, fast) {
        (Ok(plain), Ok(fast)) => assert_eq!(plain, fast),
        (Err(plain), Err(fast)) => assert_eq!(plain.to_string(), fast.to_string()),
        (plain, fast) => panic!("plain: {plain:?}\nfast: {fast:?}"),
    }
}

/// Panics where the fast CSV reader, its pieces cut small, says something else of any bytes than the plain one.
#[cfg(fuzzing)]
pub fn csv_readers_agree(mut bytes: &[u8], chunk_rows: usize) {
    // As `Source` does it.
    while let Some(rest) = bytes.strip_prefix(b"\xef\xbb\xbf") {
        bytes = rest;
    }
    check(bytes, &ReadOptions { chunk_rows, ..ReadOptions::default() });
}
