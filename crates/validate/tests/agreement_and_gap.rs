//! Agreement of partitions and the gap statistic, against scikit-learn and plain numpy.

use arrears_validate::{Gap, Points, ReferenceBox, adjusted_rand_index, first_gap, gap};
use serde_json::Value;

fn cases(of: &str) -> Vec<Value> {
    let all: Value = serde_json::from_str(include_str!("reference/agreement.json")).unwrap();
    all[of].as_array().unwrap().clone()
}

fn numbers(list: &Value) -> Vec<f64> {
    list.as_array().unwrap().iter().map(|x| x.as_f64().unwrap()).collect()
}

fn labels(list: &Value) -> Vec<usize> {
    list.as_array().unwrap().iter().map(|x| x.as_u64().unwrap() as usize).collect()
}

#[test]
fn the_adjusted_rand_index_is_that_of_scikit_learn() {
    for case in cases("partitions") {
        let (one, other) = (labels(&case["one"]), labels(&case["other"]));
        let expected = case["ari"].as_f64().unwrap();
        for (one, other) in [(&one, &other), (&other, &one)] {
            let found = adjusted_rand_index(one, other).unwrap();
            assert!((found - expected).abs() < 1e-12, "{}: {found} is not {expected}", case["name"]);
        }
    }
    // By hand: 4 rows, pairs kept together by both: 1; by the first: 2 of 6; by the other: 3 of 6. Chance: 1.
    let found = adjusted_rand_index(&[0, 0, 1, 1], &[0, 0, 0, 1]).unwrap();
    assert_eq!(found, 0.0);
    assert!(adjusted_rand_index(&[], &[]).is_err());
    assert!(adjusted_rand_index(&[0, 1], &[0]).is_err());
}

#[test]
fn gap_error_and_rule_are_those_of_the_paper() {
    for case in cases("gaps") {
        let references: Vec<Vec<f64>> = case["references"].as_array().unwrap().iter().map(numbers).collect();
        let (own, gaps, errors) = (numbers(&case["inertia"]), numbers(&case["gap"]), numbers(&case["error"]));
        let found: Vec<Gap> =
            own.iter().zip(&references).map(|(own, references)| gap(*own, references).unwrap()).collect();
        for (found, (gap, error)) in found.iter().zip(gaps.iter().zip(&errors)) {
            assert!((found.gap - gap).abs() < 1e-12 && (found.error - error).abs() < 1e-12, "{found:?}");
        }
        assert_eq!(first_gap(&found), case["first"].as_u64().map(|at| at as usize), "{}", case["name"]);
    }
    // By hand: ln 4 and ln 1 against ln 2: mean ln 2 - ln 2, deviation ln 2, two references.
    let by_hand = gap(2.0, &[4.0, 1.0]).unwrap();
    let error = 2f64.ln() * 1.5f64.sqrt();
    assert!(by_hand.gap.abs() < 1e-15 && (by_hand.error - error).abs() < 1e-15, "{by_hand:?}");
    assert!(gap(0.0, &[1.0]).is_err() && gap(1.0, &[]).is_err() && gap(1.0, &[f64::NAN]).is_err());
    let rising = [0.0, 1.0, 2.0].map(|gap| Gap { gap, error: 0.5 });
    assert_eq!(first_gap(&rising), None);
}

/// Drawn rows fill the box of numpy's axes evenly, and no more than the box.
#[test]
fn reference_rows_fill_the_box_of_the_principal_axes() {
    const ROWS: usize = 20_000;
    for case in cases("boxes") {
        let dims = case["dims"].as_u64().unwrap() as usize;
        let points = numbers(&case["points"]);
        let about = ReferenceBox::new(Points::new(&points, dims).unwrap());
        let drawn = about.draw(ROWS, 7);
        assert_eq!(drawn, about.draw(ROWS, 7));
        assert_ne!(drawn, about.draw(ROWS, 8));
        let centre = numbers(&case["centre"]);
        let axes: Vec<Vec<f64>> = case["axes"].as_array().unwrap().iter().map(numbers).collect();
        let ranges = numbers(&case["low"]).into_iter().zip(numbers(&case["high"]));
        for (axis, (low, high)) in axes.iter().zip(ranges) {
            let along = |row: &[f64]| -> f64 {
                row.iter().zip(&centre).zip(axis).map(|((x, c), a)| a * (x - c)).sum()
            };
            // Where in the range, 0 to 1.
            let places: Vec<f64> = drawn.chunks(dims).map(|row| (along(row) - low) / (high - low)).collect();
            assert!(places.iter().all(|place| (-1e-9..1.0 + 1e-9).contains(place)), "{}", case["name"]);
            for tenth in 0..10 {
                let inside = |place: &&f64| (**place * 10.0).floor() as i32 == tenth;
                let share = places.iter().filter(inside).count() as f64 / ROWS as f64;
                // Five standard errors of a share of 0.1.
                assert!((share - 0.1).abs() < 5.0 * (0.09 / ROWS as f64).sqrt(), "{share}");
            }
        }
    }
}
