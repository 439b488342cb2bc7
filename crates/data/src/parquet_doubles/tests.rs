//! What the reader of the parquet crate finds in columns of doubles.

use super::{MOST, PAGE};
use crate::parquet_out::ParquetOut;
use crate::place::{Place, Sink, Target};
use arrow::array::{Array, ArrayRef, Float64Array, RecordBatch};
use bytes::Bytes;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::file::statistics::Statistics;
use proptest::prelude::*;
use std::sync::Arc;

/// The bits of the smallest and the largest number, and the rows without one.
type Found = (Option<u64>, Option<u64>, Option<u64>);

fn range(least: f64, most: f64, missing: u64) -> Found {
    (Some(least.to_bits()), Some(most.to_bits()), Some(missing))
}

/// What the reader of the parquet crate finds in a file of batches: the bits of the numbers, and the statistics of the
/// first group of rows.
fn read_back(batches: &[Vec<Option<f64>>], optional: bool) -> (Vec<Option<u64>>, Found) {
    let batch = |rows: &Vec<Option<f64>>| {
        let array = Arc::new(Float64Array::from(rows.clone())) as ArrayRef;
        RecordBatch::try_from_iter_with_nullable([("x", array, optional)]).unwrap()
    };
    let batches: Vec<RecordBatch> = batches.iter().map(batch).collect();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("o.parquet");
    let sink = Sink::Plain(Target::Place(Place::open(&path).unwrap()));
    let mut out = ParquetOut::new(sink, &batches[0].schema()).unwrap();
    // Slices begin anywhere in a byte of the bits that say which rows bear a number.
    for batch in &batches {
        let cut = batch.num_rows() / 3;
        out.write(&[batch.slice(0, cut), batch.slice(cut, batch.num_rows() - cut)]).unwrap();
    }
    out.finish().unwrap().finish().unwrap();
    let bytes = Bytes::from(std::fs::read(path).unwrap());
    let reader = ParquetRecordBatchReaderBuilder::try_new(bytes).unwrap();
    let Some(Statistics::Double(found)) = reader.metadata().row_group(0).column(0).statistics() else {
        panic!("no statistics")
    };
    let bits = |number: Option<&f64>| number.map(|number| number.to_bits());
    let statistics = (bits(found.min_opt()), bits(found.max_opt()), found.null_count_opt());
    let mut numbers = Vec::new();
    for batch in reader.build().unwrap() {
        let batch = batch.unwrap();
        let column: &Float64Array = batch.column(0).as_any().downcast_ref().unwrap();
        numbers.extend(column.iter().map(|x| x.map(f64::to_bits)));
    }
    (numbers, statistics)
}

fn bits(batches: &[Vec<Option<f64>>]) -> Vec<Option<u64>> {
    batches.iter().flatten().map(|x| x.map(f64::to_bits)).collect()
}

#[test]
fn few_and_many_different_numbers_in_pages_and_groups_of_rows() {
    for different in [1, 2, 3, 255, 257, MOST, MOST + 1, 3 * PAGE] {
        let row = |row: usize| (row % 5 != 2).then_some((row * 31 % different) as f64 - 0.5);
        let batches: Vec<Vec<Option<f64>>> =
            [0..1, 1..9 * PAGE, 9 * PAGE..9 * PAGE + 70].map(|rows| rows.map(row).collect()).to_vec();
        assert!(read_back(&batches, true).0 == bits(&batches), "{different} numbers");
    }
}

#[test]
fn numbers_that_become_many_after_some_pages() {
    let rows = (0..5 * PAGE).map(|row| Some(if row < 2 * PAGE { (row % 7) as f64 } else { row as f64 }));
    let batches = [rows.collect()];
    let (found, statistics) = read_back(&batches, false);
    assert!(found == bits(&batches));
    assert_eq!(statistics, range(-0.0, (5 * PAGE - 1) as f64, 0));
}

#[test]
fn odd_numbers_keep_their_bits_and_stay_out_of_the_statistics() {
    let odd = [f64::NAN, -f64::NAN, 0.0, -0.0, f64::INFINITY, -1.5].map(Some);
    let batches = [vec![None; 10], odd.to_vec()];
    let (found, statistics) = read_back(&batches, true);
    assert_eq!(found, bits(&batches));
    assert_eq!(statistics, range(-1.5, f64::INFINITY, 10));
    let (found, statistics) = read_back(&[vec![None; 3]], true);
    assert_eq!((found, statistics), (vec![None; 3], (None, None, Some(3))));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn reads_back_as_it_was(
        batches in prop::collection::vec(
            prop::collection::vec(prop::option::weighted(0.7, prop_oneof![(0u8..4).prop_map(f64::from), any::<f64>()]), 0..300),
            1..6,
        ),
    ) {
        prop_assume!(batches.iter().any(|batch| !batch.is_empty()));
        prop_assert_eq!(read_back(&batches, true).0, bits(&batches));
    }
}
