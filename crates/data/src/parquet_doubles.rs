//! Parquet columns of doubles: as codes of a dictionary while they are few different ones, as they are from then on.
//!
//! Counts and shares take a few bits a row, and what is compressed is that much less. The column writer of the parquet crate
//! could do the same, but spends several times as long on each value. The layout is that of the Parquet format: a
//! dictionary page, then data pages, each of codes or plain.

use crate::parquet_codes::{packed, varint};
use arrow::array::{Array, BooleanBufferBuilder, Float64Array};
use bytes::Bytes;
use parquet::basic::{Compression, Encoding, PageType, ZstdLevel};
use parquet::column::page::{CompressedPage, Page, PageWriteSpec, PageWriter};
use parquet::column::writer::ColumnCloseResult;
use parquet::errors::Result;
use parquet::file::metadata::{ColumnChunkMetaData, PageEncodingStats};
use parquet::file::page_index::offset_index::{OffsetIndexMetaData, PageLocation};
use parquet::file::statistics::Statistics;
use parquet::file::writer::{SerializedPageWriter, TrackedWrite};
use parquet::schema::types::ColumnDescPtr;
use std::cell::RefCell;

/// Rows of a page.
const PAGE: usize = 1 << 14;

/// Different numbers that a dictionary holds at most.
const MOST: usize = 1 << 10;

/// Bits of a place in the table of a dictionary, which is a quarter full at most.
const PLACE_BITS: u32 = 12;

/// A place without a number.
const FREE: u16 = u16::MAX;

/// One column of a row group.
pub(crate) struct Doubles {
    /// The rows of the page in the making: which bear a number, and the numbers of those.
    there: BooleanBufferBuilder,
    numbers: Vec<f64>,
    dictionary: Dictionary,
    /// More different numbers have come than a dictionary holds.
    is_plain: bool,
    pages: Vec<Encoded>,
    /// Whether rows may lack a number.
    optional: bool,
    missing: u64,
    /// Smallest and largest number of plain pages; the other way round while there is none.
    range: [f64; 2],
}

/// A page as it stands in the file.
struct Encoded {
    page: CompressedPage,
    rows: usize,
    encoding: Encoding,
}

/// The different numbers, in the order in which they came.
struct Dictionary {
    numbers: Vec<f64>,
    /// By hash of a number, or the next free place behind it: its code.
    places: Vec<u16>,
}

impl Doubles {
    pub(crate) fn new(column: &ColumnDescPtr) -> Doubles {
        Doubles {
            there: BooleanBufferBuilder::new(PAGE),
            numbers: Vec::new(),
            dictionary: Dictionary { numbers: Vec::new(), places: vec![FREE; 1 << PLACE_BITS] },
            is_plain: false,
            pages: Vec::new(),
            optional: column.max_def_level() > 0,
            missing: 0,
            range: [f64::INFINITY, f64::NEG_INFINITY],
        }
    }

    /// Adds the rows of an array.
    pub(crate) fn add(&mut self, array: &Float64Array) -> Result<()> {
        let mut from = 0;
        while from < array.len() {
            let part = array.slice(from, (PAGE - self.there.len()).min(array.len() - from));
            from += part.len();
            match part.nulls().filter(|nulls| nulls.null_count() > 0) {
                None => {
                    self.there.append_n(part.len(), true);
                    self.numbers.extend_from_slice(part.values());
                }
                Some(nulls) => {
                    self.missing += nulls.null_count() as u64;
                    self.there.append_buffer(nulls.inner());
                    self.numbers.extend(nulls.valid_indices().map(|row| part.value(row)));
                }
            }
            if self.there.len() == PAGE {
                self.end_page()?;
            }
        }
        Ok(())
    }

