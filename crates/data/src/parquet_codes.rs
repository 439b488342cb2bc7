//! Parquet columns of few different texts, written from their codes: a dictionary page and one page of packed codes.
//!
//! The column writer of the parquet crate hashes and compares each text again, though a dictionary array knows already
//! which are the same. The layout is that of the Parquet format: "Dictionary page", and the "RLE / Bit-Packing Hybrid" of
//! `Encodings.md`. Pages are not compressed: the codes of a row take a few bits.

use arrow::array::{Array, DictionaryArray, Int32Array, StringArray};
use arrow::datatypes::Int32Type;
use bytes::Bytes;
use parquet::basic::{Encoding, PageType};
use parquet::column::page::{CompressedPage, Page, PageWriteSpec, PageWriter};
use parquet::column::writer::ColumnCloseResult;
use parquet::data_type::ByteArray;
use parquet::errors::Result;
use parquet::file::metadata::{ColumnChunkMetaData, PageEncodingStats};
use parquet::file::page_index::offset_index::{OffsetIndexMetaData, PageLocation};
use parquet::file::statistics::Statistics;
use parquet::file::writer::{SerializedPageWriter, TrackedWrite};
use parquet::schema::types::ColumnDescPtr;
use std::collections::HashMap;

/// What no text of the column stands for.
const NONE: u32 = u32::MAX;

/// A text of an array that no row bore so far.
const UNUSED: u32 = u32::MAX - 1;

/// One column of a row group: the texts in the order in which rows first bore them, and the code of each row.
#[derive(Default)]
pub(crate) struct Codes {
    texts: Vec<String>,
    known: HashMap<String, u32>,
    /// [`NONE`] where a row bears no text.
    codes: Vec<u32>,
}

impl Codes {
    /// Adds the rows of an array.
    pub(crate) fn add(&mut self, array: &DictionaryArray<Int32Type>) {
        let texts: &StringArray = array.values().as_any().downcast_ref().expect("the schema has texts only");
        let mut code_of = vec![UNUSED; texts.len()];
        let keys: &Int32Array = array.keys();
        self.codes.reserve(keys.len());
        let valid = keys.nulls();
        for (row, key) in keys.values().iter().enumerate() {
            if valid.is_some_and(|valid| valid.is_null(row)) {
                self.codes.push(NONE);
                continue;
            }
            let code = &mut code_of[*key as usize];
            if *code == UNUSED {
                *code =
                    if texts.is_null(*key as usize) { NONE } else { self.code(texts.value(*key as usize)) };
            }
            self.codes.push(*code);
        }
    }

    fn code(&mut self, text: &str) -> u32 {
        if let Some(code) = self.known.get(text) {
            return *code;
        }
        let code = self.texts.len() as u32;
        self.texts.push(text.to_owned());
        self.known.insert(text.to_owned(), code);
        code
    }

    /// The column chunk, and what a row group has to know of it.
    pub(crate) fn close(self, column: ColumnDescPtr) -> Result<(Bytes, ColumnCloseResult)> {
        let Codes { texts, codes, .. } = self;
        let mut out = TrackedWrite::new(Vec::new());
        let mut pages = SerializedPageWriter::new(&mut out);
        let dictionary = pages.write_page(page(dictionary_page(&texts)))?;
        let data = pages.write_page(page(data_page(&codes, texts.len(), column.max_def_level() > 0)))?;
        pages.close()?;
        let bytes = Bytes::from(out.into_inner()?);
        let rows = codes.len() as u64;
        let missing = codes.iter().filter(|code| **code == NONE).count() as u64;
        let metadata =
            metadata(column, &dictionary, &data, rows).set_statistics(statistics(&texts, missing)).build()?;
        // The file writer wants the place of the pages of all columns, or of none.
        let place = PageLocation {
            offset: data.offset as i64,
            compressed_page_size: data.compressed_size as i32,
            first_row_index: 0,
        };
        let offset_index =
            OffsetIndexMetaData { page_locations: vec![place], unencoded_byte_array_data_bytes: None };
        let close = ColumnCloseResult {
            bytes_written: bytes.len() as u64,
            rows_written: rows,
            metadata,
            bloom_filter: None,
            column_index: None,
            offset_index: Some(offset_index),
        };
        Ok((bytes, close))
    }
}

