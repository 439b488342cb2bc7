use crate::sample;
use arrears_model::schema::{OutOfRange, Unseen, number_as_category};
use arrears_model::value::{Flag, FlagKind, RefusalKind};
use arrears_model::{Cell, Field, Kind, Scorer, Special, Value};

type Ingested = Result<(Cell, Option<FlagKind>), RefusalKind>;

const PLAIN: fn(Cell) -> Ingested = |cell| Ok((cell, None));

fn number(min: Option<f64>, max: Option<f64>, out_of_range: OutOfRange, special: &[f64]) -> Field {
    let kind = Kind::Number {
        min,
        max,
        out_of_range,
        special: special.iter().map(|x| Special::Value(*x)).collect(),
    };
    Field { name: "x".to_owned(), kind, reason: None, required: false, formula: None }
}

fn any_number() -> Field {
    number(None, None, OutOfRange::Reject, &[])
}

fn category(categories: &[&str], unseen: Unseen) -> Field {
    let categories = categories.iter().map(|c| (*c).to_owned()).collect();
    Field {
        name: "c".to_owned(),
        kind: Kind::Category { categories, unseen },
        reason: None,
        required: false,
        formula: None,
    }
}

fn ingest(field: &Field, value: Value<'_>) -> Ingested {
    field.ingest(&["NA".to_owned(), "-1".to_owned(), "n/a here".to_owned()], value)
}

fn text(field: &Field, text: &str) -> Ingested {
    ingest(field, Value::Text(text))
}

#[test]
fn nothing_blank_and_missing_texts_are_missing() {
    for field in [any_number(), category(&["NA", "x"], Unseen::Reject)] {
        assert_eq!(ingest(&field, Value::Missing), PLAIN(Cell::Missing));
        assert_eq!(ingest(&field, Value::Number(f64::NAN)), PLAIN(Cell::Missing));
        assert_eq!(ingest(&field, Value::Number(-f64::NAN)), PLAIN(Cell::Missing));
        for blank in ["", " ", "\t\r\n", "\u{a0}\u{3000}\u{2028}", "NA", " NA\t", "\u{3000}n/a here "] {
            assert_eq!(text(&field, blank), PLAIN(Cell::Missing), "{blank:?}");
        }
    }
}

#[test]
fn missing_texts_are_compared_as_they_stand() {
    assert_eq!(text(&any_number(), "na"), Err(RefusalKind::NotANumber));
    assert_eq!(text(&category(&[], Unseen::Reject), "na"), Err(RefusalKind::UnseenCategory));
    assert_eq!(text(&any_number(), "N A"), Err(RefusalKind::NotANumber));
}

#[test]
fn a_missing_number_is_missing_however_it_is_written() {
    let special = number(None, None, OutOfRange::Reject, &[-1.0]);
    for field in [any_number(), special] {
        assert_eq!(ingest(&field, Value::Number(-1.0)), PLAIN(Cell::Missing));
        for written in ["-1", "-1.0", "-1e0", " -1. "] {
            assert_eq!(text(&field, written), PLAIN(Cell::Missing), "{written}");
        }
        assert_eq!(text(&field, "-1.0000001"), PLAIN(Cell::Number(-1.000_000_1)));
    }
    let field = category(&["-1", "-1.0"], Unseen::Reject);
    assert_eq!(ingest(&field, Value::Number(-1.0)), PLAIN(Cell::Missing));
    assert_eq!(text(&field, "-1.0"), PLAIN(Cell::Category(1)));
}

#[test]
fn texts_become_numbers() {
    let cases = [
        ("0", 0.0),
        ("  12.5\n", 12.5),
        ("+7", 7.0),
        (".5", 0.5),
        ("5.", 5.0),
        ("1e3", 1000.0),
        ("1E-3", 0.001),
        ("0.1", 0.1),
        ("1.7976931348623157e308", f64::MAX),
        ("5e-324", 5e-324),
        ("1e-400", 0.0),
        ("00012", 12.0),
    ];
    for (written, x) in cases {
        assert_eq!(text(&any_number(), written), PLAIN(Cell::Number(x)), "{written}");
    }
}

#[test]
fn other_texts_are_no_numbers() {
    for written in
        ["x", "1,5", "1 000", "1_000", "0x10", "12.5%", "1e", "e1", ".", "-", "+-1", "１", "1d", "TRUE"]
    {
        assert_eq!(text(&any_number(), written), Err(RefusalKind::NotANumber), "{written}");
    }
}

