//! A piece of CSV as chunks: each field is looked at once, and only what was asked for is kept.

use crate::columns::shorten;
use crate::csv_column::Column;
use crate::csv_cut::RawPiece;
use crate::csv_regular::Regular;
use crate::csv_scan::{Found, Scan};
use crate::csv_short_texts::short_text;
use crate::error::DataError;
use crate::plain_number::leading_number;
use crate::source::{CHUNK_VALUES, Chunk, NOT_UTF8, Unreadable};
use crate::table::Table;
use crate::wanted::Wanted;
use arrow::array::ArrayRef;

/// What is known of a file before its rows are read.
#[derive(Clone)]
pub(crate) struct Layout {
    pub(crate) columns: Vec<String>,
    pub(crate) wanted: Vec<Wanted>,
    pub(crate) delimiter: u8,
    pub(crate) chunk_rows: usize,
}

/// Fields of a record with too many that are enough to show how it begins: each is at least its delimiter.
const SHOWN: usize = 64;

/// A way through the records of a piece.
struct Walk<'a> {
    scan: Scan<'a>,
    at: usize,
    /// Line of the byte at `at`.
    line: u64,
    scratch: Vec<u8>,
    regular: Option<Regular>,
}

/// What a record turned out to be.
enum Record {
    Row,
    /// A blank line, or one with nothing but a carriage return.
    Blank,
    Unreadable(Unreadable),
    /// It has other fields than the header, or bytes that may not be UTF-8: to be looked at again.
    Doubtful,
}

/// The rows of a piece.
pub(crate) fn chunks(layout: &Layout, piece: &RawPiece) -> Result<Vec<Chunk>, DataError> {
    let bytes = &piece.bytes[..];
    let scan = Scan { bytes, delimiter: layout.delimiter };
    let mut walk = Walk::new(scan, 0, piece.line);
    let mut chunks = Vec::new();
    while let Some(chunk) = walk.chunk(layout)? {
        chunks.push(chunk);
    }
    Ok(chunks)
}

/// The first record that is not blank, with `most` of its fields; `None` where there is none.
pub(crate) fn first_record(delimiter: u8, bytes: &[u8], most: usize) -> Option<Found> {
    let scan = Scan { bytes, delimiter };
    let mut at = 0;
    while at < bytes.len() {
        let found = scan.record(at, most);
        if bytes[at] != b'\n' && !found.is_blank() {
            return Some(found);
        }
        at = found.end;
    }
    None
}

