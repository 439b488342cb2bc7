//! Seven customers, every figure worked out on paper.

use super::{run, standing};
use arrears_assess::{Assessment, Movements, Run, Standing};

fn made() -> Assessment {
    let (now, before) = runs();
    let mut movements = Movements::new(&now, Some(&before), Some(0.5));
    let s =
        |customer, pd, grade, limit, exposure| standing(customer, pd, grade, [limit, exposure], Some("A"));
    let held =
        |s: Standing, model_grade: usize, why: &str| Standing { model_grade, why: Some(why.into()), ..s };
    let add = |m: &mut Movements, b: Option<Standing>, n: Option<Standing>| m.add(b.as_ref(), n.as_ref());
    // Same grade, limit raised from 1000 to 1500.
    add(
        &mut movements,
        Some(s("a", 0.01, 0, Some(1000.0), Some(400.0))),
        Some(s("a", 0.02, 0, Some(1500.0), Some(300.0))),
    );
    // Down two grades, limit withdrawn, 200 owed over nothing.
    add(
        &mut movements,
        Some(s("b", 0.02, 0, Some(500.0), Some(100.0))),
        Some(s("b", 0.30, 2, Some(0.0), Some(200.0))),
    );
    // Down one grade, though the model says two.
    let c = held(s("c", 0.25, 1, Some(400.0), Some(500.0)), 2, "hysteresis");
    add(&mut movements, Some(s("c", 0.02, 0, Some(800.0), Some(500.0))), Some(c));
    // Up one grade.
    add(&mut movements, Some(s("d", 0.25, 2, None, None)), Some(s("d", 0.08, 1, Some(100.0), None)));
    // Held by an override, though the model says worse.
    let e = held(s("e", 0.15, 1, Some(50.0), Some(0.0)), 2, "grade by credit desk, until 2026-12-31: agreed");
    add(&mut movements, Some(s("e", 0.10, 1, Some(50.0), Some(0.0))), Some(e));
    // New, gone, and not assessed.
    add(&mut movements, None, Some(s("f", 0.05, 0, Some(250.0), Some(0.0))));
    add(&mut movements, Some(s("g", 0.05, 1, Some(70.0), Some(30.0))), None);
    movements.reject(Some(&s("h", 0.05, 1, Some(30.0), Some(10.0))));
    movements.finish()
}

fn runs() -> (Run, Run) {
    (
        run("2026-09-30", "shop 1.2.0", &["good", "fair", "at risk"]),
        run("2026-06-30", "shop 1.2.0", &["good", "fair", "at risk"]),
    )
}