#[test]
fn infinity_and_nan_as_text_are_refused() {
    for written in ["inf", "-inf", "+Infinity", "NaN", "nan", "-NAN", "1e999", "-1e309"] {
        assert_eq!(text(&any_number(), written), Err(RefusalKind::NotFinite), "{written}");
    }
    for x in [f64::INFINITY, f64::NEG_INFINITY] {
        let clip = number(Some(0.0), Some(1.0), OutOfRange::Clip, &[]);
        assert_eq!(ingest(&clip, Value::Number(x)), Err(RefusalKind::NotFinite));
        assert_eq!(ingest(&any_number(), Value::Number(x)), Err(RefusalKind::NotFinite));
        assert_eq!(ingest(&category(&["inf"], Unseen::Other), Value::Number(x)), Err(RefusalKind::NotFinite));
    }
    assert_eq!(text(&category(&["inf"], Unseen::Other), "inf"), PLAIN(Cell::Category(0)));
}

#[test]
fn special_codes_may_lie_outside_the_range() {
    let field = number(Some(0.0), Some(100.0), OutOfRange::Reject, &[-9.0, 0.0, 9999.0]);
    assert_eq!(ingest(&field, Value::Number(9999.0)), PLAIN(Cell::Special(2)));
    assert_eq!(text(&field, " 9999.0 "), PLAIN(Cell::Special(2)));
    assert_eq!(text(&field, "-9"), PLAIN(Cell::Special(0)));
    assert_eq!(ingest(&field, Value::Number(-0.0)), PLAIN(Cell::Special(1)));
    assert_eq!(
        ingest(&field, Value::Number(9998.0)).unwrap_err().to_string(),
        "expected a number from 0 to 100"
    );
}

#[test]
fn a_special_range_holds_both_its_ends() {
    let mut field = number(Some(0.0), None, OutOfRange::Reject, &[]);
    let Kind::Number { special, .. } = &mut field.kind else { panic!("a number") };
    *special = vec![Special::Range([-9.0, -0.0]), Special::Value(3.0), Special::Range([3.5, 4.0])];
    for (x, code) in [(-9.0, 0), (-1.5, 0), (0.0, 0), (3.0, 1), (3.5, 2), (4.0, 2)] {
        assert_eq!(ingest(&field, Value::Number(x)), PLAIN(Cell::Special(code)), "{x}");
    }
    for x in [5e-324, 3.0f64.next_up(), 3.5f64.next_down(), 4.0f64.next_up()] {
        assert_eq!(ingest(&field, Value::Number(x)), PLAIN(Cell::Number(x)), "{x}");
    }
    assert!(ingest(&field, Value::Number((-9.0f64).next_down())).is_err());
}

#[test]
fn a_range_holds_both_its_ends() {
    let field = |policy| number(Some(-0.5), Some(2.0), policy, &[]);
    for policy in [OutOfRange::Reject, OutOfRange::Missing, OutOfRange::Clip] {
        for x in [-0.5, -0.0, 0.0, 2.0] {
            assert_eq!(ingest(&field(policy), Value::Number(x)), PLAIN(Cell::Number(x)));
        }
    }
    for x in [-1e300, (-0.5f64).next_down(), 2.0f64.next_up(), 1e300] {
        let refused = RefusalKind::OutOfRange { min: Some(-0.5), max: Some(2.0) };
        assert_eq!(ingest(&field(OutOfRange::Reject), Value::Number(x)), Err(refused));
        let missing = Ok((Cell::Missing, Some(FlagKind::OutOfRangeAsMissing)));
        assert_eq!(ingest(&field(OutOfRange::Missing), Value::Number(x)), missing);
        let bound = if x < 0.0 { -0.5 } else { 2.0 };
        let clipped = Ok((Cell::Number(bound), Some(FlagKind::OutOfRangeClipped)));
        assert_eq!(ingest(&field(OutOfRange::Clip), Value::Number(x)), clipped);
    }
}

#[test]
fn a_range_may_have_one_end() {
    let low = number(Some(0.0), None, OutOfRange::Reject, &[]);
    assert_eq!(ingest(&low, Value::Number(f64::MAX)), PLAIN(Cell::Number(f64::MAX)));
    assert_eq!(text(&low, "-5e-324").unwrap_err().to_string(), "expected a number of at least 0");
    let high = number(None, Some(1.5), OutOfRange::Clip, &[]);
    assert_eq!(ingest(&high, Value::Number(-1e300)), PLAIN(Cell::Number(-1e300)));
    assert_eq!(text(&high, "1.6"), Ok((Cell::Number(1.5), Some(FlagKind::OutOfRangeClipped))));
    let high = number(None, Some(1.5), OutOfRange::Reject, &[]);
    assert_eq!(text(&high, "1.6").unwrap_err().to_string(), "expected a number of at most 1.5");
}

#[test]
fn a_clipped_number_is_not_compared_with_the_special_codes_again() {
    let field = number(Some(0.0), Some(9.0), OutOfRange::Clip, &[9.0]);
    assert_eq!(
        ingest(&field, Value::Number(10.0)),
        Ok((Cell::Number(9.0), Some(FlagKind::OutOfRangeClipped)))
    );
}

