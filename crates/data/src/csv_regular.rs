//! Rows without quotes that have as many fields as the header, read column by column: the second of two passes.
//!
//! The first ([`crate::csv_ends`]) found where fields end. A field of known length is read without looking for its end, and all of a
//! column in one loop, so that the processor works on several fields at once. All other rows go the way of
//! [`crate::csv_chunk`], which this one must agree with.

use crate::csv_column::Column;
use crate::csv_ends::{Ends, Rows};
use crate::csv_scan::Scan;
use crate::csv_short_texts::short_text_of;
use crate::number_of_length::number_of_length;
use crate::plain_number::leading_number;
use pulp::NullaryFnOnce;
use pulp::x86::V3;

/// Reads regular rows; only where the processor has AVX2.
pub(crate) struct Regular {
    simd: V3,
    ends: Ends,
}

impl Regular {
    pub(crate) fn new() -> Option<Regular> {
        Some(Regular { simd: V3::try_new()?, ends: Ends::new() })
    }

    /// Reads rows from `at` on, at most `most`, as long as they are regular. Returns how many, and where they end.
    pub(crate) fn rows(
        &mut self,
        scan: Scan<'_>,
        at: usize,
        most: usize,
        columns: &mut [Column],
    ) -> (usize, usize) {
        // A record of one field may be blank or not, whatever its ends are.
        if columns.len() < 2 {
            return (0, at);
        }
        self.simd.vectorize(Step { simd: self.simd, ends: &mut self.ends, scan, at, most, columns })
    }
}

/// What is compiled for AVX2.
struct Step<'a, 'b> {
    simd: V3,
    ends: &'a mut Ends,
    scan: Scan<'b>,
    at: usize,
    most: usize,
    columns: &'a mut [Column],
}

impl NullaryFnOnce for Step<'_, '_> {
    type Output = (usize, usize);

    #[inline(always)]
    fn call(self) -> (usize, usize) {
        let Step { simd, ends, scan: Scan { bytes, delimiter }, at, most, columns } = self;
        let rows = ends.rows(simd, bytes, delimiter, at, (columns.len(), most));
        if rows.count() == 0 {
            return (0, at);
        }
        for (position, column) in columns.iter_mut().enumerate() {
            read(simd, &rows, position, column);
        }
        (rows.count(), rows.end())
    }
}

/// Adds a field of each row to its column.
#[inline(always)]
fn read(simd: V3, rows: &Rows<'_>, position: usize, column: &mut Column) {
    let bytes = rows.bytes;
    match column {
        Column::Nothing => {}
        Column::Text(texts) => rows.fields(position).for_each(|(start, end)| texts.push(&bytes[start..end])),
        Column::Number(numbers) => {
            for (start, end) in rows.fields(position) {
                let number =
                    number_of_length(simd, bytes, start, end).or_else(|| other_number(bytes, start, end));
                match number.filter(|x| numbers.field.takes(*x)) {
                    Some(x) => numbers.values.push(x),
                    None => numbers.push(&bytes[start..end]),
                }
            }
        }
        Column::Category(categories) => {
            for (start, end) in rows.fields(position) {
                match short_text_of(bytes, start, end) {
                    Some(short) => categories.push_short(short, &bytes[start..end]),
                    None => categories.push(&bytes[start..end]),
                }
            }
        }
    }
}

/// A number that is long, has an exponent, or stands near the start.
#[cold]
fn other_number(bytes: &[u8], start: usize, end: usize) -> Option<f64> {
    leading_number(&bytes[start..end]).filter(|(_, length)| *length == end - start).map(|(x, _)| x)
}

#[cfg(test)]
mod tests {
    use super::Regular;
    use crate::csv_column::Column;
    use crate::csv_scan::Scan;
    use crate::wanted::Wanted;

    /// How many of the first rows are read here.
    fn taken(text: &[u8], width: usize, most: usize) -> Option<usize> {
        let mut regular = Regular::new()?;
        let mut columns: Vec<Column> = (0..width).map(|_| Column::new(&Wanted::Category, 9, 9)).collect();
        let (rows, end) = regular.rows(Scan { bytes: text, delimiter: b',' }, 0, most, &mut columns);
        let feeds = text.iter().enumerate().filter(|(_, byte)| **byte == b'\n').map(|(at, _)| at + 1);
        let expected = std::iter::once(0).chain(feeds).nth(rows);
        assert_eq!(expected, Some(end));
        Some(rows)
    }

    #[test]
    fn rows_up_to_the_first_that_is_odd() {
        let Some(all) = taken(&b"a,b\n".repeat(50), 2, 1_000) else { return };
        assert_eq!(all, 50);
        let odd: [(&[u8], usize); 9] = [
            (b"a,b,c\n", 50),
            (b"a\n", 50),
            (b"\n", 50),
            (b"\"a\",b\n", 50),
            (b"a,\"b\"\n", 50),
            (b"a,\xff\n", 50),
            (b"\xff,b\n", 50),
            ("ä,ü\r\n".as_bytes(), 101),
            (b"a,b\"\n", 50),
        ];
        for (row, expected) in odd {
            let text = [&b"a,b\n".repeat(50)[..], row, &b"a,b\n".repeat(50)].concat();
            assert_eq!(taken(&text, 2, 1_000), Some(expected), "{}", String::from_utf8_lossy(row));
            assert_eq!(taken(&text, 2, 7), Some(7));
        }
        assert_eq!(taken(b"a,b\nc,d", 2, 9), Some(1));
        assert_eq!(taken(b"a\nb\n", 1, 9), Some(0));
    }
}