fn metadata(
    column: ColumnDescPtr,
    dictionary: &PageWriteSpec,
    data: &PageWriteSpec,
    rows: u64,
) -> parquet::file::metadata::ColumnChunkMetaDataBuilder {
    let of = |page_type, encoding| PageEncodingStats { page_type, encoding, count: 1 };
    ColumnChunkMetaData::builder(column)
        .set_encodings(vec![Encoding::PLAIN, Encoding::RLE, Encoding::RLE_DICTIONARY])
        .set_page_encoding_stats(vec![
            of(PageType::DICTIONARY_PAGE, Encoding::PLAIN),
            of(PageType::DATA_PAGE, Encoding::RLE_DICTIONARY),
        ])
        .set_num_values(rows as i64)
        .set_total_compressed_size((dictionary.compressed_size + data.compressed_size) as i64)
        .set_total_uncompressed_size((dictionary.uncompressed_size + data.uncompressed_size) as i64)
        .set_dictionary_page_offset(Some(dictionary.offset as i64))
        .set_data_page_offset(data.offset as i64)
}

/// First and last text, and the rows without one.
fn statistics(texts: &[String], missing: u64) -> Statistics {
    let text = |text: Option<&String>| text.map(|text| ByteArray::from(text.as_bytes().to_vec()));
    Statistics::byte_array(text(texts.iter().min()), text(texts.iter().max()), None, Some(missing), false)
}

fn page(page: Page) -> CompressedPage {
    let size = page.buffer().len();
    CompressedPage::new(page, size)
}

/// Each text with its length in front.
fn dictionary_page(texts: &[String]) -> Page {
    let mut bytes = Vec::new();
    for text in texts {
        bytes.extend_from_slice(&(text.len() as u32).to_le_bytes());
        bytes.extend_from_slice(text.as_bytes());
    }
    let num_values = texts.len() as u32;
    Page::DictionaryPage { buf: bytes.into(), num_values, encoding: Encoding::PLAIN, is_sorted: false }
}

/// Which rows bear a text, where that may differ, and the codes of those that do.
fn data_page(codes: &[u32], texts: usize, optional: bool) -> Page {
    let mut bytes = Vec::new();
    if optional {
        bytes.extend_from_slice(&[0; 4]);
        packed(&mut bytes, 1, codes.len(), codes.iter().map(|code| u32::from(*code != NONE)));
        let length = (bytes.len() - 4) as u32;
        bytes[..4].copy_from_slice(&length.to_le_bytes());
    }
    // Readers differ in whether a code may take no bit at all.
    let width = (usize::BITS - texts.saturating_sub(1).leading_zeros()).max(1);
    bytes.push(width as u8);
    let there = || codes.iter().copied().filter(|code| *code != NONE);
    packed(&mut bytes, width, there().count(), there());
    Page::DataPage {
        buf: bytes.into(),
        num_values: codes.len() as u32,
        encoding: Encoding::RLE_DICTIONARY,
        def_level_encoding: Encoding::RLE,
        rep_level_encoding: Encoding::RLE,
        statistics: None,
    }
}

/// Adds `count` numbers of `width` bits each: one run where all are the same, else packed, the lowest bits first.
pub(crate) fn packed(
    out: &mut Vec<u8>,
    width: u32,
    count: usize,
    numbers: impl Iterator<Item = u32> + Clone,
) {
    let Some(first) = numbers.clone().next() else { return };
    if numbers.clone().all(|number| number == first) {
        varint(out, (count as u64) << 1);
        out.extend_from_slice(&first.to_le_bytes()[..width.div_ceil(8) as usize]);
        return;
    }
    let eights = count.div_ceil(8);
    varint(out, (eights as u64) << 1 | 1);
    let end = out.len() + eights * width as usize;
    out.reserve(end - out.len());
    // `bits` holds fewer than 32 bits before a number is added.
    let (mut bits, mut held) = (0_u64, 0);
    for number in numbers {
        bits |= u64::from(number) << held;
        held += width;
        if held >= 32 {
            out.extend_from_slice(&(bits as u32).to_le_bytes());
            bits >>= 32;
            held -= 32;
        }
    }
    out.extend_from_slice(&bits.to_le_bytes());
    // What is missing of the last eight numbers is 0.
    out.resize(end, 0);
}