impl<'a> Walk<'a> {
    fn new(scan: Scan<'a>, at: usize, line: u64) -> Walk<'a> {
        Walk { scan, at, line, scratch: Vec::new(), regular: Regular::new() }
    }

    /// The next rows; `None` where there are none left.
    fn chunk(&mut self, layout: &Layout) -> Result<Option<Chunk>, DataError> {
        let (start, line) = (self.at, self.line);
        let (mut columns, lines, unreadable) = self.rows(layout, &layout.wanted);
        if lines.is_empty() && unreadable.is_empty() {
            return Ok(None);
        }
        let odd: Vec<bool> = columns.iter().map(Column::is_odd).collect();
        if odd.contains(&true) {
            let as_text = |odd: &bool| if *odd { Wanted::AsItStands } else { Wanted::Nothing };
            let again: Vec<Wanted> = odd.iter().map(as_text).collect();
            let scan = Scan { bytes: &self.scan.bytes[..self.at], ..self.scan };
            let mut walk = Walk::new(scan, start, line);
            let (texts, ..) = walk.rows(layout, &again);
            let odd = columns.iter_mut().zip(texts).filter(|(column, _)| column.is_odd());
            odd.for_each(|(column, texts)| *column = texts);
        }
        let mut arrays: Vec<(String, ArrayRef)> = Vec::with_capacity(columns.len());
        for (name, column) in layout.columns.iter().zip(columns) {
            arrays.extend(column.finish()?.map(|array| (name.clone(), array)));
        }
        Ok(Some(Chunk { table: Table::of_columns(arrays, lines)?, unreadable }))
    }

    /// Reads records until a chunk is full.
    fn rows(&mut self, layout: &Layout, wanted: &[Wanted]) -> (Vec<Column>, Vec<u64>, Vec<Unreadable>) {
        let (width, left) = (wanted.len().max(1), self.scan.bytes.len() - self.at);
        let most = layout.chunk_rows.min(CHUNK_VALUES / width).max(1);
        let room = most.min(left / (2 * width) + 1);
        let mut columns: Vec<Column> =
            wanted.iter().map(|wanted| Column::new(wanted, room, left / width)).collect();
        let (mut lines, mut unreadable) = (Vec::with_capacity(room), Vec::new());
        while lines.len() + unreadable.len() < most && self.at < self.scan.bytes.len() {
            if let Some(regular) = &mut self.regular {
                let left = most - lines.len() - unreadable.len();
                let (rows, end) = regular.rows(self.scan, self.at, left, &mut columns);
                if rows > 0 {
                    lines.extend(self.line..self.line + rows as u64);
                    (self.at, self.line) = (end, self.line + rows as u64);
                    continue;
                }
            }
            let line = self.line;
            let mut record = self.record(&mut columns);
            if let Record::Doubtful = record {
                columns.iter_mut().for_each(|column| column.truncate(lines.len()));
                record = self.doubtful(layout, &mut columns);
            }
            match record {
                Record::Row => lines.push(line),
                Record::Unreadable(row) => unreadable.push(row),
                Record::Blank | Record::Doubtful => {}
            }
        }
        (columns, lines, unreadable)
    }

    /// Reads a record; where it is UTF-8 and has as many fields as the header, the walk goes on behind it.
    #[inline]
    fn record(&mut self, columns: &mut [Column]) -> Record {
        let Scan { bytes, delimiter } = self.scan;
        if bytes[self.at] == b'\n' {
            self.at += 1;
            self.line += 1;
            return Record::Blank;
        }
        let (mut at, mut feeds, last) = (self.at, 1, columns.len() - 1);
        for (position, column) in columns.iter_mut().enumerate() {
            if let Column::Number(numbers) = column
                && let Some((x, length)) = leading_number(&bytes[at..])
                && ends(bytes, at + length, delimiter, position == last)
                && numbers.field.takes(x)
            {
                numbers.values.push(x);
                at += length + usize::from(bytes.get(at + length) == Some(&b'\r')) + 1;
                continue;
            }
            if let Column::Category(categories) = column
                && let Some((text, length)) = short_text(&bytes[at..], delimiter, position == last)
            {
                categories.push_short(text, &bytes[at..at + length]);
                at += length + 1;
                continue;
            }
            let field = self.scan.field(at, &mut self.scratch);
            if bytes.get(at) == Some(&b'"') {
                feeds += memchr::memchr_iter(b'\n', &bytes[at..field.end]).count() as u64;
            }
            let mut text = field.plain.map_or(&self.scratch[..], |(start, end)| &bytes[start..end]);
            let ended = match bytes.get(field.end) {
                Some(byte) if position < last => *byte == delimiter,
                Some(byte) => *byte == b'\n',
                None => position == last,
            };
            // What is read as a number is ASCII anyway. Text that is UTF-8 with its quotes is so without them.
            let raw = &bytes[at..field.end];
            if !ended || !(raw.is_ascii() || std::str::from_utf8(raw).is_ok()) {
                return Record::Doubtful;
            }
            if position == last {
                if position == 0 && text == b"\r" {
                    (self.at, self.line) = (bytes.len().min(field.end + 1), self.line + feeds);
                    return Record::Blank;
                }
                text = without_return(text);
            }
            column.push(text);
            at = field.end + 1;
        }
        (self.at, self.line) = (at.min(bytes.len()), self.line + feeds);
        Record::Row
    }

    /// Reads a record that may have any fields and any bytes.
    fn doubtful(&mut self, layout: &Layout, columns: &mut [Column]) -> Record {
        let (start, line) = (self.at, self.line);
        let found = self.scan.record(start, layout.columns.len().max(SHOWN));
        self.at = found.end;
        self.line += memchr::memchr_iter(b'\n', &self.scan.bytes[start..found.end]).count() as u64;
        if self.scan.bytes[start] == b'\n' || found.is_blank() {
            return Record::Blank;
        }
        if let Err(row) = check(layout, &found, line) {
            return Record::Unreadable(row);
        }
        let last = found.count - 1;
        for (at, (column, text)) in columns.iter_mut().zip(&found.fields).enumerate() {
            column.push(if at == last { without_return(text) } else { text });
        }
        Record::Row
    }
}

/// Whether a field that has no quotes ends here.
#[inline]
fn ends(bytes: &[u8], at: usize, delimiter: u8, last: bool) -> bool {
    match bytes.get(at) {
        Some(byte) if !last => *byte == delimiter,
        Some(b'\r') => bytes.get(at + 1) == Some(&b'\n'),
        Some(byte) => *byte == b'\n',
        None => last,
    }
}

/// The last field of a record without the carriage return that stands before the line feed.
#[inline]
pub(crate) fn without_return(text: &[u8]) -> &[u8] {
    text.strip_suffix(b"\r").unwrap_or(text)
}

/// Whether a record has the fields of the header, all of them UTF-8.
fn check(layout: &Layout, found: &Found, line: u64) -> Result<(), Unreadable> {
    let Found { fields, count: found, .. } = found;
    let expected = layout.columns.len();
    if *found != expected {
        let fields: Vec<_> = fields.iter().map(|field| String::from_utf8_lossy(field)).collect();
        let why = format!("expected {expected} fields as in the header, found {found}");
        return Err(Unreadable { line, column: None, value: shorten(fields.join(",").trim_end()), why });
    }
    let named = layout.columns.iter().zip(fields);
    for (column, bytes) in named {
        if std::str::from_utf8(bytes).is_err() {
            return Err(Unreadable {
                line,
                column: Some(column.clone()),
                value: shorten(&String::from_utf8_lossy(bytes)),
                why: NOT_UTF8.to_owned(),
            });
        }
    }
    Ok(())
}
