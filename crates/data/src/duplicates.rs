//! Rows that repeat an earlier row.

use crate::different::quick_hash;
use crate::table::{ColumnData, ColumnRef, Table};
use arrow::array::Array;
use hashbrown::HashTable;
use hashbrown::hash_table::Entry;
use rayon::prelude::*;

/// Rows that are hashed at once, column after column.
const CHUNK: usize = 1 << 13;

/// True for each row that equals an earlier one in all of `columns`, among the rows where `alive` holds.
/// Values are compared as they stood in the file.
pub(crate) fn repeated(table: &Table, columns: &[ColumnRef<'_>], alive: &[bool]) -> Vec<bool> {
    let hashes = hashes(table.rows(), columns);
    let mut firsts: HashTable<usize> = HashTable::new();
    let mut repeats = |row: usize| {
        let equal = |first: &usize| columns.iter().all(|c| same(*c, *first, row));
        match firsts.entry(hashes[row], equal, |first| hashes[*first]) {
            Entry::Occupied(_) => true,
            Entry::Vacant(place) => {
                place.insert(row);
                false
            }
        }
    };
    (0..table.rows()).map(|row| alive[row] && repeats(row)).collect()
}

/// A hash of each row's values in `columns`.
fn hashes(rows: usize, columns: &[ColumnRef<'_>]) -> Vec<u64> {
    let hasher = quick_hash();
    let text = |text: Option<&str>| text.map_or(MISSING, |text| hasher.hash_one(text));
    // The texts of a dictionary may repeat, and are hashed once each.
    let of_texts: Vec<Vec<u64>> = columns
        .iter()
        .map(|column| match column.data() {
            ColumnData::Category { texts, .. } => texts.iter().map(text).collect(),
            _ => Vec::new(),
        })
        .collect();
    let mut hashes = vec![hasher.hash_one(0); rows];
    hashes.par_chunks_mut(CHUNK).enumerate().for_each(|(chunk, hashes)| {
        for (column, of_texts) in columns.iter().zip(&of_texts) {
            let rows = chunk * CHUNK..;
            let hashes = hashes.iter_mut().zip(rows);
            match column.data() {
                ColumnData::Text(x) => hashes.for_each(|(hash, row)| {
                    *hash = mixed(*hash, text(x.is_valid(row).then(|| x.value(row))));
                }),
                ColumnData::Category { codes: x, .. } => hashes.for_each(|(hash, row)| {
                    let text = x.is_valid(row).then(|| of_texts[x.value(row) as usize]);
                    *hash = mixed(*hash, text.unwrap_or(MISSING));
                }),
                ColumnData::Number(x) => hashes.for_each(|(hash, row)| {
                    let number = x.is_valid(row).then(|| x.value(row).to_bits());
                    *hash = mixed(*hash, number.unwrap_or(MISSING));
                }),
                ColumnData::Integer(x) => hashes.for_each(|(hash, row)| {
                    let number = x.is_valid(row).then(|| x.value(row) as u64);
                    *hash = mixed(*hash, number.unwrap_or(MISSING));
                }),
            }
        }
    });
    hashes
}

/// Stands for a missing value; a value of the same hash is told apart by [`same`].
const MISSING: u64 = 0x9e37_79b9_7f4a_7c15;

fn mixed(hash: u64, value: u64) -> u64 {
    let wide = u128::from(hash ^ value) * u128::from(MISSING);
    (wide as u64) ^ (wide >> 64) as u64
}

fn same(column: ColumnRef<'_>, a: usize, b: usize) -> bool {
    match column.data() {
        ColumnData::Text(x) => x.is_valid(a) == x.is_valid(b) && (x.is_null(a) || x.value(a) == x.value(b)),
        ColumnData::Category { codes, .. } => {
            codes.is_valid(a) == codes.is_valid(b) && (codes.is_null(a) || column.value(a) == column.value(b))
        }
        ColumnData::Number(x) => {
            x.is_valid(a) == x.is_valid(b) && (x.is_null(a) || x.value(a).to_bits() == x.value(b).to_bits())
        }
        ColumnData::Integer(x) => {
            x.is_valid(a) == x.is_valid(b) && (x.is_null(a) || x.value(a) == x.value(b))
        }
    }
}
