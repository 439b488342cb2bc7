//! Any bytes as a table: an error, or rows of which each is accounted for, never a panic or a hang.
//!
//! The first byte of an input chooses format, target, id and chunk size; the rest is the file. What is
//! read is cleaned and split, becomes a schema, and each of its rows is scored.

#![no_main]

use arrears_data::{
    Cleaned, Format, Loaded, Preparation, ReadOptions, clean, csv_readers_agree, infer, open_reader,
    read_bytes,
};
use arrears_model::centroids::{Centroids, Segment};
use arrears_model::model::Baseline;
use arrears_model::provenance::{Fit, Provenance, Rows};
use arrears_model::{Model, ModelKind, Parts, Predictor, Schema, Scorer, Value};
use libfuzzer_sys::fuzz_target;
use peak_alloc::PeakAlloc;
use std::io::Cursor;

/// Counts what is allocated, on all threads.
#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

/// Most bytes that an input may take beside what was held before it. libFuzzer's inputs have 4 KiB unless it is told
/// otherwise; with gzip or Parquet they stand for some thousand times as much.
const MOST_MEMORY: usize = 256 << 20;

// The fuzzer's own hook ends the process before a panic can be caught; one that nobody catches still ends it.
fuzz_target!(init: arrears_data::hide_caught_panics(), |input: &[u8]| {
    let Some((choice, bytes)) = input.split_first() else { return };
    MEMORY.reset_peak_usage();
    let before = MEMORY.current_usage();
    read_and_score(*choice, bytes);
    let took = MEMORY.peak_usage() - before;
    assert!(took <= MOST_MEMORY, "{took} bytes of memory for an input of {}", bytes.len());
});

fn read_and_score(choice: u8, bytes: &[u8]) {
    let formats = [Format::Csv, Format::Ndjson, Format::CsvGz, Format::NdjsonGz, Format::Parquet];
    let format = formats[usize::from(choice & 7) % formats.len()];
    if format == Format::Csv {
        csv_readers_agree(bytes, 1 + usize::from(choice >> 4));
    }
    let loaded = read_bytes("input", format, bytes);
    let same = match choice & 8 {
        0 => None,
        _ => Some(read_in_chunks(format, bytes)),
    };
    match (loaded, same) {
        (Ok(loaded), Some(same)) => {
            assert_eq!(Some(loaded.rows_read()), same, "the size of a chunk must not matter");
            accounted_for(loaded, choice >> 4);
        }
        (Ok(loaded), None) => accounted_for(loaded, choice >> 4),
        (Err(error), same) => {
            assert!(!error.to_string().is_empty());
            assert!(same.flatten().is_none(), "the size of a chunk must not matter");
        }
    }
}

/// Rows read two at a time; `None` when reading fails.
fn read_in_chunks(format: Format, bytes: &[u8]) -> Option<usize> {
    let options = ReadOptions { chunk_rows: 2, ..ReadOptions::default() };
    let source = open_reader("input", format, Cursor::new(bytes.to_vec()), &options).ok()?;
    let mut rows = 0;
    for chunk in source {
        let chunk = chunk.ok()?;
        rows += chunk.table.rows() + chunk.unreadable.len();
    }
    Some(rows)
}

fn accounted_for(loaded: Loaded, choice: u8) {
    assert!(loaded.table.lines().is_sorted_by(|a, b| a < b));
    assert!(loaded.unreadable.is_sorted_by(|a, b| a.line < b.line));
    let read = loaded.rows_read() as u64;
    let mut preparation = Preparation::default();
    let columns = loaded.table.columns();
    if choice & 1 != 0 {
        preparation.data.target = columns.last().cloned();
    }
    if choice & 2 != 0 {
        preparation.data.id = columns.first().cloned();
    }
    infer(&loaded.table, &preparation.missing());
    let Ok(cleaned) = clean(loaded, &preparation) else { return };
    let report = &cleaned.report;
    let dropped: u64 = report.dropped.iter().map(|d| d.rows).sum();
    assert_eq!((report.read, report.kept + dropped + report.unreadable), (read, read));
    assert_eq!(report.kept, cleaned.table.rows() as u64);
    assert!(!report.to_string().is_empty());
    let Ok(split) = cleaned.split(&preparation.split) else { return };
    let mut rows = [split.train.as_slice(), &split.test].concat();
    rows.sort_unstable();
    assert!(rows.into_iter().eq(0..cleaned.table.rows()));
    score_all(&cleaned, &split.train);
}

/// No cleaned row is refused by the schema made of it, and training rows hold nothing unseen.
fn score_all(cleaned: &Cleaned, train: &[usize]) {
    let model =
        Model::new(one_segment(cleaned.schema_for(train))).expect("a schema of cleaned rows is valid");
    let fields = model.schema.fields.iter();
    let columns: Vec<_> =
        fields.map(|f| cleaned.table.column(&f.name).expect("a field is a column")).collect();
    let mut scorer = Scorer::new(&model);
    for row in 0..cleaned.table.rows() {
        let values: Vec<Value> = columns.iter().map(|column| column.value(row)).collect();
        let scored = scorer.score(&values).expect("a cleaned row is not refused");
        assert!(scored.flags.is_empty() || train.binary_search(&row).is_err());
    }
}

/// The smallest model with a given schema.
fn one_segment(schema: Schema) -> Parts {
    let all = Segment { name: "all".to_owned(), center: vec![], count: 0, bads: None, novelty: None };
    Parts {
        name: "rows".to_owned(),
        version: "1".to_owned(),
        kind: ModelKind::Kmeans,
        schema,
        transforms: vec![],
        predictor: Predictor::Centroids(Centroids {
            coordinates: vec![],
            segments: vec![all],
            typical: vec![],
        }),
        scale: None,
        grades: vec![],
        decisions: None,
        baseline: Baseline::Max,
        profile: Default::default(),
        provenance: Provenance {
            program: String::new(),
            engine: String::new(),
            data: String::new(),
            data_sha256: String::new(),
            rows: Rows::default(),
            recipe: String::new(),
            fit: Fit::default(),
        },
    }
}