/// Seven bits a byte, the lowest first.
pub(crate) fn varint(out: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

#[cfg(test)]
mod tests {
    use crate::parquet_out::ParquetOut;
    use crate::place::{Place, Sink, Target};
    use arrow::array::{Array, ArrayRef, DictionaryArray, Int32Array, RecordBatch, StringArray};
    use bytes::Bytes;
    use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
    use proptest::prelude::*;
    use std::sync::Arc;

    /// What the reader of the parquet crate finds in a file of batches.
    fn read_back(batches: &[RecordBatch]) -> Vec<Option<String>> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("o.parquet");
        let sink = Sink::Plain(Target::Place(Place::open(&path).unwrap()));
        let mut out = ParquetOut::new(sink, &batches[0].schema()).unwrap();
        batches.iter().for_each(|batch| out.write(std::slice::from_ref(batch)).unwrap());
        out.finish().unwrap().finish().unwrap();
        let bytes = Bytes::from(std::fs::read(path).unwrap());
        let mut texts = Vec::new();
        for batch in ParquetRecordBatchReaderBuilder::try_new(bytes).unwrap().build().unwrap() {
            let batch = batch.unwrap();
            let column: &StringArray = batch.column(0).as_any().downcast_ref().unwrap();
            texts.extend(column.iter().map(|text| text.map(str::to_owned)));
        }
        texts
    }

    fn batch(texts: &StringArray, keys: &[Option<i32>]) -> RecordBatch {
        let array =
            DictionaryArray::try_new(Int32Array::from(keys.to_vec()), Arc::new(texts.clone())).unwrap();
        RecordBatch::try_from_iter_with_nullable([("t", Arc::new(array) as ArrayRef, true)]).unwrap()
    }

    fn texts_of(texts: &StringArray, keys: &[Option<i32>]) -> Vec<Option<String>> {
        let text = |key: i32| (!texts.is_null(key as usize)).then(|| texts.value(key as usize).to_owned());
        keys.iter().map(|key| key.and_then(text)).collect()
    }

    #[test]
    fn all_widths_of_codes_and_more_than_a_row_group() {
        for count in [1, 2, 3, 4, 5, 16, 17, 255, 257, 70_000, 140_000] {
            let texts = StringArray::from_iter_values((0..count).map(|n| format!("text {n}")));
            let keys: Vec<Option<i32>> =
                (0..140_000).map(|row| (row % 7 != 3).then_some((row * 31) % count)).collect();
            assert!(read_back(&[batch(&texts, &keys)]) == texts_of(&texts, &keys), "{count} texts");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(300))]

        /// Texts may be missing, come twice or stand in no row, and differ from batch to batch.
        #[test]
        fn reads_back_as_it_was(
            parts in prop::collection::vec(
                (prop::collection::vec(prop::option::of("[a-c]{0,2}"), 1..6),
                 prop::collection::vec(prop::option::weighted(0.8, 0usize..6), 0..70)),
                1..5,
            ),
        ) {
            let mut expected = Vec::new();
            let mut batches = Vec::new();
            for (texts, keys) in parts {
                let keys: Vec<Option<i32>> = keys.iter().map(|key| key.map(|key| (key % texts.len()) as i32)).collect();
                let texts = StringArray::from(texts);
                expected.extend(texts_of(&texts, &keys));
                batches.push(batch(&texts, &keys));
            }
            prop_assert_eq!(read_back(&batches), expected);
        }
    }
}