#[test]
fn figures_are_those_worked_out_on_paper() {
    let a = made();
    let c = a.customers;
    assert_eq!(
        (c.now, c.before, c.kept, c.new, c.gone, c.rejected, c.rejected_before),
        (6, 7, 5, 1, 1, 1, 1)
    );
    // 300 + 200 + 500 + 0 + 0 of limits 1500 + 0 + 400 + 50 + 250 where both are known.
    assert_eq!(
        (a.now.exposure, a.now.limit, a.now.utilisation),
        (Some(1000.0), Some(2300.0), Some(1000.0 / 2200.0))
    );
    assert_eq!((a.now.over_limit, a.now.over_limit_amount), (2, 300.0));
    // Half of 0.02 x 300 + 0.30 x 200 + 0.25 x 500.
    assert_eq!(a.now.expected_loss, Some(95.5));
    let moves = a.moves.as_ref().unwrap();
    assert_eq!(
        (moves.compared, moves.stable.customers, moves.upgraded.customers, moves.downgraded.customers),
        (5, 2, 1, 2)
    );
    assert_eq!((moves.downgraded.share, moves.downgraded.exposure), (Some(0.4), 700.0));
    assert_eq!((moves.downgrades_per_upgrade, moves.mean_notches), (Some(2.0), Some(0.4)));
    assert_eq!((moves.into_worst.customers, moves.into_worst.exposure), (1, 200.0));
    let causes: Vec<[u64; 4]> = moves
        .causes
        .iter()
        .map(|r| [r.upgraded, r.downgraded, r.held_from_upgrade, r.held_from_downgrade])
        .collect();
    assert_eq!(causes, [[1, 1, 0, 0], [0, 1, 0, 0], [0, 0, 0, 1]]);
    let matrix = a.migration.as_ref().unwrap();
    let counts: Vec<Vec<u64>> =
        matrix.cells.iter().map(|row| row.iter().map(|c| c.customers).collect()).collect();
    assert_eq!(counts, [[1, 1, 1, 0, 0], [0, 1, 0, 1, 1], [0, 1, 0, 0, 0], [1, 0, 0, 0, 0]]);
    assert_eq!(matrix.cells[0][1].exposure_share, Some(0.5));
    let limits = a.limits.as_ref().unwrap();
    let rows: Vec<(&str, u64, f64)> =
        limits.all.iter().map(|row| (row.change.name(), row.customers, row.difference)).collect();
    assert_eq!(
        rows,
        [
            ("raised", 1, 500.0),
            ("cut", 1, -400.0),
            ("granted", 1, 100.0),
            ("withdrawn", 1, -500.0),
            ("unchanged", 1, 0.0),
            ("new", 1, 250.0),
            ("gone", 1, -70.0),
            ("rejected", 1, -30.0),
        ]
    );
    assert_eq!(limits.net, -150.0);
    let top: Vec<(&str, i64)> = a.top_downgrades.iter().map(|d| (d.customer.as_str(), d.notches)).collect();
    assert_eq!(top, [("c", 1), ("b", 2)]);
    // (3/7, 3/7, 1/7) before, (2/6, 3/6, 1/6) now.
    let part = |e: f64, a: f64| (a - e) * (a / e).ln();
    let psi = part(3.0 / 7.0, 2.0 / 6.0) + part(3.0 / 7.0, 0.5) + part(1.0 / 7.0, 1.0 / 6.0);
    assert!((a.grade_psi.unwrap().psi.psi - psi).abs() < 1e-15);
}

#[test]
fn the_terminal_shows_the_headlines() {
    let text = made().to_text();
    assert_eq!(text, include_str!("by_hand.txt"), "\n{text}");
}

#[test]
fn the_terminal_keeps_to_25_lines() {
    let names: Vec<String> = (0..40)
        .map(|at| format!("grade {at} 一二三四五六七八九十一二三四五六七八九十 and more words"))
        .collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let (now, mut before) = (run("2026-09-30", "m 2", &names), run("2026-06-30", "m 1", &["lost"]));
    before.currency = "EUR".into();
    let mut movements = Movements::new(&now, Some(&before), Some(0.5));
    let huge = [Some(1e12), Some(9e11)];
    for grade in 0..40 {
        movements.add(Some(&standing("x", 0.5, 0, huge, None)), Some(&standing("x", 0.1, grade, huge, None)));
    }
    movements.add(None, Some(&standing("y", 0.1, 3, [None, None], None)));
    movements.reject(None);
    let a = movements.finish();
    let text = a.to_text();
    assert_eq!(text.lines().count(), 25, "{text}");
    assert_eq!(a.notes.len(), 6, "{:?}", a.notes);
    // Amounts in two currencies are nowhere set against each other.
    assert!(a.limits.is_none() && a.before.unwrap().exposure.is_none() && a.before.unwrap().limit.is_none());
    assert!(a.migration.unwrap().cells.iter().flatten().all(|c| c.exposure.is_none()));
    assert_eq!(a.moves.unwrap().unmatched.customers, 40);
}

#[test]
fn a_first_run_has_no_changes() {
    let (now, _) = runs();
    let mut movements = Movements::new(&now, None, None);
    movements.add(None, Some(&standing("a", 0.1, 1, [None, None], None)));
    let a = movements.finish();
    assert!(a.previous.is_none() && a.before.is_none() && a.migration.is_none() && a.moves.is_none());
    assert!(a.limits.is_none() && a.grade_psi.is_none() && a.pd_psi.is_none());
    assert_eq!((a.now.exposure, a.now.expected_loss, a.now.utilisation), (None, None, None));
    assert!(a.to_text().contains("There is no earlier run"));
}
