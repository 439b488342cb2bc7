//! Hysteresis: cases worked by hand, and what must hold of any chain of runs.

#![allow(clippy::unwrap_used, reason = "a helper that fails fails its test")]

use arrears_assess::hysteresis::{Borders, Calls, Held, Hysteresis};
use arrears_model::scale::{Grade, grade, log_odds, probability};
use proptest::prelude::*;

/// Grades with these borders.
fn grades(borders: &[f64]) -> Vec<Grade> {
    let bounds = borders.iter().map(|pd| Some(*pd)).chain([None]);
    bounds.enumerate().map(|(at, max_pd)| Grade { name: at.to_string(), label: None, max_pd }).collect()
}

/// What holds after each of some runs.
fn chain(grades: &[Grade], hysteresis: Hysteresis, pds: &[f64]) -> Vec<Held> {
    let borders = Borders::new(grades, true, hysteresis);
    let mut held = None;
    let step = |pd: &f64| {
        held = Some(borders.settle(held, *pd, grade(grades, *pd).unwrap()));
        held.unwrap()
    };
    pds.iter().map(step).collect()
}

fn held_grades(margin: f64, runs: usize, pds: &[f64]) -> Vec<usize> {
    // Log-odds of the borders: -2.944, -2.197, -1.386.
    let chain = chain(&grades(&[0.05, 0.1, 0.2]), Hysteresis { margin, runs }, pds);
    chain.iter().map(|held| held.grade).collect()
}

/// With a margin of 0.2 the borders are passed downwards at 0.06039, 0.1195 and 0.2339, upwards at 0.04131, 0.08340 and 0.1699.
#[test]
fn by_hand() {
    let of = |pds: &[f64]| held_grades(0.2, 2, pds);
    // A grade worse: only beyond the margin, then at once.
    assert_eq!(of(&[0.04, 0.0603, 0.0605]), [0, 0, 1]);
    // Into the worst, and by two grades: at once, without a margin.
    assert_eq!(of(&[0.15, 0.2001]), [2, 3]);
    assert_eq!(of(&[0.04, 0.1001]), [0, 2]);
    // A grade better: beyond the margin, the second time in a row.
    assert_eq!(of(&[0.06, 0.0414, 0.0414, 0.0414]), [1, 1, 1, 1]);
    assert_eq!(of(&[0.06, 0.0412, 0.0414, 0.0412, 0.0412]), [1, 1, 1, 1, 0]);
    // By the worst grade that both runs call for.
    assert_eq!(of(&[0.3, 0.01, 0.09, 0.01, 0.01]), [3, 3, 2, 2, 0]);
    // The first run has the grade of the model, and is no call for a better one.
    assert_eq!(of(&[0.01, 0.01]), [0, 0]);
    assert_eq!(held_grades(0.2, 3, &[0.3, 0.01, 0.01, 0.01]), [3, 3, 3, 0]);
    assert_eq!(held_grades(0.2, 1, &[0.3, 0.01]), [3, 0]);
}

#[test]
fn calls_are_ranks_as_text() {
    let chain =
        chain(&grades(&[0.05, 0.1, 0.2]), Hysteresis { margin: 0.2, runs: 3 }, &[0.3, 0.15, 0.01, 0.01]);
    let texts: Vec<String> = chain.iter().map(|held| held.calls.to_string()).collect();
    assert_eq!(texts, ["4", "4,3", "4,3,1", "3,1,1"]);
    for text in ["0", "x", "257", "1,,x", "1,2,3,4,5,6,7,8,9,10,11,12,13", "-1"] {
        assert!(text.parse::<Calls>().is_err(), "{text}");
    }
}

/// Borders at least 0.01 apart in log-odds, margin and runs, and log-odds of a customer over time.
fn worlds() -> impl Strategy<Value = (Vec<Grade>, Hysteresis, Vec<f64>)> {
    let steps = prop::collection::vec(0.01..1.5_f64, 1..9);
    let margin = prop_oneof![Just(0.0), 0.01..1.0_f64];
    let pds =
        prop::collection::vec(prop_oneof![3 => -6.0..3.0_f64, 1 => Just(-40.0), 1 => Just(40.0)], 1..30);
    (steps, margin, 1..=12_usize, pds).prop_map(|(steps, margin, runs, odds)| {
        let borders = steps.iter().scan(-5.0, |at, step| {
            *at += step;
            Some(probability(*at))
        });
        let pds = odds.into_iter().map(probability).collect();
        (grades(&borders.collect::<Vec<_>>()), Hysteresis { margin, runs }, pds)
    })
}

