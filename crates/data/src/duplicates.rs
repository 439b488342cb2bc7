//! Rows that repeat an earlier row.

use crate::table::{ColumnData, ColumnRef, Table};
use arrow::array::Array;
use std::hash::{DefaultHasher, Hasher};

/// True for each row that equals an earlier one in all of `columns`, among the rows where `alive` holds.
/// Values are compared as they stood in the file.
pub(crate) fn repeated(table: &Table, columns: &[ColumnRef<'_>], alive: &[bool]) -> Vec<bool> {
    let hashes: Vec<u64> = (0..table.rows()).map(|row| hash(columns, row)).collect();
    let mut order: Vec<usize> = (0..table.rows()).filter(|row| alive[*row]).collect();
    order.sort_unstable_by_key(|row| (hashes[*row], *row));
    let mut repeated = vec![false; table.rows()];
    for group in order.chunk_by(|a, b| hashes[*a] == hashes[*b]) {
        // Rows of one hash are nearly always one value; different values are told apart all the same.
        let mut firsts: Vec<usize> = Vec::new();
        for row in group {
            match firsts.iter().any(|first| columns.iter().all(|c| same(*c, *first, *row))) {
                true => repeated[*row] = true,
                false => firsts.push(*row),
            }
        }
    }
    repeated
}

fn hash(columns: &[ColumnRef<'_>], row: usize) -> u64 {
    let mut hasher = DefaultHasher::new();
    for column in columns {
        match column.data() {
            ColumnData::Text(texts) if texts.is_valid(row) => {
                hasher.write(texts.value(row).as_bytes());
                hasher.write_u8(0xff);
            }
            ColumnData::Number(numbers) if numbers.is_valid(row) => {
                hasher.write_u64(numbers.value(row).to_bits());
            }
            ColumnData::Integer(numbers) if numbers.is_valid(row) => hasher.write_i64(numbers.value(row)),
            _ => hasher.write_u8(0xfe),
        }
    }
    hasher.finish()
}

fn same(column: ColumnRef<'_>, a: usize, b: usize) -> bool {
    match column.data() {
        ColumnData::Text(x) => x.is_valid(a) == x.is_valid(b) && (x.is_null(a) || x.value(a) == x.value(b)),
        ColumnData::Number(x) => {
            x.is_valid(a) == x.is_valid(b) && (x.is_null(a) || x.value(a).to_bits() == x.value(b).to_bits())
        }
        ColumnData::Integer(x) => {
            x.is_valid(a) == x.is_valid(b) && (x.is_null(a) || x.value(a) == x.value(b))
        }
    }
}