#[test]
fn a_category_is_found_by_its_bytes() {
    let field = category(&["", "A", "a b", "北京"], Unseen::Reject);
    assert_eq!(text(&field, " 北京\u{a0}"), PLAIN(Cell::Category(3)));
    assert_eq!(text(&field, "A"), PLAIN(Cell::Category(1)));
    for unseen in ["a", "a  b", "北", "Ａ"] {
        assert_eq!(text(&field, unseen), Err(RefusalKind::UnseenCategory), "{unseen}");
    }
}

#[test]
fn an_unseen_category_follows_its_policy() {
    let flag = Some(FlagKind::UnseenCategory);
    assert_eq!(text(&category(&["a"], Unseen::Other), "b"), Ok((Cell::Unseen, flag)));
    assert_eq!(text(&category(&["a"], Unseen::Missing), "b"), Ok((Cell::Missing, flag)));
    assert_eq!(text(&category(&["a"], Unseen::Reject), "b"), Err(RefusalKind::UnseenCategory));
    assert_eq!(text(&category(&[], Unseen::Other), "b"), Ok((Cell::Unseen, flag)));
}

#[test]
fn a_number_in_a_category_field_goes_by_its_shortest_name() {
    let field = category(&["0", "1", "2.5"], Unseen::Reject);
    let cell = |x: f64| ingest(&field, Value::Number(x));
    assert_eq!([0.0, -0.0, 1.0, 2.5].map(cell), [0, 0, 1, 2].map(|c| PLAIN(Cell::Category(c))));
    assert_eq!(cell(1.000_000_1), Err(RefusalKind::UnseenCategory));
    // Text is taken as it stands.
    assert_eq!(text(&field, "1"), PLAIN(Cell::Category(1)));
    assert_eq!(text(&field, "1.0"), Err(RefusalKind::UnseenCategory));
    let names = [1e21, 1e-7, -123_456_789.5, 0.1, -0.0].map(number_as_category);
    assert_eq!(names, ["1000000000000000000000", "0.0000001", "-123456789.5", "0.1", "0"]);
}

#[test]
fn the_first_refused_value_names_the_refusal() {
    let model = sample("v1-scorecard");
    let mut scorer = Scorer::new(&model);
    let refusal = scorer.score(&[Value::Text("x\"y"), Value::Text("z")]).unwrap_err();
    assert_eq!(refusal.column, "age");
    assert_eq!(
        refusal.to_string(),
        "column `age` has \"x\\\"y\": expected a number such as 12.5, or one of the texts declared as missing"
    );
    let refusal = scorer.score(&[Value::Missing, Value::Number(-3.0)]).unwrap_err();
    assert_eq!(refusal.to_string(), "column `days_late` has \"-3\": expected a number of at least 0");
}

#[test]
fn a_long_refused_value_is_cut() {
    let model = sample("v1-scorecard");
    let mut scorer = Scorer::new(&model);
    let long = "很".repeat(61);
    let refusal = scorer.score(&[Value::Text(&long)]).unwrap_err();
    assert_eq!(refusal.value, format!("{}…", "很".repeat(60)));
    let refusal = scorer.score(&[Value::Text(&long[..180])]).unwrap_err();
    assert_eq!(refusal.value, "很".repeat(60));
    let refusal = scorer.score(&[Value::Missing, Value::Number(-1e300)]).unwrap_err();
    assert_eq!(refusal.value.chars().count(), 61);
}

#[test]
fn flags_name_field_and_kind_in_schema_order() {
    let model = sample("v1-scorecard");
    let row = [Value::Number(150.0), Value::Missing, Value::Text("tent"), Value::Number(7.0)];
    let scored = Scorer::new(&model).score(&row).unwrap();
    let flag = |field, kind| Flag { field, kind };
    let expected = [
        flag(0, FlagKind::OutOfRangeClipped),
        flag(2, FlagKind::UnseenCategory),
        flag(3, FlagKind::UnseenCategory),
    ];
    assert_eq!(scored.flags, expected);
}

#[test]
fn a_scorer_does_not_remember_the_row_before() {
    let model = sample("v1-scorecard");
    let rows = [
        vec![Value::Number(20.0), Value::Number(50.0), Value::Text("rent")],
        vec![],
        vec![Value::Number(60.0)],
    ];
    let mut scorer = Scorer::new(&model);
    let one_after_the_other = rows.each_ref().map(|row| scorer.score(row).unwrap());
    let each_by_itself = rows.each_ref().map(|row| Scorer::new(&model).score(row).unwrap());
    assert_eq!(one_after_the_other, each_by_itself);
    assert!(scorer.score(&[Value::Text("x")]).is_err());
    assert_eq!(scorer.score(&rows[0]), Ok(each_by_itself[0].clone()));
}
