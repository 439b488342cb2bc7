use crate::random_models::{model, model_of};
use arrears_model::additive::{Additive, Shape};
use arrears_model::compiled::{Ask, Column, CompiledScorer, Scores, Scratch, Valid};
use arrears_model::schema::OutOfRange;
use arrears_model::segmented::Router;
use arrears_model::transform::Transform;
use arrears_model::tree::{Split, Test, Tree};
use arrears_model::value::{Cell, Flag, FlagKind, Refusal};
use arrears_model::{Kind, Model, Predictor, Scored, Scorer, Special, Value};
use proptest::prelude::*;

/// All of an answer, numbers as bits.
#[derive(Debug, PartialEq)]
struct Bits {
    numbers: [Option<u64>; 6],
    places: [Option<usize>; 4],
    novel: Option<bool>,
    reasons: Vec<(usize, u64)>,
    flags: Vec<arrears_model::value::Flag>,
}

fn bits(scored: &Scored) -> Bits {
    Bits {
        numbers: [
            scored.pd,
            scored.score,
            scored.decided.limit,
            scored.amount,
            scored.distance,
            scored.margin,
        ]
        .map(|x| x.map(f64::to_bits)),
        places: [scored.grade, scored.decided.tier, scored.leaf, scored.segment],
        novel: scored.novel,
        reasons: scored.reasons.iter().map(|r| (r.field, r.loss.to_bits())).collect(),
        flags: scored.flags.clone(),
    }
}

fn term_bits(terms: &[f64]) -> Vec<u64> {
    terms.iter().map(|x| x.to_bits()).collect()
}

/// What the plain scorer says of each row: answer and terms, or refusal.
fn plain(model: &Model, rows: &[Vec<Value<'_>>]) -> Vec<Result<(Bits, Vec<u64>), Refusal>> {
    let mut scorer = Scorer::new(model);
    let one = |row: &Vec<Value<'_>>| {
        let scored = scorer.score(row)?;
        Ok((bits(&scored), term_bits(scorer.terms())))
    };
    rows.iter().map(one).collect()
}

const ALL: Ask = Ask { reasons: 4, losses: true, terms: true };

/// Scores the rows in blocks and alone, and compares with the plain scorer. `columns` are made of the rows by the caller.
fn check(model: &Model, rows: &[Vec<Value<'_>>], columns: &[Column<'_>]) -> Result<(), TestCaseError> {
    let scorer = CompiledScorer::new(model);
    let expected = plain(model, rows);
    let columns = scorer.columns(rows.len(), columns);
    let mut scores = Scores::default();
    let half = rows.len() / 3;
    for range in [0..rows.len(), 0..half, half..rows.len()] {
        scorer.score(&columns, range.clone(), ALL, &mut scores);
        prop_assert_eq!(scores.rows, range.len());
        let refused = |row: usize| scores.refused.binary_search_by_key(&row, |(row, _)| *row).is_ok();
        let decided = |kind| matches!(kind, FlagKind::LimitByPolicy | FlagKind::TierByPolicy);
        // What was decided stands behind what a row's values say.
        let order = |(row, flag): &(usize, Flag)| match decided(flag.kind) {
            true => (*row, 1, 0),
            false => (*row, 0, flag.field),
        };
        prop_assert!(scores.flags.is_sorted_by_key(order));
        prop_assert!(scores.flags.iter().all(|(row, _)| !refused(*row)), "a refused row has flags");
        let nan = scores.pd.iter().chain(&scores.distance).map(|x| x.is_nan());
        prop_assert!(
            nan.enumerate().all(|(row, nan)| nan == refused(row)),
            "only refused rows have no answer"
        );
        for (row, at) in range.enumerate() {
            let found = scores.row(row).map(|scored| (bits(&scored), term_bits(scores.terms(row))));
            prop_assert_eq!(&found, &expected[at], "row {}", at);
        }
    }
    let mut scratch = Scratch::default();
    let mut beside = Scorer::new(model);
    for (row, expected) in rows.iter().zip(&expected) {
        let found = scorer.score_row(row, &mut scratch);
        if beside.score(row).is_ok() {
            let fields = 0..model.schema.fields.len();
            let cells: Vec<Cell> = fields.map(|field| scorer.cell(field, &scratch)).collect();
            prop_assert_eq!(&cells[..], beside.cells());
        }
        let found = found.map(|s| (bits(&s.with_flags(scratch.flags())), term_bits(scratch.terms())));
        prop_assert_eq!(&found, expected);
    }
    Ok(())
}

