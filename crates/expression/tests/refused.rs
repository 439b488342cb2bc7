//! What is refused, with the place; and texts that want to break the program.

use arrears_expression::{Expression, Kind, MAX_BYTES, Value};
use proptest::prelude::*;

const COLUMNS: [(&str, Kind); 4] =
    [("amount", Kind::Number), ("category", Kind::Text), ("vip", Kind::Bool), ("paid_at", Kind::Time)];

fn message(text: &str) -> String {
    match Expression::compile(text, &COLUMNS) {
        Ok(_) => "accepted".to_owned(),
        Err(error) => error.to_string(),
    }
}

#[test]
fn each_fault_is_named_with_its_place_and_what_would_be_right() {
    let cases = [
        ("", "character 1: expected a number, a text in quotes, a column, a function or `(`, found the end"),
        (
            "amount >",
            "character 9: expected a number, a text in quotes, a column, a function or `(`, found the end",
        ),
        ("amount = 3", "character 8: expected `==` to compare, found `=`"),
        ("vip & vip", "character 5: expected `&&`, found `&`"),
        ("(amount > 3", "character 12: expected an operator or `)`, found the end"),
        ("amount > 3)", "character 11: expected an operator or the end, found `)`"),
        ("amount 3", "character 8: expected an operator or the end, found the number 3"),
        ("amuont > 3", "character 1: there is no column `amuont`; did you mean `amount`?"),
        ("x > 3", "character 1: there is no column `x`; there are amount, category, vip, paid_at"),
        ("category > 3", "character 10: `>` compares values of one kind, and these are a text and a number"),
        ("amount && vip", "character 1: `&&` needs a condition, and this is a number"),
        ("'é' == 'ü' && amount", "character 15: `&&` needs a condition, and this is a number"),
        ("category + 'x'", "character 1: `+` needs a number, and this is a text"),
        ("vip < vip", "character 5: `<` does not order conditions: they are equal (==) or not (!=)"),
        ("amount < null", "character 8: `<` does not order `null`: x == null asks whether x is missing"),
        (
            "null",
            "character 1: `null` has no kind here: compare with it (x == null), or give it as one of two values of ? :",
        ),
        (
            "paid_at - paid_at",
            "character 9: `-` does not take moments: the days between two are days(later, earlier)",
        ),
        ("amount in 3", "character 11: `in` needs a list of numbers or of texts on its right: x in [1, 2]"),
        (
            "amount in [1, 'a']",
            "character 15: `in` needs a list of constants of the kind of its left, a number; this is a text",
        ),
        ("vip in [true]", "character 1: `in` needs a number or a text, and this is a condition"),
        (
            "vip ? 1 : 'a'",
            "character 5: `? :` chooses between values of one kind, and these are a number and a text",
        ),
        ("contains(category, 'a')", "character 1: `contains` is called as x.contains('text')"),
        ("category.contains(category)", "character 19: `contains` needs a text in quotes"),
        ("min(amount)", "character 1: `min` takes at least 2 values, and here are 1"),
        ("category.matches('a.*')", "character 10: `matches` is not supported; supported are "),
        ("amount[0]", "character 7: an index `[..]` is not supported; supported are "),
        ("amount.cents", "character 8: a field `.cents` is not supported"),
        ("{'a': 1}", "character 1: a map `{..}` is not supported"),
        (
            "timestamp('2024-02-30T00:00:00Z')",
            "character 11: '2024-02-30T00:00:00Z' is not a moment with its zone",
        ),
        ("category == 'toys", "character 13: 'toys has no closing quote"),
        (r"category == '\q'", "character 13: '\\q' has an unknown escape: write a backslash twice"),
        ("amount > 12abc", "character 10: 12 is followed by letters"),
        ("amount > 9007199254740993", "character 10: 9007199254740993 is a whole number of 2^53 or more"),
        ("amount > 1e999", "character 10: 1e999 is too large for a double"),
        ("amount > 5u", "character 10: 5 is followed by letters"),
        ("category == b'x'", "character 14: expected an operator or the end, found the text 'x'"),
        ("import", "character 1: `import` is a reserved word of CEL"),
        ("amount > 3 // and\n < vip", "character 20: `<` does not order conditions"),
    ];
    for (text, expected) in cases {
        let found = message(text);
        assert!(found.contains(expected), "{text}: {found}");
    }
    let unknown = "character 1: there is no function `aps`; did you mean `abs`?; supported are numbers, texts in quotes";
    assert!(message("aps(amount)").starts_with(unknown), "{}", message("aps(amount)"));
    let number = Expression::compile_as(Kind::Bool, "amount + 1", &COLUMNS).unwrap_err();
    assert_eq!(number.to_string(), "the expression gives a number, and a condition is needed here");
}

