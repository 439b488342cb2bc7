//! Names of columns as businesses have them: letters of any script, and anything else in backquotes.

use arrears_expression::{Expression, Kind, Value};

fn found(text: &str, column: &str, value: f64) -> f64 {
    let expression = Expression::compile(text, &[(column, Kind::Number)]).expect("it compiles");
    match expression.row_with(|_| Value::Number(value)) {
        Value::Number(x) => x,
        other => panic!("{text}: {other:?}"),
    }
}

#[test]
fn letters_of_any_script_make_names() {
    for name in ["Stückpreis", "客户编号", "größe_2", "цена", "été"] {
        assert_eq!(found(&format!("2 * {name} - 1"), name, 5.0), 9.0, "{name}");
    }
}

#[test]
fn backquotes_hold_any_name() {
    for name in ["Betrag (Cent)", "unit-price", "2nd", "true", "in", "for", "a.b", "min", "'"] {
        assert_eq!(found(&format!("min(`{name}`, 3) + `{name}`"), name, 4.0), 7.0, "{name}");
    }
}

#[test]
fn what_is_no_name_is_told() {
    let told =
        |text: &str| Expression::compile(text, &[("Menge", Kind::Number)]).expect_err(text).to_string();
    assert!(told("Menge * `Menge").contains("character 9") && told("``").contains("between two backquotes"));
    assert!(told("Stück").contains("there is no column `Stück`"), "{}", told("Stück"));
    // A digit of another script begins no name and is no number.
    assert!(told("\u{664} + 1").contains("character 1: expected a number"), "{}", told("\u{664} + 1"));
    assert!(told("2Stück").contains("followed by letters"), "{}", told("2Stück"));
    assert!(told("`Menge`(1)").contains("expected an operator"), "{}", told("`Menge`(1)"));
}