    fn end_page(&mut self) -> Result<()> {
        let rows = self.there.len();
        if rows == 0 {
            return Ok(());
        }
        let mut bytes = Vec::with_capacity(self.numbers.len() + PAGE / 4);
        let there = self.there.finish();
        if self.optional {
            levels(&mut bytes, there.values(), rows, self.numbers.len());
        }
        let codes = if self.is_plain { None } else { self.dictionary.codes(&self.numbers) };
        self.is_plain = codes.is_none();
        let encoding = match codes {
            Some(codes) => {
                // Readers differ in whether a code may take no bit at all.
                let different = self.dictionary.numbers.len();
                let width = (usize::BITS - different.saturating_sub(1).leading_zeros()).max(1);
                bytes.push(width as u8);
                packed(&mut bytes, width, codes.len(), codes.iter().map(|code| u32::from(*code)));
                Encoding::RLE_DICTIONARY
            }
            None => {
                self.range = widened(self.range, &self.numbers);
                bytes.reserve(8 * self.numbers.len());
                self.numbers.iter().for_each(|number| bytes.extend_from_slice(&number.to_le_bytes()));
                Encoding::PLAIN
            }
        };
        self.numbers.clear();
        let page = Page::DataPage {
            buf: compressed(&bytes)?,
            num_values: rows as u32,
            encoding,
            def_level_encoding: Encoding::RLE,
            rep_level_encoding: Encoding::RLE,
            statistics: None,
        };
        self.pages.push(Encoded { page: CompressedPage::new(page, bytes.len()), rows, encoding });
        Ok(())
    }

    /// The column chunk, and what a row group has to know of it.
    pub(crate) fn close(mut self, column: ColumnDescPtr) -> Result<(Bytes, ColumnCloseResult)> {
        self.end_page()?;
        let mut out = TrackedWrite::new(Vec::new());
        let mut writer = SerializedPageWriter::new(&mut out);
        let (mut written, mut locations, mut rows) = (Vec::new(), Vec::new(), 0);
        let coded = self.pages.iter().any(|page| page.encoding == Encoding::RLE_DICTIONARY);
        let dictionary = coded.then(|| self.dictionary.page()).transpose()?;
        let dictionary = dictionary.map(|page| writer.write_page(page)).transpose()?;
        for Encoded { page, rows: own, encoding } in self.pages {
            let place = writer.write_page(page)?;
            locations.push(PageLocation {
                offset: place.offset as i64,
                compressed_page_size: place.compressed_size as i32,
                first_row_index: rows,
            });
            rows += own as i64;
            written.push((place, encoding));
        }
        writer.close()?;
        let bytes = Bytes::from(out.into_inner()?);
        // each number of the dictionary is in some page
        let statistics = statistics(widened(self.range, &self.dictionary.numbers), self.missing);
        let metadata = metadata(column, dictionary.as_ref(), &written, rows, statistics)?;
        // The file writer wants the place of the pages of all columns, or of none.
        let offset_index =
            OffsetIndexMetaData { page_locations: locations, unencoded_byte_array_data_bytes: None };
        let close = ColumnCloseResult {
            bytes_written: bytes.len() as u64,
            rows_written: rows as u64,
            metadata,
            bloom_filter: None,
            column_index: None,
            offset_index: Some(offset_index),
        };
        Ok((bytes, close))
    }
}

impl Dictionary {
    /// The codes of numbers; `None` where the dictionary cannot hold them all, or most of the first ones are different.
    fn codes(&mut self, numbers: &[f64]) -> Option<Vec<u16>> {
        let before = self.numbers.len();
        let mut codes = vec![0; numbers.len()];
        let all = codes.iter_mut().zip(numbers).all(|(code, number)| {
            let found = self.code(*number);
            *code = found.unwrap_or(FREE);
            found.is_some()
        });
        let pays = before > 0 || self.numbers.len() <= numbers.len() / 2;
        if !all || !pays {
            self.numbers.truncate(before);
            return None;
        }
        Some(codes)
    }

    #[inline]
    fn code(&mut self, number: f64) -> Option<u16> {
        let bits = number.to_bits();
        let mut place = (bits.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> (64 - PLACE_BITS)) as usize;
        loop {
            match self.places[place] {
                FREE if self.numbers.len() == MOST => return None,
                FREE => {
                    self.numbers.push(number);
                    self.places[place] = self.numbers.len() as u16 - 1;
                    return Some(self.places[place]);
                }
                code if self.numbers[usize::from(code)].to_bits() == bits => return Some(code),
                _ => place = (place + 1) % self.places.len(),
            }
        }
    }