#[test]
fn deep_and_long_texts_are_refused_or_read_on_a_small_stack() {
    let run = || {
        for n in [10, 60, 63, 64, 65, 1_000, 30_000] {
            let texts = [
                "(".repeat(n) + "1" + &")".repeat(n),
                "(".repeat(n),
                "[".repeat(n),
                "vip ? 1 : ".repeat(n) + "2",
                "abs(".repeat(n) + "1" + &")".repeat(n),
                "1".to_owned() + &" + 1".repeat(n),
                "1".to_owned() + &" * 2 - 1".repeat(n),
                "-(".repeat(n) + "1" + &")".repeat(n),
                "!(".repeat(n) + "vip" + &")".repeat(n),
                "category".to_owned() + &".size()".repeat(n),
                "vip".to_owned() + &" == vip".repeat(n),
            ];
            for text in texts {
                let found = message(&text);
                let refused = found.contains("levels of nesting") || found.contains("bytes");
                assert!(refused || n < 65, "{n} {found}");
            }
            for text in [
                format!("vip{}", " && vip".repeat(n)),
                format!("{}vip", "!".repeat(n)),
                "-".repeat(n) + "amount",
            ] {
                assert_eq!(message(&text) == "accepted", text.len() <= MAX_BYTES, "{n}");
            }
        }
    };
    std::thread::Builder::new().stack_size(1 << 20).spawn(run).unwrap().join().unwrap();
}

#[test]
fn long_lists_and_long_chains_of_conditions_are_read() {
    let list: Vec<String> = (0..5_000).map(|n| format!("'p{n}'")).collect();
    let expression = Expression::compile(&format!("category in [{}]", list.join(", ")), &COLUMNS).unwrap();
    assert_eq!(expression.row(&[Value::Missing, Value::Text("p4999")]), Value::Bool(true));
    assert_eq!(expression.row(&[Value::Missing, Value::Text("p5000")]), Value::Bool(false));
    let least: Vec<String> = (0..5_000).map(|n| n.to_string()).collect();
    let expression = Expression::compile(&format!("min(amount, {})", least.join(", ")), &COLUMNS).unwrap();
    assert_eq!(expression.row(&[Value::Number(-1.0)]), Value::Number(-1.0));
}

#[test]
fn moments_are_those_of_the_calendar() {
    // seconds by GNU date: date -u -d '2024-02-29T23:59:59Z' +%s
    let cases = [
        ("1970-01-01T00:00:00Z", 0),
        ("2024-02-29T23:59:59Z", 1_709_251_199),
        ("2000-03-01T00:00:00Z", 951_868_800),
        ("1900-03-01T00:00:00Z", -2_203_891_200),
        ("0001-01-01T00:00:00Z", -62_135_596_800),
        ("9999-12-31T23:59:59Z", 253_402_300_799),
        ("2024-01-31T01:30:00+01:30", 1_706_659_200),
        ("2024-01-30T19:00:00-05:00", 1_706_659_200),
    ];
    for (text, seconds) in cases {
        let expression = Expression::compile(&format!("timestamp('{text}')"), &[]).unwrap();
        assert_eq!(expression.row(&[]), Value::Time(seconds * 1_000_000), "{text}");
    }
    let expression = Expression::compile("timestamp('1969-12-31T23:59:59.25Z')", &[]).unwrap();
    assert_eq!(expression.row(&[]), Value::Time(-750_000));
    for text in [
        "2024-01-31",
        "2024-01-31T00:00:00",
        "2024-13-01T00:00:00Z",
        "2023-02-29T00:00:00Z",
        "2024-01-31T24:00:00Z",
        "2024-01-31T00:00:60Z",
        "0001-01-01T00:00:00+00:01",
        "9999-12-31T23:59:59-00:01",
        "2024-01-31T00:00:00.1234567Z",
        "2024-01-31 00:00:00Z",
        "2024-01-31T00:00:00.Z",
        "2024-01-31T00:00:00+1:00",
        "+024-01-31T00:00:00Z",
    ] {
        assert!(message(&format!("timestamp('{text}')")).contains("is not a moment"), "{text}");
    }
}

