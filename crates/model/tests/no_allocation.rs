//! A row is scored without allocation, once the working memory has served one. Alone in its file: it counts the bytes of the
//! whole process.

#![allow(clippy::unwrap_used, reason = "a test ends where its helper fails")]

use arrears_model::compiled::{Ask, Column, CompiledScorer, Scores, Scratch};
use arrears_model::{Kind, Model, Value};
use peak_alloc::PeakAlloc;

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

/// The most bytes held at once beyond those held before: anything allocated, however shortly, is counted.
fn most_beside(mut call: impl FnMut()) -> usize {
    MEMORY.reset_peak_usage();
    let before = MEMORY.current_usage();
    call();
    MEMORY.peak_usage() - before
}

/// Rows of known and unknown values, numbers in fields of text and the other way round.
fn rows(model: &Model) -> Vec<Vec<Value<'_>>> {
    let value = |row: usize, field: usize| match &model.schema.fields[field].kind {
        Kind::Category { categories, .. } => match (row + field) % 4 {
            0 => Value::Text("never seen"),
            1 => Value::Number(12345.678),
            2 => Value::Missing,
            _ => categories.first().map_or(Value::Missing, |name| Value::Text(name)),
        },
        Kind::Number { .. } => match (row + field) % 5 {
            0 => Value::Text(" 17.25 "),
            1 => Value::Missing,
            other => Value::Number(other as f64 * 13.5),
        },
    };
    (0..40).map(|row| (0..model.schema.inputs().count()).map(|field| value(row, field)).collect()).collect()
}

#[test]
fn nothing_is_allocated_after_the_first_rows() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/samples");
    let mut models = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if !path.file_name().unwrap().to_str().unwrap().starts_with('v') {
            continue;
        }
        let model = Model::from_bytes(&std::fs::read(&path).unwrap()).unwrap();
        let scorer = CompiledScorer::new(&model);
        let mut scratch = Scratch::default();
        // A refused row has a text that says why; every other is to cost nothing.
        let rows: Vec<_> =
            rows(&model).into_iter().filter(|row| scorer.score_row(row, &mut scratch).is_ok()).collect();
        assert!(rows.len() > 3, "{path:?}");
        let mut sum = 0.0;
        let bytes = most_beside(|| {
            for _ in 0..100 {
                sum += rows
                    .iter()
                    .map(|row| scorer.score_row(row, &mut scratch).unwrap())
                    .map(|s| s.pd.unwrap_or(1.0))
                    .sum::<f64>();
            }
        });
        assert!(sum > 0.0);
        assert_eq!(bytes, 0, "{path:?}");

        let values: Vec<Vec<Value<'_>>> =
            (0..rows[0].len()).map(|field| rows.iter().map(|row| row[field]).collect()).collect();
        let given: Vec<Column<'_>> =
            values.iter().map(|values| Column::Each { rows: rows.len(), values }).collect();
        let columns = scorer.columns(rows.len(), &given);
        let mut scores = Scores::default();
        let ask = Ask { losses: true, terms: true, ..Ask::default() };
        scorer.score(&columns, 0..rows.len(), ask, &mut scores);
        let bytes = most_beside(|| scorer.score(&columns, 0..rows.len(), ask, &mut scores));
        // Texts that a formula asks for are looked up among the categories before the first row.
        let most = if model.schema.fields.iter().any(|field| field.formula.is_some()) { 1024 } else { 0 };
        assert!(bytes <= most, "columns of {path:?}: {bytes}");
        models += 1;
    }
    assert!(models >= 9);
    // The counter counts.
    assert!(most_beside(|| drop(std::hint::black_box(vec![1_u8; 100]))) >= 100);
}