    fn page(&self) -> Result<CompressedPage> {
        let bytes: Vec<u8> = self.numbers.iter().flat_map(|number| number.to_le_bytes()).collect();
        let page = Page::DictionaryPage {
            buf: compressed(&bytes)?,
            num_values: self.numbers.len() as u32,
            encoding: Encoding::PLAIN,
            is_sorted: false,
        };
        Ok(CompressedPage::new(page, bytes.len()))
    }
}

/// Which rows bear a number: the levels of the format are the bits that arrow has.
fn levels(bytes: &mut Vec<u8>, there: &[u8], rows: usize, numbers: usize) {
    let start = bytes.len();
    bytes.extend_from_slice(&[0; 4]);
    if numbers == 0 || numbers == rows {
        varint(bytes, (rows as u64) << 1);
        bytes.push(u8::from(numbers > 0));
    } else {
        varint(bytes, (rows.div_ceil(8) as u64) << 1 | 1);
        bytes.extend_from_slice(&there[..rows.div_ceil(8)]);
    }
    let length = (bytes.len() - start - 4) as u32;
    bytes[start..start + 4].copy_from_slice(&length.to_le_bytes());
}

/// The level that [`ZstdLevel::default`] is.
fn compressed(bytes: &[u8]) -> Result<Bytes> {
    thread_local! {
        static ZSTD: RefCell<Option<zstd::bulk::Compressor<'static>>> = const { RefCell::new(None) };
    }
    let level = ZstdLevel::default().compression_level();
    ZSTD.with_borrow_mut(|zstd| {
        let zstd = match zstd {
            Some(zstd) => zstd,
            none => none.insert(zstd::bulk::Compressor::new(level)?),
        };
        Ok(Bytes::from(zstd.compress(bytes)?))
    })
}

fn metadata(
    column: ColumnDescPtr,
    dictionary: Option<&PageWriteSpec>,
    pages: &[(PageWriteSpec, Encoding)],
    rows: i64,
    statistics: Statistics,
) -> Result<ColumnChunkMetaData> {
    let of = |page_type, encoding, count| PageEncodingStats { page_type, encoding, count };
    let count = |encoding| pages.iter().filter(|(_, other)| *other == encoding).count() as i32;
    let (coded, plain) = (count(Encoding::RLE_DICTIONARY), count(Encoding::PLAIN));
    let mut encodings = vec![Encoding::PLAIN, Encoding::RLE];
    let mut stats = Vec::new();
    if dictionary.is_some() {
        encodings.push(Encoding::RLE_DICTIONARY);
        stats.push(of(PageType::DICTIONARY_PAGE, Encoding::PLAIN, 1));
        stats.push(of(PageType::DATA_PAGE, Encoding::RLE_DICTIONARY, coded));
    }
    if plain > 0 {
        stats.push(of(PageType::DATA_PAGE, Encoding::PLAIN, plain));
    }
    let all = || pages.iter().map(|(place, _)| place).chain(dictionary);
    ColumnChunkMetaData::builder(column)
        .set_compression(Compression::ZSTD(ZstdLevel::default()))
        .set_encodings(encodings)
        .set_page_encoding_stats(stats)
        .set_num_values(rows)
        .set_total_compressed_size(all().map(|place| place.compressed_size as i64).sum())
        .set_total_uncompressed_size(all().map(|place| place.uncompressed_size as i64).sum())
        .set_dictionary_page_offset(dictionary.map(|place| place.offset as i64))
        .set_data_page_offset(pages.first().map_or(0, |(place, _)| place.offset as i64))
        .set_statistics(statistics)
        .build()
}

/// The range with more numbers in it. NaN is neither smaller nor larger than any.
fn widened(range: [f64; 2], numbers: &[f64]) -> [f64; 2] {
    numbers.iter().fold(range, |[least, most], number| {
        [if *number < least { *number } else { least }, if *number > most { *number } else { most }]
    })
}

/// Smallest and largest number, where a zero may be of either sign, and the rows without one.
fn statistics([least, most]: [f64; 2], missing: u64) -> Statistics {
    let there = least <= most;
    let least = there.then_some(if least == 0.0 { -0.0 } else { least });
    let most = there.then_some(if most == 0.0 { 0.0 } else { most });
    Statistics::double(least, most, None, Some(missing), false)
}

#[cfg(test)]
mod tests;