/// Numbers of a field at which something may change, and odd ones.
fn numbers_of(model: &Model, field: usize) -> Vec<f64> {
    let mut numbers =
        vec![f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 0.0, -0.0, f64::MIN, f64::MAX, 1.0, -7.25];
    let of_pds = |tree: &'_ Tree| tree.nodes.iter().filter_map(|node| node.split.clone()).collect();
    let splits: Vec<Split> = match &model.predictor {
        Predictor::Tree(tree) => of_pds(tree),
        Predictor::AmountTree(tree) => tree.nodes.iter().filter_map(|node| node.split.clone()).collect(),
        Predictor::Segmented(s) => match &s.router {
            Router::Tree(tree) => of_pds(tree),
            Router::Centroids(_) => vec![],
        },
        Predictor::Additive(_) | Predictor::Centroids(_) => vec![],
    };
    for split in &splits {
        if let (Test::Below { threshold, .. }, true) = (&split.test, split.field == field) {
            numbers.push(*threshold);
        }
    }
    for transform in &model.transforms {
        match transform {
            Transform::Intervals { field: f, splits } if *f == field => numbers.extend(splits),
            Transform::Standardise { field: f, center, .. } if *f == field => numbers.push(*center),
            _ => {}
        }
    }
    if let Kind::Number { min, max, special, .. } = &model.schema.fields[field].kind {
        numbers.extend(min.iter().chain(max));
        numbers.extend(special.iter().flat_map(Special::bounds));
    }
    numbers.extend(model.schema.missing.iter().filter_map(|m| m.parse::<f64>().ok()));
    let around: Vec<f64> = numbers.iter().flat_map(|x| [x.next_up(), x.next_down()]).collect();
    numbers.extend(around);
    numbers
}

fn texts_of(model: &Model, field: usize) -> Vec<String> {
    let mut texts: Vec<String> = model.schema.fields[field].categories().to_vec();
    texts.extend(model.schema.missing.iter().cloned());
    texts.extend(numbers_of(model, field).iter().map(f64::to_string));
    let odd = ["", " ", "NaN", "inf", "-inf", "1e400", "+1", "12,5", "x", "１", "0x10", " 7 "];
    texts.extend(odd.map(str::to_owned));
    let blank: Vec<String> = texts.iter().map(|text| format!("\t{text} ")).collect();
    texts.extend(blank);
    texts
}

/// Columns of one kind each, by `kinds`, of rows that `picks` chooses; enough rows for several blocks.
fn check_columns(model: &Model, kinds: &[u8], rows: usize, picks: &[usize]) -> Result<(), TestCaseError> {
    let fields = model.schema.inputs().count();
    let numbers: Vec<Vec<f64>> = (0..fields).map(|f| numbers_of(model, f)).collect();
    let texts: Vec<Vec<String>> = (0..fields).map(|f| texts_of(model, f)).collect();
    let pick = |field: usize, row: usize| picks[(row * 31 + field * 7 + row / picks.len()) % picks.len()];
    let kind = |field: usize| kinds[field % kinds.len()];
    let entries: Vec<Vec<Value<'_>>> = (0..fields)
        .map(|f| {
            let texts = texts[f].iter().map(|t| Value::Text(t));
            texts.chain(numbers[f].iter().map(|x| Value::Number(*x))).chain([Value::Missing]).collect()
        })
        .collect();
    let plain: Vec<Vec<f64>> = (0..fields)
        .map(|f| (0..rows).map(|row| numbers[f][pick(f, row) % numbers[f].len()]).collect())
        .collect();
    let whole: Vec<Vec<i64>> = plain.iter().map(|xs| xs.iter().map(|x| *x as i64 >> 11).collect()).collect();
    let codes: Vec<Vec<i32>> = (0..fields)
        .map(|f| (0..rows).map(|row| (pick(f, row) % entries[f].len()) as i32).collect())
        .collect();
    // Some rows of every column are null, whatever stands there.
    let bits: Vec<u8> = (0..rows / 8 + 2).map(|i| picks[i % picks.len()] as u8 | 0x5a).collect();
    let valid = |f: usize| Valid { bits: &bits, offset: f % 9 };
    let there = |f: usize, row: usize| bits[(row + f % 9) / 8] >> ((row + f % 9) % 8) & 1 == 1;
    let value = &|f: usize, row: usize| match kind(f) {
        0 => Value::Missing,
        1 => Value::Number(plain[f][row]),
        2 if there(f, row) => Value::Number(plain[f][row]),
        3 => Value::Number(whole[f][row] as f64),
        4 if there(f, row) => Value::Number(whole[f][row] as f64),
        5 | 6 if kind(f) == 5 || there(f, row) => entries[f][codes[f][row] as usize],
        2 | 4 | 6 => Value::Missing,
        _ => entries[f][codes[f][row] as usize],
    };
    let each: Vec<Vec<Value<'_>>> =
        (0..fields).map(|f| (0..rows).map(|row| value(f, row)).collect()).collect();
    let column = |f: usize| match kind(f) {
        0 => Column::Missing,
        1 => Column::Numbers { values: &plain[f], valid: None },
        2 => Column::Numbers { values: &plain[f], valid: Some(valid(f)) },
        3 => Column::Integers { values: &whole[f], valid: None },
        4 => Column::Integers { values: &whole[f], valid: Some(valid(f)) },
        5 => Column::Codes { codes: &codes[f], valid: None, entries: &entries[f] },
        6 => Column::Codes { codes: &codes[f], valid: Some(valid(f)), entries: &entries[f] },
        _ => Column::Each { rows, values: &each[f] },
    };
    let all: Vec<Vec<Value<'_>>> =
        (0..rows).map(|row| each.iter().map(|column| column[row]).collect()).collect();
    check(model, &all, &(0..fields).map(column).collect::<Vec<_>>())
}

