//! `ln`, which CEL does not have: by row and by column, with the same bits, and missing where there is none.

use arrears_expression::{Columns, Expression, Kind, Value};

struct One<'a>(&'a [f64]);

impl Columns for One<'_> {
    fn numbers(&self, _: usize, start: usize, out: &mut [f64]) {
        out.copy_from_slice(&self.0[start..start + out.len()]);
    }

    fn times(&self, _: usize, _: usize, _: &mut [i64]) {}

    fn codes(&self, _: usize, _: usize, _: &mut [u32]) {}

    fn texts(&self, _: usize) -> usize {
        0
    }

    fn text(&self, _: usize, _: u32) -> &str {
        ""
    }
}

#[test]
fn by_row_and_by_column() {
    let odds =
        Expression::compile_as(Kind::Number, "ln(x / (1 - x))", &[("x", Kind::Number)]).expect("a formula");
    // Log-odds of round probabilities, to 16 digits (Python's math.log).
    let known =
        [(0.5, 0.0), (0.1, -2.197224577336219), (0.75, 1.0986122886681098), (1e-9, -20.72326583594641)];
    let none = [0.0, 1.0, -0.5, 2.0, f64::NAN];
    let inputs: Vec<f64> = known.iter().map(|(x, _)| *x).chain(none).collect();
    let mut out = vec![0.0; inputs.len()];
    odds.bind(&One(&inputs)).numbers(&One(&inputs), 0..inputs.len(), &mut out);
    for ((x, expected), found) in known.iter().zip(&out) {
        assert!((found - expected).abs() <= 1e-14 * expected.abs().max(1.0), "{x}: {found}");
        let Value::Number(by_row) = odds.row(&[Value::Number(*x)]) else { panic!("a number") };
        assert_eq!(by_row.to_bits(), found.to_bits());
    }
    assert!(out[known.len()..].iter().all(|x| x.is_nan()), "{out:?}");
    assert_eq!(odds.row(&[Value::Number(2.0)]), Value::Missing);
    assert!(Expression::compile("ln(x, 2)", &[("x", Kind::Number)]).is_err());
    assert!(Expression::compile("ln('x')", &[]).is_err());
}