/// The rule as it is written down, looking at all calls there ever were.
fn oracle(grades: &[Grade], of: Hysteresis, pds: &[f64]) -> Vec<usize> {
    let last = grades.len() - 1;
    let beyond =
        |pd: f64, border: usize, by: f64| log_odds(pd) - log_odds(grades[border].max_pd.unwrap()) > by;
    let (mut held, mut calls): (Vec<usize>, Vec<usize>) = (Vec::new(), Vec::new());
    for pd in pds {
        let model = grade(grades, *pd).unwrap();
        let Some(now) = held.last().copied() else {
            held.push(model);
            calls.push(model);
            continue;
        };
        let mut call = now;
        if model > now
            && (model == last || model - now > 1 || of.margin == 0.0 || beyond(*pd, now, of.margin))
        {
            call = model;
        }
        if model < now {
            let passed = |border: &usize| {
                if of.margin == 0.0 { *border >= model } else { !beyond(*pd, *border, -of.margin) }
            };
            call = (0..now).find(passed).unwrap_or(now);
        }
        calls.push(call);
        let window = &calls[calls.len().saturating_sub(of.runs)..];
        let lasting = calls.len() >= of.runs && window.iter().all(|call| *call < now);
        held.push(if call >= now {
            call
        } else if lasting {
            *window.iter().max().unwrap()
        } else {
            now
        });
    }
    held
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn as_it_is_written_down((grades, hysteresis, pds) in worlds()) {
        let held: Vec<usize> = chain(&grades, hysteresis, &pds).iter().map(|held| held.grade).collect();
        prop_assert_eq!(held, oracle(&grades, hysteresis, &pds));
    }

    #[test]
    fn off_is_the_grade_of_the_model((grades, _, pds) in worlds()) {
        let held: Vec<usize> = chain(&grades, Hysteresis::OFF, &pds).iter().map(|held| held.grade).collect();
        let model: Vec<usize> = pds.iter().map(|pd| grade(&grades, *pd).unwrap()).collect();
        prop_assert_eq!(held, model);
    }

    /// Within the margin of a border grades do not change; at the border of the worst one at most once, into it.
    #[test]
    fn wandering_about_a_border_changes_nothing(
        (grades, hysteresis, _) in worlds(),
        border in 0..8_usize,
        way in prop::collection::vec(-0.99..0.99_f64, 2..40),
    ) {
        let border = border % (grades.len() - 1);
        let at = log_odds(grades[border].max_pd.unwrap());
        // Not as far as the next border, behind which there are two grades more.
        let next = |to: usize| grades.get(to).and_then(|g| g.max_pd).map_or(f64::MAX, |pd| (log_odds(pd) - at).abs());
        let room = hysteresis.margin.min(next(border + 1)).min(if border > 0 { next(border - 1) } else { f64::MAX });
        let pds: Vec<f64> = way.iter().map(|x| probability(at + x * room)).collect();
        let held = chain(&grades, hysteresis, &pds);
        let changes = held.windows(2).filter(|two| two[0].grade != two[1].grade).count();
        let worst = border + 2 == grades.len();
        if hysteresis.margin > 0.0 {
            prop_assert!(changes <= usize::from(worst), "{changes} changes");
        }
    }

    /// After as many runs as are set with one pd the grade is the model's, or the pd is within the margin of a border
    /// between them; and then nothing changes any more.
    #[test]
    fn a_lasting_change_comes_through((grades, hysteresis, before) in worlds(), pd in -6.0..3.0_f64) {
        let pd = probability(pd);
        let lasting = [before, vec![pd; hysteresis.runs + 3]].concat();
        let held = chain(&grades, hysteresis, &lasting);
        let end = &held[held.len() - 4..];
        prop_assert!(end.iter().all(|held| held.grade == end[0].grade));
        let model = grade(&grades, pd).unwrap();
        let (from, to) = (model.min(end[0].grade), model.max(end[0].grade));
        for border in &grades[from..to] {
            let distance = (log_odds(pd) - log_odds(border.max_pd.unwrap())).abs();
            prop_assert!(distance <= hysteresis.margin + 1e-9, "{}: {distance}", border.name);
        }
    }

    /// The next standing depends on the last alone, as the history keeps it.
    #[test]
    fn a_chain_can_be_taken_up_anywhere((grades, hysteresis, pds) in worlds(), at in 0..30_usize) {
        let whole = chain(&grades, hysteresis, &pds);
        let at = at % pds.len();
        let kept = Held { grade: whole[at].grade, calls: whole[at].calls.to_string().parse().unwrap() };
        let (borders, mut held) = (Borders::new(&grades, true, hysteresis), kept);
        for (pd, expected) in pds[at + 1..].iter().zip(&whole[at + 1..]) {
            held = borders.settle(Some(held), *pd, grade(&grades, *pd).unwrap());
            prop_assert_eq!(held, *expected);
        }
    }

    /// Whatever there was before, a higher pd never gives a better grade.
    #[test]
    fn worse_is_never_better((grades, hysteresis, pds) in worlds(), a in -6.0..3.0_f64, b in -6.0..3.0_f64) {
        let held = *chain(&grades, hysteresis, &pds).last().unwrap();
        let borders = Borders::new(&grades, true, hysteresis);
        let of = |odds: f64| {
            let pd = probability(odds);
            borders.settle(Some(held), pd, grade(&grades, pd).unwrap()).grade
        };
        prop_assert!(of(a.min(b)) <= of(a.max(b)));
    }
}