/// The model with few different losses, so that many are equal, its terms from the last to the first, and no refusals of
/// numbers out of range.
fn tied(model: Model) -> Model {
    let mut parts = model.into_parts();
    let few = |x: &mut f64| *x = f64::from((x.to_bits() % 5) as u32) / 2.0 - 1.0;
    let of_sum = |additive: &mut Additive| {
        additive.terms.reverse();
        for term in &mut additive.terms {
            few(&mut term.baseline);
            if let Shape::Lookup { values } | Shape::Pair { values, .. } = &mut term.shape {
                values.iter_mut().for_each(few);
            }
        }
    };
    match &mut parts.predictor {
        Predictor::Additive(additive) => of_sum(additive),
        Predictor::Segmented(s) => s.segments.iter_mut().for_each(|s| of_sum(&mut s.additive)),
        Predictor::Tree(tree) => tree.nodes.iter_mut().for_each(|node| {
            node.pd = [0.1, 0.2, 0.4][(node.pd.to_bits() % 3) as usize];
        }),
        Predictor::AmountTree(tree) => tree.nodes.iter_mut().for_each(|node| few(&mut node.value)),
        Predictor::Centroids(_) => {}
    }
    for field in &mut parts.schema.fields {
        if let Kind::Number { out_of_range: policy @ OutOfRange::Reject, .. } = &mut field.kind {
            *policy = OutOfRange::Clip;
        }
    }
    Model::new(parts).unwrap()
}

/// The sum without the terms that make losses hard to rank beforehand: lookups alone, one a field.
fn lookups(model: Model) -> Model {
    let mut parts = model.into_parts();
    if let Predictor::Additive(additive) = &mut parts.predictor {
        additive.terms.retain(|term| matches!(term.shape, Shape::Lookup { .. }));
        let fields = |t: usize| parts.transforms[t].field();
        let mut seen = std::collections::BTreeSet::new();
        additive.terms.retain(|term| seen.insert(fields(term.transform)));
    }
    Model::new(parts).unwrap()
}

fn picks() -> impl Strategy<Value = Vec<usize>> {
    proptest::collection::vec(any::<usize>(), 1..60)
}

fn kinds() -> impl Strategy<Value = Vec<u8>> {
    proptest::collection::vec(0..8u8, 1..12)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]

    #[test]
    fn any_model_says_the_same_of_any_columns(model in model(), kinds in kinds(), rows in 0..70usize, picks in picks()) {
        check_columns(&model, &kinds, rows, &picks)?;
    }

    #[test]
    fn wide_models_with_equal_losses_name_the_same_reasons(
        model in model_of(5..12), kinds in kinds(), rows in 0..70usize, picks in picks()
    ) {
        let model = tied(model);
        check_columns(&model, &kinds, rows, &picks)?;
        check_columns(&lookups(model), &kinds, rows, &picks)?;
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn rows_of_several_blocks_are_scored_alike(model in model_of(1..9), kinds in kinds(), more in 0..40usize, picks in picks()) {
        check_columns(&tied(model), &kinds, 2 * 1024 - 20 + more, &picks)?;
    }
}

/// A field of more categories than tables are made for: scored by the plain scorer within.
#[test]
fn a_model_too_large_for_tables_says_the_same() {
    let mut parts = crate::sample_parts("v1-scorecard");
    let categories: Vec<String> = (0..70_000).map(|i| format!("{i:05}")).collect();
    let Kind::Category { categories: of_field, .. } = &mut parts.schema.fields[2].kind else {
        panic!("home")
    };
    let transform = parts.transforms.iter_mut().find(|t| t.field() == 2).unwrap();
    let Transform::Groups { group_of, groups, .. } = transform else { panic!("groups") };
    *group_of = (0..categories.len()).map(|i| i % *groups).collect();
    *of_field = categories;
    let model = Model::new(parts).unwrap();
    let text = |i: usize| {
        if i.is_multiple_of(9) { "unheard of".to_owned() } else { format!("{:05}", i * 691 % 70_000) }
    };
    let homes: Vec<String> = (0..100).map(text).collect();
    let row = |(i, home): (usize, &'_ String)| i as f64 * 1.5 - 3.0 + home.len() as f64;
    let ages: Vec<f64> = homes.iter().enumerate().map(row).collect();
    let homes: Vec<Value<'_>> = homes.iter().map(|home| Value::Text(home)).collect();
    let rows: Vec<Vec<Value<'_>>> = ages
        .iter()
        .zip(&homes)
        .map(|(age, home)| vec![Value::Number(*age), Value::Number(age - 20.0), *home, Value::Missing])
        .collect();
    let late: Vec<f64> = ages.iter().map(|age| age - 20.0).collect();
    let columns = [
        Column::Numbers { values: &ages, valid: None },
        Column::Numbers { values: &late, valid: None },
        Column::Each { rows: homes.len(), values: &homes },
        Column::Missing,
    ];
    check(&model, &rows, &columns).unwrap();
    assert!(plain(&model, &rows).iter().filter(|row| row.is_err()).count() > 5);
}
