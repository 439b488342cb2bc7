//! The compiled scorer on real rows: every frozen model says of all of `datasets/credit` what the plain scorer says.

use arrears_data::arrow::array::{Array, Float64Array, Int32Array, Int64Array, StringArray};
use arrears_data::table::ColumnData;
use arrears_data::{Table, read_all};
use arrears_model::compiled::{Ask, Column, CompiledScorer, RowValues, Scores, Scratch, Valid};
use arrears_model::{Model, Scorer, Value};
use arrears_tests::root;
use std::path::PathBuf;

/// A column of texts that is scored text by text.
struct Texts<'a>(&'a StringArray);

impl RowValues for Texts<'_> {
    fn value(&self, row: usize) -> Value<'_> {
        if self.0.is_valid(row) { Value::Text(self.0.value(row)) } else { Value::Missing }
    }
}

fn valid(array: &dyn Array) -> Option<Valid<'_>> {
    array.nulls().map(|nulls| Valid { bits: nulls.validity(), offset: nulls.offset() })
}

fn models() -> Vec<PathBuf> {
    let folders = |path: PathBuf| {
        let entries = std::fs::read_dir(path).expect("a folder").map(|entry| entry.expect("an entry").path());
        entries.filter(|path| path.is_dir()).collect::<Vec<_>>()
    };
    folders(root().join("models")).into_iter().flat_map(folders).map(|path| path.join("model.json")).collect()
}

/// What a field's column is handed over as, besides as it stands: all numbers as one kind, texts as a dictionary.
fn check(model: &Model, table: &Table) {
    let columns: Vec<_> = model
        .schema
        .fields
        .iter()
        .map(|field| table.require(&field.name).expect("the data's columns"))
        .collect();
    let texts: Vec<Option<Texts<'_>>> = columns
        .iter()
        .map(|column| match column.data() {
            ColumnData::Text(texts) => Some(Texts(texts)),
            _ => None,
        })
        .collect();
    let entries: Vec<Vec<Value<'_>>> = columns
        .iter()
        .map(|column| match column.data() {
            ColumnData::Category { texts, .. } => {
                texts.iter().map(|t| t.map_or(Value::Missing, Value::Text)).collect()
            }
            _ => Vec::new(),
        })
        .collect();
    let given: Vec<Column<'_>> = columns
        .iter()
        .enumerate()
        .map(|(at, column)| match column.data() {
            ColumnData::Number(numbers) => numbers_of(numbers),
            ColumnData::Integer(numbers) => integers_of(numbers),
            ColumnData::Category { codes, .. } => codes_of(codes, &entries[at]),
            ColumnData::Text(_) => {
                Column::Each { rows: table.rows(), values: texts[at].as_ref().expect("a text column") }
            }
        })
        .collect();
    let scorer = CompiledScorer::new(model);
    let mut scores = Scores::default();
    let ask = Ask { losses: true, ..Ask::default() };
    scorer.score(&scorer.columns(table.rows(), &given), 0..table.rows(), ask, &mut scores);
    let (mut plain, mut scratch) = (Scorer::new(model), Scratch::default());
    let mut scored = 0;
    for row in 0..table.rows() {
        let values: Vec<Value<'_>> = columns.iter().map(|column| column.value(row)).collect();
        let expected = plain.score(&values);
        scored += usize::from(expected.is_ok());
        // Equality of f64 is equality of bits here: no answer is NaN, and scores are never -0.
        assert_eq!(scores.row(row), expected, "{} row {row}", model.name);
        let alone = scorer.score_row(&values, &mut scratch).map(|scored| scored.with_flags(scratch.flags()));
        assert_eq!(alone, expected, "{} row {row} alone", model.name);
    }
    assert!(scored > 4_000, "{}: {scored} rows scored", model.name);
}

fn numbers_of(numbers: &Float64Array) -> Column<'_> {
    Column::Numbers { values: numbers.values(), valid: valid(numbers) }
}

fn integers_of(numbers: &Int64Array) -> Column<'_> {
    Column::Integers { values: numbers.values(), valid: valid(numbers) }
}

fn codes_of<'a>(codes: &'a Int32Array, entries: &'a [Value<'a>]) -> Column<'a> {
    Column::Codes { codes: codes.values(), valid: valid(codes), entries }
}

#[test]
fn frozen_models_say_the_same_of_all_rows_of_the_data() {
    let path = root().join("datasets/credit/data.csv");
    let raw = read_all(&path, &Default::default()).expect("the bundled data");
    let cleaned = arrears_data::clean(raw.clone(), &Default::default()).map(|cleaned| cleaned.table);
    let models = models();
    assert!(models.len() >= 7);
    for path in models {
        let model = Model::from_bytes(&std::fs::read(&path).expect("a file")).expect("a model");
        check(&model, &raw.table);
        check(&model, cleaned.as_ref().expect("clean rows"));
    }
}
