//! Any bytes as a model file: an error or a model that scores, never a panic.
//!
//! An input is a body, and after its first byte 0xFF (which no JSON text holds) the values of one row.
//! The input is read as it stands, then its body under a fresh checksum, so that mutations reach the
//! checks behind the checksum.

#![no_main]

use arrears_model::amount_leaves::amount_leaf_table;
use arrears_model::compiled::{CompiledScorer, Scratch};
use arrears_model::file::{body, seal_body};
use arrears_model::pairs::pair_points;
use arrears_model::points::{Spread, characteristics, iv, points_table, segment_points};
use arrears_model::row_points::RowPoints;
use arrears_model::score::MAX_REASONS;
use arrears_model::segment_table::segment_table;
use arrears_model::{Field, Model, Predictor, Scored, Scorer, Value};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    let (text, mut row) = match input.iter().position(|b| *b == 0xFF) {
        Some(at) => (&input[..at], &input[at + 1..]),
        None => (input, &input[input.len() / 2..]),
    };
    if let Ok(model) = Model::from_bytes(input) {
        same_after_writing(&model);
    }
    let Ok(model) = Model::from_bytes(&seal_body(text)) else { return };
    same_after_writing(&model);
    describe(&model);
    let texts: Vec<String> = model.schema.fields.iter().map(|f| take_text(f, &mut row)).collect();
    let values: Vec<Value> = texts.iter().map(|text| take_value(text, &mut row)).collect();
    let mut scorer = Scorer::new(&model);
    let plain = scorer.score(&values);
    let mut scratch = Scratch::default();
    let fast = CompiledScorer::new(&model).score_row(&values, &mut scratch);
    let fast = fast.map(|scored| scored.with_flags(scratch.flags()));
    // As text, so that -0 and 0 are told apart.
    assert_eq!(format!("{fast:?}"), format!("{plain:?}"));
    if let Ok(scored) = plain {
        sound(&model, &scored);
        if let Some(points) = RowPoints::of(&model) {
            let split = points.split(scored.segment, scorer.terms());
            assert!(split.flatten().all(f64::is_finite));
        }
    }
});

/// Writing and reading again gives the same model, and from then on the same bytes.
fn same_after_writing(model: &Model) {
    let bytes = model.to_bytes().expect("a loaded model can be written");
    assert!(body(&bytes).is_ok());
    let again = Model::from_bytes(&bytes).expect("a written model can be read");
    assert_eq!(model.clone().into_parts(), again.clone().into_parts());
    assert_eq!(again.to_bytes().expect("it was written before"), bytes);
}

/// Everything that `inspect` and the reports ask of a model.
fn describe(model: &Model) {
    for table in pair_points(model) {
        assert!(table.points.iter().flatten().all(|points| points.is_finite()));
    }
    for spread in [Spread::Characteristics, Spread::Base] {
        for row in points_table(model, spread).unwrap_or_default() {
            assert!(row.points.is_finite() && row.woe.is_none_or(f64::is_finite));
        }
        for range in characteristics(model, spread).unwrap_or_default() {
            assert!(range.worst.is_finite() && range.best.is_finite() && range.worst <= range.best);
        }
    }
    for table in segment_points(model, Spread::Characteristics) {
        assert!(table.points.iter().all(|row| row.points.is_finite() && row.woe.is_none_or(f64::is_finite)));
        assert!(table.characteristics.iter().all(|range| range.worst <= range.best));
    }
    for entry in &model.profile.fields {
        let transform = &model.transforms[entry.transform];
        for bin in 0..entry.counts.len() {
            transform.bin_label(&model.schema.fields[transform.field()], bin);
        }
        assert!(entry.bads.is_empty() || iv(&entry.counts, &entry.bads) >= 0.0);
    }
    if let Some(table) = segment_table(model) {
        let profiles = table.segments.iter().map(|s| &s.profile).chain([&table.all]);
        for value in profiles.flatten() {
            assert_eq!(value.text().is_empty(), value.value.is_none());
            value.difference_text();
        }
    }
    let outline = match &model.predictor {
        Predictor::Tree(tree) => tree.outline(&model.schema),
        Predictor::AmountTree(tree) => tree.outline(&model.schema),
        Predictor::Additive(_) | Predictor::Centroids(_) | Predictor::Segmented(_) => Vec::new(),
    };
    assert!(outline.iter().all(|row| !row.words.is_empty()));
    if let Predictor::AmountTree(tree) = &model.predictor {
        for leaf in amount_leaf_table(model).unwrap_or_default() {
            assert!(leaf.total.is_finite() && !leaf.words.is_empty());
            assert!(leaf.interval.is_none_or(|(low, high)| low <= high));
            assert!(!tree.text(leaf.value).is_empty());
        }
    }
}

fn sound(model: &Model, scored: &Scored) {
    assert_eq!(scored.pd.is_some(), model.gives_pd());
    assert_eq!(scored.score.is_some(), model.gives_pd());
    assert_eq!(scored.amount.is_some(), model.gives_amount());
    assert!(scored.amount.is_none_or(f64::is_finite));
    assert_eq!(scored.segment.is_some(), !model.segment_names().is_empty());
    assert!(scored.segment.is_none_or(|segment| segment < model.segment_names().len()));
    assert!(scored.pd.is_none_or(|pd| (0.0..=1.0).contains(&pd)));
    assert!(scored.score.is_none_or(f64::is_finite));
    assert_eq!(scored.grade.is_some(), model.gives_pd() && !model.grades.is_empty());
    assert!(scored.distance.is_none_or(|d| d.is_finite() && d >= 0.0));
    assert!(scored.margin.is_none_or(|m| m.is_finite() && m >= 0.0));
    assert!(scored.novel.is_none() || scored.distance.is_some());
    assert!(scored.reasons.len() <= MAX_REASONS);
    assert!(scored.reasons.iter().all(|r| r.loss > 0.0 && r.loss.is_finite()));
    assert!(scored.reasons.is_sorted_by(|a, b| a.loss >= b.loss));
}

fn take(row: &mut &[u8]) -> u8 {
    let Some((first, rest)) = row.split_first() else { return 0 };
    *row = rest;
    *first
}

/// A category of the field, a special code, or the next few bytes as text.
fn take_text(field: &Field, row: &mut &[u8]) -> String {
    let choice = usize::from(take(row));
    if let Some(category) = field.categories().get(choice) {
        return category.clone();
    }
    if let Some(code) = field.special().get(choice) {
        return code.bounds()[choice % 2].to_string();
    }
    let length = (choice % 16).min(row.len());
    let (text, rest) = row.split_at(length);
    *row = rest;
    String::from_utf8_lossy(text).into_owned()
}

/// The text, nothing, a small whole number or any eight bytes as a number.
fn take_value<'t>(text: &'t str, row: &mut &[u8]) -> Value<'t> {
    match take(row) % 4 {
        0 => Value::Text(text),
        1 => Value::Missing,
        2 => Value::Number(f64::from(take(row).cast_signed())),
        _ => Value::Number(f64::from_le_bytes(std::array::from_fn(|_| take(row)))),
    }
}