#[test]
fn division_by_zero_overflow_and_what_is_missing_give_missing() {
    let value = |text: &str, row: &[Value<'static>]| {
        let expression = Expression::compile(text, &COLUMNS).unwrap();
        format!("{:?}", expression.row(row))
    };
    let none = [Value::Missing; 4];
    for text in [
        "1 / 0",
        "0 / 0",
        "1 % 0",
        "1e308 * 10",
        "-1e308 - 1e308",
        "amount + 1",
        "amount > 1",
        "!vip",
        "-amount",
    ] {
        assert_eq!(value(text, &none), "Missing", "{text}");
    }
    assert_eq!(value("amount > 1 && false", &none), "Bool(false)");
    assert_eq!(value("amount > 1 || true", &none), "Bool(true)");
    assert_eq!(value("1 / 0 == null", &none), "Bool(true)");
    assert_eq!(value("amount == null ? 0 : amount", &none), "Number(0.0)");
    assert_eq!(value("7 / 2", &none), "Number(3.5)");
    assert_eq!(value("!!true", &none), "Bool(true)");
    assert_eq!(value("!!!true", &none), "Bool(false)");
    assert_eq!(value("2 - --3", &none), "Number(-1.0)");
    assert_eq!(value("-7 % 3", &none), "Number(-1.0)");
    assert_eq!(value("round(2.5) + round(-2.5) + round(0.49)", &none), "Number(0.0)");
    assert_eq!(value("2 + 3 * 4 - 10 / 5 % 3", &none), "Number(12.0)");
    assert_eq!(value("amount", &[Value::Number(f64::NAN)]), "Missing");
    assert_eq!(value("amount > 1", &[Value::Text("2")]), "Missing");
    assert_eq!(value("vip ? 1 : 2", &[]), "Missing");
}

#[test]
fn uses_are_the_columns_of_the_text_only() {
    let expression = Expression::compile("vip || amount > 2 && amount < 5", &COLUMNS).unwrap();
    assert_eq!(expression.uses(), [0, 2]);
    assert_eq!(expression.kind(), Kind::Bool);
    assert_eq!(expression.text(), "vip || amount > 2 && amount < 5");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_text_breaks_it(text in any::<String>()) {
        let _ = message(&text);
    }

    #[test]
    fn no_mix_of_its_words_breaks_it(words in prop::collection::vec(prop::sample::select(vec![
        "amount", "category", "vip", "paid_at", "null", "true", "in", "has", "size", "min", "days", "timestamp", "(", ")", "[",
        "]", ",", ".", "?", ":", "!", "-", "+", "%", "==", "<", "&&", "||", "1", "0.5", "1e", "0x", "'a'", "'", "\"", "'''", "r'",
        "\\", "//", "\n", "é", "日", "startsWith", "{", "}",
    ]), 0..24), glue in prop::sample::select(vec!["", " "])) {
        let text = words.join(glue);
        if let Ok(expression) = Expression::compile(&text, &COLUMNS) {
            let _ = expression.row(&[Value::Number(1.0), Value::Text("a"), Value::Bool(true), Value::Time(0)]);
        }
    }
}
