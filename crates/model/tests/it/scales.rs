use arrears_model::scale::{Grade, Scale, check_grades, grade, log_odds, probability};
use proptest::prelude::*;

fn close(a: f64, b: f64) {
    assert!((a - b).abs() <= 1e-12 * b.abs().max(1.0), "{a} is not {b}");
}

#[test]
fn points_double_the_odds_at_every_pdo() {
    // 600 points at 50:1 and 20 to double: 620 at 100:1, 580 at 25:1. At 1:1: 600 - 20 log2(50).
    let scale = Scale::default();
    close(scale.score(-50f64.ln()), 600.0);
    close(scale.score(-100f64.ln()), 620.0);
    close(scale.score(-25f64.ln()), 580.0);
    close(scale.score(0.0), 487.122_876_204_504_5);
    close(scale.offset(), 487.122_876_204_504_5);
    close(scale.factor(), 28.853_900_817_779_27);
    close(scale.score(log_odds(1.0 / 51.0)), 600.0);
}

#[test]
fn known_probabilities() {
    close(probability(0.0), 0.5);
    close(probability(3f64.ln()), 0.75);
    close(probability(-9f64.ln()), 0.1);
    close(log_odds(0.75), 3f64.ln());
    // Values of 1 / (1 + e^-1) and 1 / (1 + e^30) to 17 digits.
    close(probability(1.0), 0.731_058_578_630_004_9);
    assert!((probability(-30.0) / 9.357_622_968_839_299e-14 - 1.0).abs() < 1e-12);
}

#[test]
fn extreme_log_odds_give_probabilities() {
    assert_eq!([-1e18, -746.0, 746.0, 1e18].map(probability), [0.0, 0.0, 1.0, 1.0]);
    assert!(probability(-745.0) > 0.0);
    assert!(log_odds(5e-324).is_finite() && log_odds(1.0f64.next_down()).is_finite());
}

#[test]
fn a_grade_holds_its_upper_bound() {
    let named = |name: &str, max_pd| Grade { name: name.to_owned(), label: None, max_pd };
    let grades = [named("A", Some(0.1)), named("B", Some(0.3)), named("C", None)];
    let found = [0.0, 0.1, 0.1f64.next_up(), 0.3, 0.3f64.next_up(), 1.0].map(|pd| grade(&grades, pd));
    assert_eq!(found, [0, 0, 1, 1, 2, 2].map(Some));
    assert_eq!(grade(&[], 0.5), None);
    assert!(check_grades(&grades).is_ok() && check_grades(&grades[2..]).is_ok() && check_grades(&[]).is_ok());
    assert!(check_grades(&grades[..2]).is_err());
}

proptest! {
    #[test]
    fn probability_undoes_log_odds(exponent in -300.0f64..0.0, high: bool) {
        let small = 0.5 * exponent.exp2();
        let p = if high { 1.0 - small } else { small };
        prop_assume!(p < 1.0);
        let again = probability(log_odds(p));
        prop_assert!((again - p).abs() <= 1e-13 * p, "{p} became {again}");
    }

    #[test]
    fn probability_mirrors_and_ascends(x in -700.0f64..700.0, step in 0.0f64..10.0) {
        prop_assert!((probability(x) + probability(-x) - 1.0).abs() <= 1e-15);
        prop_assert!(probability(x) <= probability(x + step));
    }
}
